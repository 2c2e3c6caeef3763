"""Who holds a case whose time is near or over sees it in the bar of every page."""

from datetime import timedelta

from hotline.clock import utc_now
from hotline.db import reading, transaction
from intake.cases import late_cases
from intake.tables.cases import CaseRow
from tests.dashboard.conftest import Face
from tests.queries import counted

MINUTE = timedelta(minutes=1)
_SIGN = 'class="late-cases'


def _case(face: Face, due: timedelta) -> int:
    """Of An; the commune is to be told until so long from now, with a sign ten minutes before."""
    case_id = face.open_case(face.record_of(face.past(face.an), face.an), face.an)
    with transaction(face.db) as session:
        session.get_one(CaseRow, case_id).due_at = utc_now() + due
    return case_id


def test_a_late_case_is_seen_from_every_page_by_its_owner_alone(face: Face) -> None:
    an = face.browser(face.an)
    assert _SIGN not in an.get("/desk").text
    case_id = _case(face, -MINUTE)
    for path in ("/desk", "/cases", "/calls", "/directory"):
        told = an.get(path).text.partition(_SIGN)[2].partition("</a>")[0]
        assert f'is-overdue" href="/cases/{case_id}"' in told
        assert ("ca quá hạn" in told, "ca sắp đến hạn" in told) == (True, False)
    assert _SIGN not in face.browser(face.lead).get("/cases").text
    assert _SIGN not in face.browser(face.binh).get("/desk").text
    assert 'id="late-cases"' not in face.browser(face.department).get("/cases").text
    assert face.browser(face.department).get("/cases/late").status_code == 404
    _case(face, 5 * MINUTE)
    told = an.get("/cases/late", fragment=True).text
    assert ("ca quá hạn" in told, "ca sắp đến hạn" in told) == (True, True)
    assert 'href="/cases?mine=1"' in told


def test_all_of_them_are_told_with_one_statement(face: Face) -> None:
    for minutes in (-1, -2, 5, 20, -60):
        last = _case(face, minutes * MINUTE)
    with counted(face.db) as statements, reading(face.db) as session:
        told = late_cases.of(session, face.an, utc_now())
    assert told is not None
    assert (told.late, told.soon, told.first, len(statements)) == (3, 1, last, 1)
    with counted(face.db) as statements, reading(face.db) as session:
        assert late_cases.of(session, face.officer, utc_now()) is None
        assert late_cases.of(session, face.an, utc_now() - timedelta(days=1)) is None
    assert len(statements) == 1

"""The timeline on the case's page: entries, corrections, files."""

import re

import pytest
from httpx import Response

from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import CaseId
from intake.tables.cases import CaseEventRow
from tests.dashboard.conftest import CSRF, Browser, Face
from tests.queries import counted

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture" * 40


@pytest.fixture
def opened(face: Face) -> CaseId:
    return face.open_case(face.record_of(face.past(face.an), face.an), face.an)


def _send(browser: Browser, case_id: CaseId, *files: tuple[str, bytes], text: str = "") -> Response:
    answer: Response = browser.client.post(
        f"/cases/{case_id}/files",
        data={"text": text},
        files=[("files", (name, content, "image/png")) for name, content in files],
        headers={"X-CSRF-Token": CSRF, "Accept": "text/html"},
        follow_redirects=False,
    )
    return answer


def test_a_visit_is_written_and_corrected_and_nothing_is_lost(an: Browser, opened: CaseId) -> None:
    form = an.get(f"/cases/{opened}/entries/new?kind=visit").text
    assert "Có nói chuyện riêng với trẻ không" in form
    told = {
        "kind": "visit",
        "answer.visited_by": "Bà Hoa",
        "answer.visit_place": "nhà bà ngoại",
        "text": "Bé có vết bầm",
    }
    refused = an.post(f"/cases/{opened}/entries", told)
    assert refused.status_code == 422
    assert "Bé có vết bầm" in refused.text
    assert an.post(f"/cases/{opened}/entries", told | {"answer.alone": "alone"}).status_code == 303
    page = an.get(f"/cases/{opened}?show=visit").text
    assert "Cuộc gọi đến 111" not in page
    (path,) = re.findall(rf"/cases/{opened}/entries/\d+/correct", page)
    assert "Bé có vết bầm" in an.get(path).text
    mended = told | {"answer.alone": "alone", "text": "Bé có vết bầm ở tay"}
    assert an.post(path, mended).status_code == 303
    late = an.post(path, mended | {"text": "tay nào"})
    assert (late.status_code, "tay nào" in late.text) == (409, True)
    page = an.get(f"/cases/{opened}").text
    assert page.index("Bé có vết bầm ở tay") < page.index("<del>")
    assert an.get(f"/cases/{opened}/entries/new?kind=opened").status_code == 404


def test_files_are_taken_in_shown_and_refused_with_the_reason(
    face: Face, an: Browser, opened: CaseId
) -> None:
    answer = _send(an, opened, ("tay.png", PNG), ("x.pdf", b"MZ"), text="Ảnh ở trạm")
    assert answer.status_code == 422
    assert "x.pdf không nhận được" in answer.text
    page = an.get(f"/cases/{opened}").text
    (path,) = re.findall(rf"/cases/{opened}/files/\d+(?=\")", page)
    for get, shown in ((path, "attachment"), (f"{path}/picture", "inline")):
        got = an.get(get)
        assert (got.status_code, got.content, got.headers["content-type"]) == (200, PNG, "image/png")
        assert got.headers["content-disposition"].startswith(shown)
    assert face.browser(face.far_lead).get(path).status_code == 404
    assert _send(face.browser(face.far_lead), opened, ("tay.png", PNG)).status_code == 404
    assert _send(an, opened).status_code == 422
    assert _send(an, opened, ("đơn.pdf", b"%PDF-1.7 x")).status_code == 303
    (pdf,) = set(re.findall(rf"/cases/{opened}/files/\d+", an.get(f"/cases/{opened}").text)) - {path}
    assert an.get(f"{pdf}/picture").status_code == 404, "no paper is shown inside a page of ours"


def test_a_request_of_files_may_be_large_and_no_larger(an: Browser, opened: CaseId) -> None:
    assert _send(an, opened, ("to.png", PNG + bytes(5_000_000))).status_code == 303
    assert _send(an, opened, *[(f"{n}.png", bytes(5_300_000)) for n in range(5)]).status_code == 413


def test_a_page_of_the_timeline_asks_the_same_however_long_it_is(
    face: Face, an: Browser, opened: CaseId
) -> None:
    with counted(face.db) as few:
        an.get(f"/cases/{opened}")
    with transaction(face.db) as session:
        session.add_all(
            CaseEventRow(
                case_id=opened,
                kind="note",
                text=f"ghi {number}",
                staff_id=face.an.staff_id,
                happened_at=utc_now(),
                entered_at=utc_now(),
            )
            for number in range(60)
        )
    with counted(face.db) as many:
        page = an.get(f"/cases/{opened}").text
    assert len(many) == len(few) <= 36
    assert 'class="spine-note"' in page
    (older,) = re.findall(r"\?before=\d+", page)
    assert "Lập ca từ phiếu" in an.get(f"/cases/{opened}{older}").text

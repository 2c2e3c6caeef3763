"""The timeline of a case: what is put on it, corrected, filtered, paged; its calls by right."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hotline import keyring
from hotline.access import Viewer
from hotline.audit import AuditRow
from hotline.db import transaction
from hotline.errors import Conflict, FieldErrors, NotVisible
from hotline.ids import CaseId
from hotline.settings import settings
from intake.cases import case_attachments, case_entries, cases, joining, timeline
from intake.cases.timeline import Group, Page
from intake.tables.cases import CaseEventRow
from intake.tables.recordings import RecordingRow
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.queries import counted

HOUR = timedelta(hours=1)
VISIT = {"visited_by": "Bà Hoa", "visit_place": "nhà bà ngoại", "seen": "bé, bà", "alone": "alone"}


@pytest.fixture
def story() -> Story:
    return Story().answered_call()


@pytest.fixture
def opened(house: House, story: Story) -> CaseId:
    house.apply(story)
    with transaction(house.db) as session:
        return cases.open_from_record(session, house.an, house.record_of(story), NOON + HOUR)


def _page(
    house: House,
    case_id: CaseId,
    by: Viewer | None = None,
    group: Group | None = None,
    before: int | None = None,
) -> Page:
    viewer = by or house.an
    with transaction(house.db) as session:
        case = cases.case(session, viewer, case_id, NOON + 9 * HOUR)
        return timeline.page(session, viewer, case, group=group, before=before)


def _visit(house: House, case_id: CaseId, text: str, hours: float = 2) -> None:
    with transaction(house.db) as session:
        now = NOON + 3 * HOUR
        case_entries.add(session, house.an, case_id, "visit", VISIT, text, now, NOON + hours * HOUR)


def test_a_correction_supersedes_and_what_was_said_stays_behind_it(house: House, opened: CaseId) -> None:
    _visit(house, opened, "Bé có vết bầm ở tay trái")
    (visit,) = _page(house, opened, group=Group.VISIT).entries
    assert (visit.happened_at, visit.entered_at) == (NOON + 2 * HOUR, NOON + 3 * HOUR)
    assert visit.id is not None
    with transaction(house.db) as session:
        told = VISIT | {"alone": "not_alone"}
        case_entries.correct(session, house.lead, opened, visit.id, told, "Tay phải", NOON + 4 * HOUR)
    (now,) = _page(house, opened, group=Group.VISIT).entries
    assert (now.text, now.answers["alone"], now.happened_at) == (
        "Tay phải",
        "not_alone",
        visit.happened_at,
    )
    assert [(one.text, one.answers["alone"]) for one in now.before] == [
        ("Bé có vết bầm ở tay trái", "alone")
    ]
    assert now.id is not None
    with transaction(house.db) as session, pytest.raises(Conflict):
        case_entries.correct(session, house.an, opened, visit.id, VISIT, "Tay nào", NOON + 5 * HOUR)
    with transaction(house.db) as session:
        case_entries.correct(session, house.an, opened, now.id, VISIT, "Cả hai", NOON + 5 * HOUR)
    (last,) = _page(house, opened, group=Group.VISIT).entries
    assert [one.text for one in last.before] == ["Tay phải", "Bé có vết bầm ở tay trái"]


def test_only_what_people_wrote_is_corrected_and_by_whom_may_write(house: House, opened: CaseId) -> None:
    step = next(one for one in _page(house, opened).entries if one.kind == "opened")
    assert step.id is not None
    assert not step.correctable
    with transaction(house.db) as session, pytest.raises(NotVisible):
        case_entries.correct(session, house.an, opened, step.id, {}, "x", NOON + 2 * HOUR)
    _visit(house, opened, "Bé khỏe")
    (visit,) = _page(house, opened, group=Group.VISIT).entries
    assert visit.id is not None
    with transaction(house.db) as session, pytest.raises(NotVisible):
        case_entries.correct(session, house.far_lead, opened, visit.id, VISIT, "x", NOON + 2 * HOUR)


def test_a_visit_says_whether_the_child_was_seen_alone_and_is_not_to_come(
    house: House, opened: CaseId
) -> None:
    late = NOON + 4 * HOUR
    told = {"visited_by": "Bà Hoa", "visit_place": "nhà"}
    with transaction(house.db) as session, pytest.raises(FieldErrors) as caught:
        case_entries.add(session, house.an, opened, "visit", told, " ", NOON + HOUR, late)
    assert caught.value.fields == {"alone": "missing", "text": "missing", "happened_at": "not_a_time"}


def test_calls_stand_on_the_timeline_and_their_recordings_are_there_by_right(
    house: House, opened: CaseId, story: Story
) -> None:
    with transaction(house.db) as session:
        session.merge(RecordingRow(call_id=story.call_id, state="ready", path="2026/x", key_id="0" * 16))
        session.execute(update(RecordingRow).values(path="2026/x"))
    (mine,) = _page(house, opened, group=Group.CALL).entries
    assert mine.call is not None
    assert (mine.call.playable, mine.call.outcome, mine.call.outbound) == (True, "answered", False)
    assert mine.call.talked is not None
    assert mine.call.talked > timedelta(seconds=59)
    with transaction(house.db) as session:
        case = cases.case(session, house.an, opened, NOON)
        (theirs,) = timeline.page(session, house.far, case, group=Group.CALL).entries
    assert theirs.call is not None
    assert not theirs.call.playable


def test_what_was_merged_into_a_case_is_read_in_it_and_parts_from_it_again(
    house: House, opened: CaseId
) -> None:
    """An could not read Bình's case; while it is one with his own he does, and writes nothing there."""
    call = Story().answered_call(house.binh.phone or "")
    house.apply(call)
    ring, pdf = keyring.recording_keys(settings()), b"%PDF-1.7 x"
    with transaction(house.db) as session:
        theirs = cases.open_from_record(session, house.binh, house.record_of(call), NOON + 2 * HOUR)
        case_entries.add(session, house.binh, theirs, "visit", VISIT, "Bầm ở tay", NOON + 3 * HOUR)
        file = [("don.pdf", pdf)]
        case_attachments.add(session, house.binh, theirs, file, "", ring, NOON + 4 * HOUR)
    visit = _page(house, theirs, house.binh, Group.VISIT).entries[0]
    assert visit.id is not None
    with transaction(house.db) as session:
        now = NOON + 5 * HOUR
        case_entries.correct(session, house.binh, theirs, visit.id, VISIT, "Bầm ở chân", now)
    before = [_page(house, opened), _page(house, theirs, house.binh)]
    with pytest.raises(NotVisible):
        _page(house, theirs)
    with transaction(house.db) as session:
        joining.merge(session, house.lead, theirs, opened, "một vụ", NOON + 6 * HOUR)
    found = _page(house, opened)
    assert [(one.kind, one.merged and one.merged.id) for one in found.entries] == [
        ("merged", None),
        ("file", theirs),
        ("visit", theirs),
        ("opened", theirs),
        ("opened", None),
        ("call", None),
        ("call", None),
    ]
    seen = found.entries[2]
    assert (seen.text, seen.before[0].text, seen.correctable) == ("Bầm ở chân", "Bầm ở tay", False)
    older = _page(house, opened, before=found.entries[1].id).entries
    assert [one.kind for one in older[:2]] == ["visit", "opened"]
    file_id = int(found.entries[1].code)
    with transaction(house.db) as session:
        read = case_attachments.fetch(session, house.an, theirs, file_id, ring, NOON + 7 * HOUR)
        assert read.content == pdf
        seen_by = select(AuditRow.object_id).where(AuditRow.detail == f"in c{opened}")
        assert set(session.scalars(seen_by)) == {str(theirs)}
        with pytest.raises(NotVisible):
            case_entries.to_correct(session, house.an, opened, seen.id or 0)
    with transaction(house.db) as session:
        joining.undo_merge(session, house.lead, theirs, "hai vụ", NOON + 8 * HOUR)
    parted = [_page(house, opened), _page(house, theirs, house.binh)]
    kept = [[one for one in page.entries if "merged" not in one.kind] for page in parted]
    assert kept == [list(page.entries) for page in before]
    with transaction(house.db) as session, pytest.raises(NotVisible):
        case_attachments.fetch(session, house.an, theirs, file_id, ring, NOON + 9 * HOUR)
    with pytest.raises(NotVisible):
        _page(house, opened, before=seen.id)


def test_years_of_a_case_are_read_page_by_page_with_the_same_few_statements(
    house: House, opened: CaseId
) -> None:
    with transaction(house.db) as session:
        session.add_all(
            CaseEventRow(
                case_id=opened,
                kind="note",
                text=f"ghi {number}",
                staff_id=house.an.staff_id,
                happened_at=NOON + 2 * HOUR + timedelta(seconds=number // 2),
                entered_at=NOON + 9 * HOUR,
            )
            for number in range(120)
        )
    seen: list[str] = []
    before, pages = None, 0
    while True:
        with counted(house.db) as asked:
            found = _page(house, opened, before=before)
        assert len(asked) <= 24
        seen += [one.text or one.kind for one in found.entries]
        pages += 1
        before = found.older
        if before is None:
            break
    notes = [f"ghi {number}" for number in reversed(range(120))]
    assert (seen, pages) == ([*notes, "opened", "call"], 3)
    everything = {one.group for one in _page(house, opened, before=None).entries}
    assert everything == {Group.NOTE}
    assert [one.kind for one in _page(house, opened, group=Group.STATUS).entries] == ["opened"]

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from sqlalchemy import select

from hotline.access import Viewer
from hotline.audit import AuditRow
from hotline.db import reading, transaction
from hotline.errors import BadInput, Conflict, NotVisible
from hotline.ids import RecordId
from intake.calls import calls
from intake.cases import cases
from intake.forms.forms import CURRENT
from intake.forms.taxonomy import Disposition
from intake.records import records
from intake.records.records import RecordView, Saved
from intake.tables.records import RecordRow
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.queries import counted


@pytest.fixture
def draft(house: House) -> RecordId:
    """The record of a call that An is talking on."""
    story = Story().arrived().rang().talk()
    house.apply(story)
    return house.record_of(story)


def _save(
    house: House,
    record_id: RecordId,
    base: int,
    changes: Mapping[str, str],
    tab: str = "",
    by: Viewer | None = None,
) -> Saved:
    with transaction(house.db) as session:
        return records.autosave(session, by or house.an, record_id, base, changes, NOON, tab)


def _see(house: House, record_id: RecordId, by: Viewer | None = None) -> RecordView:
    with transaction(house.db) as session:
        return records.record(session, by or house.an, record_id, NOON)


def test_a_new_record_is_empty_and_the_counselors(house: House, draft: RecordId) -> None:
    view = _see(house, draft)
    assert (view.revision, view.state, view.fields, view.children) == (0, "draft", {}, ())
    assert view.owner.id == house.an.staff_id
    assert view.form is CURRENT
    assert view.editable


def test_typing_is_saved_as_revisions(house: House, draft: RecordId) -> None:
    first = _save(house, draft, 0, {"content": "em sợ", "child.1.name": "Bé  Na"})
    second = _save(house, draft, first.revision, {"content": "em sợ về nhà", "child.2.age": "9"})
    assert (first.revision, second.revision) == (1, 2)
    assert second.fields == {"content": "em sợ về nhà", "child.1.name": "Bé Na", "child.2.age": "9"}
    view = _see(house, draft)
    assert view.fields == second.fields
    assert [(child.position, child.fields) for child in view.children] == [
        (1, {"name": "Bé Na"}),
        (2, {"age": "9"}),
    ]
    with transaction(house.db) as session:
        latest, earliest = records.history(session, house.an, draft, NOON)
    assert latest.fields["content"] == ("em sợ", "em sợ về nhà")
    assert earliest.fields["child.1.name"] == ("", "Bé Na")
    assert latest.who.id == house.an.staff_id


def test_alleged_offenders_are_people_apart_from_the_children(house: House, draft: RecordId) -> None:
    told = {"offender.2.described": "chú hàng xóm", "offender.1.age": "40", "child.1.age": "9"}
    _save(house, draft, 0, told, tab="a")
    late = _save(house, draft, 0, {"offender.1.age": "41", "offender.1.sex": "male"}, tab="b")
    assert [conflict.field for conflict in late.conflicts] == ["offender.1.age"]
    view = _see(house, draft)
    assert [(child.position, child.fields) for child in view.children] == [(1, {"age": "9"})]
    assert [(offender.position, offender.fields) for offender in view.offenders] == [
        (1, {"age": "40", "sex": "male"}),
        (2, {"described": "chú hàng xóm"}),
    ]
    _save(house, draft, late.revision, {"offender.2.described": "", "child.1.age": ""}, tab="a")
    view = _see(house, draft)
    assert ([one.position for one in view.offenders], view.children) == ([1], ())


def test_saving_the_same_again_makes_no_revision(house: House, draft: RecordId) -> None:
    _save(house, draft, 0, {"place": "Kim Bôi"})
    assert _save(house, draft, 1, {"place": " Kim Bôi "}).revision == 1
    assert _save(house, draft, 1, {}).revision == 1


def test_a_field_can_be_emptied(house: House, draft: RecordId) -> None:
    _save(house, draft, 0, {"place": "Kim Bôi"})
    assert _save(house, draft, 1, {"place": ""}).fields == {}


def test_two_tabs_write_the_same_field(house: House, draft: RecordId) -> None:
    _save(house, draft, 0, {"content": "từ tab một", "place": "Huế"}, tab="a")
    late = _save(house, draft, 0, {"content": "từ tab hai", "advice": "gọi lại"}, tab="b")
    (conflict,) = late.conflicts
    assert (conflict.field, conflict.theirs, conflict.yours) == ("content", "từ tab một", "từ tab hai")
    assert (conflict.who.id, conflict.at) == (house.an.staff_id, NOON)
    assert late.fields == {"content": "từ tab một", "place": "Huế", "advice": "gọi lại"}
    (kept,) = _see(house, draft).rejected
    assert (kept.field, kept.value, kept.reason) == ("content", "từ tab hai", "conflict")


def test_a_conflict_is_settled_by_saving_from_the_newest_revision(house: House, draft: RecordId) -> None:
    _save(house, draft, 0, {"content": "một"}, tab="a")
    late = _save(house, draft, 0, {"content": "hai"}, tab="b")
    settled = _save(house, draft, late.revision, {"content": "hai"}, tab="b")
    assert (settled.fields, settled.conflicts) == ({"content": "hai"}, ())


def test_two_people_write_the_same_record(house: House, draft: RecordId) -> None:
    _save(house, draft, 0, {"risk": "emergency"}, by=house.lead)
    late = _save(house, draft, 0, {"risk": "watch", "content": "…"})
    assert late.conflicts[0].who.id == house.lead.staff_id
    assert late.fields["risk"] == "emergency"


def test_the_same_words_from_two_tabs_are_no_conflict(house: House, draft: RecordId) -> None:
    _save(house, draft, 0, {"risk": "watch"}, tab="a")
    assert _save(house, draft, 0, {"risk": "watch"}, tab="b").conflicts == ()


def test_a_field_this_page_did_not_touch_is_no_conflict(house: House, draft: RecordId) -> None:
    _save(house, draft, 0, {"content": "cũ", "place": "Huế"}, tab="a")
    _save(house, draft, 1, {"content": "mới"}, tab="b")
    late = _save(house, draft, 1, {"content": "cũ", "place": "Hội An"}, tab="a")
    assert late.conflicts == ()
    assert late.fields == {"content": "mới", "place": "Hội An"}


def test_a_page_whose_answer_got_lost_goes_on_typing(house: House, draft: RecordId) -> None:
    _save(house, draft, 0, {"content": "em đang"}, tab="a")
    again = _save(house, draft, 0, {"content": "em đang ở trường"}, tab="a")
    assert (again.conflicts, again.fields["content"]) == ((), "em đang ở trường")


def test_a_wrong_field_is_kept_beside_and_the_others_are_saved(house: House, draft: RecordId) -> None:
    long = "x" * 121
    saved = _save(house, draft, 0, {"caller_name": long, "content": "em sợ", "nonsense\x00": "?"})
    assert saved.errors == {"caller_name": "too_long", "nonsense\x00": "unknown_field"}
    assert saved.fields == {"content": "em sợ"}
    _save(house, draft, 1, {"caller_name": long + "y"})
    kept = {one.field: one.value for one in _see(house, draft).rejected}
    assert kept == {"caller_name": long + "y", "nonsense": "?"}
    assert len(_see(house, draft).rejected) == 2


def test_one_key_closes_and_undo_reopens(house: House, draft: RecordId) -> None:
    with transaction(house.db) as session:
        closed = records.close(session, house.an, draft, Disposition.SILENT, NOON)
        assert (closed.state, closed.disposition) == ("closed", Disposition.SILENT)
        records.close(session, house.an, draft, Disposition.SILENT, NOON + timedelta(seconds=1))
        corrected = records.close(session, house.an, draft, Disposition.PRANK, NOON)
        assert (corrected.disposition, corrected.revision) == (Disposition.PRANK, 2)
        opened = records.reopen(session, house.an, draft, NOON)
        assert (opened.state, opened.disposition, opened.closed_at) == ("draft", None, None)
        assert records.reopen(session, house.an, draft, NOON) == opened
        changes = [change.fields for change in records.history(session, house.an, draft, NOON)]
    assert [change["disposition"] for change in changes] == [
        ("prank", ""),
        ("silent", "prank"),
        ("", "silent"),
    ]


def test_text_can_still_be_added_after_closing(house: House, draft: RecordId) -> None:
    with transaction(house.db) as session:
        records.close(session, house.an, draft, Disposition.INFORMATION, NOON)
    saved = _save(house, draft, 0, {"content": "câu cuối"}, tab="a")
    assert (saved.fields, saved.conflicts) == ({"content": "câu cuối"}, ())
    assert _see(house, draft).state == "closed"


def test_a_record_with_a_case_is_neither_reopened_nor_closed_otherwise(
    house: House, draft: RecordId
) -> None:
    with transaction(house.db) as session:
        cases.open_from_record(session, house.an, draft, NOON)
    with pytest.raises(Conflict), transaction(house.db) as session:
        records.reopen(session, house.an, draft, NOON)
    with pytest.raises(Conflict), transaction(house.db) as session:
        records.close(session, house.an, draft, Disposition.PRANK, NOON)
    assert _see(house, draft).case_id is not None
    assert _save(house, draft, 0, {"content": "thêm"}).fields == {"content": "thêm"}


def test_only_a_case_escalates(house: House, draft: RecordId) -> None:
    with pytest.raises(BadInput), transaction(house.db) as session:
        records.close(session, house.an, draft, Disposition.ESCALATED, NOON)


@pytest.mark.parametrize("base", [-1, 1])
def test_a_revision_that_does_not_exist_is_refused(house: House, draft: RecordId, base: int) -> None:
    with pytest.raises(BadInput):
        _save(house, draft, base, {"content": "x"})


def test_who_may_see_and_write_a_record(house: House, draft: RecordId) -> None:
    assert _see(house, draft, house.lead).editable
    for stranger in (house.binh, house.far, house.far_lead, house.admin):
        with pytest.raises(NotVisible):
            _see(house, draft, stranger)
        with pytest.raises(NotVisible):
            _save(house, draft, 0, {"content": "x"}, by=stranger)
        with transaction(house.db) as session:
            call_id = session.scalars(select(RecordRow.call_id)).one()
            assert call_id is not None
            assert records.record_of_call(session, stranger, call_id, NOON) is None  # type: ignore[arg-type]
    with pytest.raises(NotVisible):
        _see(house, RecordId(draft + 1))


def test_who_talked_first_keeps_the_record_in_sight_after_a_transfer(house: House) -> None:
    story = Story().arrived().rang("hn01").talk("hn01").talk_ended("hn01").rang("dn01").talk("dn01")
    house.apply(story)
    with transaction(house.db) as session:
        found = records.record_of_call(session, house.far, story.call_id, NOON)
    assert found is not None
    assert found.owner.id == house.far.staff_id
    assert _see(house, found.id, house.an).editable


def test_whose_phone_only_rang_loses_sight_when_the_next_is_rung(house: House) -> None:
    story = Story().arrived().rang("hn01")
    house.apply(story)
    record_id = house.record_of(story)
    assert _see(house, record_id, house.an)
    house.apply(story.stopped("hn01").rang("hn02"))
    with pytest.raises(NotVisible):
        _see(house, record_id, house.an)


def test_every_look_and_change_is_on_record(house: House, draft: RecordId) -> None:
    _see(house, draft)
    _save(house, draft, 0, {"content": "bí mật"})
    with reading(house.db) as session:
        rows = session.execute(
            select(AuditRow.act, AuditRow.staff_id, AuditRow.detail)
            .where(AuditRow.object_kind == "record", AuditRow.staff_id == house.an.staff_id)
            .order_by(AuditRow.id)
        ).all()
    assert [tuple(row) for row in rows] == [
        ("see", house.an.staff_id, ""),
        ("change", house.an.staff_id, "r1"),
    ]


def test_unfinished_are_answered_or_written_in_and_mine(house: House, draft: RecordId) -> None:
    missed = Story().arrived().rang().ended()
    house.apply(missed)
    written = Story().arrived().rang().ended()
    house.apply(written)
    written_id = house.record_of(written)
    _save(house, written_id, 0, {"content": "vừa mở máy đã tắt"})
    house.apply(Story().answered_call("hn02"))
    with transaction(house.db) as session:
        listed = [line.id for line in records.unfinished(session, house.an)]
        assert listed == [draft, written_id]
        records.close(session, house.an, draft, Disposition.TEST, NOON)
        assert [line.number for line in records.unfinished(session, house.an)] == ["***678"]


def test_the_number_of_statements_does_not_grow_with_children_and_records(
    house: House, draft: RecordId
) -> None:
    _save(house, draft, 0, {"child.1.name": "A"})
    with counted(house.db) as before:
        _see(house, draft)
        _save(house, draft, 1, {"content": "x"})
    for position in range(2, 9):
        _save(house, draft, position, {f"child.{position}.name": "A", "content": f"{position}"})
    with counted(house.db) as after:
        _see(house, draft)
        _save(house, draft, 9, {"content": "y"})
    assert len(after) <= len(before)
    for _ in range(3):
        house.apply(Story().answered_call())
    with counted(house.db) as listing, reading(house.db) as session:
        assert len(records.unfinished(session, house.an)) == 4
    assert len(listing) == 1


def test_ten_tabs_at_once_lose_nothing(house: House, draft: RecordId) -> None:
    names = [field.name for field in CURRENT.child_fields if field.name in ("name", "school", "address")]
    typed = {
        f"child.{position}.{name}": f"{name} {position}" for position in (1, 2, 3) for name in names
    }
    with ThreadPoolExecutor(len(typed)) as pool:
        saves = [
            pool.submit(_save, house, draft, 0, {name: text}, tab=name) for name, text in typed.items()
        ]
        assert sorted(one.result().revision for one in saves) == list(range(1, len(typed) + 1))
    assert _see(house, draft).fields == typed


@given(data=st.data())
@given_settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_two_tabs_type_every_text_is_found_again(house: House, data: st.DataObject) -> None:
    story = Story().arrived().rang().talk()
    with transaction(house.db) as session:
        for event in story.told:
            calls.apply(session, event)
    record_id = house.record_of(story)
    seen = {"a": 0, "b": 0}
    typed: list[tuple[str, str]] = []
    for number in range(data.draw(st.integers(1, 6))):
        tab = data.draw(st.sampled_from(["a", "b"]))
        field = data.draw(st.sampled_from(["content", "place", "child.1.name"]))
        text = f"{data.draw(st.text(st.characters(categories=['L']), min_size=1, max_size=5))}{number}"
        saved = _save(house, record_id, seen[tab], {field: text}, tab=tab)
        typed.append((field, saved.fields[field] if not saved.conflicts else saved.conflicts[0].yours))
        if data.draw(st.booleans()):
            seen[tab] = saved.revision
    with transaction(house.db) as session:
        view = records.record(session, house.an, record_id, NOON)
        changes = records.history(session, house.an, record_id, NOON)
    found = {(one.field, one.value) for one in view.rejected} | set(view.fields.items())
    found |= {(name, text) for change in changes for name, (_, text) in change.fields.items()}
    assert set(typed) <= found


def test_a_record_nobody_needs_to_write_becomes_a_draft_when_somebody_does(house: House) -> None:
    story = Story().arrived().rang().ended()
    house.apply(story)
    record_id = house.record_of(story)
    assert _see(house, record_id).state == "unused"
    assert _save(house, record_id, 0, {"content": "máy câm"}).revision == 1
    assert _see(house, record_id).state == "draft"
    house.apply(story)
    assert _see(house, record_id).state == "draft"


def test_a_record_whose_call_turns_out_answered_is_a_draft_again(house: House) -> None:
    story = Story().arrived().rang().ended()
    house.apply(story)
    late = Story(story.call_id, at=NOON + timedelta(seconds=1)).talk()
    house.apply(late)
    assert _see(house, house.record_of(story)).state == "draft"


def test_an_unused_record_can_be_closed_and_stays_closed(house: House) -> None:
    story = Story().arrived().rang().ended()
    house.apply(story)
    record_id = house.record_of(story)
    with transaction(house.db) as session:
        records.close(session, house.an, record_id, Disposition.HANG_UP, NOON)
    house.apply(story)
    assert _see(house, record_id).state == "closed"

"""What people see of call-backs and do with them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.access import Viewer
from hotline.audit import AuditRow
from hotline.db import reading, transaction
from hotline.errors import Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.events import CallArrived, CallEnded, Outcome, TalkBegan, TalkEnded
from hotline.ids import CallId
from intake.calls import callbacks, calls, calls_out
from intake.calls.callback_rules import ClosedAs, Deed, Safe
from intake.calls.callbacks import CallbackLine, CallbackView, Standing
from intake.records import records
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.queries import counted

MINUTE = timedelta(minutes=1)
LATER = NOON + 5 * MINUTE


def lose(house: House, number: str | None = "0912345678", at: timedelta = timedelta()) -> Story:
    story = Story(number=number, at=NOON + at).arrived().waiting().ended(Outcome.ABANDONED)
    house.apply(story)
    return story


def listed(house: House, viewer: Viewer, at: timedelta = 5 * MINUTE) -> list[CallbackLine]:
    with transaction(house.db) as session:
        return list(callbacks.tasks(session, viewer, NOON + at))


def seen(house: House, viewer: Viewer) -> CallbackView:
    (line,) = listed(house, viewer)
    with transaction(house.db) as session:
        return callbacks.task(session, viewer, line.id, LATER)


def rung(house: House, viewer: Viewer, outcome: Outcome = Outcome.ANSWERED) -> CallId:
    """The viewer's wish of a call is claimed and comes to this."""
    with transaction(house.db) as session:
        ((wanted,), _) = calls_out.claim(session, "hn", ["hn01", "hn02"], LATER)
    at, leg = LATER + timedelta(seconds=5), "PJSIP/telco-9"
    told = [
        CallArrived(wanted.call_id, at, f"PJSIP/{viewer.phone}-1", None, "", outbound=True),
        TalkBegan(wanted.call_id, at, leg, "telco"),
        TalkEnded(wanted.call_id, at + MINUTE, leg, "telco"),
        CallEnded(wanted.call_id, at + MINUTE, outcome, 16),
    ]
    for event in told if outcome is Outcome.ANSWERED else [told[0], told[-1]]:
        with transaction(house.db) as session:
            calls.apply(session, event)
    return wanted.call_id


def test_the_list_is_the_centers_by_deadline_and_audited(house: House) -> None:
    lose(house, "0912000001")
    lose(house, "0912000002")
    lose(house, "0912000002", 2 * MINUTE)  # again: urgent
    far = Story(CallId("dn-1763614800.5"), "0912000003").arrived().ended(Outcome.ABANDONED)
    house.apply(far)
    nowhere = Story(CallId("xx-1763614800.5"), "0912000004").arrived().ended(Outcome.ABANDONED)
    house.apply(nowhere)
    mine = [(line.number[-1], line.urgent, line.calls) for line in listed(house, house.an)]
    assert mine == [("2", True, 2), ("4", False, 1), ("1", False, 1)]
    assert [line.number[-1] for line in listed(house, house.far_lead)] == ["3", "4"]
    assert listed(house, house.admin) == []
    with reading(house.db) as session:
        noted = session.execute(
            select(AuditRow.act, AuditRow.detail).where(AuditRow.staff_id == house.an.staff_id)
        ).all()
    assert [tuple(row) for row in noted] == [("list", "3")]


def test_how_the_tasks_stand_for_the_wallboard(house: House) -> None:
    for number in range(3):
        lose(house, f"091200000{number}", number * 10 * MINUTE)
    with reading(house.db) as session:
        lead = callbacks.standing(session, house.lead, NOON + 35 * MINUTE)
        far = callbacks.standing(session, house.far_lead, NOON + 35 * MINUTE)
    assert (lead.open, lead.overdue) == (3, 1)
    assert far == Standing(0, 0, None)
    assert [line.overdue for line in listed(house, house.lead, 35 * MINUTE)] == [True, False, False]


def test_withheld_numbers_are_counted_apart(house: House) -> None:
    for seconds in (0, 60):
        lose(house, None, timedelta(seconds=seconds))
    house.apply(Story(number=None, at=LATER).answered_call())
    with reading(house.db) as session:
        near = callbacks.withheld(session, house.an, LATER)
        far = callbacks.withheld(session, house.far, LATER)
        day_after = callbacks.withheld(session, house.an, LATER + timedelta(days=1))
    assert (near.count, near.last) == (2, (NOON + MINUTE, NOON))
    assert (far.count, day_after.count) == (0, 0)


def test_what_any_record_said_about_calling_back_is_seen_and_nothing_else(house: House) -> None:
    story = Story(at=NOON - timedelta(days=2)).answered_call("hn02")
    house.apply(story)
    record = house.record_of(story)
    with transaction(house.db) as session:
        told = {"call_back": "sau 21 giờ, hỏi bạn Hoa", "content": "bí mật"}
        records.autosave(session, house.binh, record, 0, told, NOON - timedelta(days=2))
    lose(house)
    shown = seen(house, house.an)
    assert [way.text for way in shown.safe_ways] == ["sau 21 giờ, hỏi bạn Hoa"]
    assert "bí mật" not in repr(shown)
    assert [call.outcome for call in shown.earlier] == [Outcome.ABANDONED, Outcome.ANSWERED]
    with transaction(house.db) as session, pytest.raises(NotVisible):
        callbacks.task(session, house.far, shown.line.id, LATER)


def test_called_back_and_reached(house: House) -> None:
    lose(house)
    (line,) = listed(house, house.an)
    with transaction(house.db) as session:
        callbacks.call(session, house.an, line.id, Safe.JUST_RANG, "", LATER)
    with transaction(house.db) as session, pytest.raises(Conflict, match="taken"):
        callbacks.call(session, house.binh, line.id, Safe.JUST_RANG, "", LATER)
    rung(house, house.an)
    assert listed(house, house.an) == []
    with transaction(house.db) as session:
        shown = callbacks.task(session, house.an, line.id, LATER)
    assert (shown.closed_as, shown.line.owner and shown.line.owner.id) == (
        ClosedAs.REACHED,
        house.an.staff_id,
    )
    assert [event.kind for event in shown.events] == [Deed.REACHED, Deed.TAKEN]


def test_somebody_else_picked_up_and_it_is_open_again_until_a_safe_time(house: House) -> None:
    lose(house)
    (line,) = listed(house, house.an)
    with transaction(house.db) as session:
        callbacks.call(session, house.an, line.id, Safe.NOTHING_SAID, "", LATER)
    call_id = rung(house, house.an)
    after, tonight = LATER + 3 * MINUTE, NOON + timedelta(hours=9)
    with transaction(house.db) as session, pytest.raises(Conflict, match="closed"):
        callbacks.postpone(session, house.binh, line.id, tonight, "", LATER)
    with transaction(house.db) as session:
        callbacks.postpone(session, house.an, line.id, tonight, "người lớn nghe máy", after)
        late = TalkEnded(call_id, LATER + 2 * MINUTE, "PJSIP/telco-9", "telco")
        calls.apply(session, late)
    (line,) = listed(house, house.an)
    assert (line.due_at, line.not_before) == (tonight, tonight)
    assert line.last is not None
    assert (line.last.kind, line.last.note) == (Deed.NOT_SAFE, "người lớn nghe máy")


def test_not_reached_it_is_due_again_and_counts_as_a_try(house: House) -> None:
    lose(house)
    (line,) = listed(house, house.an)
    with transaction(house.db) as session:
        callbacks.call(session, house.an, line.id, Safe.JUST_RANG, "", LATER)
    rung(house, house.an, Outcome.REJECTED)
    (line,) = listed(house, house.an)
    assert line.last is not None
    assert line.last.kind is Deed.OWN_PHONE  # nobody outside was rung
    assert (line.tries, line.due_at) == (0, NOON + 30 * MINUTE + timedelta(seconds=2))


def test_a_wrong_time_and_too_long_a_note_are_said_beside_their_field(house: House) -> None:
    lose(house)
    (line,) = listed(house, house.an)
    for until in (None, LATER, LATER + timedelta(days=31)):
        with transaction(house.db) as session, pytest.raises(FieldErrors) as wrong:
            callbacks.postpone(session, house.an, line.id, until, "x" * 1001, LATER)
        assert wrong.value.fields == {"until": "not_a_later_time", "note": "too_long"}
    assert listed(house, house.an)[0].owner is None


def test_giving_up_is_a_leads_and_needs_its_reason(house: House) -> None:
    lose(house)
    (line,) = listed(house, house.lead)
    with transaction(house.db) as session:
        callbacks.take(session, house.an, line.id, LATER)
        with pytest.raises(NotAllowed):
            callbacks.finish(session, house.an, line.id, ClosedAs.GIVEN_UP, "nản", LATER)
        with pytest.raises(FieldErrors):
            callbacks.finish(session, house.lead, line.id, ClosedAs.GIVEN_UP, " ", LATER)
        callbacks.finish(session, house.lead, line.id, ClosedAs.GIVEN_UP, "số quảng cáo", LATER)
    assert listed(house, house.lead) == []
    lose(house, at=10 * MINUTE)
    assert [line.calls for line in listed(house, house.lead)] == [1]  # they rang anew


def test_taken_and_given_back(house: House) -> None:
    lose(house)
    (line,) = listed(house, house.an)
    with transaction(house.db) as session:
        callbacks.take(session, house.an, line.id, LATER)
        callbacks.take(session, house.an, line.id, LATER)
        with pytest.raises(Conflict, match="taken"):
            callbacks.take(session, house.binh, line.id, LATER)
        with pytest.raises(NotAllowed):
            callbacks.give_back(session, house.binh, line.id, LATER)
        with pytest.raises(NotVisible):
            callbacks.take(session, house.far, line.id, LATER)
        callbacks.give_back(session, house.lead, line.id, LATER)
        callbacks.take(session, house.binh, line.id, LATER)
    shown = seen(house, house.binh)
    assert [event.kind for event in shown.events] == [Deed.TAKEN, Deed.GIVEN_BACK, Deed.TAKEN]


def test_the_number_of_statements_does_not_grow_with_tasks(house: House) -> None:
    def count() -> int:
        with counted(house.db) as statements:
            listed(house, house.an)
        return len(statements)

    lose(house, "0912000000")
    _take_all(house)
    few = count()
    for number in range(1, 8):
        lose(house, f"091200000{number}", number * MINUTE)
        lose(house, f"091200000{number}", number * MINUTE * 2)
    _take_all(house)
    assert count() == few


def _take_all(house: House) -> None:
    with transaction(house.db) as session:
        for line in callbacks.tasks(session, house.an, LATER):
            callbacks.take(session, house.an, line.id, LATER)

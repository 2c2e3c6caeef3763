"""Whom an alarm rings: who leads there on the phone of the house, then the mobiles, round and round."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from hotline import on_call
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import OfferId, Phone, StaffId
from hotline.staff import StaffRow
from telephony import actions
from telephony.alarm_calls import people_of
from telephony.alarm_turns import RINGS, ROUND, TALK, Turns
from tests import factories

TEN = datetime(2026, 11, 24, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEAD, FIRST, LAST = ((StaffId(n), dial) for n, dial in enumerate(("lead", "first", "last"), 1))
PEOPLE = [LEAD, FIRST, LAST]


def test_who_does_not_pick_up_is_followed_at_once_and_everybody_by_a_pause() -> None:
    turns, now, rung = Turns(TEN), TEN, []
    for _ in range(2):
        for number in range(3):
            rung.append(turns.ring(PEOPLE, OfferId(f"alarmed-{number}"), now))
            assert turns.ring(PEOPLE, OfferId("too-soon"), now + RINGS) is None
            now += RINGS
            turns.in_vain(now)
        assert turns.ring(PEOPLE, OfferId("in-the-pause"), now + ROUND - SECOND) is None
        now += ROUND
    assert rung == ["lead", "first", "last"] * 2


def test_who_picks_up_and_presses_nothing_is_followed_after_the_prompt() -> None:
    turns = Turns(TEN)
    assert turns.ring(PEOPLE, OfferId("alarmed-1"), TEN) == "lead"
    assert (turns.offer_id, turns.whom) == ("alarmed-1", LEAD[0])
    said = TEN + RINGS + TALK
    assert turns.ring(PEOPLE, OfferId("alarmed-2"), said - SECOND) is None
    assert turns.ring(PEOPLE, OfferId("alarmed-2"), said) == "first"
    turns.in_vain(said)
    assert turns.ring(PEOPLE, OfferId("alarmed-3"), said) == "last"
    again = said + RINGS + TALK + ROUND
    assert turns.ring(PEOPLE, OfferId("alarmed-4"), again - SECOND) is None
    assert turns.ring(PEOPLE, OfferId("alarmed-4"), again) == "lead"


def test_nobody_to_ring_is_no_turn_and_a_list_may_change_in_between() -> None:
    turns = Turns(TEN)
    assert turns.ring([], OfferId("alarmed-1"), TEN) is None
    assert turns.ring([LEAD], OfferId("alarmed-1"), TEN) == "lead"
    turns.in_vain(TEN)
    assert turns.ring(PEOPLE, OfferId("alarmed-2"), TEN) is None
    assert turns.ring(PEOPLE, OfferId("alarmed-2"), TEN + ROUND) == "first"


def test_first_who_leads_there_then_mobiles_and_phones_on_call(db: Engine) -> None:
    with transaction() as session:
        lead, an = factories.shift_lead(session), factories.counselor(session)
        row = session.get(StaffRow, lead.staff_id)
        assert row is not None
        row.phone = "hn91"
        mobiles = [(an.staff_id, "0912345678"), (lead.staff_id, "0987654321")]
        on_call.put(session, lead.center_id, mobiles, utc_now())
        found = list(people_of(session, "HN"))
        assert list(people_of(session, "dn")) == []
    assert found == [
        (lead.staff_id, actions.phone(Phone("hn91"))),
        (an.staff_id, actions.outside("0912345678")),
        (lead.staff_id, actions.outside("0987654321")),
    ]

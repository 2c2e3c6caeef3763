"""A wish to call outside: kept, claimed once, on record from then on, lapsed in sight when too old."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine

from hotline import bus
from hotline.access import Viewer
from hotline.db import reading, transaction
from hotline.errors import BadInput, Conflict, NotAllowed
from hotline.events import CallArrived, CallEnded, Outcome, TalkBegan
from hotline.ids import StaffId, is_call_out
from intake.calls import calls, calls_out
from intake.calls.callback_rules import Safe
from intake.calls.calls_out import PATIENCE, CallOut
from tests.factories import NOON
from tests.intake.conftest import House

NUMBER = "+84912345678"
SECOND = timedelta(seconds=1)


def ask(house: House, viewer: Viewer, number: str = NUMBER, *, late: timedelta = SECOND * 0) -> None:
    with transaction(house.db) as session:
        calls_out.ask(session, viewer, number, Safe.SAID_SO, "after school", NOON + late)


def claim(db: Engine, *free: str, late: timedelta = SECOND) -> list[CallOut]:
    with transaction(db) as session:
        return calls_out.claim(session, "hn", free, NOON + late)[0]


def test_a_claimed_wish_is_a_call_with_its_record_before_anything_rings(house: House) -> None:
    ask(house, house.an)
    (wanted,) = claim(house.db, "hn01", "hn02")
    assert (wanted.staff_id, wanted.phone, wanted.dial) == (house.an.staff_id, "hn01", "0912345678")
    assert is_call_out(wanted.call_id)
    assert wanted.call_id.startswith(f"hn-{int(NOON.timestamp()) + 1}.")
    with transaction(house.db) as session:
        call = calls.call(session, house.an, wanted.call_id, NOON)
        live = calls.current_for(session, house.an)
        shown = calls.live(session, house.lead)
    assert (call.outbound, call.number, call.record_id is not None) == (True, NUMBER, True)
    assert live is not None
    assert (live.call_id, live.outbound, live.waiting) == (wanted.call_id, True, False)
    assert [[who.id for who in line.ringing] for line in shown] == [[house.an.staff_id]]


def test_whoever_talks_on_it_is_the_counselor_who_asked(house: House) -> None:
    ask(house, house.an)
    (wanted,) = claim(house.db, "hn01")
    at = NOON + 2 * SECOND
    for event in (
        CallArrived(wanted.call_id, at, "PJSIP/hn01-1", "0912345678", "0912345678", outbound=True),
        TalkBegan(wanted.call_id, at, "PJSIP/telco-2", "telco"),
    ):
        with transaction(house.db) as session:
            applied = calls.apply(session, event)
        assert bus.desk(StaffId(house.an.staff_id)) in [signal.topic for signal in applied.signals]
    with transaction(house.db) as session:
        call = calls.call(session, house.an, wanted.call_id, at)
    assert [talk.counselor and talk.counselor.id for talk in call.talks] == [house.an.staff_id]
    assert not call.internal


def test_a_wish_is_claimed_once_however_many_switchboards_hear_of_it(house: House) -> None:
    ask(house, house.an)
    together = Barrier(2)

    def one(_number: int) -> list[CallOut]:
        together.wait(10)
        return claim(house.db, "hn01")

    with ThreadPoolExecutor(2) as pool:
        claimed = list(pool.map(one, range(2)))
    assert sorted(map(len, claimed)) == [0, 1]


def test_it_waits_for_the_own_phone_and_lapses_in_sight(house: House) -> None:
    ask(house, house.an)
    assert claim(house.db, "hn02") == []
    with reading(house.db) as session:
        early = calls_out.last_wish(session, house.an, NOON + SECOND)
        late = calls_out.last_wish(session, house.an, NOON + PATIENCE)
        assert calls_out.any_wished(session, NOON + SECOND)
        assert not calls_out.any_wished(session, NOON + PATIENCE)
    assert early is not None
    assert late is not None
    assert (early.lapsed, late.lapsed, late.call_id) == (False, True, None)
    assert claim(house.db, "hn01", late=PATIENCE) == []


def test_nobody_calls_twice_at_once(house: House) -> None:
    ask(house, house.an)
    with pytest.raises(Conflict, match="calling_already"):
        ask(house, house.an, late=SECOND)
    (wanted,) = claim(house.db, "hn01")
    with pytest.raises(Conflict, match="calling_already"):
        ask(house, house.an, late=PATIENCE)
    with transaction(house.db) as session:
        calls.apply(session, CallEnded(wanted.call_id, NOON + 5 * SECOND, Outcome.FAILED, 0))
    ask(house, house.an, late=6 * SECOND)


@pytest.mark.parametrize("number", ["111", "+442071838750", "+841900545415", "hn02", "+84180015670"])
def test_what_is_not_to_be_dialled_is_refused(house: House, number: str) -> None:
    with pytest.raises(BadInput, match="number"):
        ask(house, house.an, number)


def test_who_may_not_call_and_who_has_no_phone(house: House) -> None:
    with pytest.raises(NotAllowed):
        ask(house, house.admin)
    with pytest.raises(Conflict, match="no_phone"):
        ask(house, house.lead)

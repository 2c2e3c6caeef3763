"""Guessing is slow from wherever it comes, and never keeps a shift from its work."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hotline import log_in_tries
from hotline.access import Viewer
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.log_in_tries import FREE, LONGEST_PAUSE, MEMORY, TRIES, LogInTryRow, Origin, pause
from tests import factories

NOW = utc_now()
NAT = "203.0.113.7"
SECOND = timedelta(seconds=1)


def waits(session: Session, who: Viewer, origin: Origin, after: timedelta = SECOND) -> bool:
    return log_in_tries.must_wait(session, who.login, who.staff_id, origin, NOW + after)


def fail(session: Session, who: Viewer, origin: Origin, times: int) -> None:
    for _ in range(times):
        log_in_tries.count(session, who.login, who.staff_id, origin, NOW)


def test_somebody_inside_the_center_locks_no_shift_out(db: Engine) -> None:
    """All counselors share one address; each has logged in at their own desk before."""
    with transaction(db) as session:
        shift = [factories.counselor(session, f"hn{n:02}") for n in range(1, 9)]
        desks = [Origin(NAT, f"desk {who.login}") for who in shift]
        for who, desk in zip(shift, desks, strict=True):
            log_in_tries.know(session, desk.device, who.staff_id, NOW)
        for who in shift:
            fail(session, who, Origin(NAT, "the attacker's own browser"), 60)
        assert all(waits(session, who, Origin(NAT)) for who in shift)
        assert not any(waits(session, who, desk) for who, desk in zip(shift, desks, strict=True))


def test_a_thousand_addresses_are_no_faster_than_one(db: Engine) -> None:
    with transaction(db) as session:
        an = factories.counselor(session)
        log_in_tries.know(session, "her desk", an.staff_id, NOW)
        for n in range(FREE):
            address = Origin(f"198.51.100.{n}")
            assert not waits(session, an, address)
            fail(session, an, address, 1)
        fresh = Origin("192.0.2.1")
        assert waits(session, an, fresh)
        assert not waits(session, an, fresh, pause(FREE))
        fail(session, an, fresh, 12)
        assert waits(session, an, Origin("192.0.2.2"), LONGEST_PAUSE - SECOND)
        assert not waits(session, an, Origin("192.0.2.2"), LONGEST_PAUSE)
        assert not waits(session, an, Origin(NAT, "her desk"))


def test_the_pause_grows_and_ends(db: Engine) -> None:
    pauses = [pause(n) for n in range(FREE - 1, FREE + 12)]
    assert pauses[0] == timedelta()
    assert pauses == sorted(pauses)
    assert pauses[-1] == pause(10_000) == LONGEST_PAUSE


def test_a_known_browser_may_be_guessed_at_no_longer_than_another(db: Engine) -> None:
    with transaction(db) as session:
        an, binh = factories.counselor(session), factories.counselor(session, "hn02")
        desk = Origin(NAT, "desk")
        for who in (an, binh):
            log_in_tries.know(session, "desk", who.staff_id, NOW)
        fail(session, an, desk, TRIES)
        assert waits(session, an, desk)
        assert not waits(session, binh, desk)  # another person at the same computer
        assert not waits(session, an, desk, log_in_tries.TRY_WINDOW)


@pytest.mark.parametrize("device", ["", "somebody else's"])
def test_a_browser_is_known_for_its_own_people_alone(db: Engine, device: str) -> None:
    with transaction(db) as session:
        an, binh = factories.counselor(session), factories.counselor(session, "hn02")
        log_in_tries.know(session, "somebody else's", binh.staff_id, NOW)
        fail(session, an, Origin(NAT), TRIES)
        assert waits(session, an, Origin(NAT, device))


def test_what_is_old_counts_no_more_and_is_swept(db: Engine) -> None:
    with transaction(db) as session:
        an = factories.counselor(session)
        fail(session, an, Origin(NAT), FREE + 5)
        later = NOW + MEMORY
        assert not log_in_tries.must_wait(session, an.login, an.staff_id, Origin("192.0.2.9"), later)
        log_in_tries.count(session, an.login, an.staff_id, Origin(NAT), later)
        assert session.scalar(select(func.count()).select_from(LogInTryRow)) == 2
        log_in_tries.know(session, "desk", an.staff_id, NOW)
        log_in_tries.sweep(session, NOW + log_in_tries.DEVICE_LIFETIME)
        fail(session, an, Origin(NAT, "desk"), TRIES)
        assert waits(session, an, Origin(NAT))

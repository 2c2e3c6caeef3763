"""The roster's rows, on both databases."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from hotline.audit import AuditRow
from hotline.clock import HANOI
from hotline.db import reading, transaction
from hotline.errors import BadInput
from hotline.ids import StaffId
from routing import availability, roster
from routing.choices import Choice
from routing.planning import HOLIDAY, Entry, Kind, Strength
from routing.shifts import AFTERNOON, MORNING, NIGHT, SHIFTS
from telephony.drain import load_staffing
from tests import factories

MONTH_END = date(2026, 11, 30)
NEXT = date(2026, 12, 1)


@pytest.fixture
def an(db: Engine) -> StaffId:
    with transaction() as session:
        who = factories.counselor(session).staff_id
        availability.enroll(session, who, factories.NOON)
    return who


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=HANOI)


def on_duty(moment: datetime) -> bool:
    with reading() as session:
        (one,) = availability.everybody(session, moment)
        return one.on_duty(moment)


def test_who_works_the_night_of_the_last_day_is_on_duty_into_the_next_month(an: StaffId) -> None:
    with transaction() as session:
        roster.put(session, None, an, NIGHT.on(MONTH_END), Kind.PLANNED, factories.NOON)
    assert [on_duty(at(MONTH_END, 21, 59)), on_duty(at(MONTH_END, 22))] == [False, True]
    assert [on_duty(at(NEXT, 5, 59)), on_duty(at(NEXT, 6))] == [True, False]


def test_who_is_sick_keeps_the_entry_and_is_not_on_duty(an: StaffId) -> None:
    noon = at(NEXT, 12)
    with transaction() as session:
        lead = factories.shift_lead(session)
        roster.put(session, lead, an, MORNING.on(NEXT), Kind.PLANNED, noon)
        signals = roster.put(session, lead, an, MORNING.on(NEXT), Kind.SICK, noon)
    assert "staff" in {signal.topic for signal in signals}
    assert not on_duty(noon)
    with reading() as session:
        assert roster.entries(session, NEXT, NEXT) == [Entry(NEXT, "morning", an, Kind.SICK)]
        notes = session.scalars(select(AuditRow.detail).order_by(AuditRow.id)).all()
    assert notes == ["2026-12-01 morning planned", "2026-12-01 morning sick"]


def test_who_is_taken_off_is_on_the_roster_no_more(an: StaffId) -> None:
    noon = at(NEXT, 12)
    with transaction() as session:
        roster.put(session, None, an, MORNING.on(NEXT), Kind.EXTRA, noon)
        assert roster.take_off(session, None, an, AFTERNOON.on(NEXT), noon) == []
        assert roster.take_off(session, None, an, MORNING.on(NEXT), noon)
    assert not on_duty(noon)


def test_a_daily_plan_fills_only_days_without_an_entry(an: StaffId) -> None:
    days = [MONTH_END + timedelta(days=n) for n in range(3)]
    with transaction() as session:
        roster.put(session, None, an, NIGHT.on(NEXT), Kind.SWAPPED, factories.NOON)
        roster.plan_daily(session, an, MORNING, days, factories.NOON)
        roster.plan_daily(session, an, AFTERNOON, days, factories.NOON)
    with reading() as session:
        shifts = [entry.shift for entry in roster.entries(session, days[0], days[-1], an)]
        assert shifts == ["morning", "night", "morning"]
        assert roster.last_day(session, an) == days[-1]


def test_a_template_is_kept_and_put_in_place_of_the_one_before(an: StaffId) -> None:
    first = {(0, "morning"): Strength(5, 2), (HOLIDAY, "night"): Strength(2, 1)}
    with transaction() as session:
        center = factories.center(session).id
        lead = factories.shift_lead(session)
        for template in (first, {(0, "morning"): Strength(4, 2)}):
            roster.put_template(session, lead, center, template, factories.NOON)
            assert roster.template_of(session, center) == template
        for strength in (Strength(1, 2), Strength(-1, -1), Strength(1000, 1)):
            with pytest.raises(BadInput):
                roster.put_template(session, lead, center, {(0, "night"): strength}, factories.NOON)


def test_the_switchboard_is_told_who_stays_and_which_center_is_short(db: Engine, an: StaffId) -> None:
    ten, minute = at(NEXT, 22), timedelta(minutes=1)
    every = {(kind, s.code): Strength(1, 1) for kind in range(HOLIDAY + 1) for s in SHIFTS}
    with transaction() as session:
        center = factories.center(session).id
        roster.put_template(session, None, center, every, ten)
        roster.put(session, None, an, AFTERNOON.on(NEXT), Kind.PLANNED, ten)
        binh = factories.counselor(session, "hn02").staff_id
        availability.enroll(session, binh, ten)
        roster.put(session, None, binh, NIGHT.on(NEXT), Kind.PLANNED, ten)
        availability.choose(session, None, an, Choice.AVAILABLE, at(NEXT, 14))

    def told(now: datetime) -> tuple[dict[StaffId, bool], int]:
        found = load_staffing(db, ["hn"], minute, minute, now)
        on = {each.staff_id: any(duty.covers(now) for duty in each.duty) for each in found.people}
        return on, len(found.short)

    assert told(ten - minute) == ({an: True, binh: False}, 0)
    assert told(ten) == ({an: True, binh: True}, 0)
    assert told(ten + minute) == ({an: True, binh: True}, 1)
    with transaction() as session:
        availability.choose(session, None, binh, Choice.AVAILABLE, ten + 2 * minute)
    assert told(ten + 3 * minute) == ({an: False, binh: True}, 0)

"""The change of shifts on a real line: who has not come is rung for, who stays takes the calls."""

from hotline import alarms, bus
from hotline.alarm_kinds import AlarmKind
from hotline.calendar import DAY
from hotline.clock import local, utc_now
from hotline.db import reading, transaction
from routing import roster
from routing.planning import HOLIDAY, Strength
from routing.shifts import SHIFTS
from tests.pbx import PROMPT_TONES, phone_tone, soon
from tests.stories.conftest import told
from tests.stories.house import House


def minimum_is_one(house: House) -> None:
    strength = {(kind, shift.code): Strength(1, 1) for kind in range(HOLIDAY + 1) for shift in SHIFTS}
    with transaction(house.db) as session:
        center = house.lead.center_id
        signals = roster.put_template(session, None, center, strength, utc_now())
    bus.publish(signals)


REPORT = "TB-22222-33333"


def noted_by(house: House, kind: AlarmKind = AlarmKind.SHIFT, subject: str = "HN") -> str | None:
    with reading(house.db) as session:
        found = alarms.of(session, kind, subject)
    return found.noted_by if found else None


def wrong_now(house: House) -> dict[str, str]:
    with reading(house.db) as session:
        return dict(alarms.open_of(session, AlarmKind.SHIFT))


@told
async def test_nobody_has_come_and_the_lead_is_rung_until_they_take_note(house: House) -> None:
    lead = await house.phone(9)
    minimum_is_one(house)
    call = await lead.rang()
    assert call.number == "111"
    assert wrong_now(house) == {"HN": "nobody"}
    await call.answer()
    await soon(lambda: call.audio.hears(PROMPT_TONES["alarm_shift"], 0.3))
    call.audio.press("1")
    await soon(lambda: noted_by(house) == house.lead.name)
    await call.ended.within(3)

    with transaction(house.db) as session:  # a report of the whole house's, of a child in danger
        signals = alarms.sound(session, AlarmKind.REPORT, REPORT, "unheard", None, utc_now())
    bus.publish(signals)
    call = await lead.rang(within=3)  # by the signal: who only looks now and then looks 4 to 9 s later
    await call.answer()
    await soon(lambda: call.audio.hears(PROMPT_TONES["alarm_report"], 0.3))
    call.audio.press("1")
    await soon(lambda: noted_by(house, AlarmKind.REPORT, REPORT) == house.lead.name)

    with transaction(house.db) as session:
        center = house.lead.center_id
        signals = alarms.sound(session, AlarmKind.CASE, "1", "ring", center, utc_now())
    bus.publish(signals)
    call = await lead.rang(within=3)
    await call.answer()
    await soon(lambda: call.audio.hears(PROMPT_TONES["alarm_case"], 0.3))
    call.audio.press("1")
    await soon(lambda: noted_by(house, AlarmKind.CASE, "1") == house.lead.name)

    await house.phone(1)
    await house.available(1)
    await soon(lambda: wrong_now(house) == {})
    assert house.calls() == []


@told
async def test_a_call_keeps_its_counselor_past_the_end_of_the_shift(house: House) -> None:
    await house.on_duty(1, answer="auto")
    caller = await house.pbx.call()
    await house.answered(1)
    today = local(utc_now()).date()
    with transaction(house.db) as session:
        who = house.counselors[0].staff_id
        for entry in roster.entries(session, today - DAY, today + DAY, who):
            signals = roster.take_off(session, None, who, entry.duty, utc_now())
    bus.publish(signals)
    await soon(lambda: house.queue_members() == set())
    await soon(lambda: caller.audio.hears(phone_tone("hn01"), 0.3))
    await caller.hang_up()
    await house.ended(1)

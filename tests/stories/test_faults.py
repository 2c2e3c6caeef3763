"""What happens to callers when parts of the house die. Each fault is really injected."""

import os
import signal
from pathlib import Path

import pytest

from hotline.events import Outcome
from telephony.softphone import Caller, SoftPhone
from tests.pbx import soon
from tests.stories.conftest import told
from tests.stories.house import House
from tests.stories.telling import is_known_as_answered

FALLBACK_SECONDS = 5.0
"""Within this after a kill waiting callers' phones must ring."""


async def talk(house: House, phone: SoftPhone, number: str) -> Caller:
    """A call that this phone answers and the database knows as answered."""
    caller = await house.pbx.call(number)
    await (await phone.rang()).answer()
    await caller.answered.within(3)
    await is_known_as_answered(house, number)
    return caller


@told
async def test_switchboard_killed_with_callers_waiting_ringing_and_talking(house: House) -> None:
    first, second, third = await house.on_duty(1, 2, 3)
    talking = [
        await talk(house, first, "0912000001"),
        await talk(house, second, "0912000002"),
    ]
    ringing = await house.pbx.call("0912000003")
    at_third = await third.rang()
    waiting = await house.pbx.call("0912000004")
    await waiting.answered.within(3)  # greeted: has to wait

    house.kill()

    await at_third.answer()  # the counselor picks up although nobody routes any more
    await ringing.answered.within(3)
    await talking[0].hang_up()  # one gets free: the fallback finds them
    from_fallback = await first.rang(within=FALLBACK_SECONDS)
    await from_fallback.answer()
    late = await house.pbx.call("0912000005")  # comes and goes while nobody listens
    await talking[1].hang_up()
    late_rang = await second.rang(within=FALLBACK_SECONDS)
    await late_rang.answer()
    await late.answered.within(3)
    gave_up = await house.pbx.call("0912000006")
    await soon(lambda: gave_up.rang)
    await gave_up.hang_up()
    await late.hang_up()
    assert not waiting.ended
    assert not ringing.ended

    house.start()
    await soon(lambda: len(house.calls()) == 6)
    for caller in (ringing, waiting):
        assert not caller.ended
        await caller.hang_up()
    calls = {call.number: call for call in await house.ended(6)}
    who = {
        number[-1]: (call.outcome, house.number_of(call.counselor.id) if call.counselor else None)
        for number, call in calls.items()
        if number
    }
    assert who == {
        "1": (Outcome.ANSWERED, 1),
        "2": (Outcome.ANSWERED, 2),
        "3": (Outcome.ANSWERED, 3),
        "4": (Outcome.ANSWERED, 1),
        "5": (Outcome.ANSWERED, 2),
        "6": (Outcome.ABANDONED, None),
    }


@told
async def test_a_switchboard_stopped_and_continued_acts_on_nothing_stale(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    house.signal(signal.SIGSTOP)
    steps = house.times_in_step()
    caller = await house.pbx.call("0912000001")
    from_fallback = await first.rang(within=2 * FALLBACK_SECONDS)
    await from_fallback.answer()
    await caller.answered.within(3)
    gone = await house.pbx.call("0912000002")
    await soon(lambda: gone.rang)
    await gone.hang_up()
    await soon(lambda: "1 active call" in house.pbx.console("core show channels count"))
    rung_before = len(first.history), len(second.history)

    house.signal(signal.SIGCONT)

    await house.until_in_step_again(steps)
    await house.answered(1)
    assert (len(first.history), len(second.history)) == rung_before
    assert not caller.ended
    assert not from_fallback.ended
    fresh = await house.pbx.call("0912000003")
    await (await second.rang()).answer()
    await fresh.answered.within(3)
    await house.answered(2)
    await fresh.hang_up()
    await caller.hang_up()
    calls = await house.ended(3)
    assert [call.outcome for call in calls] == [Outcome.ANSWERED, Outcome.ABANDONED, Outcome.ANSWERED]


@told
async def test_asterisk_killed_and_started_again(house: House) -> None:
    first, _second = await house.on_duty(1, 2)
    await talk(house, first, "0912000001")
    steps = house.times_in_step()
    house.pbx.kill()
    house.pbx.start()
    await house.until_in_step_again(steps)
    await house.unplug_all()
    again = await house.phone(2)
    await house.available(2)
    caller = await house.pbx.call("0912000002")
    await (await again.rang()).answer()
    await caller.answered.within(3)
    await house.answered(2)
    await caller.hang_up()
    calls = await house.ended(2)
    assert [call.outcome for call in calls] == [Outcome.ANSWERED, Outcome.ANSWERED]
    assert calls[0].ended_at < calls[1].arrived_at  # type: ignore[operator]


HOSTILE = {
    "folded line": '"a"\r\n ',
    "written line breaks": '"a\\r\\nAction: Originate%0d%0aEvent: Hangup" ',
    "quotes and html": '"\\"><script>alert(1)</script>" ',
    "commas": '"a,b,c,TD_CALL: x" ',
    "four-byte letters": '"Bé Ánh 🧒🏽 𝒳" ',
    "no utf-8": '"\udcff\udcfe\udc80" ',
    "very long": '"' + "x" * 900 + '" ',
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_callers_name_is_a_strangers_text(house: House, name: str) -> None:
    @told
    async def story(house: House) -> None:
        (phone,) = await house.on_duty(1)
        raw = f"{name.removeprefix('From: ')}<sip:0912000001@127.0.0.111>"
        caller = await house.pbx.call("0912000001", raw_from=raw)
        await (await phone.rang()).answer()
        await caller.answered.within(3)
        await house.answered(1)
        await caller.hang_up()
        (call,) = await house.ended(1)
        assert (call.outcome, call.number) == (Outcome.ANSWERED, "+84912000001")

    story(house)


@told
async def test_raw_line_breaks_in_a_name_stop_at_asterisk_and_the_next_caller_is_served(
    house: House,
) -> None:
    """pjproject 2.15 (Asterisk 22.10) drops such a packet with a warning: it never reaches AMI."""
    (phone,) = await house.on_duty(1)
    raw = '"x\r\n Action: Originate\r\n Event: Hangup" <sip:0912000001@127.0.0.111>'
    await house.pbx.call("0912000001", raw_from=raw)
    await soon(lambda: "Dropping" in house.pbx.log.read_text("utf-8", "replace"))
    caller = await house.pbx.call("0912000002")
    await (await phone.rang()).answer()
    await caller.answered.within(3)
    await house.answered(1)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert call.number == "+84912000002"


@told
async def test_a_caller_with_no_number(house: House) -> None:
    (phone,) = await house.on_duty(1)
    caller = await house.pbx.call(None)
    await (await phone.rang()).answer()
    await caller.answered.within(3)
    await house.answered(1)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert call.number is None


@told
async def test_what_writes_calls_down_is_killed_and_replaced(house: House) -> None:
    """Nothing of a call is lost or told twice; and it never outlives the switchboard."""
    (phone,) = await house.on_duty(1)
    caller = await talk(house, phone, "0912000021")
    before = house.drains()
    for each in before:
        os.kill(each, signal.SIGKILL)
    await soon(lambda: house.drains() and house.drains() != before)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, len(call.talks)) == (Outcome.ANSWERED, 1)
    (replaced,) = house.drains()
    house.kill()
    await soon(lambda: not Path(f"/proc/{replaced}").exists())

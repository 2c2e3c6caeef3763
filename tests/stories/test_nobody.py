"""Nobody at all can be reached: mobiles on call are rung, then a message is asked for."""

from collections.abc import Iterator

import pytest

from hotline import bus, on_call
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.events import Outcome
from telephony.softphone import Caller, Ending, SoftPhone
from telephony.softphone.incoming import IncomingCall
from tests.pbx import CALLER_TONE, OUTSIDE_TONE, PROMPT_TONES, Pbx, soon
from tests.stories.house import House
from tests.stories.tape import taped
from tests.stories.telling import hear_each_other, hears, message, offers, row, tasks, who

FIRST, SECOND = "0987000001", "0987000002"


@pytest.fixture(autouse=True)
def impatient(pbx: Pbx) -> Iterator[None]:
    """Nobody need be missed for long here."""
    pbx.console("dialplan set global TD_NOBODY_SECONDS 0")
    yield
    pbx.console(f"dialplan set global TD_NOBODY_SECONDS {pbx.settings.nobody_seconds}")
    pbx.console("dialplan set global TD_ON_CALL")


async def on_call_are(house: House, *numbers: str) -> SoftPhone:
    """The first counselor and so on; Asterisk has been told. Returns the telco that reaches them."""
    people = [(who.staff_id, number) for who, number in zip(house.counselors, numbers, strict=False)]
    with transaction(house.db) as session:
        on_call.put(session, house.lead.center_id, people, utc_now())
    bus.publish([bus.Signal(bus.STAFF, "availability", "0")])
    wanted = f"TD_ON_CALL={'-'.join([house.lead.phone or '', *numbers])}"
    await soon(lambda: wanted in house.pbx.console("dialplan show globals"))
    return await house.outside()


async def accepts(mobile: IncomingCall, caller: Caller) -> None:
    await mobile.answer()
    await soon(lambda: mobile.audio.hears(PROMPT_TONES["on_call"], 0.3))
    mobile.audio.press("1")
    await soon(lambda: caller.audio.hears(OUTSIDE_TONE))
    await soon(lambda: mobile.audio.hears(CALLER_TONE))


@taped("line_on_call")
async def test_a_mobile_on_call_is_rung_and_talks(house: House) -> None:
    telco = await on_call_are(house, FIRST, SECOND)
    caller = await house.pbx.call("0912000001")
    mobile = await telco.rang()
    assert (mobile.dialled, mobile.number) == (FIRST, "111")
    await hears(caller, "music")
    await accepts(mobile, caller)
    await soon(lambda: house.calls()[0].answered_at is not None)
    await mobile.hang_up()
    await caller.ended.within(3)
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call), offers(call)) == (
        Outcome.ANSWERED,
        [1],
        [("telco", Outcome.ANSWERED)],
    )
    assert call.record_id is not None
    assert tasks(house) == []


@taped("line_lead")
async def test_the_phone_of_who_leads_there_is_rung_before_any_mobile(house: House) -> None:
    lead = await house.phone(9)
    telco = await on_call_are(house, FIRST)
    caller = await house.pbx.call("0912000001")
    ringing = await lead.rang()
    await ringing.answer()
    await soon(lambda: ringing.audio.hears(PROMPT_TONES["on_call"], 0.3))
    ringing.audio.press("1")
    await hear_each_other(caller, ringing)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, offers(call)) == (Outcome.ANSWERED, [("hn09", Outcome.ANSWERED)])
    assert call.counselor is not None
    assert call.counselor.id == house.lead.staff_id
    assert telco.calls == []


@taped("line_nobody")
async def test_nobody_on_call_answers_and_a_message_is_asked_for(house: House) -> None:
    """The second one's mailbox picks up and presses nothing."""
    telco = await on_call_are(house, FIRST, SECOND)
    caller = await house.pbx.call("0912000001")
    (await telco.rang()).decline()
    mailbox = await telco.rang()
    assert mailbox.dialled == SECOND
    await mailbox.answer()
    await mailbox.ended.within(10)
    await hears(caller, "nobody")
    await soon(lambda: len(message(house)) > 0)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, call.answered_at) == (Outcome.ABANDONED, None)
    assert [task.message_call_id for task in tasks(house)] == [row(house).id]


@taped()
async def test_a_counselor_who_comes_is_quicker_than_the_mobile(house: House) -> None:
    telco = await on_call_are(house, FIRST)
    caller = await house.pbx.call("0912000001")
    mobile = await telco.rang()
    (phone,) = await house.on_duty(1)
    ringing = await phone.rang()
    await ringing.answer()
    await hear_each_other(caller, ringing)
    await mobile.ended.within(3)
    assert mobile.ending is Ending.CANCELED
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1])


@taped()
async def test_with_a_dead_switchboard_the_dialplan_rings_them_by_itself(house: House) -> None:
    telco = await on_call_are(house, FIRST)
    house.kill()
    caller = await house.pbx.call("0912000001")
    mobile = await telco.rang(within=8)
    await accepts(mobile, caller)
    await caller.hang_up()
    await mobile.ended.within(3)
    house.start()
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call), offers(call)) == (
        Outcome.ANSWERED,
        [1],
        [("telco", Outcome.ANSWERED)],
    )


@taped()
async def test_counselors_who_all_talk_can_still_be_reached(house: House) -> None:
    """Everybody being busy is no emergency: the next caller waits, no mobile rings."""
    telco = await on_call_are(house, FIRST)
    (phone,) = await house.on_duty(1)
    first = await house.pbx.call("0912000001")
    ringing = await phone.rang()
    await ringing.answer()
    second = await house.pbx.call("0912000002")
    await hears(second, "heard", within=8)
    assert telco.history == []
    await first.hang_up()
    again = await phone.rang()
    await again.answer()
    await hear_each_other(second, again)
    await second.hang_up()
    await house.ended(2)

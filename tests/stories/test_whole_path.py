"""Stories of line 111 on real Asterisk with real SIP calls, as caller and counselor see them."""

from datetime import timedelta

from hotline.events import Outcome
from routing.choices import Choice
from tests.pbx import soon
from tests.stories.conftest import told
from tests.stories.house import House


@told
async def test_answered(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    caller = await house.pbx.call("0912345678")
    ringing = await first.rang()
    assert ringing.number == "0912345678"
    assert not second.calls
    await ringing.answer()
    await caller.answered.within(3)
    await house.answered(1)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert call.outcome is Outcome.ANSWERED
    assert call.number == "+84912345678"
    assert call.counselor is not None
    assert house.number_of(call.counselor.id) == 1
    assert call.record_id is not None
    assert call.talked > timedelta(0)


@told
async def test_caller_hangs_up_while_waiting(house: House) -> None:
    caller = await house.pbx.call()
    await soon(lambda: len(house.calls()) == 1)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert call.outcome is Outcome.ABANDONED
    assert call.offers == ()


@told
async def test_counselor_does_not_answer_and_the_next_is_rung(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    caller = await house.pbx.call()
    await first.rang()
    ringing = await second.rang(within=8)
    await ringing.answer()
    await house.answered(1)
    await soon(lambda: house.choice_of(1) is Choice.MISSED)
    assert house.choice_of(2) is Choice.AVAILABLE
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert [(offer.phone, offer.outcome) for offer in call.offers] == [
        ("hn01", Outcome.NO_ANSWER),
        ("hn02", Outcome.ANSWERED),
    ]


@told
async def test_counselor_declines_and_the_next_is_rung_at_once(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    caller = await house.pbx.call()
    (await first.rang()).decline()
    ringing = await second.rang(within=2)
    assert not caller.ended
    await ringing.answer()
    await house.answered(1)
    await ringing.hang_up()
    (call,) = await house.ended(1)
    assert [offer.outcome for offer in call.offers] == [Outcome.REJECTED, Outcome.ANSWERED]


@told
async def test_all_busy_then_one_gets_free(house: House) -> None:
    (phone,) = await house.on_duty(1)
    talking = await house.pbx.call("0912000001")
    first = await phone.rang()
    await first.answer()
    await talking.answered.within(3)
    waiting = await house.pbx.call("0912000002")
    await waiting.answered.within(3)  # greeted, and hears music
    assert len(phone.calls) == 1
    await first.hang_up()
    second = await phone.rang(within=2)
    assert second.number == "0912000002"
    await second.answer()
    await house.answered(2)
    await waiting.hang_up()
    calls = await house.ended(2)
    assert [call.outcome for call in calls] == [Outcome.ANSWERED, Outcome.ANSWERED]


@told
async def test_two_callers_at_once_never_both_to_one_counselor(house: House) -> None:
    phones = await house.on_duty(1, 2)
    callers = [await house.pbx.call(f"091200000{number}") for number in (1, 2)]
    rung = [await phone.rang() for phone in phones]
    assert {call.number for call in rung} == {"0912000001", "0912000002"}
    for call in rung:
        await call.answer()
    await house.answered(2)
    for caller in callers:
        await caller.hang_up()
    calls = await house.ended(2)
    assert {house.number_of(call.counselor.id) for call in calls if call.counselor} == {1, 2}


@told
async def test_caller_rings_off_while_the_phone_rings(house: House) -> None:
    (phone,) = await house.on_duty(1)
    caller = await house.pbx.call()
    ringing = await phone.rang()
    await caller.hang_up()
    await ringing.ended.within(3)
    (call,) = await house.ended(1)
    assert call.outcome is Outcome.ABANDONED
    assert house.choice_of(1) is Choice.AVAILABLE  # the caller's doing, not the counselor's


@told
async def test_an_unplugged_phone_is_told_to_its_owner_and_the_next_rings(house: House) -> None:
    await house.phone(2)
    await house.available(2)
    house.choose(Choice.AVAILABLE, 1)  # logged in at the desk, the phone was never registered
    await soon(lambda: house.choice_of(1) is Choice.PHONE_AWAY, within=8)
    await house.pbx.call()
    await soon(lambda: [offer.phone for call in house.calls() for offer in call.offers] == ["hn02"])
    await house.phone(1)
    await soon(lambda: house.choice_of(1) is Choice.AVAILABLE, within=8)

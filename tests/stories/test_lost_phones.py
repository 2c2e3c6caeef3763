"""A counselor's phone crashes, or loses its power or network, in the midst of a talk: no caller is left
in silence, and none is rung off. Real Asterisk and switchboard (browsers: tests/browser/test_phone.py).
"""

from hotline.events import Outcome
from routing.values import Reason
from telephony.softphone import Caller, SoftPhone
from tests.pbx import phone_tone, soon
from tests.stories.house import House
from tests.stories.tape import taped
from tests.stories.telling import asks, both_are_recorded, conversation, hear_each_other, hears, who
from tests.stories.test_call_outs import called_back


async def passed_on(house: House, first: SoftPhone, to: SoftPhone, number: str) -> Caller:
    caller, talking = await conversation(house, first, number)
    await talking.refer(to.identity)
    taken = await to.rang()
    await taken.answer()
    await hear_each_other(caller, taken)
    return caller


async def left_ringing(house: House, first: SoftPhone, to: SoftPhone, number: str) -> Caller:
    caller, talking = await conversation(house, first, number)
    asking, asked = await asks(talking, to)
    await asking.rang.within(3)
    await talking.refer_to_call(asking)
    await talking.ended.within(3)
    await asked.answer()
    await hear_each_other(caller, asked)
    return caller


async def handed_over(house: House, first: SoftPhone, to: SoftPhone, number: str) -> Caller:
    caller, talking = await conversation(house, first, number)
    asking, asked = await asks(talking, to)
    await asked.answer()
    await asking.answered.within(3)
    await soon(lambda: asking.audio.hears(phone_tone(to.identity)))  # they speak first, as people do
    await talking.refer_to_call(asking)
    await hear_each_other(caller, asked)
    return caller


@taped()
async def test_however_a_caller_came_to_a_phone_that_falls_silent_they_wait_for_the_same_counselor(
    house: House,
) -> None:
    with house.pbx.impatient():
        (first,) = await house.on_duty(1)
        second, third, fourth = [await house.phone(number) for number in (2, 3, 4)]
        left = await left_ringing(house, first, fourth, "0912000004")
        passed = await passed_on(house, first, second, "0912000001")
        handed = await handed_over(house, first, third, "0912000002")
        caller, _ = await conversation(house, first, "0912000003")
        for phone in (first, second, third, fourth):
            phone.unplug()
        for each in (left, passed, handed, caller):
            await hears(each, "lost")
        await soon(lambda: all(call.talks[-1].lost for call in house.calls() if not call.internal))
        for each in (left, passed, handed):
            await each.hang_up()
        await hears(caller, "music")
        again = await (await house.phone(1)).rang()
        await again.answer()
        await hear_each_other(caller, again)
        await soon(lambda: len(house.calls()[-1].talks) == 2)
        await again.hang_up()
        await caller.ended.within(3)  # an ordinary end is one
    ended = [call for call in await house.ended(6) if not call.internal]
    assert [who(house, call) for call in ended] == [[1, 4], [1, 2], [1, 3], [1, 1]]
    assert {call.outcome for call in ended} == {Outcome.ANSWERED}
    assert [[talk.lost for talk in call.talks] for call in ended] == [[False, True]] * 3 + [
        [True, False]
    ]
    assert ended[3].offers[-1].reasons == (Reason.LOST, Reason.SAME_COUNSELOR)


@taped("desk_lost")
async def test_whom_the_desk_has_called_waits_for_a_colleague_of_whose_phone_falls_silent(
    house: House,
) -> None:
    with house.pbx.impatient():
        _, theirs = await called_back(house)
        await house.on_duty(2)
        house.registered(1).unplug()
        await hears(theirs, "lost")
        taken = await house.registered(2).rang()
        await taken.answer()
        await soon(lambda: theirs.audio.hears(phone_tone("hn02")))
        await both_are_recorded(house, house.calls()[-1].call_id)
        await theirs.hang_up()
        await taken.ended.within(3)
    _, call = await house.ended(2)
    assert (call.outbound, call.outcome, who(house, call)) == (True, Outcome.ANSWERED, [1, 2])
    assert [talk.lost for talk in call.talks] == [True, False]

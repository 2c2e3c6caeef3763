"""Callers on line 111 until somebody speaks with them: wait, ring off, ring again, are passed on."""

from datetime import timedelta

from hotline.clock import utc_now
from hotline.db import transaction
from hotline.events import Outcome
from intake.calls import calls as kept
from tests.pbx import soon
from tests.stories.house import House
from tests.stories.tape import taped
from tests.stories.telling import conversation, hear_each_other, offers, owner, who


@taped()
async def test_abandoned_before_anything(house: House) -> None:
    (phone,) = await house.on_duty(1)
    caller = await house.pbx.call("0912000001")
    await caller.hang_up()
    await caller.ended.within(3)
    following = await house.pbx.call("0912000002")
    ringing = await phone.rang()
    while ringing.number != "0912000002":  # an offer may have been under way
        await ringing.ended.within(3)
        ringing = await phone.rang()
    await ringing.answer()
    await hear_each_other(following, ringing)
    await soon(lambda: house.calls()[-1].answered_at is not None)
    await following.hang_up()
    first, second = await house.ended(2)
    assert (first.outcome, first.talks, first.talked) == (Outcome.ABANDONED, (), timedelta())
    assert {outcome for _, outcome in offers(first)} <= {Outcome.ABANDONED}
    assert (second.outcome, who(house, second)) == (Outcome.ANSWERED, [1])


@taped("line_abandoned")
async def test_abandoned_while_waiting_greeted_and_with_music(house: House) -> None:
    caller = await house.pbx.call("0912000001")
    await caller.answered.within(3)  # nobody is on duty: greeted
    await soon(lambda: len(house.calls()) == 1)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, call.answered_at, call.counselor) == (Outcome.ABANDONED, None, None)
    assert (call.offers, call.talks, call.record_id) == ((), (), None)
    assert call.ended_at is not None
    assert call.waited == call.ended_at - call.arrived_at > timedelta()


@taped()
async def test_abandoned_while_the_second_phone_rings(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    caller = await house.pbx.call("0912000001")
    (await first.rang()).decline()
    ringing = await second.rang()
    await caller.hang_up()
    await ringing.ended.within(3)
    (call,) = await house.ended(1)
    assert (call.outcome, call.talks) == (Outcome.ABANDONED, ())
    assert offers(call) == [("hn01", Outcome.REJECTED), ("hn02", Outcome.ABANDONED)]


@taped("line_declined")
async def test_declined_then_taken_by_the_next(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    caller = await house.pbx.call("0912000001")
    (await first.rang()).decline()
    taken = await second.rang()
    await taken.answer()
    await hear_each_other(caller, taken)
    await soon(lambda: house.calls()[0].answered_at is not None)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [2])
    assert offers(call) == [("hn01", Outcome.REJECTED), ("hn02", Outcome.ANSWERED)]
    assert len(first.history) == 1


@taped("line_again")
async def test_rings_off_and_rings_again_within_a_minute(house: House) -> None:
    (phone,) = await house.on_duty(1)
    caller = await house.pbx.call("0912000001")
    ringing = await phone.rang()
    await caller.hang_up()
    await ringing.ended.within(3)
    again = await house.pbx.call("0912000001")
    taken = await phone.rang()
    await taken.answer()
    await hear_each_other(again, taken)
    await soon(lambda: [call.answered_at is not None for call in house.calls()] == [False, True])
    with transaction(house.db) as session:
        live = house.calls()[1]
        earlier = kept.earlier(session, house.counselors[0], live.call_id, utc_now())
    assert [one.outcome for one in earlier.last] == [Outcome.ABANDONED]
    await again.hang_up()
    first, second = await house.ended(2)
    assert (first.outcome, offers(first)) == (Outcome.ABANDONED, [("hn01", Outcome.ABANDONED)])
    assert (second.outcome, who(house, second)) == (Outcome.ANSWERED, [1])
    assert second.arrived_at - first.arrived_at < timedelta(minutes=1)
    assert first.record_id != second.record_id


@taped()
async def test_rings_off_in_the_midst_of_a_talk_and_rings_again(house: House) -> None:
    """A mobile in the mountains: the second call is a call of its own, and free counselors get it."""
    first, second = await house.on_duty(1, 2)
    caller, _ = await conversation(house, first, "0912000001")
    await caller.hang_up()
    again = await house.pbx.call("0912000001")
    taken = await second.rang()
    await taken.answer()
    await hear_each_other(again, taken)
    await soon(lambda: house.calls()[-1].answered_at is not None)
    await again.hang_up()
    calls = await house.ended(2)
    assert [(call.outcome, who(house, call)) for call in calls] == [
        (Outcome.ANSWERED, [1]),
        (Outcome.ANSWERED, [2]),
    ]


@taped("line_failsafe")
async def test_nobody_routes_and_the_fallback_queue_rings_a_phone(house: House) -> None:
    """What the event log tells of the call afterwards is what its trace tells."""
    (phone,) = await house.on_duty(1)
    house.kill()
    caller = await house.pbx.call("0912000001")
    taken = await phone.rang(within=8)
    await taken.answer()
    await hear_each_other(caller, taken)
    await caller.hang_up()
    await taken.ended.within(3)
    house.start()
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1])


@taped("line_picked_up")
async def test_picked_up_for_a_colleague_whose_phone_rings(house: House) -> None:
    (first,) = await house.on_duty(1)
    second = await house.phone(2)
    caller = await house.pbx.call("0912000001")
    ringing = await first.rang()
    taken = await second.dial("*8hn01")
    await taken.answered.within(3)
    await ringing.ended.within(3)
    await hear_each_other(caller, taken)
    await soon(lambda: house.calls()[0].answered_at is not None)
    await caller.hang_up()
    await taken.ended.within(3)
    call, dialled = await house.ended(2)
    assert (call.outcome, who(house, call), owner(house)) == (Outcome.ANSWERED, [2], 2)
    assert offers(call) == [("hn01", Outcome.ANSWERED)]
    assert (dialled.internal, len(first.history)) == (True, 1)


@taped()
async def test_nothing_rings_there_to_be_picked_up(house: House) -> None:
    (phone,) = await house.on_duty(1)
    dialled = await phone.dial("*8hn02")
    await dialled.ended.within(3)
    assert not dialled.answered
    (between,) = await house.ended(1)
    assert between.internal

"""The anti-trafficking line: a number of its own, a key, or passed on by a counselor; counted apart."""

from sqlalchemy import select

from hotline.db import reading, transaction
from hotline.events import Outcome
from hotline.staff import StaffRow
from intake.tables.calls import CallRow
from tests.pbx import soon
from tests.stories.house import House
from tests.stories.tape import taped
from tests.stories.telling import conversation, hear_each_other, waits, who

NUMBER = "18001116"


def lines(house: House) -> list[str]:
    with reading(house.db) as session:
        return list(session.scalars(select(CallRow.line).order_by(CallRow.arrived_at)))


def train(house: House, number: int) -> None:
    """This counselor is for the anti-trafficking line."""
    with transaction(house.db) as session:
        session.get_one(StaffRow, house.counselors[number - 1].staff_id).skills = "trafficking"


@taped("line_second_number")
async def test_its_own_number_rings_who_is_trained_for_it(house: House) -> None:
    train(house, 2)
    first, second = await house.on_duty(1, 2)
    caller = await house.pbx.call("0912000001", to=NUMBER)
    taken = await second.rang()
    await taken.answer()
    await hear_each_other(caller, taken)
    assert first.history == []
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [2])
    assert lines(house) == ["trafficking"]


@taped("line_passed_to_second")
async def test_a_counselor_passes_the_caller_on(house: House) -> None:
    """One call all along: it only counts for the other line now."""
    train(house, 2)
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first)
    assert lines(house) == ["child"]
    assert await talking.refer("1117") == 202
    taken = await second.rang()
    await taken.answer()
    await hear_each_other(caller, taken)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1, 2])
    assert lines(house) == ["trafficking"]


@taped("line_star_7")
async def test_a_counselor_presses_star_7_and_a_caller_in_a_talk_may_not(house: House) -> None:
    train(house, 2)
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first)
    pressed = caller.audio.sent
    caller.audio.press("*7")
    await soon(lambda: caller.audio.sent > pressed + 50)  # a second later nothing has come of it
    await hear_each_other(caller, talking)
    assert (second.history, lines(house)) == ([], ["child"])
    talking.audio.press("*7")
    taken = await second.rang()
    await taken.answer()
    await hear_each_other(caller, taken)
    assert talking.ended
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1, 2])
    assert lines(house) == ["trafficking"]


@taped()
async def test_who_waits_presses_star_7(house: House) -> None:
    caller = await waits(house)
    caller.audio.press("7")
    caller.audio.press("*7")
    await soon(lambda: lines(house) == ["trafficking"])
    (phone,) = await house.on_duty(1)
    taken = await phone.rang()
    await taken.answer()
    await hear_each_other(caller, taken)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (who(house, call), lines(house)) == ([1], ["trafficking"])


@taped()
async def test_with_a_dead_switchboard_its_calls_are_counted_for_it_too(house: House) -> None:
    (phone,) = await house.on_duty(1)
    house.kill()
    caller = await house.pbx.call("0912000001", to=NUMBER)
    taken = await phone.rang(within=8)
    await taken.answer()
    await hear_each_other(caller, taken)
    await caller.hang_up()
    await taken.ended.within(3)
    house.start()
    await house.ended(1)
    assert lines(house) == ["trafficking"]

"""Who must wait is greeted, hears music, and may ask for a call or leave a message."""

from hotline.events import Outcome
from telephony.softphone.sound import share
from tests.pbx import CALLER_TONE, soon
from tests.stories.house import House
from tests.stories.tape import taped
from tests.stories.telling import conversation, hear_each_other, hears, message, row, tasks, waits, who


@taped("line_called_back")
async def test_presses_1_and_is_promised_a_call(house: House) -> None:
    caller = await waits(house)
    caller.audio.press("1")
    await hears(caller, "promised")
    await soon(lambda: len(tasks(house)) == 1)
    assert not caller.ended
    await caller.hang_up()
    (call,) = await house.ended(1)
    (task,) = tasks(house)
    assert (call.outcome, call.answered_at) == (Outcome.ABANDONED, None)
    assert (task.number, task.calls, task.closed_at) == ("+84912000001", 1, None)
    assert task.promised_at == row(house).callback_asked_at is not None


@taped("line_message")
async def test_presses_2_and_leaves_a_message(house: House) -> None:
    caller = await waits(house)
    caller.audio.press("2")
    await hears(caller, "message")
    await soon(lambda: row(house).message_at is not None)
    (task,) = tasks(house)
    assert task.message_call_id == row(house).id
    caller.audio.press("7")  # only # ends it
    await soon(lambda: share(message(house)[-2400:], CALLER_TONE) > 0.5)
    caller.audio.press("#")
    await hears(caller, "left")
    await caller.hang_up()
    await house.ended(1)
    assert share(message(house), CALLER_TONE) > 0.5


@taped()
async def test_who_rings_off_in_the_midst_of_a_message_has_left_it(house: House) -> None:
    caller = await waits(house)
    caller.audio.press("2")
    await soon(lambda: row(house).message_at is not None)
    await soon(lambda: share(message(house)[-2400:], CALLER_TONE) > 0.5)
    await caller.hang_up()
    await house.ended(1)
    assert share(message(house), CALLER_TONE) > 0.5
    assert [task.message_call_id for task in tasks(house)] == [row(house).id]


@taped()
async def test_with_a_withheld_number_nobody_can_be_called_back_and_nobody_is_promised_it(
    house: House,
) -> None:
    caller = await waits(house, None)
    caller.audio.press("1")
    await hears(caller, "withheld")
    caller.audio.press("2")
    await soon(lambda: row(house).message_at is not None)
    await caller.hang_up()
    await house.ended(1)
    assert (row(house).callback_asked_at, tasks(house)) == (None, [])


@taped()
async def test_other_keys_do_nothing_and_a_silent_caller_stays(house: House) -> None:
    caller = await waits(house)
    caller.audio.press("*903#")
    await hears(caller, "heard", within=8)
    assert not caller.ended
    (phone,) = await house.on_duty(1)
    ringing = await phone.rang()
    await ringing.answer()
    await hear_each_other(caller, ringing)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call), tasks(house)) == (Outcome.ANSWERED, [1], [])


@taped()
async def test_a_counselor_who_gets_free_takes_the_caller_out_of_a_prompt(
    house: House,
) -> None:
    """Also out of the one before a message: nobody waits for the end of a recording."""
    for number, keys in enumerate(("1", "2"), 1):
        caller = await waits(house, f"091200000{number}")
        caller.audio.press(keys)
        await hears(caller, {"1": "promised", "2": "message"}[keys])
        phone = await house.phone(number)
        await house.available(number)
        ringing = await phone.rang()
        await ringing.answer()
        await hear_each_other(caller, ringing)
        await caller.hang_up()
    calls = await house.ended(2)
    assert [who(house, call) for call in calls] == [[1], [2]]


@taped()
async def test_keys_work_in_the_fallback_queue_and_the_database_knows_afterwards(house: House) -> None:
    """The switchboard is dead and the only counselor talks."""
    (phone,) = await house.on_duty(1)
    talking, _ = await conversation(house, phone)
    caller = await waits(house, "0912000002")
    house.kill()
    await soon(lambda: "Queue(" in house.pbx.console("core show channels"))
    caller.audio.press("1")
    await hears(caller, "promised")
    caller.audio.press("2")
    await hears(caller, "beep")
    await soon(lambda: len(message(house)) > 0)
    await caller.hang_up()
    await talking.hang_up()
    await caller.ended.within(3)
    assert (row(house).callback_asked_at, tasks(house)) == (None, [])
    house.start()
    await house.ended(2)
    (task,) = tasks(house)
    assert (task.message_call_id, task.promised_at) == (row(house).id, row(house).callback_asked_at)

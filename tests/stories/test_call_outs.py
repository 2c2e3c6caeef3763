"""Call-backs: who rang off in vain is owed one call, and a counselor makes it from the desk."""

import signal
import wave

import pytest

from hotline import bus
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.events import Outcome
from intake.calls import calls_out
from intake.calls.callback_rules import Safe
from intake.tables.callbacks import CallbackEventRow, CallbackRow
from routing.choices import Choice
from telephony.softphone.incoming import IncomingCall
from tests.pbx import OUTSIDE_TONE, PROMPT_TONES, phone_tone, soon
from tests.stories.conftest import told
from tests.stories.house import House
from tests.stories.tape import taped
from tests.stories.telling import asks, both_are_recorded, conversation, who

CHILD = "0912000001"


async def lost(house: House, number: str = CHILD) -> None:
    """Somebody rings 111, is greeted, and gives up."""
    caller = await house.pbx.call(number)
    await caller.answered.within(3)
    await caller.hang_up()
    await soon(lambda: owed(house))


def owed(house: House) -> list[CallbackRow]:
    with reading(house.db) as session:
        return list(session.query(CallbackRow).order_by(CallbackRow.id))


def deeds(house: House) -> list[str]:
    with reading(house.db) as session:
        return [row.kind for row in session.query(CallbackEventRow).order_by(CallbackEventRow.id)]


def press_call(house: House, counselor: int, times: int = 1) -> None:
    """The desk's button, after the question whether it is safe."""
    with transaction(house.db) as session:
        viewer = house.counselors[counselor - 1]
        signals = calls_out.ask(session, viewer, "+84912000001", Safe.JUST_RANG, "", utc_now())
    for _ in range(times):
        bus.publish(signals)


async def called_back(house: House) -> tuple[IncomingCall, IncomingCall]:
    """The first counselor calls the child back, and they talk: the call at either phone. The counselor's
    RTP numbers begin above those of other phones."""
    await lost(house)
    telco, phone = await house.outside(), await house.phone(1)
    press_call(house, 1)
    mine = await phone.rang()
    mine.audio.sequence = 15000
    await mine.answer()
    theirs = await telco.rang()
    await theirs.answer()
    await soon(lambda: mine.audio.hears(OUTSIDE_TONE))
    await soon(lambda: len(house.calls()[-1].talks) == 1)
    return mine, theirs


@taped()
async def test_who_gave_up_waiting_is_owed_a_call_until_they_ring_again_and_talk(house: House) -> None:
    await lost(house)
    (task,) = owed(house)
    assert (task.number, task.calls, task.closed_at) == ("+84912000001", 1, None)
    (phone,) = await house.on_duty(1)
    caller, _ = await conversation(house, phone, CHILD)
    await soon(lambda: owed(house)[0].closed_as == "rang_again")
    await caller.hang_up()
    await house.ended(2)


@taped("desk_answered")
async def test_called_back_from_the_desk_both_hear_each_other_and_the_task_is_closed(
    house: House,
) -> None:
    await lost(house)
    telco = await house.outside()
    phone = await house.phone(1)
    press_call(house, 1, times=3)
    mine = await phone.rang()
    assert mine.number == CHILD
    assert telco.history == []  # nobody is rung before the counselor is there
    await mine.answer()
    theirs = await telco.rang()
    assert (theirs.dialled, theirs.number, theirs.name) == (CHILD, "111", "")
    made = house.calls()[-1]
    assert (made.outbound, made.number, made.answered_at) == (True, "+84912000001", None)
    assert made.record_id is not None
    await theirs.answer()
    await soon(lambda: mine.audio.hears(OUTSIDE_TONE))
    await soon(lambda: theirs.audio.hears(phone_tone("hn01")))
    await soon(lambda: owed(house)[0].closed_as == "reached")
    await theirs.hang_up()
    await mine.ended.within(3)
    _, call = await house.ended(2)
    assert (call.outcome, call.record_id) == (Outcome.ANSWERED, made.record_id)
    assert [house.number_of(talk.counselor.id) for talk in call.talks if talk.counselor] == [1]
    assert len(phone.history) == 1  # three signals, one ring
    assert deeds(house) == ["reached"]
    await soon(lambda: recorded(house, call.call_id, "in") > 1000)
    assert recorded(house, call.call_id, "out") == recorded(house, call.call_id, "in")


def recorded(house: House, call_id: str, side: str) -> int:
    """Frames of one side's recording."""
    with wave.open(str(house.pbx.settings.spool_dir / f"{call_id}-{side}.wav")) as file:
        return int(file.getnframes())


@pytest.mark.parametrize(
    ("status", "outcome", "deed"), [(486, Outcome.BUSY, "busy"), (603, Outcome.REJECTED, "rejected")]
)
def test_busy_or_declined_the_task_stays(house: House, status: int, outcome: Outcome, deed: str) -> None:
    @taped("desk_busy" if status == 486 else "")
    async def story(house: House) -> None:
        await lost(house)
        telco = await house.outside()
        phone = await house.phone(1)
        press_call(house, 1)
        await (await phone.rang()).answer()
        (await telco.rang()).decline(status)
        _, call = await house.ended(2)
        assert (call.outcome, call.talks, call.recording) == (outcome, (), None)
        assert ([task.closed_at for task in owed(house)], deeds(house)) == ([None], [deed])

    story(house)


@taped("desk_no_answer")
async def test_nobody_answers_and_the_counselor_gives_up(house: House) -> None:
    await lost(house)
    telco = await house.outside()
    phone = await house.phone(1)
    press_call(house, 1)
    mine = await phone.rang()
    await mine.answer()
    theirs = await telco.rang()
    await soon(lambda: house.calls()[-1].offers)
    await mine.hang_up()
    await theirs.ended.within(3)
    _, call = await house.ended(2)
    assert (call.outcome, call.talks) == (Outcome.NO_ANSWER, ())
    assert [offer.outcome for offer in call.offers] == [Outcome.ABANDONED]
    assert deeds(house) == ["no_answer"]


@taped("desk_own_phone")
async def test_the_counselor_does_not_pick_up_and_nobody_outside_is_rung(house: House) -> None:
    await lost(house)
    telco = await house.outside()
    phone = await house.phone(1)
    press_call(house, 1)
    (await phone.rang()).decline()
    _, call = await house.ended(2)
    assert (call.outcome, call.offers, call.talks) == (Outcome.REJECTED, (), ())
    assert deeds(house) == ["own_phone"]
    assert telco.history == []
    assert call.counselor is None
    assert call.outbound


@told
async def test_a_phone_out_of_reach_says_so_at_once(house: House) -> None:
    press_call(house, 2)
    (call,) = await house.ended(1, within=4)
    assert (call.outcome, call.outbound) == (Outcome.FAILED, True)


@taped()
async def test_the_switchboard_is_killed_while_they_talk_and_the_call_is_on_record_once(
    house: House,
) -> None:
    telco = await house.outside()
    phone = await house.phone(1)
    press_call(house, 1)
    mine = await phone.rang()
    await mine.answer()
    theirs = await telco.rang()
    house.signal(signal.SIGKILL)
    await theirs.answer()
    await soon(lambda: mine.audio.hears(OUTSIDE_TONE))
    await theirs.hang_up()
    await mine.ended.within(3)
    house.start()
    (call,) = await house.ended(1)
    assert (call.outcome, call.outbound, call.number) == (Outcome.ANSWERED, True, "+84912000001")
    assert [house.number_of(talk.counselor.id) for talk in call.talks if talk.counselor] == [1]
    assert call.record_id is not None


@taped()
async def test_a_wish_whose_signal_was_lost_is_found_and_rung_once(house: House) -> None:
    phone = await house.phone(1)
    press_call(house, 1, times=0)
    (await phone.rang(within=8)).decline()
    await house.ended(1)
    assert len(phone.history) == 1


@taped("desk_passed_on")
async def test_who_was_called_back_and_is_passed_on_is_recorded_further_and_never_hung_up_on(
    house: House,
) -> None:
    """The colleague declines: they wait like a caller, and the next who is free has them."""
    colleague = await house.phone(2)
    mine, theirs = await called_back(house)
    assert await mine.refer("hn02") == 202
    (await colleague.rang()).decline()
    await soon(lambda: theirs.audio.hears(PROMPT_TONES["music"], 0.3))
    house.choose(Choice.AVAILABLE, 2)
    again = await colleague.rang(within=8)
    await again.answer()
    await soon(lambda: again.audio.hears(OUTSIDE_TONE))
    await soon(lambda: theirs.audio.hears(phone_tone("hn02")))
    await soon(lambda: len(house.calls()[-1].talks) == 2)
    await both_are_recorded(house, house.calls()[-1].call_id)
    await theirs.hang_up()
    await again.ended.within(3)
    _, call = await house.ended(2)
    assert (call.outbound, call.outcome, who(house, call)) == (True, Outcome.ANSWERED, [1, 2])


@taped()
async def test_who_was_called_back_is_left_to_a_colleague_who_was_asked_and_recorded_further(
    house: House,
) -> None:
    colleague = await house.phone(2)
    mine, theirs = await called_back(house)
    asking, asked = await asks(mine, colleague)
    asked.audio.sequence = 1000
    await asked.answer()
    await asking.answered.within(3)
    assert await mine.refer_to_call(asking) == 202
    await mine.ended.within(3)
    await soon(lambda: theirs.audio.hears(phone_tone("hn02")))
    await both_are_recorded(house, house.calls()[1].call_id)
    await theirs.hang_up()
    await asked.ended.within(3)
    await house.ended(3)


@taped()
async def test_who_was_called_back_is_left_to_a_colleague_whose_phone_rings_and_recorded_further(
    house: House,
) -> None:
    colleague = await house.phone(2)
    mine, theirs = await called_back(house)
    asking, asked = await asks(mine, colleague)
    await asking.rang.within(3)
    assert await mine.refer_to_call(asking) == 202
    await mine.ended.within(3)
    asked.audio.sequence = 1000
    await asked.answer()
    await soon(lambda: theirs.audio.hears(phone_tone("hn02")))
    await both_are_recorded(house, house.calls()[1].call_id)
    await theirs.hang_up()
    await asked.ended.within(3)
    await house.ended(3)

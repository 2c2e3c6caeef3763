"""What happens while people talk: hold, transfers, colleagues asked. Real Asterisk and switchboard;
what a story says about a call is read from the database."""

from datetime import timedelta

from hotline.events import Outcome, TransferKind
from intake.calls.yes_no import Answer
from routing.choices import Choice
from telephony.softphone.call import Call
from tests.pbx import soon
from tests.stories.house import House
from tests.stories.tape import taped
from tests.stories.telling import (
    asks,
    both_are_recorded,
    conversation,
    hear_each_other,
    leaves_to_who_declines,
    offers,
    owner,
    spans,
    who,
)

ZERO = timedelta()


@taped("line_answered")
async def test_answered_and_the_caller_rings_off(house: House) -> None:
    (phone,) = await house.on_duty(1)
    caller, talking = await conversation(house, phone)
    await caller.hang_up()
    await talking.ended.within(3)
    (call,) = await house.ended(1)
    assert (call.outcome, call.cause, call.internal) == (Outcome.ANSWERED, 16, False)
    assert who(house, call) == [1]
    assert spans(call) == call.talked > ZERO
    assert (call.held, call.transfers) == (ZERO, ())


@taped()
async def test_answered_and_the_counselor_rings_off(house: House) -> None:
    (phone,) = await house.on_duty(1)
    caller, talking = await conversation(house, phone)
    await talking.hang_up()
    await caller.ended.within(3)
    (call,) = await house.ended(1)
    assert (call.outcome, call.cause) == (Outcome.ANSWERED, 16)
    assert who(house, call) == [1]
    assert spans(call) == call.talked > ZERO


@taped()
async def test_a_caller_who_cannot_speak_answers_with_keys(house: House) -> None:
    (phone,) = await house.on_duty(1)
    caller, talking = await conversation(house, phone)
    house.ask(1, "Con có nghe rõ không?")
    caller.audio.press("1")
    await soon(lambda: house.answers() == [Answer.YES])
    house.ask(1, "Có ai ở gần con không?")
    talking.audio.press("1")  # the counselor's own keys answer nothing
    caller.audio.press("2")
    await soon(lambda: house.answers() == [Answer.YES, Answer.NO])
    await hear_each_other(caller, talking)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert who(house, call) == [1]


@taped("line_hold")
async def test_on_hold_and_back(house: House) -> None:
    (phone,) = await house.on_duty(1)
    caller, talking = await conversation(house, phone)
    await talking.hold()
    await soon(lambda: [len(call.holds) for call in house.calls()] == [1])
    await talking.resume()
    await hear_each_other(caller, talking)
    await soon(lambda: house.calls()[0].holds[0].ended_at is not None)
    await caller.hang_up()
    (call,) = await house.ended(1)
    (hold,) = call.holds
    assert hold.counselor is not None
    assert house.number_of(hold.counselor.id) == 1
    assert ZERO < call.held < call.talked
    assert who(house, call) == [1]


@taped()
async def test_the_caller_rings_off_while_on_hold(house: House) -> None:
    (phone,) = await house.on_duty(1)
    caller, talking = await conversation(house, phone)
    await talking.hold()
    await soon(lambda: [len(call.holds) for call in house.calls()] == [1])
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert call.outcome is Outcome.ANSWERED
    assert [hold.ended_at for hold in call.holds] == [talk.ended_at for talk in call.talks]


@taped()
async def test_the_switchboard_is_restarted_while_a_caller_is_on_hold(house: House) -> None:
    (phone,) = await house.on_duty(1)
    caller, talking = await conversation(house, phone)
    await talking.hold()
    await soon(lambda: [len(call.holds) for call in house.calls()] == [1])
    house.kill()
    house.start()
    await talking.resume()
    await soon(lambda: house.calls()[0].holds[0].ended_at is not None)
    await hear_each_other(caller, talking)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert who(house, call) == [1]
    assert len(call.holds) == 1
    assert timedelta() < call.held < call.talked


# -- blind transfers ----------------------------------------------------------------------------------


@taped("line_blind")
async def test_blind_transfer_to_a_colleague(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first)
    assert await talking.refer("hn02") == 202
    taken = await second.rang()
    await taken.answer()
    await hear_each_other(caller, taken)
    await talking.ended.within(3)
    await soon(lambda: owner(house) == 2)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1, 2])
    (transfer,) = call.transfers
    assert transfer.kind is TransferKind.BLIND
    assert transfer.by.startswith("PJSIP/hn01-")
    assert transfer.to.startswith("PJSIP/hn02-")
    assert spans(call) > call.talked > ZERO  # while it rang there was no talk


@taped()
async def test_after_a_transfer_the_first_counselor_is_free_and_the_second_engaged(house: House) -> None:
    first, second = await house.on_duty(2, 1)
    caller, talking = await conversation(house, first)
    await talking.refer("hn01")
    taken = await second.rang()
    next_caller = await house.pbx.call("0912000002")  # while the transfer rings
    next_rings = await first.rang()
    assert next_rings.number == "0912000002"
    await taken.answer()
    await next_rings.answer()
    await hear_each_other(caller, taken)
    await hear_each_other(next_caller, next_rings)
    await soon(lambda: len(house.calls()[1].talks) == 1)
    await caller.hang_up()
    await next_caller.hang_up()
    calls = await house.ended(2)
    assert [who(house, call) for call in calls] == [[2, 1], [2]]
    assert (len(first.history), len(second.history)) == (2, 1)


@taped("line_blind_refused")
async def test_blind_transfer_declined_comes_back_to_the_line(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first)
    await talking.refer("hn02")
    (await second.rang()).decline()
    await talking.ended.within(3)
    again = await first.rang()  # whoever has not declined this caller
    await again.answer()
    await hear_each_other(caller, again)
    await soon(lambda: len(house.calls()[0].talks) == 2)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call), owner(house)) == (Outcome.ANSWERED, [1, 1], 1)
    assert offers(call) == [
        ("hn01", Outcome.ANSWERED),
        ("hn02", Outcome.REJECTED),
        ("hn01", Outcome.ANSWERED),
    ]
    (transfer,) = call.transfers
    assert transfer.to.startswith("PJSIP/hn02-")
    assert spans(call) > call.talked


@taped("line_blind_to_nobody")
async def test_blind_transfer_to_nobody_comes_back_to_the_line(house: House) -> None:
    (phone,) = await house.on_duty(1)
    caller, talking = await conversation(house, phone)
    await talking.refer("hn04")  # not registered
    await talking.ended.within(3)
    again = await phone.rang()
    await again.answer()
    await hear_each_other(caller, again)
    await soon(lambda: len(house.calls()[0].talks) == 2)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1, 1])
    (transfer,) = call.transfers
    assert (transfer.kind, transfer.to) == (TransferKind.BLIND, "hn04")


@taped()
async def test_who_comes_back_from_a_transfer_has_the_old_place_in_the_line(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first, "0912000001")
    other, occupied = await conversation(house, second, "0912000002")
    later = await house.pbx.call("0912000003")
    await later.answered.within(3)  # greeted: has to wait
    house.choose(Choice.BREAK, 1)
    await soon(lambda: house.queue_members() == {"hn02"})
    await talking.refer("hn04")
    await soon(lambda: house.calls()[0].transfers)
    assert not caller.ended
    await occupied.hang_up()
    await other.ended.within(3)
    taken = await second.rang()
    assert taken.number == "0912000001"
    await taken.answer()
    await hear_each_other(caller, taken)
    await soon(lambda: owner(house) == 2)
    await later.hang_up()
    await caller.hang_up()
    calls = await house.ended(3)
    assert [(call.outcome, who(house, call)) for call in calls] == [
        (Outcome.ANSWERED, [1, 2]),
        (Outcome.ANSWERED, [2]),
        (Outcome.ABANDONED, []),
    ]


@taped()
async def test_blind_transfer_to_a_number_that_is_none_is_refused_and_the_talk_goes_on(
    house: House,
) -> None:
    (phone,) = await house.on_duty(1)
    caller, talking = await conversation(house, phone)
    await talking.refer("9999")
    await soon(lambda: any(" 404 " in line for line in talking.transfer_progress))
    assert not talking.ended
    await hear_each_other(caller, talking)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (who(house, call), call.transfers) == ([1], ())


@taped()
async def test_back_to_the_line_by_hand(house: House) -> None:
    """A counselor sends the caller to 111: whoever is free takes over."""
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first)
    await talking.refer("111")
    await talking.ended.within(3)
    taken = await second.rang()
    await taken.answer()
    await hear_each_other(caller, taken)
    await soon(lambda: owner(house) == 2)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (who(house, call), [transfer.to for transfer in call.transfers]) == ([1, 2], ["111"])


@taped()
async def test_the_caller_rings_off_while_the_transfer_rings(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first)
    await talking.refer("hn02")
    ringing = await second.rang()
    await talking.ended.within(3)
    await caller.hang_up()
    await ringing.ended.within(3)
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call), owner(house)) == (Outcome.ANSWERED, [1], 1)
    assert offers(call) == [("hn01", Outcome.ANSWERED), ("hn02", Outcome.ABANDONED)]
    assert len(call.transfers) == 1


# -- a colleague is asked first -----------------------------------------------------------------------


@taped("line_attended")
async def test_attended_transfer(house: House) -> None:
    """Both counselors are in the recording, also when the second phone's RTP numbers are below the
    first one's: of such a phone Asterisk's recording alone would have nothing."""
    first, second = await house.on_duty(1, 2)
    caller = await house.pbx.call("0912000001")
    talking = await first.rang()
    talking.audio.sequence = 15000
    await talking.answer()
    await hear_each_other(caller, talking)
    asking, asked = await asks(talking, second)
    asked.audio.sequence = 1000
    await asked.answer()
    await asking.answered.within(3)
    assert await talking.refer_to_call(asking) == 202
    await talking.ended.within(3)
    await asking.ended.within(3)
    await hear_each_other(caller, asked)
    await soon(lambda: owner(house) == 2)
    await both_are_recorded(house, house.calls()[0].call_id)
    await asked.hang_up()
    await caller.ended.within(3)
    call, consultation = await house.ended(2)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1, 2])
    (transfer,) = call.transfers
    assert transfer.kind is TransferKind.ATTENDED
    assert transfer.by.startswith("PJSIP/hn01-")
    assert transfer.to.startswith("PJSIP/hn02-")
    assert ZERO < call.held < call.talked
    assert spans(call) >= call.talked
    assert (consultation.internal, consultation.record_id) == (True, None)


@taped()
async def test_a_colleague_is_asked_and_the_counselor_goes_on_alone(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first)
    asking, asked = await asks(talking, second)
    await asked.answer()
    await asking.answered.within(3)
    await soon(lambda: len(house.calls()) == 2)
    await asking.hang_up()
    await asked.ended.within(3)
    await talking.resume()
    await hear_each_other(caller, talking)
    await caller.hang_up()
    call, consultation = await house.ended(2)
    assert (who(house, call), call.transfers, owner(house)) == ([1], (), 1)
    assert ZERO < call.held < call.talked
    assert (consultation.internal, who(house, consultation)) == (True, [2])


@taped()
async def test_who_is_asked_or_asks_is_offered_no_caller_meanwhile(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first)
    asking, asked = await asks(talking, second)
    await asked.answer()
    await asking.answered.within(3)
    waiting = await house.pbx.call("0912000002")
    await waiting.answered.within(3)  # greeted: nobody is free
    assert (len(first.history), len(second.history)) == (1, 1)
    await asking.hang_up()
    taken = await second.rang()
    assert taken.number == "0912000002"
    await taken.answer()
    await hear_each_other(waiting, taken)
    await soon(lambda: sum(len(call.talks) for call in house.calls() if not call.internal) == 2)
    await waiting.hang_up()
    await caller.hang_up()
    calls = await house.ended(3)
    assert [who(house, call) for call in calls if not call.internal] == [[1], [2]]


@taped("line_blonde")
async def test_transfer_while_the_colleague_still_rings(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first)
    asking, asked = await asks(talking, second)
    await asking.rang.within(3)
    assert await talking.refer_to_call(asking) == 202
    await talking.ended.within(3)
    await asked.answer()
    await hear_each_other(caller, asked)
    await soon(lambda: owner(house) == 2)
    await caller.hang_up()
    call, consultation = await house.ended(2)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1, 2])
    (transfer,) = call.transfers
    assert transfer.kind is TransferKind.BLONDE
    assert transfer.to.startswith("PJSIP/hn02-")
    assert call.held > ZERO
    assert consultation.internal


@taped("line_blonde_refused")
async def test_transfer_while_the_colleague_rings_who_then_declines(house: House) -> None:
    """The caller stands in the middle of the counselor's own Dial: they come back to the line."""
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first)
    await leaves_to_who_declines(caller, talking, first, second)
    await soon(lambda: len(house.calls()[0].talks) == 2)
    await caller.hang_up()
    call, consultation = await house.ended(2)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1, 1])
    assert [transfer.kind for transfer in call.transfers] == [TransferKind.BLONDE]
    assert ("hn02", Outcome.REJECTED) in offers(call)
    assert consultation.internal


# -- colleagues among themselves ----------------------------------------------------------------------


@taped()
async def test_a_call_between_colleagues_is_no_callers_call(house: House) -> None:
    first, second, third = await house.on_duty(1, 2, 3)
    ringing: Call = await first.dial("hn02")
    asked = await second.rang()
    await asked.answer()
    await ringing.answered.within(3)
    await soon(lambda: [call.answered_at is not None for call in house.calls()] == [True])
    caller = await house.pbx.call("0912000002")
    taken = await third.rang()  # the first two have been free longer, but talk
    await taken.answer()
    await hear_each_other(caller, taken)
    await soon(lambda: len(house.calls()[1].talks) == 1)
    await ringing.hang_up()
    await caller.hang_up()
    between, call = await house.ended(2)
    assert (between.internal, between.record_id, between.recording) == (True, None, None)
    assert (call.internal, who(house, call)) == (False, [3])
    assert len(first.history) == 0

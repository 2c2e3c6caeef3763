"""An interpreter is brought into a talk; a shift lead attends one. Real Asterisk and switchboard."""

from datetime import timedelta

from hotline.clock import utc_now
from hotline.events import Mode, Outcome, TransferKind
from hotline.ids import Part
from intake.calls import lead_wishes
from intake.calls.line_wishes import State, Wanted
from telephony.softphone import Caller, SoftPhone
from telephony.softphone.call import Call
from telephony.softphone.incoming import IncomingCall
from tests.pbx import CALLER_TONE, OUTSIDE_TONE, phone_tone, soon
from tests.stories.conftest import told
from tests.stories.house import House
from tests.stories.tape import taped
from tests.stories.telling import conversation, hear_each_other, hears, is_heard, offers, owner, who

NUMBER = "0987654321"


def parts(house: House) -> list[tuple[str, Part, bool]]:
    """Who talks or talked with the first caller: phone, as what, and whether they still do."""
    return [(talk.phone, talk.part, talk.ended_at is None) for talk in house.calls()[0].talks]


async def interpreted(
    house: House, telco: SoftPhone, phone: SoftPhone
) -> tuple[Caller, Call, IncomingCall]:
    """Caller, counselor and an interpreter outside, who all hear each other."""
    caller, talking = await conversation(house, phone)
    house.ask_interpreter(1, house.interpreter(NUMBER))
    ringing = await telco.rang()
    assert (ringing.dialled, ringing.number) == (NUMBER, "111")
    await soon(lambda: house.interpreting() == [State.RINGING])
    await hear_each_other(caller, talking)  # meanwhile
    await ringing.answer()
    await soon(lambda: caller.audio.hears(OUTSIDE_TONE, among=2))
    await soon(lambda: talking.audio.hears(OUTSIDE_TONE, among=2))
    await soon(lambda: ringing.audio.hears(CALLER_TONE, among=2))
    await soon(lambda: ringing.audio.hears(phone_tone(phone.identity), among=2))
    await soon(lambda: house.interpreting() == [State.TALKING])
    return caller, talking, ringing


@taped("line_interpreter")
async def test_an_interpreter_joins_leaves_and_the_two_go_on(house: House) -> None:
    telco = await house.outside()
    (phone,) = await house.on_duty(1)
    caller, talking, interpreter = await interpreted(house, telco, phone)
    await interpreter.hang_up()
    await soon(lambda: house.interpreting() == [State.OVER])
    await hear_each_other(caller, talking)
    await talking.hang_up()
    await caller.ended.within(3)
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call), owner(house)) == (Outcome.ANSWERED, [1, None], 1)
    assert [talk.part for talk in call.talks] == [Part.COUNSELOR, Part.INTERPRETER]
    counselor, between = call.talks
    assert counselor.began_at < between.began_at
    assert between.ended_at is not None
    assert counselor.ended_at is not None
    assert between.ended_at < counselor.ended_at
    assert offers(call) == [("hn01", Outcome.ANSWERED), ("telco", Outcome.ANSWERED)]
    recorded = house.pbx.settings.spool_dir / f"{call.call_id}-out.wav"
    await soon(lambda: is_heard(recorded, OUTSIDE_TONE))


@taped("line_interpreter_left")
async def test_left_with_the_interpreter_the_caller_comes_back_to_the_line(house: House) -> None:
    telco = await house.outside()
    (phone,) = await house.on_duty(1)
    caller, talking, interpreter = await interpreted(house, telco, phone)
    await talking.hang_up()
    again = await phone.rang()
    await interpreter.ended.within(3)
    await again.answer()
    await hear_each_other(caller, again)
    await soon(lambda: [part for _, part, _ in parts(house)].count(Part.COUNSELOR) == 2)
    await again.hang_up()
    await caller.ended.within(3)
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1, None, 1])


@taped()
async def test_nobody_routes_and_the_interpreter_goes_last(house: House) -> None:
    """The caller is not dropped with the interpreter: the fallback queue rings a phone."""
    telco = await house.outside()
    (phone,) = await house.on_duty(1)
    caller, talking, interpreter = await interpreted(house, telco, phone)
    house.kill()
    await talking.hang_up()
    await talking.ended.within(3)
    await soon(lambda: caller.audio.hears(OUTSIDE_TONE))
    await interpreter.hang_up()
    again = await phone.rang(within=8)
    await again.answer()
    await hear_each_other(caller, again)
    house.start()
    await soon(lambda: len(house.calls()[0].talks) >= 2)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert call.outcome is Outcome.ANSWERED
    assert owner(house) == 1


@taped("line_interpreter_refused")
async def test_an_interpreter_who_cannot_come(house: House) -> None:
    """On a phone of the house, which declines; then nobody is registered there; the talk goes on."""
    (phone,) = await house.on_duty(1)
    colleague = await house.phone(2)
    caller, talking = await conversation(house, phone)
    at_home = house.interpreter("hn02")
    house.ask_interpreter(1, at_home)
    (await colleague.rang()).decline()
    await soon(lambda: house.interpreting() == [State.REJECTED])
    house.ask_interpreter(1, house.interpreter("hn04"))
    await soon(lambda: house.interpreting() == [State.REJECTED, State.FAILED])
    house.ask_interpreter(1, at_home)
    ringing = await colleague.rang()
    await soon(lambda: house.interpreting()[-1] is State.RINGING)
    house.dismiss_interpreter(1)
    await ringing.ended.within(3)
    await hear_each_other(caller, talking)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (who(house, call), owner(house)) == ([1], 1)


@taped()
async def test_the_caller_rings_off_while_the_interpreter_rings(house: House) -> None:
    telco = await house.outside()
    (phone,) = await house.on_duty(1)
    caller, _ = await conversation(house, phone)
    house.ask_interpreter(1, house.interpreter(NUMBER))
    ringing = await telco.rang()
    await caller.hang_up()
    await ringing.ended.within(3)
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1])


@taped("line_interpreter_passed_on")
async def test_transferred_in_the_midst_of_three_the_caller_reaches_the_colleague(house: House) -> None:
    telco = await house.outside()
    first, second = await house.on_duty(1, 2)
    caller, talking, interpreter = await interpreted(house, telco, first)
    await talking.refer("hn02")
    taken = await second.rang()
    await taken.answer()
    await soon(lambda: caller.audio.hears(phone_tone("hn02"), among=2))  # the interpreter is there too
    await soon(lambda: taken.audio.hears(CALLER_TONE, among=2))
    await soon(lambda: owner(house) == 2)
    await caller.hang_up()
    await taken.ended.within(3)
    await interpreter.ended.within(3)
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1, None, 2])
    assert [transfer.kind for transfer in call.transfers] == [TransferKind.BLIND]


@taped()
async def test_transferred_in_the_midst_of_three_to_who_declines_the_caller_comes_back(
    house: House,
) -> None:
    telco = await house.outside()
    first, second = await house.on_duty(1, 2)
    caller, talking, interpreter = await interpreted(house, telco, first)
    await talking.refer("hn02")
    (await second.rang()).decline()
    again = await first.rang()
    await interpreter.ended.within(3)
    await again.answer()
    await hear_each_other(caller, again)
    await soon(lambda: len(house.calls()[0].talks) == 3)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1, None, 1])


@taped()
async def test_the_switchboard_is_restarted_in_the_midst_of_three(house: House) -> None:
    telco = await house.outside()
    (phone,) = await house.on_duty(1)
    caller, talking, interpreter = await interpreted(house, telco, phone)
    house.kill()
    await talking.hang_up()
    await talking.ended.within(3)
    house.start()  # and sees the caller with the interpreter alone
    again = await phone.rang()
    await interpreter.ended.within(3)
    await again.answer()
    await hear_each_other(caller, again)
    await caller.hang_up()
    (call,) = await house.ended(1)
    assert [talk.part for talk in call.talks].count(Part.INTERPRETER) == 1
    assert owner(house) == 1


# -- a colleague ----------------------------------------------------------------------------------------


async def accompanied(house: House, caller: Caller, talking: Call, phone: SoftPhone) -> IncomingCall:
    """The first counselor asks the second into the talk, and all three hear each other."""
    house.ask_colleague(1, 2)
    ringing = await phone.rang()
    assert ringing.number == "111"
    await ringing.answer()
    await soon(lambda: caller.audio.hears(phone_tone("hn02"), among=2))
    await soon(lambda: talking.audio.hears(phone_tone("hn02"), among=2))
    await soon(lambda: ringing.audio.hears(CALLER_TONE, among=2))
    await soon(lambda: ringing.audio.hears(phone_tone("hn01"), among=2))
    return ringing


@taped()
async def test_a_colleague_joins_leaves_joins_again_and_goes_on_with_the_caller(
    house: House,
) -> None:
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first)
    colleague = await accompanied(house, caller, talking, second)
    await soon(lambda: parts(house) == [("hn01", Part.COUNSELOR, True), ("hn02", Part.COLLEAGUE, True)])
    await colleague.hang_up()
    await hear_each_other(caller, talking)
    await soon(lambda: parts(house)[1] == ("hn02", Part.COLLEAGUE, False))
    again = await accompanied(house, caller, talking, second)
    await soon(lambda: len(parts(house)) == 3)
    assert owner(house) == 1
    await talking.hang_up()
    await hear_each_other(caller, again)
    await soon(lambda: owner(house) == 2)
    await again.hang_up()
    await caller.ended.within(3)
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1, 2, 2])
    assert [talk.part for talk in call.talks] == [Part.COUNSELOR, Part.COLLEAGUE, Part.COUNSELOR]


# -- the shift lead ------------------------------------------------------------------------------------


async def asked_to(
    house: House, wanted: Wanted, lasts: timedelta | None = None
) -> tuple[Caller, Call, IncomingCall]:
    """Caller and counselor who talk, and the shift lead's phone that rings for the lead's wish."""
    (phone,) = await house.on_duty(1)
    lead = await house.phone(9)
    caller, talking = await conversation(house, phone)
    house.supervise(wanted, lasts)
    return caller, talking, await lead.rang()


@taped("line_supervised")
async def test_a_shift_lead_listens_whispers_and_joins(house: House) -> None:
    caller, talking, ringing = await asked_to(house, Wanted.LISTEN)
    await ringing.answer()
    await soon(lambda: house.supervising() is State.LISTENING)
    await soon(lambda: ringing.audio.hears(CALLER_TONE, among=2))
    await soon(lambda: ringing.audio.hears(phone_tone("hn01"), among=2))
    assert not talking.audio.hears(phone_tone("hn09"), among=2)
    house.supervise(Wanted.WHISPER)
    await soon(lambda: house.supervising() is State.WHISPERING)
    await soon(lambda: talking.audio.hears(phone_tone("hn09"), among=2))
    assert not caller.audio.hears(phone_tone("hn09"), among=2)
    house.supervise(Wanted.JOIN)
    await soon(lambda: house.supervising() is State.TALKING)
    await soon(lambda: caller.audio.hears(phone_tone("hn09"), among=2))
    assert owner(house) == 1
    house.supervise(Wanted.LISTEN)
    await soon(lambda: house.supervising() is State.LISTENING)
    await ringing.hang_up()
    await soon(lambda: house.supervising() is State.OVER)
    await hear_each_other(caller, talking)
    await talking.hang_up()
    await caller.ended.within(3)
    (call,) = await house.ended(1)
    assert [(talk.phone, talk.part) for talk in call.talks] == [
        ("hn01", Part.COUNSELOR),
        ("hn09", Part.SUPERVISOR),
    ]
    assert [one.mode for one in call.supervisions] == [Mode.LISTEN, Mode.WHISPER, Mode.LISTEN]
    assert {one.lead.id for one in call.supervisions if one.lead} == {house.lead.staff_id}
    assert all(one.ended_at for one in call.supervisions)
    assert offers(call) == [("hn01", Outcome.ANSWERED)]


@taped()
async def test_a_shift_leads_ear_leaves_by_itself_stays_when_asked_and_leaves_at_a_press(
    house: House,
) -> None:
    began = utc_now()
    caller, talking, ringing = await asked_to(house, Wanted.LISTEN, timedelta(seconds=2))
    await ringing.answer()
    await soon(lambda: house.supervising() is State.LISTENING)
    house.lead_wishes(lead_wishes.stay)
    house.supervise(Wanted.JOIN)
    await soon(lambda: house.supervising() is State.TALKING)
    await soon(lambda: utc_now() > began + timedelta(seconds=3))
    assert not ringing.ended
    house.lead_wishes(lead_wishes.leave)
    await ringing.ended.within(3)
    await soon(lambda: house.supervising() is State.OVER)
    house.supervise(Wanted.LISTEN, timedelta(seconds=1))
    again = await house.registered(9).rang()
    await again.answer()
    await again.ended.within(3)
    await soon(lambda: house.supervising() is State.OVER)
    await hear_each_other(caller, talking)
    await talking.hang_up()
    await caller.ended.within(3)
    (call,) = await house.ended(1)
    assert (who(house, call), owner(house)) == ([1, None], 1)


@taped()
async def test_a_shift_lead_gives_back_whom_they_took(house: House) -> None:
    """The counselor picks up; the next time they do not, and the caller waits in line 111."""
    caller, talking, ringing = await asked_to(house, Wanted.TAKE_OVER)
    phone, lead = house.registered(1), house.registered(9)
    await ringing.answer()
    await talking.ended.within(3)
    await soon(lambda: house.supervising() is State.TALKING)
    house.lead_wishes(lead_wishes.give_back)
    back = await phone.rang()
    await ringing.ended.within(3)
    await back.answer()
    await hear_each_other(caller, back)
    await soon(lambda: owner(house) == 1)
    house.supervise(Wanted.TAKE_OVER)
    await (again := await lead.rang()).answer()
    await back.ended.within(3)
    await soon(lambda: house.supervising() is State.TALKING)
    house.lead_wishes(lead_wishes.give_back)
    (await phone.rang()).decline()
    await again.ended.within(3)
    from_line = await phone.rang()
    await from_line.answer()
    await hear_each_other(caller, from_line)
    await from_line.hang_up()
    await caller.ended.within(3)
    (call,) = await house.ended(1)
    phones = [talk.phone for talk in call.talks]
    assert phones == ["hn01", "hn09", "hn01", "hn09", "hn01"]
    assert {talk.part for talk in call.talks} == {Part.COUNSELOR}
    assert owner(house) == 1


@taped()
async def test_a_shift_lead_takes_a_call_over(house: House) -> None:
    caller, talking, ringing = await asked_to(house, Wanted.TAKE_OVER)
    assert not talking.ended
    await ringing.answer()
    await talking.ended.within(3)
    await soon(lambda: caller.audio.hears(phone_tone("hn09"), among=2))
    await soon(lambda: ringing.audio.hears(CALLER_TONE, among=2))
    await soon(lambda: house.supervising() is State.TALKING)
    await ringing.hang_up()
    await caller.ended.within(3)
    (call,) = await house.ended(1)
    assert [(talk.phone, talk.part) for talk in call.talks] == [
        ("hn01", Part.COUNSELOR),
        ("hn09", Part.COUNSELOR),
    ]
    assert call.counselor is not None
    assert call.counselor.id == house.lead.staff_id


@taped()
async def test_a_shift_lead_takes_a_waiting_caller_unless_a_counselor_is_quicker(house: House) -> None:
    (phone,) = await house.on_duty(1)
    lead = await house.phone(9)
    caller, talking = await conversation(house, phone)
    other = await house.pbx.call("0912000002")
    await soon(lambda: len(house.calls()) == 2)
    house.supervise(Wanted.TAKE)
    ringing = await lead.rang()
    assert not talking.ended
    await ringing.answer()
    await hear_each_other(other, ringing)
    await soon(lambda: house.supervising() is State.TALKING)
    await hear_each_other(caller, talking)
    house.lead_wishes(lead_wishes.give_back)  # to the line, where the caller came from
    await ringing.ended.within(3)
    await soon(lambda: house.supervising() is State.OVER)
    house.supervise(Wanted.TAKE)
    await (ringing := await lead.rang()).answer()
    await hear_each_other(other, ringing)
    await soon(lambda: house.supervising() is State.TALKING)
    await ringing.hang_up()
    await other.ended.within(3)
    third = await house.pbx.call("0912000003")
    await soon(lambda: len(house.calls()) == 3)
    house.supervise(Wanted.TAKE)
    late = await lead.rang()
    await talking.hang_up()
    await (again := await phone.rang()).answer()
    await late.ended.within(3)
    await hear_each_other(third, again)
    await soon(lambda: house.supervising() is State.FAILED)
    await third.hang_up()
    ended = await house.ended(3)
    had = {call.number: [talk.phone for talk in call.talks] for call in ended}
    assert had == {"+84912000001": ["hn01"], "+84912000002": ["hn09", "hn09"], "+84912000003": ["hn01"]}


@taped()
async def test_nobody_picks_up_what_rings_at_a_shift_leads_phone(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    lead = await house.phone(9)
    caller, talking = await conversation(house, first)
    house.supervise(Wanted.LISTEN)
    ringing = await lead.rang()
    stranger = await second.dial("*8hn09")
    await stranger.ended.within(3)
    assert not stranger.answered
    assert not ringing.ended
    await caller.hang_up()
    await talking.ended.within(3)
    await ringing.ended.within(3)
    call, dialled = await house.ended(2)
    assert (who(house, call), call.supervisions, dialled.internal) == ([1], (), True)


@taped()
async def test_the_switchboard_is_restarted_while_a_shift_lead_listens(house: House) -> None:
    caller, talking, ringing = await asked_to(house, Wanted.LISTEN)
    await ringing.answer()
    await soon(lambda: house.supervising() is State.LISTENING)
    house.kill()
    house.start()
    house.supervise(Wanted.WHISPER)
    await soon(lambda: house.supervising() is State.WHISPERING)
    await caller.hang_up()
    await ringing.ended.within(3)
    await talking.ended.within(3)
    (call,) = await house.ended(1)
    assert who(house, call) == [1]
    assert [one.mode for one in call.supervisions][-1] is Mode.WHISPER


@taped()
async def test_that_a_shift_lead_listened_is_on_record_though_no_switchboard_did(house: House) -> None:
    """Asterisk's own log has it."""
    caller, talking, ringing = await asked_to(house, Wanted.LISTEN)
    house.kill()
    await ringing.answer()
    await soon(lambda: ringing.audio.hears(CALLER_TONE, among=2))
    await ringing.hang_up()
    await caller.hang_up()
    await talking.ended.within(3)
    house.start()
    (call,) = await house.ended(1)
    (one,) = call.supervisions
    assert one.lead is not None
    assert (one.lead.id, one.mode) == (house.lead.staff_id, Mode.LISTEN)
    assert one.ended_at is not None
    assert one.began_at < one.ended_at


@told
async def test_what_a_desk_asks_for_while_no_switchboard_listens_is_done_when_one_does(
    house: House,
) -> None:
    """The counselor's own keys go to Asterisk: they work meanwhile."""
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first)
    house.kill()
    await talking.hold()
    await hears(caller, "music")
    await talking.resume()
    await hear_each_other(caller, talking)
    house.ask_colleague(1, 2)
    assert parts(house) == [("hn01", Part.COUNSELOR, True)]
    house.start()
    ringing = await second.rang(within=12)
    await ringing.answer()
    await soon(lambda: parts(house)[1:] == [("hn02", Part.COLLEAGUE, True)])
    await talking.hang_up()
    await soon(lambda: owner(house) == 2)
    await hear_each_other(caller, ringing)

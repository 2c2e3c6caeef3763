"""Stories about the PBX alone: real SIP calls on a real Asterisk, with a bare AMI client in the
switchboard's place."""

import asyncio
import sqlite3
import wave
from array import array
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from telephony.softphone import Caller, Ending, SoftPhone
from telephony.softphone.incoming import IncomingCall
from telephony.softphone.sound import loudness, share
from tests.ami_line import AmiLine, ami_line
from tests.pbx import CALLER_TONE, Pbx, phone_tone, soon, story
from tests.waiting import until

pytestmark = pytest.mark.asterisk


@asynccontextmanager
async def phones(pbx: Pbx, *numbers: int) -> AsyncIterator[list[SoftPhone]]:
    async with AsyncExitStack() as stack:
        made = [pbx.phone(number) for number in numbers]
        for phone in made:
            stack.push_async_callback(phone.close)
            await phone.register()
        yield made


async def waits(pbx: Pbx, ami: AmiLine) -> tuple[Caller, str]:
    """A caller in the hold loop, and their call's id."""
    caller = await pbx.call()
    return caller, (await ami.held())["TD_CALL"]


async def takes(ami: AmiLine, call: str, phone: SoftPhone, offer: str) -> IncomingCall:
    """The call is offered to this phone, which picks it up."""
    await ami.offer(call, phone.identity, offer)
    ringing = await phone.rang()
    await ringing.answer()
    return ringing


async def talks(
    pbx: Pbx, ami: AmiLine, phone: SoftPhone, offer: str
) -> tuple[Caller, str, IncomingCall]:
    """A caller and the counselor of this phone hear each other."""
    caller, call = await waits(pbx, ami)
    talking = await takes(ami, call, phone, offer)
    await both_hear_each_other(caller, phone)
    return caller, call, talking


async def both_hear_each_other(caller: Caller, phone: SoftPhone) -> None:
    counselor = next(call for call in phone.calls if call.talking)
    await soon(lambda: caller.audio.hears(phone_tone(phone.identity)))
    await soon(lambda: counselor.audio.hears(CALLER_TONE))


def recording(pbx: Pbx, call: str, side: str = "") -> "array[int]":
    """Samples of a recording; `side`: "-in" caller, "-out" counselor.

    Asterisk 22.10 completes the files shortly after the Hangup event.
    """
    with wave.open(str(pbx.settings.spool_dir / f"{call}{side}.wav")) as file:
        assert file.getframerate() == 8000
        return array("h", file.readframes(file.getnframes()))


def cel(pbx: Pbx, call: str) -> list[tuple[str, str]]:
    """(event, channel) of one call in Asterisk's own event log."""
    with sqlite3.connect(f"file:{pbx.settings.event_log}?mode=ro", uri=True) as log:
        rows = log.execute(
            "SELECT eventtype, channame FROM cel WHERE linkedid = ? OR call = ? ORDER BY AcctId",
            (call, call),
        ).fetchall()
    log.close()
    return rows


@story
async def test_waiting_caller_is_pulled_and_both_talk_and_are_recorded(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami, phones(pbx, 1) as [phone]:
        caller, call = await waits(pbx, ami)
        await caller.rang.within(2)
        assert not caller.answered, "no machine in front of a child"

        await ami.offer(call, "hn01", "offer-pulled")
        ringing = await phone.rang()
        assert ringing.number == "0912345678"
        await ringing.answer()
        await caller.answered.within(2)
        await both_hear_each_other(caller, phone)

        await ringing.hang_up()
        await caller.ended.within(2)
        assert caller.ending is Ending.THEY_HUNG_UP
        await ami.event(lambda event: event["Event"] == "Hangup" and event["Uniqueid"] == call)

        until(lambda: [kind for kind, _ in cel(pbx, call)].count("CHAN_END") == 2)
    until(lambda: len(recording(pbx, call)) > 2000)
    mine, theirs = recording(pbx, call, "-in"), recording(pbx, call, "-out")
    assert len(mine) == len(theirs) == len(recording(pbx, call))
    assert share(mine[-2400:], CALLER_TONE) > 0.5
    assert share(theirs[-2400:], phone_tone("hn01")) > 0.5
    kinds = [kind for kind, _ in cel(pbx, call)]
    assert kinds.count("BRIDGE_ENTER") == kinds.count("BRIDGE_EXIT") == 2


@pytest.mark.parametrize("status", [603, 486])
def test_declined_offer_leaves_the_caller_ringing(pbx: Pbx, status: int) -> None:
    async def told(pbx: Pbx) -> None:
        async with ami_line(pbx) as ami, phones(pbx, 1, 2) as [first, second]:
            caller, call = await waits(pbx, ami)
            await ami.offer(call, "hn01", f"offer-declined-{status}")
            (await first.rang()).decline(status)
            gone = await ami.event(
                lambda event: (
                    event["Event"] == "Hangup" and event["Uniqueid"] == f"offer-declined-{status}"
                )
            )
            assert gone["Cause"] == {603: "21", 486: "17"}[status]
            assert not caller.answered
            assert not caller.ended

            await takes(ami, call, second, f"offer-next-{status}")
            await both_hear_each_other(caller, second)
            await caller.hang_up()

    story(told)(pbx)


@story
async def test_phone_that_nobody_answers_stops_ringing_and_the_caller_waits_on(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami, phones(pbx, 1) as [phone]:
        caller, call = await waits(pbx, ami)
        await ami.offer(call, "hn01", "offer-unanswered", seconds=1)
        ringing = await phone.rang()
        await ringing.ended.within(3)
        assert ringing.ending is Ending.CANCELED
        assert not caller.answered
        assert not caller.ended
        await caller.hang_up()
        await caller.ended.within(2)


@story
async def test_unplugged_phone_leaves_the_caller_ringing(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami, phones(pbx, 1) as [phone]:
        phone.unplug()
        caller, call = await waits(pbx, ami)
        await ami.offer(call, "hn01", "offer-unplugged", seconds=1)
        await ami.event(
            lambda event: event["Event"] == "Hangup" and event["Uniqueid"] == "offer-unplugged"
        )
        assert not caller.answered
        assert not caller.ended
        await caller.hang_up()


@story
async def test_phone_that_never_registered_leaves_the_caller_ringing(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami:
        caller, call = await waits(pbx, ami)
        await ami.offer(call, "hn39", "offer-nowhere")
        await ami.event(
            lambda event: event["Event"] == "OriginateResponse" and event["Response"] == "Failure"
        )
        assert not caller.ended
        await caller.hang_up()


@story
async def test_two_phones_answer_one_caller_and_one_wins(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami, phones(pbx, 1, 2) as [first, second]:
        caller, call = await waits(pbx, ami)
        await ami.offer(call, "hn01", "offer-one")
        await ami.offer(call, "hn02", "offer-two")
        calls = [await first.rang(), await second.rang()]
        await asyncio.gather(*(each.answer() for each in calls))
        await soon(lambda: sum(bool(each.ended) for each in calls) == 1)
        winner = first if not calls[0].ended else second
        await both_hear_each_other(caller, winner)
        await ami.event(lambda event: event.get("UserEvent") == "PullTooLate")
        await caller.hang_up()
        await soon(lambda: all(each.ended for each in calls))


@story
async def test_stale_pull_cannot_take_a_talking_caller_away(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami, phones(pbx, 1, 2) as [first, second]:
        caller, call, talking = await talks(pbx, ami, first, "offer-in-time")

        late = await takes(ami, call, second, "offer-from-the-past")
        await late.ended.within(2)
        assert not talking.ended
        await both_hear_each_other(caller, first)
        await caller.hang_up()


@story
async def test_caller_who_must_wait_is_greeted_and_can_still_be_pulled(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami, phones(pbx, 1) as [phone]:
        caller = await pbx.call()
        joined = await ami.held()
        await ami.act("Setvar", Channel=joined["Channel"], Variable="TD_WAIT", Value="1")
        await caller.answered.within(3)
        await soon(lambda: loudness(caller.audio.heard(0.5)) > 0.005)

        await takes(ami, joined["TD_CALL"], phone, "offer-greeted")
        await both_hear_each_other(caller, phone)
        await caller.hang_up()


@story
async def test_caller_hangs_up_while_ringing_and_the_phone_is_free_again(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami, phones(pbx, 1) as [phone]:
        caller, call = await waits(pbx, ami)
        await ami.offer(call, "hn01", "offer-for-nobody")
        ringing = await phone.rang()
        await caller.hang_up()
        await caller.ended.within(2)
        assert caller.ending is Ending.CANCELED
        await ringing.answer()  # before anybody has told the phone
        await ringing.ended.within(2)


@story
async def test_stale_heartbeat_rings_the_failsafe_and_a_fresh_one_brings_the_caller_back(
    pbx: Pbx,
) -> None:
    async with ami_line(pbx, beating=False) as ami, phones(pbx, 1) as [phone]:
        await ami.act("QueueAdd", Queue="failsafe111", Interface="PJSIP/hn01", MemberName="hn01")
        try:
            await ami.beat()
            caller = await pbx.call()
            await ami.held()
            ringing = await phone.rang(within=5)
            assert not caller.answered

            ami.keep_beating()
            await ringing.ended.within(12)  # the member's time-out: it was not answered
            back = await ami.held(nth=2, within=25)
            assert not caller.ended
            phone.history.clear()
            await ami.act("QueueRemove", Queue="failsafe111", Interface="PJSIP/hn01")

            await ami.offer(back["TD_CALL"], "hn01", "offer-after-failsafe")
            await soon(lambda: bool(phone.history))
            await phone.history[-1].answer()
            await both_hear_each_other(caller, phone)
            await caller.hang_up()
        finally:
            await ami.act("QueueRemove", Queue="failsafe111", Interface="PJSIP/hn01")


@story
async def test_failsafe_answers_by_itself_when_nobody_routes(pbx: Pbx) -> None:
    async with ami_line(pbx, beating=False) as ami, phones(pbx, 1) as [phone]:
        await ami.act("Setvar", Variable="TD_HEARTBEAT", Value="0")
        await ami.act("QueueAdd", Queue="failsafe111", Interface="PJSIP/hn01", MemberName="hn01")
        try:
            caller = await pbx.call()
            await (await phone.rang()).answer()
            await both_hear_each_other(caller, phone)
            await caller.hang_up()
        finally:
            await ami.act("QueueRemove", Queue="failsafe111", Interface="PJSIP/hn01")


@pytest.mark.parametrize("sequence", [1000, 30000])
def test_blind_transfer_moves_the_caller_to_the_colleague(pbx: Pbx, sequence: int) -> None:
    """The second phone's RTP numbers below and above the first one's: both are recorded."""

    async def told(pbx: Pbx) -> None:
        async with ami_line(pbx) as ami, phones(pbx, 1, 2) as [first, second]:
            caller, call = await waits(pbx, ami)
            await ami.offer(call, "hn01", f"offer-blind-{sequence}")
            talking = await first.rang()
            talking.audio.sequence = 15000
            await talking.answer()
            await both_hear_each_other(caller, first)

            assert await talking.refer("hn02") == 202
            taken = await second.rang()
            taken.audio.sequence = sequence
            await taken.answer()
            await talking.ended.within(3)
            await both_hear_each_other(caller, second)
            await caller.hang_up()
        until(lambda: share(recording(pbx, call, "-out")[-1600:], phone_tone("hn02")) > 0.5)
        heard = recording(pbx, call, "-out")
        spans = (heard[at : at + 800] for at in range(0, len(heard) - 800, 400))
        assert any(share(span, phone_tone("hn01")) > 0.5 for span in spans)

    story(told)(pbx)


@story
async def test_blind_transfer_that_nobody_takes_brings_the_caller_back_to_the_line(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami, phones(pbx, 1, 2) as [first, second]:
        second.answer = "decline"
        caller, call, talking = await talks(pbx, ami, first, "offer-refused-transfer")
        await talking.refer("hn02")
        assert (await ami.held(nth=2))["TD_CALL"] == call

        await takes(ami, call, first, "offer-again")
        await both_hear_each_other(caller, first)
        await caller.hang_up()


@story
async def test_attended_transfer_joins_the_caller_with_the_colleague(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami, phones(pbx, 1, 2) as [first, second]:
        caller, _, talking = await talks(pbx, ami, first, "offer-attended")

        await talking.hold()
        asking = await first.dial("hn02")
        await (await second.rang()).answer()
        await asking.answered.within(2)
        assert await talking.refer_to_call(asking) == 202
        await soon(lambda: bool(talking.ended and asking.ended))
        await both_hear_each_other(caller, second)
        await caller.hang_up()


@story
async def test_held_caller_hears_music_and_then_the_counselor_again(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami, phones(pbx, 1) as [phone]:
        caller, _, talking = await talks(pbx, ami, phone, "offer-hold")
        await talking.hold()
        await soon(lambda: share(caller.audio.heard(0.5), phone_tone("hn01")) < 0.1)
        await soon(lambda: loudness(caller.audio.heard(0.5)) > 0.005)
        await talking.resume()
        await both_hear_each_other(caller, phone)
        await caller.hang_up()


HOSTILE = {
    "carriage return": '"Nam\rX-Evil: 1" <sip:0912345678@telco>',
    "folded line": '"Nam"\r\n\t<sip:0912345678@telco>',
    "header smuggled behind": '"Nam" <sip:0912345678@telco>\r\nX-Evil: 1\r\nX-More: "2"',
    "quotes": '"Na\\"m \\\\ \'x" <sip:0912345678@telco>',
    "html": '"<script>alert(1)</script>" <sip:0912345678@telco>',
    "commas": '"a,b,TD_CALL: stolen,c=1;d|e${SHELL(id)}" <sip:0912345678@telco>',
    "four-byte characters": '"😀𠜎 Nguyễn" <sip:0912345678@telco>',
    "broken UTF-8": '"\udcff\udcfe\udcc3" <sip:0912345678@telco>',
    "very long": f'"{"x" * 2000}" <sip:0912345678@telco>',
    "line breaks in the number": "<sip:09%0d%0aUniqueid%3a%20evil%0d%0a%0d%0aEvent%3a%20Forged@telco>",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_caller_name_does_no_harm(pbx: Pbx, case: str) -> None:
    async def told(pbx: Pbx) -> None:
        async with ami_line(pbx) as ami, phones(pbx, 1) as [phone]:
            caller = await pbx.call(raw_from=HOSTILE[case])
            joined = await ami.held()
            call = joined["TD_CALL"]
            assert call == joined["Uniqueid"]
            assert joined["CallerIDNum"] in ("0912345678", "<unknown>")
            assert joined["CallerIDName"].isascii()
            assert len(joined["CallerIDName"]) <= 60
            assert not [event for event in ami.events if "X-Evil" in event or event["Event"] == "Forged"]

            await takes(ami, call, phone, f"offer-{case.replace(' ', '-')}")
            await both_hear_each_other(caller, phone)
            await caller.hang_up()

    story(told)(pbx)


@story
async def test_caller_whose_from_nobody_can_parse_harms_no_other_caller(pbx: Pbx) -> None:
    """Asterisk 22.10 (pjproject) drops such a packet: a line break inside quotes."""
    async with ami_line(pbx) as ami:
        dropped = await pbx.call(
            raw_from='"Nam\r\n X-Evil: 1\r\n\tAction: Originate" <sip:0912345678@telco>'
        )
        caller = await pbx.call(number="0987654321")
        assert (await ami.held())["CallerIDNum"] == "0987654321"
        assert not dropped.rang
        await caller.hang_up()


@story
async def test_number_with_line_breaks_from_a_stranger_opens_no_door(pbx: Pbx) -> None:
    of = pbx.settings
    stranger = await Caller.ring(
        number=None,
        raw_from="<sip:0%0d%0a@telco>",
        host=of.sip_host,
        port=of.sip_port,
        local_host="127.0.0.9",
    )
    await stranger.ended.within(5)
    assert stranger.status == 401


@story
async def test_withheld_number_is_no_number(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami:
        caller = await pbx.call(number=None)
        assert (await ami.held())["CallerIDNum"] == "<unknown>"
        await caller.hang_up()


@story
async def test_stranger_and_wrong_password_are_refused(pbx: Pbx) -> None:
    of = pbx.settings
    stranger = await Caller.ring(
        number="0999", host=of.sip_host, port=of.sip_port, local_host="127.0.0.9"
    )
    await stranger.ended.within(5)
    assert stranger.status == 401
    posing = await Caller.ring(number="hn01", host=of.sip_host, port=of.sip_port, local_host="127.0.0.9")
    await posing.ended.within(5)
    assert posing.status == 401


@story
async def test_switchboard_may_not_touch_system_or_configuration(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami:
        for action, more in (
            ("Command", {"Command": "core show version"}),
            ("GetConfig", {"Filename": "manager.conf"}),
            ("DBPut", {"Family": "x", "Key": "y", "Val": "z"}),
            ("ModuleLoad", {"LoadType": "reload"}),
        ):
            assert (await ami.act(action, **more))["Response"] == "Error", action
        refused = await ami.act("Originate", Channel="PJSIP/hn01", Application="System", Data="true")
        assert refused["Response"] == "Error"


@story
async def test_queue_members_survive_a_restart(pbx: Pbx) -> None:
    async with ami_line(pbx) as ami:
        await ami.act("QueueAdd", Queue="failsafe111", Interface="PJSIP/hn07", MemberName="hn07")
    pbx.restart()
    async with ami_line(pbx) as ami:
        assert "PJSIP/hn07" in pbx.console("queue show failsafe111")
        assert (await ami.act("QueueRemove", Queue="failsafe111", Interface="PJSIP/hn07"))[
            "Response"
        ] == "Success"


def test_asterisk_has_nothing_to_complain_about(pbx: Pbx) -> None:
    """Its own log: a missing module, application or sound file shows here first."""
    assert [line for line in pbx.said_at_start if "ERROR" in line or "WARNING" in line] == []

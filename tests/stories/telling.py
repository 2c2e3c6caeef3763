"""Words that stories of conversations share."""

from array import array
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from hotline.db import reading
from hotline.events import Outcome
from hotline.ids import CallId
from intake.calls.calls import CallView
from intake.tables.callbacks import CallbackRow
from intake.tables.calls import CallRow
from telephony import ami_addresses
from telephony.ami import connected, first
from telephony.softphone import Caller, SoftPhone
from telephony.softphone.call import Call
from telephony.softphone.incoming import IncomingCall
from telephony.softphone.sound import loudness, share
from tests.pbx import CALLER_TONE, PROMPT_TONES, Pbx, phone_tone, soon
from tests.stories.house import House

SEALED, CLEAR = {("1", "1")}, {("0", "0")}
"""Words and sound, as `how` finds them."""


async def how(pbx: Pbx, channel: str) -> set[tuple[str, str]]:
    """Of each channel there whose name begins so: are its words sealed, and its sound?"""
    found = set()
    async with connected(ami_addresses.own(pbx.settings)) as ami:
        for each in await ami.listing("CoreShowChannels"):
            name = first(each, "channel")
            if name.startswith(f"PJSIP/{channel}-"):
                asked = ("CHANNEL(pjsip,secure)", "CHANNEL(rtp,secure,audio)")
                words, sound = [
                    first(await ami.action("Getvar", Channel=name, Variable=one), "value")
                    for one in asked
                ]
                found.add((words, sound))
    return found


async def hear_each_other(caller: Caller, call: Call) -> None:
    await soon(lambda: caller.audio.hears(phone_tone(call.owner.identity)))
    await soon(lambda: call.audio.hears(CALLER_TONE))


async def hears(caller: Call, prompt: str, within: float = 5) -> None:
    await soon(lambda: caller.audio.hears(PROMPT_TONES[prompt], 0.3), within)


async def waits(house: House, number: str | None = "0912000001") -> Caller:
    """A caller whom nobody can take: greeted, and then there is music."""
    caller = await house.pbx.call(number)
    await hears(caller, "greeting")
    await hears(caller, "music")
    return caller


async def conversation(
    house: House, phone: SoftPhone, number: str = "0912000001"
) -> tuple[Caller, Call]:
    """A caller and the counselor of this phone talk, and the database knows."""
    caller = await house.pbx.call(number)
    ringing = await phone.rang()
    await ringing.answer()
    await hear_each_other(caller, ringing)
    await is_known_as_answered(house, number)
    return caller, ringing


async def is_known_as_answered(house: House, number: str) -> None:
    """The database has this caller's call as answered."""
    wanted = "+84" + number[1:]
    await soon(lambda: any(call.number == wanted and call.answered_at for call in house.calls()))


async def asks(talking: Call, colleague: SoftPhone) -> tuple[Call, IncomingCall]:
    """A counselor puts the caller on hold and rings a colleague. Returns both ends of that call."""
    await talking.hold()
    assert isinstance(talking.owner, SoftPhone)
    asking = await talking.owner.dial(colleague.identity)
    return asking, await colleague.rang()


async def leaves_to_who_declines(
    caller: Caller, talking: Call, first: SoftPhone, colleague: SoftPhone
) -> None:
    """A counselor leaves the caller to a colleague who rings and then declines; the caller waits again,
    and the same counselor has them."""
    asking, asked = await asks(talking, colleague)
    await asking.rang.within(3)
    await talking.refer_to_call(asking)
    await talking.ended.within(3)
    asked.decline()
    again = await first.rang()
    await again.answer()
    await hear_each_other(caller, again)


def who(house: House, call: CallView) -> list[int | None]:
    """Counselors by number, in the order in which they talked with the caller."""
    return [house.number_of(talk.counselor.id) if talk.counselor else None for talk in call.talks]


def owner(house: House) -> int | None:
    """Whose call, and so whose record, the first call is."""
    counselor = house.calls()[0].counselor
    return house.number_of(counselor.id) if counselor else None


def offers(call: CallView) -> list[tuple[str, Outcome | None]]:
    return [(offer.phone, offer.outcome) for offer in call.offers]


def spans(call: CallView) -> timedelta:
    """From the first word to the end of the last talk, which is within the call; no talk overlaps."""
    began = [talk.began_at for talk in call.talks]
    ended = [talk.ended_at for talk in call.talks if talk.ended_at is not None]
    assert call.ended_at is not None
    assert len(began) == len(ended)
    moments = [moment for pair in zip(began, ended, strict=True) for moment in pair]
    assert [call.arrived_at, *moments, call.ended_at] == sorted(
        [call.arrived_at, *moments, call.ended_at]
    )
    return ended[-1] - began[0]


def tasks(house: House) -> list[CallbackRow]:
    with reading(house.db) as session:
        return list(session.scalars(select(CallbackRow)))


def row(house: House) -> CallRow:
    """The call that came last."""
    with reading(house.db) as session:
        return session.scalars(select(CallRow).order_by(CallRow.arrived_at.desc()).limit(1)).one()


def message(house: House) -> "array[int]":
    """What is in the file so far; its header is completed at its end."""
    file = house.pbx.settings.spool_dir / f"{row(house).id}-msg.wav"
    sound = file.read_bytes()[44:] if file.exists() else b""
    return array("h", sound[: len(sound) & ~1])


def is_heard(recording: Path, frequency: int) -> bool:
    """Whether the tone is among what is said somewhere in this recording, which may still go on."""
    sound = recording.read_bytes()[44:]
    samples = array("h", sound[: len(sound) & ~1])
    parts = (samples[start : start + 1600] for start in range(0, len(samples), 1600))
    return any(loudness(part) > 0.01 and share(part, frequency) > 0.25 for part in parts)


async def both_are_recorded(house: House, call_id: CallId) -> None:
    """The second counselor's side is in the recording, behind the first one's."""
    counselors = house.pbx.settings.spool_dir / f"{call_id}-out.wav"
    await soon(lambda: is_heard(counselors, phone_tone("hn02")))
    assert is_heard(counselors, phone_tone("hn01"))

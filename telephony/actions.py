"""What we ask Asterisk to do, one function per wish. Builds every number and context itself: nothing
here is ever made from a client's text but the caller's number, which is filtered to digits.
"""

from collections.abc import Awaitable, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hotline.dialing import caller_id, is_subscriber
from hotline.errors import BadInput
from hotline.ids import CallId, OfferId, Phone
from intake.calls.calls_out import CallOut
from telephony.ami import Ami, AmiActionFailed, Headers, first
from telephony.offers import Offer

QUEUE = "failsafe111"
"""The native queue of the dialplan's fallback: the phones of available counselors."""
CREDENTIALS = "credentials"
"""The family of AstDB that sorcery.conf reads as PJSIP's `auth` objects."""


def ring(
    ami: Ami,
    offer: Offer,
    caller_channel: str,
    number: str | None,
    seconds: int,
    *,
    elsewhere: bool = False,
) -> Coroutine[Any, Any, Headers]:
    """Originate the counselor's leg, which answering pulls the caller over (dialplan `td-pull`).

    Sent at once; await what is returned for Asterisk's answer. The outcome comes as events; with
    `ActionID` = offer id also as OriginateResponse. `elsewhere`: the phone is another site's, which is
    told whose call it is. Raises AmiError.
    """
    header = [f"PJSIP_HEADER(add,X-TD-Call)={offer.call_id}"] if elsewhere else []
    return _originate(
        ami,
        offer.id,
        phone(offer.phone),
        "td-pull",
        "s",
        seconds,
        [
            f"__TD_CALL={offer.call_id}",
            f"TD_OFFER={offer.id}",
            f"TD_CALLER={caller_channel}",
            f"PICKUPMARK={offer.phone}",
            *header,
        ],
        account=offer.call_id,
        shows=caller_id(number) or "anonymous",
    )


def call_out(ami: Ami, call: CallOut, seconds: int) -> Coroutine[Any, Any, Headers]:
    """Originate the phone of a counselor who wants to call outside; picking up dials the number.

    Sent at once; await what is returned for Asterisk's answer. What becomes of it comes as events, and
    with `ActionID` = call id as OriginateResponse. Raises AmiError.
    """
    return _originate(
        ami,
        call.call_id,
        phone(call.phone),
        "telco-out",
        call.dial,
        seconds,
        [f"__TD_CALL={call.call_id}", "TD_DESK=1"],
        account=call.call_id,
        shows=call.dial,
    )


def _originate(
    ami: Ami,
    leg_id: str,
    dial: str,
    context: str,
    exten: str,
    seconds: int,
    variables: Sequence[str],
    *,
    account: str = "",
    shows: str = "111",
) -> Coroutine[Any, Any, Headers]:
    """Have `dial` rung as a leg of this Uniqueid, which by answering goes to `exten` in `context`.

    `account`: the call that the event log counts the leg to. `shows`: the number on the phone.
    """
    return ami.post(
        "Originate",
        ActionID=leg_id,
        Channel=dial,
        ChannelId=leg_id,
        Context=context,
        Exten=exten,
        Priority="1",
        Async="true",
        Timeout=str(seconds * 1000),
        Account=account,
        CallerID=shows,
        Variable=variables,
    )


@dataclass(frozen=True, slots=True)
class Leg:
    """A leg to be rung beside the counselor's. `dial` is what `phone` or `outside` made."""

    offer_id: OfferId
    dial: str
    call_id: CallId
    caller_channel: str
    seconds: int


def phone(name: Phone) -> str:
    """A phone of the house, to be dialled."""
    return f"PJSIP/{name}"


def outside(number: str) -> str:
    """A number outside, to be dialled. Raises BadInput unless the dialplan's telco-out has it."""
    if not is_subscriber(number):
        raise BadInput("not a number that may be rung")
    return f"PJSIP/{number}@telco"


async def join(ami: Ami, leg: Leg) -> None:
    """Ring an interpreter, who by answering joins the caller's talk (dialplan `td-join`)."""
    await _beside(ami, leg, "td-join", "s", account=leg.call_id)


async def take(ami: Ami, leg: Leg, number: str | None, *, over: bool) -> None:
    """Ring a shift lead, who by answering has the caller: `over`, and the counselor no more (dialplan
    `td-take`), else unless a counselor was quicker (`td-pull`). Raises AmiError."""
    variables = [
        f"__TD_CALL={leg.call_id}",
        f"TD_OFFER={leg.offer_id}",
        f"TD_CALLER={leg.caller_channel}",
    ]
    shows = caller_id(number) or "anonymous"
    await _originate(
        ami,
        leg.offer_id,
        leg.dial,
        "td-take" if over else "td-pull",
        "s",
        leg.seconds,
        variables,
        account=leg.call_id,
        shows=shows,
    )


async def supervise(ami: Ami, leg: Leg, mode: str, counselor_channel: str, lasts: int) -> None:
    """Ring a shift lead, who then attends the talk in this mode (dialplan `td-supervise`); after `lasts`
    seconds, from now on, Asterisk ends that leg.

    No Account: to the event log this leg is part of no call until its dialplan says `Supervised`.
    """
    ends = f"TIMEOUT(absolute)={lasts}"
    await _beside(ami, leg, "td-supervise", mode, ends, spied=counselor_channel)


async def _beside(
    ami: Ami, leg: Leg, context: str, exten: str, *more: str, account: str = "", spied: str = ""
) -> None:
    """TD_CALL is not inheritable here: these legs ring nobody further. Raises AmiError."""
    variables = [
        f"TD_CALL={leg.call_id}",
        f"TD_OFFER={leg.offer_id}",
        f"TD_CALLER={leg.caller_channel}",
        f"TD_SPIED={spied}",
        *more,
    ]
    await _originate(
        ami, leg.offer_id, leg.dial, context, exten, leg.seconds, variables, account=account
    )


async def alarm(ami: Ami, offer_id: OfferId, dial: str, kind: str, seconds: int) -> None:
    """Ring somebody for an alarm of this kind (dialplan `td-alarm`). Raises AmiError."""
    variables = [f"TD_OFFER={offer_id}", f"TD_ALARM={kind}"]
    await _originate(ami, offer_id, dial, "td-alarm", "s", seconds, variables)


async def attend(ami: Ami, offer_id: OfferId, mode: str) -> None:
    """A shift lead who attends already goes on in another mode. Raises AmiActionFailed: is gone."""
    await ami.action("Redirect", Channel=offer_id, Context="td-supervise", Exten=mode, Priority="1")


async def stay(ami: Ami, offer_id: OfferId, lasts: int) -> None:
    """A shift lead who attends has so many seconds from now on. Raises AmiActionFailed: is gone."""
    await ami.action("AbsoluteTimeout", Channel=offer_id, Timeout=str(lasts))


async def pass_on(ami: Ami, channel: str, phone: str) -> None:
    """The other one in this channel's talk is transferred to a phone of the house, as that channel's
    phone would do it: unanswered, they come back into line 111. Raises AmiActionFailed: is gone."""
    await ami.action("BlindTransfer", Channel=channel, Context="from-phone", Exten=phone)


async def back_to_line(ami: Ami, caller_channel: str) -> None:
    """Take a caller whom no counselor hears any more back into line 111."""
    await _unless_gone(
        ami.action("Redirect", Channel=caller_channel, Context="hold111", Exten="s", Priority="1")
    )


async def two_again(ami: Ami, caller_channel: str) -> None:
    """The interpreter has left the caller with the counselor: whoever hangs up now ends the call."""
    await _unless_gone(ami.action("Setvar", Channel=caller_channel, Variable="SHARED(THREE)", Value="0"))


async def record_anew(ami: Ami, caller_channel: str) -> None:
    """Begin this caller's recording anew in the midst of a talk (features.conf, `recording`)."""
    await _unless_gone(ami.action("PlayDTMF", Channel=caller_channel, Digit="D", Receive="true"))


async def hang_up(ami: Ami, channel: str) -> None:
    """End one channel, named or by unique id; one that is gone already is as good."""
    await _unless_gone(ami.action("Hangup", Channel=channel, Cause="16"))


async def greet(ami: Ami, caller_channel: str) -> None:
    """Nobody is being rung for this caller: let the dialplan answer, greet and play music."""
    await _unless_gone(ami.action("Setvar", Channel=caller_channel, Variable="TD_WAIT", Value="1"))


async def _unless_gone(asked: Awaitable[Headers]) -> None:
    """Asterisk says no when the channel has rung off meanwhile: then there is nothing to do."""
    with suppress(AmiActionFailed):
        await asked


async def heartbeat(ami: Ami) -> None:
    """Tell the dialplan that somebody routes, by Asterisk's own clock (so that ours may be wrong)."""
    epoch = first(await ami.action("Getvar", Variable="EPOCH"), "value")
    await ami.action("Setvar", Variable="TD_HEARTBEAT", Value=epoch)


async def mirror_on_call(ami: Ami, numbers: Iterable[str]) -> None:
    """Whom the dialplan rings when nobody can be reached."""
    await ami.action("Setvar", Variable="TD_ON_CALL", Value="-".join(numbers))


async def mirror_elsewhere(ami: Ami, *, reached: bool) -> None:
    """Whether counselors of another site are on duty: then nobody here is not nobody at all."""
    await ami.action("Setvar", Variable="TD_ELSEWHERE", Value="1" if reached else "0")


async def mirror_queue(ami: Ami, wanted: Mapping[Phone, int]) -> None:
    """Make the fallback queue's members exactly `wanted` (phone → penalty), so that it rings the right
    phones, and the right ones first."""
    members = {
        Phone(first(each, "location").removeprefix("PJSIP/")): first(each, "penalty")
        for each in await ami.listing("QueueStatus", Queue=QUEUE)
        if first(each, "event") == "QueueMember"
    }
    for phone, late in sorted(wanted.items()):
        queue, member, penalty = QUEUE, f"PJSIP/{phone}", str(late)
        if phone not in members:
            await ami.action(
                "QueueAdd", Queue=queue, Interface=member, Penalty=penalty, MemberName=phone
            )
        elif members[phone] != penalty:
            await ami.action("QueuePenalty", Queue=queue, Interface=member, Penalty=penalty)
    for phone in sorted(members.keys() - wanted.keys()):
        await ami.action("QueueRemove", Queue=QUEUE, Interface=f"PJSIP/{phone}")


async def mirror_credentials(ami: Ami, wanted: Mapping[Phone, str], shut: Collection[Phone]) -> None:
    """Make what phones log in with, beside their secrets in the configuration, exactly `wanted` (phone →
    HA1, which comes before the secret). Those of `shut` are reached no more and stop ringing at once;
    who talks goes on.

    By the dialplan's hand (td-credential): AMI's own DBPut is of the class `system`, and Setvar does not
    write to AstDB while live_dangerously is off (Asterisk 22).
    """
    known = {
        Phone(first(each, "key").rpartition("/")[2]): first(each, "val")
        for each in await ami.listing("DBGetTree", Family=CREDENTIALS)
    }
    for phone in sorted(known.keys() | wanted.keys()):
        ha1 = wanted.get(phone, "")
        if not ha1 or f'"{ha1}"' not in known.get(phone, ""):
            await ami.action(
                "Originate",
                Channel=f"Local/{phone}@td-credential",
                Application="NoOp",
                Async="true",
                Timeout="3000",
                Variable=[f"TD_HA1={ha1}", f"TD_SHUT={int(phone in shut)}"],
            )
            if phone in shut:
                await _stop_ringing(ami, phone)


async def _stop_ringing(ami: Ami, phone: Phone) -> None:
    for each in await ami.listing("CoreShowChannels"):
        channel = first(each, "channel")
        if channel.startswith(f"PJSIP/{phone}-") and first(each, "channelstatedesc") == "Ringing":
            await hang_up(ami, channel)

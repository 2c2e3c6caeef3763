"""What we ask Asterisk to do, one function per wish. Builds every number and context itself: nothing
here is ever made from a client's text but the caller's number, which is filtered to digits.
"""

import re
from collections.abc import Coroutine, Iterable
from typing import Any

from hotline.ids import Phone
from intake.calls_out import CallOut
from telephony.ami import Ami, AmiActionFailed, Headers, first
from telephony.floor import Offer

QUEUE = "failsafe111"
"""The native queue of the dialplan's fallback: the phones of available counselors."""

_NOT_A_NUMBER = re.compile(r"[^0-9+]")


def ring(
    ami: Ami, offer: Offer, caller_channel: str, number: str | None, seconds: int
) -> Coroutine[Any, Any, Headers]:
    """Originate the counselor's leg, which answering pulls the caller over (dialplan `td-pull`).

    Sent at once; await what is returned for Asterisk's answer. The outcome comes as events; with
    `ActionID` = offer id also as OriginateResponse. Raises AmiError.
    """
    return ami.post(
        "Originate",
        ActionID=offer.id,
        Channel=f"PJSIP/{offer.phone}",
        ChannelId=offer.id,
        Context="td-pull",
        Exten="s",
        Priority="1",
        Async="true",
        Timeout=str(seconds * 1000),
        Account=offer.call_id,
        CallerID=_NOT_A_NUMBER.sub("", number or "")[:24] or "anonymous",
        Variable=[
            f"__TD_CALL={offer.call_id}",
            f"TD_OFFER={offer.id}",
            f"TD_CALLER={caller_channel}",
        ],
    )


def call_out(ami: Ami, call: CallOut, seconds: int) -> Coroutine[Any, Any, Headers]:
    """Originate the phone of a counselor who wants to call outside; picking up dials the number.

    Sent at once; await what is returned for Asterisk's answer. What becomes of it comes as events, and
    with `ActionID` = call id as OriginateResponse. Raises AmiError.
    """
    return ami.post(
        "Originate",
        ActionID=call.call_id,
        Channel=f"PJSIP/{call.phone}",
        ChannelId=call.call_id,
        Context="telco-out",
        Exten=call.dial,
        Priority="1",
        Async="true",
        Timeout=str(seconds * 1000),
        Account=call.call_id,
        CallerID=_NOT_A_NUMBER.sub("", call.dial)[:24],
        Variable=[f"__TD_CALL={call.call_id}", "TD_DESK=1"],
    )


async def hang_up(ami: Ami, channel: str) -> None:
    """End one channel, named or by unique id; one that is gone already is as good."""
    try:
        await ami.action("Hangup", Channel=channel, Cause="16")
    except AmiActionFailed:
        return


async def greet(ami: Ami, caller_channel: str) -> None:
    """Nobody is being rung for this caller: let the dialplan answer, greet and play music."""
    try:
        await ami.action("Setvar", Channel=caller_channel, Variable="TD_WAIT", Value="1")
    except AmiActionFailed:
        return  # rang off meanwhile


async def heartbeat(ami: Ami) -> None:
    """Tell the dialplan that somebody routes, by Asterisk's own clock (so that ours may be wrong)."""
    epoch = first(await ami.action("Getvar", Variable="EPOCH"), "Value")
    await ami.action("Setvar", Variable="TD_HEARTBEAT", Value=epoch)


async def mirror_queue(ami: Ami, wanted: Iterable[Phone]) -> None:
    """Make the fallback queue's members exactly `wanted`, so that it rings the right phones."""
    members = {
        Phone(first(each, "Location").removeprefix("PJSIP/"))
        for each in await ami.listing("QueueStatus", Queue=QUEUE)
        if first(each, "Event") == "QueueMember"
    }
    for phone in sorted(set(wanted) - members):
        await ami.action("QueueAdd", Queue=QUEUE, Interface=f"PJSIP/{phone}", MemberName=phone)
    for phone in sorted(members - set(wanted)):
        await ami.action("QueueRemove", Queue=QUEUE, Interface=f"PJSIP/{phone}")

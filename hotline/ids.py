"""Typed ids.

A `CallId` is the caller channel's Asterisk Uniqueid. Each PBX sets `systemname`, so ids look like
`hn-1763728000.42`: unique across sites, and across restarts because the epoch is in it.
An `OfferId` is made for each attempt to ring one counselor, interpreter or supervisor; it is also the
Uniqueid of that leg (AMI Originate `ChannelId`), and its beginning says what the leg is for.
"""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import uuid4

CallId = NewType("CallId", str)
OfferId = NewType("OfferId", str)
StaffId = NewType("StaffId", int)
CenterId = NewType("CenterId", int)
RecordId = NewType("RecordId", int)
CaseId = NewType("CaseId", int)
ChildId = NewType("ChildId", int)
"""A child that a case is about: the row of the first record that told of it."""
Phone = NewType("Phone", str)
"""A counselor's phone as Asterisk names it without technology: the PJSIP endpoint, e.g. `hn01`."""


_FROM_DESK = ".out"


def new_call_out_id(site: str, at: datetime) -> CallId:
    """The id of a call that a counselor asked for, before it exists: the Uniqueid of the counselor's own
    channel, shaped like those that Asterisk makes."""
    return CallId(f"{site}-{int(at.timestamp())}{_FROM_DESK}{uuid4().hex[:16]}")


def is_call_out(call_id: str) -> bool:
    """Whether `new_call_out_id` made it."""
    return _FROM_DESK in call_id


class Part(StrEnum):
    """What somebody is in a call besides its caller."""

    COUNSELOR = "counselor"
    INTERPRETER = "interpreter"
    COLLEAGUE = "colleague"
    """A counselor or shift lead whom the counselor has asked into their talk. Left alone with the
    caller, they are the counselor."""
    SUPERVISOR = "supervisor"
    ALARMED = "alarmed"
    """Rung because something is wrong; in no call at all."""


_PREFIXES = {
    Part.COUNSELOR: "offer-",
    Part.INTERPRETER: "interpreter-",
    Part.COLLEAGUE: "colleague-",
    Part.SUPERVISOR: "supervisor-",
    Part.ALARMED: "alarm-",
}


def new_offer_id(part: Part = Part.COUNSELOR) -> OfferId:
    """An offer id that fits Asterisk's channel id rules (no commas, spaces or semicolons)."""
    return OfferId(f"{_PREFIXES[part]}{uuid4().hex}")


def site_of(call_id: str) -> str:
    """Code of the PBX that holds this call's caller: every PBX's ids begin with its own."""
    return call_id.partition("-")[0]


def call_ids_of(site: str) -> str:
    """How the ids of all calls begin whose caller this PBX holds."""
    return f"{site}-"


def began_at(call_id: str) -> float:
    """Epoch seconds, whole ones, at which its caller's channel was made."""
    return float(call_id.partition("-")[2].partition(".")[0])


def part_of(offer_id: str | None) -> Part:
    """What the leg of this offer is for; whoever came without an offer counts as a counselor."""
    for part, prefix in _PREFIXES.items():
        if offer_id is not None and offer_id.startswith(prefix):
            return part
    return Part.COUNSELOR


def is_offer(uniqueid: str) -> bool:
    """Whether a channel's Uniqueid is an offer of ours."""
    return uniqueid.startswith(tuple(_PREFIXES.values()))

"""Typed ids.

A `CallId` is the caller channel's Asterisk Uniqueid. Each PBX sets `systemname`, so ids look like
`hn-1763728000.42`: unique across sites, and across restarts because the epoch is in it.
An `OfferId` is made by the switchboard for each attempt to ring one counselor; it is also the
Uniqueid of the counselor's leg (AMI Originate `ChannelId`).
"""

from datetime import datetime
from typing import NewType
from uuid import uuid4

CallId = NewType("CallId", str)
OfferId = NewType("OfferId", str)
StaffId = NewType("StaffId", int)
CenterId = NewType("CenterId", int)
RecordId = NewType("RecordId", int)
CaseId = NewType("CaseId", int)
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


def new_offer_id() -> OfferId:
    """An offer id that fits Asterisk's channel id rules (no commas, spaces or semicolons)."""
    return OfferId(f"offer-{uuid4().hex}")

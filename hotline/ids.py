"""Typed ids.

A `CallId` is the caller channel's Asterisk Uniqueid. Each PBX sets `systemname`, so ids look like
`hn-1763728000.42`: unique across sites, and across restarts because the epoch is in it.
An `OfferId` is made by the switchboard for each attempt to ring one counselor; it is also the
Uniqueid of the counselor's leg (AMI Originate `ChannelId`).
"""

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


def new_offer_id() -> OfferId:
    """An offer id that fits Asterisk's channel id rules (no commas, spaces or semicolons)."""
    return OfferId(f"offer-{uuid4().hex}")

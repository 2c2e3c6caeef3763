"""Call events: what happened on the line, in the field's own words.

Made by `telephony.callbook` from AMI (or from Asterisk's own event log after a gap), kept in order
in the journal, folded into SQL by `intake.calls.calls`. Each event names its call; `at` is an aware UTC
datetime. Codes are stable ASCII. Nothing here knows Asterisk but for channel names, which are kept as
evidence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from hotline.errors import BadInput
from hotline.ids import CallId, OfferId, StaffId
from hotline.lines import CalledLine


class Outcome(StrEnum):
    """Why a call ended, seen from the caller."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    """The caller gave up before anybody spoke with them."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    FAILED = "failed"


class TransferKind(StrEnum):
    BLIND = "blind"
    ATTENDED = "attended"
    BLONDE = "blonde"
    """Attended transfer completed while the target was still ringing."""


@dataclass(frozen=True, slots=True)
class CallEvent:
    """Base of all call events."""

    call_id: CallId
    at: datetime


@dataclass(frozen=True, slots=True)
class CallArrived(CallEvent):
    """A caller reached us. `number` is None when withheld; `dialled` is the number they rang."""

    channel: str
    number: str | None
    dialled: str
    outbound: bool = False
    """True for a call the system placed itself (click-to-dial, call-back)."""


@dataclass(frozen=True, slots=True)
class CallerWaiting(CallEvent):
    """The caller is held for a counselor."""


@dataclass(frozen=True, slots=True)
class CounselorChosen(CallEvent):
    """The router offers the call to a counselor. `reasons`: codes of the rules that led there (see
    `routing.values.Reason`), space-separated."""

    offer_id: OfferId
    staff_id: StaffId
    reasons: str


@dataclass(frozen=True, slots=True)
class PhoneRang(CallEvent):
    """A phone began to ring for the call. `phone` is the channel's resource (`hn01`)."""

    channel: str
    phone: str
    offer_id: OfferId | None = None


@dataclass(frozen=True, slots=True)
class PhoneStopped(CallEvent):
    """A phone that was rung for the call stopped without talking: `outcome` says why.

    `abandoned` = the caller gave up first. `cause` is the Q.850 hangup cause, 0 when unknown.
    """

    channel: str
    phone: str
    outcome: Outcome
    cause: int
    offer_id: OfferId | None = None


@dataclass(frozen=True, slots=True)
class TalkBegan(CallEvent):
    """A party began to talk with the caller."""

    channel: str
    phone: str
    offer_id: OfferId | None = None


@dataclass(frozen=True, slots=True)
class TalkEnded(CallEvent):
    """A party stopped talking with the caller: rang off, was transferred away, or (`lost`) their phone
    fell silent, as one does that has crashed or lost its power or network."""

    channel: str
    phone: str
    lost: bool = False


@dataclass(frozen=True, slots=True)
class CallHeld(CallEvent):
    """One side put the other on hold. `channel` is the side that pressed hold."""

    channel: str


@dataclass(frozen=True, slots=True)
class CallResumed(CallEvent):
    channel: str


@dataclass(frozen=True, slots=True)
class CallTransferred(CallEvent):
    """`by` is the transferring channel; `to` a channel name or, while none is known, the number.

    `dialled` is the number the caller was sent to, empty when Asterisk does not say: all channels of the
    trunk are named alike.
    """

    kind: TransferKind
    by: str
    to: str
    dialled: str = ""


class Mode(StrEnum):
    """How a shift lead attends a talk without being part of it."""

    LISTEN = "listen"
    """Nobody hears the lead."""
    WHISPER = "whisper"
    """The counselor hears the lead, the caller does not."""


@dataclass(frozen=True, slots=True)
class SupervisionBegan(CallEvent):
    """A supervisor attends the talk. Who joins it talks: TalkBegan."""

    channel: str
    phone: str
    mode: Mode
    offer_id: OfferId | None = None


@dataclass(frozen=True, slots=True)
class SupervisionEnded(CallEvent):
    """The supervisor attends no more in this way: gone, joined, or in another mode next."""

    channel: str
    phone: str


@dataclass(frozen=True, slots=True)
class CallBackAsked(CallEvent):
    """Who waits pressed the key to be called back, and was told that we will."""


@dataclass(frozen=True, slots=True)
class MessageLeft(CallEvent):
    """Who waits has begun to speak a message. Told at its beginning, so that no crash can lose it."""


@dataclass(frozen=True, slots=True)
class KeyPressed(CallEvent):
    """The caller (in a call of ours: whom we called) pressed a key in the midst of a talk."""

    key: str


@dataclass(frozen=True, slots=True)
class LineChosen(CallEvent):
    """The caller was passed on to another of our lines, by a counselor or by a key of their own."""

    line: CalledLine


@dataclass(frozen=True, slots=True)
class CallJoined(CallEvent):
    """This call was part of `into` all along (a consultation before a transfer, a call pick-up).

    Nothing more is told about it, and it must not be counted: everything is in `into`.
    """

    into: CallId


@dataclass(frozen=True, slots=True)
class CallEnded(CallEvent):
    """Nothing of the call is left. `cause` is the Q.850 cause of the caller's hangup, 0 unknown."""

    outcome: Outcome
    cause: int


_KINDS: dict[str, type[CallEvent]] = {
    kind.__name__: kind
    for kind in (
        CallArrived,
        CallerWaiting,
        CounselorChosen,
        PhoneRang,
        PhoneStopped,
        TalkBegan,
        TalkEnded,
        CallHeld,
        CallResumed,
        CallTransferred,
        CallBackAsked,
        MessageLeft,
        KeyPressed,
        LineChosen,
        SupervisionBegan,
        SupervisionEnded,
        CallJoined,
        CallEnded,
    )
}
_FIELDS = {kind: tuple(each.name for each in fields(kind)) for kind in _KINDS.values()}
_ENUMS: dict[str, type[StrEnum]] = {
    "outcome": Outcome,
    "kind": TransferKind,
    "line": CalledLine,
    "mode": Mode,
}


def to_json(event: CallEvent) -> dict[str, Any]:
    """A JSON-ready object; `event` holds the class name, `at` ISO 8601 in UTC."""
    said = {name: getattr(event, name) for name in _FIELDS[type(event)]}
    return {"event": type(event).__name__, **said, "at": event.at.isoformat()}


def from_json(data: Mapping[str, Any]) -> CallEvent:
    """The inverse of `to_json`. Raises BadInput when it is not one of ours."""
    try:
        said = {name: value for name, value in data.items() if name != "event"}
        said["at"] = datetime.fromisoformat(said["at"])
        for name in said.keys() & _ENUMS.keys():
            said[name] = _ENUMS[name](said[name])
        return _KINDS[data["event"]](**said)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"not a call event: {error!r}") from error

"""Asterisk's own event log (CEL) told again as call events. Pure.

Knows the columns that `asterisk-conf/etc/cel_sqlite3_custom.conf` writes and what Asterisk 22.10 puts
into them: `call` (the account code) is TD_CALL but empty on a leg's CHAN_START and on legs of the
fallback queue, where `linkedid` is the call; a counselor's leg that we originated has its own linkedid
until it meets the caller; HANGUP carries the cause as JSON in `extra`; what the dialplan writes by
CELGenUserEvent has its own name as `eventtype`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import NamedTuple

from hotline.events import (
    CallArrived,
    CallBackAsked,
    CallEnded,
    CallerWaiting,
    CallEvent,
    LineChosen,
    MessageLeft,
    Mode,
    Outcome,
    PhoneRang,
    PhoneStopped,
    SupervisionBegan,
    SupervisionEnded,
    TalkBegan,
    TalkEnded,
)
from hotline.ids import CallId, OfferId, is_call_out, is_offer
from hotline.lines import CalledLine
from telephony import outcomes
from telephony.channels import resource

_TOLD: dict[str, type[CallBackAsked] | type[MessageLeft]] = {
    "CallBackAsked": CallBackAsked,
    "MessageLeft": MessageLeft,
}
"""What the dialplan itself writes about a caller."""
_TRANSFERS = frozenset({"BLINDTRANSFER", "ATTENDEDTRANSFER"})
_SUPERVISED = "Supervised"
"""What the dialplan writes when a shift lead's leg begins to listen or whisper (its extension): `extra`
is the call."""
_LINES = {"ChildLine": CalledLine.CHILD, "TraffickingLine": CalledLine.TRAFFICKING}


class LogRow(NamedTuple):
    """One row. `seq` grows with time; `eventtime` is epoch seconds with a fraction, as text."""

    seq: int
    eventtype: str
    eventtime: str
    uniqueid: str
    linkedid: str
    channame: str
    cidnum: str
    exten: str
    extra: str
    call: str

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(float(self.eventtime), UTC)


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """All that the log says about one call. `events` lack the end while `ended` is False. `left`: those
    of them that end a talk for good, as its phone has hung up."""

    call_id: CallId
    first_seq: int
    last_at: datetime
    ended: bool
    talked: bool
    events: tuple[CallEvent, ...]
    left: tuple[TalkEnded, ...]

    @property
    def outcome(self) -> Outcome | None:
        """How it ended; None while it has not. A leg may outlive the caller: its end comes last."""
        ends = (event.outcome for event in self.events if isinstance(event, CallEnded))
        return next(ends, None)


class CallRows(NamedTuple):
    """The rows of one call, by leg. Most that are read are in SQL already and need not be told again."""

    call_id: CallId
    caller: Sequence[LogRow]
    others: Sequence[Sequence[LogRow]]

    @property
    def first_seq(self) -> int:
        return self.caller[0].seq

    def told(self) -> LoggedCall:
        return _call(self.caller, self.others)


def calls(rows: Iterable[LogRow]) -> list[LoggedCall]:
    """Every call whose arrival is among the rows, oldest first."""
    return [each.told() for each in by_call(rows)]


def by_call(rows: Iterable[LogRow]) -> list[CallRows]:
    """The rows of every call whose arrival is among them, oldest first."""
    legs: dict[str, list[LogRow]] = defaultdict(list)
    for row in rows:
        legs[row.uniqueid].append(row)
    others: dict[str, list[Sequence[LogRow]]] = defaultdict(list)
    for uniqueid, leg in legs.items():
        call_id = _supervised(leg) or next((row.call for row in leg if row.call), leg[0].linkedid)
        if uniqueid != call_id:
            others[call_id].append(leg)
    return [
        CallRows(CallId(uniqueid), caller, others[uniqueid])
        for uniqueid, caller in legs.items()
        if _is_caller(uniqueid, caller)
    ]


def _is_caller(uniqueid: str, leg: Sequence[LogRow]) -> bool:
    """The caller's channel: it starts with the dialled number and TD_CALL is its own id."""
    return leg[0].eventtype == "CHAN_START" and any(row.call == uniqueid for row in leg)


def _call(caller: Sequence[LogRow], others: Sequence[Sequence[LogRow]]) -> LoggedCall:
    start = caller[0]
    call_id = CallId(start.uniqueid)
    events = _beginning(call_id, start)
    events += [
        LineChosen(call_id, row.at, _LINES[row.eventtype]) for row in caller if row.eventtype in _LINES
    ]
    events += [_TOLD[row.eventtype](call_id, row.at) for row in caller if row.eventtype in _TOLD]
    passed_on = _passed_on(caller, others)
    left: list[TalkEnded] = []
    for leg in others:
        if _supervised(leg):
            events += _supervision(call_id, leg)
            continue
        told = list(_leg(call_id, _with_the_counselor(leg, caller) if leg is passed_on else leg))
        events += told
        if any(row.eventtype == "CHAN_END" for row in leg):
            left += [event for event in told if isinstance(event, TalkEnded)][-1:]
    talked = any(isinstance(event, TalkBegan) for event in events)
    subject = passed_on or caller
    end = next((row for row in subject if row.eventtype == "CHAN_END"), None)
    if end is not None:
        outcome = Outcome.ANSWERED if talked else _unanswered(caller, events)
        events.append(CallEnded(call_id, end.at, outcome, _cause(subject)))
    events.sort(key=lambda event: (event.at, isinstance(event, CallEnded)))
    last_at = max(row.at for leg in (caller, *others) for row in leg)
    return LoggedCall(call_id, start.seq, last_at, end is not None, talked, tuple(events), tuple(left))


def _passed_on(caller: Sequence[LogRow], others: Iterable[Sequence[LogRow]]) -> Sequence[LogRow] | None:
    """The leg of whom the desk rang, when the counselor has transferred them: the call is theirs now."""
    if not is_call_out(caller[0].uniqueid) or all(row.eventtype not in _TRANSFERS for row in caller):
        return None
    return min(others, key=lambda leg: leg[0].seq, default=None)


def _with_the_counselor(leg: Sequence[LogRow], counselor: Sequence[LogRow]) -> Sequence[LogRow]:
    """What happened to this leg until the counselor left it; whom it talks with then has a leg, too."""
    left = max((row.seq for row in counselor if row.eventtype == "BRIDGE_EXIT"), default=0)
    return list(takewhile(lambda row: row.seq < left or row.eventtype != "BRIDGE_ENTER", leg))


def _beginning(call_id: CallId, start: LogRow) -> list[CallEvent]:
    if is_call_out(call_id):
        return [CallArrived(call_id, start.at, start.channame, None, "", outbound=True)]
    return [
        CallArrived(call_id, start.at, start.channame, _number(start.cidnum), start.exten),
        CallerWaiting(call_id, start.at),
    ]


def _unanswered(caller: Sequence[LogRow], events: Iterable[CallEvent]) -> Outcome:
    """Why nobody spoke: a caller of line 111 rang off; of a call of ours the phones say it."""
    cause = _cause(caller)
    if not is_call_out(caller[0].uniqueid):
        return Outcome.ABANDONED
    if not any(row.eventtype == "ANSWER" for row in caller):
        return outcomes.of_phone(cause, "")
    phones = [event.outcome for event in events if isinstance(event, PhoneStopped)]
    return outcomes.of_unanswered_call(cause, phones)


def _leg(call_id: CallId, leg: Sequence[LogRow]) -> Iterator[CallEvent]:
    """A phone that was rung for the call: rang, and talked or stopped."""
    start = leg[0]
    if start.eventtype != "CHAN_START" or start.channame.startswith("Local/"):
        return
    phone = resource(start.channame)
    offer_id = _offer(leg)
    yield PhoneRang(call_id, start.at, start.channame, phone, offer_id)
    talked, cause = False, _cause(leg)
    last = max((row.seq for row in leg if row.eventtype == "BRIDGE_EXIT"), default=0)
    for row in leg:
        if row.eventtype == "BRIDGE_ENTER":
            talked = True
            yield TalkBegan(call_id, row.at, start.channame, phone, offer_id)
        elif row.eventtype == "BRIDGE_EXIT":
            lost = row.seq == last and cause == outcomes.FELL_SILENT
            yield TalkEnded(call_id, row.at, start.channame, phone, lost)
        elif row.eventtype == "CHAN_END" and not talked:
            outcome = outcomes.of_phone(cause, "")
            yield PhoneStopped(call_id, row.at, start.channame, phone, outcome, cause, offer_id)


def _supervised(leg: Sequence[LogRow]) -> str:
    """Of a shift lead's leg: the call that was attended; else ''."""
    return next((_extra(row.extra) for row in leg if row.eventtype == _SUPERVISED), "")


def _supervision(call_id: CallId, leg: Sequence[LogRow]) -> Iterator[CallEvent]:
    """A shift lead attended: in one mode or another, and perhaps joined, which is a talk."""
    channel, phone, offer_id = leg[0].channame, resource(leg[0].channame), _offer(leg)
    attends = False
    for row in leg:
        if attends and row.eventtype in (_SUPERVISED, "BRIDGE_ENTER", "CHAN_END"):
            attends = False
            yield SupervisionEnded(call_id, row.at, channel, phone)
        if row.eventtype == _SUPERVISED:
            attends = True
            mode = Mode.WHISPER if row.exten == Mode.WHISPER else Mode.LISTEN
            yield SupervisionBegan(call_id, row.at, channel, phone, mode, offer_id)
        elif row.eventtype == "BRIDGE_ENTER":
            yield TalkBegan(call_id, row.at, channel, phone, offer_id)
        elif row.eventtype == "BRIDGE_EXIT":
            yield TalkEnded(call_id, row.at, channel, phone)


def _offer(leg: Sequence[LogRow]) -> OfferId | None:
    """The switchboard's offers are channels of that name; for a mobile of somebody on call the dialplan
    writes down which it is."""
    if is_offer(leg[0].uniqueid):
        return OfferId(leg[0].uniqueid)
    said = next((_extra(row.extra) for row in leg if row.eventtype == "OnCallRang"), "")
    return OfferId(said) if said else None


def _extra(said: str) -> str:
    """What the dialplan gave to CELGenUserEvent; '' when it gave nothing."""
    try:
        return str(json.loads(said)["extra"])
    except (ValueError, KeyError, TypeError):
        return ""


def _cause(leg: Sequence[LogRow]) -> int:
    extra = next((row.extra for row in leg if row.eventtype == "HANGUP"), "")
    try:
        return int(json.loads(extra)["hangupcause"])
    except (ValueError, KeyError, TypeError):
        return 0


def _number(text: str) -> str | None:
    """The caller's number; None when withheld (the dialplan keeps digits and + only)."""
    return text if any(letter.isdigit() for letter in text) else None

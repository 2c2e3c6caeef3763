"""`tongdai replay TRACE.jsonl ...`: what a recorded AMI stream says about its calls.

The trace holds one AMI message per line, a JSON object of header → value (a repeated header: a list).
It goes through the same `telephony.callbook` as the live feed, without a database. One JSON object per
call goes to stdout, in the order in which calls arrived. A broken line is named on stderr and skipped;
then the exit code is 1. A call still open when the trace ends is printed as far as known: `ended_at`
and `hangup_cause` null, `outcome` answered if somebody talked with the caller, else null. `--full` adds
each talk (with counselor, interpreter or a supervisor who joined), time on hold and supervision.

Several traces are what as many Asterisks said at the same time, one per center. A call is told once, by
the Asterisk that its caller came to; what a counselor elsewhere did with the caller is in the other's.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from heapq import merge
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any

import typer

from hotline.errors import BadInput
from hotline.events import CallArrived, CallEvent, CallJoined, Outcome
from hotline.ids import CallId
from telephony import messages, report
from telephony.callbook import Callbook
from telephony.headers import plain_value
from telephony.report import CallReport, Spell
from telephony.vocabulary import PASSING, AmiEvent

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for "the trace does not say"; printed as null."""
_TIME_HEADERS = ("timestamp", "eventtime", "eventtv", "time", "sessiontv")


def command(
    traces: list[Path],
    full: Annotated[
        bool, typer.Option("--full", help="also who talked, held, attended, how long")
    ] = False,
) -> None:
    """Tell what recorded AMI event streams (one JSON object per line, a file per Asterisk) say about
    their calls."""
    broken = False

    def complain(trace: int, line: int, error: str) -> None:
        nonlocal broken
        broken = True
        sys.stderr.write(f"{traces[trace]}:{line}: {error}\n")

    try:
        with ExitStack() as files:
            lines = [
                files.enter_context(trace.open(encoding="utf-8", errors="replace")) for trace in traces
            ]
            reports = replay_together(lines, complain)
    except OSError as error:
        sys.stderr.write(f"{error.filename}: cannot be read: {error.strerror}\n")
        raise SystemExit(1) from error
    for each in reports:
        sys.stdout.write(
            json.dumps(as_json(each) | (spells(each) if full else {}), ensure_ascii=False) + "\n"
        )
    if broken:
        raise SystemExit(1)


def replay(lines: Iterable[str], complain: Callable[[int, str], None]) -> list[CallReport]:
    """The reports of all calls in the trace. `complain` gets number (from 1) and fault of bad lines."""
    return replay_together([lines], lambda _, number, fault: complain(number, fault))


def replay_together(
    traces: Sequence[Iterable[str]], complain: Callable[[int, int, str], None]
) -> list[CallReport]:
    """The reports of all calls in the traces, each of another Asterisk, in the order of their times.
    `complain` gets besides which trace (from 0) it was."""
    passing = PASSING if len(traces) > 1 else None
    books = [Callbook(passing=passing) for _ in traces]
    reports: dict[CallId, CallReport] = {}
    for at, which, event in merge(
        *(_events(which, lines, complain) for which, lines in enumerate(traces)), key=itemgetter(0)
    ):
        _hear(reports, books[which].fold(event, at))
        for handed in books[which].passings():
            for home in books if handed.leads_elsewhere else ():
                _hear(reports, home.hand_over(handed))
    for book in books:
        _hear(reports, book.close())
    return sorted(reports.values(), key=lambda call: call.arrived_at)


def as_json(call: CallReport) -> dict[str, Any]:
    """The object printed for one call."""
    outcome = call.outcome or (Outcome.ANSWERED if call.talked_to else None)
    return {
        "caller": call.caller,
        "caller_number": call.caller_number,
        "dialled": call.dialled or None,
        "answered_by": call.answered_by,
        "talked_to": call.talked_to,
        "transfers": [
            {"kind": each.kind.value, "by": each.by, "to": each.to} for each in call.transfers
        ],
        "outcome": None if outcome is None else outcome.value,
        "hangup_cause": call.hangup_cause,
        "queued_at": _iso(call.queued_at),
        "answered_at": _iso(call.answered_at),
        "ended_at": _iso(call.ended_at),
    }


def spells(call: CallReport) -> dict[str, Any]:
    """What `--full` adds: each talk, time on hold and supervision; `seconds` None while it lasts."""
    return {
        "talks": [_spell(each, "part") for each in call.talks],
        "holds": [_spell(each) for each in call.holds],
        "supervision": [_spell(each, "mode") for each in call.supervision],
    }


def _spell(spell: Spell, kind: str = "") -> dict[str, Any]:
    ended = spell.ended_at
    return {
        "channel": spell.channel,
        **({kind: spell.as_} if kind else {}),
        "began_at": _iso(spell.began_at),
        "seconds": None if ended is None else round((ended - spell.began_at).total_seconds(), 3),
    }


def _events(
    which: int, lines: Iterable[str], complain: Callable[[int, int, str], None]
) -> Iterator[tuple[datetime, int, AmiEvent]]:
    """When, in which trace, and what."""
    at = _NO_TIME
    for number, headers in _messages(lines, lambda number, fault: complain(which, number, fault)):
        try:
            event = messages.parse(headers)
            at = _time(headers) or at
        except BadInput as error:
            complain(which, number, str(error))
            continue
        if event is not None:
            yield at, which, event


def _messages(
    lines: Iterable[str], complain: Callable[[int, str], None]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("\ufeff")
        if not text:
            continue
        try:
            headers = json.loads(text)
        except (ValueError, RecursionError) as error:
            complain(number, f"not JSON: {error}")
            continue
        if isinstance(headers, dict):
            yield number, headers
        else:
            complain(number, f"not a JSON object but {type(headers).__name__}")


def _hear(reports: dict[CallId, CallReport], events: Iterable[CallEvent]) -> None:
    for event in events:
        if isinstance(event, CallArrived):
            reports.setdefault(event.call_id, report.begin(event))
        elif isinstance(event, CallJoined):
            reports.pop(event.call_id, None)
        elif event.call_id in reports:
            reports[event.call_id].hear(event)


def _time(headers: Mapping[str, Any]) -> datetime | None:
    """When Asterisk says the message happened: epoch seconds or ISO 8601; None when it does not."""
    named = {key.lower(): value for key, value in headers.items() if key.lower() in _TIME_HEADERS}
    for header in _TIME_HEADERS:
        text = plain_value(named.get(header))
        if text is None:
            continue
        try:
            return datetime.fromtimestamp(float(text), UTC)
        except (ValueError, OverflowError, OSError):
            pass
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            continue
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return None


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None or moment == _NO_TIME else moment.isoformat()

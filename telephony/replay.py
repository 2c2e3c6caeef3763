"""`tongdai replay TRACE.jsonl`: what a recorded AMI stream says about its calls.

The trace holds one AMI message per line, a JSON object of header → value (a repeated header: a list).
It goes through the same `telephony.callbook` as the live feed, without a database. One JSON object per
call goes to stdout, in the order in which calls arrived. A broken line is named on stderr and skipped;
then the exit code is 1. A call still open when the trace ends is printed as far as known: `ended_at`
and `hangup_cause` null, `outcome` answered if somebody talked with the caller, else null. `--full` adds
each talk (with counselor, interpreter or a supervisor who joined), time on hold and supervision.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
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

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for "the trace does not say"; printed as null."""
_TIME_HEADERS = ("timestamp", "eventtime", "eventtv", "time", "sessiontv")


def command(
    trace: Path,
    full: Annotated[
        bool, typer.Option("--full", help="also who talked, held, attended, how long")
    ] = False,
) -> None:
    """Tell what a recorded AMI event stream (one JSON object per line) says about its calls."""
    broken = False

    def complain(line: int, error: str) -> None:
        nonlocal broken
        broken = True
        sys.stderr.write(f"{trace}:{line}: {error}\n")

    try:
        with trace.open(encoding="utf-8", errors="replace") as lines:
            reports = replay(lines, complain)
    except OSError as error:
        sys.stderr.write(f"{trace}: cannot be read: {error.strerror}\n")
        raise SystemExit(1) from error
    for each in reports:
        sys.stdout.write(
            json.dumps(as_json(each) | (spells(each) if full else {}), ensure_ascii=False) + "\n"
        )
    if broken:
        raise SystemExit(1)


def replay(lines: Iterable[str], complain: Callable[[int, str], None]) -> list[CallReport]:
    """The reports of all calls in the trace. `complain` gets number (from 1) and fault of bad lines."""
    book = Callbook()
    reports: dict[CallId, CallReport] = {}
    at = _NO_TIME
    for number, headers in _messages(lines, complain):
        try:
            event = messages.parse(headers)
            at = _time(headers) or at
        except BadInput as error:
            complain(number, str(error))
            continue
        if event is not None:
            _hear(reports, book.fold(event, at))
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

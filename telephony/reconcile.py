"""`tongdai reconcile`: is every call of Asterisk's own log in the database, with the same outcome?

Reads the whole log of a site (or since a day), ignores the recovery's cursor, and puts in what is
missing. May run at any time, also while calls go on, and again: what is there already is left alone. An
outcome that differs is reported and not touched: the live feed knows transfers better than the log.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from hotline.clock import HANOI, utc_now
from hotline.db import engine, reading
from hotline.errors import BadInput, SetupError
from hotline.events import Outcome
from hotline.ids import CallId
from hotline.ports import filled
from intake.calls import calls as kept
from telephony import ami_addresses
from telephony.drain import put_in
from telephony.event_log import calls
from telephony.recovery import missing, read_log
from telephony.shipping import on_the_line


@dataclass(frozen=True, slots=True)
class Difference:
    """A call that ended otherwise in the log than in the database."""

    call_id: CallId
    logged: Outcome
    kept: Outcome


@dataclass(frozen=True, slots=True)
class Report:
    """Counts of calls. `repaired`: were missing or open, and are in the database now."""

    logged: int
    on_the_line: int
    repaired: int
    differences: tuple[Difference, ...]


def reconcile(
    database: Engine, event_log: Path, live: Collection[CallId], since: datetime | None, now: datetime
) -> Report:
    """Compare and repair. `live`: calls on the line at `now`. Raises Unavailable or SetupError."""
    if not event_log.exists():
        raise SetupError(f"Asterisk's event log {event_log} is not there: nothing to compare with")
    rows, _ = read_log(event_log, 0)
    logged = [call for call in calls(rows) if since is None or call.events[0].at >= since]
    over = [call for call in logged if call.call_id not in live]
    with reading(database) as session:
        outcomes = kept.outcomes_of(session, [call.call_id for call in over])
    repaired, differences = 0, list[Difference]()
    for call in over:
        known = outcomes.get(call.call_id)
        if known is None:
            if events := missing(call, now):
                put_in(database, events)
                repaired += 1
        elif call.outcome is not None and call.outcome != known:
            differences.append(Difference(call.call_id, call.outcome, known))
    return Report(len(logged), len(logged) - len(over), repaired, tuple(differences))


def command(
    since: Annotated[str, typer.Option(help="first day to compare, like 2026-11-21")] = "",
) -> None:
    """Compare the database with Asterisk's own event log and put in what is missing."""
    settings = filled()
    live, now = asyncio.run(on_the_line(ami_addresses.own(settings))), utc_now()
    report = reconcile(engine(), settings.event_log, live, _day(since), now)
    table = Table(show_header=False)
    for what, count in (
        ("calls in Asterisk's log", report.logged),
        ("of these on the line now", report.on_the_line),
        ("missing or open in the database, repaired", report.repaired),
        ("with another outcome in the database", len(report.differences)),
    ):
        table.add_row(what, str(count))
    Console().print(table)
    for each in report.differences:
        Console().print(f"{each.call_id}: log {each.logged}, database {each.kept}")


def _day(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=HANOI) if text else None
    except ValueError:
        raise BadInput(f"--since wants a day like 2026-11-21, not {text!r}") from None

"""What a row of the table says, and whether it may stand: callers, database and Asterisk's own log."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, select

from bench.chaos.load import Fate, Told
from hotline.clock import utc_now
from hotline.db import reading
from hotline.events import Outcome, PhoneRang
from hotline.ids import CallId
from intake.tables.calls import CallRow, OfferRow
from telephony.event_log import LoggedCall
from telephony.event_log import calls as logged_calls
from telephony.journal import JournalRejectRow
from telephony.reconcile import reconcile
from telephony.recovery import read_log

FALLBACK_SECONDS = 5.0
TAKEOVER_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from the fault on; None: did not happen."""

    normal: float | None
    """Until a phone rang, by the switchboard's own offer, for a call that came after the fault."""
    fallback: float | None
    """Until the first phone rang by Asterisk's own queue; from the first such arrival if later."""
    takeover: float | None = None
    """Until a standby was in charge."""
    lasted: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """`right`: calls in the database exactly once with the right outcome. `repaired`: by reconcile."""

    fault: str
    told: Sequence[Told]
    right: int
    repaired: int
    times: Times
    wrong: Sequence[str]

    def count(self, fate: Fate) -> int:
        return sum(one.fate is fate for one in self.told)


def all_ended(database: Engine, count: int) -> bool:
    """Whether so many calls are in the database and over."""
    with reading(database) as session:
        over = session.scalar(select(func.count()).where(CallRow.ended_at.is_not(None))) or 0
        still = session.scalar(select(func.count()).where(CallRow.ended_at.is_(None))) or 0
    return still == 0 and over >= count


def times(
    database: Engine,
    logged: Collection[LoggedCall],
    began_at: datetime,
    over_at: datetime,
    takeover: float | None,
) -> Times:
    """What the switchboard rang by itself it wrote down when it happened; what Asterisk's own queue rang
    meanwhile, only the log knows."""
    query = (
        select(OfferRow.rang_at)
        .join(CallRow, CallRow.id == OfferRow.call_id)
        .where(OfferRow.offer_id.is_not(None), CallRow.arrived_at > began_at)
    )
    with reading(database) as session:
        normal = session.scalars(query).all()
    rung = [
        (event.at, call.events[0].at)
        for call in logged
        for event in call.events
        if isinstance(event, PhoneRang) and event.offer_id is None and event.at > began_at
    ]
    waited_from = max(began_at, min((arrived for _, arrived in rung), default=began_at))
    return Times(
        (min(normal) - began_at).total_seconds() if normal else None,
        (min(rung)[0] - waited_from).total_seconds() if rung else None,
        takeover,
        (over_at - began_at).total_seconds(),
    )


def logged_since(logs: Collection[Path], since: datetime) -> list[LoggedCall]:
    """Every call of Asterisk's own logs that came after `since`."""
    found = [call for log in logs for call in logged_calls(read_log(log, 0)[0])]
    return [call for call in found if call.events[0].at >= since]


def judge_calls(
    database: Engine, logged: Collection[LoggedCall] | None, told: Sequence[Told]
) -> tuple[int, list[str]]:
    """(calls that are right, what is wrong). `logged` None: the log lost rows, only the phones count."""
    kept: dict[str | None, list[CallRow]] = defaultdict(list)
    wrong = []
    with reading(database) as session:
        for row in session.scalars(select(CallRow)):
            kept[row.number].append(row)
        if rejected := session.scalar(select(func.count()).select_from(JournalRejectRow)):
            wrong.append(f"{rejected} events were rejected")
    in_log = None if logged is None else {call.call_id: call for call in logged}
    right = 0
    for one in told:
        rows = kept.pop("+84" + one.number[1:], [])
        found = _wrong_of(one, rows, in_log)
        right += not found
        wrong += [f"{one.number} ({one.fate}): {each}" for each in found]
    wrong += [
        f"{row.id}, number {row.number}: nobody placed this call"
        for rows in kept.values()
        for row in rows
    ]
    return right, wrong


def _wrong_of(one: Told, rows: Sequence[CallRow], logged: dict[CallId, LoggedCall] | None) -> list[str]:
    if len(rows) != 1:
        return [f"{len(rows)} times in the database"]
    (row,) = rows
    wrong = []
    if one.fate is Fate.ANSWERED and row.outcome != Outcome.ANSWERED:
        wrong.append(f"heard a counselor, but the database says {row.outcome}")
    if one.fate is Fate.ABANDONED and row.outcome not in (Outcome.ABANDONED, Outcome.ANSWERED):
        wrong.append(f"rang off, but the database says {row.outcome}")
    if logged is not None:
        in_log = logged.get(CallId(row.id))
        if in_log is None:
            wrong.append("not in Asterisk's log")
        elif in_log.ended and in_log.outcome != row.outcome:
            wrong.append(f"Asterisk's log says {in_log.outcome}, the database {row.outcome}")
    return wrong


def reconciled(database: Engine, logs: Collection[Path], since: datetime) -> tuple[int, list[str]]:
    """Calls that `tongdai reconcile` had to put in, and what is wrong with it. Run twice."""
    first = [reconcile(database, log, (), since, utc_now()) for log in logs]
    again = [reconcile(database, log, (), since, utc_now()) for log in logs]
    wrong = [
        f"reconcile: {each.call_id}: log {each.logged}, database {each.kept}"
        for report in first
        for each in report.differences
    ]
    if twice := sum(report.repaired for report in again):
        wrong.append(f"reconcile repaired {twice} when it was run again")
    return sum(report.repaired for report in first), wrong


def left_alone(told: Sequence[Told], site: str, began_at: datetime, over_at: datetime) -> bool:
    """Whether somebody rang this site early enough in the fault for the fallback to be due in it. It is
    not where a phone is held by a talk that the fault cut in two: a center has one in these rows.
    """
    due_by = over_at - timedelta(seconds=FALLBACK_SECONDS)
    held = any(
        one.phone.startswith(site) and one.site != site and one.placed_at < began_at < one.phone_free_at
        for one in told
        if one.phone_free_at is not None
    )
    return not held and any(one.site == site and began_at < one.placed_at < due_by for one in told)


def judged(row: Row, *, fallback_wanted: bool) -> Row:
    """The row with what its figures themselves say is wrong."""
    wrong = list(row.wrong)
    wrong += [f"{one.number}: {one.why}" for one in row.told if one.fate is Fate.DROPPED]
    if row.times.normal is None:
        wrong.append("no call was distributed normally afterwards")
    if fallback_wanted and (row.times.fallback is None or row.times.fallback > FALLBACK_SECONDS):
        wrong.append(f"the fallback did not ring within {FALLBACK_SECONDS:g} s")
    if row.times.takeover is not None and row.times.takeover > TAKEOVER_SECONDS:
        wrong.append(f"the standby took over after {row.times.takeover:.1f} s")
    return Row(row.fault, row.told, row.right, row.repaired, row.times, tuple(wrong))

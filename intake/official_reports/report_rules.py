"""Which way a report goes, and on which day one is due. Pure.

A report is drafted by one person, or by the schedule, and signed off by another who is named. It gets
its number and its date when it is signed, not before (NĐ 30/2020 Đ15): a draft that is sent back uses
none up.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from hotline.calendar import DAY, start_of
from hotline.clock import local
from hotline.errors import Conflict
from intake.cases.deadlines import is_working_day
from intake.statistics import periods
from intake.statistics.periods import Period

SERIES = "BC"
"""Abbreviation of a report (NĐ 30/2020, phụ lục III)."""
READY_AFTER = timedelta(hours=6)
"""Counted from midnight of the day on which it is due: before people come."""


class Kind(StrEnum):
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"
    SPAN = "span"
    """Any days."""


SCHEDULED = (Kind.MONTHLY, Kind.QUARTERLY, Kind.ANNUAL)


class Level(StrEnum):
    """How confidential (NĐ 56/2017 Đ24.3 asks for a level and names none: these are ours)."""

    PUBLIC = "public"
    """May be published: a word to who gets it on paper, nobody reads more here because of it."""
    INTERNAL = "internal"
    STRICT = "strict"
    """For who drafted and signed it and its named readers; and the auditor."""


class State(StrEnum):
    ORDERED = "ordered"
    """The worker counts."""
    DRAFTED = "drafted"
    """Its figures are frozen; it waits for its signature."""
    RETURNED = "returned"
    SIGNED = "signed"
    """Numbered; the worker prints it."""
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


class Step(StrEnum):
    FREEZE = "freeze"
    FAIL = "fail"
    AGAIN = "again"
    SIGN = "sign"
    SEND_BACK = "send_back"
    ISSUE = "issue"
    WITHDRAW = "withdraw"


WAY: Mapping[tuple[State, Step], State] = {
    (State.ORDERED, Step.FREEZE): State.DRAFTED,
    (State.ORDERED, Step.FAIL): State.FAILED,
    (State.FAILED, Step.AGAIN): State.ORDERED,
    (State.DRAFTED, Step.SIGN): State.SIGNED,
    (State.DRAFTED, Step.SEND_BACK): State.RETURNED,
    (State.SIGNED, Step.ISSUE): State.ISSUED,
    (State.SIGNED, Step.WITHDRAW): State.WITHDRAWN,
    (State.ISSUED, Step.WITHDRAW): State.WITHDRAWN,
}
NUMBERED = (State.SIGNED, State.ISSUED, State.WITHDRAWN)
"""States in which others than who writes reports see it."""


class About(StrEnum):
    """What an e-mail tells."""

    TO_SIGN = "to_sign"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


def after(state: State, step: Step) -> State:
    """Raises Conflict (`state`) where there is no such way."""
    found = WAY.get((state, step))
    if found is None:
        raise Conflict("state")
    return found


def symbol(number: int, office: str) -> str:
    """`07/BC-TĐ111`: below ten with a zero (NĐ 30/2020, phụ lục I, II.3)."""
    return f"{number:02d}/{SERIES}-{office}"


def due_at(of: Period) -> datetime:
    """The first working day after the period, early in the morning."""
    day = of.until
    while not is_working_day(day):
        day += DAY
    return start_of(day) + READY_AFTER


def due(kind: Kind, since: datetime, now: datetime) -> list[Period]:
    """What became due after `since` and by now, the oldest first: a day or a month that nobody was there
    is caught up."""
    found = list(_back_to(since, _ended(kind, local(now).date())))
    return [one for one in reversed(found) if due_at(one) <= now]


def _back_to(since: datetime, of: Period) -> Iterator[Period]:
    while due_at(of) > since:
        yield of
        of = of.before()


def _ended(kind: Kind, today: date) -> Period:
    """The newest of its kind that is over."""
    return of_kind(kind, today).before()


def of_kind(kind: Kind, day: date) -> Period:
    """The one of this kind in which the day lies. Raises ValueError for any days."""
    match kind:
        case Kind.MONTHLY:
            return periods.month_of(day)
        case Kind.QUARTERLY:
            return periods.quarter_of(day)
        case Kind.ANNUAL:
            return periods.year_of(day)
    raise ValueError(kind)


_OFFERED = {Kind.MONTHLY: 12, Kind.QUARTERLY: 8, Kind.ANNUAL: 20}


def offered(now: datetime) -> Mapping[Kind, list[Period]]:
    """The newest that are over, of each kind; the newest first."""
    found: dict[Kind, list[Period]] = {}
    for kind, many in _OFFERED.items():
        found[kind] = [_ended(kind, local(now).date())]
        while len(found[kind]) < many:
            found[kind].append(found[kind][-1].before())
    return found

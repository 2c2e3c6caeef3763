"""A month of shifts filled from a template, and what is wrong with one. Pure.

The Labor Code 2019 sets the bounds: twelve hours of rest before a change of shift (Art. 110), a day of
rest each week (Art. 111), 48 hours a week (Art. 105). The generator keeps them always; a shift lead may
put somebody on a shift against them, and the page then says so.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from hotline.calendar import is_holiday
from hotline.ids import StaffId
from routing.shifts import NIGHT, SHIFTS, Duty, Shift, by_code

HOLIDAY = 7
"""The kind of a public holiday, whatever weekday it falls on; Monday is 0."""
REST = timedelta(hours=12)
MOST_A_WEEK = 6
"""Shifts of eight hours from Monday to Sunday: 48 hours and one day of rest."""
MOST_IN_A_ROW = 6
BLOCK = 4
"""Days on which the generator leaves somebody on the same shift before it moves them, if it can."""


@dataclass(frozen=True, slots=True)
class Strength:
    """How many counselors a shift should have, and below how many it must not fall."""

    wanted: int
    minimum: int


NOBODY = Strength(0, 0)
Template = Mapping[tuple[int, str], Strength]
"""(weekday or HOLIDAY, shift) → strength, for one center. What is not named needs nobody."""


class Kind(StrEnum):
    PLANNED = "planned"
    SWAPPED = "swapped"
    """Taken over from a colleague."""
    EXTRA = "extra"
    """Called in on top of the plan."""
    SICK = "sick"
    """Was on the roster and cannot come."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One counselor on one shift of one day."""

    day: date
    shift: str
    staff_id: StaffId
    kind: Kind

    @property
    def duty(self) -> Duty:
        return by_code(self.shift).on(self.day)

    @property
    def works(self) -> bool:
        return self.kind is not Kind.SICK


@dataclass(frozen=True, slots=True)
class Manning:
    """One shift of one day of a center: who is there against who should be."""

    day: date
    shift: str
    have: int
    strength: Strength

    @property
    def missing(self) -> int:
        """How many must still be found."""
        return max(0, self.strength.minimum - self.have)


def day_kind(day: date) -> int:
    return HOLIDAY if is_holiday(day) else day.weekday()


def strength_on(template: Template, day: date, shift: Shift) -> Strength:
    return template.get((day_kind(day), shift.code), NOBODY)


def manning(
    entries: Iterable[Entry], template: Template, days: Iterable[date]
) -> Mapping[tuple[date, str], Manning]:
    """Every shift of these days."""
    have = Counter((entry.day, entry.shift) for entry in entries if entry.works)
    return {
        (day, shift.code): Manning(
            day, shift.code, have[day, shift.code], strength_on(template, day, shift)
        )
        for day in days
        for shift in SHIFTS
    }


class Breach(StrEnum):
    """What the Labor Code does not allow."""

    REST = "rest"
    """Less than twelve hours after the shift before."""
    WEEK = "week"
    """More than 48 hours from Monday to Sunday."""
    ROW = "row"
    """No day of rest in seven."""


def breaches(entries: Iterable[Entry]) -> Mapping[tuple[StaffId, date], Breach]:
    """Whom a roster asks too much of, on the day on which it does."""
    of: dict[StaffId, list[Duty]] = defaultdict(list)
    for entry in entries:
        if entry.works:
            of[entry.staff_id].append(entry.duty)
    found = {}
    for who, duties in of.items():
        for number, duty in enumerate(sorted(duties)):
            if breach := breach_of(duty, sorted(duties)[:number]):
                found[who, duty.day] = breach
    return found


def breach_of(duty: Duty, others: Iterable[Duty]) -> Breach | None:
    """What this shift breaks beside those that somebody works already."""
    others = list(others)
    for other in others:
        if duty.starts < other.ends + REST and other.starts < duty.ends + REST:
            return Breach.REST
    if sum(_week(other.day) == _week(duty.day) for other in others) >= MOST_A_WEEK:
        return Breach.WEEK
    days = {other.day for other in others}
    return Breach.ROW if _row(days, duty.day) > MOST_IN_A_ROW else None


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]


def _row(days: Collection[date], day: date) -> int:
    """How many days in a row around this one, itself included."""
    count = 1
    for step in (timedelta(days=-1), timedelta(days=1)):
        other = day + step
        while other in days:
            count, other = count + 1, other + step
    return count


_HARDEST_FIRST = (NIGHT, *(shift for shift in SHIFTS if shift is not NIGHT))


def fill(
    days: Sequence[date],
    template: Template,
    counselors: Collection[StaffId],
    there: Iterable[Entry],
) -> list[Entry]:
    """The entries that are missing for the wanted strength, planned as fairly as can be.

    `there`: what the roster has already, also of some days before and after; none of it is changed. Who
    is on the roster as sick on a day is not planned for that day. The same input gives the same plan,
    in whatever order it comes. Greedy: what it cannot fill is left as a gap.
    """
    plan = _Plan(counselors, there)
    return [entry for day in sorted(days) for entry in plan.fill(day, template)]


class _Plan:
    """Who works when so far, and how much."""

    def __init__(self, counselors: Collection[StaffId], there: Iterable[Entry]) -> None:
        self._duties: dict[StaffId, list[Duty]] = {who: [] for who in sorted(counselors)}
        self._shifts: Counter[tuple[StaffId, str]] = Counter()
        self._holidays: Counter[StaffId] = Counter()
        self._sick: set[tuple[StaffId, date]] = set()
        self._have: Counter[tuple[date, str]] = Counter()
        for entry in sorted(there):
            if entry.works:
                self._put(entry)
            else:
                self._sick.add((entry.staff_id, entry.day))

    def _put(self, entry: Entry) -> None:
        self._have[entry.day, entry.shift] += 1
        if entry.staff_id in self._duties:
            self._duties[entry.staff_id].append(entry.duty)
            self._shifts[entry.staff_id, entry.shift] += 1
            self._holidays[entry.staff_id] += is_holiday(entry.day)

    def fill(self, day: date, template: Template) -> Iterator[Entry]:
        for shift in _HARDEST_FIRST:
            missing = strength_on(template, day, shift).wanted - self._have[day, shift.code]
            able = [who for who in self._duties if missing > 0 and self._may(who, shift.on(day))]
            loads = {who: self._load(who, shift, day) for who in able}
            for who in sorted(able, key=loads.__getitem__)[: max(0, missing)]:
                entry = Entry(day, shift.code, who, Kind.PLANNED)
                self._put(entry)
                yield entry

    def _may(self, who: StaffId, duty: Duty) -> bool:
        return (who, duty.day) not in self._sick and breach_of(duty, self._duties[who]) is None

    def _load(self, who: StaffId, shift: Shift, day: date) -> tuple[int, ...]:
        """Who has least comes first: of holidays on a holiday, of all shifts. Among equals who worked
        the same shift the days before goes on with it, up to `BLOCK` days: a change of shift costs rest.
        Then who has had least of this shift; the id settles the rest."""
        duties = self._duties[who]
        row = 0
        while row < BLOCK and shift.on(day - timedelta(days=row + 1)) in duties:
            row += 1
        holidays = self._holidays[who] if is_holiday(day) else 0
        return holidays, len(duties), not 0 < row < BLOCK, self._shifts[who, shift.code], who

"""The figures of a period: what adds up comes out of roll-ups, what is few out of its rows.

A consultation is a record closed as information, counseling or a case; an official letter only if a case
came of it (ADR 27). What came over the anti-trafficking line is counted in `Table.TRAFFICKING` alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from hotline import staff
from hotline.calendar import start_of
from hotline.events import Outcome
from intake.forms.taxonomy import CallerType, Disposition, Problem, Sex, Way
from intake.statistics import counted_rows, rollups, therapy
from intake.statistics.counted_rows import (
    AGES,
    CONSULTED,
    OF_CASE,
    OF_CHILD,
    OF_CONSULTATION,
)
from intake.statistics.periods import Period
from intake.statistics.tables import Counted, Figures, Table
from intake.statistics.tallying import UNTOLD
from intake.victims import trafficking_counts
from intake.victims.trafficking_counts import PUBLISHED

_OF_CALLS = (Table.CALLS, Table.MONTHS, Table.WEEKDAYS, Table.HOURS)
_ALL_TOLD = (
    *_OF_CALLS, *OF_CONSULTATION, Table.CENTERS, *OF_CHILD, *OF_CASE, Table.CASE_CHILDREN_STATES
)  # fmt: skip
"""Whose rows have a total."""
_ORDER: Mapping[Table, Sequence[str]] = {
    Table.CALLS: (Outcome.ANSWERED, Outcome.ABANDONED),
    Table.WEEKDAYS: tuple(str(day) for day in range(1, 8)),
    Table.HOURS: tuple(f"{hour:02}" for hour in range(24)),
    Table.WAYS: tuple(Way),
    Table.KINDS: CONSULTED,
    Table.CALLERS: tuple(CallerType),
    Table.COUNSELED: tuple(Problem),
    Table.CHILDREN_SEX: tuple(Sex),
    Table.CHILDREN_AGE: tuple(band for band, _, _ in AGES),
    Table.CASES: tuple(Problem),
    Table.CASE_WAYS: tuple(Way),
}
"""Codes that come first, in this order."""


def figures(session: Session, of: Period, tallied: rollups.Tallied | None = None) -> Figures | None:
    """None: nothing at all is known of these days. `tallied`: `rollups.tallied`, by who has it."""
    if tallied is None:
        tallied = rollups.tallied(session, of)
    if not any(tally for _, tally in tallied.parts):
        return None
    found: Figures = {
        **_of_tallies(session, of, tallied),
        Table.TRAFFICKING: _trafficking(session, of),
        Table.THERAPY: therapy.figures(session, of),
    }
    return found


def _of_tallies(session: Session, of: Period, tallied: rollups.Tallied) -> Figures:
    """All that adds up from day to day."""
    month = counted_rows.of_hour(of)[Table.MONTHS]
    months: Counter[str] = Counter()
    for first, tally in tallied.parts:
        months[month(start_of(first))] += sum(tally.get(Table.CALLS, {}).values())
    names = {str(center.id): center.code for center in staff.centers(session)}
    told = tallied.together
    centers = Counter({names[code]: n for code, n in told[Table.CENTERS].items()})
    many = defaultdict(Counter, {**told, Table.MONTHS: months, Table.CENTERS: centers})
    order = {
        **_ORDER,
        Table.MONTHS: [month(start_of(one)) for one in of.months()],
        Table.CENTERS: tuple(names.values()),
    }
    found = {
        table: _table(many[table], many[table].total(), order.get(table, ())) for table in _ALL_TOLD
    }
    letters = many[Table.LETTERS][Way.OFFICIAL_LETTER]
    return {
        **found,
        Table.CLOSED: _table(
            many[Table.CLOSED], many[Table.CALLS][Outcome.ANSWERED], tuple(Disposition)
        ),
        Table.LETTERS: Counted({Way.OFFICIAL_LETTER: letters}),
        Table.OLD_PROVINCES: _table(many[Table.OLD_PROVINCES], None),
        Table.CASE_CHILDREN: Counted(
            {each: many[Table.CASE_CHILDREN][each] for each in ("cases", "children")}
        ),
    }


def _table(many: Counter[str], total: int | None, codes: Iterable[str] = ()) -> Counted:
    """What was told: `codes` first, in their order; the rest by how often."""
    told = [code for code, n in many.most_common() if n and code != UNTOLD]
    order = dict.fromkeys([*(str(code) for code in codes if many[code]), *told])
    return Counted({code: many[code] for code in order}, total)


def _trafficking(session: Session, of: Period) -> Counted:
    """What is published of that line; `intake.victims.trafficking_counts` says what each is."""
    kinds = trafficking_counts.kinds(session, of.starts_at, of.ends_at)
    return Counted({kind: kinds[kind] for kind in PUBLISHED}, sum(kinds[kind] for kind in PUBLISHED))

"""How fast cases are listed, filtered, opened and compared, on SQLite and PostgreSQL, in the same run.

Cases are made up from word lists and written in bulk with their records, calls and marks, most of them
closed long ago; besides them there are calls that came to nothing. Then every list and filter is asked
for as a counselor, a shift lead and the department, and what is like a new record is looked up. Ends
with 1 when anything took more than the limit. With `--years` the lists are those of the made-up past,
which has a thousand cases a year beside half a million calls.

    python -m bench.cases [--cases 100000 --calls 1000000 | --years 2] [--rounds 20]
        [--only sqlite|postgresql]
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Engine, func, insert, select, text, update
from sqlalchemy.orm import Session

from bench import past
from bench.past import People, staffed
from bench.search import FAMILY, GIVEN, MIDDLE, database, some
from bench.times import at, taken
from hotline import sealed_columns
from hotline.access import Viewer
from hotline.db import reading, transaction
from hotline.ids import CaseId, RecordId
from hotline.units import NEW, Level, Unit, all_units
from intake.cases import candidates, case_lists, cases
from intake.cases.case_filters import CaseFilter
from intake.cases.flow import State
from intake.forms import places
from intake.forms.taxonomy import Risk
from intake.search_tokens import mark
from intake.searching import likeness
from intake.tables.calls import CallRow
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.joins import CaseMarkRow, CaseRecordRow
from intake.tables.records import RecordPersonRow, RecordRow
from tests import factories
from tests.queries import counted

LIMIT_MS = 200
OPEN_SHARE = 0.06
"""Of 100,000 cases 6,000 are open: three years of the busiest year known (1,561 in 2022), and more."""
BATCH = 10_000
YEARS = 12
_NOW = factories.NOON
_COMMUNES = [one for one in all_units().values() if one.era == NEW and one.level is Level.COMMUNE]
_CROWDED = _COMMUNES[0]
"""One case in two hundred is there."""


@dataclass(frozen=True, slots=True)
class Made:
    """The rows of one case, by table."""

    rows: Mapping[type[Any], list[dict[str, Any]]]


def _case(chance: random.Random, n: int, many: int, owner: Viewer, hidden: bytes) -> Made:
    is_open = n >= many * (1 - OPEN_SHARE)
    when = _NOW - timedelta(days=365 * YEARS * (1 - n / many)) - timedelta(hours=1)
    number = f"+849{chance.randrange(90_000_000):08}"
    unit = _CROWDED if n % 200 == 0 else chance.choice(_COMMUNES)
    risk = chance.choices([*Risk, ""], (2, 4, 3, 1))[0]
    name = some(chance, FAMILY, MIDDLE, GIVEN)
    fields = {"place_unit": unit.id, "risk": risk, "content": some(chance, *[GIVEN] * 30)}
    child = {"name": name, "age": str(chance.randrange(2, 17))}
    told = likeness.told({**fields, "child.1.name": name, "child.1.age": child["age"]}, number, when)
    closed_at = None if is_open else when + timedelta(days=120)
    key, call = n + 1, f"hn-{n}.1"
    return Made(
        {
            CallRow: [{"id": call, "number": number, "arrived_at": when, "cause": 16}],
            RecordRow: [
                {
                    "id": key,
                    "call_id": call,
                    "form_version": 3,
                    "owner_id": owner.staff_id,
                    "center_id": owner.center_id,
                    "state": "closed",
                    "disposition": "escalated",
                    "created_at": when,
                    "fields": fields,
                }
            ],
            RecordPersonRow: [
                {"id": key, "record_id": key, "about": "child", "position": 1, "fields": child}
            ],
            CaseRow: [
                {
                    "id": key,
                    "number": f"2026-HN-{key:06}",
                    "state": chance.choice(list(State)[:9]) if is_open else State.CLOSED,
                    "told_risk": risk or None,
                    "place": places.told(unit.id, ""),
                    "province": unit.province.id,
                    "commune": unit.id,
                    "owner_id": owner.staff_id,
                    "opened_by": owner.staff_id,
                    "center_id": owner.center_id,
                    "received_at": when,
                    "heard_at": when,
                    "opened_at": when,
                    "entered_at": when,
                    "due_at": _NOW + timedelta(hours=chance.randrange(-200, 800)) if is_open else None,
                    "closed_at": closed_at,
                }
            ],
            CaseRecordRow: [
                {
                    "id": key,
                    "case_id": key,
                    "home_id": key,
                    "record_id": key,
                    "joined_at": when,
                    "joined_by": owner.staff_id,
                }
            ],
            CaseMarkRow: [
                {"mark": mark(each, hidden), "link_id": key}
                for kind in likeness.marks(told)
                for each in kind
            ],
            CaseEventRow: [
                {
                    "case_id": key,
                    "kind": "note",
                    "staff_id": owner.staff_id,
                    "happened_at": when,
                    "entered_at": when,
                }
            ]
            * 5,
        }
    )


def fill(engine: Engine, house: People, many: int, calls: int) -> None:
    chance = random.Random(111)
    with reading(engine) as session:
        hidden = sealed_columns.search_key(session)
    for start in range(0, many, BATCH):
        rows: dict[type[Any], list[dict[str, Any]]] = {}
        for n in range(start, min(many, start + BATCH)):
            made = _case(chance, n, many, house.counselors[n % len(house.counselors)], hidden)
            for table, some_rows in made.rows.items():
                rows.setdefault(table, []).extend(some_rows)
        with transaction(engine) as session:
            for table, some_rows in rows.items():
                session.execute(insert(table), some_rows)
    others = _other_calls(chance, calls - many)
    while batch := list(islice(others, 5 * BATCH)):
        with transaction(engine) as session:
            session.execute(insert(CallRow), batch)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in (CaseRow, RecordRow, RecordPersonRow, CaseRecordRow, CaseEventRow):
                name = table.__tablename__
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}")  # noqa: S608
                )
            connection.execute(text("VACUUM ANALYZE"))


def _other_calls(chance: random.Random, many: int) -> Iterator[dict[str, Any]]:
    for n in range(many):
        number = f"+849{chance.randrange(90_000_000):08}"
        when = _NOW - timedelta(seconds=300 * n)
        yield {"id": f"dn-{n}.1", "number": number, "arrived_at": when, "cause": 16}


def new_record(engine: Engine, who: Viewer, number: str, typed: Mapping[str, str]) -> RecordId:
    """The record of a call just now."""
    with transaction(engine) as session:
        call = CallRow(id=f"hn-new.{number}", number=number, arrived_at=_NOW, cause=16)
        session.add(call)
        session.flush()
        record = RecordRow(
            call_id=call.id,
            form_version=3,
            owner_id=who.staff_id,
            center_id=who.center_id,
            state="draft",
            created_at=_NOW,
            fields={name: text for name, text in typed.items() if "." not in name},
        )
        session.add(record)
        session.flush()
        child = {name.removeprefix("child.1."): text for name, text in typed.items() if "." in name}
        session.add(RecordPersonRow(record_id=record.id, about="child", position=1, fields=child))
        return RecordId(record.id)


Ask = Callable[[Session], int]


def listed(engine: Engine, house: People, crowded: Unit, quiet: Unit, case: CaseId) -> dict[str, Ask]:
    """What is asked for → how many it gives. `crowded`, `quiet`: communes; `case`: the one to open."""
    counselor, lead, department = house.counselors[0], house.lead, house.department

    def lists(who: Viewer, wanted: CaseFilter, pages: int = 0) -> Ask:
        mark = None
        with reading(engine) as session:
            for _ in range(pages):
                mark = case_lists.page(session, who, wanted, mark, _NOW).following
        return lambda session: len(case_lists.page(session, who, wanted, mark, _NOW).lines)

    filters = {
        "open": CaseFilter(),
        "held by me": CaseFilter(mine=True),
        "overdue": CaseFilter(overdue=True),
        "emergency": CaseFilter(risk=Risk.EMERGENCY),
        "one state": CaseFilter(state=State.APPROVING),
        "a province": CaseFilter(unit=crowded.province.id),
        "a crowded commune": CaseFilter(unit=crowded.id),
        "a quiet commune": CaseFilter(unit=quiet.id),
        "all at once": CaseFilter(
            overdue=True, risk=Risk.EMERGENCY, center="HN", unit=crowded.province.id
        ),
        "closed": CaseFilter(over=True),
        "closed, held by me": CaseFilter(over=True, mine=True),
        "closed, emergency": CaseFilter(over=True, risk=Risk.EMERGENCY),
        "closed, quiet commune": CaseFilter(over=True, unit=quiet.id),
        "closed, another center": CaseFilter(over=True, center="AG"),
    }
    found: dict[str, Ask] = {}
    for who, viewer in (("counselor", counselor), ("lead", lead), ("department", department)):
        for what, wanted in filters.items():
            found[f"{who}: {what}"] = lists(viewer, wanted)
    found["lead: open, page 20"] = lists(lead, CaseFilter(), 20)
    found["department: closed, page 50"] = lists(department, CaseFilter(over=True), 50)
    found["desk: my cases"] = lambda session: len(cases.cases(session, counselor, _NOW))
    found["department: one case"] = lambda session: len(
        cases.case(session, department, case, _NOW).events
    )
    return found


def looked_up(engine: Engine, counselor: Viewer, many: int) -> dict[str, Ask]:
    """What is like a new record → how many. One of the `many` cases is made so."""

    def like(number: str, **typed: str) -> Ask:
        names = {name.replace("__", "."): text for name, text in typed.items()}
        record = new_record(engine, counselor, number, names)
        return lambda session: len(candidates.candidates(session, counselor, record, _NOW))

    found: dict[str, Ask] = {}
    found["like: nothing"] = like("+84100000001", child__1__name="Xyz Xyz Xyz")
    found["like: by number"] = like("+84100000002")
    found["like: common name, crowded commune"] = like(
        "+84100000003", child__1__name="Nguyễn Thị Đào", place_unit=_CROWDED.id
    )
    with transaction(engine) as session:
        same = {"number": "+84100000002"}
        session.execute(update(CallRow).where(CallRow.id == f"hn-{many - 1}.1").values(same))
        like_it = mark(f"n:{same['number']}", sealed_columns.search_key(session))
        session.execute(insert(CaseMarkRow), [{"mark": like_it, "link_id": many}])
    return found


def measure(engine: Engine, found: Mapping[str, Ask], rounds: int) -> bool:
    """Prints the table; whether everything is under the limit."""
    good = True
    print(f"{'':44}{'found':>6}{'statements':>12}{'median':>10}{'p95':>10}{'slowest':>10}  ms")
    for what, ask in found.items():
        times = taken(partial(_asked, engine, ask), rounds)
        with counted(engine) as statements:
            count = _asked(engine, ask)
        p95 = at(0.95, times)
        good = good and p95 <= LIMIT_MS
        line = f"{what:44}{count:6}{len(statements):12}"
        print(f"{line}{statistics.median(times):10.1f}{p95:10.1f}{max(times):10.1f}")
    return good


def _asked(engine: Engine, ask: Ask) -> int:
    with transaction(engine) as session:
        return ask(session)


def _made(engine: Engine, given: argparse.Namespace) -> Mapping[str, Ask]:
    began = time.perf_counter()
    house = staffed(engine)
    fill(engine, house, given.cases, given.calls)
    took = time.perf_counter() - began
    print(f"  {given.cases} cases, {given.calls} calls written in {took:.0f} s")
    of = listed(engine, house, _CROWDED, _COMMUNES[-1], CaseId(given.cases))
    return of | looked_up(engine, house.counselors[0], given.cases)


def _of_the_past(engine: Engine, years: int) -> Mapping[str, Ask]:
    house = past.fill(engine, years)
    row, units = CaseRow, all_units()
    with reading(engine) as session:
        last = session.execute(select(func.max(row.id))).scalar_one()
        there = select(row.commune).where(row.commune.is_not(None)).group_by(row.commune)
        ranked = session.scalars(there.order_by(func.count(), row.commune)).all()
    communes = [units[each] for each in ranked if each is not None]
    return listed(engine, house, communes[-1], communes[0], CaseId(last))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--years", type=int, default=0, help="of the made-up past, at most 20")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    good = True
    for name in (given.only,) if given.only else ("sqlite", "postgresql"):
        with database(name) as engine:
            print(f"\n{name}")
            of = _of_the_past(engine, given.years) if given.years else _made(engine, given)
            good = measure(engine, of, given.rounds) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()

"""From the figures of the anti-trafficking line to what they count."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from hotline.access import Role, Viewer
from hotline.calendar import DAY, start_of
from hotline.db import reading, transaction
from hotline.errors import NotVisible
from hotline.lines import CalledLine
from intake.statistics.tables import TOTAL
from intake.statistics.traced_list import Thing
from intake.statistics.traced_special import HELPED, thing_of, trafficking
from intake.statistics.tracing import Traced
from intake.tables.calls import CallRow
from intake.victims import trafficking_figures, victim_referrals
from intake.victims.trafficking_figures import ANSWERED, CODES, OF_PEOPLE, Figures, Part
from tests import factories
from tests.factories import Story
from tests.intake.conftest import House
from tests.intake.test_joining import opened, told
from tests.intake.test_trafficking import LATER, TO_POLICE, TODAY
from tests.queries import counted

VICTIMS = {
    f"child.{number}.{name}": value
    for number in range(1, 5)
    for name, value in (("name", f"Nạn nhân {number}"), ("age", "24"), ("ethnicity", "Thái"))
}


def people(men: int) -> dict[str, str]:
    """Four, so many of them men."""
    sexes = {f"child.{n}.sex": "male" if n <= men else "female" for n in range(1, 5)}
    return {"problem": "trafficking", "caller_type": "relative", **VICTIMS, **sexes}


@pytest.fixture
def leads(house: House) -> tuple[Viewer, Viewer]:
    """Of two centers, which have had calls over the line, cases of twelve victims, and referrals."""
    for phone, men in (("hn01", 3), ("hn01", 2), ("dn01", 1)):
        by = house.an if phone == "hn01" else house.far
        case_id = opened(house, told(house, people(men), phone=phone), by)
        with transaction(house.db) as session:
            victim_referrals.refer(session, by, case_id, TO_POLICE, f"{phone}{men}" * 4, LATER)
    story = Story().answered_call()
    house.apply(story)
    with transaction(house.db) as session:
        session.get_one(CallRow, story.call_id).line = CalledLine.TRAFFICKING
        hanoi, danang = factories.center(session), factories.center(session, "DN")
        return (
            factories.person(session, Role.CENTER_LEAD, at=hanoi),
            factories.person(session, Role.CENTER_LEAD, at=danang),
        )


def traced(session: Session, who: Viewer, part: Part, code: str) -> Traced:
    return trafficking(session, who, start_of(TODAY), start_of(TODAY + DAY), part, code)


def shown(of: Figures) -> dict[tuple[Part, str], int | None]:
    """All that stands on the page."""
    tables: dict[Part, Mapping[str, int | None]] = {
        Part.CALLS: {TOTAL: of.calls, ANSWERED: of.answered},
        Part.CONTACTS: {**of.contacts, TOTAL: sum(of.contacts.values()), HELPED: of.helped},
        Part.CASES: {TOTAL: of.cases},
        Part.REFERRALS: {**of.referrals, TOTAL: sum(of.referrals.values())},
        Part.OUTCOMES: {**of.outcomes, TOTAL: sum(of.outcomes.values())},
        **{part: {**made.cells, TOTAL: made.total} for part, made in of.people.items()},
    }
    assert tables.keys() == set(Part)
    return {(part, code): many for part, cells in tables.items() for code, many in cells.items()}


def test_each_figure_is_made_of_the_rows_that_it_leads_to(
    house: House, leads: tuple[Viewer, Viewer]
) -> None:
    """All of them are seen by the leads of the two centers together; what is hidden leads nowhere."""
    with transaction(house.db) as session:
        figures = trafficking_figures.figures(session, leads[0], TODAY, TODAY, LATER)
    hidden, shared = 0, 0
    with reading(house.db) as session:
        for (part, code), many in shown(figures).items():
            if many is None:
                hidden += 1
                with pytest.raises(NotVisible):
                    traced(session, leads[0], part, code)
                continue
            one, other = (traced(session, each, part, code) for each in leads)
            assert one.total == other.total == many == one.seen + other.seen, (part, code)
            assert sum(row.times for row in one.rows) == one.seen
            assert {row.center for row in one.rows} <= {"HN"}
            shared += bool(one.seen and other.seen)
    assert (figures.people[Part.SEXES].cells["male"], figures.calls, figures.cases) == (6, 1, 3)
    assert shared > 10
    assert hidden == 2  # who called: three relatives, too few to be told


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_who_may_see_no_such_row_is_led_nowhere(house: House, leads: tuple[Viewer, Viewer]) -> None:
    department = replace(leads[0], role=Role.DEPARTMENT)
    with reading(house.db) as session, counted(house.db) as statements:
        found = traced(session, department, Part.SEXES, "female")
        assert len(statements) <= 8
        assert (found.thing, found.total, found.seen, len(found.rows)) == (Thing.CASE, 6, 6, 3)
        for who, part, code in (
            (department, Part.CONTACTS, TOTAL),
            (department, Part.CALLS, TOTAL),
            (replace(leads[0], role=Role.SHIFT_LEAD), Part.CASES, TOTAL),
            (leads[0], Part.AGES, "to_200"),
            (leads[0], Part.CASES, "female"),
        ):
            with pytest.raises(NotVisible):
                traced(session, who, part, code)


def test_every_part_has_codes_or_a_total_alone() -> None:
    assert set(Part) - CODES.keys() == {Part.CALLS, Part.CASES}
    assert {thing_of(part) for part in OF_PEOPLE if part is not Part.TELLERS} == {Thing.CASE}

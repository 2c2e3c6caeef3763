"""How many of each kind a made-up year has: what was published comes out, and all adds up."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

import pytest

from hotline.clock import HANOI, local
from intake.cases.flow import State
from intake.forms.taxonomy import Disposition, Problem, Way
from intake.history import people
from intake.history.lives import life
from intake.history.loading import FIRST, LAST
from intake.history.moments import arrivals, office_hours
from intake.history.published import PUBLISHED, Figures
from intake.history.year_plan import Plan, plan, shared

COUNSELED = (Disposition.INFORMATION, Disposition.COUNSELING)
CONSULTED = (*COUNSELED, Disposition.ESCALATED)


def consultations(of: Plan) -> dict[Way, int]:
    """Way → consultations; official letters only those that became cases."""
    found = {Way.PHONE: sum(of.spoken[kind] for kind in CONSULTED)}
    for (way, kind), many in of.written.items():
        if kind in CONSULTED and (way, kind) not in {(Way.OFFICIAL_LETTER, each) for each in COUNSELED}:
            found[way] = found.get(way, 0) + many
    return found


def cases(of: Plan) -> int:
    written = sum(many for (_, kind), many in of.written.items() if kind is Disposition.ESCALATED)
    return of.spoken[Disposition.ESCALATED] + written


@pytest.mark.parametrize("year", range(FIRST, LAST + 1))
def test_all_adds_up_in_every_year(year: int) -> None:
    made = plan(PUBLISHED.get(year, Figures(year)))
    counted = [*made.months, made.unanswered, *made.spoken.values(), *made.written.values()]
    assert min([*counted, *made.problems.values(), *made.counseled.values()]) >= 0
    assert sum(made.months) == made.unanswered + sum(made.spoken.values())
    assert cases(made) == sum(made.problems.values()) <= made.children
    deep = [many for (_, kind), many in made.written.items() if kind is Disposition.COUNSELING]
    assert made.spoken[Disposition.COUNSELING] + sum(deep) == sum(made.counseled.values())


@pytest.mark.parametrize("figures", PUBLISHED.values(), ids=lambda of: str(of.year))
def test_what_was_published_comes_out_to_the_digit(figures: Figures) -> None:
    made = plan(figures)
    by_way = consultations(made)
    told: list[tuple[int | None, int]] = [
        (figures.calls, sum(made.months)),
        (figures.consultations, sum(by_way.values())),
        (figures.interventions, cases(made)),
        (figures.first_quarter, sum(made.months[:3])),
        *((many, by_way[way]) for way, many in figures.by_way.items()),
        *((many, made.problems[problem]) for problem, many in figures.problems.items()),
    ]
    assert [(wanted, got) for wanted, got in told if wanted is not None and wanted != got] == []
    for way, many in figures.by_source.items():
        got = made.spoken if way is Way.PHONE else {}
        assert got.get(Disposition.ESCALATED, made.written.get((way, Disposition.ESCALATED))) == many
    app = sum(many for (way, _), many in made.written.items() if way in {Way.APP, Way.ZALO})
    assert app == (figures.written or 0)


def test_2019_as_its_report_tells_it() -> None:
    made = plan(PUBLISHED[2019])
    assert consultations(made) == {Way.PHONE: 31_689, Way.PRESS: 353, Way.POST: 36}
    assert made.written[Way.OFFICIAL_LETTER, Disposition.INFORMATION] == 30
    abuse = made.counseled[Problem.VIOLENCE] + made.counseled[Problem.SEXUAL_ABUSE]
    assert round(1000 * abuse / sum(made.counseled.values())) == 402
    assert made.trafficking is not None
    assert made.trafficking.calls == 2_520


def test_where_the_parts_of_2022_do_not_add_up_one_case_has_no_problem() -> None:
    made = plan(PUBLISHED[2022])
    assert made.problems[None] == 1
    assert sum(made.problems.values()) == 1_561


def test_2021_is_the_sum_of_its_kinds() -> None:
    made = plan(PUBLISHED[2021])
    assert sum(made.counseled.values()) == 11_447
    assert sum(consultations(made).values()) == 22_681 + 11_447 + 1_257


@pytest.mark.parametrize(
    "wrong",
    [
        replace(PUBLISHED[2021], information=22_680),
        replace(PUBLISHED[2019], by_way={Way.PHONE: 1}),
        replace(PUBLISHED[2019], calls=30_000),
    ],
)
def test_figures_that_contradict_each_other_are_refused(wrong: Figures) -> None:
    with pytest.raises(ValueError, match="consultations"):
        plan(wrong)


def test_parts_are_whole_and_as_near_as_can_be() -> None:
    assert shared(10, {"a": 1, "b": 1, "c": 1}) == {"a": 4, "b": 3, "c": 3}
    assert shared(0, {}) == {}
    with pytest.raises(ValueError, match="left over"):
        shared(1, {})


def test_calls_come_within_their_month_and_the_same_for_the_same_seed() -> None:
    made = arrivals(Random(1), 2019, 2, 5_000)
    assert len(made) == 5_000
    assert {local(at).date().month for at in made} == {2}
    assert list(made) == sorted(made)
    assert made == arrivals(Random(1), 2019, 2, 5_000) != arrivals(Random(2), 2019, 2, 5_000)
    evening = sum(local(at).hour in (20, 21, 22) for at in made)
    assert evening > 4 * sum(local(at).hour in (2, 3, 4) for at in made)
    assert {local(at).hour for at in office_hours(Random(1), 2019, 12, 500)} <= set(range(8, 17))


def test_a_case_goes_the_way_of_real_ones_until_now() -> None:
    opened = datetime(2019, 5, 1, 23, 30, tzinfo=HANOI)
    whole = life(Random(1), opened, "emergency", opened + timedelta(days=400))
    assert (whole.state, whole.due_at) == (State.CLOSED, None)
    assert [done.step for done in whole.done][:3] == [
        "report_to_commune",
        "assess_risk",
        "take_emergency_measure",
    ]
    assert whole.done[1].answers["conclusion"] == "emergency"
    part = life(Random(1), opened, "emergency", opened + timedelta(days=30))
    assert part.done == whole.done[: len(part.done)]
    assert part.due_at
    assert part.due_at > opened + timedelta(days=30)


def test_numbers_are_nobodys_and_callers_are_as_was_told() -> None:
    chance = Random(111)
    numbers = people.Numbers(chance)
    made = [numbers.next() for _ in range(2_000)]
    assert all(number is None or number.startswith("+8412") for number in made)
    assert len(set(made)) < len(made)
    days = [date(2019, 1, 1) + timedelta(days=n) for n in range(28)]
    at = [moment for day in days for moment in arrivals(chance, day.year, day.month, 100)]
    told = [people.record(chance, Disposition.COUNSELING, Problem.LAW, moment) for moment in at]
    children = sum(fields["caller_type"] == "child" for fields in told)
    assert 0.43 < children / len(told) < 0.51

"""The day's figures as the wallboard shows them: the whole, each center, and what each is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

from dashboard.asking import Work
from hotline import staff
from hotline.clock import day_began
from hotline.settings import settings
from hotline.staff import Center
from intake.calls.kpi_counts import Limits, by_hour, tallies
from intake.calls.kpis import Tally
from routing import availability

MADE_OF: Mapping[str, tuple[str, ...]] = {
    "offered": ("answered", "abandoned", "left_word", "unserved"),
    "answered": ("in_time",),
    "abandoned": ("short",),
    "answer_rate": ("answered", "offered"),
    "service_level": ("in_time", "offered"),
    "speed_of_answer": ("answer_wait", "answered"),
    "longest_wait": (),
    "handling_time": ("talk", "wrap_up", "handled"),
    "occupancy": ("busy", "staffed"),
    "callbacks": (),
    "lost": ("answered",),
}
"""Figure of the wallboard → the sums told beside its formula; all are attributes of `Tally`."""


@dataclass(frozen=True, slots=True)
class Day:
    """`centers` in their order, with those that had nothing to do today. `hours`: of the whole, until
    now."""

    whole: Tally
    centers: Sequence[tuple[Center, Tally]]
    hours: Sequence[Tally]


def day(work: Work) -> Day:
    """Today, on Vietnam's calendar, until now."""
    began, limits = day_began(work.now), Limits.set_by(settings())
    counted = tallies(work.session, began, work.now, limits)
    for center, time in availability.time_available(work.session, began, work.now).items():
        counted[center] = replace(counted.get(center, Tally()), staffed=time)
    centers = staff.centers(work.session)
    return Day(
        whole=reduce(add, counted.values(), Tally()),
        centers=[(center, counted.get(center.id, Tally())) for center in centers],
        hours=by_hour(work.session, began, work.now, limits),
    )


def shown(of: Day) -> Sequence[str]:
    """The figures on the wallboard: that phones fell silent only on a day on which they did."""
    return [figure for figure in MADE_OF if figure != "lost" or of.whole.lost]

"""How many of each kind a made-up year has: what was published of it, and for the rest what we assume.

Pure. All numbers are whole and add up, so that each published margin comes out to the digit.
**Everything in a constant here is assumed**, most of it carried over from the nearest year of which it
is known.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from intake.forms.taxonomy import Disposition, Problem, Way
from intake.history.published import Figures, Therapy, Trafficking

T = TypeVar("T")

CALLS = 500_000
"""„hàng năm … trên 500 nghìn cuộc gọi"."""
CONSULTED, INTERVENED = 32_078 / 506_957, 984 / 32_078
"""Of calls and of consultations, where it is not known: as in 2019."""
ABANDONED = 0.09
WRITTEN_CONSULTED = 0.6
"""Of contacts by app and Zalo."""
CHILDREN_OF_A_CASE = 969 / 825
"""As in the first eight months of 2025."""
ABUSE_SHARE_BEFORE_2020, ABUSE_SHARE = 112, 516
"""In a thousand: of all years since 2004, and since 2020."""

_SOURCES = {Way.PHONE: 1_033, Way.PRESS: 194, Way.OFFICIAL_LETTER: 9, Way.POST: 21}
_FOUND = {Way.PRESS: 353 / 32_078, Way.POST: 36 / 32_078}
_KINDS: Mapping[Disposition, int] = {
    Disposition.INFORMATION: 22_681,
    Disposition.COUNSELING: 11_447,
}
_FOUND_BY_US = {Disposition.INFORMATION: 1}
_PROBLEMS: Mapping[Problem | None, int] = {
    Problem.SEXUAL_ABUSE: 170,
    Problem.EXPLOITATION: 215,
    Problem.TRAFFICKING: 33,
    Problem.NEGLECT: 44,
    Problem.CUSTODY: 47,
    Problem.RIGHTS_VIOLATION: 44,
    Problem.FINANCIAL_SUPPORT: 50,
    Problem.MISSING: 25,
    Problem.OTHER: 44,
    Problem.VIOLENCE: 888,
}
_ABUSE = {Problem.VIOLENCE: 55, Problem.SEXUAL_ABUSE: 45}
_COUNSELED = {
    Problem.FAMILY_RELATIONS: 230,
    Problem.PEER_RELATIONS: 77,
    Problem.TEACHER_RELATIONS: 38,
    Problem.COMMUNITY_RELATIONS: 38,
    Problem.PHYSICAL_HEALTH: 171,
    Problem.LAW: 101,
    Problem.PSYCHOLOGY: 77,
    Problem.REPRODUCTIVE_HEALTH: 71,
}
"""Of all in-depth talks 2004–2023; how relations part is our guess."""
_NO_CONSULTATION: Mapping[Disposition, int] = {
    Disposition.SILENT: 38,
    Disposition.PRANK: 22,
    Disposition.HANG_UP: 14,
    Disposition.WRONG_NUMBER: 12,
    Disposition.TEST: 7,
    Disposition.THANKS: 4,
    Disposition.ABUSIVE: 3,
}
_NOT_BY_HAND = {Disposition.TEST: 2, Disposition.THANKS: 1, Disposition.PRANK: 1}
_MONTHS = (0.95, 0.88, 1.0, 1.02, 1.05, 1.12, 1.1, 1.05, 1.0, 1.0, 0.95, 0.9)
"""How busy a day of each month is: more in the school holidays."""
_TRAFFICKING = {"information": 2_226, "counseling": 259, "referred": 35}


@dataclass(frozen=True, slots=True)
class Plan:
    """One year. `months`: calls to the child line. `unanswered`: of them. `spoken`: the others, by how
    their records were closed. `written`: other contacts. `problems`: of cases, None where none was told.
    `counseled`: of in-depth talks without a case. `children`: in all cases."""

    year: int
    months: Sequence[int]
    unanswered: int
    spoken: Mapping[Disposition, int]
    written: Mapping[tuple[Way, Disposition], int]
    problems: Mapping[Problem | None, int]
    counseled: Mapping[Problem, int]
    children: int
    trafficking: Trafficking | None
    therapy: Therapy | None


def shared(total: int, weights: Mapping[T, float]) -> dict[T, int]:
    """`total` in whole parts as near to the weights as can be, the greatest remainders first. Raises
    ValueError when there is something to share and nobody to have it."""
    if not weights:
        if total:
            raise ValueError(f"{total} are left over")
        return {}
    whole = sum(weights.values())
    exact = {each: total * weight / whole for each, weight in weights.items()}
    parts = {each: int(part) for each, part in exact.items()}
    by_rest = sorted(parts, key=lambda each: parts[each] - exact[each])
    for each in by_rest[: total - sum(parts.values())]:
        parts[each] += 1
    return parts


def plan(of: Figures) -> Plan:
    """Raises ValueError for figures that contradict each other."""
    calls = CALLS if of.calls is None else of.calls
    consultations = round(calls * CONSULTED) if of.consultations is None else of.consultations
    cases = round(consultations * INTERVENED) if of.interventions is None else of.interventions
    kinds = _kinds(of, consultations - cases)
    sources = _sources(of, cases)
    by_way = _by_way(of, consultations, sources)
    written = _written(of, by_way, sources)
    unanswered = round(calls * ABANDONED)
    direct = {**kinds, Disposition.ESCALATED: cases}
    for (way, kind), many in written.items():
        if kind in direct and not _apart(way, kind):
            direct[kind] -= many
    others = calls - unanswered - sum(direct.values())
    if others < 0:
        raise ValueError("there are more consultations than calls")
    return Plan(
        year=of.year,
        months=_months(of, calls),
        unanswered=unanswered,
        spoken=direct | shared(others, _NO_CONSULTATION),
        written=written,
        problems=_problems(of, cases),
        counseled=_counseled(of, kinds[Disposition.COUNSELING]),
        children=max(cases, round(cases * CHILDREN_OF_A_CASE)),
        trafficking=_trafficking(of),
        therapy=of.therapy,
    )


def _apart(way: Way, kind: Disposition) -> bool:
    """An official letter of which no case came is no consultation."""
    return way is Way.OFFICIAL_LETTER and kind is not Disposition.ESCALATED


def _kinds(of: Figures, total: int) -> dict[Disposition, int]:
    if of.information is None or of.counseling is None:
        return shared(total, _KINDS)
    if of.information + of.counseling != total:
        raise ValueError("consultations are not what they consist of")
    return {Disposition.INFORMATION: of.information, Disposition.COUNSELING: of.counseling}


def _sources(of: Figures, cases: int) -> Mapping[Way, int]:
    """Way → cases. Where letters are told apart, no case came of them."""
    if of.by_source:
        return of.by_source
    ways = {
        way: n for way, n in _SOURCES.items() if way is not Way.OFFICIAL_LETTER or of.letters is None
    }
    return shared(cases, ways)


def _by_way(of: Figures, consultations: int, sources: Mapping[Way, int]) -> dict[Way, int]:
    if of.by_way:
        if sum(of.by_way.values()) != consultations:
            raise ValueError("consultations are not those of all ways")
        return dict(of.by_way)
    found = {way: max(round(consultations * n), sources[way]) for way, n in _FOUND.items()}
    found |= shared(round((of.written or 0) * WRITTEN_CONSULTED), {Way.APP: 1, Way.ZALO: 2})
    found[Way.OFFICIAL_LETTER] = sources.get(Way.OFFICIAL_LETTER, 0)
    return {Way.PHONE: consultations - sum(found.values()), **found}


def _written(
    of: Figures, by_way: Mapping[Way, int], sources: Mapping[Way, int]
) -> dict[tuple[Way, Disposition], int]:
    found: dict[tuple[Way, Disposition], int] = {}
    for way, many in by_way.items():
        if way is Way.PHONE:
            continue
        found[way, Disposition.ESCALATED] = sources.get(way, 0)
        kinds = _KINDS if way in {Way.APP, Way.ZALO} else _FOUND_BY_US
        rest = shared(many - sources.get(way, 0), kinds)
        found |= {(way, kind): n for kind, n in rest.items()}
    if of.letters:
        found[Way.OFFICIAL_LETTER, Disposition.INFORMATION] = of.letters
    if of.written:
        others = of.written - by_way[Way.APP] - by_way[Way.ZALO]
        for way, many in shared(others, {Way.APP: 1, Way.ZALO: 2}).items():
            found |= {(way, kind): n for kind, n in shared(many, _NOT_BY_HAND).items()}
    return {key: n for key, n in found.items() if n}


def _problems(of: Figures, cases: int) -> dict[Problem | None, int]:
    rest = cases - sum(of.problems.values())
    found: dict[Problem | None, int] = dict(of.problems.items())
    if of.problems_are_all:
        found[None] = rest
    else:
        told = {*of.problems, *([Problem.TRAFFICKING] if _trafficking(of) else [])}
        others = {problem: n for problem, n in _PROBLEMS.items() if problem not in told}
        found.update(shared(rest, others))
    return found


def _counseled(of: Figures, many: int) -> dict[Problem, int]:
    usual = ABUSE_SHARE if of.year >= 2020 else ABUSE_SHARE_BEFORE_2020
    abuse = round(many * (usual if of.abuse_share is None else of.abuse_share) / 1000)
    return shared(abuse, _ABUSE) | shared(many - abuse, _COUNSELED)


def _months(of: Figures, calls: int) -> Sequence[int]:
    weights = {
        month: busy * monthrange(of.year, month)[1] for month, busy in enumerate(_MONTHS, start=1)
    }
    if of.first_quarter is None:
        return tuple(shared(calls, weights).values())
    first = {month: weights.pop(month) for month in (1, 2, 3)}
    return (
        *shared(of.first_quarter, first).values(),
        *shared(calls - of.first_quarter, weights).values(),
    )


def _trafficking(of: Figures) -> Trafficking | None:
    """None: nothing is known of that line. Where something is, its cases are all there are."""
    if of.trafficking is None and of.trafficking_calls is not None:
        return Trafficking(**shared(of.trafficking_calls, _TRAFFICKING))
    return of.trafficking

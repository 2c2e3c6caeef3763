"""The figures of the anti-trafficking line and of its victims over any period, and what each counts.

A victim is a person of an anti-trafficking case, counted once however many records tell of them. Counts
of people are kept from telling of one (`intake.small_cells`); there is no name in any of it. What
`counted` gives is what `figures` counts: whoever asks which rows a figure counts asks that.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Action, Scope, Viewer, scope
from hotline.calendar import DAY, start_of
from hotline.errors import NotAllowed
from intake.documents.trafficking_form import Destination, Purpose
from intake.forms.taxonomy import Sex
from intake.forms.trafficking import AgeBand, Body, Outcome, People
from intake.small_cells import Breakdown, breakdown
from intake.tables.calls import CallRow
from intake.victims.told_victims import victims
from intake.victims.trafficking_counts import PUBLISHED, Contact, Teller, calls, contacts, referred


class Part(StrEnum):
    """What is counted by itself."""

    CALLS = "calls"
    CONTACTS = "contacts"
    TELLERS = "tellers"
    CASES = "cases"
    SEXES = "sexes"
    AGES = "ages"
    PEOPLES = "peoples"
    PURPOSES = "purposes"
    DESTINATIONS = "destinations"
    REFERRALS = "referrals"
    OUTCOMES = "outcomes"


WAITING = "waiting"
"""Nobody has said yet what became of a referral."""
ANSWERED = "answered"
"""Code of the calls that were."""
OF_PEOPLE: Mapping[Part, type[StrEnum]] = {
    Part.TELLERS: Teller,
    Part.SEXES: Sex,
    Part.AGES: AgeBand,
    Part.PEOPLES: People,
    Part.PURPOSES: Purpose,
    Part.DESTINATIONS: Destination,
}
"""Whose counts might tell who it is; with their codes."""
CODES: Mapping[Part, Sequence[str]] = {
    **{part: tuple(kind) for part, kind in OF_PEOPLE.items()},
    Part.CONTACTS: tuple(Contact),
    Part.REFERRALS: tuple(Body),
    Part.OUTCOMES: (WAITING, *(one for one in Outcome if one is not Outcome.MISTAKE)),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one period. `answered`: of the calls; `cases`: those that were opened. `people`: what counts
    people. `outcomes`: how the referrals stand now; neither counts people."""

    calls: int
    answered: int
    cases: int
    contacts: Mapping[str, int]
    people: Mapping[Part, Breakdown]
    referrals: Mapping[str, int]
    outcomes: Mapping[str, int]

    @property
    def helped(self) -> int:
        """The contacts that are published."""
        return sum(self.contacts[kind] for kind in PUBLISHED)


@dataclass(frozen=True, slots=True)
class One:
    """What is counted once. `of`: the id of its record, where contacts are counted, else of its case."""

    of: int
    code: str


_Counted = Mapping[Part, Sequence[One]]


def figures(session: Session, viewer: Viewer, first: date, last: date, now: datetime) -> Figures:
    """Of the days from `first` to `last`, in a fixed number of statements; audited.

    Raises NotAllowed.
    """
    if scope(viewer, Action.SEE_SPECIAL_FIGURES) is not Scope.ALL:
        raise NotAllowed("special figures")
    audit.note(session, viewer, audit.Act.SEE, "trafficking_figures", f"{first}..{last}", now)
    begins, ends = start_of(first), start_of(last + DAY)
    row = CallRow
    came = session.execute(
        select(func.count(), func.count(row.answered_at)).where(calls(begins, ends))
    ).one()
    found = {part: those for source in _SOURCES for part, those in source(session, begins, ends).items()}
    many = {part: _many(part, found[part]) for part in CODES}
    return Figures(
        calls=came[0],
        answered=came[1],
        cases=len(found[Part.CASES]),
        contacts=many[Part.CONTACTS],
        people={part: breakdown(many[part]) for part in OF_PEOPLE},
        referrals=many[Part.REFERRALS],
        outcomes=many[Part.OUTCOMES],
    )


def counted(session: Session, part: Part, begins: datetime, ends: datetime) -> Sequence[One]:
    """Each once that this part counts; of calls `trafficking_counts.calls` says which they are."""
    return _OF[part](session, begins, ends)[part]


def is_hidden(part: Part, found: Iterable[One], code: str | None) -> bool:
    """Whether this count of all that were found (None: all of them) tells too much."""
    if part not in OF_PEOPLE:
        return False
    shown = breakdown(_many(part, found))
    return (shown.total if code is None else shown.cells.get(code)) is None


def _many(part: Part, found: Iterable[One]) -> dict[str, int]:
    """Every code of the part with how often it was found."""
    many = Counter(one.code for one in found)
    return {code: many[code] for code in CODES[part]}


def _of_contacts(session: Session, begins: datetime, ends: datetime) -> _Counted:
    found = contacts(session, begins, ends)
    return {
        Part.CONTACTS: [One(one.record_id, one.kind) for one in found],
        Part.TELLERS: [One(one.record_id, one.teller) for one in found if one.kind in PUBLISHED],
    }


def _of_cases(session: Session, begins: datetime, ends: datetime) -> _Counted:
    found, cases = victims(session, begins, ends)
    return {
        Part.CASES: [One(case_id, Part.CASES) for case_id in cases],
        Part.SEXES: [One(one.case_id, one.sex) for one in found],
        Part.AGES: [One(one.case_id, one.age) for one in found],
        Part.PEOPLES: [One(one.case_id, one.people) for one in found],
        Part.PURPOSES: [One(one.case_id, one.purpose) for one in found],
        Part.DESTINATIONS: [One(one.case_id, one.destination) for one in found],
    }


def _of_referrals(session: Session, begins: datetime, ends: datetime) -> _Counted:
    found = referred(session, begins, ends)
    return {
        Part.REFERRALS: [One(one.case_id, one.body) for one in found],
        Part.OUTCOMES: [One(one.case_id, one.outcome or WAITING) for one in found],
    }


_Source = Callable[[Session, datetime, datetime], _Counted]
_OF: Mapping[Part, _Source] = {
    **dict.fromkeys((Part.CONTACTS, Part.TELLERS), _of_contacts),
    **dict.fromkeys((Part.CASES, *(part for part in OF_PEOPLE if part is not Part.TELLERS)), _of_cases),
    **dict.fromkeys((Part.REFERRALS, Part.OUTCOMES), _of_referrals),
}
_SOURCES = (_of_contacts, _of_cases, _of_referrals)

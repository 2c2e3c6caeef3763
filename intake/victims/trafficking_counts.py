"""The figures of the anti-trafficking line and of its victims, over any period.

They follow what the hotline publishes: calls; contacts by kind of help (information, counseling,
referral); who called; victims by sex, age, people, purpose and destination; referrals by who took them.
A contact is a record whose call came over the line or whose main problem is trafficking; a victim is a
person of an anti-trafficking case, counted once however many records tell of them. Counts of people are
kept from telling of one (`intake.small_cells`); there is no name in any of it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, true
from sqlalchemy.orm import Session, aliased

from hotline import audit
from hotline.access import Action, Scope, Viewer, scope
from hotline.calendar import DAY, start_of
from hotline.clock import local
from hotline.errors import NotAllowed
from hotline.ids import ChildId, RecordId
from hotline.lines import CalledLine
from hotline.sql_plan import not_sought
from intake.cases.case_people import CaseChild, ToldChild, children
from intake.documents.trafficking_form import CODE, Destination, Help, Purpose
from intake.forms import trafficking
from intake.forms.forms import About
from intake.forms.taxonomy import CallerType, Disposition, Problem, Sex
from intake.forms.trafficking import AgeBand, Body, Outcome, People, people_of
from intake.searching import case_told
from intake.searching.case_told import CaseTold
from intake.small_cells import Breakdown, breakdown
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.documents import FilledFormRow
from intake.tables.joins import CaseRecordRow, SameChildRow
from intake.tables.records import RecordRow
from intake.tables.victims import VictimReferralRow, VictimResultRow


class Contact(StrEnum):
    """What a contact was; the first three are what is published."""

    INFORMATION = Help.INFORMATION
    COUNSELING = Help.COUNSELING
    REFERRAL = Help.REFERRAL
    EMPTY = "empty"
    """Silent, a prank, a wrong number."""
    OPEN = "open"
    """Its record is still being written."""


class Teller(StrEnum):
    """Who called, as it is published."""

    VICTIM = "victim"
    RELATIVE = "relative"
    CITIZEN = "citizen"
    OFFICIAL = "official"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one period. `answered`: of the calls. `referrals`: by who took them; `outcomes`: how those
    stand now. Neither is a count of people."""

    calls: int
    answered: int
    contacts: Mapping[str, int]
    tellers: Breakdown
    cases: int
    sexes: Breakdown
    ages: Breakdown
    peoples: Breakdown
    purposes: Breakdown
    destinations: Breakdown
    referrals: Mapping[str, int]
    outcomes: Mapping[str, int]

    @property
    def helped(self) -> int:
        """The contacts that are published."""
        return sum(self.contacts[kind] for kind in PUBLISHED)


PUBLISHED = (Contact.INFORMATION, Contact.COUNSELING, Contact.REFERRAL)
_LINE = literal(CalledLine.TRAFFICKING.value, literal_execute=True)
_PROBLEM = literal(Problem.TRAFFICKING.value, literal_execute=True)
"""Written into the statement: only so do the databases know that an index of these alone answers it."""
WAITING = "waiting"
"""Nobody has said yet what became of a referral."""
_TELLERS: Mapping[str, Teller] = {
    CallerType.CHILD: Teller.VICTIM,
    CallerType.VICTIM: Teller.VICTIM,
    CallerType.PARENT: Teller.RELATIVE,
    CallerType.RELATIVE: Teller.RELATIVE,
    CallerType.NEIGHBOR: Teller.CITIZEN,
    CallerType.TEACHER: Teller.CITIZEN,
    CallerType.OTHER: Teller.CITIZEN,
    CallerType.OFFICIAL: Teller.OFFICIAL,
}
_KINDS: Mapping[Disposition, Contact] = {
    Disposition.INFORMATION: Contact.INFORMATION,
    Disposition.THANKS: Contact.INFORMATION,
    Disposition.COUNSELING: Contact.COUNSELING,
    Disposition.ESCALATED: Contact.COUNSELING,
}
"""Unless somebody was referred; everything else was empty."""


def figures(session: Session, viewer: Viewer, first: date, last: date, now: datetime) -> Figures:
    """Of the days from `first` to `last`, in a fixed number of statements; audited.

    Raises NotAllowed.
    """
    if scope(viewer, Action.SEE_SPECIAL_FIGURES) is not Scope.ALL:
        raise NotAllowed("special figures")
    audit.note(session, viewer, audit.Act.SEE, "trafficking_figures", f"{first}..{last}", now)
    begins, ends = start_of(first), start_of(last + DAY)
    calls, answered = _calls(session, begins, ends)
    found = contacts(session, begins, ends)
    victims, cases = _victims(session, begins, ends)
    referrals = referred(session, begins, ends)
    standing = Counter(one.outcome or WAITING for one in referrals)
    return Figures(
        calls=calls,
        answered=answered,
        contacts=_filled(Contact, (one.kind for one in found)),
        tellers=breakdown(_filled(Teller, (one.teller for one in found if one.kind in PUBLISHED))),
        cases=cases,
        sexes=breakdown(_filled(Sex, (one.sex for one in victims))),
        ages=breakdown(_filled(AgeBand, (one.age for one in victims))),
        peoples=breakdown(_filled(People, (one.people for one in victims))),
        purposes=breakdown(_filled(Purpose, (one.purpose for one in victims))),
        destinations=breakdown(_filled(Destination, (one.destination for one in victims))),
        referrals=_filled(Body, (one.body for one in referrals)),
        outcomes={code: standing[code] for code in (WAITING, *_COUNTED)},
    )


def bodies(session: Session, begins: datetime, ends: datetime) -> Mapping[str, int]:
    """Who took victims over, and how often, in a period."""
    many = Counter(one.body for one in referred(session, begins, ends))
    return {body: many[body] for body in Body if many[body]}


_COUNTED = tuple(one for one in Outcome if one is not Outcome.MISTAKE)


def _filled(kind: type[StrEnum], found: Iterable[str]) -> dict[str, int]:
    """Every code of the kind with how often it was found."""
    many = Counter(found)
    return {code: many[code] for code in kind}


def _calls(session: Session, begins: datetime, ends: datetime) -> tuple[int, int]:
    row = CallRow
    found = session.execute(
        select(func.count(), func.count(row.answered_at)).where(
            row.line == _LINE,
            row.arrived_at >= begins,
            row.arrived_at < ends,
            row.outbound.is_(False),
            row.internal.is_(False),
        )
    ).one()
    return found[0], found[1]


def _made() -> Any:
    """Whether a referral was made, and not told by mistake."""
    result = VictimResultRow
    return ~exists().where(result.referral_id == VictimReferralRow.id, result.outcome == Outcome.MISTAKE)


@dataclass(frozen=True, slots=True)
class ToldContact:
    record_id: int
    kind: Contact
    teller: Teller


def contacts(session: Session, begins: datetime, ends: datetime) -> list[ToldContact]:
    """Each once: found by its problem or by its line, each by an index of its own."""
    row, call = RecordRow, CallRow
    query = _contact().where(row.created_at >= begins, row.created_at < ends)
    by_problem = query.where(row.problem == _PROBLEM)
    by_line = query.join(call, call.id == row.call_id).where(
        call.line == _LINE, call.arrived_at >= begins - DAY, call.arrived_at < ends
    )
    rows = {one.id: one for asked in (by_problem, by_line) for one in session.execute(asked)}
    return [
        ToldContact(one.id, _kind(one), _TELLERS.get(one.who or "", Teller.UNKNOWN))
        for one in rows.values()
    ]


def kinds(session: Session, begins: datetime, ends: datetime) -> Counter[Contact]:
    """How many `contacts` of each kind, of any period: counted by the database, for of twenty years they
    are 50,000. Those of whom somebody was referred are few and are looked up apart."""
    columns = (RecordRow.state, RecordRow.disposition)
    found: Counter[Contact] = Counter()
    for rows in _all(begins, ends):
        counts = rows.with_only_columns(*columns, func.count().label("many")).group_by(*columns)
        for one in session.execute(counts):
            found[_written_as(one)] += one.many
    for referred in session.execute(_referred(begins, ends).with_only_columns(*columns)):
        found[_written_as(referred)] -= 1
        found[Contact.REFERRAL] += 1
    return found


def _all(begins: datetime, ends: datetime) -> tuple[Select[Any], Select[Any]]:
    """Those of the problem, and others of the line: each found by an index of its own."""
    row, call = RecordRow, CallRow
    by_line = _written(begins, ends).join(call, row.call_id == not_sought(call.id))
    return (
        _written(begins, ends).where(row.problem == _PROBLEM),
        by_line.where(func.coalesce(row.problem, "") != _PROBLEM, _over_line(begins, ends)),
    )


def _written(begins: datetime, ends: datetime) -> Select[Any]:
    row = RecordRow
    return select(row.id).where(row.state != "unused", row.created_at >= begins, row.created_at < ends)


def _over_line(begins: datetime, ends: datetime) -> ColumnElement[bool]:
    row = CallRow
    return and_(row.line == _LINE, row.arrived_at >= begins - DAY, row.arrived_at < ends)


def _referred(begins: datetime, ends: datetime) -> Select[Any]:
    """The contacts in whose case anybody was referred."""
    link, row, call = CaseRecordRow, RecordRow, CallRow
    made = select(VictimReferralRow.case_id).where(_made())
    standing = or_(link.case_id.in_(made), link.home_id.in_(made))
    records = select(link.record_id).where(link.left_at.is_(None), standing)
    return (
        _written(begins, ends)
        .outerjoin(call, row.call_id == call.id)
        .where(row.id.in_(records), or_(row.problem == _PROBLEM, _over_line(begins, ends)))
    )


def _contact() -> Select[Any]:
    row, link, referral = RecordRow, CaseRecordRow, VictimReferralRow
    referred = exists().where(
        or_(referral.case_id == link.case_id, referral.case_id == link.home_id), _made()
    )
    return (
        select(
            row.id,
            row.state,
            row.disposition,
            row.caller_type.label("who"),
            case((referred, True), else_=False).label("referred"),
        )
        .outerjoin(link, and_(link.record_id == row.id, link.left_at.is_(None)))
        .where(row.state != "unused")
    )


def _kind(one: Any) -> Contact:
    return Contact.REFERRAL if one.referred else _written_as(one)


def _written_as(one: Any) -> Contact:
    if one.state == "draft" or one.disposition is None:
        return Contact.OPEN
    return _KINDS.get(Disposition(one.disposition), Contact.EMPTY)


@dataclass(frozen=True, slots=True)
class _Victim:
    sex: Sex
    age: AgeBand
    people: People
    purpose: Purpose
    destination: Destination


def _victims(session: Session, begins: datetime, ends: datetime) -> tuple[list[_Victim], int]:
    """Of the cases that were opened then, and how many those are; of those that are one now, once."""
    row = CaseRow
    opened = (row.trafficking == true(), row.opened_at >= begins, row.opened_at < ends)
    told = case_told.of_cases(session, session.scalars(select(row.id).where(*opened)).all())
    several = [row.id for one in told if one.records[1:] for each in one.records for row in each.people]
    found = session.execute(
        select(SameChildRow.person_id, SameChildRow.same_as_id).where(
            SameChildRow.undone_at.is_(None), SameChildRow.person_id.in_(several)
        )
    )
    same = [(one, other) for one, other in found]
    forms = _forms(session, [one.case.id for one in told])
    victims = [
        _victim(child, forms.get(one.case.id, ()), local(one.case.received_at).date())
        for one in told
        for child in children(_people(one), same)
    ]
    return victims, len(told)


def _people(told: CaseTold) -> list[ToldChild]:
    return [
        ToldChild(ChildId(row.id), RecordId(one.record.id), dict(row.fields))
        for one in told.records
        for row in one.people
        if row.about == About.CHILD and row.fields
    ]


def _forms(session: Session, case_ids: Collection[int]) -> Mapping[int, list[FilledFormRow]]:
    """Case → the forms about its victims, those of cases that were merged into it too, the newest
    first."""
    home = aliased(CaseRow)
    standing = func.coalesce(home.merged_into_id, home.id)
    found: dict[int, list[FilledFormRow]] = {}
    for case_id, form in session.execute(
        select(standing, FilledFormRow)
        .join(home, home.id == FilledFormRow.case_id)
        .where(FilledFormRow.code == CODE, standing.in_(case_ids))
        .order_by(FilledFormRow.id.desc())
    ):
        found.setdefault(case_id, []).append(form)
    return found


def _victim(child: CaseChild, forms: Sequence[FilledFormRow], on: date) -> _Victim:
    """`forms`: of its case; those about somebody else in it do not count."""
    about = [one.fields for one in forms if one.child_id is None or one.child_id in child.ids]

    def told(name: str) -> str:
        return next((one[name] for one in about if one.get(name)), "") or Purpose.UNKNOWN

    return _Victim(
        sex=Sex(child.fields.get("sex") or Sex.UNKNOWN),
        age=trafficking.band(trafficking.age(child.fields, on)),
        people=people_of(child.fields.get("ethnicity", "")),
        purpose=Purpose(told("purpose")),
        destination=Destination(told("destination")),
    )


def referred(session: Session, begins: datetime, ends: datetime) -> Sequence[Any]:
    """`case_id`, `body` and the newest `outcome` of each that was made then."""
    row, result = VictimReferralRow, VictimResultRow
    newest = (
        select(result.outcome)
        .where(result.referral_id == row.id)
        .order_by(result.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return session.execute(
        select(row.case_id, row.body, newest.label("outcome")).where(
            row.referred_at >= begins, row.referred_at < ends, _made()
        )
    ).all()

"""What is counted of the anti-trafficking line over any period: calls, contacts and referrals.

They follow what the hotline publishes: contacts by kind of help (information, counseling, referral) and
by who called; referrals by who took them. A contact is a record whose call came over the line or whose
main problem is trafficking.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from hotline.calendar import DAY
from hotline.lines import CalledLine
from hotline.sql_plan import not_sought
from intake.documents.trafficking_form import Help
from intake.forms.taxonomy import CallerType, Disposition, Problem
from intake.forms.trafficking import Body, Outcome
from intake.tables.calls import CallRow
from intake.tables.joins import CaseRecordRow
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


PUBLISHED = (Contact.INFORMATION, Contact.COUNSELING, Contact.REFERRAL)
_LINE = literal(CalledLine.TRAFFICKING.value, literal_execute=True)
_PROBLEM = literal(Problem.TRAFFICKING.value, literal_execute=True)
"""Written into the statement: only so do the databases know that an index of these alone answers it."""
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


def bodies(session: Session, begins: datetime, ends: datetime) -> Mapping[str, int]:
    """Who took victims over, and how often, in a period."""
    many = Counter(one.body for one in referred(session, begins, ends))
    return {body: many[body] for body in Body if many[body]}


def calls(begins: datetime, ends: datetime) -> ColumnElement[bool]:
    """Those that came over the line in a period."""
    row = CallRow
    return and_(
        row.line == _LINE,
        row.arrived_at >= begins,
        row.arrived_at < ends,
        row.outbound.is_(False),
        row.internal.is_(False),
    )


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

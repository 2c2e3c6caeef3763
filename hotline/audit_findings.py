"""What was found odd, what the auditor made of it, and the communes that are noted for a person.

Nothing in here is of a child: ids of rows, cases and units, and names of staff as they were.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, Date, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit
from hotline.access import Viewer
from hotline.audit import Act, AuditRow
from hotline.audit_patterns import Found, Look, Odd
from hotline.clock import local
from hotline.db import Base, UtcDateTime
from hotline.errors import BadInput, NotVisible
from hotline.ids import StaffId
from hotline.staff import StaffRow


class Outcome(StrEnum):
    """What the auditor made of a finding."""

    EXPLAINED = "explained"
    ASKED = "asked"
    """The person, or who leads them, was asked."""
    REPORTED = "reported"
    """Reported to who leads the center or the department."""


class AuditFindingRow(Base):
    __tablename__ = "audit_finding"
    __table_args__ = (
        UniqueConstraint("odd", "staff_id", "object_kind", "object_id", "day"),
        Index("ix_audit_finding_noted_at", "noted_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    odd: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[int]
    """0: of many people."""
    login: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    object_kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(150))
    day: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    count: Mapped[int]
    rows: Mapped[list[int]] = mapped_column(JSON)
    noted_by: Mapped[int | None]
    noted_name: Mapped[str] = mapped_column(String(200), default="")
    noted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(20), default="")


class OwnPlaceRow(Base):
    """A commune that is a person's own or their relatives'."""

    __tablename__ = "audit_own_place"
    __table_args__ = (UniqueConstraint("staff_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int]
    unit_id: Mapped[str] = mapped_column(String(12))


@dataclass(frozen=True, slots=True)
class Finding:
    """`noted_name`: of the auditor who has looked at it; empty before."""

    id: int
    odd: Odd
    login: str
    name: str
    object_kind: str
    object_id: str
    at: datetime
    count: int
    noted_name: str
    noted_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class OwnPlace:
    id: int
    login: str
    name: str
    unit_id: str


def keep(session: Session, found: Iterable[Found]) -> int:
    """Keep what was found; how many were new. What is known already only grows, and once an auditor has
    looked at it, stays as they saw it."""
    new = 0
    for one in found:
        day = local(one.at).date()
        known = session.scalars(
            select(AuditFindingRow).where(
                AuditFindingRow.odd == one.odd,
                AuditFindingRow.staff_id == one.staff_id,
                AuditFindingRow.object_kind == one.kind,
                AuditFindingRow.object_id == one.object_id,
                AuditFindingRow.day == day,
            )
        ).first()
        if known is None:
            whose = session.get(AuditRow, one.rows[-1]) if one.staff_id else None
            known = AuditFindingRow(
                odd=one.odd,
                staff_id=one.staff_id,
                login=whose.login if whose else "",
                name=whose.name if whose else "",
                object_kind=one.kind,
                object_id=one.object_id,
                day=day,
            )
            session.add(known)
            new += 1
        elif known.noted_at is not None:
            continue
        known.at, known.count, known.rows = one.at, one.count, list(one.rows)
        session.flush()
    return new


def listed(session: Session, viewer: Viewer, limit: int = 100) -> Sequence[Finding]:
    """Those nobody has looked at first, then the newest. Raises NotVisible."""
    audit.require_reader(viewer)
    row = AuditFindingRow
    query = select(row).order_by(row.noted_at.is_not(None), row.at.desc(), row.id.desc()).limit(limit)
    return [_finding(each) for each in session.scalars(query)]


def rows_of(session: Session, viewer: Viewer, finding_id: int) -> tuple[Finding, Sequence[int]]:
    """The finding, and the ids of the audit rows behind it. Raises NotVisible."""
    audit.require_reader(viewer)
    row = session.get(AuditFindingRow, finding_id)
    if row is None:
        raise NotVisible("audit_finding")
    return _finding(row), row.rows


def note(session: Session, viewer: Viewer, finding_id: int, outcome: Outcome, now: datetime) -> None:
    """This auditor has looked at it. The newest word counts; each is on record. Raises NotVisible."""
    audit.require_reader(viewer)
    row = session.get(AuditFindingRow, finding_id, with_for_update=True)
    if row is None:
        raise NotVisible("audit_finding")
    row.noted_by, row.noted_name, row.noted_at = viewer.staff_id, viewer.name, now
    row.outcome = outcome
    audit.note(session, viewer, Act.TAKE_NOTE, "audit_finding", finding_id, now, outcome)


def _finding(row: AuditFindingRow) -> Finding:
    return Finding(
        id=row.id,
        odd=Odd(row.odd),
        login=row.login,
        name=row.name,
        object_kind=row.object_kind,
        object_id=row.object_id,
        at=row.at,
        count=row.count,
        noted_name=row.noted_name,
        noted_at=row.noted_at,
        outcome=row.outcome,
    )


def own_places(session: Session) -> Mapping[int, frozenset[str]]:
    """Person → communes."""
    found: dict[int, set[str]] = {}
    for staff_id, unit_id in session.execute(select(OwnPlaceRow.staff_id, OwnPlaceRow.unit_id)):
        found.setdefault(staff_id, set()).add(unit_id)
    return {who: frozenset(units) for who, units in found.items()}


def places_listed(session: Session, viewer: Viewer) -> Sequence[OwnPlace]:
    """By person. Raises NotVisible."""
    audit.require_reader(viewer)
    query = (
        select(OwnPlaceRow.id, StaffRow.login, StaffRow.name, OwnPlaceRow.unit_id)
        .join(StaffRow, StaffRow.id == OwnPlaceRow.staff_id)
        .order_by(StaffRow.login, OwnPlaceRow.unit_id)
    )
    return [OwnPlace(*row) for row in session.execute(query)]


def put_place(session: Session, viewer: Viewer, login: str, unit_id: str, now: datetime) -> None:
    """Looks at this commune's cases by this person are found from now on. Twice is once. Raises BadInput
    (`who`), NotVisible."""
    audit.require_reader(viewer)
    staff_id = staff_of(session, login)
    if staff_id is None:
        raise BadInput("who")
    known = select(OwnPlaceRow.id).where(
        OwnPlaceRow.staff_id == staff_id, OwnPlaceRow.unit_id == unit_id
    )
    if session.scalar(known) is None:
        session.add(OwnPlaceRow(staff_id=staff_id, unit_id=unit_id))
        audit.note(session, viewer, Act.CREATE, "audit_own_place", staff_id, now, unit_id)


def drop_place(session: Session, viewer: Viewer, place_id: int, now: datetime) -> None:
    """Raises NotVisible."""
    audit.require_reader(viewer)
    row = session.get(OwnPlaceRow, place_id)
    if row is None:
        raise NotVisible("audit_own_place")
    session.delete(row)
    audit.note(session, viewer, Act.CHANGE, "audit_own_place", row.staff_id, now, f"drop {row.unit_id}")


def staff_of(session: Session, login: str) -> StaffId | None:
    found = session.scalar(select(StaffRow.id).where(StaffRow.login == login))
    return StaffId(found) if found is not None else None


def looks(session: Session, since: datetime, until: datetime, acts: Collection[str]) -> Iterable[Look]:
    """Rows of people with these acts, in the order of time, a few thousand in memory at once."""
    query = (
        select(
            AuditRow.id,
            AuditRow.at,
            AuditRow.staff_id,
            AuditRow.act,
            AuditRow.object_kind,
            AuditRow.object_id,
        )
        .where(AuditRow.at >= since, AuditRow.at < until)
        .where(AuditRow.act.in_(acts), AuditRow.staff_id.is_not(None))
        .order_by(AuditRow.at, AuditRow.id)
        .execution_options(yield_per=5_000)
    )
    for id, at, staff_id, act, kind, object_id in session.execute(query):
        yield Look(id, at, staff_id or 0, act, kind, object_id)

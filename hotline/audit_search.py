"""What is on record, for the auditor: by person, object, act and period, newest first.

Each filter walks an index in the order of time; a page is 50 rows and knows where the next one begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from hotline import audit, stated_reasons
from hotline.access import Viewer
from hotline.audit import AuditRow
from hotline.audit_chain import Row
from hotline.audit_seals import ROW_COLUMNS, row_of
from hotline.ids import StaffId
from hotline.stated_reasons import StatedReason

SHOWN = 50
_PEOPLE = 50
_LOOKS = 200
_REASON_LASTS = timedelta(days=1)
"""Longer than anything is open, or done, for a reason."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """None and "" narrow nothing. `kind` needs `object_id`. `until` is excluded."""

    staff_id: StaffId | None = None
    kind: str = ""
    object_id: str = ""
    act: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """The last row of the page before."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Who:
    """One person, as named in the rows, and how often they did something to a thing."""

    login: str
    name: str
    role: str
    count: int
    last_at: datetime


def page(
    session: Session, viewer: Viewer, wanted: Wanted, after: Mark | None = None
) -> tuple[Sequence[Row], bool]:
    """Newest first, and whether there are more. Raises NotVisible."""
    audit.require_reader(viewer)
    found = [row_of(row) for row in session.execute(query(wanted, after))]
    return found[:SHOWN], len(found) > SHOWN


def query(wanted: Wanted, after: Mark | None = None) -> Select[*tuple[object, ...]]:
    """The statement of a page."""
    conditions = _conditions(wanted)
    if after is not None:
        older = and_(AuditRow.at == after.at, AuditRow.id < after.id)
        conditions += [AuditRow.at <= after.at, or_(AuditRow.at < after.at, older)]
    return (
        select(*ROW_COLUMNS)
        .where(*conditions)
        .order_by(AuditRow.at.desc(), AuditRow.id.desc())
        .limit(SHOWN + 1)
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.staff_id is not None:
        conditions.append(AuditRow.staff_id == wanted.staff_id)
    if wanted.kind and wanted.object_id:
        conditions += [AuditRow.object_kind == wanted.kind, AuditRow.object_id == wanted.object_id]
    if wanted.act:
        conditions.append(AuditRow.act == wanted.act)
    if wanted.since is not None:
        conditions.append(AuditRow.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AuditRow.at < wanted.until)
    return conditions


def people(session: Session, viewer: Viewer, kind: str, object_id: str) -> Sequence[Who]:
    """Everybody who ever did anything to this thing, the last one first. Raises NotVisible."""
    audit.require_reader(viewer)
    last = func.max(AuditRow.at)
    found = session.execute(
        select(AuditRow.login, AuditRow.name, AuditRow.role, func.count(), last)
        .where(AuditRow.object_kind == kind, AuditRow.object_id == object_id)
        .group_by(AuditRow.login, AuditRow.name, AuditRow.role)
        .order_by(last.desc())
        .limit(_PEOPLE)
    )
    return [Who(*row) for row in found]


def with_reason(session: Session, viewer: Viewer, stated: StatedReason) -> Sequence[Row]:
    """What its person did for this reason, oldest first. Raises NotVisible."""
    audit.require_reader(viewer)
    found = (
        select(*ROW_COLUMNS)
        .where(
            AuditRow.staff_id == stated.staff_id,
            AuditRow.at >= stated.at,
            AuditRow.at < stated.at + _REASON_LASTS,
            AuditRow.detail.endswith(stated_reasons.said(stated.id)),
        )
        .order_by(AuditRow.at, AuditRow.id)
        .limit(_LOOKS)
    )
    return [row_of(row) for row in session.execute(found)]


def some(session: Session, viewer: Viewer, ids: Sequence[int]) -> Sequence[Row]:
    """These rows, oldest first. Raises NotVisible."""
    audit.require_reader(viewer)
    found = select(*ROW_COLUMNS).where(AuditRow.id.in_(ids)).order_by(AuditRow.at, AuditRow.id)
    return [row_of(row) for row in session.execute(found)]

"""Who is rung on their mobiles, per center and in turn: when nobody at all can be reached, after who
leads there; and the team that goes out when a child is in danger.

Owns the rows of the mobiles. Each list of a center stays; in force is the newest that is neither undone
nor over, so a list for tonight gives way by itself to the one before. The first is mirrored into
Asterisk by the switchboard, whose dialplan rings them by itself; the team is rung by hand.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Select,
    String,
    UniqueConstraint,
    and_,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, bus, staff
from hotline.access import Action, Role, Viewer, reaches
from hotline.db import Base, UtcDateTime
from hotline.dialing import is_subscriber
from hotline.errors import BadInput, NotVisible
from hotline.ids import CenterId, StaffId
from hotline.staff import CenterRow, StaffView
from hotline.terms import ANY, LONGEST_REASON, Term

LONGEST = timedelta(days=14)
"""A list for a time; what is to stay longer has none."""
MOST = 8
"""People on call in one center: ringing them all takes minutes already."""
_OFFER = re.compile(r"on-call-([0-9]+)-[0-9]+")
"""The offer id that the dialplan gives to the leg of somebody on call: their number, and when."""


class Team(StrEnum):
    """What a list is for."""

    HOUSE = "house"
    """Rung when nobody can be reached."""
    RAPID = "rapid"
    """Nhóm phản ứng nhanh: rung from the page of a case in which a child is in danger."""


_EDITED_BY = {Team.HOUSE: Action.EDIT_ON_CALL, Team.RAPID: Action.EDIT_RAPID_TEAM}


class OnCallListRow(Base):
    __tablename__ = "on_call_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), index=True)
    team: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """None: set by the command `tongdai oncall`."""
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None: until there is another."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was undone."""
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class OnCallRow(Base):
    __tablename__ = "on_call"
    __table_args__ = (UniqueConstraint("list_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("on_call_list.id"))
    position: Mapped[int]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    number: Mapped[str] = mapped_column(String(20), index=True)


@dataclass(frozen=True, slots=True)
class OnCall:
    """One of a center's people on call; `number` as it is dialled."""

    staff: StaffView
    number: str


@dataclass(frozen=True, slots=True)
class OnCallList:
    """The list in force. `by`: who set it, None: the command. `before`: there is one to go back to."""

    id: int
    at: datetime
    by: StaffView | None
    reason: str
    expires_at: datetime | None
    before: bool


def put(
    session: Session,
    center: CenterId,
    people: Sequence[tuple[StaffId, str]],
    now: datetime,
    term: Term = ANY,
    by: StaffId | None = None,
    team: Team = Team.HOUSE,
) -> None:
    """Make this the center's list, in this order, until there is another where the term says no length.
    Raises BadInput for a number that is not called."""
    reason = term.told()
    if term.lasts is not None and not timedelta() < term.lasts <= LONGEST:
        raise BadInput("length")
    ends = now + term.lasts if term.lasts is not None else None
    made = OnCallListRow(center_id=center, team=team, at=now, by_id=by, reason=reason, expires_at=ends)
    session.add(made)
    session.flush()
    for position, (staff_id, number) in enumerate(people, 1):
        if not is_subscriber(number):
            raise BadInput(f"{number!r} is no mobile or landline like 0912345678")
        session.add(OnCallRow(list_id=made.id, position=position, staff_id=staff_id, number=number))
    session.flush()


def edit(
    session: Session,
    viewer: Viewer,
    center: CenterId,
    people: Sequence[tuple[StaffId, str]],
    term: Term,
    now: datetime,
    team: Team = Team.HOUSE,
) -> Sequence[bus.Signal]:
    """The same by a person who may: people of this center, each once. Raises NotVisible, BadInput."""
    _must_reach(viewer, center, team)
    known = staff.some(session, [who for who, _ in people])
    here = {who for who, found in known.items() if found.center.id == center}
    if len(people) > MOST or len({who for who, _ in people}) < len(people) or len(here) < len(people):
        raise BadInput("people on call")
    put(session, center, people, now, term, viewer.staff_id, team)
    audit.note(session, viewer, audit.Act.CHANGE, "on_call", center, now, f"{team} {len(people)}")
    return [bus.Signal(bus.STAFF, "on_call", str(center))]


def undo(session: Session, viewer: Viewer, list_id: int, now: datetime) -> Sequence[bus.Signal]:
    """The list before is in force again; twice is once. Raises NotVisible."""
    row = session.get(OnCallListRow, list_id, with_for_update=True)
    if row is None:
        raise NotVisible("on-call list")
    _must_reach(viewer, CenterId(row.center_id), Team(row.team))
    if row.ended_at is not None or (row.expires_at is not None and row.expires_at <= now):
        return []
    row.ended_at, row.ended_by = now, viewer.staff_id
    audit.note(session, viewer, audit.Act.UNDO, "on_call", row.center_id, now, str(row.id))
    return [bus.Signal(bus.STAFF, "on_call", str(row.center_id))]


def edits(viewer: Viewer, team: Team, center: CenterId) -> bool:
    """Whether the viewer may change this list."""
    return reaches(viewer, _EDITED_BY[team], owner=None, center=center)


def _must_reach(viewer: Viewer, center: CenterId, team: Team) -> None:
    if not edits(viewer, team, center):
        raise NotVisible("on-call list")


def _stands(now: datetime) -> ColumnElement[bool]:
    """That a list is neither undone nor over."""
    row = OnCallListRow
    return and_(row.ended_at.is_(None), or_(row.expires_at.is_(None), row.expires_at > now))


def _newest(now: datetime, team: Team = Team.HOUSE) -> Select[int]:
    """Of each center the list in force."""
    query = select(func.max(OnCallListRow.id)).where(_stands(now), OnCallListRow.team == team)
    return query.group_by(OnCallListRow.center_id)


def in_force(
    session: Session, center: CenterId, now: datetime, team: Team = Team.HOUSE
) -> OnCallList | None:
    """What stands of this center's list besides its people; None when there never was any."""
    query = select(OnCallListRow).where(
        OnCallListRow.center_id == center, OnCallListRow.team == team, _stands(now)
    )
    rows = session.scalars(query.order_by(OnCallListRow.id.desc()).limit(2)).all()
    if not rows:
        return None
    row = rows[0]
    by = staff.one(session, StaffId(row.by_id)) if row.by_id is not None else None
    return OnCallList(row.id, row.at, by, row.reason, row.expires_at, before=len(rows) > 1)


def of_center(session: Session, code: str, now: datetime, team: Team = Team.HOUSE) -> Sequence[OnCall]:
    """The list of the center with this code, in whatever case: a PBX's systemname is its center's.
    Who has left is on none: no caller may reach their mobile."""
    rows = session.scalars(
        select(OnCallRow)
        .join(OnCallListRow, OnCallListRow.id == OnCallRow.list_id)
        .join(CenterRow, CenterRow.id == OnCallListRow.center_id)
        .where(func.lower(CenterRow.code) == code.lower(), OnCallListRow.id.in_(_newest(now, team)))
        .where(OnCallRow.staff_id.not_in(staff.who_left()))
        .order_by(OnCallRow.position)
    ).all()
    people = staff.some(session, [StaffId(row.staff_id) for row in rows])
    return [OnCall(people[StaffId(row.staff_id)], row.number) for row in rows]


def in_turn(
    session: Session, codes: Iterable[str], now: datetime, first: Role = Role.SHIFT_LEAD
) -> dict[str, Sequence[tuple[StaffId, str]]]:
    """Each of these centers by its code → whom to ring, and on what: those of the role `first`, who lead
    there, on their phones of the house; then the mobiles. A few statements, however many."""
    found = defaultdict[str, list[tuple[StaffId, str]]](list)
    for lead in staff.everybody(session, first):
        if lead.phone:
            found[lead.center.code.lower()].append((lead.id, lead.phone))
    mobiles = session.execute(
        select(CenterRow.code, OnCallRow.staff_id, OnCallRow.number)
        .join(OnCallListRow, OnCallListRow.id == OnCallRow.list_id)
        .join(CenterRow, CenterRow.id == OnCallListRow.center_id)
        .where(OnCallListRow.id.in_(_newest(now)), OnCallRow.staff_id.not_in(staff.who_left()))
        .order_by(OnCallRow.position)
    )
    for code, who, number in mobiles:
        found[code.lower()].append((StaffId(who), number))
    return {code: found[code.lower()] for code in codes}


def rung_for(session: Session, offer_id: str | None) -> StaffView | None:
    """Whose mobile was rung with this offer id; None when it is no such offer."""
    found = _OFFER.fullmatch(offer_id or "")
    if found is None:
        return None
    query = select(OnCallRow.staff_id).where(OnCallRow.number == found[1]).order_by(OnCallRow.id.desc())
    staff_id = session.scalar(query.limit(1))
    return staff.one(session, StaffId(staff_id)) if staff_id is not None else None

"""Two counselors change shifts: one asks, the other agrees, a shift lead approves.

Until the lead has approved, the roster stays as it is. A swap whose shifts have moved or begun meanwhile
cannot be approved any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, bus, staff
from hotline.access import Action, Viewer, reaches
from hotline.db import Base, UtcDateTime
from hotline.errors import BadInput, Conflict, NotVisible
from hotline.ids import StaffId
from hotline.staff import StaffRow, StaffView
from routing import roster
from routing.planning import Kind
from routing.shifts import Duty, by_code


class SwapState(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    """The colleague is willing; the lead has not said yet."""
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_OPEN = (SwapState.ASKED, SwapState.AGREED)


class SwapRow(Base):
    __tablename__ = "roster_swap"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    asked_of: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    give_day: Mapped[date] = mapped_column(Date)
    give_shift: Mapped[str] = mapped_column(String(20))
    take_day: Mapped[date] = mapped_column(Date)
    take_shift: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Swap:
    """`asked_by` gives `give` to `asked_of` and gets `take` for it."""

    id: int
    asked_by: StaffView
    asked_of: StaffView
    give: Duty
    take: Duty
    state: SwapState


def ask(
    session: Session, viewer: Viewer, give: Duty, of: StaffId, take: Duty, now: datetime
) -> Sequence[bus.Signal]:
    """Offer my shift for a colleague's. Raises NotVisible, BadInput (`swap`)."""
    colleague = staff.one(session, of)
    if not reaches(viewer, Action.TAKE_CALLS, owner=viewer.staff_id, center=None):
        raise NotVisible("swap")
    if colleague.center.id != viewer.center_id or of == viewer.staff_id:
        raise NotVisible("swap")
    if not _possible(session, viewer.staff_id, give, of, take, now):
        raise BadInput("swap")
    row = SwapRow(asked_by=viewer.staff_id, asked_of=of, state=SwapState.ASKED, asked_at=now)
    row.give_day, row.give_shift = give.day, give.shift
    row.take_day, row.take_shift = take.day, take.shift
    session.add(row)
    session.flush()
    return _note(session, viewer, row, now)


def agree(session: Session, viewer: Viewer, swap_id: int, now: datetime) -> Sequence[bus.Signal]:
    """The colleague is willing. Raises NotVisible, Conflict."""
    row = _locked(session, swap_id)
    if row.asked_of != viewer.staff_id:
        raise NotVisible("swap")
    return _move(session, viewer, row, (SwapState.ASKED,), SwapState.AGREED, now)


def withdraw(session: Session, viewer: Viewer, swap_id: int, now: datetime) -> Sequence[bus.Signal]:
    """Who asked does not want it any more. Raises NotVisible, Conflict."""
    row = _locked(session, swap_id)
    if row.asked_by != viewer.staff_id:
        raise NotVisible("swap")
    return _move(session, viewer, row, _OPEN, SwapState.WITHDRAWN, now)


def refuse(session: Session, viewer: Viewer, swap_id: int, now: datetime) -> Sequence[bus.Signal]:
    """The colleague or the lead says no. Raises NotVisible, Conflict."""
    row = _locked(session, swap_id)
    if row.asked_of != viewer.staff_id and not _leads(session, viewer, row):
        raise NotVisible("swap")
    return _move(session, viewer, row, _OPEN, SwapState.REFUSED, now)


def approve(session: Session, viewer: Viewer, swap_id: int, now: datetime) -> Sequence[bus.Signal]:
    """The lead says yes: both shifts change hands. Raises NotVisible, Conflict."""
    row = _locked(session, swap_id)
    if not _leads(session, viewer, row):
        raise NotVisible("swap")
    one, other = StaffId(row.asked_by), StaffId(row.asked_of)
    give, take = _duties(row)
    if not _possible(session, one, give, other, take, now):
        raise Conflict("swap")
    signals = list(_move(session, viewer, row, (SwapState.AGREED,), SwapState.APPROVED, now))
    for who, gives, gets in ((one, give, take), (other, take, give)):
        signals += roster.take_off(session, viewer, who, gives, now)
        signals += roster.put(session, viewer, who, gets, Kind.SWAPPED, now)
    session.flush()
    return signals


def open_for(session: Session, viewer: Viewer) -> Sequence[Swap]:
    """Those that wait for this viewer or that they wait for; a lead also those of the center."""
    query = select(SwapRow).where(SwapRow.state.in_(_OPEN)).order_by(SwapRow.id)
    mine = or_(SwapRow.asked_by == viewer.staff_id, SwapRow.asked_of == viewer.staff_id)
    if reaches(viewer, Action.EDIT_ROSTER, owner=None, center=viewer.center_id):
        of_center = select(StaffRow.id).where(StaffRow.center_id == viewer.center_id)
        mine = or_(mine, SwapRow.asked_by.in_(of_center))
    rows = session.scalars(query.where(mine)).all()
    people = staff.some(
        session, [StaffId(each) for row in rows for each in (row.asked_by, row.asked_of)]
    )
    return [
        Swap(
            row.id,
            people[StaffId(row.asked_by)],
            people[StaffId(row.asked_of)],
            *_duties(row),
            SwapState(row.state),
        )
        for row in rows
    ]


def _duties(row: SwapRow) -> tuple[Duty, Duty]:
    return by_code(row.give_shift).on(row.give_day), by_code(row.take_shift).on(row.take_day)


def _possible(
    session: Session, one: StaffId, give: Duty, other: StaffId, take: Duty, now: datetime
) -> bool:
    """Both still have what they give, neither has what they get, and neither has begun."""
    if min(give.starts, take.starts) <= now or give == take:
        return False
    first, last = min(give.day, take.day), max(give.day, take.day)
    on = {
        (each.staff_id, each.duty)
        for each in roster.entries(session, first, last)
        if each.staff_id in (one, other)
    }
    works = {(one, give), (other, take)} <= on
    return works and not {(one, take), (other, give)} & on


def _locked(session: Session, swap_id: int) -> SwapRow:
    row = session.get(SwapRow, swap_id, with_for_update=True)
    if row is None:
        raise NotVisible("swap")
    return row


def _leads(session: Session, viewer: Viewer, row: SwapRow) -> bool:
    center = staff.one(session, StaffId(row.asked_by)).center.id
    return reaches(viewer, Action.EDIT_ROSTER, owner=None, center=center)


def _move(
    session: Session,
    viewer: Viewer,
    row: SwapRow,
    before: Sequence[SwapState],
    to: SwapState,
    now: datetime,
) -> Sequence[bus.Signal]:
    if row.state not in before:
        raise Conflict("swap")
    row.state, row.decided_by, row.decided_at = to, viewer.staff_id, now
    return _note(session, viewer, row, now)


def _note(session: Session, viewer: Viewer, row: SwapRow, now: datetime) -> Sequence[bus.Signal]:
    audit.note(session, viewer, audit.Act.CHANGE, "roster_swap", row.id, now, row.state)
    return [bus.Signal(bus.desk(StaffId(who)), "swap") for who in (row.asked_by, row.asked_of)]

"""What shift leads have ordered for the time being: limits, closed centers, counselors put elsewhere or
into a state.

One row per order. It is in force until it expires or is undone; of several about one thing the newest
counts, so undoing it brings back the one before. Nothing is ever changed or deleted: who ordered what,
why, and who took it back stays readable. The switchboard gets it all as one `routing.values.Steering`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hotline import audit, bus, staff
from hotline.access import Action, Viewer, may, reaches
from hotline.errors import BadInput, Conflict, NotAllowed, NotVisible
from hotline.ids import CenterId, StaffId
from hotline.lines import CalledLine
from hotline.staff import Center, CenterRow, StaffView
from hotline.terms import Term
from routing.availability import AvailabilityRow
from routing.choices import Choice
from routing.order_rows import Kind, SteeringRow
from routing.values import Post, Steering

__all__ = [
    "LONGEST",
    "LONGEST_LIMIT",
    "Kind",
    "Order",
    "close",
    "give",
    "in_force",
    "move",
    "set_limit",
    "steering",
    "undo",
]

LONGEST = timedelta(hours=24)
"""No order lasts longer: what is to stay is a setting."""
LONGEST_LIMIT = timedelta(minutes=10)


_OF_COUNSELORS = frozenset({Kind.MOVED, Kind.STATE})


@dataclass(frozen=True, slots=True)
class Order:
    """One order in force. `counselor`: who is moved, or in the state `choice`; `center`: which, or where
    to; `by`: who said so."""

    id: int
    kind: Kind
    center: Center | None
    counselor: StaffView | None
    line: CalledLine | None
    limit: timedelta | None
    choice: Choice | None
    reason: str
    by: StaffView
    at: datetime
    expires_at: datetime


def set_limit(
    session: Session, viewer: Viewer, center: CenterId, limit: timedelta, term: Term, now: datetime
) -> Sequence[bus.Signal]:
    """Callers of this center go to other centers' counselors after so long.

    Raises BadInput, NotAllowed, NotVisible.
    """
    _may_steer_centers(viewer)
    if not timedelta() <= limit <= LONGEST_LIMIT:
        raise BadInput("limit")
    seconds = int(limit.total_seconds())
    return give(
        session, viewer, SteeringRow(kind=Kind.LIMIT, center_id=center, seconds=seconds), term, now
    )


def close(
    session: Session, viewer: Viewer, center: CenterId, term: Term, now: datetime
) -> Sequence[bus.Signal]:
    """This center takes no calls. Raises BadInput without a reason, Conflict for the last one open."""
    _may_steer_centers(viewer)
    if not term.reason.strip():
        raise BadInput("reason")
    centers = set(session.scalars(select(CenterRow.id).order_by(CenterRow.id).with_for_update()))
    closed = {order.center.id for order in in_force(session, now, Kind.CLOSED) if order.center}
    if not centers - closed - {center}:
        raise Conflict("the last open center stays open")
    return give(session, viewer, SteeringRow(kind=Kind.CLOSED, center_id=center), term, now)


def move(
    session: Session, viewer: Viewer, counselor: StaffId, post: Post, term: Term, now: datetime
) -> Sequence[bus.Signal]:
    """This counselor works for the callers of `post.center` (its code, "" for their own), and for
    `post.line` before others. Raises NotVisible, BadInput."""
    person = staff.one(session, counselor)
    if not reaches(viewer, Action.STEER_COUNSELORS, owner=None, center=person.center.id):
        raise NotVisible("counselor")
    codes = {each.code.casefold(): each.id for each in staff.centers(session)}
    if post == Post() or (post.center and post.center.casefold() not in codes):
        raise BadInput("post")
    row = SteeringRow(
        kind=Kind.MOVED,
        staff_id=counselor,
        center_id=codes[post.center.casefold()] if post.center else None,
        line=post.line or "",
    )
    signals = give(session, viewer, row, term, now)
    return [*signals, bus.Signal(bus.desk(counselor), "steering", str(row.id))]


def undo(session: Session, viewer: Viewer, order_id: int, now: datetime) -> Sequence[bus.Signal]:
    """Take an order back; twice is once. Raises NotVisible."""
    row = session.get(SteeringRow, order_id, with_for_update=True)
    if row is None or not _may_undo(session, viewer, row):
        raise NotVisible("order")
    if row.ended_at is not None or row.expires_at <= now:
        return []
    row.ended_at, row.ended_by = now, viewer.staff_id
    audit.note(session, viewer, audit.Act.UNDO, "steering", row.id, now, row.kind)
    desk = [bus.Signal(bus.desk(StaffId(row.staff_id)), "steering", str(row.id))] if row.staff_id else []
    return [*_signals(row), *desk]


def in_force(session: Session, now: datetime, kind: Kind | None = None) -> list[Order]:
    """What counts now: the newest about each thing, newest first. A state that its counselor has changed
    since does not."""
    set_now = select(AvailabilityRow.order_id).where(AvailabilityRow.order_id.is_not(None))
    query = select(SteeringRow).where(
        SteeringRow.ended_at.is_(None),
        SteeringRow.expires_at > now,
        or_(SteeringRow.kind != Kind.STATE, SteeringRow.id.in_(set_now)),
    )
    if kind is not None:
        query = query.where(SteeringRow.kind == kind)
    newest: dict[tuple[str, int | None], SteeringRow] = {}
    for row in session.scalars(query.order_by(SteeringRow.id.desc())):
        about = row.staff_id if row.kind in _OF_COUNSELORS else row.center_id
        newest.setdefault((row.kind, about), row)
    rows = list(newest.values())
    ids = {StaffId(who) for row in rows for who in (row.by_id, row.staff_id) if who is not None}
    people = staff.some(session, ids)
    centers: dict[int, Center] = {each.id: each for each in staff.centers(session)} if rows else {}
    return [_view(row, people, centers) for row in rows]


def steering(session: Session, now: datetime, limit: timedelta) -> Steering:
    """The same for the policy, centers by code in lower case. `limit`: where nobody ordered another."""
    orders = in_force(session, now)
    return Steering(
        limit=limit,
        limits={
            _code(order): order.limit
            for order in orders
            if order.kind is Kind.LIMIT and order.limit is not None
        },
        closed=frozenset(_code(order) for order in orders if order.kind is Kind.CLOSED),
        moved={
            order.counselor.id: Post(_code(order), order.line)
            for order in orders
            if order.kind is Kind.MOVED and order.counselor is not None
        },
    )


def _code(order: Order) -> str:
    return order.center.code.casefold() if order.center else ""


def _may_steer_centers(viewer: Viewer) -> None:
    if not may(viewer, Action.STEER_CENTERS):
        raise NotAllowed("steering centers")


def _may_undo(session: Session, viewer: Viewer, row: SteeringRow) -> bool:
    if row.staff_id is None:
        return may(viewer, Action.STEER_CENTERS)
    center = staff.one(session, StaffId(row.staff_id)).center.id
    return reaches(viewer, Action.STEER_COUNSELORS, owner=None, center=center)


def give(
    session: Session, viewer: Viewer, row: SteeringRow, term: Term, now: datetime
) -> list[bus.Signal]:
    """Write the order down, for its term. Raises BadInput, NotVisible for a center there is none of."""
    reason = term.told()
    if term.lasts is None or not timedelta() < term.lasts <= LONGEST:
        raise BadInput("length")
    if row.center_id is not None and session.get(CenterRow, row.center_id) is None:
        raise NotVisible("center")
    row.reason, row.by_id, row.at, row.expires_at = reason, viewer.staff_id, now, now + term.lasts
    session.add(row)
    session.flush()
    told = {
        "center": row.center_id,
        "staff": row.staff_id,
        "line": row.line,
        "seconds": row.seconds,
        "choice": row.choice,
    }
    about = " ".join(f"{name}={value}" for name, value in told.items() if value not in (None, ""))
    audit.note(session, viewer, audit.Act.STEER, "steering", row.id, now, f"{row.kind} {about}")
    return _signals(row)


def _signals(row: SteeringRow) -> list[bus.Signal]:
    return [bus.Signal(topic, "steering", str(row.id)) for topic in (bus.STAFF, bus.BOARD)]


def _view(row: SteeringRow, people: dict[StaffId, StaffView], centers: dict[int, Center]) -> Order:
    return Order(
        id=row.id,
        kind=Kind(row.kind),
        center=centers[row.center_id] if row.center_id is not None else None,
        counselor=people[StaffId(row.staff_id)] if row.staff_id is not None else None,
        line=CalledLine(row.line) if row.line else None,
        limit=timedelta(seconds=row.seconds) if row.seconds is not None else None,
        choice=Choice(row.choice) if row.choice else None,
        reason=row.reason,
        by=people[StaffId(row.by_id)],
        at=row.at,
        expires_at=row.expires_at,
    )

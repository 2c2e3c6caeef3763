"""Who is rung when nobody at all can be reached: per center who leads there, then mobiles, in turn.

Owns the rows of the mobiles. The switchboard mirrors all of it into Asterisk, whose dialplan rings them
by itself.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, bus, staff
from hotline.access import Action, Role, Viewer, reaches
from hotline.db import Base
from hotline.dialing import is_subscriber
from hotline.errors import BadInput, NotVisible
from hotline.ids import CenterId, StaffId
from hotline.staff import CenterRow, StaffView

MOST = 8
"""People on call in one center: ringing them all takes minutes already."""
_OFFER = re.compile(r"on-call-([0-9]+)-[0-9]+")
"""The offer id that the dialplan gives to the leg of somebody on call: their number, and when."""


class OnCallRow(Base):
    __tablename__ = "on_call"
    __table_args__ = (UniqueConstraint("center_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    position: Mapped[int]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    number: Mapped[str] = mapped_column(String(20), index=True)


@dataclass(frozen=True, slots=True)
class OnCall:
    """One of a center's people on call; `number` as it is dialled."""

    staff: StaffView
    number: str


def put(session: Session, center: CenterId, people: Sequence[tuple[StaffId, str]]) -> None:
    """Make this the center's list, in this order. Raises BadInput for a number that is not called."""
    session.execute(delete(OnCallRow).where(OnCallRow.center_id == center))
    for position, (staff_id, number) in enumerate(people, 1):
        if not is_subscriber(number):
            raise BadInput(f"{number!r} is no mobile or landline like 0912345678")
        session.add(OnCallRow(center_id=center, position=position, staff_id=staff_id, number=number))
    session.flush()


def edit(
    session: Session,
    viewer: Viewer,
    center: CenterId,
    people: Sequence[tuple[StaffId, str]],
    now: datetime,
) -> Sequence[bus.Signal]:
    """The same by a person who may: people of this center, each once. Raises NotVisible, BadInput."""
    if not reaches(viewer, Action.EDIT_ON_CALL, owner=None, center=center):
        raise NotVisible("on-call list")
    known = staff.some(session, [who for who, _ in people])
    here = {who for who, found in known.items() if found.center.id == center}
    if len(people) > MOST or len({who for who, _ in people}) < len(people) or len(here) < len(people):
        raise BadInput("people on call")
    put(session, center, people)
    audit.note(session, viewer, audit.Act.CHANGE, "on_call", center, now, str(len(people)))
    return [bus.Signal(bus.STAFF, "on_call", str(center))]


def of_center(session: Session, code: str) -> Sequence[OnCall]:
    """The list of the center with this code, in whatever case: a PBX's systemname is its center's."""
    rows = session.scalars(
        select(OnCallRow)
        .join(CenterRow, CenterRow.id == OnCallRow.center_id)
        .where(func.lower(CenterRow.code) == code.lower())
        .order_by(OnCallRow.position)
    ).all()
    people = staff.some(session, [StaffId(row.staff_id) for row in rows])
    return [OnCall(people[StaffId(row.staff_id)], row.number) for row in rows]


def in_turn(session: Session, codes: Iterable[str]) -> dict[str, Sequence[tuple[StaffId, str]]]:
    """Each of these centers by its code → whom to ring, and on what: first who leads there, on their
    phone of the house. A few statements, however many."""
    found = defaultdict[str, list[tuple[StaffId, str]]](list)
    for lead in staff.everybody(session, Role.SHIFT_LEAD):
        if lead.phone:
            found[lead.center.code.lower()].append((lead.id, lead.phone))
    mobiles = session.execute(
        select(CenterRow.code, OnCallRow.staff_id, OnCallRow.number)
        .join(CenterRow, CenterRow.id == OnCallRow.center_id)
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
    query = select(OnCallRow.staff_id).where(OnCallRow.number == found[1]).order_by(OnCallRow.id)
    staff_id = session.scalar(query.limit(1))
    return staff.one(session, StaffId(staff_id)) if staff_id is not None else None

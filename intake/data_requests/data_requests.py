"""Requests of people about what is kept of them: registered, decided by one, approved by another, handed
over. Each step is audited; what people wrote is sealed (`intake.data_requests.papers`)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, false, literal, select, true
from sqlalchemy.orm import Session

from hotline import alarms, audit, bus, staff
from hotline.access import Action, Scope, Viewer, scope
from hotline.alarm_kinds import AlarmKind
from hotline.errors import Conflict, FieldErrors, NotVisible
from hotline.ids import StaffId
from hotline.sealed import KeyRing
from hotline.staff import StaffView
from intake.data_requests import papers
from intake.data_requests.request_rules import (
    HANDED,
    MOVES,
    THEMSELVES,
    ChildSays,
    Deed,
    Identity,
    Late,
    Refused,
    Relation,
    State,
    Want,
    Way,
    due,
    late,
)
from intake.forms.forms import tidy
from intake.tables.data_requests import DataObjectRow, DataRequestRow

JOB = "dashboard.packet_work.make"
"""Makes the files of one answer. In the room that makes sentences."""
_OLDEST = timedelta(days=60)
_SHOWN = 200
_LONGEST = {"name": 120, "contact": 300, "subject": 120, "words": 4000, "identity_note": 300}


@dataclass(frozen=True, slots=True)
class Asking:
    """What is registered. `told`: name, contact, subject, words, identity_note; sealed."""

    way: str
    relation: str
    child_says: str
    identity: str
    wants: Collection[str]
    told: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request, without anybody's words."""

    id: int
    center_id: int
    state: State
    way: Way
    relation: Relation
    child_says: ChildSays | None
    identity: Identity
    wants: tuple[Want, ...]
    received_at: datetime
    registered_by: StaffView
    due_at: datetime
    late: Late | None
    refused_as: Refused | None
    submitted_by: StaffView | None
    submitted_at: datetime | None
    approved_by: StaffView | None
    approved_at: datetime | None
    delivered_as: Way | None
    closed_at: datetime | None
    erased_at: datetime | None


def register(
    session: Session,
    viewer: Viewer,
    asking: Asking,
    center_id: int,
    token: str,
    received_at: datetime | None,
    ring: KeyRing,
    now: datetime,
) -> int:
    """Its id; sent twice it is the same one. Raises FieldErrors (`missing`, `too_long`, `not_a_choice`,
    `not_a_time`)."""
    asked_by = f"{token}-{center_id}"
    known = session.scalar(select(DataRequestRow.id).where(DataRequestRow.asked_by == asked_by))
    if known is not None:
        return known
    told = {name: tidy(asking.told.get(name, "")).strip() for name in _LONGEST}
    came = received_at or now
    _check(asking, told, came, now)
    row = DataRequestRow(
        center_id=center_id,
        asked_by=asked_by,
        state=State.OPEN,
        way=asking.way,
        relation=asking.relation,
        child_says="" if asking.relation in THEMSELVES else asking.child_says,
        identity=asking.identity,
        wants=[want for want in Want if want in asking.wants],
        received_at=came,
        registered_by=viewer.staff_id,
        registered_at=now,
        due_at=due(came),
    )
    session.add(row)
    session.flush()
    papers.put_words(session, row.id, papers.TOLD, told, ring, now)
    audit.note(session, viewer, audit.Act.CREATE, "data_request", row.id, now, " ".join(row.wants))
    return row.id


def _check(asking: Asking, told: Mapping[str, str], came: datetime, now: datetime) -> None:
    wrong = {name: "too_long" for name, most in _LONGEST.items() if len(told[name]) > most}
    wrong |= {name: "missing" for name in ("name", "words") if not told[name]}
    for name, code, known in (
        ("way", asking.way, Way),
        ("relation", asking.relation, Relation),
        ("identity", asking.identity, Identity),
    ):
        if code not in set(known):
            wrong[name] = "not_a_choice" if code else "missing"
    if asking.relation in set(Relation) - THEMSELVES and asking.child_says not in set(ChildSays):
        wrong["child_says"] = "missing"
    if not asking.wants or not set(asking.wants) <= set(Want):
        wrong["wants"] = "missing"
    if not now - _OLDEST < came <= now + timedelta(minutes=1):
        wrong["received_at"] = "not_a_time"
    if wrong:
        raise FieldErrors(wrong)


def reachable(viewer: Viewer, action: Action) -> ColumnElement[bool]:
    """Requests of the viewer's center, or all."""
    match scope(viewer, action):
        case Scope.ALL:
            return true()
        case Scope.CENTER:
            return DataRequestRow.center_id == viewer.center_id
    return false()


def row_of(
    session: Session, viewer: Viewer, action: Action, request_id: int, *, lock: bool = False
) -> DataRequestRow:
    """Raises NotVisible."""
    query = select(DataRequestRow).where(DataRequestRow.id == request_id, reachable(viewer, action))
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotVisible("data request")
    return row


def everything(session: Session, viewer: Viewer, now: datetime) -> Sequence[RequestView]:
    """Open ones first, by deadline; then the newest that are answered. Audited."""
    query = (
        select(DataRequestRow)
        .where(reachable(viewer, Action.APPROVE_DATA_REQUESTS))
        .order_by(
            DataRequestRow.closed_at.is_not(None), DataRequestRow.closed_at.desc(), DataRequestRow.due_at
        )
    )
    rows = session.scalars(query.limit(_SHOWN)).all()
    audit.note(session, viewer, audit.Act.LIST, "data_request", len(rows), now)
    return _views(session, rows, now)


def request(session: Session, viewer: Viewer, request_id: int, now: datetime) -> RequestView:
    """Audited. Raises NotVisible."""
    row = row_of(session, viewer, Action.APPROVE_DATA_REQUESTS, request_id)
    audit.note(session, viewer, audit.Act.SEE, "data_request", row.id, now)
    return _views(session, [row], now)[0]


def _views(session: Session, rows: Sequence[DataRequestRow], now: datetime) -> Sequence[RequestView]:
    ids = {
        StaffId(one)
        for row in rows
        for one in (row.registered_by, row.submitted_by, row.approved_by)
        if one is not None
    }
    people = staff.some(session, ids)
    return [_view(row, people, now) for row in rows]


def _view(row: DataRequestRow, people: Mapping[StaffId, StaffView], now: datetime) -> RequestView:
    def person(one: int | None) -> StaffView | None:
        return None if one is None else people[StaffId(one)]

    return RequestView(
        id=row.id,
        center_id=row.center_id,
        state=State(row.state),
        way=Way(row.way),
        relation=Relation(row.relation),
        child_says=ChildSays(row.child_says) if row.child_says else None,
        identity=Identity(row.identity),
        wants=tuple(Want(one) for one in row.wants),
        received_at=row.received_at,
        registered_by=people[StaffId(row.registered_by)],
        due_at=row.due_at,
        late=None if row.closed_at else late(row.due_at, now),
        refused_as=Refused(row.refused_as) if row.refused_as else None,
        submitted_by=person(row.submitted_by),
        submitted_at=row.submitted_at,
        approved_by=person(row.approved_by),
        approved_at=row.approved_at,
        delivered_as=Way(row.delivered_as) if row.delivered_as else None,
        closed_at=row.closed_at,
        erased_at=row.erased_at,
    )


def move(row: DataRequestRow, deed: Deed) -> None:
    """Raises Conflict (`state`) where it stands otherwise."""
    to = MOVES[State(row.state)].get(deed)
    if to is None:
        raise Conflict("state")
    row.state = to


def send_back(
    session: Session, viewer: Viewer, request_id: int, why: str, ring: KeyRing, now: datetime
) -> None:
    """To whoever decided it. Raises NotVisible, Conflict, FieldErrors (`why`)."""
    row = row_of(session, viewer, Action.APPROVE_DATA_REQUESTS, request_id, lock=True)
    said = _said(why, "why")
    move(row, Deed.SEND_BACK)
    papers.put_words(session, row.id, papers.BACK, said, ring, now)
    papers.drop(session, row.id, papers.ANSWER)
    audit.note(session, viewer, audit.Act.GIVE_BACK, "data_request", row.id, now)


def approve(session: Session, viewer: Viewer, request_id: int, now: datetime) -> None:
    """A second person's yes: what was decided is carried out, and the answer may leave.

    Raises NotVisible, and Conflict: `state`, or `same_person` for who had a part in deciding it.
    """
    row = row_of(session, viewer, Action.APPROVE_DATA_REQUESTS, request_id, lock=True)
    objects = session.scalars(select(DataObjectRow).where(DataObjectRow.request_id == row.id)).all()
    if viewer.staff_id in {row.submitted_by, *(one.decided_by for one in objects)}:
        raise Conflict("same_person")
    move(row, Deed.APPROVE)
    row.approved_by, row.approved_at = viewer.staff_id, now
    for one in objects if not row.refused_as else ():
        codes = {answer.partition(" ")[0] for answer in one.answers.values()}
        one.erase_at = now if "erase" in codes else None
        one.limited_at = now if "limit" in codes else None
    audit.note(session, viewer, audit.Act.CHANGE, "data_request", row.id, now, "approved")


def deliver(
    session: Session,
    viewer: Viewer,
    request_id: int,
    way: str,
    to: str,
    ring: KeyRing,
    now: datetime,
) -> list[bus.Signal]:
    """The answer was handed over. Raises NotVisible, Conflict, FieldErrors (`way`, `to`)."""
    row = row_of(session, viewer, Action.HANDLE_DATA_REQUESTS, request_id, lock=True)
    if way not in set(HANDED):
        raise FieldErrors({"handed": "missing"})
    said = _said(to, "to")
    if not session.scalar(select(papers.made(literal(row.id)))):
        raise Conflict("not_made")
    move(row, Deed.DELIVER)
    row.delivered_by, row.delivered_as, row.closed_at = viewer.staff_id, way, now
    papers.put_words(session, row.id, papers.HANDED, said, ring, now)
    audit.note(session, viewer, audit.Act.CLOSE, "data_request", row.id, now, way)
    return alarms.end(session, AlarmKind.DATA_REQUEST, str(row.id), now)


def _said(text: str, name: str) -> str:
    said = tidy(text).strip()
    if not said or len(said) > _LONGEST["contact"]:
        raise FieldErrors({name: "too_long" if said else "missing"})
    return said


def words(session: Session, view: RequestView, ring: KeyRing) -> Mapping[str, Any]:
    """What was asked and written so far, for whoever was let to `request`."""
    return papers.all_words(session, view.id, ring)

"""Handovers as they are shown: to the hotline beside their case, to officers in their list."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.access import Viewer
from hotline.ids import CaseId, StaffId
from hotline.staff import StaffView
from intake.cases import case_rows
from intake.handovers import handover_packets
from intake.handovers.handover_packets import Packet
from intake.handovers.handover_states import SHOWN, UNANSWERED, State
from intake.tables.cases import CaseRow
from intake.tables.handovers import HandoverEventRow, HandoverPhotoRow, HandoverRow
from intake.visibility import reachable_handovers


class Way(StrEnum):
    """How it reaches the receiver."""

    ACCOUNT = "account"
    """They log in here."""
    LINK = "link"
    """They open a link, with a code that they are told by phone."""
    SYSTEM = "system"
    """Their own program fetches it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a handover. `photo`: what is asked for to see it."""

    at: datetime
    kind: str
    code: str
    text: str
    by: str
    photo: int | None


@dataclass(frozen=True, slots=True)
class HandoverView:
    """`reported`: situation and doing of the newest report, None before there is one."""

    id: int
    reference: str
    case_id: CaseId
    case_number: str
    unit_id: str
    recipient: str
    way: Way
    urgent: bool
    packet: Packet
    state: State
    sent_by: StaffView
    sent_at: datetime
    due_at: datetime
    reported: tuple[str, str] | None
    events: tuple[Event, ...]

    def overdue(self, now: datetime) -> bool:
        return self.state in UNANSWERED and now > self.due_at


@dataclass(frozen=True, slots=True)
class HandoverLine:
    """One line of an officer's list: no names."""

    reference: str
    case_number: str
    unit_id: str
    urgent: bool
    risk: str
    place: str
    state: State
    sent_at: datetime
    due_at: datetime
    reported: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a list of cases says of the newest handover of each."""

    state: State
    overdue: bool
    reported: tuple[str, str] | None


def of_case(session: Session, viewer: Viewer, case_id: CaseId) -> Sequence[HandoverView]:
    """All of a case, newest first. Raises NotVisible. The case's page is audited itself."""
    case_rows.readable(session, viewer, case_id)
    rows = session.scalars(
        select(HandoverRow).where(HandoverRow.case_id == case_id).order_by(HandoverRow.id.desc())
    ).all()
    return _views(session, rows)


def listed(session: Session, viewer: Viewer, limit: int = 200) -> Sequence[HandoverLine]:
    """What was handed to the viewer's unit and is not over: unanswered first, the soonest due."""
    rows = session.execute(
        select(HandoverRow, CaseRow.number)
        .join(CaseRow, CaseRow.id == HandoverRow.case_id)
        .where(reachable_handovers(viewer), HandoverRow.state.in_(SHOWN))
        .order_by(HandoverRow.state == State.ACCEPTED, HandoverRow.due_at, HandoverRow.id)
        .limit(limit)
    ).all()
    return [_line(row, number) for row, number in rows]


def standing_of(session: Session, cases: Collection[CaseId], now: datetime) -> Mapping[CaseId, Standing]:
    """How the newest handover of each of these cases stands, in one statement: for lists of what the
    viewer may read already."""
    row = HandoverRow
    newest = select(func.max(row.id)).where(row.case_id.in_(cases)).group_by(row.case_id)
    found = session.execute(
        select(row.case_id, row.state, row.due_at, row.reported).where(row.id.in_(newest))
    ).all()
    return {
        CaseId(one.case_id): Standing(
            State(one.state), one.state in UNANSWERED and now > one.due_at, _pair(one.reported)
        )
        for one in found
    }


def _line(row: HandoverRow, number: str) -> HandoverLine:
    packet = handover_packets.from_json(row.packet)
    return HandoverLine(
        reference=row.reference,
        case_number=number,
        unit_id=row.unit_id,
        urgent=row.urgent,
        risk=packet.risk,
        place=packet.place,
        state=State(row.state),
        sent_at=row.sent_at,
        due_at=row.due_at,
        reported=_pair(row.reported),
    )


def view_of(session: Session, row: HandoverRow) -> HandoverView:
    """One, for whoever has been let to it."""
    return _views(session, [row])[0]


def _views(session: Session, rows: Sequence[HandoverRow]) -> list[HandoverView]:
    """A few statements, however many."""
    ids = [row.id for row in rows]
    told = session.execute(
        select(HandoverEventRow, HandoverPhotoRow.id)
        .outerjoin(HandoverPhotoRow, HandoverPhotoRow.event_id == HandoverEventRow.id)
        .where(HandoverEventRow.handover_id.in_(ids))
        .order_by(HandoverEventRow.id)
    ).all()
    cases = select(CaseRow.id, CaseRow.number).where(CaseRow.id.in_({row.case_id for row in rows}))
    numbers = {case_id: number for case_id, number in session.execute(cases)}  # noqa: C416
    people = staff.some(
        session,
        {StaffId(row.sent_by) for row in rows}
        | {StaffId(event.staff_id) for event, _ in told if event.staff_id},
    )
    events: dict[int, list[Event]] = {}
    for event, photo in told:
        who = event.by or (people[StaffId(event.staff_id)].name if event.staff_id else "")
        events.setdefault(event.handover_id, []).append(
            Event(event.at, event.kind, event.code, event.text, who, photo)
        )
    return [
        HandoverView(
            id=row.id,
            reference=row.reference,
            case_id=CaseId(row.case_id),
            case_number=numbers[row.case_id],
            unit_id=row.unit_id,
            recipient=row.recipient,
            way=Way(row.way),
            urgent=row.urgent,
            packet=handover_packets.from_json(row.packet),
            state=State(row.state),
            sent_by=people[StaffId(row.sent_by)],
            sent_at=row.sent_at,
            due_at=row.due_at,
            reported=_pair(row.reported),
            events=tuple(events.get(row.id, ())),
        )
        for row in rows
    ]


def _pair(reported: str) -> tuple[str, str] | None:
    """Situation and doing of the newest report."""
    situation, _, doing = reported.partition(" ")
    return (situation, doing) if situation else None

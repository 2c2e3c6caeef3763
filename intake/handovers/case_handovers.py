"""Handing a case to the commune where it happened: the packet, what becomes of it, and who sees it.

The sender sees what will be sent before it goes, and nothing else goes. The receiver's answers are in
`intake.handovers.handover_answers`, the limit in `intake.handovers.handover_care`. Officers reach what
was handed to their unit (`intake.visibility.reachable_handovers`), the hotline what it can read of the
case.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import alarms, audit, bus, staff
from hotline.access import Action, Viewer
from hotline.alarm_kinds import AlarmKind
from hotline.errors import BadInput, Conflict, NotVisible
from hotline.ids import CaseId
from hotline.terms import LONGEST_REASON
from hotline.units import NEW, Unit, unit
from hotline.units import now as today_of
from intake.cases import case_rows
from intake.cases.case_views import risk_of
from intake.forms import informants
from intake.forms.forms import About
from intake.forms.taxonomy import Risk
from intake.handovers import handover_packets, handover_states
from intake.handovers.handover_packets import Packet
from intake.handovers.handover_states import SHOWN, UNANSWERED, State, Turn
from intake.handovers.handover_views import Way
from intake.searching import case_told, search_index
from intake.searching.case_told import RecordTold
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.documents import FilledFormRow
from intake.tables.handovers import HandoverEventRow, HandoverLinkRow, HandoverRow
from intake.tables.records import RecordRevisionRow
from intake.visibility import reachable_cases

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No sign that is mistaken for another when read out on the phone."""
_QUICK_REPORT = "quick_report"
"""`intake.documents.statutory_forms`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """By when a commune must have answered. NĐ 56/2017 Đ26.1 says "at once", which is no number."""

    ordinary: timedelta
    urgent: timedelta


@dataclass(frozen=True, slots=True)
class Draft:
    """What the sender chose and wrote. `recipient`: an entry of the directory, or a name; `report`:
    whether the case's quick report goes along."""

    unit_id: str
    recipient: str
    way: Way
    summary: str
    request: str
    report: bool = False


def units_of(session: Session, viewer: Viewer, case_id: CaseId) -> Sequence[Unit]:
    """The units of today that it may have happened in, as the records tell. Raises NotVisible."""
    row = case_rows.reached(session, viewer, case_id)
    found = unit(case_told.first_told(_records(session, row)).get("place_unit", ""))
    return today_of(found) if found else ()


def told_by_records(session: Session, viewer: Viewer, case_id: CaseId) -> str:
    """What the sender begins their summary from, with the informants blotted out. Raises NotVisible."""
    records = _records(session, case_rows.reached(session, viewer, case_id))
    content = case_told.first_told(records).get("content", "")
    return handover_packets.blotted(content, handover_packets.secrets_of(_told_by(session, records)))


def _records(session: Session, row: CaseRow) -> Sequence[RecordTold]:
    found = case_told.of_cases(session, [row.id])
    return found[0].records if found else ()


def _told_by(session: Session, records: Sequence[RecordTold]) -> Sequence[Mapping[str, str]]:
    """Who told it, as the records tell and as they told before somebody wished not to be known."""
    kept: dict[int, list[Mapping[str, list[str]]]] = {one.record.id: [] for one in records}
    for row in session.scalars(select(RecordRevisionRow).where(RecordRevisionRow.record_id.in_(kept))):
        kept[row.record_id].append(row.changes)
    return [
        fields for one in records for fields in informants.ever(one.record.fields, kept[one.record.id])
    ]


def prepare(session: Session, viewer: Viewer, case_id: CaseId, draft: Draft) -> Packet:
    """Exactly what would be sent. Raises NotVisible, Conflict, BadInput (`unit`, `recipient`,
    `summary`)."""
    return _packet(session, case_rows.writable(session, viewer, case_id), draft)


def _packet(session: Session, row: CaseRow, draft: Draft) -> Packet:
    found = unit(draft.unit_id)
    if found is None or found.era != NEW:
        raise BadInput("unit")
    if not draft.recipient.strip() or len(draft.recipient) > 160:
        raise BadInput("recipient")
    if not draft.summary.strip() or len(draft.summary) > handover_packets.LONGEST:
        raise BadInput("summary")
    records = _records(session, row)
    center = next(one for one in staff.centers(session) if one.id == row.center_id)
    return handover_packets.packet(
        number=row.number,
        center=center.name,
        received_at=row.received_at.isoformat(),
        fields=case_told.first_told(records),
        told_by=_told_by(session, records),
        children=_people(records, About.CHILD),
        offenders=_people(records, About.OFFENDER),
        reachable=any(one.call and one.call.number for one in records)
        or any(one.record.fields.get("call_back") for one in records),
        summary=draft.summary,
        request=draft.request,
        risk=risk_of(row) or "",
        adults=row.adults,
        report=_quick_report(session, row.id) if draft.report else None,
    )


def has_quick_report(session: Session, viewer: Viewer, case_id: CaseId) -> bool:
    """Raises NotVisible."""
    return _quick_report(session, case_rows.reached(session, viewer, case_id).id) is not None


def _quick_report(session: Session, case_id: int) -> Mapping[str, str] | None:
    """The newest, as it is written now."""
    row = FilledFormRow
    query = select(row).where(row.case_id == case_id, row.code == _QUICK_REPORT)
    found = session.scalar(query.order_by(row.id.desc()).limit(1))
    return None if found is None else found.fields


def _people(records: Sequence[RecordTold], about: About) -> Sequence[Mapping[str, str]]:
    return [person.fields for one in records for person in one.people if person.about == about]


def send(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    draft: Draft,
    seen: str,
    limits: Limits,
    now: datetime,
) -> tuple[str, Sequence[bus.Signal]]:
    """Send what the sender has seen: `seen` is that packet's digest. What of the case was sent before
    and not accepted yet is superseded. Returns the reference.

    Raises NotVisible, BadInput, and Conflict when the packet is another by now.
    """
    row = case_rows.writable(session, viewer, case_id)
    packet = _packet(session, row, draft)
    if packet.digest != seen:
        raise Conflict("packet")
    found = unit(draft.unit_id)
    assert found is not None  # `_packet` has looked
    signals = _supersede(session, viewer, row.id, draft.unit_id, now)
    urgent = packet.risk == Risk.EMERGENCY
    made = HandoverRow(
        reference=_new_reference(),
        case_id=row.id,
        center_id=row.center_id,
        unit_id=found.id,
        province_id=found.province.id,
        recipient=" ".join(draft.recipient.split()),
        way=draft.way,
        urgent=urgent,
        packet=handover_packets.as_json(packet),
        state=State.SENT,
        sent_by=viewer.staff_id,
        sent_at=now,
        due_at=now + (limits.urgent if urgent else limits.ordinary),
        rings_at=now + (limits.urgent if urgent else limits.ordinary),
    )
    session.add(made)
    session.flush()
    audit.note(session, viewer, audit.Act.CREATE, "handover", made.id, now, f"case {row.id}")
    tell_case(session, made, viewer.staff_id, "sent", now)
    return made.reference, signals


def _supersede(
    session: Session, viewer: Viewer, case_id: int, unit_id: str, now: datetime
) -> list[bus.Signal]:
    """What was not accepted yet, and what went to the same unit."""
    rows = session.scalars(
        select(HandoverRow).where(HandoverRow.case_id == case_id, HandoverRow.state.in_(SHOWN))
    ).all()
    signals: list[bus.Signal] = []
    for each in rows:
        if each.state in UNANSWERED or each.unit_id == unit_id:
            signals += turn(session, each, Turn.SUPERSEDE, now, staff_id=viewer.staff_id)
    return signals


def _new_reference() -> str:
    """About 50 random bits: nobody finds another's by trying."""
    signs = [secrets.choice(_ALPHABET) for _ in range(10)]
    return f"BG-{''.join(signs[:5])}-{''.join(signs[5:])}"


def withdraw(
    session: Session, viewer: Viewer, reference: str, reason: str, now: datetime
) -> Sequence[bus.Signal]:
    """Take it back: its unit sees it no longer, its links open nothing. Raises NotVisible, BadInput
    (`reason`), Conflict when it was refused or is over."""
    row = sendable(session, viewer, reference, lock=True)
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST_REASON:
        raise BadInput("reason")
    audit.note(session, viewer, audit.Act.CHANGE, "handover", row.id, now, "withdraw")
    return turn(session, row, Turn.WITHDRAW, now, staff_id=viewer.staff_id, text=said)


def turn(
    session: Session,
    row: HandoverRow,
    what: Turn,
    now: datetime,
    *,
    staff_id: int | None = None,
    by: str = "",
    code: str = "",
    text: str = "",
) -> list[bus.Signal]:
    """Take one turn of the table and write down who and when; what is said again changes nothing.
    Raises Conflict."""
    state = State(row.state)
    following = handover_states.after(state, what)
    if following is state:
        return []
    row.state = following
    session.add(
        HandoverEventRow(
            handover_id=row.id, at=now, kind=what, code=code, text=text, staff_id=staff_id, by=by
        )
    )
    if following not in UNANSWERED:
        row.answered_at = row.answered_at or now
        tell_case(session, row, staff_id, following, now, by=by, code=code, words=text)
    if following not in SHOWN:
        _close_links(session, row.id, now)
    session.flush()
    if following in UNANSWERED:
        return []
    return alarms.end(session, AlarmKind.HANDOVER, row.reference, now)


def _close_links(session: Session, handover_id: int, now: datetime) -> None:
    for link in session.scalars(
        select(HandoverLinkRow).where(
            HandoverLinkRow.handover_id == handover_id, HandoverLinkRow.revoked_at.is_(None)
        )
    ):
        link.revoked_at = now


def tell_case(
    session: Session,
    row: HandoverRow,
    staff_id: int | None,
    what: str,
    now: datetime,
    *,
    by: str = "",
    code: str = "",
    words: str = "",
) -> None:
    """Put it on the case's spine. Of whom has no account the sender tells, and `by` says who it was."""
    answers = {"handover": row.reference, "unit": row.unit_id, "recipient": row.recipient}
    session.add(
        CaseEventRow(
            case_id=row.case_id,
            kind="handover",
            code=what,
            text=words,
            answers=answers | ({"why": code} if code else {}) | ({"by": by} if by else {}),
            staff_id=staff_id or row.sent_by,
            happened_at=now,
            entered_at=now,
        )
    )
    search_index.write_case(session, session.get_one(CaseRow, row.case_id))


def case_of(session: Session, viewer: Viewer, reference: str) -> CaseId:
    """Whose it is. Raises NotVisible."""
    return CaseId(sendable(session, viewer, reference).case_id)


def sendable(session: Session, viewer: Viewer, reference: str, *, lock: bool = False) -> HandoverRow:
    """One of a case that the viewer may write. Raises NotVisible."""
    query = (
        select(HandoverRow)
        .join(CaseRow, CaseRow.id == HandoverRow.case_id)
        .where(HandoverRow.reference == reference, reachable_cases(viewer, Action.WRITE_CASE))
    )
    row = session.scalar(query.with_for_update(of=HandoverRow) if lock else query)
    if row is None:
        raise NotVisible("handover")
    return row

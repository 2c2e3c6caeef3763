"""Reports that programs send in: accepted once, waiting in the inbox, taken by one counselor.

What was accepted is in SQL before its sender hears so. Until somebody takes it, people see only that it
waits: since when, by which way, and whether a child is said to be in danger now. Taking makes a record
of it, which then is written, searched and escalated like a call's; the report stays as it was sent.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hotline import alarms, audit, bus
from hotline.access import Action, Viewer, may
from hotline.alarm_kinds import AlarmKind
from hotline.errors import Conflict, HotlineError, NotAllowed, NotVisible
from hotline.ids import RecordId, StaffId
from hotline.sealed import KeyRing
from intake.forms import forms
from intake.forms.forms import Person
from intake.forms.taxonomy import Way, WhyBack
from intake.record_text import new_person
from intake.reports import attachments
from intake.reports.api_clients import ApiClient
from intake.reports.attachments import Attachment, Judged, Refused
from intake.searching import search_index
from intake.tables.records import RecordRow
from intake.tables.reports import ApiClientRow, ReportRow

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No sign that is mistaken for another when read out on the phone."""


class KeyReused(HotlineError):
    """The same Idempotency-Key came with another body."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a program sent. `fields`: canonical values by full field name; `body_hash`: of the whole
    request body, to know the same request again."""

    idempotency_key: str
    body_hash: str
    happened_at: datetime | None
    in_danger: bool
    fields: Mapping[str, str]
    files: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What its sender is told, word for word again when the same request is repeated. `stored`: position
    → media type; `refused`: position → why."""

    reference: str
    received_at: datetime
    stored: Mapping[int, str]
    refused: Mapping[int, Refused]


@dataclass(frozen=True, slots=True)
class WaitingReport:
    """One that nobody has taken: no content. `given_back`: by whom, and why, when somebody had it."""

    id: int
    reference: str
    way: Way
    since: datetime
    in_danger: bool
    attachments: int
    given_back: tuple[StaffId, WhyBack] | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How many wait, since when the oldest does, and in how many a child is said to be in danger now."""

    count: int
    since: datetime | None
    in_danger: int


@dataclass(frozen=True, slots=True)
class ReportView:
    """A taken report as it was sent."""

    id: int
    reference: str
    client: str
    received_at: datetime
    in_danger: bool
    fields: Mapping[str, str]
    attachments: tuple[Attachment, ...]
    refused: Mapping[int, Refused]


def accept(
    session: Session, client: ApiClient, sent: Submitted, ring: KeyRing, now: datetime
) -> tuple[Accepted, Sequence[bus.Signal]]:
    """Keep it; the same request again gives the same answer. Raises KeyReused."""
    known = _known(session, client, sent)
    if known is not None:
        return known, ()
    judged = attachments.judge(sent.files)
    row = ReportRow(
        reference=_new_reference(),
        client_id=client.id,
        idempotency_key=sent.idempotency_key,
        body_hash=sent.body_hash,
        way=client.way,
        received_at=now,
        happened_at=min(sent.happened_at, now) if sent.happened_at else None,
        in_danger=sent.in_danger,
        form_version=forms.CURRENT.version,
        fields=dict(sent.fields),
        refused={str(one.position): one.refused for one in judged if one.refused},
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the same request, at the same moment
        known = _known(session, client, sent)
        if known is None:
            raise
        return known, ()
    _store(session, row, judged, ring)
    audit.note(session, None, audit.Act.CREATE, "report", row.id, now, f"client {client.id}")
    signals = [bus.Signal(bus.BOARD, "report")]
    if row.in_danger:
        signals += alarms.sound(session, AlarmKind.REPORT, row.reference, "danger", None, now)
    return _accepted(session, row), signals


def _store(session: Session, row: ReportRow, judged: Sequence[Judged], ring: KeyRing) -> None:
    for one in judged:
        if one.refused is None:
            stored = attachments.sealed(row.reference, one, ring)
            stored.report_id = row.id
            session.add(stored)
    session.flush()


def _new_reference() -> str:
    """About 50 random bits: nobody finds another's by trying."""
    signs = [secrets.choice(_ALPHABET) for _ in range(10)]
    return f"TB-{''.join(signs[:5])}-{''.join(signs[5:])}"


def _known(session: Session, client: ApiClient, sent: Submitted) -> Accepted | None:
    row = session.scalar(
        select(ReportRow).where(
            ReportRow.client_id == client.id, ReportRow.idempotency_key == sent.idempotency_key
        )
    )
    if row is None:
        return None
    if row.body_hash != sent.body_hash:
        raise KeyReused
    return _accepted(session, row)


def _accepted(session: Session, row: ReportRow) -> Accepted:
    stored = attachments.of_reports(session, [row.id]).get(row.id, ())
    return Accepted(
        reference=row.reference,
        received_at=row.received_at,
        stored={one.position: one.kind for one in stored},
        refused=_refused(row),
    )


def _refused(row: ReportRow) -> dict[int, Refused]:
    return {int(position): Refused(code) for position, code in row.refused.items()}


def waiting(session: Session, viewer: Viewer, limit: int = 200) -> Sequence[WaitingReport]:
    """What nobody has taken, for who may take it: in danger first, then the oldest."""
    if not may(viewer, Action.TAKE_REPORTS):
        return []
    row = ReportRow  # by columns: what was told is not read
    rows = session.execute(
        select(
            row.id, row.reference, row.way, row.received_at, row.in_danger, row.given_back, row.taken_by
        )
        .where(row.taken_at.is_(None))
        .order_by(row.in_danger.desc(), row.received_at, row.id)
        .limit(limit)
    ).all()
    files = attachments.of_reports(session, [one.id for one in rows])
    return [
        WaitingReport(
            one.id,
            one.reference,
            Way(one.way),
            one.received_at,
            one.in_danger,
            len(files.get(one.id, ())),
            (StaffId(one.taken_by), WhyBack(one.given_back)) if one.given_back else None,
        )
        for one in rows
    ]


_STANDING = select(
    func.count(),
    func.min(ReportRow.received_at),
    func.coalesce(func.sum(case((ReportRow.in_danger, 1), else_=0)), 0),
).where(ReportRow.taken_at.is_(None))


def standing(session: Session) -> Standing:
    """A count of the present moment that needs no rights."""
    return Standing(*session.execute(_STANDING).one())


def in_danger_before(session: Session, moment: datetime) -> Sequence[str]:
    """The references of reports that came in before then, tell of a child in danger, and still wait."""
    query = select(ReportRow.reference).where(
        ReportRow.taken_at.is_(None), ReportRow.in_danger, ReportRow.received_at < moment
    )
    return session.scalars(query.order_by(ReportRow.received_at)).all()


def being_written(session: Session, since: datetime) -> set[StaffId]:
    """Who has taken a report since then and not finished its record."""
    rows = session.scalars(
        select(RecordRow.owner_id)
        .join(ReportRow, ReportRow.record_id == RecordRow.id)
        .where(ReportRow.taken_at >= since, RecordRow.state == "draft")
        .distinct()
    )
    return {StaffId(who) for who in rows}


def take(
    session: Session, viewer: Viewer, report_id: int, now: datetime
) -> tuple[RecordId, Sequence[bus.Signal]]:
    """Make it the viewer's: a draft that holds what was sent, and what was written by whoever gave it
    back. Once more by the same person it is the same record. Raises NotAllowed, NotVisible, and Conflict
    when somebody else was first.
    """
    if not may(viewer, Action.TAKE_REPORTS):
        raise NotAllowed("take a report")
    row = session.scalar(select(ReportRow).where(ReportRow.id == report_id).with_for_update())
    if row is None:
        raise NotVisible("report")
    if row.taken_at is not None:
        if row.record_id is None or row.taken_by != viewer.staff_id:
            raise Conflict("taken")
        return RecordId(row.record_id), ()
    if row.record_id is None:
        record, act = _record(session, viewer, row, now), audit.Act.CREATE
    else:
        record, act = session.get_one(RecordRow, row.record_id), audit.Act.CHANGE
        record.owner_id, record.center_id, record.state = viewer.staff_id, viewer.center_id, "draft"
    row.taken_by, row.taken_at, row.record_id = viewer.staff_id, now, record.id
    row.given_back = None
    search_index.write_record(session, record)
    audit.note(session, viewer, act, "record", record.id, now, f"report {row.id}")
    signals = [bus.Signal(bus.BOARD, "report")]
    return RecordId(record.id), [*signals, *alarms.end(session, AlarmKind.REPORT, row.reference, now)]


def _record(session: Session, viewer: Viewer, row: ReportRow, now: datetime) -> RecordRow:
    people: dict[Person, dict[str, str]] = {}
    fields: dict[str, str] = {}
    for name, text in row.fields.items():
        person, inner = forms.split(name)
        (fields if person is None else people.setdefault(person, {}))[inner] = text
    record = RecordRow(
        way=row.way,
        received_at=row.received_at,
        happened_at=row.happened_at,
        form_version=row.form_version,
        owner_id=viewer.staff_id,
        center_id=viewer.center_id,
        created_at=now,
        fields=fields,
    )
    session.add(record)
    session.flush()
    for person, told in sorted(people.items()):
        session.add(new_person(record.id, person, told))
    return record


def of_record(session: Session, record_id: RecordId) -> ReportView | None:
    """The report that this record was made of; the caller has checked that the viewer may read it."""
    found = session.execute(
        select(ReportRow, ApiClientRow.name)
        .join(ApiClientRow, ApiClientRow.id == ReportRow.client_id)
        .where(ReportRow.record_id == record_id)
    ).one_or_none()
    if found is None:
        return None
    row, client = found
    return ReportView(
        id=row.id,
        reference=row.reference,
        client=client,
        received_at=row.received_at,
        in_danger=row.in_danger,
        fields=row.fields,
        attachments=tuple(attachments.of_reports(session, [row.id]).get(row.id, ())),
        refused=_refused(row),
    )

"""What a request is about: records and cases that were found and chosen, and the answer about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Action, Viewer
from hotline.errors import BadInput, Conflict, FieldErrors, NotVisible
from hotline.sealed import KeyRing
from intake.data_requests import data_requests, packet_masks, papers, subjects
from intake.data_requests.request_rules import (
    TELLS,
    THEMSELVES,
    Asker,
    ChildSays,
    Decision,
    Ground,
    Identity,
    Relation,
    State,
    Want,
    check,
)
from intake.forms.forms import tidy
from intake.forms.taxonomy import Disposition
from intake.forms.taxonomy import Relation as Offender
from intake.retention import legal_holds
from intake.tables.calls import CallRow
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.data_requests import DataObjectRow, DataRequestRow
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordPersonRow, RecordRevisionRow, RecordRow
from intake.visibility import reachable_cases, reachable_records

LONGEST_EXCERPT = 8_000


class Kind(StrEnum):
    RECORD = "record"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Answer:
    decision: Decision
    ground: Ground | None


@dataclass(frozen=True, slots=True)
class ObjectView:
    """`number`: of the case. `at`: when it came. `barred`: nothing of it may be told to who asks."""

    id: int
    kind: Kind
    object_id: int
    number: str
    at: datetime
    about_caller: bool
    subject: str
    answers: Mapping[Want, Answer]
    barred: bool
    offenders: frozenset[Offender]


def choose(
    session: Session,
    viewer: Viewer,
    request_id: int,
    record_id: int,
    person_id: int | None,
    now: datetime,
) -> None:
    """A record with what of it is about this person (None: who called), and the case it stands in.

    Raises NotVisible, Conflict, BadInput for nobody of this record, or for what is not theirs.
    """
    row = _open(session, viewer, request_id)
    record = session.scalar(
        select(RecordRow).where(RecordRow.id == record_id, reachable_records(viewer, Action.READ_RECORD))
    )
    if record is None or record.erased_at is not None:
        raise NotVisible("record")
    if person_id is None and row.relation not in THEMSELVES:
        raise BadInput("whose")
    if person_id is not None:
        person = session.get(RecordPersonRow, person_id)
        if person is None or person.record_id != record.id or person.about != "child":
            raise BadInput("whose")
    _add(session, row, Kind.RECORD, record.id, person_id)
    audit.note(session, viewer, audit.Act.SEE, "record", record.id, now, f"data_request {row.id}")
    if person_id is None:
        return
    cases = (
        select(CaseRow.id)
        .join(CaseRecordRow, CaseRecordRow.case_id == CaseRow.id)
        .where(
            CaseRecordRow.record_id == record.id,
            CaseRecordRow.left_at.is_(None),
            reachable_cases(viewer, Action.READ_CASE),
        )
    )
    for case_id in session.scalars(cases).all():
        _add(session, row, Kind.CASE, case_id, person_id)
        audit.note(session, viewer, audit.Act.SEE, "case", case_id, now, f"data_request {row.id}")


def _add(
    session: Session, row: DataRequestRow, kind: Kind, object_id: int, person_id: int | None
) -> None:
    known = select(DataObjectRow).where(
        DataObjectRow.request_id == row.id,
        DataObjectRow.kind == kind,
        DataObjectRow.object_id == object_id,
    )
    if session.scalar(known) is None:
        session.add(
            DataObjectRow(
                request_id=row.id, kind=kind, object_id=object_id, person_id=person_id, answers={}
            )
        )
        session.flush()


def drop(session: Session, viewer: Viewer, request_id: int, object_id: int, now: datetime) -> None:
    """It is somebody else's after all. Raises NotVisible, Conflict."""
    row = _open(session, viewer, request_id)
    one = _object(session, row, object_id)
    papers.drop(session, row.id, papers.excerpt(one.id))
    audit.note(session, viewer, audit.Act.UNDO, one.kind, one.object_id, now, f"data_request {row.id}")
    session.delete(one)


def decide(
    session: Session,
    viewer: Viewer,
    request_id: int,
    object_id: int,
    told: Mapping[str, str],
    ring: KeyRing,
    now: datetime,
) -> None:
    """What is answered about one object: `told` has for each wish its decision (`copy`), its ground
    (`copy.ground`), and `excerpt`.

    Raises NotVisible, Conflict, FieldErrors: wish → a code of `request_rules.check`, `held`, `in_case`,
    `of_others`, `not_closed`, `not_corrected`, `unknown` (a copy of what is not even told); `excerpt` →
    `too_long`, `tells_others`, `missing`.
    """
    row = _open(session, viewer, request_id)
    one = _object(session, row, object_id)
    record = session.get(RecordRow, one.object_id) if one.kind == Kind.RECORD else None
    asker = _asker(session, row, one)
    answers, wrong = {}, {}
    for want in (Want(each) for each in row.wants):
        decision, ground = _answer(told, want)
        code = "missing" if decision is None else check(want, decision, ground, asker)
        if decision is not None and code is None:
            code = _hindered(session, row, one, record, decision, now)
            answers[str(want)] = f"{decision} {ground or ''}".strip()
        if code is not None:
            wrong[str(want)] = code
    if answers.get(Want.KNOW, "").startswith(Decision.REFUSE) and _copied(answers):
        wrong[str(Want.COPY)] = "unknown"
    excerpt = tidy(told.get("excerpt", "")).strip()
    gives_story = record is not None and answers.get(Want.COPY) == Decision.GIVE and one.person_id
    if gives_story and record is not None:
        names = subjects.others(session, record, one.person_id)
        if not excerpt or len(excerpt) > LONGEST_EXCERPT:
            wrong["excerpt"] = "too_long" if excerpt else "missing"
        elif packet_masks.tells(excerpt, names):
            wrong["excerpt"] = "tells_others"
    if wrong:
        raise FieldErrors(wrong)
    one.answers, one.decided_by, one.decided_at = answers, viewer.staff_id, now
    if gives_story:
        papers.put_words(session, row.id, papers.excerpt(one.id), excerpt, ring, now)
    else:
        papers.drop(session, row.id, papers.excerpt(one.id))
    detail = f"data_request {row.id} " + " ".join(f"{a}={b}" for a, b in answers.items())
    audit.note(session, viewer, audit.Act.CHANGE, one.kind, one.object_id, now, detail[:200])


def _copied(answers: Mapping[str, str]) -> bool:
    return answers.get(Want.COPY, "").partition(" ")[0] in TELLS


def _answer(told: Mapping[str, str], want: Want) -> tuple[Decision | None, Ground | None]:
    code, ground = told.get(want, ""), told.get(f"{want}.ground", "")
    decision = Decision(code) if code in set(Decision) else None
    if decision not in {Decision.PART, Decision.REFUSE}:
        return decision, None
    return decision, Ground(ground) if ground in set(Ground) else None


def _hindered(
    session: Session,
    request: DataRequestRow,
    one: DataObjectRow,
    record: RecordRow | None,
    decision: Decision,
    now: datetime,
) -> str | None:
    """Why this decision cannot be carried out; None: it can."""
    if decision is Decision.CORRECTED:
        return None if _corrected(session, request, one) else "not_corrected"
    if decision is not Decision.ERASE:
        return None
    return "in_case" if record is None else _kept_by(session, record, one.person_id, now)


def _kept_by(session: Session, record: RecordRow, person_id: int | None, now: datetime) -> str | None:
    """Why a record cannot be erased for this person; None: it can."""
    if record.state != "closed":
        return "not_closed"
    standing = exists().where(CaseRecordRow.record_id == record.id, CaseRecordRow.left_at.is_(None))
    if record.disposition == Disposition.ESCALATED or session.scalar(select(standing)):
        return "in_case"
    others = select(RecordPersonRow.id).where(
        RecordPersonRow.record_id == record.id,
        RecordPersonRow.about == "child",
        RecordPersonRow.id != (person_id or 0),
    )
    if session.scalar(others.limit(1)) is not None:
        return "of_others"
    free = (
        select(RecordRow.id)
        .outerjoin(CallRow, CallRow.id == RecordRow.call_id)
        .where(RecordRow.id == record.id, legal_holds.free(now))
    )
    return None if session.scalar(free) is not None else "held"


def _corrected(session: Session, request: DataRequestRow, one: DataObjectRow) -> bool:
    """Whether somebody has changed it since the request came."""
    if one.kind == Kind.RECORD:
        query = select(RecordRevisionRow.id).where(
            RecordRevisionRow.record_id == one.object_id,
            RecordRevisionRow.at >= request.received_at,
        )
    else:
        query = select(CaseEventRow.id).where(
            CaseEventRow.case_id == one.object_id,
            CaseEventRow.corrects_id.is_not(None),
            CaseEventRow.entered_at >= request.received_at,
        )
    return session.scalar(query.limit(1)) is not None


def of_request(session: Session, request_id: int) -> Sequence[ObjectView]:
    """In the order they were chosen; the caller has checked the viewer's right to the request."""
    request = session.get_one(DataRequestRow, request_id)
    rows = session.scalars(
        select(DataObjectRow).where(DataObjectRow.request_id == request_id).order_by(DataObjectRow.id)
    )
    return [_view(session, request, one) for one in rows.all()]


def _view(session: Session, request: DataRequestRow, one: DataObjectRow) -> ObjectView:
    name, number = "", ""
    if one.kind == Kind.RECORD:
        record = session.get_one(RecordRow, one.object_id)
        at, name = came_at(session, record), record.fields.get("caller_name", "")
    else:
        case = session.get_one(CaseRow, one.object_id)
        at, number = case.received_at, case.number
    if one.person_id is not None:
        name = session.get_one(RecordPersonRow, one.person_id).fields.get("name", "")
    asker = _asker(session, request, one)
    return ObjectView(
        id=one.id,
        kind=Kind(one.kind),
        object_id=one.object_id,
        number=number,
        at=at,
        about_caller=one.person_id is None,
        subject=name,
        answers=answers_of(one),
        barred=asker.barred,
        offenders=frozenset(asker.offenders),
    )


def answers_of(one: DataObjectRow) -> Mapping[Want, Answer]:
    """As they were decided so far."""
    parts = {want: code.partition(" ") for want, code in one.answers.items()}
    return {
        Want(want): Answer(Decision(code), Ground(ground) if ground else None)
        for want, (code, _, ground) in parts.items()
    }


def came_at(session: Session, record: RecordRow) -> datetime:
    call = session.get(CallRow, record.call_id) if record.call_id else None
    return call.arrived_at if call else record.received_at or record.created_at


def _asker(session: Session, request: DataRequestRow, one: DataObjectRow) -> Asker:
    accused: frozenset[Offender] = frozenset()
    if one.person_id is not None:
        person = session.get_one(RecordPersonRow, one.person_id)
        accused = subjects.offenders(session, session.get_one(RecordRow, person.record_id))
    return Asker(
        Relation(request.relation),
        ChildSays(request.child_says) if request.child_says else None,
        Identity(request.identity),
        accused,
    )


def drafts(session: Session, views: Sequence[ObjectView]) -> Mapping[int, str]:
    """Object → what an excerpt of its story may begin with; none where nothing may be told."""
    found = {}
    for one in views:
        if one.kind is Kind.RECORD and not one.about_caller and not one.barred:
            row = session.get_one(DataObjectRow, one.id)
            record = session.get_one(RecordRow, one.object_id)
            found[one.id] = subjects.story(session, record, row.person_id)
    return found


def _open(session: Session, viewer: Viewer, request_id: int) -> DataRequestRow:
    """Raises NotVisible, Conflict."""
    row = data_requests.row_of(session, viewer, Action.HANDLE_DATA_REQUESTS, request_id, lock=True)
    if row.state != State.OPEN:
        raise Conflict("state")
    return row


def _object(session: Session, request: DataRequestRow, object_id: int) -> DataObjectRow:
    """Raises NotVisible."""
    one = session.get(DataObjectRow, object_id)
    if one is None or one.request_id != request.id:
        raise NotVisible("data object")
    return one

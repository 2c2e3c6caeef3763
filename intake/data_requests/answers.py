"""The answer to a request: gathered when it is decided, sealed so, approved so, only then put on paper.

It lists what is kept, why, since when, how long and to whom it was handed, and the person's own data.
Of who told, of other callers and other children there is nothing in it. What is refused because a child
would be in danger, or who told would be known, is not mentioned with a word: that something is kept back
would tell it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import Session

from hotline import audit, staff
from hotline.access import Action, Viewer
from hotline.errors import FieldErrors, NotVisible
from hotline.sealed import KeyRing
from hotline.settings import Settings
from intake.data_requests import data_requests, objects, papers, subjects
from intake.data_requests.data_requests import move
from intake.data_requests.objects import Answer, Kind
from intake.data_requests.request_rules import TELLS, Decision, Deed, Ground, Refused, State, Want
from intake.reports.attachments import File
from intake.retention.erasing import rules_of
from intake.retention.retention_rules import NOTHING_TOLD, Kept
from intake.tables.calls import CallRow
from intake.tables.case_files import CaseAttachmentRow
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.data_requests import DataObjectRow, DataRequestRow
from intake.tables.documents import DocumentRow, FilledFormRow
from intake.tables.handovers import HandoverRow
from intake.tables.joins import CaseRecordRow
from intake.tables.plans import PlanRow
from intake.tables.recordings import RecordingRow
from intake.tables.records import RecordRow
from intake.tables.reports import ReportRow
from intake.tables.therapy import TherapyReferralRow
from intake.tables.victims import VictimReferralRow

CASE_CLASS = "case"
UNSAID = frozenset({Ground.ENDANGERS, Ground.INFORMANT, Ground.CHILD_REFUSES})
"""To give one of these as the ground would tell what is kept back for it."""


@dataclass(frozen=True, slots=True)
class Handed:
    """To whom something of it was given. `way`: of `intake.handovers`, or `referral`."""

    to: str
    way: str
    at: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One object in an answer, as JSON keeps it. Times are ISO 8601. `kept`: codes of what there is;
    `days`: how long it is kept from its end, 0: no period is set."""

    kind: str
    at: str
    number: str = ""
    about_caller: bool = False
    kept: Sequence[str] = ()
    period: str = ""
    days: int = 0
    handed: Sequence[Handed] = ()
    own: Mapping[str, str] = field(default_factory=dict)
    excerpt: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnswerText:
    """The whole answer. `refused`: grounds of objects of which nothing is given, where they are said."""

    name: str
    received_at: str
    gathered_at: str
    wants: Sequence[str]
    refused_as: str
    entries: Sequence[Entry]
    refused: Sequence[str]


def submit(
    session: Session,
    viewer: Viewer,
    request_id: int,
    refused_as: str,
    of: Settings,
    ring: KeyRing,
    now: datetime,
) -> None:
    """Everything is decided: the answer is gathered, and waits for another person's yes.

    Raises NotVisible, Conflict, FieldErrors (`objects`: one is not decided).
    """
    row = data_requests.row_of(session, viewer, Action.HANDLE_DATA_REQUESTS, request_id, lock=True)
    if refused_as and refused_as not in set(Refused):
        raise FieldErrors({"refused_as": "not_a_choice"})
    chosen = session.scalars(
        select(DataObjectRow).where(DataObjectRow.request_id == row.id).order_by(DataObjectRow.id)
    ).all()
    if not refused_as and any(set(one.answers) != set(row.wants) for one in chosen):
        raise FieldErrors({"objects": "missing"})
    move(row, Deed.SUBMIT)
    row.refused_as, row.submitted_by, row.submitted_at = refused_as, viewer.staff_id, now
    text = _gather(session, row, () if refused_as else chosen, of, ring, now)
    papers.put_words(session, row.id, papers.ANSWER, asdict(text), ring, now)
    papers.drop(session, row.id, papers.BACK)
    audit.note(session, viewer, audit.Act.CHANGE, "data_request", row.id, now, "submitted")


def _gather(
    session: Session,
    row: DataRequestRow,
    chosen: Sequence[DataObjectRow],
    of: Settings,
    ring: KeyRing,
    now: datetime,
) -> AnswerText:
    days = {rule.kept: rule.days for rule in rules_of(of)}
    entries, refused = [], []
    for one in chosen:
        answers = objects.answers_of(one)
        if _hidden(answers):
            refused += [str(each.ground) for each in answers.values() if each.ground not in UNSAID]
        else:
            entries.append(_entry(session, one, answers, days, ring))
    told = papers.words(session, row.id, papers.TOLD, ring)
    return AnswerText(
        name=told["name"],
        received_at=row.received_at.isoformat(),
        gathered_at=now.isoformat(),
        wants=tuple(row.wants),
        refused_as=row.refused_as,
        entries=tuple(entries),
        refused=tuple(dict.fromkeys(refused)),
    )


def _hidden(answers: Mapping[Want, Answer]) -> bool:
    """Whether not even that it is there is told."""
    known = answers.get(Want.KNOW)
    if known is not None:
        return known.decision is Decision.REFUSE
    return all(one.decision is Decision.REFUSE for one in answers.values())


def _entry(
    session: Session,
    one: DataObjectRow,
    answers: Mapping[Want, Answer],
    days: Mapping[Kept, int],
    ring: KeyRing,
) -> Entry:
    said = {
        str(want): f"{each.decision} {'' if each.ground in UNSAID else each.ground or ''}".strip()
        for want, each in answers.items()
        if each.decision is not Decision.REFUSE or each.ground not in UNSAID
    }
    copied = Want.COPY in answers and answers[Want.COPY].decision in TELLS
    if one.kind == Kind.CASE:
        return _of_case(session, session.get_one(CaseRow, one.object_id), said)
    record = session.get_one(RecordRow, one.object_id)
    period = _period(session, record)
    return Entry(
        kind=Kind.RECORD,
        at=objects.came_at(session, record).isoformat(),
        about_caller=one.person_id is None,
        kept=tuple(_kept_of_record(session, record)),
        period=period,
        days=0 if period == CASE_CLASS else days[Kept(period)],
        own=subjects.own(session, record, one.person_id) if copied else {},
        excerpt=papers.words(session, one.request_id, papers.excerpt(one.id), ring) or "",
        answers=said,
    )


def _period(session: Session, record: RecordRow) -> str:
    """The class of `intake.retention` that it is of."""
    standing = select(CaseRecordRow.id).where(
        CaseRecordRow.record_id == record.id, CaseRecordRow.left_at.is_(None)
    )
    if session.scalar(standing) is not None:
        return CASE_CLASS
    return Kept.SILENT if record.disposition in NOTHING_TOLD else Kept.RECORD


def _kept_of_record(session: Session, record: RecordRow) -> Iterator[str]:
    yield "record"
    if record.call_id and session.get(CallRow, record.call_id):
        yield "call"
        recording = session.get(RecordingRow, record.call_id)
        if recording is not None and recording.path:
            yield "recording"
    if session.scalar(select(ReportRow.id).where(ReportRow.record_id == record.id)) is not None:
        yield "report"


_OF_CASE = {
    "timeline": CaseEventRow,
    "plans": PlanRow,
    "forms": FilledFormRow,
    "documents": DocumentRow,
    "files": CaseAttachmentRow,
    "therapy": TherapyReferralRow,
}


def _of_case(session: Session, case: CaseRow, said: Mapping[str, str]) -> Entry:
    """Also what was another case's before it was merged into this one."""
    ids = list(
        session.scalars(
            select(CaseRow.id).where(or_(CaseRow.id == case.id, CaseRow.merged_into_id == case.id))
        )
    )
    there = ["case"]
    for code, row in _OF_CASE.items():
        of = row.case_id.in_(ids)  # type: ignore[attr-defined]
        if session.scalar(select(func.count()).select_from(row).where(of)):
            there.append(code)
    return Entry(
        kind=Kind.CASE,
        at=case.received_at.isoformat(),
        number=case.number,
        kept=tuple(there),
        period=CASE_CLASS,
        handed=tuple(_handed(session, ids)),
        answers=said,
    )


def _handed(session: Session, case_ids: Sequence[int]) -> Iterator[Handed]:
    sent = select(HandoverRow).where(HandoverRow.case_id.in_(case_ids)).order_by(HandoverRow.sent_at)
    for one in session.scalars(sent):
        yield Handed(one.recipient, one.way, one.sent_at.isoformat())
    referred = select(VictimReferralRow).where(VictimReferralRow.case_id.in_(case_ids))
    for each in session.scalars(referred.order_by(VictimReferralRow.referred_at)):
        yield Handed(each.agency, "referral", each.referred_at.isoformat())


def read(text: Mapping[str, Any]) -> AnswerText:
    """What `submit` sealed."""
    entries = tuple(
        Entry(**{**one, "handed": tuple(Handed(**each) for each in one["handed"])})
        for one in text["entries"]
    )
    return AnswerText(**{**text, "entries": entries})


def to_make(session: Session, request_id: int, ring: KeyRing) -> tuple[AnswerText, str] | None:
    """The answer and its center's name; None when its files are made, or it may not leave."""
    row = session.get(DataRequestRow, request_id)
    if row is None or row.state != State.APPROVED:
        return None
    if papers.content(session, row.id, "docx", ring) is not None:
        return None
    text = papers.words(session, row.id, papers.ANSWER, ring)
    place = next(one.name for one in staff.centers(session) if one.id == row.center_id)
    return read(text), place


def keep(
    session: Session, request_id: int, files: Mapping[str, bytes], ring: KeyRing, now: datetime
) -> None:
    """What was made. Of a request that was closed or erased meanwhile nothing is kept."""
    row = session.get_one(DataRequestRow, request_id, with_for_update=True)
    if row.state == State.APPROVED:
        for kind, content in files.items():
            papers.put(session, row.id, kind, content, ring, now)


def still_queued(session: Session) -> Sequence[int]:
    """Approved, and its files not made: their job was lost."""
    rows = select(DataRequestRow.id).where(
        DataRequestRow.state == State.APPROVED, ~papers.made(DataRequestRow.id)
    )
    return session.scalars(rows.order_by(DataRequestRow.id).limit(100)).all()


def files_made(session: Session, request_id: int) -> bool:
    """Whether the answer can be handed over."""
    return bool(session.scalar(select(papers.made(literal(request_id)))))


def fetch(
    session: Session, viewer: Viewer, request_id: int, kind: str, ring: KeyRing, now: datetime
) -> File:
    """A file of the answer, to be handed over. Audited. Raises NotVisible, SealBroken, KeyUnknown."""
    row = data_requests.row_of(session, viewer, Action.HANDLE_DATA_REQUESTS, request_id)
    content = papers.content(session, row.id, kind, ring) if kind in papers.FILES else None
    if content is None:
        raise NotVisible("data request")
    audit.note(session, viewer, audit.Act.EXPORT, "data_request", row.id, now, kind)
    return File(f"tra-loi-{row.id}.{kind}", papers.FILES[kind], content)

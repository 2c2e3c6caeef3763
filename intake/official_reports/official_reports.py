"""Reports of the house: ordered, signed off by another, sent back, withdrawn; and who sees which.

Figures are frozen before anybody signs: what is signed is the digest of what was frozen, and the number
is given in the same transaction. Words and layout are not known here.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, text, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hotline import audit, staff
from hotline.access import Action, Viewer, may, roles_that_may
from hotline.clock import local
from hotline.errors import Conflict, FieldErrors, NotVisible
from hotline.ids import StaffId
from hotline.settings import Settings
from hotline.staff import StaffRow, StaffView
from intake.forms.forms import tidy
from intake.official_reports import report_mails
from intake.official_reports.report_rules import (
    NUMBERED,
    About,
    Kind,
    Level,
    State,
    Step,
    after,
    symbol,
)
from intake.statistics.periods import Period
from intake.tables.official_reports import (
    OfficialReportReaderRow,
    OfficialReportRow,
    ReportScheduleRow,
)

JOB = "dashboard.official_report_work.make"
"""Counts and freezes a report that was ordered, prints one that was signed; by its id."""
WHY_LONGEST = 300
_LONGEST = {"circle": 300, "recipients": 1000, "capacity": 200}
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands around the figures. `circle`: who may read it, in words; `recipients`: one a line."""

    level: Level = Level.INTERNAL
    circle: str = ""
    recipients: str = ""
    capacity: str = ""


PLAIN = Letter()


@dataclass(frozen=True, slots=True)
class OfficialReport:
    """One report without its figures. `drafted_by`: None when it was the schedule."""

    id: int
    kind: Kind
    period: Period
    letter: Letter
    state: State
    reason: str
    ordered_at: datetime
    drafted_by: StaffView | None
    drafted_at: datetime | None
    approver: StaffView
    digest: str
    symbol: str
    signed_at: datetime | None
    issued_at: datetime | None
    ended_by: StaffView | None
    ended_at: datetime | None
    ended_why: str
    readers: tuple[StaffView, ...]
    files: tuple[str, ...]
    """Kinds that this viewer may fetch."""


def order(
    session: Session,
    viewer: Viewer,
    kind: Kind,
    of: Period,
    letter: Letter,
    approver: int,
    readers: Collection[int],
    token: str,
    now: datetime,
) -> int:
    """Leave a report for the worker to count; its id. Sent twice it is the same one.

    Raises FieldErrors: `period` (`not_over`), `approver` (`missing`, `same_person`), or `too_long`.
    """
    known = select(OfficialReportRow.id).where(OfficialReportRow.asked_by == token)
    if (found := session.scalar(known)) is not None:
        return found
    checked, wrong = checked_letter(letter)
    if of.last_day >= local(now).date():
        wrong["period"] = "not_over"
    if approver not in {one.id for one in approvers(session)}:
        wrong["approver"] = "missing"
    elif approver == viewer.staff_id:
        wrong["approver"] = "same_person"
    if wrong:
        raise FieldErrors(wrong)
    told = known_readers(session, readers)
    try:
        with session.begin_nested():
            row = put(session, kind, of, checked, approver, told, token, now)
    except IntegrityError:  # the same page, at the same moment
        return session.scalars(known).one()
    row.drafted_by = viewer.staff_id
    audit.note(session, viewer, audit.Act.CREATE, "official_report", row.id, now, kind)
    return row.id


def put(
    session: Session,
    kind: Kind,
    of: Period,
    letter: Letter,
    approver: int,
    readers: Collection[int],
    token: str,
    now: datetime,
) -> OfficialReportRow:
    """One that is ordered, with its readers; everything was checked."""
    row = OfficialReportRow(
        asked_by=token,
        kind=kind,
        since=of.since,
        until=of.until,
        approver_id=approver,
        ordered_at=now,
        state=State.ORDERED,
        moved_at=now,
        **asdict(letter),
    )
    session.add(row)
    session.flush()
    session.add_all(OfficialReportReaderRow(report_id=row.id, staff_id=one) for one in readers)
    return row


def checked_letter(letter: Letter) -> tuple[Letter, dict[str, str]]:
    """Tidied, and what is wrong with it."""
    told = {name: tidy(getattr(letter, name)).strip() for name in _LONGEST}
    wrong = {name: "too_long" for name, most in _LONGEST.items() if len(told[name]) > most}
    return Letter(level=letter.level, **told), wrong


def approvers(session: Session) -> Sequence[StaffView]:
    """Who may sign at all."""
    return _of_roles(session, Action.SIGN_OFFICIAL_REPORTS)


def possible_readers(session: Session) -> Sequence[StaffView]:
    return _of_roles(session, Action.READ_OFFICIAL_REPORTS)


def known_readers(session: Session, wanted: Collection[int]) -> list[int]:
    """Of these the ones who may read reports."""
    return sorted({one.id for one in possible_readers(session)} & set(wanted))


def _of_roles(session: Session, action: Action) -> Sequence[StaffView]:
    return [one for one in staff.everybody(session) if one.role in roles_that_may(action)]


def sign(
    session: Session,
    viewer: Viewer,
    report_id: int,
    digest: str,
    of: Settings,
    now: datetime,
) -> None:
    """Number it and leave it for the worker to print. `digest`: what the page that was signed on showed.

    Raises NotVisible, Conflict (`state`, `same_person`, `not_named`, `digest`).
    """
    row = reached(session, viewer, report_id, lock=True)
    state = after(State(row.state), Step.SIGN)
    if row.drafted_by == viewer.staff_id:
        raise Conflict("same_person")
    if row.approver_id != viewer.staff_id:
        raise Conflict("not_named")
    if not digest or digest != row.digest:
        raise Conflict("digest")
    row.year = local(now).year
    row.number = _next(session, row.year)
    row.symbol = symbol(row.number, of.document_symbol)
    row.state, row.moved_at, row.signed_at = state, now, now
    audit.note(session, viewer, audit.Act.CHANGE, "official_report", row.id, now, f"sign {row.digest}")


def _next(session: Session, year: int) -> int:
    """One upsert, so that two transactions never get the same; one rolled back gives it back."""
    last: int = session.execute(
        text(
            "INSERT INTO official_report_counter (year, last) VALUES (:year, 1)"
            " ON CONFLICT (year) DO UPDATE SET last = official_report_counter.last + 1 RETURNING last"
        ),
        {"year": year},
    ).scalar_one()
    return last


def send_back(session: Session, viewer: Viewer, report_id: int, why: str, now: datetime) -> None:
    """By who should sign it, or who drafted it. Raises NotVisible, Conflict (`state`, `not_named`),
    FieldErrors (`why`)."""
    row = reached(session, viewer, report_id, lock=True)
    if viewer.staff_id not in {row.approver_id, row.drafted_by}:
        raise Conflict("not_named")
    _end(session, viewer, row, Step.SEND_BACK, why, now)


def withdraw(
    session: Session, viewer: Viewer, report_id: int, why: str, now: datetime, *, mails: bool
) -> None:
    """It keeps its number and its files, and is given out stamped, to few. Who was told of it is told.
    `mails`: whether e-mails can be sent. Raises NotVisible, Conflict (`state`, `not_named`),
    FieldErrors (`why`).
    """
    row = reached(session, viewer, report_id, lock=True)
    if viewer.staff_id not in {row.approver_id, row.drafted_by}:
        raise Conflict("not_named")
    _end(session, viewer, row, Step.WITHDRAW, why, now)
    if mails:
        told = report_mails.told(session, row.id, About.ISSUED)
        report_mails.write(session, row.id, told, About.WITHDRAWN, now)


def _end(
    session: Session, viewer: Viewer, row: OfficialReportRow, step: Step, why: str, now: datetime
) -> None:
    state = after(State(row.state), step)
    reason = " ".join(tidy(why).split())
    if not reason or len(reason) > WHY_LONGEST:
        raise FieldErrors({"why": "too_long" if reason else "missing"})
    row.state, row.moved_at = state, now
    row.ended_by, row.ended_at, row.ended_why = viewer.staff_id, now, reason
    audit.note(session, viewer, audit.Act.CHANGE, "official_report", row.id, now, step)


def again(session: Session, viewer: Viewer, report_id: int, now: datetime) -> None:
    """Have one that failed counted once more. Raises NotVisible, Conflict (`state`)."""
    row = reached(session, viewer, report_id, lock=True)
    row.state, row.moved_at, row.reason = after(State(row.state), Step.AGAIN), now, ""
    audit.note(session, viewer, audit.Act.CHANGE, "official_report", row.id, now, Step.AGAIN)


def _visible(viewer: Viewer) -> ColumnElement[bool]:
    """Drafts are for who writes reports; a strict one is for whom it names. The auditor sees all."""
    if not may(viewer, Action.READ_OFFICIAL_REPORTS):
        return false()
    if may(viewer, Action.READ_AUDIT):
        return true()
    row, reader, me = OfficialReportRow, OfficialReportReaderRow, viewer.staff_id
    written = or_(row.drafted_by == me, row.approver_id == me)
    named = exists().where(reader.report_id == row.id, reader.staff_id == me)
    numbered = true() if may(viewer, Action.DRAFT_OFFICIAL_REPORTS) else row.state.in_(NUMBERED)
    named_now = and_(named, row.state.in_(NUMBERED))
    return or_(written, and_(numbered, or_(row.level != Level.STRICT, named_now)))


def reached(
    session: Session, viewer: Viewer, report_id: int, *, lock: bool = False
) -> OfficialReportRow:
    """Raises NotVisible."""
    query = select(OfficialReportRow).where(OfficialReportRow.id == report_id, _visible(viewer))
    if lock:
        query = query.with_for_update(of=OfficialReportRow).execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        raise NotVisible("official_report")
    return row


def files_for(viewer: Viewer, row: OfficialReportRow) -> tuple[str, ...]:
    """Kinds of files that are there and that the viewer, who sees the report, may have."""
    wrote = viewer.staff_id in {row.drafted_by, row.approver_id} or may(viewer, Action.READ_AUDIT)
    draft = (
        ("draft",) if row.drafted_at and (wrote or may(viewer, Action.DRAFT_OFFICIAL_REPORTS)) else ()
    )
    match State(row.state):
        case State.ISSUED:
            return "pdf", "docx"
        case State.WITHDRAWN:
            return ("pdf",) if wrote and row.issued_at else ()
    return draft


def everything(session: Session, viewer: Viewer, now: datetime) -> Sequence[OfficialReport]:
    """The newest first; audited."""
    rows = session.scalars(
        select(OfficialReportRow)
        .where(_visible(viewer))
        .order_by(OfficialReportRow.id.desc())
        .limit(_SHOWN)
    ).all()
    audit.note(session, viewer, audit.Act.LIST, "official_report", len(rows), now)
    return _views(session, viewer, rows)


def report(session: Session, viewer: Viewer, report_id: int) -> OfficialReport:
    """Raises NotVisible."""
    return _views(session, viewer, [reached(session, viewer, report_id)])[0]


def _views(
    session: Session, viewer: Viewer, rows: Sequence[OfficialReportRow]
) -> Sequence[OfficialReport]:
    readers: dict[int, list[int]] = {row.id: [] for row in rows}
    asked = select(OfficialReportReaderRow).where(OfficialReportReaderRow.report_id.in_(readers))
    for one in session.scalars(asked.order_by(OfficialReportReaderRow.staff_id)):
        readers[one.report_id].append(one.staff_id)
    ids = {who for some in readers.values() for who in some}
    ids |= {who for row in rows for who in (row.drafted_by, row.approver_id, row.ended_by) if who}
    people = staff.some(session, {StaffId(one) for one in ids})
    return [
        OfficialReport(
            id=row.id,
            kind=Kind(row.kind),
            period=Period(row.since, row.until),
            letter=letter_of(row),
            state=State(row.state),
            reason=row.reason,
            ordered_at=row.ordered_at,
            drafted_by=people[StaffId(row.drafted_by)] if row.drafted_by else None,
            drafted_at=row.drafted_at,
            approver=people[StaffId(row.approver_id)],
            digest=row.digest,
            symbol=row.symbol,
            signed_at=row.signed_at,
            issued_at=row.issued_at,
            ended_by=people[StaffId(row.ended_by)] if row.ended_by else None,
            ended_at=row.ended_at,
            ended_why=row.ended_why,
            readers=tuple(people[StaffId(who)] for who in readers[row.id]),
            files=files_for(viewer, row),
        )
        for row in rows
    ]


def letter_of(row: OfficialReportRow | ReportScheduleRow) -> Letter:
    return Letter(Level(row.level), row.circle, row.recipients, row.capacity)


def signer(session: Session, row: OfficialReportRow) -> str:
    return session.get_one(StaffRow, row.approver_id).name

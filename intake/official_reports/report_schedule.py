"""Which reports are ordered by themselves, who signs them and who is told; and ordering what is due.

A report that the schedule orders bears the name of its kind and first day: however many crons there are,
and however often they look, there is one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Viewer
from hotline.errors import FieldErrors
from intake.official_reports import official_reports
from intake.official_reports.official_reports import PLAIN, Letter
from intake.official_reports.report_rules import SCHEDULED, Kind, due
from intake.statistics.periods import Period
from intake.tables.official_reports import (
    OfficialReportRow,
    ReportScheduleReaderRow,
    ReportScheduleRow,
)


@dataclass(frozen=True, slots=True)
class Planned:
    """`approver`: 0 while nobody was named."""

    kind: Kind
    running: bool = False
    letter: Letter = PLAIN
    approver: int = 0
    readers: frozenset[int] = frozenset()


def planned(session: Session) -> Sequence[Planned]:
    """One for each kind, also where nothing was set."""
    readers: dict[str, set[int]] = {}
    for one in session.scalars(select(ReportScheduleReaderRow)):
        readers.setdefault(one.kind, set()).add(one.staff_id)
    rows = {row.kind: row for row in session.scalars(select(ReportScheduleRow))}
    return [_planned(kind, rows.get(kind), readers.get(kind, ())) for kind in SCHEDULED]


def _planned(kind: Kind, row: ReportScheduleRow | None, readers: Collection[int]) -> Planned:
    if row is None:
        return Planned(kind)
    letter = official_reports.letter_of(row)
    return Planned(kind, row.running, letter, row.approver_id, frozenset(readers))


def change(session: Session, viewer: Viewer, wanted: Planned, now: datetime) -> None:
    """Raises FieldErrors: `approver` (`missing`), or `too_long`."""
    letter, wrong = official_reports.checked_letter(wanted.letter)
    if wanted.approver not in {one.id for one in official_reports.approvers(session)}:
        wrong["approver"] = "missing"
    if wrong:
        raise FieldErrors(wrong)
    row = session.get(ReportScheduleRow, wanted.kind, with_for_update=True)
    if row is None:
        row = ReportScheduleRow(kind=wanted.kind, running=False, since_at=now)
        session.add(row)
    if wanted.running and not row.running:
        row.since_at = now
    row.running, row.approver_id = wanted.running, wanted.approver
    row.changed_by, row.changed_at = viewer.staff_id, now
    for name, text in asdict(letter).items():
        setattr(row, name, text)
    session.flush()
    session.execute(delete(ReportScheduleReaderRow).where(ReportScheduleReaderRow.kind == wanted.kind))
    readers = official_reports.known_readers(session, wanted.readers)
    session.add_all(ReportScheduleReaderRow(kind=wanted.kind, staff_id=one) for one in readers)
    detail = f"{'on' if row.running else 'off'} readers {len(readers)}"
    audit.note(session, viewer, audit.Act.CHANGE, "report_schedule", wanted.kind, now, detail)


def order_due(session: Session, now: datetime) -> list[int]:
    """Order what is due and was not ordered yet; the new reports' ids."""
    kinds: Mapping[str, Planned] = {one.kind: one for one in planned(session)}
    rows = session.scalars(select(ReportScheduleRow).where(ReportScheduleRow.running)).all()
    made = []
    for row in sorted(rows, key=lambda one: one.kind):
        for of in due(Kind(row.kind), row.since_at, now):
            report = _order(session, kinds[row.kind], of, now)
            made += [report] if report else []
    return made


def _order(session: Session, one: Planned, of: Period, now: datetime) -> int | None:
    token = f"schedule-{one.kind}-{of.since}"
    known = select(OfficialReportRow.id).where(OfficialReportRow.asked_by == token)
    if session.scalar(known) is not None:
        return None
    try:
        with session.begin_nested():
            row = official_reports.put(
                session, one.kind, of, one.letter, one.approver, sorted(one.readers), token, now
            )
    except IntegrityError:  # another cron's, at the same moment
        return None
    audit.note(session, None, audit.Act.CREATE, "official_report", row.id, now, one.kind)
    return row.id

"""A report that its counselor cannot go on with waits again, with what was written of it until then."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import alarms, audit, bus
from hotline.access import Action, Viewer
from hotline.alarm_kinds import AlarmKind
from hotline.errors import Conflict, NotVisible
from hotline.ids import StaffId
from intake.forms.taxonomy import WhyBack
from intake.tables.records import RecordRow
from intake.tables.reports import ReportRow
from intake.visibility import reachable_records


def give_back(
    session: Session, viewer: Viewer, report_id: int, why: WhyBack, now: datetime
) -> Sequence[bus.Signal]:
    """Into the inbox; its record, which nobody need close meanwhile, goes to the next who takes it. The
    right of whoever may write the record. Raises NotVisible, and Conflict (`closed`) once it is closed.
    """
    row = session.scalar(select(ReportRow).where(ReportRow.id == report_id).with_for_update())
    if row is None or row.taken_at is None:
        raise NotVisible("report")
    record = session.scalar(
        select(RecordRow)
        .where(RecordRow.id == row.record_id, reachable_records(viewer, Action.WRITE_RECORD))
        .with_for_update()
    )
    if record is None:
        raise NotVisible("record")
    if record.state == "closed":
        raise Conflict("closed")
    record.state = "unused"
    row.taken_at, row.taken_by, row.given_back = None, record.owner_id, why
    audit.note(session, viewer, audit.Act.GIVE_BACK, "record", record.id, now, f"report {row.id} {why}")
    signals = [bus.Signal(bus.BOARD, "report"), bus.Signal(bus.desk(StaffId(record.owner_id)), "report")]
    if row.in_danger:
        signals += alarms.sound(session, AlarmKind.REPORT, row.reference, "danger", None, now)
    return signals

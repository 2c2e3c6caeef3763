"""Open cases by the numbers whose calls told of them: ids and how urgent, never content."""

from sqlalchemy import ColumnElement, Select, and_, func, select

from intake.forms.taxonomy import Risk
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordRow


def told_by_call() -> ColumnElement[bool]:
    """How a call, its record and the case that this stands in belong together."""
    return and_(
        RecordRow.call_id == CallRow.id,
        CaseRecordRow.record_id == RecordRow.id,
        CaseRecordRow.left_at.is_(None),
        CaseRow.id == CaseRecordRow.case_id,
    )


def open_cases() -> Select[str, int, bool]:
    """Number, owner, and whether the child is in danger now: as was concluded, else as the records'
    first look says. The newest first."""
    risk = func.coalesce(CaseRow.risk, CaseRow.told_risk, "")
    return (
        select(func.coalesce(CallRow.number, ""), CaseRow.owner_id, risk == Risk.EMERGENCY)
        .where(told_by_call(), CaseRow.closed_at.is_(None), CallRow.number.is_not(None))
        .order_by(CaseRow.opened_at.desc())
    )

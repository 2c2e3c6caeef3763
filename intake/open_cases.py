"""Open cases by the number whose call they came from: ids and how urgent, never content."""

from sqlalchemy import Select, func, select

from intake.tables import CallRow, CaseRow, RecordRow
from intake.taxonomy import Risk


def open_cases() -> Select[str, int, bool]:
    """Number, owner, and whether the child is in danger now: as was concluded, else as the record's
    first look says (`case_views.risk_of`). The newest first."""
    risk = func.coalesce(CaseRow.risk, RecordRow.fields["risk"].as_string(), "")
    return (
        select(func.coalesce(CallRow.number, ""), CaseRow.owner_id, risk == Risk.EMERGENCY)
        .join(CallRow, CallRow.id == CaseRow.call_id)
        .join(RecordRow, RecordRow.id == CaseRow.record_id)
        .where(CaseRow.closed_at.is_(None), CallRow.number.is_not(None))
        .order_by(CaseRow.opened_at.desc())
    )

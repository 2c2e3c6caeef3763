"""How handovers went and how soon they were answered, of those that were sent in a period."""

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.handovers.handover_states import State
from intake.statistics.counted_rows import Rows
from intake.statistics.periods import Period
from intake.statistics.quantiles import table
from intake.statistics.tables import Counted, Figures, Table
from intake.tables.cases import CaseRow
from intake.tables.handovers import HandoverRow

EVERYWHERE = "all"
"""Beside the provinces."""


def sent(of: Period) -> Rows:
    row = HandoverRow
    return (
        select(row.id, row.case_id, row.state, row.province_id, row.sent_at, row.answered_at)
        .join(CaseRow, CaseRow.id == row.case_id)
        .where(row.sent_at >= of.starts_at, row.sent_at < of.ends_at)
    )


def figures(session: Session, of: Period) -> Figures:
    rows = session.execute(sent(of)).all()
    states = Counter(one.state for one in rows)
    took: dict[str, list[float]] = {EVERYWHERE: []}
    for one in rows:
        if one.answered_at is not None:
            seconds = (one.answered_at - one.sent_at).total_seconds()
            took[EVERYWHERE].append(seconds)
            took.setdefault(one.province_id, []).append(seconds)
    return {
        Table.HANDOVERS: Counted({each: states[each] for each in State if states[each]}, len(rows)),
        Table.HANDOVER_MEDIANS: Counted(table(took, 0.5)),
        Table.HANDOVER_P90S: Counted(table(took, 0.9)),
    }

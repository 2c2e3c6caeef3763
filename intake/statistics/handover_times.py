"""How handovers went and how soon they were answered, of those that were sent in a period."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.clock import local
from intake.handovers.handover_states import State
from intake.statistics.counted_rows import Rows
from intake.statistics.periods import Period
from intake.statistics.quantiles import spans, table
from intake.statistics.tables import Added, Counted, Figures, Table, Tally
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


def by_day(session: Session, of: Period) -> Iterator[Added]:
    """Of the day on which they were sent: states, and `n:24 86400`: the province, and seconds until the
    answer."""
    for one in session.execute(sent(of)):
        day = local(one.sent_at).date()
        yield day, Table.HANDOVERS, one.state, 1
        if one.answered_at is not None:
            yield day, Table.HANDOVER_MEDIANS, f"{one.province_id} {seconds(one)}", 1


def seconds(handover: Any) -> int:
    """Until it was answered."""
    return int((handover.answered_at - handover.sent_at).total_seconds())


def figures(of: Tally) -> Figures:
    """Of what `by_day` counted, added up."""
    states = Counter(of.get(Table.HANDOVERS, {}))
    provinces = spans(of.get(Table.HANDOVER_MEDIANS, {}))
    took = {EVERYWHERE: [each for every in provinces.values() for each in every], **provinces}
    return {
        Table.HANDOVERS: Counted({each: states[each] for each in State if states[each]}, states.total()),
        Table.HANDOVER_MEDIANS: Counted(table(took, 0.5)),
        Table.HANDOVER_P90S: Counted(table(took, 0.9)),
    }

"""How soon calls to the child line were answered."""

from sqlalchemy import Integer, func, select
from sqlalchemy.orm import Session

from hotline.sql_time import seconds_between
from intake.statistics.counted_rows import came
from intake.statistics.periods import Period
from intake.statistics.tables import Counted, Figures, Table
from intake.tables.calls import CallRow


def figures(session: Session, of: Period, within: float) -> Figures:
    """`within`: seconds in which a call is to be answered. One statement."""
    waited = seconds_between(CallRow.arrived_at, CallRow.answered_at)
    all_calls, answered, in_time, mean, longest = session.execute(
        select(
            func.count(),
            func.count(CallRow.answered_at),
            func.sum((waited <= within).cast(Integer)),
            func.avg(waited),
            func.max(waited),
        ).where(came(of), CallRow.ended_at.is_not(None))
    ).one()
    if not all_calls:
        return {Table.SERVICE: Counted(), Table.WAITS: Counted()}
    shares = {"answer_rate": answered, "service_level": in_time or 0}
    waits = {"speed_of_answer": mean, "longest_answer": longest}
    return {
        Table.SERVICE: Counted({code: round(1000 * many / all_calls) for code, many in shares.items()}),
        Table.WAITS: Counted({code: round(max(0, s)) for code, s in waits.items() if s is not None}),
    }

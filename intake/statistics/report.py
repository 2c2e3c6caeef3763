"""All tables of a report on a period, each beside the period before and the same of the year before."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from hotline.settings import settings
from intake.statistics import counting, handover_times, load, rollups, service, step_times
from intake.statistics.periods import Period
from intake.statistics.tables import Compared, Counted, Figures, Table, compared
from intake.victims import trafficking_counts


def tables(session: Session, of: Period, now: datetime) -> Sequence[Compared] | None:
    """None: nothing is known of these days."""
    spans = dict.fromkeys((of, of.before(), of.year_before()))
    found = {span: figures(session, span, now) for span in spans}
    this = found[of]
    if this is None:
        return None
    return compared(this, found[of.before()], found[of.year_before()])


def figures(session: Session, of: Period, now: datetime) -> Figures | None:
    """Every table of one period, in their order."""
    tallied = rollups.tallied(session, of)
    counted = counting.figures(session, of, tallied)
    if counted is None:
        return None
    referrals = trafficking_counts.bodies(session, of.starts_at, of.ends_at)
    found = {
        **counted,
        **service.figures(tallied.together, settings().service_seconds),
        **step_times.figures(session, of, tallied.together, now),
        **handover_times.figures(tallied.together),
        **load.figures(tallied.together),
        Table.REFERRALS: Counted(dict(referrals), sum(referrals.values())),
    }
    return {table: found[table] for table in Table}

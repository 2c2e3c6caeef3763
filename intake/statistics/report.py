"""All tables of a report on a period, each beside the period before and the same of the year before."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from intake.statistics.counting import figures
from intake.statistics.periods import Period
from intake.statistics.tables import Compared, compared


def tables(session: Session, of: Period) -> Sequence[Compared] | None:
    """None: nothing is known of these days."""
    spans = dict.fromkeys((of, of.before(), of.year_before()))
    found = {span: figures(session, span) for span in spans}
    now = found[of]
    if now is None:
        return None
    return compared(now, found[of.before()], found[of.year_before()])

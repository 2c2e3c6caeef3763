"""A report out of the database, as the command, the page and its downloads show it."""

from datetime import datetime

from sqlalchemy.orm import Session

from dashboard.report_paper import Report
from hotline import made_up
from intake.statistics.periods import Period
from intake.statistics.report import tables


def report_in(session: Session, of: Period, now: datetime) -> Report | None:
    """None: nothing is known of these days."""
    found = tables(session, of, now)
    return None if found is None else Report(of, found, now, bool(made_up.years(session)))

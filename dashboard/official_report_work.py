"""The job that counts a report that was ordered and prints one that was signed, and the sweep beside it.

Here, because only this room makes sentences. May run twice, or be killed half-way: what is made
already is left alone, and what is lost is found by the sweep.
"""

import structlog

from dashboard.official_report_paper import Frozen, draft, freeze, signed
from dashboard.period_report import report_in
from hotline import jobs, keyring
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.settings import settings
from intake.documents.paper_docx import docx
from intake.documents.paper_pdf import pdf
from intake.official_reports import official_reports, report_files, report_schedule
from intake.official_reports.report_files import ToCount, ToPrint

_log = structlog.get_logger()


def make(report_id: int) -> None:
    """Whatever is to be made of it now."""
    with reading() as session:
        order = report_files.to_make(session, report_id, keyring.recording_keys(settings()))
    match order:
        case ToCount():
            try:
                _count(report_id, order)
            except Exception as error:
                _log.warning("report_not_made", id=report_id, error=type(error).__name__)
                _fail(report_id, "not_made")
                raise
        case ToPrint():
            _print(report_id, order)


def _count(report_id: int, order: ToCount) -> None:
    of = settings()
    with reading() as session:
        report = report_in(session, order.period, utc_now())
    if report is None:
        _fail(report_id, "nothing")
        return
    frozen = Frozen(report, order.letter)
    shown = pdf(draft(frozen, order.signer, of))
    with transaction() as session:
        ring, mails = keyring.recording_keys(of), bool(of.smtp_host)
        report_files.freeze(session, report_id, freeze(frozen), shown, ring, utc_now(), mails=mails)


def _print(report_id: int, order: ToPrint) -> None:
    """A failure is told by the job's log; the report stays signed, and the sweep tries again."""
    of = settings()
    sheet = signed(order, of)
    files = {"pdf": pdf(sheet), "docx": docx(sheet)}
    with transaction() as session:
        ring, mails = keyring.recording_keys(of), bool(of.smtp_host)
        report_files.issue(session, report_id, files, ring, utc_now(), mails=mails)


def _fail(report_id: int, reason: str) -> None:
    with transaction() as session:
        report_files.failed(session, report_id, reason, utc_now())


def sweep() -> None:
    """Each minute: order what the schedule says, and queue again what was lost."""
    now = utc_now()
    with transaction() as session:
        waiting = report_schedule.order_due(session, now)
        waiting += report_files.lost(session, now)
    jobs.enqueue_all([(official_reports.JOB, one) for one in waiting])

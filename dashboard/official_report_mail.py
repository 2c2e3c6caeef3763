"""E-mails about the house's own reports: its number and a link. No figures, no file."""

from collections.abc import Mapping

from dashboard.i18n import N_, Language
from dashboard.mailing import Outbox, send
from hotline import bus
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.settings import settings
from intake.official_reports import report_mails
from intake.official_reports.report_mails import ReportMail
from intake.official_reports.report_rules import About

_SUBJECTS: Mapping[About, str] = {
    About.TO_SIGN: N_("111: một dự thảo báo cáo chờ ký"),
    About.ISSUED: N_("111: báo cáo số %(symbol)s đã ban hành"),
    About.WITHDRAWN: N_("111: báo cáo số %(symbol)s đã thu hồi"),
}
_TEXT = N_("Xem báo cáo, sau khi đăng nhập: %(link)s\n\nThư tự động, không trả lời.")


def sweep() -> None:
    """Job (cron): send what is to be sent, and sound the alarm when it cannot be. Safe to run twice at
    once."""
    of = settings()
    if not of.smtp_host:
        return
    send(_OUTBOX, of)
    with transaction() as session:
        signals = report_mails.watch(session, utc_now())
    bus.publish(signals)


def written(mail: ReportMail, address: str) -> tuple[str, str]:
    """Subject and text. `address`: of the web server."""
    language = Language(mail.language)
    link = f"{address}/official-reports/{mail.report_id}"
    subject = language.say(_SUBJECTS[mail.about], symbol=mail.symbol)
    return subject, language.say(_TEXT, link=link) + "\n"


_OUTBOX = Outbox(
    "report-mail",
    report_mails.waiting,
    report_mails.take,
    report_mails.sent,
    report_mails.failed,
    written,
)

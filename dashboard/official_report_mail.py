"""E-mails about the house's own reports: its number and a link. No figures, no file."""

from collections.abc import Mapping

import structlog

from dashboard.i18n import N_, Language
from hotline import bus
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import Unavailable
from hotline.mail import Post, post
from hotline.settings import Settings, settings
from intake.official_reports import report_mails
from intake.official_reports.report_mails import ReportMail
from intake.official_reports.report_rules import About

_log = structlog.get_logger()

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
    with reading() as session:
        ids = report_mails.waiting(session, utc_now())
    try:
        if ids:
            with post(of) as open_post:
                for mail_id in ids:
                    _send(open_post, mail_id, of)
    except Unavailable as error:
        _log.warning("mail_server_away", error=error, waiting=len(ids))
    with transaction() as session:
        signals = report_mails.watch(session, utc_now())
    bus.publish(signals)


def _send(open_post: Post, mail_id: int, of: Settings) -> None:
    with transaction() as session:
        mail = report_mails.take(session, mail_id, utc_now())
    if mail is None:
        return
    subject, text = written(mail, of.address)
    try:
        open_post.send(mail.to, subject, text, f"report-mail-{mail.id}")
    except Unavailable as error:
        with transaction() as session:
            tries = report_mails.failed(session, mail_id, utc_now())
        _log.warning("mail_not_sent", id=mail_id, tries=tries, error=error)
        return
    with transaction() as session:
        report_mails.sent(session, mail_id, utc_now())


def written(mail: ReportMail, address: str) -> tuple[str, str]:
    """Subject and text. `address`: of the web server."""
    language = Language(mail.language)
    link = f"{address}/official-reports/{mail.report_id}"
    subject = language.say(_SUBJECTS[mail.about], symbol=mail.symbol)
    return subject, language.say(_TEXT, link=link) + "\n"

"""E-mails about deadlines of cases: the case's number, until when, and a link. No names, no content."""

from collections.abc import Mapping

import structlog

from dashboard.formats import clock, day
from dashboard.i18n import N_, Language
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import Unavailable
from hotline.mail import Post, post
from hotline.settings import Settings, settings
from intake.cases import case_mails
from intake.cases.case_mails import CaseMail
from intake.cases.escalation import Stage

_log = structlog.get_logger()

_SUBJECTS: Mapping[Stage, str] = {
    Stage.SOON: N_("111: ca %(number)s sắp đến hạn"),
    Stage.OWNER: N_("111: ca %(number)s đã quá hạn"),
    Stage.LEAD: N_("111: ca %(number)s đã quá hạn, cần trưởng ca"),
    Stage.CENTER: N_("111: ca %(number)s đã quá hạn, cần lãnh đạo trung tâm"),
    Stage.DEPARTMENT: N_("111: ca %(number)s đã quá hạn, cần Cục"),
}
_TEXT = N_(
    "Ca %(number)s, hạn %(time)s ngày %(day)s.\n\nXem ca: %(link)s\n\nThư tự động, không trả lời."
)


def sweep() -> None:
    """Job (cron): send what is to be sent. Safe to run twice at once."""
    of = settings()
    if not of.smtp_host:
        return
    with reading() as session:
        ids = case_mails.waiting(session, utc_now())
    if not ids:
        return
    try:
        with post(of) as open_post:
            for mail_id in ids:
                _send(open_post, mail_id, of)
    except Unavailable as error:
        _log.warning("mail_server_away", error=error, waiting=len(ids))


def _send(open_post: Post, mail_id: int, of: Settings) -> None:
    with transaction() as session:
        mail = case_mails.take(session, mail_id, utc_now())
    if mail is None:
        return
    subject, text = written(mail, of.address)
    try:
        open_post.send(mail.to, subject, text, f"case-mail-{mail.id}")
    except Unavailable as error:
        with transaction() as session:
            tries = case_mails.failed(session, mail_id, utc_now())
        _log.warning("mail_not_sent", id=mail_id, tries=tries, error=error)
        return
    with transaction() as session:
        case_mails.sent(session, mail_id, utc_now())


def written(mail: CaseMail, address: str) -> tuple[str, str]:
    """Subject and text. `address`: of the web server."""
    language = Language(mail.language)
    values = {"number": mail.number, "time": clock(mail.due), "day": day(mail.due)}
    link = f"{address}/cases/{mail.case}"
    return (
        language.say(_SUBJECTS[mail.stage], number=mail.number),
        language.say(_TEXT, link=link, **values) + "\n",
    )

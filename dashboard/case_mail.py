"""E-mails about deadlines of cases: the case's number, until when, and a link. No names, no content."""

from collections.abc import Mapping

from dashboard.formats import clock, day
from dashboard.i18n import N_, Language
from dashboard.mailing import Outbox, send
from hotline.settings import settings
from intake.cases import case_mails
from intake.cases.case_mails import CaseMail
from intake.cases.escalation import Stage

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
    if of.smtp_host:
        send(_OUTBOX, of)


def written(mail: CaseMail, address: str) -> tuple[str, str]:
    """Subject and text. `address`: of the web server."""
    language = Language(mail.language)
    values = {"number": mail.number, "time": clock(mail.due), "day": day(mail.due)}
    link = f"{address}/cases/{mail.case}"
    return (
        language.say(_SUBJECTS[mail.stage], number=mail.number),
        language.say(_TEXT, link=link, **values) + "\n",
    )


_OUTBOX = Outbox(
    "case-mail", case_mails.waiting, case_mails.take, case_mails.sent, case_mails.failed, written
)

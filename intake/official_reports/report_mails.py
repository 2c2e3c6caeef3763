"""E-mails about reports: to who shall sign, to the readers when one is issued, or withdrawn.

Whoever sends one takes it for some minutes first, so that two workers do not send the same. What they
say is the dashboard's. One is tried until it is sent: a server that is away is an alarm, not a loss.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from hotline import alarms, bus
from hotline.access import Action, Role, roles_that_may
from hotline.alarm_kinds import AlarmKind
from hotline.mail import wait_after
from hotline.staff import StaffRow
from intake.official_reports.report_rules import About, State
from intake.tables.official_reports import OfficialReportMailRow, OfficialReportRow

_TAKEN = timedelta(minutes=5)
_ALARM_AFTER = timedelta(minutes=15)
_AT_ONCE = 200
_STILL: dict[About, State] = {
    About.TO_SIGN: State.DRAFTED,
    About.ISSUED: State.ISSUED,
    About.WITHDRAWN: State.WITHDRAWN,
}
"""In which state of its report an e-mail still tells something."""
_SUBJECT = "reports"


@dataclass(frozen=True, slots=True)
class ReportMail:
    """One e-mail that is to be sent now. `language`: of who reads it."""

    id: int
    to: str
    language: str
    about: About
    report_id: int
    symbol: str


def write(session: Session, report_id: int, people: Iterable[int], about: About, now: datetime) -> None:
    """One for each; the caller writes each kind once."""
    session.add_all(
        OfficialReportMailRow(
            report_id=report_id, staff_id=one, about=about, created_at=now, next_at=now
        )
        for one in people
    )


def told(session: Session, report_id: int, about: About) -> Sequence[int]:
    """Who was told of it, or may have been."""
    row = OfficialReportMailRow
    query = select(row.staff_id).where(row.report_id == report_id, row.about == about, row.tries > 0)
    return session.scalars(query.order_by(row.staff_id)).all()


def waiting(session: Session, now: datetime) -> Sequence[int]:
    """Ids of those whose time has come, the oldest first."""
    row = OfficialReportMailRow
    query = select(row.id).where(row.next_at <= now).order_by(row.next_at, row.id)
    return session.scalars(query.limit(_AT_ONCE)).all()


def take(session: Session, mail_id: int, now: datetime) -> ReportMail | None:
    """Take it to send it. None when somebody else has, or it is not needed: the report has gone on, the
    person has gone, has no address or may read no reports any more."""
    found = session.execute(
        select(OfficialReportMailRow, OfficialReportRow, StaffRow)
        .join(OfficialReportRow, OfficialReportRow.id == OfficialReportMailRow.report_id)
        .join(StaffRow, StaffRow.id == OfficialReportMailRow.staff_id)
        .where(OfficialReportMailRow.id == mail_id, OfficialReportMailRow.next_at <= now)
        .with_for_update(of=OfficialReportMailRow)
    ).one_or_none()
    if found is None:
        return None
    mail, report, person = found
    about = About(mail.about)
    reads = Role(person.role) in roles_that_may(Action.READ_OFFICIAL_REPORTS)
    if report.state != _STILL[about] or not (person.active and person.email and reads):
        mail.next_at = None
        return None
    mail.next_at = now + _TAKEN
    mail.tries += 1
    return ReportMail(mail.id, person.email, person.interface_language, about, report.id, report.symbol)


def sent(session: Session, mail_id: int, now: datetime) -> None:
    row = session.get_one(OfficialReportMailRow, mail_id)
    row.sent_at, row.next_at = now, None


def failed(session: Session, mail_id: int, now: datetime) -> int:
    """Another try later, each time a little later; returns how many there were."""
    row = session.get_one(OfficialReportMailRow, mail_id)
    row.next_at = now + wait_after(row.tries)
    return row.tries


def watch(session: Session, now: datetime) -> list[bus.Signal]:
    """An alarm while one waits too long, the end of it when none does."""
    row = OfficialReportMailRow
    late = row.next_at.is_not(None) & (row.created_at < now - _ALARM_AFTER)
    if session.scalar(select(exists().where(late))):
        return alarms.sound(session, AlarmKind.MAIL, _SUBJECT, "unsent", None, now)
    return alarms.end(session, AlarmKind.MAIL, _SUBJECT, now)

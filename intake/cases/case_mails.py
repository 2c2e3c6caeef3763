"""E-mails about deadlines: which are to be sent, tried again, or not needed any more.

Whoever sends one takes it for some minutes first, so that two workers do not send the same; one that
ends in between sends it a second time, with the same id. What they say is the dashboard's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.ids import CaseId
from hotline.mail import wait_after
from hotline.staff import StaffRow
from intake.cases.escalation import Stage
from intake.tables.cases import CaseRow
from intake.tables.flow import CaseMailRow, CaseWarningRow

TRIES = 10
_TAKEN = timedelta(minutes=5)
_AT_ONCE = 200
"""So many are looked at in one go."""


@dataclass(frozen=True, slots=True)
class CaseMail:
    """One e-mail that is to be sent now. `language`: of who reads it."""

    id: int
    to: str
    language: str
    case: CaseId
    number: str
    stage: Stage
    due: datetime


def waiting(session: Session, now: datetime) -> Sequence[int]:
    """Ids of those whose time has come, the oldest first."""
    query = select(CaseMailRow.id).where(CaseMailRow.next_at <= now)
    return session.scalars(query.order_by(CaseMailRow.next_at, CaseMailRow.id).limit(_AT_ONCE)).all()


def take(session: Session, mail_id: int, now: datetime) -> CaseMail | None:
    """Take it to send it. None when somebody else has, or it is not needed: the step is done, the person
    has gone or has no address any more."""
    found = session.execute(
        select(CaseMailRow, CaseWarningRow, CaseRow, StaffRow)
        .join(CaseWarningRow, CaseWarningRow.id == CaseMailRow.warning_id)
        .join(CaseRow, CaseRow.id == CaseWarningRow.case_id)
        .join(StaffRow, StaffRow.id == CaseMailRow.staff_id)
        .where(CaseMailRow.id == mail_id, CaseMailRow.next_at <= now)
        .with_for_update(of=CaseMailRow)
    ).one_or_none()
    if found is None:
        return None
    mail, warning, case, person = found
    if warning.over_at is not None or not person.active or not person.email:
        mail.next_at = None
        return None
    mail.next_at = now + _TAKEN
    mail.tries += 1
    return CaseMail(
        id=mail.id,
        to=person.email,
        language=person.interface_language,
        case=CaseId(case.id),
        number=case.number,
        stage=Stage(warning.stage),
        due=warning.due_at,
    )


def sent(session: Session, mail_id: int, now: datetime) -> None:
    row = session.get_one(CaseMailRow, mail_id)
    row.sent_at, row.next_at = now, None


def failed(session: Session, mail_id: int, now: datetime) -> int:
    """Another try later, each time a little later, `TRIES` in all; returns how many there were."""
    row = session.get_one(CaseMailRow, mail_id)
    row.next_at = now + wait_after(row.tries) if row.tries < TRIES else None
    return row.tries

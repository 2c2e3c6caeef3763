"""Every night: what was odd about the looks of the day before (`hotline.audit_patterns`)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hotline import audit_findings
from hotline.audit import Act
from hotline.audit_patterns import FILES, Look, busiest_hour, find
from hotline.clock import utc_now
from hotline.db import reading, transaction
from intake.tables.cases import CaseRow

_LOOKED_AT = timedelta(hours=48)
"""Twice each day, so that nothing is lost around midnight or when the job did not run once."""
_DAY = timedelta(days=1)
_HABIT = timedelta(days=28)
_ODD_ACTS = (Act.SEE, Act.EXPORT, Act.REFUSED)
_AT_ONCE = 500


def sweep() -> None:
    """Daily job."""
    look_over(utc_now())


def look_over(now: datetime, of: Engine | None = None) -> int:
    """Find what is odd about the last two days; how many findings are new."""
    with reading(of) as session:
        places = audit_findings.own_places(session)
        usual = _usual(session, now - _LOOKED_AT)
        found = []
        for days in range(_LOOKED_AT // _DAY, 0, -1):
            begin = now - days * _DAY
            looks = list(audit_findings.looks(session, begin, begin + _DAY, _ODD_ACTS))
            found += find(looks, usual, places, _places_of(session, looks) if places else {})
    with transaction(of) as session:
        return audit_findings.keep(session, found)


def _usual(session: Session, until: datetime) -> dict[int, int]:
    """Person → the files of their busiest hour of four weeks, a day at a time."""
    usual: dict[int, int] = {}
    for days in range(_HABIT // _DAY, 0, -1):
        begin = until - days * _DAY
        day = audit_findings.looks(session, begin, begin + _DAY, (Act.SEE,))
        for who, files in busiest_hour(look for look in day if look.kind in FILES).items():
            usual[who] = max(usual.get(who, 0), files)
    return usual


def _places_of(session: Session, looks: Iterable[Look]) -> dict[str, str]:
    """Case → the commune where it happened."""
    ids = sorted(
        {int(look.object_id) for look in looks if look.kind == "case" and look.object_id.isdecimal()}
    )
    found: dict[str, str] = {}
    for start in range(0, len(ids), _AT_ONCE):
        query = select(CaseRow.id, CaseRow.commune).where(CaseRow.id.in_(ids[start : start + _AT_ONCE]))
        found |= {str(id): commune for id, commune in session.execute(query) if commune}
    return found

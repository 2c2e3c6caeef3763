"""Opening one case or record in an emergency, by the number that somebody was told (ADR 28).

Whoever may do it may open any, so there is nothing to learn from an answer but whether a number exists:
that costs a try as well, and is told like a try too many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hotline import broken_glass, bus, stated_reasons
from hotline.access import Action, Thing, Viewer, by_rules, may
from hotline.broken_glass import Emergency
from hotline.errors import FieldErrors, NotVisible
from hotline.ids import CenterId
from hotline.sealed import KeyRing
from intake.tables.cases import CaseRow
from intake.tables.records import RecordRow
from intake.visibility import reachable_cases, reachable_records

_LONGEST_ID = 9
"""Digits of a record's number."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a number stands for. `open`: to this viewer by the rules."""

    thing: Thing
    id: int
    number: str
    center: CenterId
    open: bool


def shatter(
    session: Session,
    viewer: Viewer,
    number: str,
    why: str,
    words: str,
    ring: KeyRing,
    now: datetime,
    *,
    lasts: timedelta,
    most: int,
) -> tuple[Named | None, Sequence[bus.Signal]]:
    """Open what this number stands for: of a case, of a record, or of the call that a record is of. What
    the rules open is only found. None: it cannot be opened, which is on record and counted; `most` tries
    an hour. Raises NotVisible for who may break no glass, FieldErrors (`number`, `reason`, `words`).
    """
    if not may(viewer, Action.BREAK_GLASS):
        raise NotVisible(Action.BREAK_GLASS)
    written = _checked(number, why, words)
    if not broken_glass.may_try(session, viewer, most, now):
        broken_glass.refuse(session, viewer, "too_many", now)
        return None, ()
    found = _named(session, by_rules(viewer), number.strip())
    if found is None:
        broken_glass.refuse(session, viewer, "unknown", now)
        return None, ()
    if found.open:
        return found, ()
    signals = broken_glass.shatter(
        session,
        viewer,
        found.thing,
        found.id,
        found.number,
        found.center,
        Emergency(why),
        written,
        ring,
        now,
        now + lasts,
    )
    return found, signals


def _checked(number: str, why: str, words: str) -> str:
    wrong = {} if number.strip() else {"number": "missing"}
    written = ""
    try:
        written = stated_reasons.checked(why, words, set(Emergency))
    except FieldErrors as more:
        wrong |= more.fields
    if wrong:
        raise FieldErrors(wrong)
    return written


def _named(session: Session, viewer: Viewer, number: str) -> Named | None:
    case = session.execute(
        select(
            CaseRow.id,
            CaseRow.number,
            CaseRow.center_id,
            reachable_cases(viewer, Action.READ_CASE),
        ).where(CaseRow.number == number.upper())
    ).one_or_none()
    if case is not None:
        return Named(Thing.CASE, case[0], case[1], CenterId(case[2]), bool(case[3]))
    digits = number.isascii() and number.isdecimal() and len(number) <= _LONGEST_ID
    record = session.execute(
        select(
            RecordRow.id,
            RecordRow.center_id,
            reachable_records(viewer, Action.READ_RECORD),
        ).where(
            or_(RecordRow.id == (int(number) if digits else 0), RecordRow.call_id == number),
            RecordRow.erased_at.is_(None),
        )
    ).first()
    if record is None:
        return None
    return Named(Thing.RECORD, record[0], str(record[0]), CenterId(record[1]), bool(record[2]))

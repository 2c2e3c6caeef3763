"""Handovers that nobody answers: the duty number is rung, and they come back to the shift lead.

The alarm rings the unit's duty numbers first, then whoever leads the shift (`telephony.alarm_calls`). A
duty number that takes note has heard of it and no more: the alarm stays on the lead's board until
somebody has accepted or refused, and after another limit it rings again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, defer

from hotline import alarms, audit, bus
from hotline.alarm_kinds import AlarmKind
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.ids import CenterId
from hotline.settings import Settings
from intake.directory import directory_entries
from intake.handovers import case_handovers
from intake.handovers.case_handovers import Limits
from intake.handovers.handover_states import UNANSWERED
from intake.numbers import dialable
from intake.tables.handovers import HandoverEventRow, HandoverRow

_UNTOLD = "heard, untold"
"""Of an event that the case's spine does not have yet."""


def limits(of: Settings) -> Limits:
    return Limits(
        ordinary=timedelta(minutes=of.handover_minutes),
        urgent=timedelta(minutes=of.handover_urgent_minutes),
    )


def watch() -> None:
    """Job (cron): has a commune not answered in time?"""
    watch_all(None, utc_now())


def watch_all(engine: Engine | None, now: datetime) -> None:
    """Sound the alarm of each whose limit has passed; what is known already is not sounded again."""
    _tell_cases(engine)
    row = HandoverRow
    late = (
        select(row.reference, row.center_id)
        .where(row.state.in_(UNANSWERED), row.rings_at < now)
        .order_by(row.rings_at)
    )
    with reading(engine) as session:
        found = session.execute(late).all()
        known = alarms.open_of(session, AlarmKind.HANDOVER)
    fresh = [each for each in found if known.get(each.reference) != "unanswered"]
    if not fresh:
        return
    with transaction(engine) as session:
        signals: list[bus.Signal] = []
        for reference, center in fresh:
            answered = session.scalar(select(row.state).where(row.reference == reference))
            if answered in UNANSWERED:
                signals += alarms.sound(
                    session, AlarmKind.HANDOVER, reference, "unanswered", CenterId(center), now
                )
    bus.publish(signals)


def _tell_cases(engine: Engine | None) -> None:
    """Put on the cases' spines what the switchboard heard, once and as of when it did."""
    event = HandoverEventRow
    with reading(engine) as session:
        heard = session.scalars(
            select(event.id).where(event.kind == "rung", event.code == _UNTOLD)
        ).all()
    for event_id in heard:
        with transaction(engine) as session:
            one = session.get_one(event, event_id, with_for_update=True)
            if one.code == _UNTOLD:
                row = session.get_one(HandoverRow, one.handover_id)
                case_handovers.tell_case(session, row, None, "rung", one.at, by=one.by)
                one.code = "heard"


def duty_numbers(session: Session, reference: str, now: datetime) -> Sequence[str]:
    """What is dialled for this handover now, in turn: of its unit, or who is further up."""
    unit_id = session.scalar(select(HandoverRow.unit_id).where(HandoverRow.reference == reference))
    found = directory_entries.on_duty(session, unit_id, now) if unit_id else None
    told = [dialable(number) for one in found.entries for number in one.contact.numbers] if found else []
    return [number for number in told if number is not None]


def heard(
    session: Session, reference: str, number: str, limits: Limits, now: datetime
) -> Sequence[bus.Signal]:
    """A duty number has taken note at the phone: on record. The case hears of it by `watch`: here is the
    switchboard, which cannot open what is told in cases."""
    query = select(HandoverRow).where(HandoverRow.reference == reference).with_for_update()
    row = session.scalar(query.options(defer(HandoverRow.packet, raiseload=True)))
    if row is None or row.state not in UNANSWERED:
        return []
    row.rings_at = now + (limits.urgent if row.urgent else limits.ordinary)
    session.add(HandoverEventRow(handover_id=row.id, at=now, kind="rung", code=_UNTOLD, by=number))
    audit.note(session, None, audit.Act.TAKE_NOTE, "handover", row.id, now, "duty number")
    return alarms.sound(session, AlarmKind.HANDOVER, reference, "heard", CenterId(row.center_id), now)

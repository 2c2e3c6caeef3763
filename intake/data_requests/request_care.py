"""Requests that are not answered become an alarm for who leads the center: each one, until it is."""

from datetime import datetime

from sqlalchemy import Engine, select

from hotline import alarms, bus
from hotline.alarm_kinds import AlarmKind
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import CenterId
from intake.data_requests.request_rules import late
from intake.tables.data_requests import DataRequestRow


def watch() -> None:
    """Job (cron): is a request late, or soon will be?"""
    watch_all(None, utc_now())


def watch_all(engine: Engine | None, now: datetime) -> None:
    """The alarm's reason grows with the delay; it ends when the answer is handed over."""
    signals: list[bus.Signal] = []
    with transaction(engine) as session:
        rows = select(DataRequestRow).where(DataRequestRow.closed_at.is_(None))
        for row in session.scalars(rows.order_by(DataRequestRow.due_at)).all():
            reason, center = late(row.due_at, now), CenterId(row.center_id)
            if reason is not None:
                signals += alarms.sound(
                    session, AlarmKind.DATA_REQUEST, str(row.id), reason, center, now
                )
    bus.publish(signals)

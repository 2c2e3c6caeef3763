"""Spells of supervision: a shift lead listens to a talk, or whispers to its counselor.

A lead's channel is in one mode at a time, so a new spell ends the one before.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.events import SupervisionBegan, SupervisionEnded
from intake.numbers import clean
from intake.tables import CHANNEL_LENGTH, PHONE_LENGTH, CallRow, SupervisionRow


def supervisions(session: Session, call: CallRow) -> list[SupervisionRow]:
    """The spells of supervision, in order."""
    query = select(SupervisionRow).where(SupervisionRow.call_id == call.id)
    return list(session.scalars(query.order_by(SupervisionRow.began_at, SupervisionRow.id)))


def begin_supervision(session: Session, call: CallRow, event: SupervisionBegan) -> bool:
    """Fold in that a supervisor began; False when it was known."""
    channel = clean(event.channel, CHANNEL_LENGTH)
    mine = [spell for spell in supervisions(session, call) if spell.channel == channel]
    if any(spell.began_at == event.at for spell in mine):
        return False
    for spell in mine:
        if spell.ended_at is None and spell.began_at < event.at:
            spell.ended_at = event.at
    following = [spell.began_at for spell in mine if spell.began_at > event.at]
    phone = clean(event.phone, PHONE_LENGTH)
    person = staff.by_phone(session, phone)
    session.add(
        SupervisionRow(
            call_id=call.id,
            offer_id=clean(event.offer_id, 64) if event.offer_id else None,
            channel=channel,
            phone=phone,
            staff_id=person.id if person else None,
            mode=event.mode,
            began_at=event.at,
            ended_at=min(following, default=max(call.ended_at, event.at) if call.ended_at else None),
        )
    )
    session.flush()
    return True


def end_supervision(session: Session, call: CallRow, event: SupervisionEnded) -> bool:
    """Fold in that a supervisor attends no more in this way; False when it was known."""
    channel = clean(event.channel, CHANNEL_LENGTH)
    for spell in supervisions(session, call):
        if spell.channel == channel and spell.began_at <= event.at and spell.ended_at is None:
            spell.ended_at = event.at
            return True
    return False


def end_supervisions(session: Session, call: CallRow) -> None:
    """The call is over, and with it whatever of this is still open."""
    for spell in supervisions(session, call):
        if spell.ended_at is None and call.ended_at is not None:
            spell.ended_at = max(call.ended_at, spell.began_at)

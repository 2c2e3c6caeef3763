"""Spells of supervision: a shift lead listens to a talk, or whispers to its counselor.

A lead's channel is in one mode at a time, so a new spell ends the one before.
"""

from hotline.events import SupervisionBegan, SupervisionEnded
from intake.calls import line_names
from intake.calls.call_sheets import SAME, Sheet
from intake.tables.calls import SupervisionRow


def begin_supervision(sheet: Sheet, event: SupervisionBegan) -> bool:
    """Fold in that a supervisor began; False when it was known."""
    call = sheet.call
    channel = line_names.channel(event.channel)
    mine = [spell for spell in sheet.supervisions if spell.channel == channel]
    if any(spell.mode == event.mode and abs(spell.began_at - event.at) <= SAME for spell in mine):
        return False
    for spell in mine:
        if spell.ended_at is None and spell.began_at < event.at:
            spell.ended_at = event.at
    following = [spell.began_at for spell in mine if spell.began_at > event.at]
    phone = line_names.phone(event.phone)
    person = sheet.round.at_phone(phone)
    sheet.add(
        SupervisionRow(
            call_id=call.id,
            offer_id=line_names.offer_id(event.offer_id),
            channel=channel,
            phone=phone,
            staff_id=person.id if person else None,
            mode=event.mode,
            began_at=event.at,
            ended_at=min(following, default=max(call.ended_at, event.at) if call.ended_at else None),
        )
    )
    return True


def end_supervision(sheet: Sheet, event: SupervisionEnded) -> bool:
    """Fold in that a supervisor attends no more in this way; False when it was known."""
    channel = line_names.channel(event.channel)
    for spell in sheet.supervisions:
        if spell.channel == channel and spell.began_at <= event.at and spell.ended_at is None:
            spell.ended_at = event.at
            return True
    return False


def end_supervisions(sheet: Sheet) -> None:
    """The call is over, and with it whatever of this is still open."""
    call = sheet.call
    for spell in sheet.supervisions:
        if spell.ended_at is None and call.ended_at is not None:
            spell.ended_at = max(call.ended_at, spell.began_at)

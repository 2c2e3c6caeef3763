"""Spells on hold: what one side had the other wait for, in the midst of a talk.

A spell begins when a party presses hold and ends when it resumes; a party that never resumes (it
transferred the other side away, or rang off) held until its talk was over, else until the call was.
That second kind of end is derived anew from the rows each time, so that the order of events does not
matter.
"""

from hotline.events import CallHeld, CallResumed
from intake.calls import line_names
from intake.calls.call_sheets import Sheet
from intake.tables.calls import HoldRow


def hold(sheet: Sheet, event: CallHeld) -> None:
    """Fold in that a party pressed hold; does nothing the second time."""
    channel = line_names.channel(event.channel)
    mine = [spell for spell in sheet.holds if spell.channel == channel]
    if any(spell.began_at <= event.at <= (spell.ended_at or event.at) for spell in mine):
        return
    late = next((spell for spell in mine if spell.began_at == spell.ended_at), None)
    if late is not None and event.at < late.began_at:
        late.began_at = event.at  # its end was known first
    else:
        sheet.add(_spell(sheet, channel, event))


def _spell(sheet: Sheet, channel: str, event: CallHeld | CallResumed) -> HoldRow:
    return HoldRow(call_id=sheet.call.id, channel=channel, began_at=event.at, resumed=False)


def resume(sheet: Sheet, event: CallResumed) -> None:
    """Fold in that a party took the other side back; does nothing the second time."""
    channel = line_names.channel(event.channel)
    begun = [spell for spell in sheet.holds if spell.channel == channel and spell.began_at <= event.at]
    spell = begun[-1] if begun else None
    if spell is None:
        sheet.add(spell := _spell(sheet, channel, event))
    if not spell.resumed:
        spell.ended_at, spell.resumed = event.at, True


def settle_holds(sheet: Sheet) -> None:
    """End the spells whose talk is over, or whose call is, and open those whose end was too early."""
    for spell in sheet.holds:
        if not spell.resumed:
            talks = [t for t in sheet.talks if t.channel == spell.channel]
            begun = [talk for talk in talks if talk.began_at <= spell.began_at]
            ended_at = begun[-1].ended_at if begun else sheet.call.ended_at
            spell.ended_at = None if ended_at is None else max(ended_at, spell.began_at)

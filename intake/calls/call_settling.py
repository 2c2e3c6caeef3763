"""What follows from a call's offers and talks: whose call it is, whether it was answered, its record.

Derived anew from the rows each time, so that the order of events does not matter.
"""

from datetime import datetime

from hotline.events import Outcome
from hotline.ids import Part, StaffId
from hotline.staff import StaffView
from intake.calls.call_sheets import Sheet
from intake.calls.holds import settle_holds
from intake.forms import forms
from intake.tables.calls import CallRow
from intake.tables.records import RecordRow


def give(sheet: Sheet, person: StaffView | None, at: datetime) -> None:
    """Settle whose call and record it is: the counselor who talked last, else whose phone rang last.

    Makes the record at the first ring to a counselor. One that is closed stays with its owner.
    """
    if person is None:
        return
    call = sheet.call
    spells = [one for one in sheet.talks if one.staff_id and one.part == Part.COUNSELOR]
    rings = [one for one in sheet.offers if one.staff_id and one.part == Part.COUNSELOR]
    parts = spells or rings
    last = parts[-1].staff_id if parts else person.id  # of a call of ours, who asked for it
    if call.counselor_id != last:
        holder = person if person.id == last else sheet.round.member(StaffId(last or 0))
        call.counselor_id, call.center_id = holder.id, holder.center.id
    record = sheet.record
    if record is None and not call.internal:
        sheet.add(made := _record(call, at))
        sheet.round.index(made)
    elif record is not None and record.state != "closed":
        before = record.owner_id, record.center_id
        record.owner_id = call.counselor_id or record.owner_id
        record.center_id = call.center_id or record.center_id
        if (record.owner_id, record.center_id) != before:
            sheet.round.index(record)


def _record(call: CallRow, at: datetime) -> RecordRow:
    return RecordRow(
        call_id=call.id,
        form_version=forms.CURRENT.version,
        owner_id=call.counselor_id,
        center_id=call.center_id,
        revision=0,
        state="draft",
        created_at=at,
        fields={},
    )


def settle(sheet: Sheet) -> None:
    """A call is answered when the first party talks, an offer when its own phone does."""
    sheet.call.answered_at = min((talk.began_at for talk in sheet.talks), default=None)
    settle_offers(sheet)
    settle_holds(sheet)


def settle_offers(sheet: Sheet) -> None:
    """A phone that talks was answered when it first did."""
    first: dict[str, datetime] = {}
    for talk in sheet.talks:
        first.setdefault(talk.channel, talk.began_at)
    for offer in sheet.offers:
        if offer.channel in first and offer.outcome in (None, Outcome.ANSWERED):
            offer.ended_at, offer.outcome = first[offer.channel], Outcome.ANSWERED
    settle_record(sheet)


def settle_record(sheet: Sheet) -> None:
    """A record in which nobody wrote is a draft only while somebody may have to write it."""
    call, record = sheet.call, sheet.record
    if record is not None and record.revision == 0 and record.state != "closed":
        over = call.ended_at is not None and (call.answered_at is None or call.internal)
        record.state = "unused" if over else "draft"

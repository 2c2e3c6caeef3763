"""What follows from a call's offers and talks: whose call it is, whether it was answered, its record.

Derived anew from the rows each time, so that the order of events does not matter.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.events import Outcome
from hotline.ids import Part, StaffId
from hotline.staff import StaffView
from intake import forms, search_index
from intake.holds import settle_holds
from intake.tables import CallRow, OfferRow, RecordRow, TalkRow


def offers(session: Session, call: CallRow) -> list[OfferRow]:
    """The phones rung, in order."""
    query = select(OfferRow).where(OfferRow.call_id == call.id).order_by(OfferRow.rang_at, OfferRow.id)
    return list(session.scalars(query))


def talks(session: Session, call: CallRow) -> list[TalkRow]:
    """The spells of talk, in order."""
    query = select(TalkRow).where(TalkRow.call_id == call.id).order_by(TalkRow.began_at, TalkRow.id)
    return list(session.scalars(query))


def give(session: Session, call: CallRow, person: StaffView | None, at: datetime) -> None:
    """Settle whose call and record it is: the counselor who talked last, else whose phone rang last.

    Makes the record at the first ring to a counselor. One that is closed stays with its owner.
    """
    if person is None:
        return
    spells = [one for one in talks(session, call) if one.staff_id and one.part == Part.COUNSELOR]
    rings = [one for one in offers(session, call) if one.staff_id and one.part == Part.COUNSELOR]
    parts = spells or rings
    last = parts[-1].staff_id if parts else person.id  # of a call of ours, who asked for it
    if call.counselor_id != last:
        holder = person if person.id == last else staff.one(session, StaffId(last or 0))
        call.counselor_id, call.center_id = holder.id, holder.center.id
    record = session.scalar(select(RecordRow).where(RecordRow.call_id == call.id))
    if record is None and not call.internal:
        record = RecordRow(
            call_id=call.id,
            form_version=forms.CURRENT.version,
            owner_id=call.counselor_id,
            center_id=call.center_id,
            created_at=at,
            fields={},
        )
        session.add(record)
    elif record is not None and record.state != "closed":
        record.owner_id = call.counselor_id or record.owner_id
        record.center_id = call.center_id or record.center_id
    if record is not None:
        search_index.write_record(session, record)


def settle(session: Session, call: CallRow) -> list[TalkRow]:
    """A call is answered when the first party talks, an offer when its own phone does. Gives the spells
    of talk."""
    first: dict[str, datetime] = {}
    spells = talks(session, call)
    for talk in spells:
        first.setdefault(talk.channel, talk.began_at)
    call.answered_at = min(first.values(), default=None)
    settle_record(session, call)
    settle_holds(session, call, spells)
    for offer in offers(session, call):
        if offer.channel in first and offer.outcome in (None, Outcome.ANSWERED):
            offer.ended_at, offer.outcome = first[offer.channel], Outcome.ANSWERED
    return spells


def settle_record(session: Session, call: CallRow) -> None:
    """A record in which nobody wrote is a draft only while somebody may have to write it."""
    record = session.scalar(select(RecordRow).where(RecordRow.call_id == call.id))
    if record is not None and record.revision == 0 and record.state != "closed":
        over = call.ended_at is not None and (call.answered_at is None or call.internal)
        record.state = "unused" if over else "draft"

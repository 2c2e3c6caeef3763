"""Spells of talk: who talked with the caller, from when until when.

Each event is folded in once, in whatever order they come.
"""

from datetime import datetime

from hotline.events import TalkBegan, TalkEnded
from hotline.ids import Part, StaffId, part_of
from hotline.staff import StaffView
from intake.calls import line_names
from intake.calls.call_settling import give, settle
from intake.calls.call_sheets import SAME, Sheet
from intake.calls.holds import settle_holds
from intake.calls.ringing import person_at
from intake.tables.calls import TalkRow


def begin_talk(sheet: Sheet, event: TalkBegan) -> bool:
    """Fold in that a party began to talk; False when that was known."""
    call, talk = sheet.call, talk_of(sheet, event)
    if talk is not None and (talk.ended_at is None or event.at <= talk.ended_at):
        return False
    channel = line_names.channel(event.channel)
    late = next((t for t in sheet.talks if t.channel == channel and t.began_at == t.ended_at), None)
    if late is not None and event.at < late.began_at:
        late.began_at = event.at  # its end was known first
        settle(sheet)
    else:
        add_talk(sheet, event, None if call.ended_at is None else max(event.at, call.ended_at))
    return True


def talk_of(sheet: Sheet, event: TalkBegan | TalkEnded) -> TalkRow | None:
    """The channel's latest spell that had begun by then."""
    channel = line_names.channel(event.channel)
    begun = [t for t in sheet.talks if t.channel == channel and t.began_at <= event.at + SAME]
    return begun[-1] if begun else None


def end_talk(sheet: Sheet, talk: TalkRow, event: TalkEnded) -> bool:
    """Fold in that this spell is over; False when that was known."""
    if talk.ended_at is not None and talk.ended_at - event.at <= SAME:
        return False
    talk.ended_at = max(event.at, talk.began_at)
    talk.lost = event.lost
    _go_on_with_colleague(sheet, event.at)
    settle_holds(sheet)
    return True


def _go_on_with_colleague(sheet: Sheet, at: datetime) -> None:
    """Whom the last counselor has left with the caller is the counselor now, and it is their record."""
    going_on = [talk for talk in sheet.talks if talk.ended_at is None]
    if any(talk.part == Part.COUNSELOR for talk in going_on):
        return
    for talk in going_on:
        if talk.part == Part.COLLEAGUE and talk.staff_id is not None:
            talk.part = Part.COUNSELOR
            give(sheet, sheet.round.member(StaffId(talk.staff_id)), at)
            return


def add_talk(sheet: Sheet, event: TalkBegan | TalkEnded, ended_at: datetime | None) -> None:
    """A spell that is not known yet; of one known by its end alone the beginning may still come."""
    channel, phone = line_names.channel(event.channel), line_names.phone(event.phone)
    part, offer_id = _part(sheet, event, channel), _offer_id(event)
    person = person_at(sheet, phone, part, offer_id)
    if person is None and part is Part.COUNSELOR:
        person = _who_called(sheet)
    if person is not None:
        _let_read(sheet, person)
    sheet.add(
        TalkRow(
            call_id=sheet.call.id,
            channel=channel,
            phone=phone,
            part=part,
            offer_id=offer_id,
            staff_id=person.id if person else None,
            began_at=event.at,
            ended_at=ended_at,
            lost=isinstance(event, TalkEnded) and event.lost,
        )
    )
    if part is Part.COUNSELOR:
        give(sheet, person, event.at)
    settle(sheet)


def _let_read(sheet: Sheet, person: StaffView) -> None:
    """Who talks with the caller may read the record, and finds it."""
    record = sheet.record
    if record is not None and person.id not in (record.owner_id, *(t.staff_id for t in sheet.talks)):
        sheet.round.index(record)


def _offer_id(event: TalkBegan | TalkEnded) -> str | None:
    return line_names.offer_id(event.offer_id) if isinstance(event, TalkBegan) else None


def _part(sheet: Sheet, event: TalkBegan | TalkEnded, channel: str) -> Part:
    """What the party is in this call; the end of a talk does not say, but its ringing did."""
    if isinstance(event, TalkBegan) and event.offer_id is not None:
        return part_of(event.offer_id)
    return next((Part(o.part) for o in sheet.offers if o.channel == channel), Part.COUNSELOR)


def _who_called(sheet: Sheet) -> StaffView | None:
    """In a call of ours the other side is no counselor: who asked for the call talks with them."""
    call = sheet.call
    if not call.outbound or call.counselor_id is None:
        return None
    return sheet.round.member(StaffId(call.counselor_id))

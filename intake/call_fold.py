"""Folds call events into the rows of calls, offers, talks, holds and transfers.

The fold is idempotent: an event that was applied before changes nothing and returns nothing, so the
journal may be replayed from any earlier point. A call whose arrival was lost gets its row from
whatever event comes first. Touches only the session: what must happen outside (signals, jobs) is
returned and is the caller's to do after the commit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import bus, on_call, staff
from hotline.events import (
    CallArrived,
    CallBackAsked,
    CallEnded,
    CallerWaiting,
    CallEvent,
    CallHeld,
    CallJoined,
    CallResumed,
    CallTransferred,
    CounselorChosen,
    KeyPressed,
    LineChosen,
    MessageLeft,
    Outcome,
    PhoneRang,
    PhoneStopped,
    SupervisionBegan,
    SupervisionEnded,
    TalkBegan,
    TalkEnded,
)
from hotline.ids import Part, StaffId, part_of
from hotline.lines import CalledLine, line_of
from hotline.settings import settings
from hotline.staff import StaffView
from intake import callback_tasks, yes_no
from intake.call_settling import give, offers, settle, settle_record, talks
from intake.holds import hold, resume, settle_holds
from intake.numbers import clean, normal
from intake.supervisions import begin_supervision, end_supervision, end_supervisions
from intake.tables import (
    CHANNEL_LENGTH,
    NUMBER_LENGTH,
    PHONE_LENGTH,
    CallRow,
    OfferReasonRow,
    OfferRow,
    RecordingRow,
    TalkRow,
    TransferRow,
)

_SAME = timedelta(seconds=1)
"""The live feed and Asterisk's event log date one fact up to this far apart."""


Job = tuple[str, ...]
"""Work for the worker, to be enqueued after the commit: dotted name, then its arguments (ids)."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What one event asks for after the commit; both empty when it changed nothing."""

    signals: tuple[bus.Signal, ...] = ()
    jobs: tuple[Job, ...] = ()


_NOTHING = Applied()


def apply(session: Session, event: CallEvent) -> Applied:
    """Fold one event in."""
    fold = _FOLDS.get(type(event))
    if fold is None:
        return _NOTHING
    call = session.get(CallRow, event.call_id, with_for_update=True)
    if call is None:
        call = CallRow(
            id=event.call_id, arrived_at=event.at, center_id=_center_of_site(session, event.call_id)
        )
        session.add(call)
        session.flush()
    applied: Applied = fold(session, call, event)
    session.flush()
    return applied


def _center_of_site(session: Session, call_id: str) -> int | None:
    """Call ids begin with the PBX's systemname."""
    center = staff.center_of(session, call_id.partition("-")[0])
    return center.id if center is not None else None


def _with_callbacks(session: Session, call: CallRow, applied: Applied) -> Applied:
    """Numbers are owed a call, or not any more, in the transaction that shows it."""
    told = {signal.topic for signal in applied.signals}
    more = [signal for signal in callback_tasks.settle(session, call) if signal.topic not in told]
    return Applied((*applied.signals, *more), applied.jobs)


def _board(kind: str, call: CallRow, *desks: int | None) -> Applied:
    """The same kind on the wallboard and on the desks concerned, each once."""
    topics = [bus.desk(StaffId(desk)) for desk in dict.fromkeys(desks) if desk is not None]
    return Applied(tuple(bus.Signal(topic, kind, call.id) for topic in (*topics, bus.BOARD)))


def _arrived(session: Session, call: CallRow, event: CallArrived) -> Applied:
    if call.channel:
        return _NOTHING
    call.channel = clean(event.channel, CHANNEL_LENGTH) or "?"
    if not (event.outbound and call.number):  # what the counselor asked for is known better
        call.number = normal(event.number)
    call.dialled = normal(event.dialled) or clean(event.dialled, NUMBER_LENGTH)
    if call.line == CalledLine.CHILD and not event.outbound:  # else passed on already
        call.line = line_of(event.dialled, settings().trafficking_numbers)
    call.outbound = event.outbound
    call.internal = _is_internal(session, event)
    call.arrived_at = min(call.arrived_at, event.at)
    desk = call.counselor_id if call.outbound else None
    return _with_callbacks(session, call, _board("arrived", call, desk))


def _is_internal(session: Session, event: CallArrived) -> bool:
    """Dialled on one of our phones, or rung there by the system for a colleague."""
    own = event.channel.partition("/")[2].rpartition("-")[0]
    if staff.by_phone(session, own) is None:
        return False
    return not event.outbound or staff.by_phone(session, event.dialled) is not None


def _joined(session: Session, call: CallRow, event: CallJoined) -> Applied:
    """It was a consultation inside another call: closed, and counted there only."""
    if call.internal and call.ended_at is not None:
        return _NOTHING
    call.internal = True
    return _ended(session, call, CallEnded(event.call_id, event.at, Outcome.ANSWERED, 0))


def _waiting(session: Session, call: CallRow, event: CallerWaiting) -> Applied:
    if call.waiting_at is not None:
        return _NOTHING
    call.waiting_at = event.at
    return _board("waiting", call)


def _chosen(session: Session, call: CallRow, event: CounselorChosen) -> Applied:
    """No screen shows it before the phone rings."""
    offer_id = clean(event.offer_id, 64)
    if session.get(OfferReasonRow, offer_id) is None:
        reasons = clean(event.reasons, 200)
        session.add(
            OfferReasonRow(
                offer_id=offer_id,
                call_id=call.id,
                staff_id=event.staff_id,
                reasons=reasons,
                at=event.at,
            )
        )
    return _NOTHING


def _desk_of(call: CallRow, offer: OfferRow) -> int | None:
    """Whose desk shows what a phone did: of a call of ours and of an interpreter, that of who asked."""
    asked = call.outbound or offer.part == Part.INTERPRETER
    return call.counselor_id if offer.staff_id is None and asked else offer.staff_id


def _offer_of(session: Session, call: CallRow, event: PhoneRang | PhoneStopped) -> tuple[OfferRow, bool]:
    """The offer this event belongs to, and whether it was made just now."""
    channel = clean(event.channel, CHANNEL_LENGTH)
    for offer in offers(session, call):
        if offer.channel == channel or (event.offer_id and offer.offer_id == event.offer_id):
            return offer, False
    phone, part = clean(event.phone, PHONE_LENGTH), part_of(event.offer_id)
    person = _person(session, phone, part, event.offer_id)
    offer = OfferRow(
        call_id=call.id,
        offer_id=clean(event.offer_id, 64) if event.offer_id else None,
        channel=channel,
        phone=phone,
        part=part,
        staff_id=person.id if person else None,
        rang_at=event.at,
        cause=0,
    )
    session.add(offer)
    session.flush()
    if part is Part.COUNSELOR:
        give(session, call, person, event.at)
    return offer, True


def _person(session: Session, phone: str, part: Part, offer_id: str | None) -> StaffView | None:
    """Who answers this phone: a counselor at a desk, or somebody on call on their own mobile. An
    interpreter is nobody of the staff in this call, on whatever phone."""
    if part is Part.INTERPRETER:
        return None
    return on_call.rung_for(session, offer_id) or staff.by_phone(session, phone)


def _rang(session: Session, call: CallRow, event: PhoneRang) -> Applied:
    offer, made = _offer_of(session, call, event)
    if not made:
        if offer.rang_at - event.at > _SAME:
            offer.rang_at = event.at  # its end was known first
        return _NOTHING
    if call.ended_at is not None:
        offer.ended_at = max(event.at, call.ended_at)
    settle(session, call)
    return _board("rang", call, _desk_of(call, offer))


def _stopped(session: Session, call: CallRow, event: PhoneStopped) -> Applied:
    offer, _ = _offer_of(session, call, event)
    if offer.outcome is not None:
        return _NOTHING
    offer.ended_at = event.at
    offer.outcome = event.outcome
    offer.cause = event.cause
    return _board("stopped", call, _desk_of(call, offer))


def _spell_at(spells: list[TalkRow], channel: str, at: datetime) -> TalkRow | None:
    """The channel's latest spell that had begun by `at`."""
    begun = [talk for talk in spells if talk.channel == channel and talk.began_at <= at + _SAME]
    return begun[-1] if begun else None


def _talk_began(session: Session, call: CallRow, event: TalkBegan) -> Applied:
    channel = clean(event.channel, CHANNEL_LENGTH)
    spells = talks(session, call)
    spell = _spell_at(spells, channel, event.at)
    if spell is not None and (spell.ended_at is None or event.at <= spell.ended_at):
        return _NOTHING
    late = next((t for t in spells if t.channel == channel and t.began_at == t.ended_at), None)
    if late is not None and event.at < late.began_at:
        late.began_at = event.at  # its end was known first
    else:
        ended = None if call.ended_at is None else max(event.at, call.ended_at)
        _add_spell(session, call, event, channel, ended)
    desks = [talk.staff_id for talk in settle(session, call) if not talk.ended_at]
    return _with_callbacks(session, call, _board("talk", call, *desks))


def _add_spell(
    session: Session,
    call: CallRow,
    event: TalkBegan | TalkEnded,
    channel: str,
    ended_at: datetime | None,
) -> None:
    phone = clean(event.phone, PHONE_LENGTH)
    part = _part(session, call, event, channel)
    person = _person(session, phone, part, _offer_id(event))
    if person is None and part is Part.COUNSELOR:
        person = _who_called(session, call)
    session.add(
        TalkRow(
            call_id=call.id,
            channel=channel,
            phone=phone,
            part=part,
            offer_id=_offer_id(event),
            staff_id=person.id if person else None,
            began_at=event.at,
            ended_at=ended_at,
        )
    )
    session.flush()
    if part is Part.COUNSELOR:
        give(session, call, person, event.at)


def _offer_id(event: TalkBegan | TalkEnded) -> str | None:
    return clean(event.offer_id, 64) if isinstance(event, TalkBegan) and event.offer_id else None


def _part(session: Session, call: CallRow, event: TalkBegan | TalkEnded, channel: str) -> Part:
    """What the party is in this call; the end of a talk does not say, but its ringing did."""
    if isinstance(event, TalkBegan) and event.offer_id is not None:
        return part_of(event.offer_id)
    return next((Part(o.part) for o in offers(session, call) if o.channel == channel), Part.COUNSELOR)


def _who_called(session: Session, call: CallRow) -> StaffView | None:
    """In a call of ours the other side is no counselor: who asked for the call talks with them."""
    if not call.outbound or call.counselor_id is None:
        return None
    return staff.one(session, StaffId(call.counselor_id))


def _talk_ended(session: Session, call: CallRow, event: TalkEnded) -> Applied:
    channel = clean(event.channel, CHANNEL_LENGTH)
    spells = talks(session, call)
    spell = _spell_at(spells, channel, event.at)
    if spell is None:
        _add_spell(session, call, event, channel, event.at)
        settle(session, call)
        return _with_callbacks(session, call, _board("stopped", call, call.counselor_id))
    if spell.ended_at is not None and spell.ended_at - event.at <= _SAME:
        return _NOTHING
    spell.ended_at = max(event.at, spell.began_at)
    settle_holds(session, call, spells)
    return _board("stopped", call, spell.staff_id, call.counselor_id)


def _held(session: Session, call: CallRow, event: CallHeld) -> Applied:
    """No screen shows it while the call lasts."""
    hold(session, call, event)
    settle_holds(session, call, talks(session, call))
    return _NOTHING


def _resumed(session: Session, call: CallRow, event: CallResumed) -> Applied:
    resume(session, call, event)
    return _NOTHING


def _supervision_began(session: Session, call: CallRow, event: SupervisionBegan) -> Applied:
    changed = begin_supervision(session, call, event)
    return _board("supervision", call, call.counselor_id) if changed else _NOTHING


def _supervision_ended(session: Session, call: CallRow, event: SupervisionEnded) -> Applied:
    changed = end_supervision(session, call, event)
    return _board("supervision", call, call.counselor_id) if changed else _NOTHING


def _transferred(session: Session, call: CallRow, event: CallTransferred) -> Applied:
    by, to = clean(event.by, CHANNEL_LENGTH), clean(event.to, CHANNEL_LENGTH)
    known = session.scalars(select(TransferRow).where(TransferRow.call_id == call.id)).all()
    if any(row.by == by and abs(row.at - event.at) <= _SAME for row in known):
        return _NOTHING
    dialled = clean(event.dialled, NUMBER_LENGTH)
    session.add(
        TransferRow(call_id=call.id, at=event.at, kind=event.kind, by=by, to=to, dialled=dialled)
    )
    return _board("transferred", call, call.counselor_id)


def _line_chosen(session: Session, call: CallRow, event: LineChosen) -> Applied:
    if call.line == event.line:
        return _NOTHING
    call.line = event.line
    return _board("line", call)


def _callback_asked(session: Session, call: CallRow, event: CallBackAsked) -> Applied:
    if call.callback_asked_at is not None and call.callback_asked_at >= event.at - _SAME:
        return _NOTHING
    call.callback_asked_at = event.at
    return _with_callbacks(session, call, _board("callback", call))


def _message_left(session: Session, call: CallRow, event: MessageLeft) -> Applied:
    """The latest beginning counts; Asterisk appends to the one file of the call."""
    if call.message_at is not None and call.message_at >= event.at - _SAME:
        return _NOTHING
    call.message_at = event.at
    told = Applied(_board("message", call).signals, _recording_jobs(session, call))
    return _with_callbacks(session, call, told)


def _key_pressed(session: Session, call: CallRow, event: KeyPressed) -> Applied:
    if not yes_no.press(session, call, event):
        return _NOTHING
    desks = {talk.staff_id for talk in talks(session, call) if talk.staff_id and not talk.ended_at}
    return Applied(tuple(bus.Signal(bus.desk(StaffId(desk)), "key", call.id) for desk in sorted(desks)))


def _ended(session: Session, call: CallRow, event: CallEnded) -> Applied:
    if call.outcome is not None and not _is_unknown(call.outcome, call.cause):
        return _NOTHING
    if call.outcome == event.outcome and call.cause == event.cause:
        return _NOTHING
    desks = [call.counselor_id]
    for offer in offers(session, call):
        if offer.ended_at is None:
            offer.ended_at = max(event.at, offer.rang_at)
            desks.append(offer.staff_id)
    spells = talks(session, call)
    for talk in spells:
        if talk.ended_at is None:
            talk.ended_at = max(event.at, talk.began_at)
            desks.append(talk.staff_id)
    if call.ended_at is None:
        call.ended_at = max(event.at, call.arrived_at)
    call.outcome = event.outcome
    call.cause = event.cause
    settle_record(session, call)
    settle_holds(session, call, spells)
    end_supervisions(session, call)
    jobs = _recording_jobs(session, call)
    return _with_callbacks(session, call, Applied(_board("ended", call, *desks).signals, jobs))


def _is_unknown(outcome: str, cause: int) -> bool:
    """What a clean-up writes when nobody knows how the call ended; anything better replaces it."""
    return outcome == Outcome.FAILED and cause == 0


def _recording_jobs(session: Session, call: CallRow) -> tuple[Job, ...]:
    spoken = call.outcome == Outcome.ANSWERED or call.answered_at or call.message_at
    if call.internal or call.ended_at is None or not spoken:
        return ()
    if session.get(RecordingRow, call.id) is None:
        session.add(RecordingRow(call_id=call.id, state="pending"))
    return (("intake.recording_work.finish", call.id),)


_FOLDS: dict[type[CallEvent], Callable[[Session, CallRow, Any], Applied]] = {
    CallArrived: _arrived,
    CallerWaiting: _waiting,
    CounselorChosen: _chosen,
    PhoneRang: _rang,
    PhoneStopped: _stopped,
    TalkBegan: _talk_began,
    TalkEnded: _talk_ended,
    CallHeld: _held,
    CallResumed: _resumed,
    CallTransferred: _transferred,
    CallBackAsked: _callback_asked,
    MessageLeft: _message_left,
    KeyPressed: _key_pressed,
    LineChosen: _line_chosen,
    SupervisionBegan: _supervision_began,
    SupervisionEnded: _supervision_ended,
    CallJoined: _joined,
    CallEnded: _ended,
}

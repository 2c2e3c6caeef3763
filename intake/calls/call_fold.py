"""Folds call events into the rows of calls, offers, talks, holds and transfers.

The fold is idempotent: an event that was applied before changes nothing and returns nothing, so the
journal may be replayed from any earlier point. Touches only the call's sheet (`intake.calls.call_rounds`
reads and writes it): what must happen outside (signals, jobs) is returned.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hotline import bus
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
from hotline.ids import Part, StaffId
from hotline.lines import CalledLine, line_of
from hotline.settings import settings
from intake.calls import callback_tasks, line_names, yes_no
from intake.calls.call_settling import settle_record
from intake.calls.call_sheets import SAME, Sheet
from intake.calls.holds import hold, resume, settle_holds
from intake.calls.ringing import ring, stop
from intake.calls.supervisions import begin_supervision, end_supervision, end_supervisions
from intake.calls.talk_spells import add_talk, begin_talk, end_talk, talk_of
from intake.numbers import clean, normal
from intake.tables.calls import (
    NUMBER_LENGTH,
    REASONS_LENGTH,
    CallRow,
    OfferReasonRow,
    OfferRow,
    TransferRow,
)
from intake.tables.recordings import RecordingRow

Job = tuple[str, str]
"""Work for the worker, to be enqueued after the commit: dotted name, and the call's id."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What one event asks for after the commit; both empty when it changed nothing."""

    signals: tuple[bus.Signal, ...] = ()
    jobs: tuple[Job, ...] = ()


_NOTHING = Applied()


def fold(sheet: Sheet, event: CallEvent) -> Applied:
    """Fold one event into its call."""
    return _FOLDS[type(event)](sheet, event)


def _with_callbacks(sheet: Sheet, applied: Applied) -> Applied:
    """Numbers are owed a call, or not any more, in the transaction that shows it."""
    told = {signal.topic for signal in applied.signals}
    more = [signal for signal in callback_tasks.settle(sheet) if signal.topic not in told]
    return Applied((*applied.signals, *more), applied.jobs)


def _board(kind: str, call: CallRow, *desks: int | None) -> Applied:
    """The same kind on the desks concerned, each once, and on the wallboard. That one is not told which
    call it was: in a rush many calls are one change of it."""
    topics = [bus.desk(StaffId(desk)) for desk in dict.fromkeys(desks) if desk is not None]
    told = (bus.Signal(topic, kind, call.id) for topic in topics)
    return Applied((*told, bus.Signal(bus.BOARD, kind)))


def _arrived(sheet: Sheet, event: CallArrived) -> Applied:
    call, number = sheet.call, sheet.call.number
    if call.channel:
        return _NOTHING
    call.channel = line_names.channel(event.channel) or "?"
    if not (event.outbound and call.number):  # what the counselor asked for is known better
        call.number = normal(event.number)
    call.dialled = normal(event.dialled) or clean(event.dialled, NUMBER_LENGTH)
    if call.line == CalledLine.CHILD and not event.outbound:  # else passed on already
        call.line = line_of(event.dialled, settings().trafficking_numbers)
    call.outbound = event.outbound
    call.internal = _is_internal(sheet, event)
    call.arrived_at = min(call.arrived_at, event.at)
    if call.number != number and sheet.record is not None:
        sheet.round.index(sheet.record)  # found by its number from now on
    desk = call.counselor_id if call.outbound else None
    return _with_callbacks(sheet, _board("arrived", call, desk))


def dialling_phone(event: CallArrived) -> str:
    """The phone that the call was dialled on, if it is one of ours."""
    return event.channel.partition("/")[2].rpartition("-")[0]


def _is_internal(sheet: Sheet, event: CallArrived) -> bool:
    """Dialled on one of our phones, or rung there by the system for a colleague."""
    if sheet.round.at_phone(dialling_phone(event)) is None:
        return False
    return not event.outbound or sheet.round.at_phone(event.dialled) is not None


def _joined(sheet: Sheet, event: CallJoined) -> Applied:
    """It was a consultation inside another call: closed, and counted there only."""
    call = sheet.call
    if call.internal and call.ended_at is not None:
        return _NOTHING
    call.internal = True
    return _ended(sheet, CallEnded(event.call_id, event.at, Outcome.ANSWERED, 0))


def _waiting(sheet: Sheet, event: CallerWaiting) -> Applied:
    if sheet.call.waiting_at is not None:
        return _NOTHING
    sheet.call.waiting_at = event.at
    return _board("waiting", sheet.call)


def _chosen(sheet: Sheet, event: CounselorChosen) -> Applied:
    """No screen shows it before the phone rings."""
    offer_id = line_names.offer_id(event.offer_id)
    if all(row.offer_id != offer_id for row in sheet.reasons):
        reasons, who = clean(event.reasons, REASONS_LENGTH), event.staff_id
        call_id = sheet.call.id
        sheet.add(
            OfferReasonRow(
                offer_id=offer_id, call_id=call_id, staff_id=who, reasons=reasons, at=event.at
            )
        )
    return _NOTHING


def _desks_of(call: CallRow, offer: OfferRow) -> tuple[int | None, ...]:
    """Whose desks show what a phone did: of a call of ours and of an interpreter, that of who asked; of
    a colleague asked into a talk, theirs too."""
    asked = call.outbound or offer.part == Part.INTERPRETER
    if offer.part == Part.COLLEAGUE:
        return call.counselor_id, offer.staff_id
    return (call.counselor_id if offer.staff_id is None and asked else offer.staff_id,)


def _rang(sheet: Sheet, event: PhoneRang) -> Applied:
    offer = ring(sheet, event)
    return _board("rang", sheet.call, *_desks_of(sheet.call, offer)) if offer else _NOTHING


def _stopped(sheet: Sheet, event: PhoneStopped) -> Applied:
    offer = stop(sheet, event)
    return _board("stopped", sheet.call, *_desks_of(sheet.call, offer)) if offer else _NOTHING


def _talk_began(sheet: Sheet, event: TalkBegan) -> Applied:
    if not begin_talk(sheet, event):
        return _NOTHING
    desks = [talk.staff_id for talk in sheet.talks if not talk.ended_at]
    return _with_callbacks(sheet, _board("talk", sheet.call, *desks))


def _talk_ended(sheet: Sheet, event: TalkEnded) -> Applied:
    call, talk = sheet.call, talk_of(sheet, event)
    if talk is None:
        add_talk(sheet, event, event.at)
        return _with_callbacks(sheet, _board("stopped", call, call.counselor_id))
    if not end_talk(sheet, talk, event):
        return _NOTHING
    here = (each.staff_id for each in sheet.talks if each.ended_at is None)
    return _board("stopped", call, talk.staff_id, call.counselor_id, *here)


def _held(sheet: Sheet, event: CallHeld) -> Applied:
    """No screen shows it while the call lasts."""
    hold(sheet, event)
    settle_holds(sheet)
    return _NOTHING


def _resumed(sheet: Sheet, event: CallResumed) -> Applied:
    resume(sheet, event)
    return _NOTHING


def _supervision_began(sheet: Sheet, event: SupervisionBegan) -> Applied:
    changed = begin_supervision(sheet, event)
    return _board("supervision", sheet.call, sheet.call.counselor_id) if changed else _NOTHING


def _supervision_ended(sheet: Sheet, event: SupervisionEnded) -> Applied:
    changed = end_supervision(sheet, event)
    return _board("supervision", sheet.call, sheet.call.counselor_id) if changed else _NOTHING


def _transferred(sheet: Sheet, event: CallTransferred) -> Applied:
    call = sheet.call
    by, to = line_names.channel(event.by), line_names.channel(event.to)
    if any(row.by == by and abs(row.at - event.at) <= SAME for row in sheet.transfers):
        return _NOTHING
    dialled = clean(event.dialled, NUMBER_LENGTH)
    sheet.add(TransferRow(call_id=call.id, at=event.at, kind=event.kind, by=by, to=to, dialled=dialled))
    return _board("transferred", call, call.counselor_id)


def _line_chosen(sheet: Sheet, event: LineChosen) -> Applied:
    if sheet.call.line == event.line:
        return _NOTHING
    sheet.call.line = event.line
    return _board("line", sheet.call)


def _callback_asked(sheet: Sheet, event: CallBackAsked) -> Applied:
    call = sheet.call
    if call.callback_asked_at is not None and call.callback_asked_at >= event.at - SAME:
        return _NOTHING
    call.callback_asked_at = event.at
    return _with_callbacks(sheet, _board("callback", call))


def _message_left(sheet: Sheet, event: MessageLeft) -> Applied:
    """The latest beginning counts; Asterisk appends to the one file of the call."""
    call = sheet.call
    if call.message_at is not None and call.message_at >= event.at - SAME:
        return _NOTHING
    call.message_at = event.at
    told = Applied(_board("message", call).signals, _recording_jobs(sheet))
    return _with_callbacks(sheet, told)


def _key_pressed(sheet: Sheet, event: KeyPressed) -> Applied:
    if not yes_no.press(sheet, event):
        return _NOTHING
    desks = {talk.staff_id for talk in sheet.talks if talk.staff_id and not talk.ended_at}
    topics = [bus.desk(StaffId(desk)) for desk in sorted(desks)]
    return Applied(tuple(bus.Signal(topic, "key", sheet.call.id) for topic in topics))


def _ended(sheet: Sheet, event: CallEnded) -> Applied:
    call = sheet.call
    if call.outcome is not None and not _is_unknown(call.outcome, call.cause):
        return _NOTHING
    if call.outcome == event.outcome and call.cause == event.cause:
        return _NOTHING
    desks = [call.counselor_id]
    for offer in sheet.offers:
        if offer.ended_at is None:
            offer.ended_at = max(event.at, offer.rang_at)
            desks.append(offer.staff_id)
    for talk in sheet.talks:
        if talk.ended_at is None:
            talk.ended_at = max(event.at, talk.began_at)
            desks.append(talk.staff_id)
    if call.ended_at is None:
        call.ended_at = max(event.at, call.arrived_at)
    call.outcome = event.outcome
    call.cause = event.cause
    settle_record(sheet)
    settle_holds(sheet)
    end_supervisions(sheet)
    jobs = _recording_jobs(sheet)
    return _with_callbacks(sheet, Applied(_board("ended", call, *desks).signals, jobs))


def _is_unknown(outcome: str, cause: int) -> bool:
    """What a clean-up writes when nobody knows how the call ended; anything better replaces it."""
    return outcome == Outcome.FAILED and cause == 0


def _recording_jobs(sheet: Sheet) -> tuple[Job, ...]:
    call = sheet.call
    spoken = call.outcome == Outcome.ANSWERED or call.answered_at or call.message_at
    if call.internal or call.ended_at is None or not spoken:
        return ()
    if sheet.recording is None:
        sheet.add(RecordingRow(call_id=call.id, state="pending"))
    return (("intake.recordings.recording_work.finish", call.id),)


_FOLDS: dict[type[CallEvent], Callable[[Sheet, Any], Applied]] = {
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

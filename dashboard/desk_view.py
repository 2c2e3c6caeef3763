"""What a counselor's desk shows, gathered from routing and intake."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard import inbox_view
from dashboard.asking import Work
from dashboard.inbox_view import Inbox
from hotline import interpreters, staff
from hotline.access import Action, Role, may
from hotline.errors import NotVisible
from hotline.events import Outcome
from hotline.ids import RecordId
from hotline.interpreters import Interpreter
from hotline.settings import settings
from hotline.staff import Center, StaffView
from intake.calls import callbacks, callers, calls, calls_out, line_wishes, on_the_line, reasons, yes_no
from intake.calls.callbacks import Standing
from intake.calls.calls import CallLine, CallView, EarlierCalls, LiveCall
from intake.calls.calls_out import Wish
from intake.calls.line_wishes import WishView
from intake.calls.on_the_line import Waiting
from intake.calls.yes_no import Question
from intake.cases import cases
from intake.cases.cases import CaseLine
from intake.forms.taxonomy import Disposition, problems_in
from intake.records import records
from intake.records.records import RecordLine, RecordView
from intake.reports import reports
from intake.reports.reports import ReportView
from routing import availability, rest_rules, rests, steering
from routing.availability import Availability
from routing.choices import Choice
from routing.handover import EARLY, HOLD
from routing.rest_rules import Rest
from routing.shifts import Duty, duty_at
from routing.steering import Kind, Order

_LISTED = 100
_WRITTEN_LATE = timedelta(hours=3)
"""Closing the record of a call longer ago begins no rest."""
_TOLD = timedelta(minutes=2)
"""How long the desk says that a call of ours came to nothing."""
_LOST = timedelta(minutes=10)
"""How long it says that its phone fell silent in a talk: who restarts a computer is back by then."""


@dataclass(frozen=True, slots=True)
class WrapUp:
    """The talk is over, the record is not; or it is `closed`, and this is the rest after it. `until`:
    when the next call may come by itself. `lengthens`: the counselor may still ask for more time."""

    call: CallLine
    until: datetime
    closed: bool
    lengthens: bool


@dataclass(frozen=True, slots=True)
class Company:
    """Who else may be or is in the talk at the phone."""

    interpreters: Sequence[Interpreter]
    """Who can be rung from here."""
    asked: WishView | None
    """The interpreter asked for last, and what became of it."""
    name: str
    """The one asked for."""
    colleague: WishView | None
    """The colleague asked for last, and what became of it."""
    colleague_name: str
    beside: str
    """Who has asked the viewer into their talk, and still talks there; '' in one's own talk."""
    attended: bool
    """A shift lead whispers or has joined. One who only listens is not shown; the audit has it."""


@dataclass(frozen=True, slots=True)
class Line:
    """The bar and the left column: the phone, and my own lists. `state`: see `words.STATE_ICONS`."""

    mine: Availability
    center: Center
    duty: Duty | None
    """My shift now, else the next one; None: the roster has none within a month."""
    on_shift: bool
    stays: bool
    """My shift is over, the next one has not come: calls still ring here."""
    state: str
    since: datetime
    call: LiveCall | None
    wrap_up: WrapUp | None
    wish: Wish | None
    """A call that I asked for and that is not on the line: not yet, or it came to nothing just now."""
    owed: Standing
    waiting: Waiting
    inbox: Inbox
    unfinished: Sequence[RecordLine]
    today: Sequence[CallLine]
    cases: Sequence[CaseLine]
    company: Company | None
    """None unless somebody talks at the phone."""
    asked: Sequence[Question]
    """What the caller at the phone, or of the wrap-up, was asked and answered with keys."""
    why: Sequence[str]
    """Why the call at the phone rang here (`routing.values.Reason`); empty when no router rang it."""
    set_to: Order | None
    """What a shift lead has set my state to, for a time."""
    lost: CallLine | None
    """The call in which this phone fell silent just now; None once its caller is at the phone again."""

    @property
    def fresh_record(self) -> RecordId | None:
        """The record of the call at the phone, as long as it has not been closed."""
        if self.call is None:
            return None
        states = {line.call_id: line.record_state for line in self.today}
        return None if states.get(self.call.call_id) == "closed" else self.call.record_id

    @property
    def unwritten(self) -> RecordId | None:
        """The record that the wrap-up is for, unless it is closed already."""
        if self.wrap_up is None or self.wrap_up.closed:
            return None
        return self.wrap_up.call.record_id

    def keeps(self, record_id: RecordId) -> bool:
        """Whether this record plainly belongs into the middle, known without looking into it."""
        heard = {one.record_id for one in self.today if one.answered_at is not None}
        mine = {one.id for one in self.unfinished} | heard
        return record_id in mine or (self.call is not None and self.call.record_id == record_id)


@dataclass(frozen=True, slots=True)
class Writing:
    """The middle and the right column: the record being written, and what its number did before.

    `call` is not loaded for the call at the phone, of which the left column tells: a pop must be quick.
    """

    record: RecordView
    number: str | None
    call: CallView | None
    earlier: EarlierCalls | None
    """None where the viewer may not see the record's call, or it has none."""
    language: str = ""
    """Of earlier calls of the number, unless Vietnamese: a code, "" when that is unknown."""
    report: ReportView | None = None
    """What the record was made of, when a program sent it."""
    asked: Sequence[Question] = ()
    """What the caller was asked and answered with keys, once the talk is over."""


@dataclass(frozen=True, slots=True)
class ShiftView:
    """The middle of a desk without a record: the shift."""

    colleagues: Sequence[Availability]


def line(work: Work) -> Line:
    """Raises NotVisible for somebody who takes no calls."""
    session, viewer, now = work.session, work.viewer, work.now
    mine = availability.of(session, viewer.staff_id, now)
    if mine is None:
        raise NotVisible("a desk of somebody who takes no calls")
    today = calls.recent(session, viewer, _began(mine.duty, now), limit=50)
    call = calls.current_for(session, viewer)
    wrap_up = None if call else _wrap_up(today, rests.of(session, viewer.staff_id), now)
    state, since = _state(mine, call, wrap_up)
    waiting = on_the_line.waiting(session)
    return Line(
        mine=mine,
        center=mine.staff.center,
        duty=next((duty for duty in mine.duty if now < duty.ends), None),
        on_shift=mine.on_duty(now),
        stays=_has_just_ended(mine, now) and availability.stays(session, viewer.staff_id, now),
        state=state,
        since=since,
        call=call,
        wrap_up=wrap_up,
        wish=None if call or wrap_up else _wish(calls_out.last_wish(session, viewer, now), now),
        owed=callbacks.standing(session, viewer, now),
        waiting=waiting,
        inbox=inbox_view.inbox(work, waiting),
        unfinished=[one for one in records.unfinished(session, viewer) if not _is_on(call, one)],
        today=today,
        cases=cases.cases(session, viewer, now, limit=_LISTED),
        company=_company(work, call) if call is not None and state == "talking" else None,
        asked=_asked(work, call, wrap_up, state),
        why=reasons.why_here(session, call.call_id, viewer.staff_id) if call is not None else (),
        set_to=_set_to(work, mine),
        lost=_lost(today, call, now),
    )


def _set_to(work: Work, mine: Availability) -> Order | None:
    if mine.order_id is None:
        return None
    orders = steering.in_force(work.session, work.now, Kind.STATE)
    return next((one for one in orders if one.id == mine.order_id), None)


def _lost(today: Sequence[CallLine], call: LiveCall | None, now: datetime) -> CallLine | None:
    lately = (one for one in today if one.lost_at is not None and now - one.lost_at < _LOST)
    return next((one for one in lately if call is None or one.call_id != call.call_id), None)


def _asked(work: Work, call: LiveCall | None, wrap_up: WrapUp | None, state: str) -> Sequence[Question]:
    if call is not None and state == "talking":
        return yes_no.told(work.session, call.call_id)
    return yes_no.told(work.session, wrap_up.call.call_id) if wrap_up is not None else ()


def _company(work: Work, call: LiveCall) -> Company:
    call_id, me = call.call_id, work.viewer.staff_id
    asked = line_wishes.interpreters_of(work.session, call_id, work.now)
    everybody = interpreters.everybody(work.session)
    last = asked[-1] if asked else None
    here = work.viewer.center_id
    company = line_wishes.colleagues_of(work.session, call_id, work.now)
    invited = [one for one in company if one.colleague_id == me and one.alive]
    colleague = next((one for one in reversed(company) if one.colleague_id != me), None)
    names = {one.id: one.name for one in call.talking}
    wanted = colleague.colleague_id if colleague is not None else None
    if wanted is not None and wanted not in names:
        names[wanted] = staff.one(work.session, wanted).name
    return Company(
        interpreters=[one for one in everybody if one.number or one.center_id == here],
        asked=last,
        name=next((one.name for one in everybody if last and one.id == last.interpreter_id), ""),
        colleague=colleague,
        colleague_name=names[wanted] if wanted is not None else "",
        beside=names.get(invited[-1].staff_id, "") if invited else "",
        attended=line_wishes.attending(work.session, call_id, listening=settings().announce_listening),
    )


def who_can_come(work: Work) -> Sequence[StaffView]:
    """Counselors who are at work and the shift leads of one's center, whose phones are free; one's own
    center first."""
    here = work.viewer.center_id
    at_work = {
        one.staff.id
        for one in availability.everybody(work.session, work.now)
        if one.on_duty(work.now) and one.choice not in (Choice.AWAY, Choice.PHONE_AWAY)
    }
    there = [
        one
        for one in line_wishes.who_can_come(work.session, work.viewer)
        if one.id in at_work or (one.role is Role.SHIFT_LEAD and one.center.id == here)
    ]
    return sorted(there, key=lambda one: (one.center.id != here, one.phone or ""))


def _is_on(call: LiveCall | None, record: RecordLine) -> bool:
    return call is not None and record.call_id == call.call_id


def _has_just_ended(mine: Availability, now: datetime) -> bool:
    over = any(timedelta() <= now - duty.ends < HOLD for duty in mine.duty)
    return over and not mine.on_duty(now)


def _began(duties: Sequence[Duty], now: datetime) -> datetime:
    """When their last shift began, an hour early for who comes in time; else the house's shift."""
    begun = [early for duty in duties if (early := duty.starts - EARLY) <= now]
    return begun[-1] if begun else duty_at(now).starts - EARLY


def _wrap_up(today: Sequence[CallLine], rest: Rest | None, now: datetime) -> WrapUp | None:
    """Of the last call that was talked in: as the desk set it since, else as long as the house gives."""
    last = next((call for call in today if call.answered_at and call.ended_at), None)
    if last is None or last.ended_at is None:
        return None
    draft, talked_until = last.record_state == "draft", last.ended_at
    if rest is not None and rest.call_id == last.call_id:
        until = rest.ends(talked_until)
    elif draft:
        until = talked_until + settings().wrap_up
    else:
        return None
    more = rest_rules.lengthened(until, talked_until) > until
    return WrapUp(last, until, not draft, more) if now < until else None


def lengthen_rest(work: Work) -> None:
    """A minute more before the next call, within the limit; nothing when no rest runs."""
    shown = line(work).wrap_up
    if shown is not None and shown.call.ended_at is not None:
        until = rest_rules.lengthened(shown.until, shown.call.ended_at)
        rest = Rest(shown.call.call_id, work.now, until, until - work.now)
        work.signal(rests.put(work.session, work.viewer.staff_id, rest))


def end_rest(work: Work) -> None:
    """The next call may come now."""
    shown = line(work).wrap_up
    if shown is not None:
        who = work.viewer.staff_id
        work.signal(rests.begin(work.session, who, shown.call.call_id, timedelta(), work.now))


def rest_after(work: Work, record: RecordView, disposition: Disposition) -> timedelta:
    """The record is closed: how long they rest now depends on what it says. No time at all when it is of
    an earlier call."""
    last = next(iter(calls.recent(work.session, work.viewer, work.now - _WRITTEN_LATE, limit=1)), None)
    if last is None or last.call_id != record.call_id or not may(work.viewer, Action.TAKE_CALLS):
        return timedelta()
    told = record.fields
    heavy = rest_rules.is_heavy(told.get("risk", ""), problems_in(told))
    length = rest_rules.rest_after(disposition, heavy=heavy)
    who = work.viewer.staff_id
    asked = rests.of(work.session, who)  # what they asked for is not cut short
    if asked is not None and asked.call_id == last.call_id and not asked.yields:
        length = max(length, asked.until - work.now)
    work.signal(rests.begin(work.session, who, last.call_id, length, work.now))
    return length


def give_time_to_write(work: Work, record: RecordView) -> None:
    """The closing of this record is undone, and so is the rest it gave, unless a call came since."""
    session, who = work.session, work.viewer.staff_id
    rest, call = rests.of(session, who), calls.current_for(session, work.viewer)
    if rest is None or record.call_id != rest.call_id or (call and call.call_id != rest.call_id):
        return
    work.signal(rests.begin(session, who, rest.call_id, settings().wrap_up, work.now))


def _wish(last: Wish | None, now: datetime) -> Wish | None:
    if last is None or last.outcome is Outcome.ANSWERED:
        return None
    return last if now - (last.ended_at or last.asked_at) < _TOLD else None


def _state(mine: Availability, call: LiveCall | None, wrap_up: WrapUp | None) -> tuple[str, datetime]:
    if call is not None and any(who.id == mine.staff.id for who in call.talking):
        return "talking", call.answered_at or call.arrived_at
    if call is not None:
        return "calling" if call.outbound else "ringing", call.arrived_at
    if wrap_up is not None and wrap_up.call.ended_at is not None and mine.choice is Choice.AVAILABLE:
        return "wrap_up", wrap_up.call.ended_at
    return mine.choice, mine.since  # on a break no call comes, however short the wrap-up is


def writing(work: Work, record_id: RecordId, at_phone: LiveCall | None) -> Writing | None:
    """The record and what belongs beside it; None when it is not (any more) for this viewer."""
    session, viewer, now = work.session, work.viewer, work.now
    try:
        record = records.record(session, viewer, record_id, now)
    except NotVisible:
        return None
    if record.call_id is None:
        return Writing(record, None, None, None, report=reports.of_record(session, record.id))
    try:
        earlier = calls.earlier(session, viewer, record.call_id, now)
        language = callers.languages(session, [record.call_id], now).get(record.call_id, "")
        if at_phone is not None and at_phone.call_id == record.call_id:
            return Writing(record, at_phone.number, None, earlier, language)
        call = calls.call(session, viewer, record.call_id, now)
        asked = yes_no.told(session, record.call_id)
        return Writing(record, call.number, call, earlier, language, asked=asked)
    except NotVisible:
        return Writing(record, None, None, None)


def is_over(middle: Writing, shown: Line) -> bool:
    """Whether the record in the middle is of a call that went elsewhere before a word was written."""
    here = shown.call is not None and shown.call.call_id == middle.record.call_id
    heard = middle.call is not None and middle.call.answered_at is not None
    lost = not here and not heard and middle.record.revision == 0
    return lost and middle.record.call_id is not None


def shift_view(work: Work, shown: Line) -> ShiftView:
    """Colleagues of the same center on the same dated shift."""
    everybody = availability.everybody(work.session, work.now)
    return ShiftView(
        [
            one
            for one in everybody
            if one.staff.center.id == shown.center.id
            and shown.duty in one.duty
            and one.staff.id != work.viewer.staff_id
        ]
    )

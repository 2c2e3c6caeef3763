"""Callers as the router sees them: what is known of each, and the lines they stand in. Pure.

Folds what the line says of a call into what `routing.policy` asks for a waiting one. What SQL knows of a
number comes in from beside (`learn`, `remember`); nobody waits for it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hotline.callers import NOTHING_KNOWN, Known
from hotline.events import CallArrived
from hotline.ids import CallId, StaffId, site_of
from hotline.lines import CalledLine, is_one_of, line_of
from intake.numbers import quick
from routing import rules
from routing.policy import Line, WaitingCall
from routing.regions import region_of
from telephony.legs import LiveCall


@dataclass(slots=True)
class _Caller:
    """One call for as long as it lives. `number`: in normal form. `region`: what the number tells.
    `line`: the one it was passed on to. `spoken`: somebody has talked with them, so whoever waits again
    was passed on or left. `lost`: whom they talked with until that phone fell silent. `known`:
    as it was looked up for this call; None: not yet. `came`: the home queue and since when they have
    been with us, while they wait."""

    number: str = ""
    region: str = ""
    partner: bool = False
    line: CalledLine | None = None
    spoken: bool = False
    lost: StaffId | None = None
    known: Known | None = None
    refused_by: set[StaffId] = field(default_factory=set)
    head_start: timedelta = timedelta()
    came: tuple[str, datetime] | None = None


class Callers:
    """See the module. `trafficking`, `partners`: the numbers of those lines, as in the settings."""

    def __init__(self, trafficking: str, partners: str) -> None:
        self.lines: defaultdict[str, Line] = defaultdict(Line)
        """Who waits in our hold loops, by home queue; nuisance numbers where they came."""
        self._trafficking = trafficking
        self._partners = partners
        self._calls: defaultdict[CallId, _Caller] = defaultdict(_Caller)
        self._remembered: dict[str, Known] = {}
        """Number in normal form → what SQL knew of it lately."""

    # -- what the line says ---------------------------------------------------------------------------

    def arrived(self, event: CallArrived) -> None:
        """What the numbers tell, before anybody is asked."""
        call = self._calls[event.call_id]
        call.number = quick(event.number) or ""
        call.region = region_of(event.number)
        call.partner = is_one_of(event.dialled, self._partners)
        self._weigh(event.call_id)

    def passed_to(self, call_id: CallId, line: CalledLine) -> None:
        self._calls[call_id].line = line

    def refused(self, call_id: CallId, staff_id: StaffId) -> None:
        """They were rung for this caller in vain."""
        self._calls[call_id].refused_by.add(staff_id)

    def spoke(self, call_id: CallId, counselor: StaffId | None) -> None:
        """Somebody talks with the caller: a counselor, or (None) a phone of nobody's."""
        call = self._calls[call_id]
        if call.number and counselor is not None:
            before = self._remembered.get(call.number, NOTHING_KNOWN)
            self._remembered[call.number] = replace(
                before, counselor=counselor, promised=False, rang_again=False
            )
        call.spoken, call.known = True, None  # should they wait again, more is known
        call.lost = None
        self._weigh(call_id)

    def lost(self, call_id: CallId, counselor: StaffId) -> None:
        """The phone of whom they talked with has fallen silent."""
        self._calls[call_id].lost = counselor
        self._weigh(call_id)

    def lines_up(self, call_id: CallId, since: datetime) -> None:
        """This caller waits, and has been with us since then."""
        call = self._calls[call_id]
        call.came = call.region or site_of(call_id), since
        self._stand(call_id, call)

    def leaves_line(self, call_id: CallId) -> None:
        """This caller does not wait any more."""
        call = self._calls.get(call_id)
        if call is not None and call.came is not None:
            self.lines[call.came[0]].drop(call_id)
            call.came = None

    def ended(self, call_id: CallId) -> None:
        self.leaves_line(call_id)
        self._calls.pop(call_id, None)

    def forget_lines(self, of: Callable[[CallId], bool]) -> None:
        """Whether these calls wait is not known any more."""
        for call_id in [each for each in self._calls if of(each)]:
            self.leaves_line(call_id)

    # -- what SQL says --------------------------------------------------------------------------------

    def remember(self, known: Mapping[str, Known]) -> None:
        """What SQL knows of all numbers of whom it knows something."""
        self._remembered = dict(known)

    def learn(self, known: Mapping[CallId, Known]) -> None:
        """What SQL knows of these callers."""
        for call_id, one in known.items():
            call = self._calls[call_id]
            call.known, call.spoken = one, call.spoken or one.spoken
            call.lost = call.lost or one.lost
            self._weigh(call_id)

    # -- what the router asks -------------------------------------------------------------------------

    def waiting(self, live: LiveCall) -> WaitingCall:
        """This caller as the policy wants them."""
        call = self._calls.get(live.call_id) or _Caller()
        return WaitingCall(
            live.call_id,
            live.arrived_at,
            frozenset(call.refused_by),
            call.line or line_of(live.dialled, self._trafficking),
            region=region_of(live.number),
            transferred=call.spoken,
            lost=call.lost is not None,
            partner=call.partner,
            known=self._known_of(call),
        )

    def _known_of(self, call: _Caller) -> Known:
        """As it was looked up for this call, else as it is remembered; who has just passed the caller on
        does not want them back, whose phone fell silent does."""
        found = call.known or self._remembered.get(call.number, NOTHING_KNOWN)
        if call.lost is not None:
            return replace(found, counselor=call.lost)
        if call.known is None and call.spoken and found.counselor is not None:
            return replace(found, counselor=None)
        return found

    def _weigh(self, call_id: CallId) -> None:
        call = self._calls[call_id]
        lost = call.lost is not None
        raised = rules.raised_by(
            self._known_of(call), transferred=call.spoken, lost=lost, partner=call.partner
        )
        call.head_start = rules.head_start(raised)
        self._stand(call_id, call)

    def _stand(self, call_id: CallId, call: _Caller) -> None:
        """In the line, if they wait, as many places ahead as they have a head start."""
        if call.came is not None:
            home, since = call.came
            self.lines[home].put(call_id, since - call.head_start)

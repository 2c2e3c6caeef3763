"""Who takes no call for a while, and until when: wrap-ups, the rests that desks set, a phone that is let
be for a moment. Pure.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from hotline.events import TalkEnded
from hotline.ids import StaffId
from routing.rest_rules import Rest

SILENT = timedelta(seconds=13)
"""How long a phone that fell silent is left alone. If it is dead, Asterisk knows by then (pjsip.conf: it
is asked every 10 s and has 2 s to answer); if it comes back sooner, it is rung at once."""
JUST_BACK = timedelta(seconds=30)
"""A phone that registered anew in a talk, so short before that ended as silent, is back already: a
browser restarts sooner than Asterisk gives its old self up."""


class Rests:
    """`wrap_up`: after a talk whose record nobody has closed meanwhile. `begun` is told of each rest and
    until when it lasts."""

    def __init__(self, wrap_up: timedelta, begun: Callable[[StaffId, datetime], None]) -> None:
        self._wrap_up = wrap_up
        self._begun = begun
        self._until: dict[StaffId, datetime] = {}
        self._yielding: set[StaffId] = set()
        """Those of them whose rest yields."""
        self._talked_until: dict[StaffId, datetime] = {}
        self._heard: dict[StaffId, Rest] = {}
        self._silent: set[StaffId] = set()
        """Those whose rest is that their phone fell silent."""
        self._back_at: dict[StaffId, datetime] = {}
        """When a phone registered anew since its talk began."""

    def until(self, who: StaffId) -> datetime | None:
        """When the last one ends or ended; None: there was none."""
        return self._until.get(who)

    def yields(self, who: StaffId) -> bool:
        """Whether who waits long and finds nobody else may have them."""
        return who in self._yielding

    def next_end(self, now: datetime) -> datetime | None:
        """When the next one ends, if one is running."""
        return min((until for until in self._until.values() if until > now), default=None)

    def put(self, who: StaffId, until: datetime, *, yields: bool = False) -> None:
        """No call before then; or only, if it yields, for who waits long and finds nobody else."""
        self._until[who] = until
        (self._yielding.add if yields else self._yielding.discard)(who)
        self._silent.discard(who)
        self._begun(who, until)

    def hear(self, who: StaffId, rest: Rest | None) -> None:
        """As the desk has it: it may have set one, lengthened or ended it."""
        if rest is None or self._heard.get(who) == rest:
            return
        self._heard[who] = rest
        talked_until = self._talked_until.get(who)
        if talked_until is None or talked_until <= rest.set_at:
            self.put(who, rest.until, yields=rest.yields)

    def wrap_up(self, who: StaffId, talked_until: datetime) -> None:
        """As long as the house gives."""
        self.put(who, talked_until + self._wrap_up)

    def talks(self, who: StaffId) -> None:
        """A talk begins at their phone: that it registered before says nothing about what comes."""
        self._back_at.pop(who, None)

    def after_talk(self, who: StaffId, talk: TalkEnded, rest: Rest | None) -> None:
        """The record is to be written; one closed in the midst of the talk has said how long to rest.
        `rest`: as the desk has it. Whose phone fell silent has their caller before them again."""
        if talk.lost:
            back_at = self._back_at.get(who)
            is_back = back_at is not None and talk.at - back_at < JUST_BACK
            self.put(who, talk.at if is_back else talk.at + SILENT)
            self._silent.add(who)
            return
        self._talked_until[who] = talk.at
        if rest is not None and rest.call_id == talk.call_id:
            self.put(who, talk.at + rest.length, yields=rest.yields)
        else:
            self.wrap_up(who, talk.at)

    def is_back(self, who: StaffId, at: datetime) -> bool:
        """Their phone answers; False: that ends no rest."""
        self._back_at[who] = at
        silent = who in self._silent
        if silent:
            self._silent.discard(who)
            self.end(who)
        return silent

    def end(self, who: StaffId) -> None:
        """They are done with the last call's record."""
        self._until.pop(who, None)

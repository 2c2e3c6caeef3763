"""The PBXes that one switchboard listens to, one per center, and what is known of each. Does no I/O.

`TONGDAI_SITES` names them all, this one included; an installation with a single PBX names none. Every
PBX's ids begin with its code (`systemname`), so a call, wherever it is heard of, says where its caller
is held: what is done for a call is done at that site. A phone is registered at one site, the one its
name begins with; the other sites know it as a static endpoint that leads there (`telephony.pbx`).
"""

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime

from hotline.ids import CallId, site_of
from telephony.ami import Address, Ami
from telephony.callbook import Callbook, LiveCall
from telephony.vocabulary import ENTRY, PASSING

STALE_SECONDS = 2.5
"""Shorter than the dialplan's 3 s: we stop acting before it stops believing in us."""


@dataclass(eq=False)
class Site:
    """One PBX as the switchboard knows it now.

    `ami`: the connection while there is one. `active`: we hold its lease. `in_step`: the book is what
    Asterisk says. `last_beat`: monotonic seconds.
    `clock_offset`: seconds by which its events were behind our clock when they were least so.
    """

    code: str
    address: Address
    ami: Ami | None = None
    book: Callbook = field(default_factory=lambda: Callbook(ENTRY, PASSING))
    active: bool = False
    in_step: bool = False
    last_beat: float = 0.0
    clock_offset: float = math.inf

    def open_book(self) -> None:
        """Begin a new one: what the old one knows is stale."""
        self.book = Callbook(ENTRY, PASSING)

    @property
    def fresh(self) -> bool:
        """Whether we may act on what the book says."""
        return self.in_step and time.monotonic() - self.last_beat < STALE_SECONDS

    @property
    def lost(self) -> bool:
        """Whether we followed it and it has been silent for longer than a fresh look at it takes."""
        return 0 < self.last_beat < time.monotonic() - STALE_SECONDS

    @property
    def hand(self) -> Ami | None:
        """The connection if we may act over it now."""
        return self.ami if self.fresh else None

    def owns(self, call_id: str) -> bool:
        """Whether this call's caller is held here."""
        return site_of(call_id) == self.code


class Sites:
    """All of them. The first is our own: phones that belong to no other site are registered there."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self.all = tuple(sites)
        self._by_code = {site.code: site for site in self.all}
        self._fresh: tuple[bool, ...] = ()

    def called(self, code: str) -> Site:
        """The site of this code; our own for one that is none's."""
        return self._by_code.get(code, self.all[0])

    def of_call(self, call_id: str) -> Site:
        """Where the caller of this call is held; our own site for an id of nobody's."""
        return self.called(site_of(call_id))

    def of_phone(self, phone: str) -> Site:
        """Where this phone is registered."""
        return self.called(phone[:2])

    def rings_for_nobody(self, call_id: CallId, phone: str) -> bool:
        """Whether this caller's offer rings at another site, and nothing is heard of that any more."""
        there = self.of_phone(phone)
        return there is not self.of_call(call_id) and there.lost

    @property
    def fresh(self) -> bool:
        """Whether there is any site that we may act on."""
        return any(site.fresh for site in self.all)

    def find(self, call_id: CallId) -> LiveCall | None:
        """The call if it is on the line."""
        return self.of_call(call_id).book.live.get(call_id)

    def waiting(self) -> Mapping[CallId, datetime]:
        """Calls that an offered leg may take now, at every site that we may act on, and since when they
        have been with us."""
        lines = [line for site in self.all if site.fresh and (line := site.book.waiting())]
        if len(lines) == 1:
            return lines[0]
        return {call_id: since for line in lines for call_id, since in line.items()}

    def line_moves(self) -> Iterator[tuple[CallId, datetime | None]]:
        """Who has begun to wait anywhere since the last time somebody asked, and since when they have
        been with us; None: they wait no more."""
        for site in self.all:
            yield from site.book.line_moves().items()

    def phones_in_use(self) -> Set[str]:
        """Every phone that has a channel. Away from its own site that is a leg to it, which may lead to
        somebody else by now; it counts while the phone's own site tells nothing."""
        if len(self.all) == 1:
            return self.all[0].book.phones_in_use
        return {
            phone
            for site in self.all
            for phone in site.book.phones_in_use
            if (own := self.of_phone(phone)) is site or not own.fresh
        }

    def phones_stirred(self) -> set[str] | None:
        """Those of which `vacant` may say something else than the last time; None: any."""
        stirred = {phone for site in self.all for phone in site.book.phones_stirred()}
        fresh = tuple(site.fresh for site in self.all)
        before, self._fresh = self._fresh, fresh
        return stirred if fresh == before else None

    def vacant(self, phone: str) -> bool:
        """Whether we may ring it: at a site where we may act, and with nothing on it."""
        own = self.of_phone(phone)
        return own.fresh and phone not in own.book.phones_in_use

"""Parts of calls: a party's leg, a transfer under way, the ledger, and the live view for others."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hotline.events import CallEvent, TransferKind
from hotline.ids import CallId, OfferId
from telephony.callstates import LegState
from telephony.channels import Party, resource

if TYPE_CHECKING:
    from telephony.calls import Call


@dataclass(frozen=True, slots=True)
class LivePhone:
    """A phone of a live call, ringing or talking since then."""

    phone: str
    channel: str
    offer_id: OfferId | None
    since: datetime


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A live call as it stands. `channel` and `number` are of the party it goes on with, its subject;
    `waiting_since` is None unless they are held for a counselor now."""

    call_id: CallId
    channel: str
    number: str | None
    dialled: str
    arrived_at: datetime
    waiting_since: datetime | None
    ringing: tuple[LivePhone, ...]
    talking: tuple[LivePhone, ...]
    answered_at: datetime | None
    outbound: bool


class Leg:
    """A party's part in one call. `since` is when it began to ring, or to talk."""

    __slots__ = ("lost", "party", "since", "state", "status")

    def __init__(self, party: Party, since: datetime) -> None:
        self.party = party
        self.since = since
        self.state = LegState.CALLED
        self.status = ""
        """The DialStatus that Asterisk reported for it."""
        self.lost = False
        """The dialplan said, before its hang-up could, that the phone has fallen silent."""

    @property
    def offer(self) -> OfferId | None:
        return OfferId(self.party.offer) if self.party.offer is not None else None

    def look(self) -> LivePhone:
        name = self.party.name
        return LivePhone(resource(name), name, self.offer, self.since)


@dataclass(slots=True)
class Transfer:
    """A transfer whose target is not known yet. `rung` are the phones that rang since."""

    kind: TransferKind
    by: Party
    exten: str
    rung: list[Party] = field(default_factory=list)


class Ledger:
    """Where all calls write what happened, in order; `at` is the time of the message being folded.

    `calls` are those announced and not ended. `in_line`: those of them that our own hold loop holds, and
    since when they have been with us; `line_moves` who came into it, and who left (None), since anybody
    asked.
    """

    __slots__ = ("_involved", "at", "calls", "events", "in_line", "line_moves")

    def __init__(self) -> None:
        self.at = datetime.min.replace(tzinfo=UTC)
        self.events: list[CallEvent] = []
        self.calls: dict[CallId, Call] = {}
        self.in_line: dict[CallId, datetime] = {}
        self.line_moves: dict[CallId, datetime | None] = {}
        self._involved: dict[Party, dict[Call, None]] = {}

    def take(self) -> list[CallEvent]:
        """What has been written since the last time."""
        events, self.events = self.events, []
        return events

    def line_up(self, call_id: CallId, since: datetime) -> None:
        if self.in_line.get(call_id) != since:
            self.in_line[call_id] = self.line_moves[call_id] = since

    def leave_line(self, call_id: CallId) -> None:
        if self.in_line.pop(call_id, None) is not None:
            self.line_moves[call_id] = None

    def involve(self, party: Party, call: "Call") -> None:
        self._involved.setdefault(party, {})[call] = None

    def release(self, parties: Iterable[Party], call: "Call") -> None:
        """The call has nothing to do with these parties any more."""
        for party in parties:
            calls = self._involved.get(party)
            if calls is not None:
                calls.pop(call, None)
                if not calls:
                    del self._involved[party]

    def forget(self, party: Party) -> None:
        self._involved.pop(party, None)

    def involving(self, *parties: Party) -> list["Call"]:
        """All calls these parties have to do with, each once."""
        found: dict[Call, None] = {}
        for party in parties:
            found.update(self._involved.get(party, {}))
        return list(found)

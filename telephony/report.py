"""One call in retrospect, folded from its events. Pure; knows nothing of Asterisk."""

from dataclasses import dataclass, field
from datetime import datetime

from hotline.events import (
    CallArrived,
    CallEnded,
    CallerWaiting,
    CallEvent,
    CallHeld,
    CallResumed,
    CallTransferred,
    Mode,
    Outcome,
    SupervisionBegan,
    SupervisionEnded,
    TalkBegan,
    TalkEnded,
    TransferKind,
)
from hotline.ids import CallId, Part, is_call_out, part_of


@dataclass(slots=True)
class Spell:
    """Somebody's time in the call: a talk (`as_`: a Part), on hold (who held), supervision (a Mode)."""

    channel: str
    began_at: datetime
    as_: Part | Mode | None = None
    ended_at: datetime | None = None


@dataclass(slots=True)
class CallReport:
    """What a person would say about one call. `outcome` is None while nobody can know it."""

    call_id: CallId
    caller: str
    caller_number: str | None
    dialled: str
    arrived_at: datetime
    talked_to: list[str] = field(default_factory=list)
    transfers: list[CallTransferred] = field(default_factory=list)
    outcome: Outcome | None = None
    hangup_cause: int | None = None
    queued_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    talks: list[Spell] = field(default_factory=list)
    holds: list[Spell] = field(default_factory=list)
    supervision: list[Spell] = field(default_factory=list)

    @property
    def answered_by(self) -> str | None:
        return self.talked_to[0] if self.talked_to else None

    def hear(self, event: CallEvent) -> None:
        """Fold one event of this call in."""
        match event:
            case CallerWaiting():
                self.queued_at = self.queued_at or event.at
            case TalkBegan():
                self._talk_began(event)
                self.talks.append(Spell(event.channel, event.at, part_of(event.offer_id)))
            case TalkEnded(channel=channel):
                _end(self.talks, channel, event.at)
                _end(self.holds, channel, event.at)
            case CallHeld(channel=channel):
                self.holds.append(Spell(channel, event.at))
            case CallResumed(channel=channel):
                _end(self.holds, channel, event.at)
            case SupervisionBegan(channel=channel, mode=mode):
                _end(self.supervision, channel, event.at)
                self.supervision.append(Spell(channel, event.at, mode))
            case SupervisionEnded(channel=channel):
                _end(self.supervision, channel, event.at)
            case CallTransferred():
                self.transfers.append(event)
            case CallEnded():
                self.outcome, self.hangup_cause = event.outcome, event.cause
                self.ended_at = event.at
                for spell in (*self.talks, *self.holds, *self.supervision):
                    spell.ended_at = spell.ended_at or event.at

    def _talk_began(self, event: TalkBegan) -> None:
        """Once the caller has sent the other side away, who talks then is not with the caller; but
        whom the desk has rung is whom it is about."""
        self.answered_at = self.answered_at or event.at
        left = not is_call_out(self.call_id) and any(
            transfer.by == self.caller and transfer.kind is not TransferKind.ATTENDED
            for transfer in self.transfers
        )
        if not left and event.channel not in self.talked_to:
            self.talked_to.append(event.channel)


def _end(spells: list[Spell], channel: str, at: datetime) -> None:
    for spell in spells:
        if spell.channel == channel and spell.ended_at is None:
            spell.ended_at = at


def begin(event: CallArrived) -> CallReport:
    """The report of a call that has just arrived."""
    return CallReport(event.call_id, event.channel, event.number, event.dialled, event.at)

"""The two tables that say what a happening does to a call and to a party's part in it.

Theory. A call belongs to one party, its *caller*: who dialled in, or for a call that the system placed,
who was rung first. Every other real party that is rung for it or hears its caller is a *leg*. What
Asterisk tells is reduced to a few happenings, and the tables say what each does and which call event it
makes:

    leg     CALLED, RINGING, TALKING, APART, GONE   x  RING, TALK, PART, STOP
    call    QUIET, WAITING, TALKING, ENDED          x  HOLD, RELEASE, TALK, PART, END
    watch   APART, LISTENING, WHISPERING            x  LISTEN, WHISPER, LEAVE

A *watch* is what a supervisor does in a call without being part of it; one who joins becomes a leg.

A pair missing from a table changes nothing: that is how duplicate, late and reordered events are
harmless.
"""

from enum import Enum, auto

from hotline.events import (
    CallEnded,
    CallerWaiting,
    CallEvent,
    Mode,
    PhoneRang,
    PhoneStopped,
    SupervisionBegan,
    SupervisionEnded,
    TalkBegan,
    TalkEnded,
)


class LegState(Enum):
    CALLED = auto()
    """Dialled or offered, not ringing yet."""
    RINGING = auto()
    TALKING = auto()
    APART = auto()
    """Has talked, and may again."""
    GONE = auto()


class LegHappening(Enum):
    RING = auto()
    TALK = auto()
    PART = auto()
    STOP = auto()
    """The phone hung up, or the call is over."""


class CallState(Enum):
    QUIET = auto()
    """Neither held for somebody nor talking: a menu, a phone rung directly, between two talks."""
    WAITING = auto()
    TALKING = auto()
    ENDED = auto()


class CallHappening(Enum):
    HOLD = auto()
    RELEASE = auto()
    TALK = auto()
    PART = auto()
    """Nobody talks with the caller any more."""
    END = auto()


class WatchState(Enum):
    APART = auto()
    LISTENING = auto()
    WHISPERING = auto()


class WatchHappening(Enum):
    LISTEN = auto()
    WHISPER = auto()
    LEAVE = auto()


_S, _H = LegState, LegHappening
LEG: dict[tuple[LegState, LegHappening], tuple[LegState, type[CallEvent] | None]] = {
    (_S.CALLED, _H.RING): (_S.RINGING, PhoneRang),
    (_S.CALLED, _H.TALK): (_S.TALKING, TalkBegan),
    (_S.CALLED, _H.STOP): (_S.GONE, PhoneStopped),
    (_S.RINGING, _H.TALK): (_S.TALKING, TalkBegan),
    (_S.RINGING, _H.STOP): (_S.GONE, PhoneStopped),
    (_S.TALKING, _H.PART): (_S.APART, TalkEnded),
    (_S.TALKING, _H.STOP): (_S.GONE, TalkEnded),
    (_S.APART, _H.TALK): (_S.TALKING, TalkBegan),
    (_S.APART, _H.STOP): (_S.GONE, None),
}
_C, _D = CallState, CallHappening
CALL: dict[tuple[CallState, CallHappening], tuple[CallState, type[CallEvent] | None]] = {
    (_C.QUIET, _D.HOLD): (_C.WAITING, CallerWaiting),
    (_C.QUIET, _D.TALK): (_C.TALKING, None),
    (_C.QUIET, _D.END): (_C.ENDED, CallEnded),
    (_C.WAITING, _D.RELEASE): (_C.QUIET, None),
    (_C.WAITING, _D.TALK): (_C.TALKING, None),
    (_C.WAITING, _D.END): (_C.ENDED, CallEnded),
    (_C.TALKING, _D.HOLD): (_C.WAITING, CallerWaiting),
    (_C.TALKING, _D.PART): (_C.QUIET, None),
    (_C.TALKING, _D.END): (_C.ENDED, CallEnded),
}
_W, _V = WatchState, WatchHappening
WATCH: dict[tuple[WatchState, WatchHappening], tuple[WatchState, type[CallEvent] | None]] = {
    (_W.APART, _V.LISTEN): (_W.LISTENING, SupervisionBegan),
    (_W.APART, _V.WHISPER): (_W.WHISPERING, SupervisionBegan),
    (_W.LISTENING, _V.WHISPER): (_W.WHISPERING, SupervisionBegan),
    (_W.WHISPERING, _V.LISTEN): (_W.LISTENING, SupervisionBegan),
    (_W.LISTENING, _V.LEAVE): (_W.APART, SupervisionEnded),
    (_W.WHISPERING, _V.LEAVE): (_W.APART, SupervisionEnded),
}

MODES = {_W.LISTENING: Mode.LISTEN, _W.WHISPERING: Mode.WHISPER}

UNANSWERED = frozenset({LegState.CALLED, LegState.RINGING})
HAS_TALKED = frozenset({LegState.TALKING, LegState.APART})


def watching(exten: str | None) -> WatchHappening:
    """What ChanSpy does there: the dialplan's context td-supervise names its extensions so."""
    return WatchHappening.WHISPER if exten == Mode.WHISPER else WatchHappening.LISTEN

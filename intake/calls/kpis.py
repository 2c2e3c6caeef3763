"""The figures of a day at the hotline, each exactly defined. Pure.

Counted are calls that reached us from outside on this day of Vietnam's calendar and whose waiting is
over. Left out everywhere: calls of ours to the outside, calls between phones of the house (also a
consultation before a transfer), and who still waits: that is the wallboard's own large figure. A call
that is passed on is one call, answered once, at the center of whoever talked last; one that nobody took
belongs to the center whose phone rang last, else to the one that it reached.

    offered  = answered + abandoned + left word + unserved

- **answered**: a counselor (or somebody on call at home) spoke with the caller.
- **abandoned**: the caller rang off before that. Not one who did so within a few seconds (setting
  `short_abandon_seconds`): too short for any counselor to pick up, mostly a slip of the finger. Such a
  call is shown by itself, and is neither offered nor abandoned.
- **left word**: nobody spoke with them, but they left a message or asked to be called back: not lost,
  and not answered.
- **unserved**: ended without any of that and not by the caller (a failure, every phone busy).

Waiting is counted from when the call reached us, greeting included, until somebody speaks. Rates are
shares of `offered`; None where nothing was offered. The service level's limit is the setting
`service_seconds`. Terms as in ITU-T E.423 and COPC CX Standard 7.0 (there: abandon rate, service level,
average speed of answer, average handle time, occupancy).
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Tally:
    """One center's day, summed; `+` makes the whole of several.

    `answer_wait`: of all answered calls together. `handled`: answered calls that are over, with `talk`
    (of their counselors, hold included) and `wrap_up` (from the end of the call until its record was
    closed, at most as long as no new call came by itself). `busy`: the same for every call, also running
    ones and ours to the outside. `staffed`: time for which counselors had chosen to be available.
    """

    answered: int = 0
    in_time: int = 0
    abandoned: int = 0
    left_word: int = 0
    unserved: int = 0
    short: int = 0
    handled: int = 0
    callbacks: int = 0
    """Numbers that we owe a call now."""
    lost: int = 0
    """Talks that ended because the counselor's phone fell silent; their callers went on, or rang off."""
    answer_wait: timedelta = timedelta()
    longest_wait: timedelta = timedelta()
    talk: timedelta = timedelta()
    wrap_up: timedelta = timedelta()
    busy: timedelta = timedelta()
    staffed: timedelta = timedelta()

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            answered=self.answered + other.answered,
            in_time=self.in_time + other.in_time,
            abandoned=self.abandoned + other.abandoned,
            left_word=self.left_word + other.left_word,
            unserved=self.unserved + other.unserved,
            short=self.short + other.short,
            handled=self.handled + other.handled,
            callbacks=self.callbacks + other.callbacks,
            lost=self.lost + other.lost,
            answer_wait=self.answer_wait + other.answer_wait,
            longest_wait=max(self.longest_wait, other.longest_wait),
            talk=self.talk + other.talk,
            wrap_up=self.wrap_up + other.wrap_up,
            busy=self.busy + other.busy,
            staffed=self.staffed + other.staffed,
        )

    @property
    def offered(self) -> int:
        return self.answered + self.abandoned + self.left_word + self.unserved

    @property
    def answer_rate(self) -> float | None:
        """answered / offered"""
        return _share(self.answered, self.offered)

    @property
    def service_level(self) -> float | None:
        """answered within the limit / offered"""
        return _share(self.in_time, self.offered)

    @property
    def speed_of_answer(self) -> timedelta | None:
        """Average speed of answer: waiting of the answered / answered"""
        return self.answer_wait / self.answered if self.answered else None

    @property
    def handling_time(self) -> timedelta | None:
        """Average handling time: (talk + wrap-up) / handled"""
        return (self.talk + self.wrap_up) / self.handled if self.handled else None

    @property
    def occupancy(self) -> float | None:
        """busy / staffed. Who talks on after going on a break may make it a little more than 1: shown
        as 1."""
        return min(1.0, self.busy / self.staffed) if self.staffed else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None

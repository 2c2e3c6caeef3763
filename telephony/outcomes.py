"""Why a phone stopped ringing and why a call ended, out of Q.850 causes and Dial's own words. Pure.

Asterisk says it twice and not always alike: as the hangup cause of a channel and as the DialStatus of a
dial. A declined call (SIP 603) is DialStatus NOANSWER or CHANUNAVAIL with cause 21; a time-out has
cause 0, 16 or 19; a cancelled leg cause 0, 16, 26 or 127. So: a cause that says something wins, then
the dial status, then "nobody answered".
"""

from collections.abc import Collection

from hotline.events import Outcome

ANSWERED_ELSEWHERE = 26
FELL_SILENT = 44
"""What Asterisk 22 gives a channel that it ends for want of RTP (pjsip.conf, rtp_timeout)."""

_TELLING_CAUSES = {
    17: Outcome.BUSY,
    18: Outcome.NO_ANSWER,
    19: Outcome.NO_ANSWER,
    21: Outcome.REJECTED,
}
_SILENT_CAUSES = frozenset({0, 16, 26, 31, 127})
"""Say that the channel ended, not why: unknown, normal clearing, answered elsewhere, interworking."""

CAUSES_OF_GIVING_UP = frozenset({0, 127})
"""What Asterisk 13 to 22 gives a caller who rings off before anybody answered."""

_STATUSES = {
    "ANSWER": Outcome.ANSWERED,
    "ANSWERED": Outcome.ANSWERED,
    "CANCEL": Outcome.ABANDONED,
    "BUSY": Outcome.BUSY,
    "NOANSWER": Outcome.NO_ANSWER,
    "DONTCALL": Outcome.REJECTED,
    "TORTURE": Outcome.REJECTED,
    "CONGESTION": Outcome.FAILED,
    "CHANUNAVAIL": Outcome.FAILED,
    "INVALIDARGS": Outcome.FAILED,
    "ABORT": Outcome.FAILED,
}

_WORST_FIRST = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.REJECTED, Outcome.FAILED)
"""Of several phones: one that rang out says more to the caller than one that was busy."""


def of_phone(cause: int, status: str) -> Outcome:
    """Why one phone that nobody talked on stopped; `status` is the DialStatus or empty."""
    if status != "CANCEL":
        telling = _TELLING_CAUSES.get(cause)
        if telling is not None:
            return telling
    known = _STATUSES.get(status)
    if known is not None and known is not Outcome.ANSWERED:
        return known
    return Outcome.NO_ANSWER if cause in _SILENT_CAUSES else Outcome.FAILED


def of_unanswered_call(cause: int, phones: Collection[Outcome]) -> Outcome:
    """Why a call ended in which nobody spoke: the caller's cause and what the phones said."""
    if Outcome.ABANDONED in phones:
        return Outcome.ABANDONED
    telling = _TELLING_CAUSES.get(cause)
    if telling is not None:
        return telling
    for outcome in _WORST_FIRST:
        if outcome in phones:
            return outcome
    return Outcome.ABANDONED if cause in _SILENT_CAUSES else Outcome.FAILED

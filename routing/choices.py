"""What a counselor can choose to be. Pure."""

from enum import StrEnum


class Choice(StrEnum):
    AVAILABLE = "available"
    BREAK = "break"
    AWAY = "away"
    PHONE_AWAY = "phone_away"
    """Set by the switchboard when the phone of somebody available cannot be reached (unplugged, not
    registered); set back to available when the phone returns."""
    MISSED = "missed"
    """Set by the switchboard after an unanswered ring; the counselor takes themselves back."""


class Why(StrEnum):
    """What a break is for."""

    MEAL = "meal"
    REST = "rest"
    HARD_CALL = "hard_call"
    """After a call that was hard to bear."""
    MEETING = "meeting"
    PAUSE = "pause"
    """"I need a pause": nobody is asked why, and nobody has to wait for it."""


CHOSEN = (Choice.AVAILABLE, Choice.BREAK, Choice.AWAY)
"""What a person may choose; the other states are the switchboard's to set."""

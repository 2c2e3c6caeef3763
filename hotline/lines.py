"""The lines that callers reach: the children's line 111 and the anti-trafficking line. Pure.

They share counselors, phones and the way of a call; apart are who is preferred for a call and how it is
counted. Since 2025 the anti-trafficking line is reached over 111 too: by a key, or passed on by the
counselor.
"""

import re
from enum import StrEnum


class CalledLine(StrEnum):
    """Also the name of the skill that counselors of the line have."""

    CHILD = "child"
    TRAFFICKING = "trafficking"


class Skill(StrEnum):
    """What a counselor may be trained for besides the children's line."""

    TRAFFICKING = CalledLine.TRAFFICKING.value
    PSYCHOLOGY = "psychology"
    """A psychologist: for callers whom a counselor passes on to one."""


def line_of(dialled: str, trafficking: str) -> CalledLine:
    """The line that a dialled number reaches. `trafficking`: the numbers of the anti-trafficking line,
    comma-separated, X for any digit."""
    return CalledLine.TRAFFICKING if is_one_of(dialled, trafficking) else CalledLine.CHILD


def is_one_of(dialled: str, numbers: str) -> bool:
    """Whether the number dialled is among these, comma-separated, X for any digit."""
    patterns = [each.strip().replace("X", "[0-9]") for each in numbers.split(",")]
    return any(each and re.fullmatch(each, dialled) for each in patterns)

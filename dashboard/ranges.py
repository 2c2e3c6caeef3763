"""The Range header of a request (RFC 9110 §14): which part of a file is asked for. Pure."""

import re

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.IGNORECASE)


class NotSatisfiable(Exception):
    """The range begins after the end of what there is (HTTP 416)."""


def asked_range(header: str | None, size: int) -> tuple[int, int] | None:
    """(start, stop) of the one range asked for, `stop` not included; None for everything.

    What is no range, or several of them, may be answered with everything (§14.2).
    """
    found = _ONE_RANGE.fullmatch((header or "").strip())
    if found is None or found[1] == found[2] == "":
        return None
    if not found[1]:
        start, stop = max(0, size - int(found[2])), size
    else:
        start, stop = int(found[1]), size
        if found[2]:
            if int(found[2]) < start:
                return None
            stop = min(size, int(found[2]) + 1)
    if start >= stop:
        raise NotSatisfiable
    return start, stop

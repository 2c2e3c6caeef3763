"""Shifts the time of day of every Python process that has this folder in PYTHONPATH.

All of the product reads it through `hotline.clock.utc_now`; monotonic clocks never jump.
CHAOS_CLOCK names a file with the shift in seconds, read anew each time.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hotline import clock

_SHIFT = Path(os.environ["CHAOS_CLOCK"])


def _shifted() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=float(_SHIFT.read_text("ascii")))


clock.utc_now = _shifted

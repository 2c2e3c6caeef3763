"""How long was talked, or held. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta


def talk_time(spells: Iterable[tuple[datetime, datetime | None]], now: datetime) -> timedelta:
    """How long the spells cover together; what overlaps counts once, an open spell until `now`."""
    total = timedelta()
    covered: datetime | None = None
    for began, ended in sorted((began, ended or now) for began, ended in spells):
        begin = began if covered is None else max(began, covered)
        if ended > begin:
            total += ended - begin
            covered = ended
    return total

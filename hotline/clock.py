"""Time: aware UTC inside, Asia/Ho_Chi_Minh for people. Pure code gets `now` as an argument."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
"""The one civil time of all three centers (UTC+7, no daylight saving)."""


def utc_now() -> datetime:
    """The present, aware, in UTC: called at the edges only."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """The same instant on the clock on the wall in Vietnam."""
    return moment.astimezone(HANOI)


def day_began(moment: datetime) -> datetime:
    """The midnight in Vietnam that began this day."""
    return local(moment).replace(hour=0, minute=0, second=0, microsecond=0)

"""When something at the hotline is wrong enough to be an alarm. Pure: what was seen, and the limits.

Others are found where their facts are: recordings (`intake.recordings.recording_care`) and shifts that
have not come (`telephony.alarm_calls`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hotline.alarm_kinds import AlarmKind
from hotline.ids import CenterId, StaffId

LEAST_OFFERED = 10
"""Of fewer calls the answer rate says nothing."""
HOUSE = "house"
"""The subject of an alarm about all centers together."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The longest wait, the lowest share of calls answered in the last hour, how long a site may be
    away. A zero switches the alarm off."""

    wait: timedelta
    answer_rate: float
    away: timedelta


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is now. `waiting`: site → since when its longest waiting caller is here. `away`: site →
    since when nobody can reach it. `missed`: who has missed a call and has not come back → how many in a
    row, and their center. `centers`: site → the center it belongs to."""

    waiting: Mapping[str, datetime] = field(default_factory=dict)
    away: Mapping[str, datetime] = field(default_factory=dict)
    answered: int = 0
    offered: int = 0
    missed: Mapping[StaffId, tuple[int, CenterId]] = field(default_factory=dict)
    centers: Mapping[str, CenterId] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One alarm that should sound. `center` None: it concerns every lead."""

    kind: AlarmKind
    subject: str
    reason: str
    center: CenterId | None


KINDS = frozenset({AlarmKind.WAITING, AlarmKind.ANSWER_RATE, AlarmKind.SITE, AlarmKind.MISSED})
"""The alarms that these rules sound and end."""


def wrong(seen: Seen, limits: Limits, now: datetime) -> Iterator[Wrong]:
    """Everything that is wrong now."""
    yield from _waits_too_long(seen, limits, now)
    yield from _too_few_answered(seen, limits)
    yield from _site_away(seen, limits, now)
    yield from _missed_twice(seen)


def _waits_too_long(seen: Seen, limits: Limits, now: datetime) -> Iterator[Wrong]:
    for site, since in seen.waiting.items():
        if limits.wait and now - since > limits.wait:
            yield Wrong(AlarmKind.WAITING, site, "long", seen.centers.get(site))


def _too_few_answered(seen: Seen, limits: Limits) -> Iterator[Wrong]:
    if seen.offered >= LEAST_OFFERED and seen.answered / seen.offered < limits.answer_rate:
        percent = 100 * seen.answered // seen.offered
        yield Wrong(AlarmKind.ANSWER_RATE, HOUSE, str(percent), None)


def _site_away(seen: Seen, limits: Limits, now: datetime) -> Iterator[Wrong]:
    for site, since in seen.away.items():
        if limits.away and now - since > limits.away:
            yield Wrong(AlarmKind.SITE, site, "lost", seen.centers.get(site))


def _missed_twice(seen: Seen) -> Iterator[Wrong]:
    for who, (many, center) in seen.missed.items():
        if many >= 2:
            yield Wrong(AlarmKind.MISSED, str(who), "twice", center)

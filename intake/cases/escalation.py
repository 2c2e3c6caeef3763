"""Who is told when of a deadline that comes near or has passed. Pure.

First the owner, then the leads of the shift, those of the center, the department. Nothing of it moves a
case on, and who takes note of an alarm stops its ringing, not the clock. No law says it: it is ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from intake.cases.deadlines import Clock


class Stage(StrEnum):
    """In their order."""

    SOON = "soon"
    """Before the deadline, to the owner."""
    OWNER = "owner"
    LEAD = "lead"
    CENTER = "center"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class Rule:
    """`soon`: so long before the deadline; the others: so long after it. `rings`: phones are rung for
    it, also at night."""

    soon: timedelta
    lead: timedelta
    center: timedelta
    department: timedelta
    rings: bool


def _minutes(soon: int, lead: int, center: int, department: int) -> Rule:
    return _rule(timedelta(minutes=1), soon, lead, center, department, rings=True)


def _hours(soon: int, lead: int, center: int, department: int) -> Rule:
    return _rule(timedelta(hours=1), soon, lead, center, department, rings=False)


def _rule(unit: timedelta, soon: int, lead: int, center: int, department: int, *, rings: bool) -> Rule:
    return Rule(soon * unit, lead * unit, center * unit, department * unit, rings)


RULES: Mapping[Clock, Rule] = {
    Clock.REPORT: _minutes(10, 10, 60, 240),
    Clock.ASSESSMENT: _minutes(120, 0, 60, 240),
    Clock.EMERGENCY: _minutes(120, 0, 60, 240),
    Clock.SEPARATION: _minutes(48 * 60, 0, 240, 24 * 60),
    Clock.VERIFICATION: _hours(24, 8, 24, 72),
    Clock.PLAN: _hours(24, 8, 24, 72),
    Clock.APPROVAL: _hours(8, 8, 24, 48),
    Clock.CARRY_OUT: _hours(72, 24, 72, 168),
    Clock.REVIEW: _hours(24, 24, 72, 168),
    Clock.FOLLOW_UP: _hours(72, 24, 72, 168),
    Clock.REFERRAL: _hours(24, 24, 72, 168),
}
LONGEST_SOON = max(rule.soon for rule in RULES.values())


def stages(clock: Clock, due: datetime, now: datetime) -> tuple[Stage, ...]:
    """Who is to know by now, in the order of the stages."""
    rule = RULES[clock]
    begins = {
        Stage.SOON: due - rule.soon,
        Stage.OWNER: due,
        Stage.LEAD: due + rule.lead,
        Stage.CENTER: due + rule.center,
        Stage.DEPARTMENT: due + rule.department,
    }
    return tuple(stage for stage, at in begins.items() if at < now)


def above(stage: Stage) -> Stage | None:
    """Who is told when there is nobody at this stage."""
    order = tuple(Stage)
    following = order.index(stage) + 1
    return order[following] if following < len(order) else None

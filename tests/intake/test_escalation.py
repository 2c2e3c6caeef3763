"""Who is told when: in order, never the higher one first, and nothing before its time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from intake.cases.deadlines import Clock
from intake.cases.escalation import LONGEST_SOON, RULES, Stage, above, stages
from tests.factories import NOON

_MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


def test_every_clock_has_its_rule_and_each_stage_comes_after_the_one_before() -> None:
    assert set(RULES) == set(Clock)
    for rule in RULES.values():
        assert timedelta() < rule.soon <= LONGEST_SOON
        assert timedelta() <= rule.lead < rule.center < rule.department


def test_what_must_be_done_within_hours_rings_the_lead_as_soon_as_it_is_late() -> None:
    for clock in (Clock.EMERGENCY, Clock.ASSESSMENT, Clock.SEPARATION):
        assert stages(clock, NOON, NOON) == (Stage.SOON,)
        late = stages(clock, NOON, NOON + timedelta(seconds=1))
        assert late == (Stage.SOON, Stage.OWNER, Stage.LEAD)
        assert RULES[clock].rings
    assert not RULES[Clock.PLAN].rings


@given(st.sampled_from(Clock), _MOMENTS, st.timedeltas(timedelta(days=-10), timedelta(days=10)))
def test_nobody_is_left_out_and_nobody_is_told_twice(
    clock: Clock, due: datetime, since: timedelta
) -> None:
    told = stages(clock, due, due + since)
    assert told == tuple(Stage)[: len(told)]
    later = stages(clock, due, due + since + timedelta(days=1))
    assert later[: len(told)] == told
    assert (Stage.OWNER in told) is (since > timedelta())


def test_above_the_department_there_is_nobody() -> None:
    climbed = [Stage.OWNER]
    while higher := above(climbed[-1]):
        climbed.append(higher)
    assert climbed == [Stage.OWNER, Stage.LEAD, Stage.CENTER, Stage.DEPARTMENT]

"""Erlang C and Erlang A against published figures, each other's limits, and the plain sums."""

from datetime import timedelta
from math import exp, expm1, factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.erlang import Demand, Target, blocking, needed, service

SECOND = timedelta(seconds=1)


def test_erlang_b_is_as_in_the_tables() -> None:
    # the loads that every published table gives for 10 and for 100 lines at 1 % blocking
    assert blocking(4.461, 10) == pytest.approx(0.01, abs=2e-5)
    assert blocking(84.064, 100) == pytest.approx(0.01, abs=2e-5)


def test_erlang_c_of_the_worked_example_of_call_centre_helper() -> None:
    """200 calls an hour of 3 minutes, 14 agents: 17.4 % wait, 88.8 % within 20 s, 7.8 s, 71.4 % busy."""
    met = service(Demand(200, 180 * SECOND), 14, 20 * SECOND)
    assert met.waits == pytest.approx(0.174, abs=5e-4)
    assert met.in_time == pytest.approx(0.888, abs=5e-4)
    assert met.answer_speed is not None
    assert met.answer_speed.total_seconds() == pytest.approx(7.8, abs=0.05)
    assert met.occupancy == pytest.approx(0.714, abs=5e-4)
    assert needed(Demand(200, 180 * SECOND), Target(0.8, 20 * SECOND)) == 14


def test_erlang_c_of_the_worked_example_of_mitan() -> None:
    """360 calls per half hour of 4 minutes, 55 agents: 23.9 % wait, 84.6 % within 15 s, 8.2 s."""
    met = service(Demand(720, 240 * SECOND), 55, 15 * SECOND)
    assert met.waits == pytest.approx(0.239, abs=5e-4)
    assert met.in_time == pytest.approx(0.846, abs=5e-4)
    assert met.answer_speed is not None
    assert met.answer_speed.total_seconds() == pytest.approx(8.2, abs=0.05)


def test_erlang_a_beside_erlang_c_as_in_garnett_mandelbaum_and_reiman() -> None:
    """Of "Designing a Call Center with Impatient Customers" (2002), table 1: 48 calls a minute of one
    minute, 50 agents, two minutes of patience. Without abandonment they wait 20.8 s, nine in ten at most
    58.1 s, and agents are 96 % busy; with it 3.1 % abandon, all wait 3.7 s, agents are 93 % busy."""
    calls = 48 * 60
    patient = service(Demand(calls, 60 * SECOND), 50, 58.1 * SECOND)
    assert patient.answer_speed is not None
    assert patient.answer_speed.total_seconds() == pytest.approx(20.8, abs=0.05)
    assert patient.in_time == pytest.approx(0.9, abs=5e-4)
    assert patient.occupancy == pytest.approx(0.96)
    real = service(Demand(calls, 60 * SECOND, 120 * SECOND), 50, 12.5 * SECOND)
    assert real.abandons == pytest.approx(0.031, abs=5e-4)
    assert real.abandons * 120 == pytest.approx(3.7, abs=0.05)  # the mean wait of all, by Little's law
    assert real.occupancy == pytest.approx(0.93, abs=5e-4)


def _told_by_plain_sums(
    demand: Demand, counselors: int, limit: float
) -> tuple[float, float, float, float]:
    """Waits, abandons, mean wait of the answered, in time: by factorials and Simpson's rule."""
    assert demand.patience is not None
    patience, handling = demand.patience.total_seconds(), demand.handling.total_seconds()
    arrivals, ends = demand.calls_per_hour / 3600, counselors / handling
    weights = [demand.load**n / factorial(n) for n in range(counselors + 1)]
    for waiting in range(1, 400):
        weights.append(weights[-1] * arrivals / (ends + waiting / patience))
    total = sum(weights)
    busy = [weight / total for weight in weights[counselors:]]

    def density(wait: float) -> float:
        tired = patience * -expm1(-wait / patience)
        return ends * busy[0] * exp(arrivals * tired - ends * wait - wait / patience)

    steps = 4000
    end = limit / steps
    parts = [density(step * end) * (4 if step % 2 else 2) for step in range(1, steps)]
    soon = (density(0) + density(limit) + sum(parts)) * end / 3
    waited = sum(
        share
        * ends
        / (ends + (ahead + 1) / patience)
        * sum(1 / (ends + place / patience) for place in range(1, ahead + 2))
        for ahead, share in enumerate(busy)
    )
    abandons = sum(ahead * share for ahead, share in enumerate(busy)) / patience / arrivals
    return sum(busy), abandons, waited / (1 - abandons), 1 - sum(busy) + soon


@settings(max_examples=30)
@given(
    counselors=st.integers(1, 25),
    calls=st.floats(5, 900),
    handling=st.floats(20, 400),
    patience=st.floats(10, 600),
    limit=st.floats(1, 60),
)
def test_erlang_a_is_what_the_plain_sums_say(
    counselors: int, calls: float, handling: float, patience: float, limit: float
) -> None:
    demand = Demand(calls, handling * SECOND, patience * SECOND)
    met = service(demand, counselors, limit * SECOND)
    waits, abandons, speed, in_time = _told_by_plain_sums(
        Demand(calls, demand.handling, demand.patience), counselors, (limit * SECOND).total_seconds()
    )
    assert met.waits == pytest.approx(waits, rel=1e-6)
    assert met.abandons == pytest.approx(abandons, rel=1e-6)
    assert met.in_time == pytest.approx(in_time, rel=1e-6)
    assert met.answer_speed is not None
    assert met.answer_speed.total_seconds() == pytest.approx(speed, rel=1e-6, abs=1e-6)


@given(counselors=st.integers(1, 60), busy=st.floats(0.05, 0.97))
def test_erlang_a_becomes_erlang_c_when_patience_grows(counselors: int, busy: float) -> None:
    demand = Demand(counselors * busy * 20, 180 * SECOND)
    patient = service(demand, counselors, 15 * SECOND)
    nearly = service(
        Demand(demand.calls_per_hour, demand.handling, timedelta(days=30_000)), counselors, 15 * SECOND
    )
    assert nearly.waits == pytest.approx(patient.waits, rel=1e-3)
    assert nearly.in_time == pytest.approx(patient.in_time, rel=1e-3)
    assert nearly.abandons < 1e-4
    assert nearly.answer_speed is not None
    assert patient.answer_speed is not None
    assert nearly.answer_speed.total_seconds() == pytest.approx(
        patient.answer_speed.total_seconds(), rel=1e-3, abs=1e-6
    )


@settings(max_examples=40)
@given(
    calls=st.floats(1, 20_000), handling=st.integers(10, 900), patience=st.none() | st.integers(5, 900)
)
def test_one_counselor_fewer_than_needed_misses_the_target(
    calls: float, handling: int, patience: int | None
) -> None:
    demand = Demand(calls, handling * SECOND, None if patience is None else patience * SECOND)
    target = Target(0.8, 15 * SECOND)
    enough = needed(demand, target)
    assert service(demand, enough, target.within).in_time >= 0.8
    assert service(demand, enough - 1, target.within).in_time < 0.8


@pytest.mark.parametrize(("counselors", "abandons"), [(9_000, 0.1), (5_000, 0.5)])
def test_ten_thousand_erlangs_are_no_problem(counselors: int, abandons: float) -> None:
    """Overloaded, whoever is too many hangs up: the fluid limit."""
    met = service(Demand(120_000, 300 * SECOND, 120 * SECOND), counselors, 15 * SECOND)
    assert met.abandons == pytest.approx(abandons, abs=1e-6)
    assert met.occupancy == pytest.approx(1.0, abs=1e-6)
    far_from = service(Demand(120_000, 300 * SECOND, 120 * SECOND), 20_000, 15 * SECOND)
    assert (far_from.waits, far_from.abandons, far_from.occupancy) == (0.0, 0.0, 0.5)


def test_a_line_that_grows_without_end() -> None:
    for counselors in (9, 10):
        met = service(Demand(200, 180 * SECOND), counselors, 20 * SECOND)
        assert (met.waits, met.in_time, met.answer_speed, met.occupancy) == (1.0, 0.0, None, 1.0)


def test_nobody_calls_and_nobody_answers() -> None:
    nobody_calls = Demand(0, 180 * SECOND)
    assert needed(nobody_calls, Target(0.8, 20 * SECOND)) == 0
    assert service(nobody_calls, 0, 20 * SECOND).in_time == 1.0
    assert service(Demand(10, 180 * SECOND), 0, 20 * SECOND).abandons == 0.0
    assert service(Demand(10, 180 * SECOND, 60 * SECOND), 0, 20 * SECOND).abandons == 1.0


def test_no_number_of_counselors_answers_everybody_in_time() -> None:
    with pytest.raises(ValueError, match="below 1"):
        needed(Demand(10, 180 * SECOND), Target(1.0, 20 * SECOND))

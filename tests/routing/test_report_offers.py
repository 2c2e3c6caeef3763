from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from hotline.ids import StaffId
from routing.report_offers import TURN, Free, Waiting, offers
from tests.factories import NOON


def minutes(ago: float) -> timedelta:
    return timedelta(minutes=ago)


AN, BINH, CUC = (StaffId(number) for number in (1, 2, 3))
FREE = [Free(BINH, NOON - minutes(5)), Free(AN, NOON - minutes(9)), Free(CUC, NOON - minutes(1))]
NEW = Waiting(7, NOON)


def test_the_first_report_goes_to_who_has_been_free_longest() -> None:
    assert offers([NEW, Waiting(8, NOON)], FREE, 0, NOON) == {AN: 7, BINH: 8}


def test_nothing_is_offered_while_a_caller_waits_or_nobody_is_free() -> None:
    assert offers([NEW], FREE, 1, NOON) == {}
    assert offers([NEW], [], 0, NOON) == {}
    assert offers([], FREE, 0, NOON) == {}


def test_what_is_left_lying_goes_round() -> None:
    turns = [next(iter(offers([NEW], FREE, 0, NOON + n * TURN))) for n in range(4)]
    assert turns == [AN, BINH, CUC, AN]
    assert offers([NEW], FREE, 0, NOON - minutes(1)) == {AN: 7}  # a clock that is a little behind


@given(
    st.lists(st.integers(0, 600), max_size=12),
    st.lists(st.integers(0, 600), max_size=12),
    st.integers(0, 1000),
)
def test_nobody_gets_two_and_as_many_are_offered_as_can_be(
    ages: list[int], frees: list[int], later: int
) -> None:
    reports = [Waiting(place, NOON - timedelta(seconds=age)) for place, age in enumerate(ages)]
    free = [Free(StaffId(n), NOON - timedelta(seconds=age)) for n, age in enumerate(frees)]
    found = offers(reports, free, 0, NOON + timedelta(seconds=later))
    assert len(set(found.values())) == len(found) == min(len(ages), len(frees))
    assert set(found.values()) == set(range(len(found)))  # the most pressing ones

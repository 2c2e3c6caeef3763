"""The figures of a day: what they count, and what they leave out."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from hotline import staff
from hotline.access import Viewer
from hotline.db import reading, transaction
from hotline.events import CallArrived, CallJoined, Outcome
from hotline.ids import CallId
from intake.calls import calls
from intake.calls.kpi_counts import Limits, by_hour, tallies
from intake.calls.kpis import Tally
from intake.forms.taxonomy import Disposition
from intake.records import records
from intake.tables.calls import CallRow
from tests import factories
from tests.factories import NOON, Story
from tests.queries import counted

LIMITS = Limits(timedelta(seconds=15), timedelta(seconds=5), timedelta(seconds=30))
DAWN = NOON - timedelta(hours=12)
LATER = NOON + timedelta(hours=1)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


# -- pure ---------------------------------------------------------------------------------------------

DAY = Tally(
    answered=8,
    in_time=6,
    abandoned=1,
    left_word=1,
    short=3,
    handled=7,
    answer_wait=seconds(80),
    talk=seconds(700),
    wrap_up=seconds(140),
    busy=seconds(900),
    staffed=seconds(1800),
)


def test_each_figure_is_its_formula() -> None:
    assert DAY.offered == 10
    assert DAY.answer_rate == pytest.approx(0.8)
    assert DAY.service_level == pytest.approx(0.6)
    assert DAY.speed_of_answer == seconds(10)
    assert DAY.handling_time == seconds(120)
    assert DAY.occupancy == pytest.approx(0.5)


def test_a_day_on_which_nothing_was_offered_has_no_rates() -> None:
    none = Tally(short=4)
    assert (none.offered, none.answer_rate, none.service_level) == (0, None, None)
    assert (none.speed_of_answer, none.handling_time, none.occupancy) == (None, None, None)


def test_who_talks_on_in_the_break_is_not_more_than_fully_occupied() -> None:
    assert Tally(busy=seconds(70), staffed=seconds(60)).occupancy == 1.0


_MANY = st.integers(0, 500)
_TALLIES = st.builds(
    Tally,
    answered=_MANY,
    abandoned=_MANY,
    left_word=_MANY,
    unserved=_MANY,
    answer_wait=st.integers(0, 9000).map(seconds),
    longest_wait=st.integers(0, 900).map(seconds),
)


@given(st.lists(_TALLIES, min_size=1, max_size=4))
def test_the_whole_is_the_sum_of_the_centers_and_its_longest_wait_theirs(each: list[Tally]) -> None:
    whole = sum(each, Tally())
    assert whole.offered == sum(one.offered for one in each)
    assert whole.longest_wait == max(one.longest_wait for one in each)
    assert whole == sum(reversed(each), Tally())


# -- out of SQL ---------------------------------------------------------------------------------------


@pytest.fixture
def people(db: Engine) -> dict[str, Viewer]:
    with transaction(db) as session:
        return factories.two_centers(session)


def tell(db: Engine, *stories: Story) -> None:
    for story in stories:
        for event in story.told:
            with transaction(db) as session:
                calls.apply(session, event)


def tally(db: Engine, code: str = "HN") -> Tally:
    with reading(db) as session:
        center = next(one.id for one in staff.centers(session) if one.code == code)
        return tallies(session, DAWN, LATER, LIMITS).get(center, Tally())


def came(site: str = "hn") -> Story:
    made = Story()
    made.call_id = CallId(made.call_id.replace("hn-", f"{site}-"))
    return made.arrived().waiting()


def test_answered_in_time_and_late(db: Engine, people: dict[str, Viewer]) -> None:
    quick = came().rang().talk().later(57).talk_ended().ended()  # answered after 3 s
    late = came().later(30).rang().talk().later(17).talk_ended(lost=True).ended()  # after 33 s
    tell(db, quick, late)
    found = tally(db)
    assert (found.answered, found.in_time, found.handled, found.offered) == (2, 1, 2, 2)
    assert found.lost == 1
    assert found.longest_wait.total_seconds() == pytest.approx(33, abs=0.01)
    assert found.speed_of_answer is not None
    assert found.speed_of_answer.total_seconds() == pytest.approx(18, abs=0.01)
    assert found.talk.total_seconds() == pytest.approx(58 + 18, abs=0.01)


def test_lost_short_and_left_word_are_told_apart(db: Engine, people: dict[str, Viewer]) -> None:
    slip = came().ended(Outcome.ABANDONED)
    lost = came().later(60).ended(Outcome.ABANDONED)
    promised = came().asks_to_be_called().ended(Outcome.ABANDONED)
    message = came().later(9).leaves_a_message().later(9).ended(Outcome.ABANDONED)
    broken = came().later(3).ended(Outcome.FAILED)
    tell(db, slip, lost, promised, message, broken)
    found = tally(db)
    assert (found.short, found.abandoned, found.left_word, found.unserved) == (1, 1, 2, 1)
    assert (found.offered, found.answered, found.answer_rate) == (4, 0, 0.0)
    assert found.callbacks == 1, "all of one number"


def test_who_still_waits_is_not_counted_yet_but_who_talks_is(
    db: Engine, people: dict[str, Viewer]
) -> None:
    tell(db, came(), came().rang().talk())
    found = tally(db)
    assert (found.offered, found.answered, found.handled, found.talk) == (1, 1, 0, timedelta())
    assert found.busy.total_seconds() == pytest.approx(3600 - 3, abs=0.01)


def test_a_call_that_is_passed_on_is_one_call_of_who_talked_last(
    db: Engine, people: dict[str, Viewer]
) -> None:
    passed = came().rang().talk().later(20).talk_ended().rang("dn01", 2).talk("dn01", 2)
    tell(db, passed.later(40).talk_ended("dn01", 2).ended())
    assert tally(db).answered == 0
    found = tally(db, "DN")
    assert (found.answered, found.handled) == (1, 1)
    assert found.talk.total_seconds() == pytest.approx(21 + 41, abs=0.01)


def test_who_joins_beside_the_counselor_adds_no_handling(db: Engine, people: dict[str, Viewer]) -> None:
    three = came().rang().talk().beside("interpreter-1", talk=True).later(30).talk_ended("telco")
    tell(db, three.talk_ended().ended())
    assert tally(db).talk.total_seconds() == pytest.approx(33, abs=0.01)


def test_calls_of_ours_and_between_colleagues_are_no_offered_calls(
    db: Engine, people: dict[str, Viewer]
) -> None:
    ours, colleagues = CallId("hn-1.1"), CallId("hn-1.2")
    consulted = Story()
    with transaction(db) as session:
        calls.apply(session, CallArrived(ours, NOON, "PJSIP/hn01-1", "0912345678", "0912345678", True))
        calls.apply(session, CallArrived(colleagues, NOON, "PJSIP/hn01-2", "hn01", "hn02"))
        calls.apply(session, CallJoined(consulted.call_id, NOON, ours))
    tell(db, Story(call_id=ours).later(5).ended(Outcome.NO_ANSWER))
    assert tally(db) == Tally()


def test_wrap_up_runs_until_the_record_is_closed_and_not_for_ever(
    db: Engine, people: dict[str, Viewer]
) -> None:
    _one_closed_one_open(db, people["an"])
    found = tally(db)
    assert found.wrap_up.total_seconds() == pytest.approx(12 + 30, abs=0.01)
    assert found.busy == found.talk + found.wrap_up


def _one_closed_one_open(db: Engine, viewer: Viewer) -> None:
    closed, open_still = Story().answered_call(), Story().answered_call("hn02")
    tell(db, closed, open_still)
    with transaction(db) as session:
        ended = session.scalar(select(CallRow.ended_at).where(CallRow.id == closed.call_id))
        assert ended is not None
        found = records.record_of_call(session, viewer, closed.call_id, ended)
        assert found is not None
        records.close(session, viewer, found.id, Disposition.SILENT, ended + seconds(12))


def test_yesterday_is_not_today(db: Engine, people: dict[str, Viewer]) -> None:
    tell(db, Story(at=DAWN - seconds(1)).answered_call(), Story(at=DAWN).answered_call())
    assert tally(db).answered == 1


def test_it_takes_four_statements_however_many_calls(db: Engine, people: dict[str, Viewer]) -> None:
    tell(db, *[Story().answered_call(phone) for phone in ("hn01", "hn02", "dn01")])
    with counted(db) as sent, reading(db) as session:
        found = tallies(session, DAWN, LATER, LIMITS)
    assert (len(sent), sum(found.values(), Tally()).answered) == (4, 3)


def test_each_hour_of_the_day_by_the_arrival_of_its_calls(db: Engine, people: dict[str, Viewer]) -> None:
    hour = timedelta(hours=1)
    tell(db, Story(at=DAWN).answered_call(), Story(at=DAWN + 2 * hour - seconds(1)).answered_call())
    tell(db, Story(at=DAWN + 2 * hour).arrived().waiting().later(30).ended(Outcome.ABANDONED))
    with counted(db) as sent, reading(db) as session:
        found = by_hour(session, DAWN, DAWN + 3.5 * hour, LIMITS)
    assert [(each.offered, each.answered) for each in found] == [(1, 1), (1, 1), (1, 0), (0, 0)]
    assert len(sent) == 1
    with reading(db) as session:
        assert by_hour(session, DAWN, DAWN, LIMITS) == []

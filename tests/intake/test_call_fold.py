from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from sqlalchemy import select

from hotline import bus
from hotline.db import reading, transaction
from hotline.events import (
    CallArrived,
    CallEnded,
    CallEvent,
    CallJoined,
    Outcome,
    PhoneRang,
    TalkBegan,
    TalkEnded,
)
from hotline.ids import CallId
from intake.calls import calls
from intake.calls.call_fold import Applied
from intake.calls.calls import CallView
from intake.forms.taxonomy import Disposition
from intake.records import records
from intake.tables.recordings import RecordingRow
from intake.tables.records import RecordRow
from tests.factories import NOON, Story
from tests.intake.conftest import House

LATER = NOON + timedelta(hours=1)


def _view(house: House, story: Story) -> CallView:
    with transaction(house.db) as session:
        return calls.call(session, house.lead, story.call_id, LATER)


def test_answered_call(house: House) -> None:
    story = Story().answered_call(talk_seconds=59)
    house.apply(story)
    view = _view(house, story)
    assert view.number == "+84912345678"
    assert view.outcome is Outcome.ANSWERED
    assert (view.waited, view.talked) == (timedelta(seconds=3), timedelta(seconds=60))
    assert view.counselor is not None
    assert view.counselor.id == house.an.staff_id
    assert [(offer.phone, offer.outcome) for offer in view.offers] == [("hn01", Outcome.ANSWERED)]
    assert view.recording is not None
    assert view.recording.state == "pending"


def test_caller_hangs_up_while_waiting(house: House) -> None:
    story = Story().arrived().waiting().later(20).ended(Outcome.ABANDONED, 0)
    assert house.apply(story)[-1].jobs == ()
    view = _view(house, story)
    assert (view.outcome, view.counselor, view.record_id) == (Outcome.ABANDONED, None, None)
    assert view.waited == timedelta(seconds=22)
    assert view.talked == timedelta()


def test_caller_hangs_up_while_it_rings(house: House) -> None:
    story = Story().arrived().rang().ended(Outcome.ABANDONED, 0)
    *_, ended = house.apply(story)
    assert [signal.topic for signal in ended.signals] == [bus.desk(house.an.staff_id), bus.BOARD]
    view = _view(house, story)
    assert view.counselor is None
    assert view.record_id is not None
    assert view.offers[0].outcome is None
    assert view.offers[0].ended_at == view.ended_at


def test_counselor_does_not_answer_and_the_next_is_rung(house: House) -> None:
    story = Story().arrived().rang("hn01")
    house.apply(story)
    first = house.record_of(story)
    story.later(15).stopped("hn01").rang("hn02").talk("hn02").talk_ended("hn02").ended()
    house.apply(story)
    view = _view(house, story)
    assert [offer.outcome for offer in view.offers] == [Outcome.NO_ANSWER, Outcome.ANSWERED]
    assert view.offers[0].cause == 19
    assert view.counselor is not None
    assert view.counselor.id == house.binh.staff_id
    assert view.record_id == first
    with reading(house.db) as session:
        assert session.scalars(select(RecordRow.owner_id)).all() == [house.binh.staff_id]


def test_call_is_transferred_to_another_center(house: House) -> None:
    story = Story().arrived().rang("hn01").talk("hn01").later(30)
    story.transferred("hn01", "dn01").talk_ended("hn01").rang("dn01").talk("dn01").later(10)
    story.talk_ended("dn01").ended()
    house.apply(story)
    with transaction(house.db) as session:
        view = calls.call(session, house.far_lead, story.call_id, LATER)
        assert calls.call(session, house.an, story.call_id, LATER) == view
    assert view.counselor is not None
    assert view.counselor.id == house.far.staff_id
    assert [talk.phone for talk in view.talks] == ["hn01", "dn01"]
    assert [(step.kind, step.to) for step in view.transfers] == [("blind", "dn01")]


def test_party_comes_back_after_a_transfer(house: House) -> None:
    story = Story().arrived().rang().talk().later(10).talk_ended().rang("hn02").talk("hn02")
    story.later(10).talk_ended("hn02").talk("hn01").later(5).talk_ended("hn01").ended()
    house.apply(story)
    house.apply(story)
    view = _view(house, story)
    assert [talk.phone for talk in view.talks] == ["hn01", "hn02", "hn01"]
    assert view.talked == timedelta(seconds=11 + 11 + 6)
    assert view.counselor is not None
    assert view.counselor.id == house.an.staff_id


def test_phone_that_is_nobodys(house: House) -> None:
    story = Story().answered_call("lobby")
    house.apply(story)
    view = _view(house, story)
    assert view.outcome is Outcome.ANSWERED
    assert (view.counselor, view.record_id) == (None, None)
    assert view.offers[0].counselor is None


def test_arrival_was_lost(house: House) -> None:
    story = Story().answered_call()
    lost, story.told = story.told[0], story.told[1:]
    house.apply(story)
    view = _view(house, story)
    assert (view.number, view.dialled, view.outcome) == (None, "", Outcome.ANSWERED)
    assert view.arrived_at == story.told[0].at
    story.told = [lost]
    house.apply(story)
    view = _view(house, story)
    assert (view.number, view.arrived_at) == ("+84912345678", lost.at)


def test_signals_name_the_desk_and_the_board_and_a_repetition_is_silent(house: House) -> None:
    story = Story().answered_call()
    applied = house.apply(story)
    desk = bus.desk(house.an.staff_id)
    assert [[(signal.topic, signal.kind) for signal in one.signals] for one in applied] == [
        [(bus.BOARD, "arrived")],
        [(bus.BOARD, "waiting")],
        [(desk, "rang"), (bus.BOARD, "rang")],
        [(desk, "talk"), (bus.BOARD, "talk")],
        [(desk, "stopped"), (bus.BOARD, "stopped")],
        [(desk, "ended"), (bus.BOARD, "ended")],
    ]
    assert applied[-1].jobs == (("intake.recordings.recording_work.finish", story.call_id),)
    named = {(signal.topic, signal.id) for one in applied for signal in one.signals}
    assert named == {(desk, story.call_id), (bus.BOARD, "")}  # what the board is told, many calls share
    assert set(house.apply(story)) == {Applied()}


def test_the_event_log_tells_an_answered_call_again_some_milliseconds_off(house: House) -> None:
    story = Story().answered_call()
    house.apply(story)
    before = _view(house, story)
    for milliseconds in (-7, 9):
        drift = timedelta(milliseconds=milliseconds)
        story.told = [replace(event, at=event.at + drift) for event in story.told[2:]]
        assert set(house.apply(story)) == {Applied()}
    assert _view(house, story) == before


def test_recovered_end_replaces_only_an_unknown_one(house: House) -> None:
    story = Story().arrived().rang().talk().ended(Outcome.FAILED, 0)
    house.apply(story)
    story.told = [CallEnded(story.call_id, story.at, Outcome.ANSWERED, 16)]
    assert house.apply(story)[0].jobs == (("intake.recordings.recording_work.finish", story.call_id),)
    story.told = [CallEnded(story.call_id, story.at, Outcome.BUSY, 17)]
    assert house.apply(story) == [Applied()]
    view = _view(house, story)
    assert (view.outcome, view.cause) == (Outcome.ANSWERED, 16)


def test_end_of_a_talk_whose_begin_comes_later(house: House) -> None:
    story = Story().arrived().rang().talk().later(30).talk_ended()
    arrived, rang, talk, ended = story.told
    story.told = [arrived, rang, ended, talk]
    house.apply(story)
    view = _view(house, story)
    assert view.talked == timedelta(seconds=31)
    assert view.answered_at == talk.at


def test_hostile_texts_are_stored_short_and_do_not_block_the_journal(house: House) -> None:
    call_id = CallId("hn-1763614800.9999")
    nasty = "PJSIP/x\x00\ud800\r\nAction: Hangup," + "😀" * 500
    story = Story(call_id)
    story.told = [
        CallArrived(call_id, NOON, nasty, nasty, nasty),
        PhoneRang(call_id, NOON, nasty, nasty),
        TalkBegan(call_id, NOON, nasty, nasty),
        TalkEnded(call_id, NOON + timedelta(seconds=5), nasty, nasty),
        CallEnded(call_id, NOON + timedelta(seconds=6), Outcome.ANSWERED, 16),
    ]
    house.apply(story)
    with reading(house.db) as session:
        assert calls.open_calls(session) == []
        assert session.get(RecordingRow, call_id) is not None


def test_open_calls_are_those_without_an_end(house: House) -> None:
    waiting, ended = Story().arrived().waiting(), Story().answered_call()
    house.apply(waiting)
    house.apply(ended)
    with reading(house.db) as session:
        assert calls.open_calls(session) == [waiting.call_id]


@given(data=st.data())
@given_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_repeated_and_reordered_events_give_the_same_call(house: House, data: st.DataObject) -> None:
    """Each channel talks once here: then any order, with any repetition, ends in the same rows."""
    pause = timedelta(seconds=2)  # further apart than what counts as the same fact
    straight, shuffled = Story(pause=pause), Story(pause=pause)
    for story in (straight, shuffled):
        story.arrived().waiting().rang("hn01").stopped("hn01").rang("hn02").talk("hn02").later(20)
        story.held("hn02").later(3)
        story.transferred("hn02", "dn01").talk_ended("hn02").rang("dn01").talk("dn01").later(5)
        story.held("dn01").later(2).resumed("dn01").talk_ended("dn01").ended()
    order: list[CallEvent] = data.draw(st.permutations(shuffled.told))
    again: list[CallEvent] = data.draw(st.lists(st.sampled_from(shuffled.told), max_size=6))
    shuffled.told = [*order, *again]

    def result(story: Story) -> CallView:
        with transaction(house.db) as session:
            for event in story.told:
                calls.apply(session, event)
            view = calls.call(session, house.far_lead, story.call_id, LATER)
        assert view.record_id is not None
        offers = tuple(replace(offer, offer_id=None) for offer in view.offers)
        return replace(view, call_id=CallId(""), record_id=None, offers=offers)

    assert result(shuffled) == result(straight)


def test_one_call_has_one_record_however_often_it_rings(house: House) -> None:
    story = Story().arrived()
    for leg in range(1, 6):
        story.rang("hn01", leg).stopped("hn01", leg=leg).rang("hn02", leg).stopped("hn02", leg=leg)
    house.apply(story)
    house.apply(story)
    with reading(house.db) as session:
        assert len(session.scalars(select(RecordRow)).all()) == 1
    assert len(_view(house, story).offers) == 10


@pytest.mark.parametrize("number", [None, "anonymous", ""])
def test_withheld_number_is_none(house: House, number: str | None) -> None:
    story = Story(number=number).arrived()
    house.apply(story)
    assert _view(house, story).number is None


def test_end_of_the_call_is_known_before_the_end_of_the_talk(house: House) -> None:
    story = Story().arrived().rang().talk().later(30).talk_ended().later(10).ended()
    *before, talk_ended, ended = story.told
    story.told = [*before, ended, talk_ended]
    house.apply(story)
    assert _view(house, story).talked == timedelta(seconds=31)


def test_a_closed_record_stays_with_who_closed_it_when_the_call_goes_on(house: House) -> None:
    story = Story().arrived().rang("hn01").talk("hn01")
    house.apply(story)
    record_id = house.record_of(story)
    with transaction(house.db) as session:
        records.close(session, house.an, record_id, Disposition.COUNSELING, NOON)
    house.apply(story.talk_ended("hn01").rang("hn02").talk("hn02").talk_ended("hn02").ended())
    with transaction(house.db) as session:
        view = records.record(session, house.binh, record_id, LATER)
    assert (view.owner.id, view.state) == (house.an.staff_id, "closed")
    assert view.editable


def test_recovery_asks_which_calls_are_there_with_their_end(house: House) -> None:
    ended, waiting = Story().answered_call(), Story().arrived().waiting()
    house.apply(ended)
    house.apply(waiting)
    with reading(house.db) as session:
        asked = [ended.call_id, waiting.call_id, CallId("hn-1.1")]
        assert calls.outcomes_of(session, asked) == {
            ended.call_id: Outcome.ANSWERED,
            waiting.call_id: None,
        }
        assert calls.outcomes_of(session, []) == {}


def test_recovery_may_ask_for_more_calls_than_a_statement_takes(house: House) -> None:
    ended = Story().answered_call()
    house.apply(ended)
    asked = [*(CallId(f"hn-{number}.1") for number in range(66_000)), ended.call_id]
    with reading(house.db) as session:
        assert calls.outcomes_of(session, asked) == {ended.call_id: Outcome.ANSWERED}


def _colleagues(house: House) -> Story:
    """hn01 rings hn02."""
    story = Story()
    arrived = CallArrived(story.call_id, story.at, "PJSIP/hn01-00000001", "hn01", "hn02")
    story.told.append(arrived)
    return story.rang("hn02").later(2).talk("hn02")


def test_colleagues_ringing_each_other_are_no_callers(house: House) -> None:
    story = _colleagues(house)
    house.apply(story)
    with transaction(house.db) as session:
        assert calls.live(session, house.lead) == []
        assert session.scalars(select(RecordRow)).all() == []
    house.apply(story.later(5).ended())
    with transaction(house.db) as session:
        assert calls.in_scope(session, house.lead, NOON - timedelta(days=1)) == []
        assert session.scalars(select(RecordingRow)).all() == []


def test_a_consultation_is_counted_in_the_call_it_was_for(house: House) -> None:
    story = _colleagues(house)
    story.told.append(CallJoined(story.call_id, story.at, CallId("hn-1.1")))
    house.apply(story)
    house.apply(story)
    with transaction(house.db) as session:
        assert calls.open_calls(session) == []
        assert calls.live(session, house.lead) == []

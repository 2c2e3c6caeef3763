from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.audit import AuditRow
from hotline.db import reading, transaction
from hotline.errors import NotAllowed, NotVisible
from hotline.events import Outcome
from hotline.ids import CallId
from intake.calls import calls
from intake.cases import cases
from intake.forms.taxonomy import Disposition
from intake.records import records
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.queries import counted

LATER = NOON + timedelta(hours=1)


def test_the_pop_shows_the_call_that_rings_at_my_phone(house: House) -> None:
    story = Story().arrived().waiting().rang("hn01")
    house.apply(story)
    with reading(house.db) as session:
        live = calls.current_for(session, house.an)
        assert calls.current_for(session, house.binh) is None
    assert live is not None
    assert (live.call_id, live.number, live.arrived_at) == (story.call_id, "+84912345678", NOON)
    assert [who.id for who in live.ringing] == [house.an.staff_id]
    assert (live.waiting, live.talking) == (True, ())
    assert live.record_id is not None


def test_the_call_that_talks_comes_before_the_one_that_rings(house: House) -> None:
    talking = Story().arrived().rang().talk()
    house.apply(talking)
    house.apply(Story(at=NOON + timedelta(minutes=1)).arrived().rang("hn01", leg=2))
    with reading(house.db) as session:
        live = calls.current_for(session, house.an)
    assert live is not None
    assert live.call_id == talking.call_id
    assert not live.waiting
    house.apply(talking.talk_ended().ended())
    with reading(house.db) as session:
        rings = calls.current_for(session, house.an)
    assert rings is not None
    assert rings.call_id != talking.call_id


def test_the_longest_id_a_call_can_have_is_seen_on_record(house: House) -> None:
    longest = CallId("hn-1763614800." + "7" * 136)
    house.apply(Story(longest).answered_call())
    with transaction(house.db) as session:
        assert calls.call(session, house.an, longest, LATER).call_id == longest
    with reading(house.db) as session:
        assert session.scalar(select(AuditRow.id).where(AuditRow.object_id == longest)) is not None


def test_the_wallboard_shows_every_open_call_with_numbers_masked(house: House) -> None:
    near, far = Story().arrived().rang("hn01"), Story(at=NOON + timedelta(seconds=9)).arrived()
    far = Story(CallId("dn-1763614800.7"), at=far.at).arrived().waiting().rang("dn01").talk("dn01")
    for story in (near, far, Story().answered_call()):
        house.apply(story)
    with reading(house.db) as session:
        seen = {
            viewer.login: [line.number for line in calls.live(session, viewer)]
            for viewer in (house.lead, house.far_lead, house.admin)
        }
        with pytest.raises(NotAllowed):
            calls.live(session, house.an)
    assert seen == {
        viewer.login: ["***678", "***678"] for viewer in (house.lead, house.far_lead, house.admin)
    }


def test_who_may_read_a_call(house: House) -> None:
    story = Story().answered_call()
    house.apply(story)
    with transaction(house.db) as session:
        assert calls.call(session, house.an, story.call_id, LATER)
        assert calls.call(session, house.lead, story.call_id, LATER)
        for stranger in (house.binh, house.far, house.far_lead, house.admin):
            with pytest.raises(NotVisible):
                calls.call(session, stranger, story.call_id, LATER)
            with pytest.raises(NotVisible):
                calls.earlier(session, stranger, story.call_id, LATER)
        with pytest.raises(NotVisible):
            calls.call(session, house.lead, CallId("hn-1.1"), LATER)
    with reading(house.db) as session:
        looks = session.execute(
            select(AuditRow.staff_id, AuditRow.act)
            .where(AuditRow.object_id == story.call_id)
            .order_by(AuditRow.id)
        ).all()
    assert [tuple(look) for look in looks] == [(house.an.staff_id, "see"), (house.lead.staff_id, "see")]


def test_a_waiting_call_belongs_to_the_center_of_its_pbx(house: House) -> None:
    story = Story(CallId("dn-1763614800.1")).arrived().waiting()
    house.apply(story)
    with transaction(house.db) as session:
        assert calls.call(session, house.far_lead, story.call_id, LATER).number == "+84912345678"
        with pytest.raises(NotVisible):
            calls.call(session, house.lead, story.call_id, LATER)


def test_earlier_calls_of_the_number_are_possibilities_without_content(house: House) -> None:
    first = Story(at=NOON - timedelta(days=2)).answered_call("dn01")
    second = Story(number="+84912345678", at=NOON - timedelta(days=1)).arrived()
    house.apply(first)
    house.apply(second.ended(Outcome.ABANDONED, 0))
    house.apply(Story(number="0987654321", at=NOON - timedelta(days=1)).arrived())
    now = Story().arrived().rang("hn01")
    house.apply(now)
    with transaction(house.db) as session:
        record = records.record_of_call(session, house.far, first.call_id, NOON)
        assert record is not None
        records.close(session, house.far, record.id, Disposition.SILENT, NOON)
    with transaction(house.db) as session:
        found = calls.earlier(session, house.an, now.call_id, LATER)
    assert found.count == 2
    assert [(one.outcome, one.disposition) for one in found.last] == [
        (Outcome.ABANDONED, None),
        (Outcome.ANSWERED, Disposition.SILENT),
    ]
    assert found.open_cases == ()


def test_open_cases_of_the_number_are_shown_to_who_may_read_them(house: House) -> None:
    first = Story(at=NOON - timedelta(days=2)).answered_call("hn01")
    house.apply(first)
    record_id = house.record_of(first)
    with transaction(house.db) as session:
        case_id = cases.open_from_record(session, house.an, record_id, NOON)
    for phone, sees in (("hn01", [case_id]), ("hn02", [])):
        now = Story().arrived().rang(phone)
        house.apply(now)
        viewer = house.an if phone == "hn01" else house.binh
        with transaction(house.db) as session:
            found = calls.earlier(session, viewer, now.call_id, LATER)
        assert [one.case_id for one in found.open_cases] == sees


def test_a_withheld_number_has_no_history(house: House) -> None:
    house.apply(Story(number=None, at=NOON - timedelta(days=1)).answered_call())
    now = Story(number=None).arrived().rang()
    house.apply(now)
    with transaction(house.db) as session:
        assert calls.earlier(session, house.an, now.call_id, LATER) == calls.EarlierCalls()


def test_my_calls_today_newest_first(house: House) -> None:
    yesterday = Story(at=NOON - timedelta(days=1)).answered_call()
    mine = Story().answered_call()
    handed_on = (
        Story(at=NOON + timedelta(hours=1)).arrived().rang("hn01").talk("hn01").talk_ended("hn01")
    )
    handed_on.rang("hn02").talk("hn02").talk_ended("hn02").ended()
    for story in (yesterday, mine, handed_on, Story().answered_call("hn02")):
        house.apply(story)
    with reading(house.db) as session:
        lines = calls.recent(session, house.an, NOON - timedelta(hours=1))
        theirs = calls.recent(session, house.binh, NOON - timedelta(hours=1), limit=1)
    assert [line.call_id for line in lines] == [handed_on.call_id, mine.call_id]
    assert [line.call_id for line in theirs] == [handed_on.call_id]
    assert lines[1].record_state == "draft"


def test_the_number_of_statements_does_not_grow_with_the_calls(house: House) -> None:
    def everything() -> int:
        with counted(house.db) as statements, transaction(house.db) as session:
            calls.live(session, house.lead)
            calls.current_for(session, house.an)
            calls.recent(session, house.an, NOON - timedelta(days=1))
            calls.earlier(session, house.an, story.call_id, LATER)
            calls.call(session, house.an, story.call_id, LATER)
        return len(statements)

    story = Story().arrived().rang("hn01").stopped("hn01").rang("hn01", 2).talk("hn01", 2)
    house.apply(story)

    def others() -> None:
        for _ in range(3):
            house.apply(Story(at=NOON - timedelta(hours=1)).arrived().rang("hn02").talk("hn02"))
            house.apply(Story(at=NOON - timedelta(hours=2)).answered_call())

    others()
    before = everything()
    others()
    for leg in range(3, 6):
        house.apply(story.rang("hn02", leg).stopped("hn02", leg=leg))
    assert everything() == before


def test_a_lead_lists_the_calls_of_the_center_and_a_counselor_their_own(house: House) -> None:
    mine, other = (
        Story().answered_call("hn01"),
        Story(at=NOON + timedelta(hours=1)).answered_call("hn02"),
    )
    for story in (mine, other, Story(CallId("dn-1763614800.3")).answered_call("dn01")):
        house.apply(story)
    with counted(house.db) as statements, reading(house.db) as session:
        lines = calls.in_scope(session, house.lead, NOON)
    assert [line.call_id for line in lines] == [other.call_id, mine.call_id]
    assert [line.counselor.id for line in lines if line.counselor] == [
        house.binh.staff_id,
        house.an.staff_id,
    ]
    assert len(statements) == 2
    with reading(house.db) as session:
        assert [line.call_id for line in calls.in_scope(session, house.an, NOON)] == [mine.call_id]
        assert calls.in_scope(session, house.admin, NOON) == []

"""Interpreters and supervision as asked for at a desk, and what is shown of them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import interpreters
from hotline.access import Viewer
from hotline.audit import AuditRow
from hotline.db import transaction
from hotline.errors import BadInput, Conflict, NotAllowed, NotVisible
from hotline.events import Mode, Outcome, SupervisionBegan
from hotline.ids import OfferId, Part, Phone, part_of
from hotline.terms import Term
from intake.calls import calls, lead_wishes, line_wishes
from intake.calls.line_wishes import PATIENCE, State, Wanted, Wish
from tests import factories
from tests.factories import NOON, Story
from tests.intake.conftest import House

SOON = NOON + timedelta(seconds=10)
LITTLE = timedelta(seconds=5)


def talking(house: House) -> Story:
    """The caller talks with An (hn01)."""
    story = Story().arrived().rang().talk()
    house.apply(story)
    return story


def an_interpreter(house: House, session: Session) -> int:
    return interpreters.add(
        session, name="Giàng A Tủa", languages=["hmn"], center=house.an.center_id, reached="0912345678"
    ).id


def asks(house: House, story: Story, viewer: Viewer | None = None) -> OfferId:
    """The counselor asks for an interpreter; returns the leg's offer id."""
    with transaction(house.db) as session:
        signals = line_wishes.ask_interpreter(
            session, viewer or house.an, story.call_id, an_interpreter(house, session), SOON
        )
        assert [signal.topic for signal in signals] == ["staff", "board"]
        return line_wishes.interpreters_of(session, story.call_id, SOON)[-1].offer_id


def state(house: House, story: Story, seconds: float = 0) -> State:
    with transaction(house.db) as session:
        now = SOON + timedelta(seconds=seconds)
        return line_wishes.interpreters_of(session, story.call_id, now)[-1].state


def take(house: House, seconds: float = 0, site: str = "hn") -> list[Wish]:
    with transaction(house.db) as session:
        return line_wishes.take(session, site, SOON + timedelta(seconds=seconds))


def lead_with_phone(house: House) -> Viewer:
    with transaction(house.db) as session:
        return factories.shift_lead(session, phone="hn09")


def supervise(house: House, lead: Viewer, story: Story, wanted: Wanted) -> State | None:
    with transaction(house.db) as session:
        lead_wishes.supervise(session, lead, story.call_id, wanted, SOON)
    return supervising(house, lead)


def supervising(house: House, lead: Viewer) -> State | None:
    with transaction(house.db) as session:
        found = line_wishes.supervision_of(session, lead.staff_id, SOON)
        return found.state if found else None


def test_each_wish_is_taken_once_and_only_by_its_own_switchboard(house: House) -> None:
    story = talking(house)
    offer_id = asks(house, story)
    assert take(house, site="dn") == []
    (wish,) = take(house)
    assert (wish.offer_id, wish.call_id, wish.wanted) == (offer_id, story.call_id, Wanted.INTERPRET)
    assert take(house) == []


def test_nobody_takes_a_wish_that_is_too_old_and_its_state_says_so(house: House) -> None:
    story = talking(house)
    asks(house, story)
    late = PATIENCE.total_seconds() + 1
    assert state(house, story) is State.ASKED
    assert take(house, late) == []
    assert state(house, story, late) is State.LOST


def test_the_state_is_what_happened(house: House) -> None:
    story = talking(house)
    offer_id = asks(house, story)
    take(house)
    assert state(house, story) is State.ASKED
    house.apply(story.beside(offer_id))
    assert state(house, story) is State.RINGING
    house.apply(story.beside(offer_id, talk=True))
    assert state(house, story) is State.TALKING
    house.apply(story.talk_ended("telco"))
    assert state(house, story) is State.OVER


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        (Outcome.NO_ANSWER, State.NO_ANSWER),
        (Outcome.BUSY, State.BUSY),
        (Outcome.REJECTED, State.REJECTED),
        (Outcome.FAILED, State.FAILED),
        (Outcome.ABANDONED, State.OVER),
    ],
)
def test_why_an_interpreter_did_not_come(house: House, outcome: Outcome, shown: State) -> None:
    story = talking(house)
    house.apply(story.beside(asks(house, story)).stopped("telco", outcome))
    assert state(house, story) is shown
    asks(house, story)  # another one may be asked now


def test_an_interpreter_never_owns_the_call_on_whatever_phone(house: House) -> None:
    story = talking(house)
    offer_id = asks(house, story)
    house.apply(story.beside(offer_id, "hn02").beside(offer_id, "hn02", talk=True))
    with transaction(house.db) as session:
        view = calls.call(session, house.lead, story.call_id, NOON)
        assert calls.current_for(session, house.binh) is None
    assert view.counselor is not None
    assert view.counselor.id == house.an.staff_id
    assert [(talk.part, talk.counselor is None) for talk in view.talks] == [
        (Part.COUNSELOR, False),
        (Part.INTERPRETER, True),
    ]


def test_a_lost_beginning_of_an_interpreters_talk_makes_no_counselor_of_them(house: House) -> None:
    story = talking(house)
    house.apply(story.beside(asks(house, story), "hn02").talk_ended("hn02"))
    with transaction(house.db) as session:
        view = calls.call(session, house.lead, story.call_id, NOON)
    assert [talk.part for talk in view.talks] == [Part.COUNSELOR, Part.INTERPRETER]


def test_only_who_talks_asks_and_only_for_one_at_a_time(house: House) -> None:
    story = talking(house)
    with pytest.raises(NotVisible):
        asks(house, story, house.binh)
    asks(house, story)
    with pytest.raises(Conflict):
        asks(house, story)
    with transaction(house.db) as session:
        line_wishes.dismiss_interpreter(session, house.an, story.call_id, SOON)
    assert [wish.wanted for wish in take(house)] == [Wanted.INTERPRET, Wanted.LEAVE]


def test_what_asterisk_could_not_ring_has_failed(house: House) -> None:
    story = talking(house)
    offer_id = asks(house, story)
    with transaction(house.db) as session:
        (to_asker, to_board) = line_wishes.fail(session, offer_id)
    assert (to_asker.topic, to_board.topic) == (f"desk.{house.an.staff_id}", "board")
    assert state(house, story) is State.FAILED


def test_a_lead_attends_only_talks_of_their_own_center_and_it_is_audited(house: House) -> None:
    story, lead = talking(house), lead_with_phone(house)
    for stranger in (house.far_lead, house.an, house.admin):
        with pytest.raises(NotVisible):
            supervise(house, stranger, story, Wanted.LISTEN)
    with pytest.raises(NotAllowed):  # has no phone to listen on
        supervise(house, house.lead, story, Wanted.LISTEN)
    assert supervise(house, lead, story, Wanted.LISTEN) is State.ASKED
    with transaction(house.db) as session:
        (row,) = session.scalars(select(AuditRow).where(AuditRow.act == "supervise"))
        assert (row.staff_id, row.object_kind, row.object_id) == (lead.staff_id, "call", story.call_id)
        assert row.detail == f"listen staff={house.an.staff_id}"


def test_nobody_is_attended_who_does_not_talk(house: House) -> None:
    story, lead = talking(house), lead_with_phone(house)
    house.apply(story.talk_ended().ended())
    with pytest.raises(Conflict):
        supervise(house, lead, story, Wanted.LISTEN)


def test_another_mode_goes_on_with_the_same_leg(house: House) -> None:
    story, lead = talking(house), lead_with_phone(house)
    supervise(house, lead, story, Wanted.LISTEN)
    (first,) = take(house)
    house.apply(story.supervised(Mode.LISTEN, offer=first.offer_id))
    assert supervising(house, lead) is State.LISTENING
    supervise(house, lead, story, Wanted.WHISPER)
    (second,) = take(house)
    assert (second.offer_id, second.wanted) == (first.offer_id, Wanted.WHISPER)
    house.apply(story.supervised(Mode.WHISPER, offer=first.offer_id))
    assert supervising(house, lead) is State.WHISPERING
    house.apply(story.supervision_ended().beside(first.offer_id, "hn09", talk=True))
    assert supervising(house, lead) is State.TALKING
    house.apply(story.talk_ended("hn09"))
    assert supervising(house, lead) is State.OVER
    assert supervise(house, lead, story, Wanted.LISTEN) is State.ASKED
    assert take(house)[0].offer_id != first.offer_id


def test_one_talk_at_a_time(house: House) -> None:
    story, lead = talking(house), lead_with_phone(house)
    supervise(house, lead, story, Wanted.LISTEN)
    other = Story().arrived().rang("hn02").talk("hn02")
    house.apply(other)
    with pytest.raises(Conflict):
        supervise(house, lead, other, Wanted.LISTEN)


def test_supervision_in_retrospect_whatever_is_told_twice(house: House) -> None:
    lead = lead_with_phone(house)
    story = Story().arrived().rang().talk().supervised(Mode.LISTEN).later(4).supervised(Mode.WHISPER)
    house.apply(story)
    with transaction(house.db) as session:
        assert line_wishes.attending(session, story.call_id, listening=False)
    story.later(9).supervision_ended().later(5).supervised(Mode.LISTEN).talk_ended().ended()
    for _ in range(2):
        house.apply(story)
    earlier = timedelta(milliseconds=4)
    began = [event for event in story.told if isinstance(event, SupervisionBegan)]
    story.told = [replace(event, at=event.at - earlier) for event in began]
    house.apply(story)  # as Asterisk's own log has them
    with transaction(house.db) as session:
        view = calls.call(session, house.lead, story.call_id, NOON)
        assert not line_wishes.attending(session, story.call_id, listening=True)
    spells = [
        (one.mode, (one.ended_at - one.began_at).seconds) for one in view.supervisions if one.ended_at
    ]
    assert spells == [(Mode.LISTEN, 5), (Mode.WHISPER, 10), (Mode.LISTEN, 2)]
    assert {one.lead.id for one in view.supervisions if one.lead} == {lead.staff_id}
    assert [talk.phone for talk in view.talks] == [Phone("hn01")]
    assert view.counselor is not None
    assert view.counselor.id == house.an.staff_id


def test_that_a_lead_only_listens_is_told_where_it_is_the_policy(house: House) -> None:
    lead_with_phone(house)
    story = Story().arrived().rang().talk().supervised(Mode.LISTEN)
    house.apply(story)
    with transaction(house.db) as session:
        assert not line_wishes.attending(session, story.call_id, listening=False)
        assert line_wishes.attending(session, story.call_id, listening=True)


def test_a_lead_takes_a_call_over_and_it_is_theirs(house: House) -> None:
    lead = lead_with_phone(house)
    story = Story().arrived().rang().talk()
    house.apply(story)
    with transaction(house.db) as session:
        lead_wishes.supervise(session, lead, story.call_id, Wanted.TAKE_OVER, NOON)
        (wish,) = line_wishes.take(session, "hn", NOON)
        assert part_of(wish.offer_id) is Part.COUNSELOR
        for wanted in (Wanted.TAKE_OVER, Wanted.LISTEN):
            with pytest.raises(Conflict):
                lead_wishes.supervise(session, lead, story.call_id, wanted, NOON)
    house.apply(
        story.talk_ended().beside(wish.offer_id, "hn09").beside(wish.offer_id, "hn09", talk=True)
    )
    with transaction(house.db) as session:
        view = calls.call(session, house.lead, story.call_id, NOON)
        now = line_wishes.supervision_of(session, lead.staff_id, NOON)
    assert now is not None
    assert now.state is State.TALKING
    assert view.counselor is not None
    assert view.counselor.id == lead.staff_id


def test_a_lead_takes_a_caller_who_waits_and_only_one_who_does(house: House) -> None:
    lead = lead_with_phone(house)
    story = Story().arrived().rang()
    house.apply(story)
    with transaction(house.db) as session:
        with pytest.raises(Conflict):
            lead_wishes.supervise(session, lead, story.call_id, Wanted.TAKE_OVER, NOON)
        with pytest.raises(NotVisible):
            lead_wishes.supervise(session, house.far_lead, story.call_id, Wanted.TAKE, NOON)
        lead_wishes.supervise(session, lead, story.call_id, Wanted.TAKE, NOON)
        (wish,) = line_wishes.take(session, "hn", NOON)
        assert part_of(wish.offer_id) is Part.COUNSELOR
        noted = session.scalars(
            select(AuditRow.detail).where(AuditRow.act == "supervise").order_by(AuditRow.id)
        ).all()
        assert noted == ["take"]
        with pytest.raises(Conflict):
            lead_wishes.supervise(session, lead, story.call_id, Wanted.TAKE, NOON)
    house.apply(story.talk())
    with transaction(house.db) as session:
        line_wishes.fail(session, wish.offer_id)
        with pytest.raises(Conflict):  # a counselor was quicker
            lead_wishes.supervise(session, lead, story.call_id, Wanted.TAKE, NOON)


def test_a_lead_who_joined_does_not_own_the_call(house: House) -> None:
    lead_with_phone(house)
    story = talking(house)
    house.apply(story.beside("supervisor-1", "hn09", talk=True).talk_ended("hn09"))
    with transaction(house.db) as session:
        view = calls.call(session, house.lead, story.call_id, NOON)
    assert view.counselor is not None
    assert view.counselor.id == house.an.staff_id


def test_attending_ends_when_it_was_said_to_whatever_its_mode_and_has_a_reason(house: House) -> None:
    story, lead = talking(house), lead_with_phone(house)
    hour = Term("  nghe   thử  ", timedelta(hours=1))
    with transaction(house.db) as session:
        for wrong in (Term("", timedelta(hours=5)), Term("", timedelta()), Term("x" * 201)):
            with pytest.raises(BadInput):
                lead_wishes.supervise(session, lead, story.call_id, Wanted.LISTEN, NOON, wrong)
        lead_wishes.supervise(session, lead, story.call_id, Wanted.LISTEN, NOON, hour)
        lead_wishes.supervise(session, lead, story.call_id, Wanted.WHISPER, NOON + LITTLE)
        wishes = line_wishes.take(session, "hn", NOON + LITTLE)
        assert {wish.expires_at for wish in wishes} == {NOON + timedelta(hours=1)}
        lead_wishes.stay(session, lead, NOON + LITTLE)
        now = line_wishes.supervision_of(session, lead.staff_id, NOON + LITTLE)
        (more,) = line_wishes.take(session, "hn", NOON + LITTLE)
        deeds = lead_wishes.deeds(session, lead, story.call_id)
        assert lead_wishes.deeds(session, house.an, story.call_id) == []
    assert now is not None
    assert now.expires_at == more.expires_at == NOON + LITTLE + timedelta(minutes=30)
    assert [(deed.wanted, deed.reason) for deed in deeds] == [
        (Wanted.LISTEN, "nghe thử"),
        (Wanted.WHISPER, ""),
    ]


def test_a_caller_is_given_back_once_the_lead_has_them_and_never_before(house: House) -> None:
    lead = lead_with_phone(house)
    story = Story().arrived().rang().talk()
    house.apply(story)
    with transaction(house.db) as session:
        with pytest.raises(Conflict):
            lead_wishes.give_back(session, lead, NOON)
        lead_wishes.supervise(session, lead, story.call_id, Wanted.TAKE_OVER, NOON)
        with pytest.raises(Conflict):
            lead_wishes.give_back(session, lead, NOON)
        with pytest.raises(Conflict):
            lead_wishes.stay(session, lead, NOON)
        (wish,) = line_wishes.take(session, "hn", NOON)
    taken = story.talk_ended().beside(wish.offer_id, "hn09").beside(wish.offer_id, "hn09", talk=True)
    house.apply(taken)
    with transaction(house.db) as session:
        assert lead_wishes.give_back(session, lead, NOON)
        (back,) = line_wishes.take(session, "hn", NOON)
        noted = session.scalars(
            select(AuditRow.detail).where(AuditRow.act == "undo").order_by(AuditRow.id)
        ).all()
    assert (back.wanted, back.offer_id) == (Wanted.GIVE_BACK, wish.offer_id)
    assert back.colleague_id == house.an.staff_id
    assert noted == [f"take_over staff={house.an.staff_id}"]

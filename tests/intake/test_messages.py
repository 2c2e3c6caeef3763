"""What a caller says when nobody can answer is kept like a call: sealed, and heard by who calls back."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from hotline import alarms
from hotline.access import Viewer
from hotline.db import reading, transaction
from hotline.errors import NotVisible
from hotline.events import Outcome
from hotline.ids import CallId
from hotline.settings import settings
from intake.recordings import audio, recording_care, recording_work, recordings
from intake.recordings.recording_files import OwnDisk, Part
from intake.recordings.recording_work import GRACE
from intake.recordings.recordings import RecordingState, RecordingView
from intake.tables.callbacks import CallbackRow
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.intake.test_recordings import RATE, frequency, tone


def message(call_id: CallId, seconds: float = 4) -> None:
    """As Asterisk leaves it, with the empty files it makes for everybody who waits."""
    for end in ("-in", "-out", ""):
        tone(settings().spool_dir / f"{call_id}{end}.wav", 400, 0)
    tone(settings().spool_dir / f"{call_id}-msg.wav", 300, seconds)


def leaves_one(house: House) -> Story:
    story = Story().arrived().waiting().later(5).leaves_a_message().later(6).ended(Outcome.ABANDONED)
    (job,) = house.apply(story)[-1].jobs
    assert job == ("intake.recordings.recording_work.finish", story.call_id)
    return story


def finish(house: House, story: Story, after: timedelta = timedelta(seconds=1)) -> RecordingState | None:
    return recording_work.finish_one(house.db, story.call_id, story.at + after)


def view(house: House, story: Story) -> RecordingView:
    with reading(house.db) as session:
        found = recordings.recording_of(session, story.call_id)
    assert found is not None
    return found


def may_hear(house: House, story: Story, viewer: Viewer) -> bool:
    with reading(house.db) as session:
        try:
            recordings.to_hear(session, viewer, story.call_id, NOON)
        except NotVisible:
            return False
    return True


def test_a_message_is_sealed_and_its_raw_file_dropped(house: House) -> None:
    story = leaves_one(house)
    assert finish(house, story) is RecordingState.PENDING
    message(story.call_id)
    assert finish(house, story) is RecordingState.READY
    found = view(house, story)
    assert (found.duration, found.message) == (timedelta(seconds=4), timedelta(seconds=4))
    assert list(settings().spool_dir.iterdir()) == []
    with reading(house.db) as session:
        playable = recordings.playable(session, house.lead, story.call_id, NOON)
    with recordings.open_recording(playable, Part.ORIGINAL) as file:
        left, right = audio.read(b"".join(file.read(0, file.size))).samples.T.tolist()
    assert frequency(left, RATE) == pytest.approx(300, rel=0.02)
    assert not any(right)


def test_it_is_heard_by_who_has_to_call_back_and_as_long_as_they_have_to(house: House) -> None:
    story = leaves_one(house)
    message(story.call_id)
    finish(house, story)

    def task(**values: object) -> None:
        with transaction(house.db) as session:
            session.execute(update(CallbackRow).values(**values))

    everybody = (house.an, house.binh, house.lead, house.far, house.far_lead, house.admin)
    heard: Callable[[], list[bool]] = lambda: [may_hear(house, story, who) for who in everybody]  # noqa: E731
    assert heard() == [True, True, True, False, False, False]  # nobody has taken it yet
    task(owner_id=house.binh.staff_id)
    assert heard() == [False, True, True, False, False, False]
    task(closed_at=NOON)
    assert heard() == [False, False, True, False, False, False]


def test_a_message_and_then_a_talk_are_one_recording_in_this_order(house: House) -> None:
    story = Story().arrived().waiting().leaves_a_message().later(4).rang().talk().later(5)
    house.apply(story.talk_ended().ended())
    message(story.call_id)
    tone(settings().spool_dir / f"{story.call_id}-in.wav", 400, 6)
    tone(settings().spool_dir / f"{story.call_id}-out.wav", 1000, 6)
    assert finish(house, story) is RecordingState.READY
    found = view(house, story)
    assert (found.duration, found.message) == (timedelta(seconds=10), timedelta(seconds=4))


def test_a_message_does_not_make_up_for_a_talk_that_was_not_recorded(house: House) -> None:
    story = Story().arrived().waiting().leaves_a_message().later(4).rang().talk().later(5)
    house.apply(story.talk_ended().ended())
    message(story.call_id)
    assert finish(house, story, GRACE * 2) is RecordingState.BROKEN
    assert view(house, story).reason == "one_side"


def test_who_chose_a_message_and_said_nothing_is_no_alarm(house: House) -> None:
    story = leaves_one(house)
    message(story.call_id, 0)
    assert finish(house, story) is RecordingState.PENDING
    assert finish(house, story, GRACE * 2) is RecordingState.MISSING
    assert view(house, story).reason == "nothing_said"
    with reading(house.db) as session:
        assert alarms.present(session, house.lead) == []


def test_a_message_that_is_told_after_the_call_s_end_is_found(house: House) -> None:
    story = Story().arrived().waiting().later(9).ended(Outcome.ABANDONED)
    house.apply(story)
    story.told.clear()
    (applied,) = house.apply(story.leaves_a_message())
    assert applied.jobs == (("intake.recordings.recording_work.finish", story.call_id),)


def test_what_nobody_claims_in_the_spool_is_dropped_when_empty_and_told_when_not(house: House) -> None:
    gave_up, unknown, fresh = (CallId(f"hn-1.{number}") for number in range(3))
    waits = Story().arrived().waiting().leaves_a_message().ended(Outcome.ABANDONED)
    house.apply(waits)
    for call_id, seconds in ((gave_up, 0), (unknown, 3), (fresh, 0), (waits.call_id, 0)):
        tone(settings().spool_dir / f"{call_id}-in.wav", 400, 0)
        tone(settings().spool_dir / f"{call_id}-out.wav", 400, seconds)
    now = NOON + timedelta(days=3)
    for file in settings().spool_dir.iterdir():
        age = timedelta(hours=1 if file.name.startswith(fresh) else 30)
        then = (now - age).timestamp()
        os.utime(file, (then, then))
    recording_care.look_over_spool(house.db, now, OwnDisk())
    left = {file.name.rpartition("-")[0] for file in settings().spool_dir.iterdir()}
    assert left == {unknown, fresh, waits.call_id}
    with reading(house.db) as session:
        found = [(alarm.subject, alarm.reason) for alarm in alarms.present(session, house.admin)]
    assert found == [(unknown, "unclaimed")]

import math
import os
import struct
import wave
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.audit import AuditRow
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import NotVisible
from hotline.ids import CallId
from hotline.settings import settings
from intake import audio, calls, recordings
from intake.audio import BadAudio
from intake.recordings import GRACE, RecordingState, RecordingView
from intake.tables import RecordingRow
from tests.factories import NOON, Story
from tests.intake.conftest import House

RATE = 8000


def tone(path: Path, hertz: int, seconds: float, rate: int = RATE) -> Path:
    """A mono WAV as Asterisk writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = [
        round(8000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(round(seconds * rate))
    ]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return path


def heard(path: Path) -> tuple[list[int], list[int], int]:
    """Left and right samples, and the rate."""
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        raw = file.readframes(file.getnframes())
        samples = struct.unpack(f"<{len(raw) // 2}h", raw)
        return list(samples[::2]), list(samples[1::2]), file.getframerate()


def frequency(samples: list[int], rate: int) -> float:
    rising = sum(1 for one, two in pairwise(samples) if one < 0 <= two)
    return rising * rate / len(samples)


@pytest.fixture
def talked(house: House) -> Story:
    """An answered call of 5 seconds' talk."""
    story = Story().answered_call(talk_seconds=4)
    house.apply(story)
    return story


def _spool(call_id: CallId, side: str) -> Path:
    return settings().spool_dir / f"{call_id}-{side}.wav"


def _record(call_id: CallId, caller_seconds: float = 5, counselor_seconds: float = 5) -> None:
    tone(_spool(call_id, "in"), 400, caller_seconds)
    tone(_spool(call_id, "out"), 1000, counselor_seconds)
    tone(settings().spool_dir / f"{call_id}.wav", 700, 1)


def _finish(
    house: House, story: Story, after: timedelta = timedelta(seconds=1)
) -> RecordingState | None:
    return recordings.finish_one(house.db, story.call_id, story.at + after)


def _state(house: House, story: Story) -> RecordingView:
    with transaction(house.db) as session:
        found = calls.call(session, house.an, story.call_id, NOON).recording
    assert found is not None
    return found


def _open(house: House, story: Story) -> Path:
    with transaction(house.db) as session:
        return recordings.open_recording(session, house.an, story.call_id, NOON)


def test_caller_left_counselor_right(house: House, talked: Story) -> None:
    _record(talked.call_id, 5, 4.5)
    assert _finish(house, talked) is RecordingState.READY
    found = _state(house, talked)
    assert (found.state, found.duration, found.playable) == ("ready", timedelta(seconds=5), True)
    file = _open(house, talked)
    assert found.size == file.stat().st_size
    left, right, rate = heard(file)
    assert (len(left), len(right), rate) == (5 * RATE, 5 * RATE, RATE)
    assert frequency(left, rate) == pytest.approx(400, rel=0.02)
    assert frequency(right[: 4 * RATE], rate) == pytest.approx(1000, rel=0.02)
    assert not any(right[round(4.5 * RATE) :])
    assert list(settings().spool_dir.iterdir()) == []


def test_finishing_twice_or_at_once_gives_the_same(house: House, talked: Story) -> None:
    _record(talked.call_id)
    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(lambda _: _finish(house, talked), range(4)))
    assert RecordingState.READY in states
    first = _state(house, talked)
    assert _finish(house, talked, timedelta(days=1)) is RecordingState.READY
    assert _state(house, talked) == first
    assert len(heard(_open(house, talked))[0]) == 5 * RATE


def test_killed_between_database_and_clean_up(house: House, talked: Story) -> None:
    _record(talked.call_id)
    _finish(house, talked)
    _record(talked.call_id, 1, 1)
    assert _finish(house, talked, timedelta(days=1)) is RecordingState.READY
    assert not _spool(talked.call_id, "in").exists()
    assert len(heard(_open(house, talked))[0]) == 5 * RATE


def test_asterisk_still_writes_for_a_moment(house: House, talked: Story) -> None:
    assert _finish(house, talked) is RecordingState.PENDING
    _record(talked.call_id, 1, 1)
    assert _finish(house, talked) is RecordingState.PENDING
    _record(talked.call_id)
    assert _finish(house, talked) is RecordingState.READY


def test_no_file_is_missing_after_a_while(house: House, talked: Story) -> None:
    assert _finish(house, talked, GRACE + timedelta(seconds=1)) is RecordingState.MISSING
    assert _state(house, talked).reason == "no_file"
    with pytest.raises(NotVisible):
        _open(house, talked)


@pytest.mark.parametrize(
    ("caller", "counselor", "reason"),
    [(1.0, 1.0, "short"), (5.0, 0.0, "one_side"), (0.0, 5.0, "one_side")],
)
def test_what_there_is_of_a_broken_recording_can_be_heard(
    house: House, talked: Story, caller: float, counselor: float, reason: str
) -> None:
    _record(talked.call_id, caller, counselor)
    assert _finish(house, talked, GRACE * 2) is RecordingState.BROKEN
    found = _state(house, talked)
    assert (found.reason, found.playable) == (reason, True)
    left, right, rate = heard(_open(house, talked))
    assert len(left) == len(right) == round(max(caller, counselor) * rate)
    assert (any(left), any(right)) == (caller > 0, counselor > 0)
    assert _spool(talked.call_id, "in").exists()


def test_rubbish_is_broken_and_kept(house: House, talked: Story) -> None:
    _record(talked.call_id)
    for side in ("in", "out"):
        _spool(talked.call_id, side).write_bytes(b"RIFF\x00rubbish")
    assert _finish(house, talked, GRACE * 2) is RecordingState.BROKEN
    assert (_state(house, talked).reason, _state(house, talked).playable) == ("unreadable", False)
    assert _spool(talked.call_id, "in").exists()


def test_a_file_whose_writer_was_killed_is_read_to_its_end(tmp_path: Path) -> None:
    path = tone(tmp_path / "a.wav", 400, 2)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = struct.pack("<I", 0)  # Asterisk fills the sizes in when it closes the file
    path.write_bytes(bytes(data) + b"\x01")
    joined = audio.join(audio.load(path), None, tmp_path / "b.wav", tmp_path / "scratch")
    assert joined.duration == timedelta(seconds=2)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"\x00" * 44,
        b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00" + b"\x00" * 24,
        b"ID3x" * 99,
    ],
)
def test_no_rubbish_gets_through_as_sound(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(BadAudio):
        audio.load(path)
    with pytest.raises(BadAudio):
        audio.load(tmp_path / "absent.wav")
    with pytest.raises(BadAudio):
        audio.join(None, None, tmp_path / "b.wav", tmp_path)


def test_sides_of_different_rates_are_joined_at_the_higher(tmp_path: Path) -> None:
    caller, counselor = tone(tmp_path / "a.wav", 400, 2), tone(tmp_path / "b.wav", 1000, 2, 16000)
    joined = audio.join(
        audio.load(caller), audio.load(counselor), tmp_path / "c" / "c.wav", tmp_path / "scratch"
    )
    left, right, rate = heard(tmp_path / "c" / "c.wav")
    assert (joined.duration, rate, len(left)) == (timedelta(seconds=2), 16000, 32000)
    assert frequency(left, rate) == pytest.approx(400, rel=0.02)
    assert frequency(right, rate) == pytest.approx(1000, rel=0.02)
    assert list((tmp_path / "scratch").iterdir()) == []


def test_the_sweep_finishes_what_a_lost_job_left(house: House, talked: Story) -> None:
    unheard = Story(at=NOON + timedelta(minutes=1)).answered_call()
    house.apply(unheard)
    _record(talked.call_id)
    scratch = settings().recordings_dir / ".parts"
    scratch.mkdir(parents=True)
    for name, age in (("old", 7200), ("new", 10)):
        (scratch / name).touch()
        then = unheard.at.timestamp() + 3600 - age
        os.utime(scratch / name, (then, then))
    recordings.sweep_all(house.db, unheard.at + timedelta(hours=1))
    assert (_state(house, talked).state, _state(house, unheard).state) == ("ready", "missing")
    assert [part.name for part in scratch.iterdir()] == ["new"]


def test_a_full_disk_for_one_call_does_not_stop_the_sweep(house: House, talked: Story) -> None:
    other = Story(at=NOON + timedelta(days=1)).answered_call(talk_seconds=4)
    house.apply(other)
    for story in (talked, other):
        _record(story.call_id)
    blocked = settings().recordings_dir / "2026" / "11" / "20"
    blocked.parent.mkdir(parents=True)
    blocked.touch()  # a file where the day's folder must be
    recordings.sweep()
    assert (_state(house, talked).state, _state(house, other).state) == ("pending", "ready")
    blocked.unlink()
    recordings.sweep()
    assert _state(house, talked).state == "ready"


def test_the_job_of_a_call_that_has_just_ended(house: House) -> None:
    story = Story(at=utc_now() - timedelta(seconds=20)).answered_call(talk_seconds=4)
    done = house.apply(story)
    (job,) = done[-1].jobs
    _record(story.call_id)
    assert job == ("intake.recordings.finish", story.call_id)
    recordings.finish(job[1])
    assert _state(house, story).state == "ready"
    recordings.finish("hn-1.unknown")


def test_a_call_id_that_is_no_file_name_reaches_no_file(house: House) -> None:
    story = Story(CallId("../../etc/passwd")).answered_call()
    house.apply(story)
    assert _finish(house, story, GRACE * 2) is RecordingState.MISSING


def test_who_may_play_a_recording_and_every_play_is_on_record(house: House, talked: Story) -> None:
    _record(talked.call_id)
    _finish(house, talked)
    with transaction(house.db) as session:
        recordings.open_recording(session, house.lead, talked.call_id, NOON)
        for stranger in (house.binh, house.far, house.far_lead, house.admin):
            with pytest.raises(NotVisible):
                recordings.open_recording(session, stranger, talked.call_id, NOON)
    with reading(house.db) as session:
        plays = session.execute(
            select(AuditRow.staff_id, AuditRow.object_id).where(AuditRow.act == "play")
        ).all()
    assert [tuple(play) for play in plays] == [(house.lead.staff_id, talked.call_id)]
    _open(house, talked).unlink()
    with pytest.raises(NotVisible):
        _open(house, talked)


def test_an_unanswered_call_has_no_recording(house: House) -> None:
    house.apply(Story().arrived().rang().stopped().ended())
    house.apply(Story().arrived().waiting())
    with reading(house.db) as session:
        assert [row.state for row in session.scalars(select(RecordingRow))] == ["pending"]

import math
import os
import random
import resource
import struct
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from sqlalchemy import select

from hotline import sealed
from hotline.access import Viewer
from hotline.audit import AuditRow
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import NotVisible
from hotline.ids import CallId
from hotline.sealed import KeyRing
from hotline.settings import settings
from intake.calls import calls
from intake.recordings import audio, recording_files, recording_work, recordings
from intake.recordings.audio import BadAudio, Sound
from intake.recordings.recording_files import Part, file_of
from intake.recordings.recording_work import GRACE
from intake.recordings.recordings import Playable, RecordingState, RecordingView
from intake.tables.recordings import RecordingRow
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


def heard(sound: Sound) -> tuple[list[int], list[int], int]:
    """Left and right samples, and the rate."""
    left, right = sound.samples.T.tolist()
    return left, right, sound.rate


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


@contextmanager
def audio_seen(path: Path) -> Iterator[bytes]:
    """Some samples of a raw file, to look for elsewhere when it is gone."""
    yield path.read_bytes()[4000:4400]
    assert not path.exists()


def _record(call_id: CallId, caller_seconds: float = 5, counselor_seconds: float = 5) -> None:
    tone(_spool(call_id, "in"), 400, caller_seconds)
    tone(_spool(call_id, "out"), 1000, counselor_seconds)
    tone(settings().spool_dir / f"{call_id}.wav", 700, 1)


def _finish(
    house: House, story: Story, after: timedelta = timedelta(seconds=1)
) -> RecordingState | None:
    return recording_work.finish_one(house.db, story.call_id, story.at + after)


def _state(house: House, story: Story) -> RecordingView:
    with transaction(house.db) as session:
        found = calls.call(session, house.an, story.call_id, NOON).recording
    assert found is not None
    return found


def _found(house: House, story: Story, viewer: Viewer | None = None) -> Playable:
    with reading(house.db) as session:
        return recordings.playable(session, viewer or house.an, story.call_id, NOON)


def _open(house: House, story: Story, part: Part = Part.ORIGINAL) -> Sound:
    """What a player is given."""
    with recordings.open_recording(_found(house, story), part) as file:
        return audio.read(b"".join(file.read(0, file.size)))


def test_caller_left_counselor_right(house: House, talked: Story) -> None:
    _record(talked.call_id, 5, 4.5)
    assert _finish(house, talked) is RecordingState.READY
    found = _state(house, talked)
    assert (found.state, found.duration) == ("ready", timedelta(seconds=5))
    left, right, rate = heard(_open(house, talked))
    assert (len(left), len(right), rate) == (5 * RATE, 5 * RATE, RATE)
    assert frequency(left, rate) == pytest.approx(400, rel=0.02)
    assert frequency(right[: 4 * RATE], rate) == pytest.approx(1000, rel=0.02)
    assert not any(right[round(4.5 * RATE) :])
    assert list(settings().spool_dir.iterdir()) == []
    small = _open(house, talked, Part.PLAYING)
    assert small.duration == timedelta(seconds=5)
    left, right, rate = heard(small)
    assert frequency(left, rate) == pytest.approx(400, rel=0.02)
    assert frequency(right[: 4 * RATE], rate) == pytest.approx(1000, rel=0.02)


def test_no_plain_sound_lies_on_the_disk(house: House, talked: Story) -> None:
    _record(talked.call_id)
    with audio_seen(_spool(talked.call_id, "in")) as seen:
        _finish(house, talked)
    kept = [file for file in settings().data.rglob("*") if file.is_file()]
    assert sorted(file.suffixes[-2:] for file in kept if "recordings" in file.parts) == [
        [".flac", ".sealed"],
        [".opus", ".sealed"],
    ]
    for file in kept:
        content = file.read_bytes()
        assert seen not in content
        assert not any(magic in content for magic in (b"fLaC", b"OpusHead", b"WAVEfmt"))


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
    assert (found.reason, found.sound is not None) == (reason, True)
    left, right, rate = heard(_open(house, talked))
    assert len(left) == len(right) == round(max(caller, counselor) * rate)
    assert (any(left), any(right)) == (caller > 0, counselor > 0)
    assert _spool(talked.call_id, "in").exists()


def test_rubbish_is_broken_and_kept(house: House, talked: Story) -> None:
    _record(talked.call_id)
    for side in ("in", "out"):
        _spool(talked.call_id, side).write_bytes(b"RIFF\x00rubbish")
    assert _finish(house, talked, GRACE * 2) is RecordingState.BROKEN
    assert (_state(house, talked).reason, _state(house, talked).sound) == ("unreadable", None)
    assert _spool(talked.call_id, "in").exists()


def test_a_file_whose_writer_was_killed_is_read_to_its_end(tmp_path: Path) -> None:
    path = tone(tmp_path / "a.wav", 400, 2)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = struct.pack("<I", 0)  # Asterisk fills the sizes in when it closes the file
    path.write_bytes(bytes(data) + b"\x01")
    joined = audio.join(audio.load(path), None)
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
        audio.join(None, None)


def test_sides_of_different_rates_are_joined_at_the_higher(tmp_path: Path) -> None:
    caller, counselor = tone(tmp_path / "a.wav", 400, 2), tone(tmp_path / "b.wav", 1000, 2, 16000)
    joined = audio.join(audio.load(caller), audio.load(counselor))
    left, right, rate = heard(joined)
    assert (joined.duration, rate, len(left)) == (timedelta(seconds=2), 16000, 32000)
    assert frequency(left, rate) == pytest.approx(400, rel=0.02)
    assert frequency(right, rate) == pytest.approx(1000, rel=0.02)


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
    recording_work.sweep_all(house.db, unheard.at + timedelta(hours=1))
    assert (_state(house, talked).state, _state(house, unheard).state) == ("ready", "missing")
    assert [part.name for part in scratch.iterdir()] == ["new"]


@contextmanager
def full_disk(most_bytes: int) -> Iterator[None]:
    """No file of this process grows beyond this: the kernel refuses the write, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def noise(path: Path, seconds: float) -> None:
    """A mono WAV that no coding makes small."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(random.Random(path.name).randbytes(round(seconds * RATE) * 2))


def test_a_full_disk_loses_no_recording(house: House) -> None:
    long = Story(at=NOON).answered_call(talk_seconds=40)
    short = Story(at=NOON + timedelta(days=1)).answered_call(talk_seconds=4)
    for story in (long, short):
        house.apply(story)
    for side in ("in", "out"):
        noise(_spool(long.call_id, side), 40)
    _record(short.call_id)
    raw = _spool(long.call_id, "in").read_bytes()
    with full_disk(1_100_000):
        recording_work.sweep()
        recording_work.finish(long.call_id)
    assert (_state(house, long).state, _state(house, short).state) == ("pending", "ready")
    assert _spool(long.call_id, "in").read_bytes() == raw
    assert list((settings().recordings_dir / ".parts").iterdir()) == []
    recording_work.sweep()
    assert _state(house, long).state == "ready"
    assert _open(house, long).samples[:, 0].tobytes() == raw[44:]


def test_a_disk_that_gives_back_something_else_is_not_believed(
    house: House, talked: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lying(plain: bytes, target: BinaryIO, ring: KeyRing, name: str) -> None:
        sealed.seal(plain[:-1] + b"x", target, ring, name)

    _record(talked.call_id)
    with monkeypatch.context() as patched:
        patched.setattr(recording_files, "seal", lying)
        recording_work.sweep()
    assert _state(house, talked).state == "pending"
    assert _spool(talked.call_id, "in").exists()
    recording_work.sweep()
    assert _state(house, talked).state == "ready"


def test_a_recording_longer_than_its_call_is_not_of_this_call_alone(house: House, talked: Story) -> None:
    _record(talked.call_id, 60, 60)
    assert _finish(house, talked, GRACE * 2) is RecordingState.BROKEN
    assert _state(house, talked).reason == "long"
    assert _spool(talked.call_id, "in").exists()


def test_a_recording_that_was_lost_afterwards_does_not_take_the_raw_one_along(
    house: House, talked: Story
) -> None:
    _record(talked.call_id)
    _finish(house, talked)
    _record(talked.call_id)
    file_of(_found(house, talked).path, Part.ORIGINAL).unlink()
    _finish(house, talked)
    assert _spool(talked.call_id, "in").exists()


@pytest.mark.parametrize("rate", [11025, 32000, 48000])
def test_any_rate_can_be_played(rate: int) -> None:
    second = np.full((rate, 2), 1000, np.int16)
    small = audio.read(audio.opus(Sound(second, rate)))
    assert small.duration == pytest.approx(timedelta(seconds=1), abs=timedelta(milliseconds=1))
    assert (audio.read(audio.flac(Sound(second, rate))).samples == second).all()


def test_the_job_of_a_call_that_has_just_ended(house: House) -> None:
    story = Story(at=utc_now() - timedelta(seconds=20)).answered_call(talk_seconds=4)
    done = house.apply(story)
    (job,) = done[-1].jobs
    _record(story.call_id)
    assert job == ("intake.recordings.recording_work.finish", story.call_id)
    recording_work.finish(job[1])
    assert _state(house, story).state == "ready"
    recording_work.finish("hn-1.unknown")


def test_a_call_id_that_is_no_file_name_reaches_no_file(house: House) -> None:
    story = Story(CallId("../../etc/passwd")).answered_call()
    house.apply(story)
    assert _finish(house, story, GRACE * 2) is RecordingState.MISSING


def test_who_may_play_a_recording(house: House, talked: Story) -> None:
    _record(talked.call_id)
    _finish(house, talked)
    _found(house, talked, house.lead)
    for stranger in (house.binh, house.far, house.far_lead, house.admin):
        with pytest.raises(NotVisible):
            _found(house, talked, stranger)
    file_of(_found(house, talked).path, Part.ORIGINAL).unlink()
    with pytest.raises(NotVisible):
        _open(house, talked)


def test_one_playing_in_many_parts_is_one_row(house: House, talked: Story) -> None:
    _record(talked.call_id)
    _finish(house, talked)
    later = recordings.ONE_PLAYING + timedelta(seconds=1)

    def part_asked_for(viewer: Viewer, now: datetime) -> None:
        with transaction(house.db) as session:
            recordings.note_playing(session, viewer, talked.call_id, now)

    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda second: part_asked_for(house.lead, NOON + timedelta(seconds=second)), range(16)
            )
        )
    part_asked_for(house.an, NOON)
    part_asked_for(house.lead, NOON + timedelta(seconds=15) + later)
    with reading(house.db) as session:
        plays = session.execute(
            select(AuditRow.staff_id, AuditRow.object_id).where(AuditRow.act == "play")
        ).all()
    assert sorted(tuple(play) for play in plays) == sorted(
        (viewer.staff_id, talked.call_id) for viewer in (house.lead, house.an, house.lead)
    )


def test_an_unanswered_call_has_no_recording(house: House) -> None:
    house.apply(Story().arrived().rang().stopped().ended())
    house.apply(Story().arrived().waiting())
    with reading(house.db) as session:
        assert [row.state for row in session.scalars(select(RecordingRow))] == ["pending"]

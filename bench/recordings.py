"""What recordings cost: the worker's time for a call, and reading sealed files against plain ones.

1. One call of ten minutes, joined, measured, coded, sealed, read back and verified, as the worker does
   it, on SQLite; in ratio to real time. What is spoken is made: turns of a voice-like sound with pauses.
2. Random ranges of 64 KiB out of that recording, sealed and plain in turn, from the page cache: what
   decryption adds to a player's request, without the web server.

    python -m bench.recordings [--minutes 10] [--reads 2000]
"""

import argparse
import os
import random
import resource
import statistics
import tempfile
import time
import wave
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench.times import at
from hotline import db, migrate
from hotline.sealed import CHUNK, SealedFile
from hotline.settings import settings
from intake.calls.calls import apply
from intake.recordings import audio, recording_work, recordings
from intake.recordings.loudness import Samples, measure
from intake.recordings.recording_files import Part, file_of, open_part, raw_files
from intake.tables.recordings import RecordingRow
from tests import factories
from tests.factories import Story

RATE = 8000


def voice(seconds: float, seed: int) -> Samples:
    """Turns of one to six seconds of a voice-like sound, and pauses with a line's noise."""
    chance = np.random.default_rng(seed)
    frames = round(seconds * RATE)
    time_line = np.arange(frames) / RATE
    pitch = 180 + 40 * np.sin(2 * np.pi * 0.7 * time_line) + 15 * seed
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sound = sum(np.sin(phase * harmonic) / harmonic for harmonic in range(1, 12))
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * time_line + seed), 0, 1)
    turns, speaking = np.zeros(frames), bool(seed % 2)
    place = 0
    while place < frames:
        length = round(chance.uniform(1, 6) * RATE)
        turns[place : place + length] = speaking
        place, speaking = place + length, not speaking
    noise = chance.normal(0, 40, frames)
    return np.round(4000 * sound * syllables * turns + noise).astype(np.int16)


def write(path: Path, samples: Samples) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def worker(minutes: float) -> recordings.Playable:
    """Print how long one call takes, in all and in its steps."""
    seconds = minutes * 60
    story = Story(at=datetime(2026, 11, 20, 5, tzinfo=UTC)).answered_call(talk_seconds=seconds)
    with db.transaction() as session:
        viewer = factories.counselor(session, "hn01", factories.center(session))
    for event in story.told:
        with db.transaction() as session:
            apply(session, event)
    raw = raw_files(story.call_id)
    for seed, file in enumerate(raw):
        write(file, voice(seconds, seed))
    size = sum(file.stat().st_size for file in raw)
    start = time.perf_counter()
    sound = audio.join(*(audio.load(file) for file in raw))
    loaded = time.perf_counter() - start
    began = time.process_time(), time.perf_counter()
    recording_work.finish(story.call_id)
    used, took = time.process_time() - began[0], time.perf_counter() - began[1]
    with db.reading() as session:
        found = recordings.playable(session, viewer, story.call_id, story.at)
        row = session.get_one(RecordingRow, story.call_id)
        assert row.state == "ready", row.reason
    print(f"\nthe worker, one call of {minutes:g} minutes, {size / 1e6:.1f} MB raw")
    print(f"whole                  {took:7.2f} s, {used:.2f} s CPU")
    print(f"ratio to real time     {took / seconds:9.4f}")
    print(f"  {'load and join':20} {loaded:7.2f} s")
    for name, step in (
        ("measure", lambda: measure(sound.samples, sound.rate)),
        ("FLAC", lambda: audio.flac(sound)),
        ("Opus", lambda: audio.opus(sound)),
    ):
        start = time.perf_counter()
        step()
        print(f"  {name:20} {time.perf_counter() - start:7.2f} s")
    for part in Part:
        kept = file_of(found.path, part).stat().st_size
        print(f"  {part:20} {kept / 1e6:7.2f} MB   {kept / size:.3f} of the raw")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  memory at its highest {peak:6.0f} MB, of this whole process")
    return found


def ranges(found: recordings.Playable, reads: int) -> None:
    """Print both, and their ratio. They take turns, read by read."""
    with open_part(found.call_id, found.path, Part.ORIGINAL) as file:
        content = b"".join(file.read(0, file.size))
    plain = settings().data / "plain"
    plain.write_bytes(content)
    chance = random.Random(1)
    times: dict[str, list[float]] = {"sealed": [], "plain": []}
    for _ in range(reads):
        start = chance.randrange(max(1, len(content) - CHUNK))
        wanted = content[start : start + CHUNK]
        began = time.perf_counter()
        with open_part(found.call_id, found.path, Part.ORIGINAL) as file:
            got = _read(file, start)
        times["sealed"].append(time.perf_counter() - began)
        assert got == wanted
        began = time.perf_counter()
        with plain.open("rb") as opened:
            opened.seek(start)
            got = opened.read(CHUNK)
        times["plain"].append(time.perf_counter() - began)
        assert got == wanted
    print(f"\nranges of {CHUNK // 1024} KiB, opened for each read, {reads} reads each")
    print(f"{'':12}{'median':>10}{'p95':>10}  microseconds")
    for name, taken in times.items():
        print(f"{name:12}{1e6 * statistics.median(taken):10.0f}{1e6 * at(0.95, taken):10.0f}")
    sealed, bare = (statistics.median(taken) for taken in times.values())
    print(
        f"ratio of medians, sealed / plain: {sealed / bare:.1f}; {CHUNK / sealed / 1e6:.0f} MB/s sealed"
    )


def _read(file: SealedFile, start: int) -> bytes:
    return b"".join(file.read(start, start + CHUNK))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=10, help="of the call, at most 120")
    parser.add_argument("--reads", type=int, default=2000, help="ranges, at most 100000")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="td-bench-") as folder:
        os.environ["TONGDAI_DATA"] = folder
        os.environ["TONGDAI_DATABASE_URL"] = ""
        settings.cache_clear()
        migrate.prepare()
        found = worker(min(given.minutes, 120))
        ranges(found, min(given.reads, 100_000))


if __name__ == "__main__":
    main()

"""What a recording sounds like, in numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.recordings.loudness import SILENCE_DB, WAVE_STEPS, Samples, measure

RATE = 8000


def tone(seconds: float, db: float = -20) -> Samples:
    """One side: a sine whose RMS is `db` dBFS."""
    peak = 32768 * 10 ** (db / 20) * math.sqrt(2)
    wave = peak * np.sin(2 * np.pi * 400 * np.arange(round(seconds * RATE)) / RATE)
    return np.round(wave).astype(np.int16)


def quiet(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.int16)


def both(caller: Samples, counselor: Samples) -> Samples:
    return np.stack([caller, counselor], 1)


def test_each_side_has_its_level() -> None:
    found = measure(both(tone(5, -20), tone(5, -30)), RATE)
    assert (found.caller.level_db, found.counselor.level_db) == (-20, -30)
    assert (found.caller.silent, found.counselor.silent) == (0, 0)
    assert found.silences == ()


def test_the_level_is_of_what_is_said_not_of_the_pauses() -> None:
    caller = np.concatenate([tone(2), quiet(8)])
    found = measure(both(caller, quiet(10)), RATE)
    assert found.caller.level_db == -20
    assert found.caller.silent == pytest.approx(0.8)
    assert (found.counselor.level_db, found.counselor.silent) == (None, 1)


def test_only_where_neither_speaks_is_skipped_and_no_word_is_cut() -> None:
    caller = np.concatenate([tone(2), quiet(10), tone(2), quiet(6)])
    counselor = np.concatenate([quiet(6), tone(1), quiet(13)])
    found = measure(both(caller, counselor), RATE)
    assert found.silences == ((2250, 5750), (7250, 11750), (14250, 20000))


def test_a_pause_for_breath_is_no_silence() -> None:
    side = np.concatenate([tone(1), quiet(2.3), tone(1)])
    assert measure(both(side, side), RATE).silences == ()


def test_a_whisper_is_not_silence() -> None:
    found = measure(both(tone(5, SILENCE_DB + 2), quiet(5)), RATE)
    assert (found.caller.silent, found.silences) == (0, ())


def test_the_picture_shows_who_spoke_when() -> None:
    found = measure(both(np.concatenate([tone(30), quiet(30)]), tone(60, -40)), RATE)
    half = WAVE_STEPS // 2
    assert len(found.caller.peaks) == len(found.counselor.peaks) == WAVE_STEPS
    assert min(found.caller.peaks[:half]) > 2 * max(found.counselor.peaks)
    assert set(found.caller.peaks[half:]) == {0}


def test_the_loudest_there_is() -> None:
    loud = np.tile(np.array([-32768, 32767], np.int16), RATE)
    found = measure(both(loud, loud), RATE)
    assert (found.caller.level_db, set(found.caller.peaks)) == (0, {255})


@given(frames=st.integers(0, 3000), rate=st.sampled_from([8000, 11025, 16000, 48000]))
def test_any_length_can_be_measured(frames: int, rate: int) -> None:
    found = measure(np.full((frames, 2), 1000, np.int16), rate)
    assert 1 <= len(found.caller.peaks) == len(found.counselor.peaks) <= WAVE_STEPS
    assert 0 <= found.caller.silent <= 1

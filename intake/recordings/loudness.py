"""What a recording sounds like, in numbers: level and silence of each side, the wave picture. Pure.

Levels are dBFS: 0 is the loudest a 16-bit sample can be. Silence is under −50: a child who whispers far
from the telephone is around −45, and skipping a whisper would be worse than playing a noisy line.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
"""Shape (frames, 2): caller, counselor."""

SILENCE_DB = -50
WAVE_STEPS = 600
"""Steps of the wave picture, fewer for a recording of under twelve seconds."""
_FRAME_SECONDS = 0.02
_SHORTEST_SILENCE = 2.0
_MARGIN = 0.25
"""Seconds left of a silence before and after speech, so that skipping cuts no word."""
_FULL = 32768.0


@dataclass(frozen=True, slots=True)
class SideLoudness:
    """One side. `peaks`: a byte for each step, 0 is silence and 255 is 0 dBFS, linear in dB."""

    level_db: int | None
    """Of what is no silence; None when there is nothing else."""
    silent: float
    """Share of the whole, 0 to 1."""
    peaks: bytes


@dataclass(frozen=True, slots=True)
class Loudness:
    """Both sides; `silences`: (from, to) in milliseconds, where neither says anything for a while."""

    caller: SideLoudness
    counselor: SideLoudness
    silences: tuple[tuple[int, int], ...]


def measure(samples: Samples, rate: int) -> Loudness:
    """Measure in frames of 20 ms. `rate`: samples a second."""
    length = max(1, round(rate * _FRAME_SECONDS))
    missing = -len(samples) % length if len(samples) else length
    padded = np.pad(samples, ((0, missing), (0, 0)))
    frames = padded.reshape(-1, length, 2)
    power = np.einsum("fns,fns->fs", frames, frames, dtype=np.float64) / length / _FULL**2
    peak = np.maximum(frames.max(axis=1), -frames.min(axis=1).astype(np.int32)) / _FULL
    silent = _decibel(power, 10) < SILENCE_DB
    caller, counselor = (_side(power[:, side], peak[:, side], silent[:, side]) for side in (0, 1))
    return Loudness(caller, counselor, _silences(silent[:, 0] & silent[:, 1]))


def _decibel(of: NDArray[np.float64], factor: int) -> NDArray[np.float64]:
    """`factor`: 10 for a power, 20 for an amplitude."""
    found: NDArray[np.float64] = factor * np.log10(np.maximum(of, 1e-12))
    return found


def _side(
    power: NDArray[np.float64], peak: NDArray[np.float64], silent: NDArray[np.bool_]
) -> SideLoudness:
    heard = power[~silent]
    starts = np.linspace(0, len(peak), min(WAVE_STEPS, len(peak)), endpoint=False).astype(np.intp)
    steps = np.clip(1 - _decibel(np.maximum.reduceat(peak, starts), 20) / SILENCE_DB, 0, 1)
    return SideLoudness(
        level_db=round(float(_decibel(heard.mean(keepdims=True), 10)[0])) if heard.size else None,
        silent=float(silent.mean()),
        peaks=np.round(steps * 255).astype(np.uint8).tobytes(),
    )


def _silences(silent: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    edges = np.flatnonzero(np.diff(silent.astype(np.int8), prepend=0, append=0)) * _FRAME_SECONDS
    whole = len(silent) * _FRAME_SECONDS
    begins = np.where(edges[::2] > 0, edges[::2] + _MARGIN, 0)
    ends = np.where(edges[1::2] < whole, edges[1::2] - _MARGIN, whole)
    return tuple(
        (round(begin * 1000), round(end * 1000))
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
        if end - begin >= _SHORTEST_SILENCE
    )

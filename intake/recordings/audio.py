"""The two sides of a call as sound: read, joined, written as FLAC and Opus. The only user of pydub and
soundfile. Asterisk writes one mono WAV per side; left becomes the caller, right the counselor.

FLAC keeps every sample: it is the evidence. Opus is for listening: a tenth of the size, made by
libsndfile, which the package brings along, so that nothing need be installed beside.
"""

import io
import warnings
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import soundfile

from hotline.errors import BadInput
from intake.recordings.loudness import Samples

with warnings.catch_warnings():
    # Without ffmpeg pydub warns at import; WAV needs none. On 3.11 it also imports deprecated audioop.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment
    from pydub.audio_segment import fix_wav_headers

_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
_OPUS_SQUEEZE = 0.97
"""libsndfile: 256 kbit/s and side at 0, 6 at 1; this is about 13, plenty for a telephone."""


class BadAudio(BadInput):
    """A side's file is absent, empty, cut off within its header, or no WAV."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side, mono, 16 bits a sample."""

    audio: AudioSegment

    @property
    def duration(self) -> timedelta:
        return timedelta(seconds=self.audio.frame_count() / self.audio.frame_rate)


@dataclass(frozen=True, slots=True)
class Sound:
    """Both sides together."""

    samples: Samples
    rate: int
    """Samples a second."""

    @property
    def duration(self) -> timedelta:
        return timedelta(seconds=len(self.samples) / self.rate)


def load(path: Path) -> Side:
    """Read one side. A header that was never completed (its writer was killed) is read to the file's
    end. Raises BadAudio.
    """
    try:
        data = bytearray(path.read_bytes())
        del data[len(data) & ~1 :]
        fix_wav_headers(data)
        audio = AudioSegment(bytes(data)).set_channels(1).set_sample_width(2)
        frames = audio.frame_count()
    except Exception as error:  # pydub raises whatever its parsing stumbles over
        raise BadAudio(type(error).__name__) from error
    if not frames:
        raise BadAudio("empty")
    return Side(audio)


def join(caller: Side | None, counselor: Side | None, message: Side | None = None) -> Sound:
    """Both sides at the highest of the rates; what is missing or shorter is silence. A message that the
    caller left while they waited comes first. Raises BadAudio when there is nothing.
    """
    there = [side.audio for side in (caller, counselor, message) if side is not None]
    if not there:
        raise BadAudio("no side")
    rate = max(audio.frame_rate for audio in there)
    before = _at(message, rate)
    sides = [_at(side, rate) for side in (caller, counselor)]
    joined = np.zeros((len(before) + max(map(len, sides)), 2), np.int16)
    joined[: len(before), 0] = before
    for column, side in enumerate(sides):
        joined[len(before) : len(before) + len(side), column] = side
    return Sound(joined, rate)


def _at(side: Side | None, rate: int) -> Samples:
    raw = side.audio.set_frame_rate(rate).raw_data if side else b""
    return np.frombuffer(raw, np.int16)


def flac(sound: Sound) -> bytes:
    """Every sample, in about half the size."""
    return _written(sound, "FLAC", "PCM_16")


def opus(sound: Sound) -> bytes:
    """Small, for listening: Opus in Ogg. A rate that Opus has not is changed to 16 kHz."""
    if sound.rate not in _OPUS_RATES:
        raw = sound.samples.tobytes()
        other = AudioSegment(raw, sample_width=2, frame_rate=sound.rate, channels=2).set_frame_rate(
            16000
        )
        sound = Sound(np.frombuffer(other.raw_data, np.int16).reshape(-1, 2), 16000)
    return _written(sound, "OGG", "OPUS", compression_level=_OPUS_SQUEEZE)


def _written(sound: Sound, container: str, coding: str, **how: float) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, sound.samples, sound.rate, format=container, subtype=coding, **how)
    return out.getvalue()


def read(content: bytes) -> Sound:
    """What `flac` or `opus` wrote. Raises BadAudio."""
    try:
        samples, rate = soundfile.read(io.BytesIO(content), dtype="int16", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise BadAudio("unreadable") from error
    return Sound(samples, rate)

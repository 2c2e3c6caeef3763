"""Joining the two sides of a call into one file to listen to. The only user of pydub.

Asterisk writes one mono WAV per side. Left is the caller, right the counselor.
"""

import warnings
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from hotline.errors import BadInput

with warnings.catch_warnings():
    # Without ffmpeg pydub warns at import; WAV needs none. On 3.11 it also imports deprecated audioop.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment
    from pydub.audio_segment import fix_wav_headers


class BadAudio(BadInput):
    """A side's file is absent, empty, cut off within its header, or no WAV."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side, mono, 16 bits a sample."""

    audio: AudioSegment


@dataclass(frozen=True, slots=True)
class Joined:
    duration: timedelta
    size: int
    """Bytes."""


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


def join(caller: Side | None, counselor: Side | None, target: Path, scratch: Path) -> Joined:
    """Write `target` as a two-channel WAV, whole or not at all; what is missing or shorter is silence.

    `scratch` is a folder on the same file system as `target`. Raises BadAudio when there is no side,
    and OSError when the disk does not take it.
    """
    there = [side.audio for side in (caller, counselor) if side is not None]
    if not there:
        raise BadAudio("no side")
    rate = max(audio.frame_rate for audio in there)
    frames = max(int(audio.set_frame_rate(rate).frame_count()) for audio in there)
    stereo = AudioSegment.from_mono_audiosegments(
        _filled(caller, rate, frames), _filled(counselor, rate, frames)
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=scratch, suffix=".wav", delete=False) as part:
        temporary = Path(part.name)
    try:
        stereo.export(temporary, format="wav").close()
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return Joined(timedelta(seconds=frames / rate), target.stat().st_size)


def _filled(side: Side | None, rate: int, frames: int) -> AudioSegment:
    sound = side.audio.set_frame_rate(rate).raw_data if side else b""
    return AudioSegment(data=sound.ljust(frames * 2, b"\0"), sample_width=2, frame_rate=rate, channels=1)

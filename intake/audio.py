"""Joining the two sides of a call into one file to listen to. The only user of pydub.

Asterisk writes one mono WAV per side. Left is the caller, right the counselor.
"""

import warnings
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from hotline.errors import BadInput

with warnings.catch_warnings():
    # Without ffmpeg pydub warns at import; WAV needs none. On 3.11 it also imports deprecated audioop.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment
    from pydub.exceptions import CouldntDecodeError


class BadAudio(BadInput):
    """A side's file is empty, cut off within its header, or no WAV."""


@dataclass(frozen=True, slots=True)
class Joined:
    duration: timedelta
    size: int
    """Bytes."""


def join(caller: Path, counselor: Path, target: Path) -> Joined:
    """Write `target` as a two-channel WAV, atomically; the shorter side ends in silence.

    Raises BadAudio, and OSError when the disk does not take it.
    """
    left, right = _side(caller), _side(counselor)
    rate = max(left.frame_rate, right.frame_rate)
    left, right = left.set_frame_rate(rate), right.set_frame_rate(rate)
    frames = max(int(left.frame_count()), int(right.frame_count()))
    stereo = AudioSegment.from_mono_audiosegments(_padded(left, frames), _padded(right, frames))
    target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, prefix=".", suffix=".part", delete=False) as part:
        temporary = Path(part.name)
    try:
        stereo.export(temporary, format="wav").close()
        temporary.replace(target)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
    return Joined(timedelta(seconds=frames / rate), target.stat().st_size)


def _side(path: Path) -> AudioSegment:
    """One mono side in 16 bits."""
    try:
        side = AudioSegment.from_file(path, format="wav")
    except (CouldntDecodeError, EOFError, IndexError, ValueError, FileNotFoundError) as error:
        raise BadAudio(type(error).__name__) from error
    return side.set_channels(1).set_sample_width(2)


def _padded(side: AudioSegment, frames: int) -> AudioSegment:
    missing = frames - int(side.frame_count())
    return side._spawn(side.raw_data + b"\0" * (missing * side.frame_width))

"""What callers are told: the prompts of asterisk-conf/sounds, or recordings of the same names.

A recording is a WAV file of 8 kHz, 16 bit, one channel, in the folder `prompts` beside the site's
configuration. Asterisk finds both kinds through links, so a new one is heard from the next time on.
"""

import wave
from collections.abc import Iterator
from pathlib import Path

from hotline.settings import ROOT, Settings

GENERATED = ROOT / "asterisk-conf" / "sounds" / "vi111"
_FORMAT = (1, 2, 8000)
"""Channels, bytes a sample, samples a second: what Asterisk plays from a .wav."""


def folder(settings: Settings) -> Path:
    """Where recordings are put."""
    return settings.pbx_dir / "prompts"


def sounds(settings: Settings) -> Path:
    """Where Asterisk looks."""
    return settings.pbx_dir / "lib" / "sounds"


def link(settings: Settings) -> None:
    """Make Asterisk play the recordings there are, and the generated prompts otherwise."""
    folder(settings).mkdir(parents=True, exist_ok=True)
    place = sounds(settings) / "vi111"
    if sounds(settings).is_symlink():
        sounds(settings).unlink()
    place.mkdir(parents=True, exist_ok=True)
    for generated in GENERATED.glob("*.wav"):
        recorded = folder(settings) / generated.name
        _point(place / generated.name, recorded.absolute() if is_usable(recorded) else generated)


def _point(place: Path, target: Path) -> None:
    """Never without a target, not even for a moment: a caller may be listening."""
    if place.is_symlink() and place.readlink() == target:
        return
    draft = place.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(place)


def is_usable(recording: Path) -> bool:
    """Whether Asterisk can play it."""
    try:
        with wave.open(str(recording), "rb") as file:
            said = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            return said == _FORMAT and file.getnframes() > 0
    except (OSError, wave.Error, EOFError):
        return False


def misplaced(settings: Settings) -> Iterator[Path]:
    """Files among the recordings that are not played: another format, or a name that no prompt has."""
    for file in sorted(folder(settings).glob("*")):
        if not (GENERATED / file.name).is_file() or not is_usable(file):
            yield file

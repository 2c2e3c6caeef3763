"""Where recordings lie and how they are kept: sealed, read back, and only then believed.

A recording is two sealed files beside each other: the original with every sample, and a small one to
play. No plain sound of a finished call is ever written to a disk.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Protocol

from hotline.clock import local
from hotline.errors import HotlineError
from hotline.ids import CallId
from hotline.keyring import recording_keys
from hotline.sealed import HEADER_BYTES, KeyRing, SealedFile, key_id, rewrapped, seal
from hotline.settings import settings

_SCRATCH = ".parts"
_SCRATCH_LIFE = timedelta(hours=1)


class Part(StrEnum):
    """One of a recording's two files."""

    ORIGINAL = "original"
    PLAYING = "playing"


_RAW_END = re.compile(r"(-in|-out|-msg)?\.wav$")
_SUFFIX = {Part.ORIGINAL: ".flac.sealed", Part.PLAYING: ".opus.sealed"}


class NotKept(HotlineError):
    """What was read back from the disk is not what was written."""


def stem(call_id: CallId, arrived_at: datetime) -> str:
    """Where the files of a call lie, relative to the recordings folder, without their suffixes."""
    return f"{local(arrived_at):%Y/%m/%d}/{call_id}"


def file_of(path: str, part: Part) -> Path:
    """`path`: the stem as the database knows it."""
    return settings().recordings_dir / f"{path}{_SUFFIX[part]}"


def _name(call_id: str, part: Part) -> str:
    """What the seal is bound to."""
    return f"{call_id}/{part}"


def open_part(call_id: str, path: str, part: Part) -> SealedFile:
    """Raises SealBroken, KeyUnknown, OSError, SetupError."""
    return SealedFile(file_of(path, part), recording_keys(settings()), _name(call_id, part))


class Shelf(Protocol):
    """Where a center's finished recordings are kept: its own disk, or at headquarters."""

    def keep(self, call_id: CallId, path: str, part: Part, content: bytes) -> str:
        """Seal `content` and keep it, whole or not at all; gives the key's id.

        Raises OSError when the disk does not take it, NotKept, SetupError, Unavailable.
        """

    def has(self, call_id: CallId, path: str) -> bool:
        """Whether the original is kept."""


class OwnDisk:
    """This machine's recordings folder."""

    def keep(self, call_id: CallId, path: str, part: Part, content: bytes) -> str:
        with sealed_draft(call_id, part, content) as (draft, key):
            put(draft, path, part)
        return key

    def has(self, call_id: CallId, path: str) -> bool:
        return file_of(path, Part.ORIGINAL).exists()


@contextmanager
def sealed_draft(call_id: CallId, part: Part, content: bytes) -> Iterator[tuple[Path, str]]:
    """`content` sealed in a draft, read back from the disk, and the key's id. Raises as `Shelf.keep`."""
    ring = recording_keys(settings())
    name = _name(call_id, part)
    with new_draft() as draft:
        with draft.open("wb") as file:
            seal(content, file, ring, name)
            to_disk(file)
        with SealedFile(draft, ring, name) as kept:
            if b"".join(kept.read(0, kept.size)) != content:
                raise NotKept(part)
        yield draft, ring[0].id


def opens(draft: Path, call_id: str, part: Part) -> None:
    """Read a sealed draft from beginning to end. Raises SealBroken, KeyUnknown, OSError, SetupError."""
    with SealedFile(draft, recording_keys(settings()), _name(call_id, part)) as file:
        for _ in file.read(0, file.size):
            pass


def put(draft: Path, path: str, part: Part) -> None:
    """Move a draft to its place, over what may be there. Raises OSError."""
    target = file_of(path, part)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(target)
    _sync_folder(target.parent)


def rewrap(call_id: str, path: str, part: Part, ring: KeyRing) -> None:
    """Have the file's data key wrapped by the newest key. Done already: nothing happens.

    The rest is copied as it is, so that a crash leaves the old file or the new one. Raises SealBroken,
    KeyUnknown, OSError.
    """
    target = file_of(path, part)
    name = _name(call_id, part)
    with target.open("rb") as old:
        header = old.read(HEADER_BYTES)
        if key_id(header) == ring[0].id:
            return
        with new_draft() as draft:
            with draft.open("wb") as new:
                new.write(rewrapped(header, ring, name))
                while piece := old.read(1 << 20):
                    new.write(piece)
                to_disk(new)
            SealedFile(draft, ring, name).close()
            put(draft, path, part)


@contextmanager
def new_draft() -> Iterator[Path]:
    """A file in the scratch folder that is gone afterwards, unless it was moved."""
    folder = settings().recordings_dir / _SCRATCH
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, suffix=".sealed", delete=False) as file:
        path = Path(file.name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def to_disk(file: IO[bytes]) -> None:
    """Write through, and forget what is cached: reading back asks the disk."""
    file.flush()
    os.fsync(file.fileno())
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clear_scratch(now: datetime) -> None:
    """Drop what killed workers left half-written."""
    for part in (settings().recordings_dir / _SCRATCH).glob("*"):
        with suppress(FileNotFoundError):
            if now.timestamp() - part.stat().st_mtime > _SCRATCH_LIFE.total_seconds():
                part.unlink()


def raw_files(call_id: CallId) -> tuple[Path, Path]:
    """The two sides as Asterisk leaves them: caller, counselor."""
    spool = settings().spool_dir
    return spool / f"{call_id}-in.wav", spool / f"{call_id}-out.wav"


def message_file(call_id: CallId) -> Path:
    """What a caller said when nobody could answer."""
    return settings().spool_dir / f"{call_id}-msg.wav"


def drop_raw(call_id: CallId) -> None:
    """Drop sides and message, and the mixed file that MixMonitor cannot be told to leave out."""
    for file in (*raw_files(call_id), message_file(call_id), settings().spool_dir / f"{call_id}.wav"):
        file.unlink(missing_ok=True)


def raw_of_every_call() -> dict[CallId, list[Path]]:
    """What lies in the spool, by call."""
    found: dict[CallId, list[Path]] = {}
    for file in settings().spool_dir.glob("*.wav"):
        found.setdefault(CallId(_RAW_END.sub("", file.name)), []).append(file)
    return found

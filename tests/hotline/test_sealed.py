"""A sealed file gives back what went in, in any part; every change to it is noticed."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import keyring
from hotline.errors import SetupError
from hotline.sealed import (
    CHUNK,
    HEADER_BYTES,
    Key,
    KeyUnknown,
    SealBroken,
    SealedFile,
    key_id,
    rewrapped,
    seal,
)
from hotline.settings import Settings

NAME = "hn-1700000000.1/original"
OLD, NEW = Key(bytes(32)), Key(bytes(range(32)))
TAG = 16
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 77)


def sealed(plain: bytes, *, ring: tuple[Key, ...] = (NEW,), name: str = NAME) -> bytes:
    out = io.BytesIO()
    seal(plain, out, ring, name)
    return out.getvalue()


def opened(path: Path, content: bytes, *, ring: tuple[Key, ...] = (NEW,), name: str = NAME) -> bytes:
    path.write_bytes(content)
    with SealedFile(path, ring, name) as file:
        return b"".join(file.read(0, file.size))


def stuff(size: int) -> bytes:
    return bytes(index * 7 % 251 for index in range(size))


@pytest.mark.parametrize("size", SIZES)
def test_what_went_in_comes_out(tmp_path: Path, size: int) -> None:
    content = sealed(stuff(size))
    assert opened(tmp_path / "a", content) == stuff(size)
    assert len(content) == HEADER_BYTES + size + TAG * max(1, -(-size // CHUNK))
    assert size < 16 or stuff(size)[:16] not in content


@given(start=st.integers(0, 3 * CHUNK), length=st.integers(0, 2 * CHUNK))
def test_any_part_can_be_read_alone(
    tmp_path_factory: pytest.TempPathFactory, start: int, length: int
) -> None:
    plain = stuff(2 * CHUNK + 500)
    path = tmp_path_factory.getbasetemp() / "parts"
    if not path.exists():
        path.write_bytes(sealed(plain))
    with SealedFile(path, (NEW,), NAME) as file:
        assert b"".join(file.read(start, start + length)) == plain[start : start + length]


def test_the_same_sound_twice_is_not_the_same_file() -> None:
    assert sealed(b"hello") != sealed(b"hello")


def _flip(at: int) -> Callable[[bytes], bytes]:
    def flip(content: bytes) -> bytes:
        changed = bytearray(content)
        changed[at] ^= 1
        return bytes(changed)

    return flip


_BODY = HEADER_BYTES
_CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing left": lambda content: b"",
    "half a header": lambda content: content[: HEADER_BYTES // 2],
    "only a header": lambda content: content[:HEADER_BYTES],
    "other magic": _flip(0),
    "other nonce": _flip(20),
    "other wrapped key": _flip(HEADER_BYTES - 1),
    "one bit of the first chunk": _flip(_BODY + 5),
    "one bit of the last tag": _flip(-1),
    "cut off inside a chunk": lambda content: content[:-100],
    "cut off between chunks": lambda content: content[: _BODY + 2 * (CHUNK + TAG)],
    "longer": lambda content: content + b"x",
    "longer by a tag": lambda content: content + content[-TAG:],
    "first chunk left out": lambda content: content[:_BODY] + content[_BODY + CHUNK + TAG :],
    "two chunks exchanged": lambda content: (
        content[:_BODY]
        + content[_BODY + CHUNK + TAG : _BODY + 2 * (CHUNK + TAG)]
        + content[_BODY : _BODY + CHUNK + TAG]
        + content[_BODY + 2 * (CHUNK + TAG) :]
    ),
    "chunks of another file": lambda content: content[:_BODY] + sealed(stuff(2 * CHUNK + 500))[_BODY:],
    "plain sound": lambda content: b"OggS" + bytes(500),
}


@pytest.mark.parametrize("change", _CHANGES)
def test_every_change_is_noticed(tmp_path: Path, change: str) -> None:
    content = _CHANGES[change](sealed(stuff(2 * CHUNK + 500)))
    with pytest.raises(SealBroken):
        opened(tmp_path / "a", content)


@pytest.mark.parametrize("change", ["cut off between chunks", "longer", "other wrapped key"])
def test_a_file_that_was_cut_off_does_not_even_open(tmp_path: Path, change: str) -> None:
    (tmp_path / "a").write_bytes(_CHANGES[change](sealed(stuff(2 * CHUNK + 500))))
    with pytest.raises(SealBroken):
        SealedFile(tmp_path / "a", (NEW,), NAME)


def test_two_calls_recordings_cannot_be_exchanged(tmp_path: Path) -> None:
    with pytest.raises(SealBroken):
        opened(tmp_path / "a", sealed(b"hello", name="hn-1.2/original"))


def test_no_file_is_left_open_by_a_refusal(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for change in _CHANGES.values():
        with pytest.raises(SealBroken):
            opened(tmp_path / "a", change(sealed(stuff(2 * CHUNK + 500))))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_an_old_key_opens_and_the_newest_seals(tmp_path: Path) -> None:
    old = sealed(b"hello", ring=(OLD,))
    assert opened(tmp_path / "a", old, ring=(NEW, OLD)) == b"hello"
    assert key_id(sealed(b"hello", ring=(NEW, OLD))) == NEW.id
    with pytest.raises(KeyUnknown, match=OLD.id):
        opened(tmp_path / "a", old, ring=(NEW,))


def test_rewrapping_changes_the_header_alone(tmp_path: Path) -> None:
    old = sealed(stuff(CHUNK + 5), ring=(OLD,))
    header = rewrapped(old[:HEADER_BYTES], (NEW, OLD), NAME)
    assert (len(header), key_id(header)) == (HEADER_BYTES, NEW.id)
    assert opened(tmp_path / "a", header + old[HEADER_BYTES:]) == stuff(CHUNK + 5)
    with pytest.raises(SealBroken):
        rewrapped(old[:HEADER_BYTES], (NEW, OLD), "another name")


def test_a_key_does_not_show_itself() -> None:
    assert "bytes" not in repr(NEW)
    assert repr(NEW.secret)[2:10] not in repr(NEW)


def test_an_installation_makes_its_own_key_once(settings: Callable[[], Settings]) -> None:
    (made,) = keyring.recording_keys(settings())
    assert keyring.recording_keys(settings()) == [made]
    file = settings().secrets_dir / "recording_keys"
    assert file.stat().st_mode & 0o077 == 0
    newer = keyring.add_to_file(settings())
    assert keyring.recording_keys(settings()) == [newer, made]
    assert file.stat().st_mode & 0o077 == 0


def test_keys_from_the_settings(
    settings: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = keyring.new_key(), keyring.new_key()
    monkeypatch.setenv("TONGDAI_RECORDING_KEYS", f"{one}, {two}")
    assert len({key.id for key in keyring.recording_keys(settings())}) == 2
    assert not settings().secrets_dir.exists()


@pytest.mark.parametrize("keys", ["short", "{0},{0}", "{0}x", "{0},*"])
def test_keys_that_are_none(
    settings: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    key = keyring.new_key()
    monkeypatch.setenv("TONGDAI_RECORDING_KEYS", keys.format(key))
    with pytest.raises(SetupError) as raised:
        keyring.recording_keys(settings())
    assert key not in str(raised.value)

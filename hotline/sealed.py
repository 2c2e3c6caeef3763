"""Sealed files: encrypted at rest, read by range, and every change to them is noticed.

    header   magic, version and chunk size · id of the wrapping key · nonce · wrapped data key
    chunks   64 KiB of plain text each, AES-256-GCM: its cipher text, then 16 bytes of tag

Every file has a random data key, wrapped by the newest key of the key ring; so a nonce is just the
chunk's number, and changing the key ring rewrites the header alone. The nonce also says whether the
chunk is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): chunks that
were cut off, moved or brought in from elsewhere do not open. The wrapping is bound to the file's name
as its owner knows it, so that two files cannot be exchanged. Why so: docs/adr/0006-sealed-recordings.md.

The only user of `cryptography`.
"""

import hmac
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hotline.errors import HotlineError, Unavailable

CHUNK = 1 << 16
"""Bytes of plain text in every chunk but the last."""
_FORMAT = b"td111seal\x01" + CHUNK.bit_length().to_bytes(1, "big")
_KEY_BYTES = 32
_TAG = 16
_HEADER = struct.Struct(f">{len(_FORMAT)}s8s12s{_KEY_BYTES + _TAG}s")


class SealBroken(HotlineError):
    """The file was changed, cut off, exchanged, or is no sealed file."""


class KeyUnknown(Unavailable):
    """No key of the ring opens this file: its id is `key_id`."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"no key with the id {key_id} is in the key ring")


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """One wrapping key. Its `id` tells nothing about it and may be logged."""

    secret: bytes

    def __post_init__(self) -> None:
        if len(self.secret) != _KEY_BYTES:
            raise ValueError(f"a key has {_KEY_BYTES} bytes")

    @property
    def id(self) -> str:
        return sha256(b"tongdai111 key id" + self.secret).hexdigest()[:16]


KeyRing = Sequence[Key]
"""Newest first: the first one seals, all of them open."""


def seal(plain: bytes | memoryview, target: BinaryIO, ring: KeyRing, name: str) -> None:
    """Write `plain` to `target` so that only a holder of the ring, asking for `name`, reads it."""
    data_key = os.urandom(_KEY_BYTES)
    target.write(_header(data_key, ring[0], name))
    aead = AESGCM(data_key)
    last = max(0, -(-len(plain) // CHUNK) - 1)
    for number in range(last + 1):
        chunk = plain[number * CHUNK : (number + 1) * CHUNK]
        target.write(aead.encrypt(_nonce(number, last=number == last), chunk, None))


def sealed_bytes(plain: bytes, ring: KeyRing, name: str) -> bytes:
    """What `seal` writes, when it fits into memory."""
    target = BytesIO()
    seal(plain, target, ring, name)
    return target.getvalue()


def unseal(sealed: bytes, ring: KeyRing, name: str) -> bytes:
    """The plain text of what `seal` wrote, when it fits into memory. Raises SealBroken, KeyUnknown."""
    with SealedFile(sealed, ring, name) as file:
        return b"".join(file.read(0, file.size))


def rewrapped(header: bytes, ring: KeyRing, name: str) -> bytes:
    """The header of a sealed file with its data key wrapped by the ring's newest key."""
    return _header(_unwrap(header, ring, name), ring[0], name)


def key_id(header: bytes) -> str:
    """Which key wraps the data key. Raises SealBroken for what is no sealed file."""
    return _fields(header)[0].hex()


HEADER_BYTES = _HEADER.size

_VALUE = b"\x01"
"""The version of a sealed value: this, 12 bytes of nonce, cipher text, 16 bytes of tag."""
_VALUE_NONCE = 12


class DataKey:
    """One data key for very many small values, each with a random nonce: less than 2^32 of them (NIST SP
    800-38D, 8.3). It lies wrapped where it is used, so that changing the key ring rewrites no value."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._aead = AESGCM(secret)

    def derived(self, purpose: str) -> bytes:
        """Another key, for this purpose alone (a PRF in counter mode of one block, NIST SP 800-108)."""
        return hmac.digest(self._secret, b"\x01" + purpose.encode(), "sha256")

    @staticmethod
    def fresh() -> bytes:
        return os.urandom(_KEY_BYTES)

    def seal(self, plain: bytes, name: str) -> bytes:
        nonce = os.urandom(_VALUE_NONCE)
        return _VALUE + nonce + self._aead.encrypt(nonce, plain, _VALUE + name.encode())

    def open(self, sealed: bytes, name: str) -> bytes:
        """Raises SealBroken for what was changed, cut off, or sealed for another name."""
        nonce, body = sealed[1 : 1 + _VALUE_NONCE], sealed[1 + _VALUE_NONCE :]
        if not sealed.startswith(_VALUE) or len(body) < _TAG:
            raise SealBroken(name)
        try:
            return self._aead.decrypt(nonce, body, _VALUE + name.encode())
        except InvalidTag as error:
            raise SealBroken(name) from error


class SealedFile:
    """A sealed file, or its content, open for reading. Raises SealBroken, KeyUnknown, OSError.

    Opening reads the last chunk: a file that was cut off is known before its first byte is given out.
    """

    def __init__(self, source: Path | bytes, ring: KeyRing, name: str) -> None:
        self._file: BinaryIO = BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        try:
            self._aead = AESGCM(_unwrap(self._file.read(HEADER_BYTES), ring, name))
            body = self._file.seek(0, os.SEEK_END) - HEADER_BYTES
            self._last = max(0, -(-body // (CHUNK + _TAG)) - 1)
            self.size = body - (self._last + 1) * _TAG
            """Bytes of plain text."""
            self._chunk(self._last)
        except BaseException:
            self._file.close()
            raise

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The plain text from `start` up to before `stop`, in pieces of at most one chunk."""
        stop = min(stop, self.size)
        while start < stop:
            number, skipped = divmod(start, CHUNK)
            piece = self._chunk(number)[skipped : skipped + stop - start]
            yield piece
            start += len(piece)

    def _chunk(self, number: int) -> bytes:
        self._file.seek(HEADER_BYTES + number * (CHUNK + _TAG))
        sealed = self._file.read(CHUNK + _TAG)
        try:
            return self._aead.decrypt(_nonce(number, last=number == self._last), sealed, None)
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"chunk {number}") from error

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _nonce(number: int, *, last: bool) -> bytes:
    return struct.pack(">xxxQ?", number, last)


def _header(data_key: bytes, key: Key, name: str) -> bytes:
    nonce = os.urandom(12)
    wrapped = AESGCM(key.secret).encrypt(nonce, data_key, _FORMAT + name.encode())
    return _HEADER.pack(_FORMAT, bytes.fromhex(key.id), nonce, wrapped)


def _fields(header: bytes) -> tuple[bytes, bytes, bytes]:
    """The id of the wrapping key, nonce, wrapped data key."""
    if len(header) < _HEADER.size:
        raise SealBroken("no header")
    written, wrapper, nonce, wrapped = _HEADER.unpack(header[: _HEADER.size])
    if written != _FORMAT:
        raise SealBroken("no sealed file, or of another version")
    return wrapper, nonce, wrapped


def _unwrap(header: bytes, ring: KeyRing, name: str) -> bytes:
    wrapper, nonce, wrapped = _fields(header)
    key = next((key for key in ring if key.id == wrapper.hex()), None)
    if key is None:
        raise KeyUnknown(wrapper.hex())
    try:
        return AESGCM(key.secret).decrypt(nonce, wrapped, _FORMAT + name.encode())
    except InvalidTag as error:
        raise SealBroken("the data key") from error

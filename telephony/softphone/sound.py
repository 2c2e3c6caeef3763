"""Sound at 8 kHz: tones, WAV files, G.711 both ways, and how much of a tone is in what was heard.

Pure but for reading a WAV file. Samples are signed 16-bit, mono.
"""

from __future__ import annotations  # array[int] exists only while types are checked

import math
import wave
from array import array
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hotline.errors import BadInput

RATE = 8000
FRAME = 160  # samples in 20 ms


@dataclass(frozen=True, slots=True)
class Sound:
    """Something to say, over and over. Coded once per law, then only sliced."""

    samples: array[int]

    def coded(self, payload: int) -> bytes:
        """G.711 bytes, a whole number of frames. `payload`: 8 A-law, 0 µ-law."""
        table = _encoding(payload)
        coded = bytes(table[(sample >> 2) & 0x3FFF] for sample in self.samples)
        return coded + bytes([table[0]]) * (-len(coded) % FRAME)


@cache
def tone(frequency: int, level: float = 0.3) -> Sound:
    """One second of a sine; `level` is the part of full scale."""
    step = 2 * math.pi * frequency / RATE
    return Sound(array("h", (int(32767 * level * math.sin(step * index)) for index in range(RATE))))


@cache
def silence() -> Sound:
    return Sound(array("h", bytes(2 * RATE)))


def wav(path: Path) -> Sound:
    """A 16-bit WAV file of any rate, first channel. Raises BadInput when it cannot be used."""
    try:
        with wave.open(str(path), "rb") as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            data = file.readframes(min(file.getnframes(), 600 * rate))
    except (OSError, wave.Error, EOFError) as error:
        raise BadInput(f"{path} is not a WAV file that can be played: {error}") from error
    if width != 2 or not data:
        raise BadInput(f"{path} must be 16-bit PCM and not empty")
    samples = array("h", data)[::channels]
    if rate != RATE:
        length = len(samples) * RATE // rate
        samples = array("h", (samples[index * rate // RATE] for index in range(length)))
    return Sound(samples)


def decode(coded: bytes, payload: int) -> array[int]:
    table = _decoding(payload)
    return array("h", (table[byte] for byte in coded))


def loudness(samples: array[int]) -> float:
    """Root mean square, 0 to 1 of full scale."""
    if not samples:
        return 0.0
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) / 32768


def share(samples: array[int], frequency: int) -> float:
    """How much of the energy is at `frequency`: 0 to about 1 (Goertzel's algorithm)."""
    energy = float(sum(sample * sample for sample in samples))
    if energy == 0:
        return 0.0
    factor = 2 * math.cos(2 * math.pi * frequency / RATE)
    last = before = 0.0
    for sample in samples:
        last, before = sample + factor * last - before, last
    power = last * last + before * before - factor * last * before
    return 2 * power / (len(samples) * energy)


@cache
def _decoding(payload: int) -> tuple[int, ...]:
    return tuple(_from_alaw(byte) if payload == 8 else _from_ulaw(byte) for byte in range(256))


@cache
def _encoding(payload: int) -> bytes:
    """The G.711 byte for the upper 14 bits of a sample (two's complement as index)."""
    nearest = sorted((value, byte) for byte, value in enumerate(_decoding(payload)))
    table = bytearray(1 << 14)
    place = 0
    for value in range(-(1 << 13), 1 << 13):
        sample = value << 2
        while place + 1 < 256 and abs(nearest[place + 1][0] - sample) <= abs(nearest[place][0] - sample):
            place += 1
        table[value & 0x3FFF] = nearest[place][1]
    return bytes(table)


def _from_alaw(byte: int) -> int:
    """ITU-T G.711, A-law."""
    byte ^= 0x55
    segment, step = (byte >> 4) & 7, (byte & 15) << 4
    value = step + 8 if segment == 0 else (step + 0x108) << (segment - 1)
    return value if byte & 0x80 else -value


def _from_ulaw(byte: int) -> int:
    """ITU-T G.711, µ-law."""
    byte = ~byte & 0xFF
    value = ((((byte & 15) << 3) + 0x84) << ((byte >> 4) & 7)) - 0x84
    return -value if byte & 0x80 else value

"""Makes vi111/greeting.wav and vi111/music.wav (8 kHz, 16 bit, mono).

Only needed to change them: python asterisk-conf/sounds/make.py, with espeak-ng and sox installed.
A recording of a real voice is better: put it in the place of greeting.wav, same format.
"""

import math
import subprocess
import wave
from array import array
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent / "vi111"
RATE = 8000
GREETING = (
    "Tổng đài một một một xin nghe. Bạn giữ máy một chút nhé, chúng tôi ở đây và sẽ nghe bạn ngay."
)
"""The caller may be a child or an adult, hence "bạn"; short, and no machine to talk to."""
CHORDS = (
    (261.6, 329.6, 392.0),
    (220.0, 261.6, 329.6),
    (174.6, 220.0, 349.2),
    (196.0, 246.9, 392.0),
)
BEAT = 0.75  # seconds; 4 beats a chord, 12 seconds in all


def greeting(path: Path) -> None:
    with TemporaryDirectory() as scratch:
        raw = Path(scratch, "raw.wav")
        subprocess.run(
            ["espeak-ng", "-v", "vi", "-s", "135", "-p", "55", "-w", raw, GREETING], check=True
        )
        shape = ["rate", "8000", "gain", "-n", "-6", "pad", "0.3", "0.7"]
        subprocess.run(["sox", "-G", raw, "-r", "8000", "-c", "1", "-b", "16", path, *shape], check=True)


def music(path: Path) -> None:
    """Soft bell notes over four chords; every note dies away before the loop begins anew."""
    total = int(len(CHORDS) * 4 * BEAT * RATE)
    mix = [0.0] * total
    for bar, chord in enumerate(CHORDS):
        for beat, tone in enumerate((chord[0], chord[1], chord[2], chord[1])):
            _bell(mix, (bar * 4 + beat) * BEAT, tone * 2, 0.16)
        _bell(mix, bar * 4 * BEAT, chord[0] / 1, 0.2)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(array("h", (int(20000 * sample) for sample in mix)).tobytes())


def _bell(mix: list[float], start: float, frequency: float, level: float) -> None:
    first = int(start * RATE)
    for index in range(int(2.4 * RATE)):
        at = index / RATE
        fade = math.exp(-1.8 * at) * min(1.0, at / 0.03) * (1 - at / 2.4)
        wave_ = math.sin(2 * math.pi * frequency * at) + 0.25 * math.sin(4 * math.pi * frequency * at)
        mix[(first + index) % len(mix)] += level * fade * wave_


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    greeting(HERE / "greeting.wav")
    music(HERE / "music.wav")

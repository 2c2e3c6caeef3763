"""Makes the prompts, the beep and the music in vi111/ (8 kHz, 16 bit, mono).

Only needed to change them: python asterisk-conf/sounds/make.py, with espeak-ng and sox installed.
A real voice is better: docs/operations.md says where recordings of the same names go.
"""

import math
import subprocess
import wave
from array import array
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent / "vi111"
RATE = 8000
PROMPTS = {
    "greeting": (
        "Tổng đài một một một xin nghe. Bạn giữ máy một chút nhé, chúng tôi ở đây và sẽ nghe bạn ngay."
    ),
    "heard": (
        "Chúng tôi biết bạn đang chờ. Bạn cứ giữ máy nhé. "
        "Muốn được gọi lại, bạn bấm phím một. Muốn để lại lời nhắn, bạn bấm phím hai."
    ),
    "promised": (
        "Chúng tôi sẽ gọi lại cho bạn vào số này. "
        "Bạn có thể gác máy, hoặc cứ giữ máy, sẽ có người nghe bạn."
    ),
    "withheld": (
        "Chúng tôi không thấy số của bạn nên không gọi lại được. "
        "Bạn bấm phím hai để để lại lời nhắn, hoặc cứ giữ máy nhé."
    ),
    "message": (
        "Bạn hãy nói sau tiếng bíp. Nói xong, bạn có thể gác máy, hoặc bấm phím thăng để chờ tiếp."
    ),
    "nobody": (
        "Lúc này chưa có ai nghe máy được. "
        "Bạn hãy nói sau tiếng bíp, chúng tôi sẽ nghe và gọi lại cho bạn. "
        "Nói xong, bạn có thể gác máy, hoặc bấm phím thăng để chờ tiếp."
    ),
    "left": ("Chúng tôi đã nhận được lời nhắn của bạn. Bạn có thể gác máy, hoặc cứ giữ máy để chờ nhé."),
    "lost": (
        "Đường dây của chúng tôi vừa bị ngắt, không phải tại bạn. "
        "Bạn đừng gác máy nhé, sẽ có người nghe bạn ngay."
    ),
    "alarm_shift": (
        "Tổng đài một một một báo động. Ca trực đã bắt đầu mà chưa có ai vào máy. "
        "Bấm phím một để nhận tin."
    ),
    "alarm_waiting": (
        "Tổng đài một một một báo động. Có người chờ đã lâu mà chưa ai nghe. Bấm phím một để nhận tin."
    ),
    "alarm_site": (
        "Tổng đài một một một báo động. Mất liên lạc với tổng đài của trung tâm. "
        "Bấm phím một để nhận tin."
    ),
    "alarm_report": (
        "Tổng đài một một một báo động. Có tin báo trẻ đang nguy hiểm mà chưa ai nhận. "
        "Bấm phím một để nhận tin."
    ),
    "alarm_answer_rate": (
        "Tổng đài một một một báo động. Một giờ qua nhiều cuộc gọi không có người nghe. "
        "Bấm phím một để nhận tin."
    ),
    "alarm_handover": (
        "Tổng đài bảo vệ trẻ em một một một. Có ca trẻ em đã chuyển đến địa phương mà chưa có ai nhận. "
        "Bấm phím một để báo đã nghe."
    ),
    "alarm_recording": (
        "Tổng đài một một một báo động. Có cuộc gọi không có ghi âm. Bấm phím một để nhận tin."
    ),
    "alarm_case": ("Tổng đài một một một báo động. Có ca của trẻ đã quá hạn. Bấm phím một để nhận tin."),
    "on_call": "Tổng đài một một một. Có người đang chờ trên máy. Bấm phím một để nghe.",
}
"""The caller may be a child or an adult, hence "bạn"; short, and no machine to talk to. `on_call` is for
the person on call, before the caller is put through; `alarm_…` for the shift lead, `alarm_handover`
before them for a commune's duty number."""
CHORDS = (
    (261.6, 329.6, 392.0),
    (220.0, 261.6, 329.6),
    (174.6, 220.0, 349.2),
    (196.0, 246.9, 392.0),
)
BEAT = 0.75  # seconds; 4 beats a chord, 12 seconds in all


def prompt(path: Path, text: str) -> None:
    with TemporaryDirectory() as scratch:
        raw = Path(scratch, "raw.wav")
        subprocess.run(["espeak-ng", "-v", "vi", "-s", "135", "-p", "55", "-w", raw, text], check=True)
        shape = ["rate", "8000", "gain", "-n", "-6", "pad", "0.3", "0.7"]
        subprocess.run(["sox", "-G", raw, "-r", "8000", "-c", "1", "-b", "16", path, *shape], check=True)


def beep(path: Path) -> None:
    shape = ["synth", "0.4", "sine", "1000", "gain", "-9", "fade", "0.01", "0.4", "0.01"]
    subprocess.run(["sox", "-n", "-r", "8000", "-c", "1", "-b", "16", path, *shape], check=True)


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
    for name, text in PROMPTS.items():
        prompt(HERE / f"{name}.wav", text)
    beep(HERE / "beep.wav")
    music(HERE / "music.wav")

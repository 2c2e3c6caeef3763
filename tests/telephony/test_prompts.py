"""A recorded prompt takes the place of the generated one of the same name, and nothing else does."""

from pathlib import Path

from hotline.settings import Settings
from telephony import prompts
from tests.pbx import record


def played(settings: Settings, name: str) -> Path:
    return (prompts.sounds(settings) / "vi111" / name).resolve()


def test_without_recordings_every_generated_prompt_is_played(tmp_path: Path) -> None:
    of = Settings(data=tmp_path)
    prompts.link(of)
    names = {file.name for file in prompts.GENERATED.glob("*.wav")}
    assert {file.name for file in (prompts.sounds(of) / "vi111").iterdir()} == names
    assert all(prompts.is_usable(played(of, name)) for name in names)


def test_a_recording_is_played_until_it_is_taken_away(tmp_path: Path) -> None:
    of = Settings(data=tmp_path)
    mine = prompts.folder(of) / "greeting.wav"
    record(mine, 700)
    prompts.link(of)
    assert played(of, "greeting.wav") == mine.resolve()
    mine.unlink()
    prompts.link(of)
    assert played(of, "greeting.wav") == (prompts.GENERATED / "greeting.wav").resolve()


def test_what_cannot_be_played_or_has_another_name_is_left_out_and_told(tmp_path: Path) -> None:
    of = Settings(data=tmp_path)
    record(prompts.folder(of) / "heard.wav", 700, rate=16000)
    (prompts.folder(of) / "left.wav").write_bytes(b"RIFF")
    record(prompts.folder(of) / "welcome.wav", 700)
    prompts.link(of)
    assert [file.name for file in prompts.misplaced(of)] == ["heard.wav", "left.wav", "welcome.wav"]
    assert played(of, "heard.wav").parent == prompts.GENERATED.resolve()
    assert not (prompts.sounds(of) / "vi111" / "welcome.wav").exists()

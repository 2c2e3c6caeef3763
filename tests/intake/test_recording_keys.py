"""Changing the keys of recordings: interrupted, repeated, and with what cannot be changed."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary
from typer.testing import CliRunner

from hotline import doctor, keyring, migrate
from hotline.db import Base, reading
from hotline.findings import Finding, Grade
from hotline.sealed import HEADER_BYTES, Key, KeyUnknown, key_id
from hotline.sealed_rows import SealedRow
from hotline.settings import Settings
from hotline.settings import settings as process_settings
from intake import recording_keys
from intake.recordings import recording_files, recording_work, recordings
from intake.recordings.recording_files import Part, file_of
from intake.recordings.recordings import Playable
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.intake.test_recordings import tone


def recorded(house: House, day: int = 0) -> Story:
    story = Story(at=NOON - timedelta(days=day)).answered_call(talk_seconds=2)
    house.apply(story)
    for side in ("in", "out"):
        tone(process_settings().spool_dir / f"{story.call_id}-{side}.wav", 400, 3)
    recording_work.finish(story.call_id)
    return story


def found(house: House, story: Story) -> Playable:
    with reading(house.db) as session:
        return recordings.playable(session, house.an, story.call_id, NOON)


def heard(house: House, story: Story, part: Part = Part.PLAYING) -> bytes:
    with recordings.open_recording(found(house, story), part) as file:
        return b"".join(file.read(0, file.size))


def wrapped_by(house: House, story: Story) -> set[str]:
    """The ids of the keys that wrap its two files."""
    path = found(house, story).path
    return {key_id(file_of(path, part).read_bytes()[:HEADER_BYTES]) for part in Part}


def run(command: str) -> tuple[int, str]:
    result = CliRunner().invoke(recording_keys.app, [command])
    return result.exit_code, result.output


def doctor_says(grade: Grade) -> list[Finding]:
    return [
        finding
        for finding in doctor.examine(process_settings())
        if finding.subject == "recording keys" and finding.grade is grade
    ]


def test_every_recording_gets_the_newest_key_and_sounds_as_before(house: House) -> None:
    stories = [recorded(house, day) for day in range(3)]
    before = [heard(house, story, part) for story in stories for part in Part]
    (old,) = keyring.recording_keys(process_settings())
    assert run("new-key")[0] == 0
    new = keyring.recording_keys(process_settings())[0]
    late = recorded(house, 5)
    assert wrapped_by(house, late) == {new.id}
    assert [wrapped_by(house, story) for story in stories] == [{old.id}] * 3
    assert run("rekey") == (0, "3 recordings changed to the newest key, 0 could not be\n")
    assert [wrapped_by(house, story) for story in stories] == [{new.id}] * 3
    assert run("rekey") == (0, "0 recordings changed to the newest key, 0 could not be\n")
    (process_settings().secrets_dir / "recording_keys").write_text(_written(new), "ascii")
    assert [heard(house, story, part) for story in stories for part in Part] == before
    assert run("check") == (0, "4 recordings are whole, 0 are not\n")
    assert doctor_says(Grade.WRONG) == []


def _written(key: Key) -> str:
    return urlsafe_b64encode(key.secret).decode()


@pytest.mark.parametrize("files_done", [1, 2])
def test_a_rekeying_that_was_killed_is_taken_up_again(house: House, files_done: int) -> None:
    story = recorded(house)
    keyring.add_to_file(process_settings())
    ring = keyring.recording_keys(process_settings())
    for part in tuple(Part)[:files_done]:  # then it was killed, before the row was written
        recording_files.rewrap(story.call_id, found(house, story).path, part, ring)
    assert heard(house, story)
    assert recording_keys.rekey(house.db, ring) == recording_keys.Rekeyed(1, {})
    assert wrapped_by(house, story) == {ring[0].id}


def test_what_cannot_be_changed_is_named_and_the_others_are(house: House) -> None:
    gone, cut, good = (recorded(house, day) for day in range(3))
    file_of(found(house, gone).path, Part.ORIGINAL).unlink()
    damaged = file_of(found(house, cut).path, Part.ORIGINAL)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    before = damaged.read_bytes()
    keyring.add_to_file(process_settings())
    code, said = run("rekey")
    assert code == 1
    assert f"{gone.call_id}: No such file" in said
    assert f"{cut.call_id}: damaged" in said
    assert "1 recordings changed" in said
    assert damaged.read_bytes() == before
    assert len(wrapped_by(house, good)) == 1
    code, said = run("check")
    assert code == 1
    assert "1 recordings are whole, 2 are not" in said


def test_a_key_that_was_taken_out_too_soon(
    house: House, settings: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    story = recorded(house)
    (old,) = keyring.recording_keys(process_settings())
    monkeypatch.setenv("TONGDAI_RECORDING_KEYS", keyring.new_key())
    settings()
    with pytest.raises(KeyUnknown):
        heard(house, story)
    told = [finding.said for finding in doctor_says(Grade.WRONG)]
    assert [f"records and cases are sealed with the key {old.id}" in said for said in told] == [
        True,
        False,
    ]
    assert f"1 recordings are sealed with the key {old.id}" in told[1]
    code, said = run("rekey")
    assert (code, old.id in said) == (1, True)
    monkeypatch.setenv("TONGDAI_RECORDING_KEYS", f"{keyring.new_key()},{_written(old)}")
    settings()
    assert heard(house, story)
    code, said = run("new-key")
    assert (code, len(said.splitlines()[0])) == (0, 43)


def test_the_doctor_makes_no_key_and_says_when_one_is_none(
    settings: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert [finding.said for finding in doctor_says(Grade.GOOD)] == [
        "none yet, the first recording makes one"
    ]
    assert not process_settings().secrets_dir.exists()
    monkeypatch.setenv("TONGDAI_RECORDING_KEYS", "nonsense")
    settings()
    (finding,) = doctor_says(Grade.WRONG)
    assert "nonsense" not in finding.said


def _sealed_rows(of: type[SealedRow]) -> Iterator[type[SealedRow]]:
    for row in of.__subclasses__():
        yield row
        yield from _sealed_rows(row)


_PLAIN = {
    "audit_block.leaves": "hashes",
    "directory_import.content": "duty numbers of offices",
    "passkey.credential": "its public name",
    "passkey.public_key": "public",
    "passkey_challenge.challenge": "random, used once",
    "recording_sound.caller_peaks": "loudness",
    "recording_sound.counselor_peaks": "loudness",
}
"""Bytes that are not sealed: docs/security/at-rest.md says so of each."""


def test_every_sealed_table_changes_its_keys() -> None:
    """Who adds a table with something sealed adds it to `tongdai recordings rekey` and `check`."""
    migrate.load_models()
    gone_through = {each.row for each in (*recording_keys._IN_SQL, recording_keys._DATA_KEYS)}
    assert gone_through == set(_sealed_rows(SealedRow))


def test_bytes_are_sealed_or_known_to_be_plain() -> None:
    migrate.load_models()
    bytes_in = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.name != "sealed"
    }
    assert bytes_in == _PLAIN.keys()

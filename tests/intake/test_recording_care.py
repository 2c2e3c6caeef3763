"""A recording that is missing or broken is an alarm with the call's id, not a silence."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hotline import alarms, doctor
from hotline.alarm_kinds import AlarmKind
from hotline.alarms import Alarm
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.findings import Grade
from hotline.settings import Settings
from hotline.settings import settings as process_settings
from intake.calls import calls
from intake.recordings import recording_care, recording_work, recordings
from intake.recordings.recording_care import LATE
from intake.recordings.recording_files import Part, file_of
from intake.recordings.recording_work import GRACE
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.intake.test_recording_keys import found, recorded, run
from tests.intake.test_recordings import full_disk, noise
from tests.queries import counted


def sounding(house: House) -> list[Alarm]:
    with reading(house.db) as session:
        return list(alarms.present(session, house.lead))


def reasons(house: House) -> dict[str, str]:
    return {alarm.subject: alarm.reason for alarm in sounding(house)}


def answered(house: House, day: int = 0) -> Story:
    story = Story(at=NOON + timedelta(days=day)).answered_call(talk_seconds=20)
    house.apply(story)
    return story


def doctor_says(subject: str) -> list[str]:
    return [
        finding.said
        for finding in doctor.examine(process_settings())
        if finding.subject == subject and finding.grade is Grade.WRONG
    ]


def test_no_file_at_all_is_an_alarm_with_the_call_s_id(house: House) -> None:
    story = answered(house)
    recording_work.finish_one(house.db, story.call_id, story.at + GRACE / 2)
    assert sounding(house) == []
    recording_work.finish_one(house.db, story.call_id, story.at + GRACE * 2)
    assert reasons(house) == {story.call_id: "no_file"}
    assert doctor_says("recordings") == [
        f"1 are missing or broken and nobody looks into it: {story.call_id} (no_file)"
    ]
    with transaction(house.db) as session:
        alarms.take_note(session, house.lead, AlarmKind.RECORDING, story.call_id, NOON)
    assert (sounding(house), doctor_says("recordings")) == ([], [])
    with transaction(house.db) as session:
        shown = calls.call(session, house.an, story.call_id, NOON).recording
    assert shown is not None
    assert shown.alarm is not None
    assert shown.alarm.noted_by == house.lead.name


def test_what_the_disk_does_not_take_becomes_an_alarm_and_ends_when_it_does(house: House) -> None:
    story = answered(house)
    for side in ("in", "out"):
        noise(process_settings().spool_dir / f"{story.call_id}-{side}.wav", 21)
    with full_disk(600_000):
        recording_work.sweep_all(house.db, story.at + LATE / 2)
        assert sounding(house) == []
        recording_work.sweep_all(house.db, story.at + LATE * 2)
    assert reasons(house) == {story.call_id: "late"}
    recording_work.sweep_all(house.db, story.at + LATE * 3)
    assert sounding(house) == []


def test_however_many_are_late_each_gets_its_alarm_and_then_rests(house: House) -> None:
    late = [answered(house, day) for day in range(3)]
    for told in (2, 3):
        recording_care.tell_late(house.db, NOON + timedelta(days=9), at_once=2)
        assert len(sounding(house)) == told
    assert reasons(house) == {story.call_id: "late" for story in late}
    with counted(house.db) as again:
        recording_care.tell_late(house.db, NOON + timedelta(days=9), at_once=2)
    assert len(again) == 1


def test_the_doctor_says_when_no_worker_is_at_work(house: House) -> None:
    house.apply(Story(at=utc_now() - timedelta(minutes=16)).answered_call(talk_seconds=20))
    assert doctor_says("recordings") == []
    house.apply(Story(at=utc_now() - timedelta(minutes=20)).answered_call(talk_seconds=20))
    assert doctor_says("recordings") == [
        "1 are not done a quarter of an hour after their calls: no worker is at work"
    ]


@pytest.mark.parametrize("part", Part)
def test_a_file_that_went_bad_is_noticed_when_it_is_looked_over(house: House, part: Part) -> None:
    story, other = recorded(house), recorded(house, 1)
    file = file_of(found(house, story).path, part)
    kept = file.read_bytes()
    recording_care.look_over()
    assert sounding(house) == []
    file.unlink()
    recording_care.look_over()
    assert reasons(house) == {story.call_id: "gone"}
    file.write_bytes(kept[:200] + bytes([kept[200] ^ 1]) + kept[201:])
    assert run("check")[0] == 1
    assert reasons(house) == {story.call_id: "damaged"}
    file.write_bytes(kept)
    code, said = run("check")
    assert (code, said.splitlines()[-1]) == (0, "2 recordings are whole, 0 are not")
    assert sounding(house) == []
    with reading(house.db) as session:
        states = [recordings.recording_of(session, each.call_id) for each in (story, other)]
    assert [state.state for state in states if state] == ["ready", "ready"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tongdai-test", folder],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("mounting a small disk needs root; the alarm itself is tested below without")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_is_really_full(
    house: House, settings: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch, small_disk: Path
) -> None:
    monkeypatch.setenv("TONGDAI_DATA", str(small_disk / "data"))
    monkeypatch.setenv("TONGDAI_SPOOL", str(small_disk.parent / "spool"))
    monkeypatch.setenv("TONGDAI_LEAST_FREE_GB", "0.004")
    of = settings()
    story = answered(house)
    for side in ("in", "out"):
        noise(of.spool_dir / f"{story.call_id}-{side}.wav", 21)
    recording_care.watch_disks()
    assert sounding(house) == []
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space left"):
        filler.write_bytes(bytes(16_000_000))
    recording_care.watch_disks()
    recording_work.sweep_all(house.db, story.at + GRACE)
    assert reasons(house) == {"recordings": "0"}
    assert doctor_says("disk") == [
        "only 0.0 GB are free for recordings and the database; 0.004 GB is the least"
    ]
    assert len(list(of.spool_dir.iterdir())) == 2
    filler.unlink()
    recording_care.watch_disks()
    recording_work.sweep_all(house.db, story.at + GRACE)
    assert sounding(house) == []
    assert list(of.spool_dir.iterdir()) == []


def test_a_disk_is_an_alarm_once_and_does_not_flicker(
    house: House, settings: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    def free_is(part_of_least: float) -> None:
        free = shutil.disk_usage(house_folder).free / 1e9
        monkeypatch.setenv("TONGDAI_LEAST_FREE_GB", f"{free / part_of_least:.6f}")
        recording_care.watch_disks_of(house.db, settings(), utc_now())

    house_folder = process_settings().data.parent
    free_is(2)
    assert sounding(house) == []
    free_is(0.5)
    free_is(0.4)
    (alarm,) = sounding(house)
    assert (alarm.kind, alarm.subject) == ("disk", "recordings")
    free_is(1.05)
    assert len(sounding(house)) == 1
    free_is(1.5)
    assert sounding(house) == []

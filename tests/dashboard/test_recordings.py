"""Recordings over HTTP: in parts, by right, and every playing on record."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.audit import Act, AuditRow
from hotline.clock import utc_now
from hotline.db import reading
from hotline.events import Outcome
from hotline.sealed import CHUNK
from hotline.settings import settings
from intake.recordings import audio, recording_work, recordings
from intake.recordings.recording_files import Part, file_of
from tests.dashboard.conftest import Browser, Face
from tests.factories import Story
from tests.intake.test_recordings import noise
from tests.queries import counted

SECONDS = 10


def recorded(face: Face) -> Story:
    """A call of An's, with its recording."""
    story = Story(number="0912345678").answered_call(face.an.phone or "", talk_seconds=SECONDS)
    face.tell(story)
    for side in ("in", "out"):
        noise(settings().spool_dir / f"{story.call_id}-{side}.wav", SECONDS)
    recording_work.finish(story.call_id)
    return story


@pytest.fixture
def story(face: Face) -> Story:
    return recorded(face)


def sealed_file(face: Face, story: Story, part: Part = Part.PLAYING) -> Path:
    with reading(face.db) as session:
        return file_of(recordings.playable(session, face.an, story.call_id, story.at).path, part)


@pytest.mark.parametrize(
    ("address", "kind"), [("", "audio/ogg; codecs=opus"), ("/original", "audio/flac")]
)
def test_any_part_of_a_recording(an: Browser, story: Story, address: str, kind: str) -> None:
    path = f"/recordings/{story.call_id}{address}"
    whole = an.client.get(path)
    size = len(whole.content)
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, kind)
    assert whole.headers["Cache-Control"] == "no-store"
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert audio.read(whole.content).duration.total_seconds() == SECONDS
    for asked, part in {
        "bytes=0-": whole.content,
        "bytes=10-19": whole.content[10:20],
        f"bytes={size - 7}-": whole.content[-7:],
        "bytes=-7": whole.content[-7:],
    }.items():
        answer = an.client.get(path, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, part)
        assert answer.headers["Content-Length"] == str(len(part))
        assert answer.headers["Content-Range"].endswith(f"/{size}")
        assert "Content-Encoding" not in answer.headers


def test_a_part_after_the_end(an: Browser, story: Story) -> None:
    answer = an.client.get(f"/recordings/{story.call_id}", headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"].startswith("bytes */")


def test_a_part_of_what_has_changed_since_is_the_whole(an: Browser, story: Story) -> None:
    path = f"/recordings/{story.call_id}"
    tag = an.client.get(path).headers["ETag"]
    asked = {"Range": "bytes=0-1", "If-Range": tag}
    assert an.client.get(path, headers=asked).status_code == 206
    assert an.client.get(path, headers=asked | {"If-Range": '"older"'}).status_code == 200


def test_one_playing_is_one_row_and_takes_no_writer_after_the_first_part(
    face: Face, an: Browser, story: Story
) -> None:
    path = f"/recordings/{story.call_id}"
    an.client.get(path, headers={"Range": "bytes=0-1"})
    with counted(face.db) as statements:
        for start in range(0, 100, 10):
            an.client.get(path, headers={"Range": f"bytes={start}-{start + 9}"})
        an.client.get(f"{path}/original", headers={"Range": "bytes=0-9"})
    assert not any(sent.startswith(("INSERT", "UPDATE")) for sent in statements.sent)
    assert len(statements) <= 11 * 4
    face.browser(face.lead).get(path)
    with reading(face.db) as session:
        played = session.scalars(
            select(AuditRow).where(AuditRow.act == Act.PLAY).order_by(AuditRow.id)
        ).all()
    assert [row.staff_id for row in played] == [face.an.staff_id, face.lead.staff_id]
    assert {row.object_id for row in played} == {story.call_id}


def test_a_recording_is_not_there_for_others(face: Face, story: Story) -> None:
    for viewer in (face.binh, face.far_lead, face.admin, face.auditor):
        for address in ("", "/original"):
            answer = face.browser(viewer).get(f"/recordings/{story.call_id}{address}")
            assert answer.status_code == 404
    with reading(face.db) as session:
        assert (
            session.scalars(select(AuditRow).where(AuditRow.act == Act.PLAY).order_by(AuditRow.id)).all()
            == []
        )


@pytest.mark.parametrize("cut", [None, 0, 10, -1])
def test_a_recording_that_went_bad_is_not_played_and_an_alarm(
    face: Face, an: Browser, story: Story, cut: int | None
) -> None:
    file = sealed_file(face, story)
    if cut is None:
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:cut])
    assert an.get(f"/recordings/{story.call_id}").status_code == 404
    board = face.browser(face.admin).get("/wallboard").text
    assert story.call_id in board
    assert ("không còn trên đĩa" if cut is None else "bị hỏng hoặc bị sửa") in board


def test_what_was_tampered_with_in_the_middle_ends_short_and_is_an_alarm(
    face: Face, an: Browser, story: Story
) -> None:
    file = sealed_file(face, story, Part.ORIGINAL)
    content = bytearray(file.read_bytes())
    content[CHUNK * 2] ^= 1
    file.write_bytes(content)
    heard = an.client.get(f"/recordings/{story.call_id}/original").content
    assert len(heard) == CHUNK
    assert story.call_id in face.browser(face.lead).get("/wallboard").text


def test_who_sees_an_alarm_and_takes_note_of_it(face: Face) -> None:
    story = face.past(face.an)
    recording_work.finish(story.call_id)
    lead, admin = face.browser(face.lead), face.browser(face.admin)
    far_lead, counselor = face.browser(face.far_lead), face.browser(face.an)
    shown = lead.get("/wallboard/board").text
    assert f'href="/calls/{story.call_id}"' in shown
    assert "Tổng đài không để lại tệp nào." in shown
    assert story.call_id in admin.get("/wallboard").text
    assert f'href="/calls/{story.call_id}"' not in admin.get("/wallboard").text
    assert story.call_id not in far_lead.get("/wallboard").text
    note = f"/alarms/recording/{story.call_id}/note"
    for stranger in (far_lead, counselor, face.browser(face.auditor)):
        assert stranger.post(note).status_code == 404
    assert lead.client.post(note).status_code == 403  # without our token
    answer = lead.post(note, fragment=True)
    assert (answer.status_code, story.call_id in answer.text) == (200, False)
    assert story.call_id not in admin.get("/wallboard").text
    assert "Lê Thị Lan đang xem." in counselor.get(f"/calls/{story.call_id}").text


def test_recordings_that_no_worker_does_are_told_by_the_board_itself(face: Face) -> None:
    face.past(face.an, hours=0.1)
    assert "ghi âm chưa xong" not in face.browser(face.lead).get("/wallboard").text
    story = face.past(face.an)
    for viewer in (face.lead, face.admin):
        assert "1 ghi âm chưa xong." in face.browser(viewer).get("/wallboard").text
    recording_work.sweep()
    shown = face.browser(face.lead).get("/wallboard").text
    assert "ghi âm chưa xong" not in shown
    assert story.call_id in shown


def test_many_alarms_take_no_more_statements_than_one(face: Face) -> None:
    lead = face.browser(face.lead)
    sent = []
    for _ in range(2):
        for _ in range(4):
            recording_work.finish(face.past(face.an).call_id)
        with counted(face.db) as statements:
            text = lead.get("/wallboard").text
        sent.append(len(statements))
    assert "và 5 báo động nữa" in text
    assert sent[0] == sent[1]


def test_a_key_that_is_gone_is_not_a_recording_that_is_gone(
    face: Face, an: Browser, story: Story
) -> None:
    (settings().secrets_dir / "recording_keys").unlink()
    assert an.get(f"/recordings/{story.call_id}").status_code == 503


def test_a_message_has_a_page_of_its_own_for_who_calls_back(face: Face) -> None:
    story = Story(number="0912345678").arrived().waiting().later(3).leaves_a_message()
    face.tell(story.later(SECONDS).ended(Outcome.ABANDONED))
    noise(settings().spool_dir / f"{story.call_id}-msg.wav", SECONDS)
    recording_work.finish(story.call_id)
    path = f"/recordings/{story.call_id}/hear"
    binh = face.browser(face.binh)
    text = binh.get(path).text
    assert "Từ đầu đến 0:10 là lời nhắn" in text
    assert "912345678" not in text
    assert binh.get(f"/recordings/{story.call_id}").status_code == 200
    assert binh.get(f"/calls/{story.call_id}").status_code == 404
    for stranger in (face.far_lead, face.admin, face.auditor):
        assert face.browser(stranger).get(path).status_code == 404


def test_a_message_of_a_withheld_number_is_heard_from_the_list_of_those(face: Face) -> None:
    story = Story(number=None, at=utc_now() - timedelta(minutes=5)).arrived().waiting()
    face.tell(story.leaves_a_message().later(SECONDS).ended(Outcome.ABANDONED))
    noise(settings().spool_dir / f"{story.call_id}-msg.wav", SECONDS)
    recording_work.finish(story.call_id)
    path = f"/recordings/{story.call_id}/hear"
    binh = face.browser(face.binh)
    assert f'href="{path}"' in binh.get("/callbacks").text
    assert binh.get(path).status_code == 200
    assert face.browser(face.far_lead).get(path).status_code == 404

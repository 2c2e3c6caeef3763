"""Recordings of another center on their way to headquarters, over a real connection."""

import http.client
import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from cryptography import x509
from sqlalchemy import Engine

from dashboard import receiving
from hotline import alarms, certificates
from hotline.access import Viewer
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import SetupError, Unavailable
from hotline.findings import Grade, Patient
from hotline.ids import CallId
from hotline.keyring import recording_keys
from hotline.sealed import Key
from hotline.settings import Settings
from intake.calls import calls
from intake.doctor import examine
from intake.recordings import audio, delivery_pass, recording_care, recording_work, recordings
from intake.recordings.delivering import Headquarters, Untrusted, deliver, headquarters
from intake.recordings.recording_care import LATE
from intake.recordings.recording_files import Part
from intake.recordings.recordings import RecordingState
from tests import factories
from tests.factories import NOON, Story
from tests.intake.test_recordings import full_disk, noise
from tests.pbx import free_port
from tests.waiting import until

SECONDS = 3


@contextmanager
def receiving_at(port: int, of: Settings | None = None) -> Iterator[Headquarters]:
    """`tongdai receive`, in a thread."""
    access_log = logging.getLogger("uvicorn.access")
    propagate = access_log.propagate  # uvicorn without an access log silences it for the whole process
    config = receiving.config((of or Settings()).model_copy(update={"receive_port": port}))
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield Headquarters(f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join()
        access_log.propagate = propagate


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def center(db: Engine, monkeypatch: pytest.MonkeyPatch, settings: Callable[[], Settings]) -> "Center":
    monkeypatch.setenv("TONGDAI_SITES", "hn=127.0.1.1:5060:5038,dn=127.0.1.2:5060:5038")
    settings()
    with transaction(db) as session:
        danang = factories.center(session, "DN", "dn")
        counselor = factories.counselor(session, "dn01", danang)
        lead = factories.shift_lead(session, danang)
    return Center(db, settings(), counselor, lead)


class Center:
    """Đà Nẵng. Here it shares headquarters' folder; in the stories nothing is shared."""

    def __init__(self, db: Engine, of: Settings, counselor: Viewer, lead: Viewer) -> None:
        self.db, self.counselor, self.lead = db, counselor, lead
        self.here = of
        self.there = of.model_copy(update={"site": "dn", "headquarters": "http://127.0.0.1:1"})

    def call(self, number: int = 1) -> CallId:
        """A call that was answered and recorded at Đà Nẵng."""
        story = Story(CallId(f"dn-1763614800.{number}")).answered_call("dn01", talk_seconds=SECONDS - 1)
        for event in story.told:
            with transaction(self.db) as session:
                calls.apply(session, event)
        for side in ("in", "out"):
            noise(self.raw(story.call_id, side), SECONDS)
        return story.call_id

    def raw(self, call_id: CallId, side: str = "in") -> Path:
        return self.here.spool_dir / f"{call_id}-{side}.wav"

    def state(self, call_id: CallId) -> str:
        with reading(self.db) as session:
            found = recordings.recording_of(session, call_id)
        assert found is not None
        return found.state

    def heard(self, call_id: CallId, part: Part) -> float:
        """Seconds of sound that a player is given."""
        with reading(self.db) as session:
            playable = recordings.playable(session, self.counselor, call_id, NOON)
        with recordings.open_recording(playable, part) as file:
            return audio.read(b"".join(file.read(0, file.size))).duration.total_seconds()

    def deliver(self, to: Headquarters) -> int:
        return deliver(self.db, self.there, to, NOON + timedelta(minutes=1))


def test_what_a_center_delivers_can_be_heard_and_its_raw_file_is_gone(center: Center, port: int) -> None:
    call_id = center.call()
    with receiving_at(port) as headquarters:
        assert center.deliver(headquarters) == 1
        assert center.deliver(headquarters) == 0
    assert center.state(call_id) == RecordingState.READY
    assert [center.heard(call_id, part) for part in Part] == [SECONDS, SECONDS]
    assert not center.raw(call_id).exists()


def test_headquarters_worker_leaves_another_center_s_recording_alone(center: Center) -> None:
    """And says when it does not come."""
    call_id = center.call()
    recording_work.finish(call_id)
    recording_work.sweep_all(center.db, NOON + LATE / 2)
    assert center.state(call_id) == RecordingState.PENDING
    recording_work.sweep_all(center.db, NOON + 2 * LATE)
    assert center.state(call_id) == RecordingState.PENDING
    with reading(center.db) as session:
        (alarm,) = alarms.present(session, center.lead)
    assert (alarm.subject, alarm.reason) == (call_id, "late")


def test_while_the_link_is_cut_everything_waits_and_then_all_of_it_comes(
    center: Center, port: int
) -> None:
    waiting = [center.call(number) for number in range(3)]
    with pytest.raises(Unavailable):
        center.deliver(Headquarters(f"http://127.0.0.1:{port}"))
    assert all(center.raw(call_id).exists() for call_id in waiting)
    with receiving_at(port) as headquarters:
        assert center.deliver(headquarters) == 3
    assert not any(center.raw(call_id).exists() for call_id in waiting)


def test_what_headquarters_disk_does_not_take_stays_at_the_center(center: Center, port: int) -> None:
    call_id = center.call()
    with receiving_at(port) as headquarters:
        with full_disk(30_000):
            assert center.deliver(headquarters) == 0
        assert (center.state(call_id), center.raw(call_id).exists()) == (RecordingState.PENDING, True)
        assert center.deliver(headquarters) == 1


def test_a_center_whose_key_headquarters_does_not_know_keeps_everything(
    center: Center, port: int, monkeypatch: pytest.MonkeyPatch, settings: Callable[[], Settings]
) -> None:
    call_id = center.call()
    with receiving_at(port) as headquarters:
        monkeypatch.setattr("intake.recordings.delivering.recording_keys", lambda _of: [Key(b"x" * 32)])
        with pytest.raises(Unavailable, match="401"):
            center.deliver(headquarters)
    assert center.raw(call_id).exists()


def test_a_worker_that_died_when_all_was_done_leaves_nothing_for_long(center: Center, port: int) -> None:
    call_id = center.call()
    with receiving_at(port) as headquarters:
        center.deliver(headquarters)
        noise(center.raw(call_id), SECONDS)
        now = NOON + timedelta(days=400)
        recording_care.look_over_spool(center.db, now, headquarters)
    assert not center.raw(call_id).exists()


SEALED = "hn=tls://127.0.0.1:5061:5039,dn=tls://127.0.1.2:5061:5039"


def test_where_the_sites_speak_tls_recordings_go_to_who_the_house_s_authority_names(
    center: Center, port: int, tmp_path: Path
) -> None:
    """A stranger's authority, another address and none at all are told apart, and nothing is sent."""
    call_id = center.call()
    certificates.make(tmp_path / "ours", {"hn": ["127.0.0.1"]}, utc_now())
    certificates.make(tmp_path / "theirs", {"hn": ["127.0.0.1"]}, utc_now())
    here = center.here.model_copy(update={"sites": SEALED, "certificates": tmp_path / "ours"})
    url = f"https://127.0.0.1:{port}"
    there = center.there.model_copy(update={"sites": SEALED, "headquarters": url})

    def believing(name: str, **more: str) -> Headquarters:
        return headquarters(there.model_copy(update={"certificates": tmp_path / name, **more}))

    with receiving_at(port, here) as in_clear:
        with pytest.raises(Unavailable, match="does not answer"):
            in_clear.greet()
        with pytest.raises(Untrusted, match="unable to get local issuer"):
            believing("theirs").greet()
        with pytest.raises(Untrusted, match="mismatch"):
            believing("ours", headquarters=f"https://localhost:{port}").greet()
        with pytest.raises(Untrusted, match="is no authority to believe"):
            believing("nobody").greet()
        with pytest.raises(Untrusted, match="unable to get local issuer"):
            Headquarters(url).greet()
        assert center.raw(call_id).exists()
        assert center.deliver(believing("ours")) == 1
    assert not center.raw(call_id).exists()


def test_a_renewed_certificate_is_shown_without_a_restart_and_a_broken_one_never(
    tmp_path: Path, port: int, settings: Callable[[], Settings]
) -> None:
    """Headquarters' has a month left; then comes a new one; then half of another."""
    almost = utc_now() - certificates.SITE_LASTS + timedelta(days=30)
    certificates.make(tmp_path, {"hn": ["127.0.0.1"]}, almost)
    files = certificates.files_of(tmp_path, "hn")
    of = settings().model_copy(update={"sites": SEALED, "certificates": tmp_path})

    def ends() -> datetime:
        shown = ssl.get_server_certificate(("127.0.0.1", port), ca_certs=str(files.ca))
        return x509.load_pem_x509_certificate(shown.encode()).not_valid_after_utc

    with receiving_at(port, of):
        assert ends() < utc_now() + timedelta(days=31)
        certificates.make(tmp_path, {"hn": ["127.0.0.1"]}, utc_now())
        renewed = ends()
        assert renewed > utc_now() + timedelta(days=700)
        files.key.write_text("half of another", "utf-8")
        assert ends() == renewed


@pytest.mark.parametrize(("ago", "said"), [(None, "hn.pem cannot be read"), (1, "hn.pem has run out")])
def test_headquarters_says_at_the_start_what_no_center_would_believe(
    tmp_path: Path, ago: int | None, said: str
) -> None:
    certificates.make(tmp_path, {}, utc_now() - timedelta(days=3000))
    if ago is not None:
        old = utc_now() - certificates.SITE_LASTS - timedelta(days=ago)
        certificates.make(tmp_path, {"hn": ["127.0.0.1"]}, old)
    with pytest.raises(SetupError, match=said):
        receiving.config(Settings(sites=SEALED, certificates=tmp_path))


def test_who_is_refused_and_why(center: Center, port: int) -> None:
    known, ready, ours = center.call(1), center.call(2), CallId("hn-1763614800.9")
    key = recording_keys(center.here)[0]

    def asked(
        call_id: str,
        body: bytes,
        *,
        key: Key = key,
        digest: str = "",
        place: str = "",
        method: str = "PUT",
    ) -> int:
        real = f"/recordings/{call_id}/original"
        digest = digest or sha256(body).hexdigest()
        given = delivery_pass.make(key, "PUT", place or real, len(body), digest)
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request(method, real, body, {"Authorization": given})
            return connection.getresponse().status

    with receiving_at(port) as headquarters:
        recording_work.attempt(center.db, ready, NOON + timedelta(minutes=1), headquarters)
        stranger = Key(b"y" * 32)
        assert {
            "a stranger": asked(known, b"x", key=stranger),
            "a pass for another call": asked(known, b"x", place="/recordings/other/original"),
            "a pass for another deed": asked(known, b"x", method="GET"),
            "another content": asked(known, b"x", digest=sha256(b"y").hexdigest()),
            "no sealed file": asked(known, b"x" * 2000),
            "a call nobody knows": asked("dn-1.1", b"x"),
            "a call of headquarters": asked(ours, b"x"),
            "what is there": asked(ready, b"x"),
        } == {
            "a stranger": 401,
            "a pass for another call": 401,
            "a pass for another deed": 401,
            "another content": 400,
            "no sealed file": 422,
            "a call nobody knows": 404,
            "a call of headquarters": 404,
            "what is there": 409,
        }
    assert center.state(known) == RecordingState.PENDING
    assert center.heard(ready, Part.ORIGINAL) == SECONDS
    scratch = center.here.recordings_dir / ".parts"
    assert list(scratch.iterdir()) == []


def test_the_doctor_says_whether_headquarters_takes_recordings(center: Center, port: int) -> None:
    there = center.there.model_copy(update={"headquarters": f"http://127.0.0.1:{port}"})

    def grades() -> list[Grade]:
        found = examine(Patient(there, running=None))
        return [each.grade for each in found if each.subject == "headquarters"]

    assert grades() == [Grade.WRONG]
    with receiving_at(port):
        assert grades() == [Grade.GOOD]


def test_the_disk_of_another_center_is_told_by_its_name(center: Center) -> None:
    full = center.there.model_copy(update={"least_free_gb": 1e9})
    recording_care.watch_disks_of(center.db, full, NOON)
    with reading(center.db) as session:
        subjects = [alarm.subject for alarm in alarms.present(session, center.lead)]
    assert subjects == ["recordings:dn"]

"""`tongdai deliver`: finishes the recordings of another center there and brings them to headquarters.

Runs beside each Asterisk but that of headquarters, on the disk where it records. The sound is sealed
here, so nothing plain leaves the center; headquarters (`tongdai receive`) reads what it took back from
its disk, and only then is the recording ready in the database and the raw file dropped. While the link
is cut everything waits in the spool. No disk is shared, and the signals' server is not needed.
"""

import http.client
import itertools
import random
import signal
import ssl
import threading
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urlsplit

import structlog
from sqlalchemy import Engine

from hotline.clock import utc_now
from hotline.errors import SetupError, Unavailable
from hotline.ids import CallId, call_ids_of
from hotline.keyring import recording_keys
from hotline.peers import every_site
from hotline.settings import Settings, settings
from intake.recordings import delivery_pass, recording_care, recording_files
from intake.recordings.recording_files import Part
from intake.recordings.recording_work import attempt, pending
from intake.recordings.recordings import RecordingState
from intake.tables.recordings import RecordingRow

_log = structlog.get_logger()

EVERY_SECONDS = 5.0
_WATCH_TURNS, _LOOK_OVER_TURNS = 12, 720
"""A minute and an hour."""
_ANSWER_SECONDS = 60.0
_NOTHING = sha256().hexdigest()


class Untrusted(Unavailable):
    """What answers does not show a certificate that we believe, or we have none to believe by."""


class Headquarters:
    """A `recording_files.Shelf` behind a `tongdai receive`. Every method raises Unavailable.

    `ca`: the only authority that is believed; None: those of this machine.
    """

    def __init__(self, url: str, ca: Path | None = None) -> None:
        self._url = urlsplit(url)
        self._ca = ca

    def greet(self) -> None:
        """Does it answer, and does it take what we seal?"""
        self._ask("GET", "/recordings", expected=(204,))

    def keep(self, call_id: CallId, path: str, part: Part, content: bytes) -> str:
        """`path` is what headquarters finds by itself: nobody chooses where on its disk to write."""
        with recording_files.sealed_draft(call_id, part, content) as (draft, key):
            self._ask("PUT", f"{_place(call_id)}/{part}", draft, expected=(201,))
        return key

    def has(self, call_id: CallId, path: str) -> bool:
        return self._ask("GET", f"{_place(call_id)}/{Part.ORIGINAL}", expected=(204, 404)) == 204

    def _ask(
        self, method: str, place: str, body: Path | None = None, *, expected: tuple[int, ...]
    ) -> int:
        """The answer's status, one of `expected`. The body goes in pieces, however long the call was."""
        try:
            if body is None:
                status = self._exchange(method, place, None, 0, _NOTHING)
            else:
                with body.open("rb") as file:
                    digest = file_digest(file, "sha256").hexdigest()
                    file.seek(0)
                    status = self._exchange(method, place, file, body.stat().st_size, digest)
        except ssl.SSLCertVerificationError as error:
            raise Untrusted(f"headquarters is not believed: {error.verify_message}") from error
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"headquarters does not answer: {type(error).__name__}") from error
        if status not in expected:
            raise Unavailable(f"headquarters answers {status} to {method} {place}")
        return status

    def _exchange(self, method: str, place: str, body: BinaryIO | None, size: int, digest: str) -> int:
        connection = self._connection()
        key = recording_keys(settings())[0]
        try:
            connection.request(
                method,
                place,
                body,
                {
                    "Authorization": delivery_pass.make(key, method, place, size, digest),
                    "Content-Length": str(size),
                },
            )
            return connection.getresponse().status
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        if self._url.scheme != "https":
            return http.client.HTTPConnection(host, port, timeout=_ANSWER_SECONDS)
        try:
            trusted = ssl.create_default_context(cafile=self._ca)
        except OSError as error:
            raise Untrusted(f"{self._ca} is no authority to believe headquarters by: {error}") from error
        return http.client.HTTPSConnection(host, port, timeout=_ANSWER_SECONDS, context=trusted)


def headquarters(of: Settings) -> Headquarters:
    """Where TONGDAI_HEADQUARTERS says; with `tls://` in TONGDAI_SITES believed by the house's own
    authority alone. Raises SetupError."""
    sealed = any(peer.tls for peer in every_site(of))
    return Headquarters(of.headquarters, of.certificates_dir / "ca.pem" if sealed else None)


def _place(call_id: CallId) -> str:
    return f"/recordings/{quote(call_id, safe='')}"


def deliver(engine: Engine | None, of: Settings, to: Headquarters, now: datetime) -> int:
    """Try every pending recording of this center; gives how many are ready now. Raises Unavailable.

    In any order, so that one which kills us does not keep the others back.
    """
    todo = pending(engine, RecordingRow.call_id.startswith(call_ids_of(of.site)))
    if not todo:
        return 0
    to.greet()
    random.shuffle(todo)
    states = [attempt(engine, call_id, now, to) for call_id in todo]
    return states.count(RecordingState.READY)


def command() -> None:
    """`tongdai deliver`: run until SIGTERM. Raises SetupError."""
    of = settings()
    if not of.headquarters:
        raise SetupError("set TONGDAI_HEADQUARTERS to where `tongdai receive` of headquarters listens")
    to, stop = headquarters(of), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _log.info("delivering", site=of.site)
    for turn in itertools.count():
        try:
            if count := deliver(None, of, to, utc_now()):
                _log.info("delivered", site=of.site, count=count)
            if turn % _WATCH_TURNS == 0:
                recording_care.watch_disks_of(None, of, utc_now())
            if turn % _LOOK_OVER_TURNS == 0:
                recording_care.look_over_spool(None, utc_now(), to)
                recording_files.clear_scratch(utc_now())
        except (Unavailable, OSError) as error:
            _log.warning("not_delivered", site=of.site, error=error)
        if stop.wait(EVERY_SECONDS):
            return

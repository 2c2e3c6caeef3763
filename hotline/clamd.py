"""Files asked of ClamAV's daemon (`TONGDAI_CLAMD`), by its own protocol (clamd(8), INSTREAM).

A file is asked about when it is given out, by what the daemon knows then (docs/adr/0037). What is no
clear answer is none: it raises, and the file waits sealed where it is.
"""

import socket
import struct
from collections.abc import Iterator
from contextlib import closing

from hotline.errors import HotlineError, Unavailable
from hotline.findings import Finding, Grade, Patient

_CHUNK = 64 * 1024
_CONNECT_SECONDS, _ANSWER_SECONDS = 2.0, 30.0
_LONGEST_ANSWER = 4096


class Malware(HotlineError):
    """The daemon knows this file as harmful."""


class NotScanned(Unavailable):
    """The daemon is away, or has not said whether the file is harmful."""


def require_clean(door: str, content: bytes) -> None:
    """Raises Malware, NotScanned. `door`: `host:port` or the path of a socket."""
    parts = (content[at : at + _CHUNK] for at in range(0, len(content), _CHUNK))
    stream = b"".join(struct.pack(">L", len(part)) + part for part in parts)
    answer = _asked(door, b"zINSTREAM\0" + stream + struct.pack(">L", 0))
    if answer.endswith(b" FOUND"):
        raise Malware("a file")
    if answer != b"stream: OK":
        raise NotScanned("clamd")


def examine(patient: Patient) -> Iterator[Finding]:
    """For `tongdai doctor`."""
    if door := patient.settings.clamd:
        try:
            there = _asked(door, b"zPING\0") == b"PONG"
        except NotScanned:
            there = False
        if there:
            yield Finding(Grade.GOOD, "scanner", "clamd answers")
        else:
            yield Finding(
                Grade.WRONG,
                "scanner",
                "clamd does not answer: no file that was sent to us can be opened",
                "start it, and check TONGDAI_CLAMD",
            )


def _asked(door: str, said: bytes) -> bytes:
    """One command, one answer. Raises NotScanned."""
    try:
        with closing(_open(door)) as line:
            line.settimeout(_ANSWER_SECONDS)
            line.sendall(said)
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
                part = line.recv(_LONGEST_ANSWER)
                if not part:
                    break
                answer += part
    except OSError as error:
        raise NotScanned("clamd") from error
    if not answer.endswith(b"\0"):
        raise NotScanned("clamd")
    return answer.removesuffix(b"\0")


def _open(door: str) -> socket.socket:
    if door.startswith("/"):
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(_CONNECT_SECONDS)
        try:
            line.connect(door)
        except OSError:
            line.close()
            raise
        return line
    host, _, port = door.rpartition(":")
    return socket.create_connection((host, int(port)), _CONNECT_SECONDS)

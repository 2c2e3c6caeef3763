"""What a walk through the pages leaves where it must not: logs, Redis, jobs, and addresses of pages."""

import io
import logging
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import unquote_plus

import pytest
import redis as redis_client
import structlog
from httpx import Response

from hotline import log
from tests.dashboard.permission_world import INFORMANT

PLANTED = (
    INFORMANT,
    "Bành",
    "Bé Na",
    "Bé Bo",
    "bị đánh",
    "hàng xóm",
    "Em kể chuyện",
    "Em sợ về nhà",
    "nói khẽ",
    "912345678",
    "987654321",
)
"""Names, numbers and words that `permission_world` and `permission_house` put into records, reports,
flags, packets and notes."""
_ADDRESS = re.compile(
    r'(?:href|src|action|hx-get|hx-post|hx-push-url|data-href|data-url|formaction)="([^"]*)"'
)
_ATTRIBUTES_OF_PHONES = ("tel:",)
"""A guest's or officer's page rings the number that they were sent: no address of ours."""


_READ: dict[str, Callable[[Any, bytes], list[Any]]] = {
    "string": lambda redis, key: [redis.get(key)],
    "hash": lambda redis, key: [part for pair in redis.hgetall(key).items() for part in pair],
    "list": lambda redis, key: redis.lrange(key, 0, -1),
    "set": lambda redis, key: list(redis.smembers(key)),
    "zset": lambda redis, key: redis.zrange(key, 0, -1),
    "stream": lambda redis, key: [redis.xrange(key)],
}
"""Kind of a key → its whole content."""


@dataclass
class Overheard:
    """`addresses`: where → every address that a page told or led to."""

    written: io.StringIO
    redis: Any
    heard: Any
    addresses: dict[str, str] = field(default_factory=dict)

    def page(self, where: str, answer: Response) -> None:
        self._address(where, str(answer.request.url))
        for name in ("location", "hx-redirect", "hx-push-url", "hx-location"):
            self._address(where, answer.headers.get(name, ""))
        if "text/html" in answer.headers.get("content-type", ""):
            for found in _ADDRESS.findall(answer.text):
                self._address(where, unescape(found))

    def _address(self, where: str, address: str) -> None:
        if not address.startswith(_ATTRIBUTES_OF_PHONES):
            self.addresses.setdefault(unquote_plus(address), where)

    def leaks(self) -> list[str]:
        """Where something planted came out, and what."""
        told = {f"address {one}, on {where}": one for one, where in self.addresses.items()}
        told |= {f"log: {line[:200]}": line for line in self.written.getvalue().splitlines()}
        told |= {f"Redis: {place[:200]}": place for place in self._in_redis()}
        return [place for place, text in told.items() if any(one in text for one in PLANTED)]

    def _in_redis(self) -> Iterator[str]:
        """Every key with its content, jobs and their arguments among them, and every signal."""
        while message := self.heard.get_message(timeout=0.2):
            yield f"signal {message['channel']!r} {_text(message['data'])}"
        for key in self.redis.scan_iter():
            kind = self.redis.type(key).decode()
            yield " ".join(map(_text, [key, *_READ[kind](self.redis, key)]))


def _text(raw: Any) -> str:
    """RQ's arguments may be packed by zlib; they are opened where they are."""
    with suppress(zlib.error, TypeError):
        raw = zlib.decompress(raw)
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


@contextmanager
def listening(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Overheard]:
    """From now on everything that is logged, at the lowest level, and everything that is told."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    monkeypatch.setattr("sys.excepthook", None)
    log.configure("debug")
    with redis_client.Redis.from_url(redis_url) as connection, connection.pubsub() as heard:
        heard.psubscribe("*")
        yield Overheard(written, connection, heard)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()

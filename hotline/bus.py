"""Signals between processes over Redis pub/sub: ids and codes only, never content.

A lost signal loses nothing: whoever listens re-reads the database now and then. Publishing never raises
for a Redis that is away; the caller has already committed what matters.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import redis
import redis.asyncio
import structlog

from hotline.ids import StaffId
from hotline.settings import settings

_log = structlog.get_logger()

_RECONNECT_SECONDS = 1.0

BOARD = "board"
"""Something a shift lead's wallboard shows has changed."""
STAFF = "staff"
"""A counselor's availability or roster has changed; the switchboard listens. `id`: the staff id."""


EVERY_DESK = "desk.*"
"""A pattern to listen to: the desks of all counselors."""


def desk(staff_id: StaffId) -> str:
    """The topic of one counselor's desk."""
    return f"desk.{staff_id}"


@dataclass(frozen=True, slots=True)
class Signal:
    """`kind` on the desk topic: `rang`, `talk`, `stopped`, `ended`; `id` is the call's id."""

    topic: str
    kind: str
    id: str = ""


LISTENING = Signal("", "listening")
"""Every topic asked for is subscribed now."""
AWAY = Signal("", "away")
"""Redis is gone; LISTENING comes when it is back."""


def _redis_url() -> str:
    return settings().redis_url or f"unix://{settings().run_dir / 'valkey.sock'}"


def _password() -> str | None:
    """None where there is none; one in the URL goes before it."""
    of = settings()
    return (of.redis_password.get_secret_value() if of.redis_url else "") or None


@cache
def client() -> redis.Redis:
    """The process's synchronous Redis client (also RQ's)."""
    return redis.Redis.from_url(
        _redis_url(), password=_password(), socket_timeout=5, socket_connect_timeout=2
    )


def quick_client() -> redis.Redis:
    """For what a person waits for: gives up soon."""
    return _quick(_redis_url(), _password())


@cache
def _quick(url: str, password: str | None) -> redis.Redis:
    return redis.Redis.from_url(
        url, password=password, socket_timeout=0.3, socket_connect_timeout=0.3, retry=None
    )


def is_open() -> bool:
    """Whether what we speak with over a network takes anybody. (One that asks for no password refuses us
    when we give one.)"""
    url = urlsplit(_redis_url())
    return url.scheme != "unix" and not url.password and _password() is None


def publish(signals: Sequence[Signal]) -> None:
    """Send the signals in order; a Redis that is away is logged and otherwise ignored."""
    if not signals:
        return
    try:
        with client().pipeline(transaction=False) as pipe:
            for signal in signals:
                pipe.publish(f"td.{signal.topic}", json.dumps({"kind": signal.kind, "id": signal.id}))
            pipe.execute()
    except redis.RedisError as error:
        _log.warning("bus_away", error=type(error).__name__, lost=len(signals))


async def listen(*topics: str, greet: bool = False) -> AsyncGenerator[Signal, None]:
    """Signals of these topics as they come; a topic may be a pattern (`EVERY_DESK`). Raises
    redis.RedisError when Redis goes away.

    With `greet`, the first is LISTENING: what is read from the database after it misses nothing.
    """
    connection = redis.asyncio.Redis.from_url(_redis_url(), password=_password())
    try:
        async with connection.pubsub() as pubsub:
            for topic in topics:
                ask = pubsub.psubscribe if topic.endswith("*") else pubsub.subscribe
                await ask(f"td.{topic}")
            waited_for = len(topics)
            async for message in pubsub.listen():
                if message["type"] in {"subscribe", "psubscribe"}:
                    waited_for -= 1
                    if greet and waited_for == 0:
                        yield LISTENING
                if message["type"] in {"message", "pmessage"}:
                    data = json.loads(message["data"])
                    topic = message["channel"].decode().removeprefix("td.")
                    yield Signal(topic, data["kind"], data["id"])
    finally:
        await connection.aclose()


async def listen_always(*topics: str) -> AsyncIterator[Signal]:
    """`listen` that outlives Redis, LISTENING first after each gap: re-read what may have changed."""
    while True:
        try:
            async for signal in listen(*topics, greet=True):
                yield signal
        except redis.RedisError as error:
            _log.warning("bus_away", error=type(error).__name__)
        await asyncio.sleep(_RECONNECT_SECONDS)

"""Signals between processes over Redis pub/sub: ids and codes only, never content.

A lost signal loses nothing: whoever listens re-reads the database now and then. Publishing never raises
for a Redis that is away; the caller has already committed what matters.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from functools import cache

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


@cache
def client() -> redis.Redis:
    """The process's synchronous Redis client (also RQ's)."""
    return redis.Redis.from_url(_redis_url(), socket_timeout=5, socket_connect_timeout=2)


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
    connection = redis.asyncio.Redis.from_url(_redis_url())
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

"""How often something may happen, counted in Redis: the generic cell rate algorithm (ITU-T I.371), one
number per counted thing. Keys are ids, never a person's.

A Redis that is away lets everything through: a limit must not cost a child's report. Nor must it cost
time: who does not answer is not asked again for a while.
"""

import time
from datetime import timedelta
from weakref import WeakKeyDictionary

import redis
import structlog

from hotline import bus

_log = structlog.get_logger()

_MINUTE_MS = 60_000
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + tonumber(ARGV[1])
local ahead = full - now - tonumber(ARGV[2])
if ahead > 0 then return math.ceil(ahead) end
redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil(full - now))
return 0
"""


_REST_SECONDS = 5.0
_left_alone_until: WeakKeyDictionary[redis.Redis, float] = WeakKeyDictionary()


def wait(what: str, per_minute: int) -> timedelta:
    """Count one more of `what`; zero when it may happen now, else how long until it may."""
    each, server = _MINUTE_MS / per_minute, bus.quick_client()
    if time.monotonic() < _left_alone_until.get(server, 0.0):
        return timedelta()
    try:
        ahead = server.eval(_SCRIPT, 1, f"td.rate.{what}", each, _MINUTE_MS)
    except redis.RedisError as error:
        _log.warning("rate_not_limited", error=type(error).__name__)
        _left_alone_until[server] = time.monotonic() + _REST_SECONDS
        return timedelta()
    return timedelta(milliseconds=int(ahead))

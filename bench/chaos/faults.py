"""The faults, each really injected and, after a while, over."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import text

from bench.chaos.places import Centers, Place
from hotline.db import Base

LASTS = 6.0
"""Seconds; long enough for the fallback (3 to 4 s) to be at work."""
_JUMP = 600
"""Seconds that the clock jumps, there and back."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`happen` returns when it is over, with the seconds that a takeover took if there was one.

    `falls_back`: nobody routes meanwhile, so Asterisk must. `log_is_whole`: False where the log cannot
    be written either.
    """

    name: str
    happen: Callable[[Place], Awaitable[float | None]]
    falls_back: bool = False
    on_postgres: bool = False
    own_clock: bool = False
    standby: bool = False
    parts: bool = False
    three_sites: bool = False
    site: str = "hn"
    """Which it concerns."""
    log_is_whole: bool = True


async def _switchboard_killed(place: Place) -> None:
    place.house.kill()
    await asyncio.sleep(LASTS)
    await asyncio.to_thread(place.house.start)


async def _switchboard_stopped(place: Place) -> None:
    steps = place.house.times_in_step()
    place.house.signal(signal.SIGSTOP)
    await asyncio.sleep(LASTS)
    place.house.signal(signal.SIGCONT)
    await place.house.until_in_step_again(steps)


async def _standby(place: Place) -> float:
    steps = place.house.times_in_step()
    began = time.monotonic()
    place.house.kill()
    await place.house.until_in_step_again(steps)
    return time.monotonic() - began


async def _broken_inside(place: Place) -> None:
    steps = place.house.times_in_step()
    place.wire.break_inside()
    await place.house.until_in_step_again(steps)


async def _half_open(place: Place) -> None:
    steps = place.house.times_in_step()
    place.wire.fall_silent()
    await place.house.until_in_step_again(steps)


async def _wrong_secret(place: Place) -> None:
    """The connection there is outlives the reload, so it is ended: the next log-in is refused."""
    pbx, steps = place.house.pbx, place.house.times_in_step()
    conf = pbx.settings.pbx_dir / "etc" / "manager.conf"
    right = conf.read_text("utf-8")
    conf.write_text(right.replace(pbx.settings.ami_secret.get_secret_value(), "another-secret"), "utf-8")
    try:
        pbx.console("manager reload")
        place.wire.drop()
        await asyncio.sleep(LASTS)
    finally:
        conf.write_text(right, "utf-8")
        pbx.console("manager reload")
    await place.house.until_in_step_again(steps)


async def _valkey_killed(place: Place) -> None:
    place.valkey.end(signal.SIGKILL)
    await asyncio.sleep(LASTS)
    place.valkey.start()  # from this thread: it dies with the one that started it


async def _web_and_worker_killed(place: Place) -> None:
    """Neither is on the path of a call."""
    assert all(part.poll() is None for part in place.parts)
    place.kill_parts()
    await asyncio.sleep(LASTS / 2)


async def _postgres_killed(place: Place) -> None:
    assert place.cluster is not None
    await asyncio.to_thread(place.cluster.kill)
    await asyncio.sleep(LASTS)
    await asyncio.to_thread(place.cluster.start)


async def _full_disk(place: Place) -> None:
    with place.house.pbx.full_disk():
        await asyncio.sleep(LASTS)


_SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF current_setting('chaos.slept', true) IS DISTINCT FROM txid_current()::text THEN
    PERFORM set_config('chaos.slept', txid_current()::text, true), pg_sleep(2);
  END IF;
  RETURN NULL;
END $$
"""
_EACH = """
CREATE CONSTRAINT TRIGGER slow AFTER INSERT OR UPDATE OR DELETE ON "{}"
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()
"""


async def _slow_database(place: Place) -> None:
    """A deferred constraint is checked at commit: there it sleeps, once a transaction."""
    with slow_commits(place):
        await asyncio.sleep(2 * LASTS)


@contextmanager
def slow_commits(place: Place) -> Iterator[None]:
    tables = [table.name for table in Base.metadata.sorted_tables]
    with place.house.db.begin() as connection:
        connection.execute(text(_SLOW))
        for table in tables:
            connection.execute(text(_EACH.format(table)))
    try:
        yield
    finally:
        with place.house.db.begin() as connection:
            connection.execute(text("DROP FUNCTION slow() CASCADE"))


async def _clock_jumps(place: Place) -> None:
    for seconds in (_JUMP, 0):
        place.shift_clock(seconds)
        await asyncio.sleep(LASTS / 2)


async def _site_killed(place: Place) -> None:
    assert isinstance(place, Centers)
    place.dead = "ag"
    place.country.sites["ag"].kill()
    await asyncio.sleep(LASTS)


async def _link_cut(place: Place) -> None:
    """A center's link to all others: AMI, SIP, database. Its log is shipped when the link is back."""
    assert isinstance(place, Centers)
    steps = place.house.times_in_step()
    place.parted = "ag"
    await place.country.cut("ag")
    await asyncio.sleep(2 * LASTS)
    await place.country.mend("ag")
    await place.house.until_in_step_again(steps)


FAULTS = (
    Fault("switchboard SIGKILL", _switchboard_killed, falls_back=True),
    Fault("switchboard SIGSTOP", _switchboard_stopped, falls_back=True),
    Fault("SIGKILL with a standby", _standby, standby=True),
    Fault("AMI cut mid-message", _broken_inside),
    Fault("AMI half open", _half_open),
    Fault("AMI secret wrong", _wrong_secret, falls_back=True),
    Fault("Valkey SIGKILL", _valkey_killed),
    Fault("web, worker SIGKILL", _web_and_worker_killed, parts=True),
    Fault("PostgreSQL SIGKILL", _postgres_killed, on_postgres=True),
    Fault("every commit 2 s", _slow_database, on_postgres=True),
    Fault("disk full", _full_disk, log_is_whole=False),
    Fault("clock jumps 10 min", _clock_jumps, own_clock=True),
    Fault("a site's Asterisk killed", _site_killed, three_sites=True, site="ag"),
    Fault(
        "link to a site cut", _link_cut, three_sites=True, on_postgres=True, site="ag", falls_back=True
    ),
)

"""Redis with a password, as in docker-compose.yml: a real server that docker/redis starts."""

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis as redis_client

from hotline import bus, jobs, valkey
from hotline.settings import ROOT, Settings
from hotline.settings import settings as process_settings
from tests.waiting import until

PASSWORD = "a wörd of strange \" ' \\ signs % $HOME `x` #"


@pytest.fixture
def guarded(
    tmp_path: Path, settings: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The URL of one that asks for PASSWORD; this process does not know it yet."""
    (tmp_path / "secret").write_text(PASSWORD + "\n", "utf-8")
    (tmp_path / "data").mkdir()
    binary, *_ = valkey.command(tmp_path / "unused", tmp_path / "unused.sock")
    (tmp_path / "redis-server").symlink_to(binary)
    script = (ROOT / "docker" / "redis").read_text("utf-8")
    for there, here in (
        ("/run/secrets/tongdai_redis_password", f"{tmp_path}/secret"),
        ("dir /data", f"dir {tmp_path}/data"),
        ("bind *", f"port 0\nunixsocket {tmp_path}/sock"),
    ):
        assert there in script
        script = script.replace(there, here)
    server = subprocess.Popen(["sh", "-c", f"PATH={tmp_path}:$PATH\n{script}"])
    try:
        until((tmp_path / "sock").exists)
        monkeypatch.setenv("TONGDAI_REDIS_URL", f"unix://{tmp_path}/sock")
        _afresh()
        yield f"unix://{tmp_path}/sock"
    finally:
        server.terminate()
        server.wait(10)
        bus.client().close()
        _afresh()


def _afresh() -> None:
    process_settings.cache_clear()
    bus.client.cache_clear()


def test_who_does_not_know_the_password_can_neither_read_nor_queue(guarded: str) -> None:
    with pytest.raises(redis_client.AuthenticationError):
        bus.client().ping()
    with pytest.raises(redis_client.RedisError):
        jobs.queue().get_jobs()


def test_who_knows_it_queues_and_hears(guarded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGDAI_REDIS_PASSWORD", PASSWORD)
    _afresh()
    jobs.enqueue("hotline.jobs.sweep_sessions")
    assert len(jobs.queue()) == 1

    async def heard() -> list[bus.Signal]:
        told = []
        async for signal in bus.listen(bus.BOARD, greet=True):
            told.append(signal)
            if signal is bus.LISTENING:
                bus.publish([bus.Signal(bus.BOARD, "ended")])
            else:
                break
        return told

    assert asyncio.run(asyncio.wait_for(heard(), 10)) == [
        bus.LISTENING,
        bus.Signal(bus.BOARD, "ended"),
    ]


@pytest.mark.parametrize(
    ("url", "password", "is_open"),
    [
        ("", "", False),
        ("unix:///run/valkey.sock", "", False),
        ("redis://cache:6379/0", "", True),
        ("rediss://cache:6379/0", "", True),
        ("redis://:word@cache:6379/0", "", False),
        ("redis://cache:6379/0", "word", False),
    ],
)
def test_one_in_a_network_without_a_password_is_called_open(
    monkeypatch: pytest.MonkeyPatch, url: str, password: str, is_open: bool
) -> None:
    monkeypatch.setenv("TONGDAI_REDIS_URL", url)
    monkeypatch.setenv("TONGDAI_REDIS_PASSWORD", password)
    _afresh()
    assert bus.is_open() is is_open

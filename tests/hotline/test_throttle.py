"""A limit on what is done a minute, on a real Valkey and on one that hangs."""

import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from hotline import throttle
from hotline.settings import Settings
from hotline.settings import settings as process_settings
from tests import own_valkey
from tests.waiting import until


def test_so_many_at_once_and_then_one_after_another(redis: str) -> None:
    waits = [throttle.wait("tests", 3) for _ in range(4)]
    assert waits[:3] == [timedelta()] * 3
    assert timedelta(seconds=15) < waits[3] <= timedelta(seconds=20)
    assert not throttle.wait("others", 3)


def test_a_redis_that_hangs_is_waited_for_once_and_then_left_alone(
    tmp_path: Path, settings: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = own_valkey.Valkey(tmp_path)
    server.start()
    monkeypatch.setenv("TONGDAI_REDIS_URL", server.url)
    process_settings.cache_clear()
    until(lambda: throttle.wait("tests", 1))
    server.hang()
    try:
        began = time.monotonic()
        waits = [throttle.wait("tests", 1) for _ in range(50)]
        assert time.monotonic() - began < 2
        assert not any(waits)
    finally:
        server.end(signal.SIGKILL)

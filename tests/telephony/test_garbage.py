"""What has hung up is freed at once, and the old are not walked in the midst of the day's work."""

import asyncio
import gc
import json
from collections.abc import Iterator

import pytest

from hotline.clock import utc_now
from telephony import garbage, messages
from telephony.callbook import Callbook
from telephony.calls import Call
from telephony.channels import Bridge, Channel, Party
from telephony.legs import Leg
from tests.telephony.test_captures import CAPTURES


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    """As it was. What is there before a test is not looked at in it: that would take half a second."""
    before = gc.get_threshold()
    gc.freeze()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
        gc.set_threshold(*before)


def _ours() -> list[object]:
    """What the collector knows of ours, garbage too, but only what the test has made."""
    return [each for each in gc.get_objects() if isinstance(each, Call | Party | Channel | Bridge | Leg)]


@pytest.mark.parametrize("name", sorted(file.stem for file in CAPTURES.glob("*.jsonl")))
def test_a_call_that_is_over_leaves_nothing_to_collect(name: str) -> None:
    lines = (CAPTURES / f"{name}.jsonl").read_text("utf-8").splitlines()
    gc.disable()
    book = Callbook()
    for line in lines:
        if (event := messages.parse(json.loads(line))) is not None:
            book.fold(event, utc_now())
    book.restore([], utc_now())  # the capture may end before the last channel does
    assert not book.live
    assert not _ours()


def test_the_old_are_not_walked_by_themselves_but_now_and_then() -> None:
    async def run() -> None:
        walking = asyncio.create_task(garbage.collect_now_and_then(every=0.01))
        await asyncio.sleep(0.05)
        walking.cancel()

    garbage.spare_the_old()
    assert gc.get_freeze_count() > 10_000
    walked: list[int] = []
    gc.callbacks.append(lambda phase, info: walked.append(info["generation"]))
    try:
        kept = [[each] for each in range(200_000)]
        assert set(walked) == {0, 1}
        asyncio.run(run())
        assert 2 in walked
    finally:
        gc.callbacks.pop()
        del kept

"""What stories share: the session's real Asterisk, and the house around it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import wraps
from pathlib import Path

import pytest

from tests.pbx import Pbx, _asterisk, pbx
from tests.stories.house import House, empty_database
from tests.waiting import until

__all__ = ["_asterisk", "pbx"]


@pytest.fixture
def house(
    pbx: Pbx,
    sqlite_template: Path,
    redis: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[House]:
    """Asterisk, Valkey, an empty database with four counselors, and a running switchboard, which has
    taken the counselors of the story before out of the fallback queue: `available` looks there."""
    with empty_database(sqlite_template, tmp_path) as engine:
        house = House(pbx, engine, redis, tmp_path)
        try:
            house.start()
            until(lambda: not house.queue_members())
            yield house
        finally:
            house.stop()


Story = Callable[[House], Awaitable[None]]


def told(tell: Story) -> Callable[[House], None]:
    """A story told with await; at its end nobody is left on the line."""

    @wraps(tell)
    def test(house: House) -> None:
        async def run() -> None:
            try:
                await tell(house)
            except BaseException as error:
                error.add_note(house.log.read_text("utf-8")[-4000:])
                raise
            finally:
                await house.pbx.hang_up_all()
                await house.unplug_all()

        asyncio.run(run())

    return test

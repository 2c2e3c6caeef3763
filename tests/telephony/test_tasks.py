import asyncio

import pytest

from telephony.tasks import end


async def _slow_to_go(going: asyncio.Event) -> None:
    try:
        await asyncio.sleep(60)
    finally:
        going.set()
        await asyncio.sleep(0.01)


def test_who_is_told_to_stop_while_ending_a_task_stops() -> None:
    async def story() -> None:
        going = asyncio.Event()
        beside = asyncio.create_task(_slow_to_go(going))
        await asyncio.sleep(0)
        owner = asyncio.create_task(end(beside))
        await going.wait()
        owner.cancel()
        with pytest.raises(asyncio.CancelledError):
            await owner

    asyncio.run(story())


def test_what_the_task_failed_with_is_raised_and_that_it_was_cancelled_is_not() -> None:
    async def fails() -> None:
        raise ValueError("of its own")

    async def story() -> None:
        waits = asyncio.create_task(asyncio.sleep(60))
        await end(waits)
        assert waits.cancelled()
        failed = asyncio.create_task(fails())
        await asyncio.sleep(0)
        with pytest.raises(ValueError, match="of its own"):
            await end(failed)

    asyncio.run(story())

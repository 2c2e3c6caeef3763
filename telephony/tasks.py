"""Ending a task that runs beside its owner."""

import asyncio


async def end(task: "asyncio.Task[None]") -> None:
    """Cancel it and wait until it is gone; what it failed with is raised.

    Whoever is cancelled while waiting here is cancelled. To await the task itself and suppress
    CancelledError would swallow that: a switchboard that was told to stop in the moment in which its
    connection was lost connected again and never stopped.
    """
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()

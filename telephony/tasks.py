"""Tasks that run beside their owner."""

import asyncio
from collections.abc import Callable, Coroutine

Beside = Callable[[Coroutine[object, object, None]], None]
"""Runs something beside the loop; its failure is logged and hurts nobody else."""


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

"""A bare AMI client for stories about the PBX itself, so that they do not lean on the switchboard."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

from tests.pbx import Pbx

Heard = dict[str, str]
"""Header → value; of a repeated header the last one."""


class AmiLine:
    """One logged-in connection; every event it has heard is in `events`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.events: list[Heard] = []
        self._reader, self._writer = reader, writer
        self._answers: dict[str, asyncio.Future[Heard]] = {}
        self._fresh = asyncio.Event()
        self._tasks = [asyncio.create_task(self._listen())]

    async def act(self, action: str, /, *variables: str, **headers: object) -> Heard:
        """Send an action; `variables` are `NAME=value`. Returns its response."""
        asked = uuid4().hex
        answer: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self._answers[asked] = answer
        lines = [f"Action: {action}", f"ActionID: {asked}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Variable: {variable}" for variable in variables]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        async with asyncio.timeout(5):  # wait_for of Python 3.11 can swallow a cancellation
            return await answer

    async def event(self, wanted: Callable[[Heard], bool], within: float = 5.0) -> Heard:
        """The first event that is `wanted`, heard before or from now on."""

        seen = 0
        async with asyncio.timeout(within):
            while True:
                for event in self.events[seen:]:
                    seen += 1
                    if wanted(event):
                        return event
                self._fresh.clear()
                await self._fresh.wait()

    async def held(self, within: float = 5.0, *, nth: int = 1) -> Heard:
        """The `nth` caller that began to wait; later ones may be the same caller coming back."""
        seen: list[Heard] = []

        def counts(event: Heard) -> bool:
            if event.get("UserEvent") == "HoldJoin":
                seen.append(event)
            return len(seen) == nth

        return await self.event(counts, within)

    async def offer(self, call: str, phone: str, offer: str, seconds: int = 15) -> Heard:
        """Ring `phone` for the caller `call`, as the switchboard does."""
        return await self.act(
            "Originate",
            f"__TD_CALL={call}",
            f"TD_OFFER={offer}",
            f"TD_CALLER={call}",
            Channel=f"PJSIP/{phone}",
            ChannelId=offer,
            Context="td-pull",
            Exten="s",
            Priority=1,
            Async="true",
            Timeout=seconds * 1000,
            Account=call,
            CallerID="0912345678",
        )

    async def beat(self) -> None:
        """One heartbeat."""
        epoch = await self.act("Getvar", Variable="EPOCH")
        await self.act("Setvar", Variable="TD_HEARTBEAT", Value=epoch["Value"])

    def keep_beating(self) -> "asyncio.Task[None]":
        async def beats() -> None:
            while True:
                await self.beat()
                await asyncio.sleep(0.5)

        self._tasks.append(task := asyncio.create_task(beats()))
        return task

    async def close(self) -> None:
        for task in reversed(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.close()

    async def _listen(self) -> None:
        message: Heard = {}
        while line := await self._reader.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if text:
                name, _, value = text.partition(": ")
                message[name.rstrip(":")] = value
                continue
            answer = (
                self._answers.pop(message.get("ActionID", ""), None) if "Response" in message else None
            )
            if answer is not None and not answer.done():
                answer.set_result(message)
            elif message:
                self.events.append(message)
                self._fresh.set()
            message = {}


@asynccontextmanager
async def ami_line(pbx: Pbx, *, beating: bool = True) -> AsyncIterator[AmiLine]:
    """Logged in as the switchboard; with `beating`, its heartbeat is kept fresh."""
    of = pbx.settings
    reader, writer = await asyncio.open_connection(of.ami_host, of.ami_port)
    await reader.readline()  # banner
    line = AmiLine(reader, writer)
    try:
        login = await line.act("Login", Username=of.ami_user, Secret=of.ami_secret.get_secret_value())
        assert login["Response"] == "Success", login
        if beating:
            await line.beat()
            line.keep_beating()
        yield line
    finally:
        await line.close()

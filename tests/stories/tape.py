"""Stories that leave their AMI trace behind.

    @taped("line_hold")
    async def test_…(house: House) -> None: ...

What Asterisk says during the story goes through `tongdai replay` when it is over, and must tell of the
callers' calls what the database says. With RECORD_CAPTURES=1 in the environment the trace is also
written to tests/captures, without what the tracker does not read. A story of several centers leaves one
trace for each (`tests.stories.country`).
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path

import pytest

from hotline.ids import is_call_out
from intake.calls.calls import CallView
from telephony import messages
from telephony.channels import resource
from telephony.replay import replay_together
from telephony.report import CallReport
from tests.pbx import Pbx, soon
from tests.stories.house import House

CAPTURES = Path(__file__).parents[1] / "captures"
_MEANINGLESS = (
    "Privilege", "Language", "AccountCode", "Priority", "CallerIDName", "ConnectedLineName",
    "ConnectedLineNum", "SequenceNumber", "Cause-txt", "BridgeName", "BridgeVideoSourceMode",
)  # fmt: skip

Message = dict[str, str | list[str]]
"""Header → value; of a repeated header all values."""


class Tape:
    """Everything Asterisk has said since the log-in, in order."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.heard: list[Message] = []
        self._reader = reader

    async def listen(self) -> None:
        message: Message = {}
        while line := await self._reader.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if text:
                name, _, value = text.partition(": ")
                _add(message, name.rstrip(":"), value)
                continue
            if messages.parse(message) is not None and message["Event"] != "FullyBooted":
                self.heard.append(message)
            message = {}

    def everybody_has_hung_up(self) -> bool:
        said = [(message["Event"], str(message.get("Uniqueid"))) for message in self.heard]
        began = {uniqueid for event, uniqueid in said if event == "Newchannel"}
        return bool(began) and began <= {uniqueid for event, uniqueid in said if event == "Hangup"}

    def lines(self) -> list[str]:
        """As a trace for `tongdai replay`."""
        return [json.dumps(_meaningful(message), ensure_ascii=False) for message in self.heard]


def _add(message: Message, name: str, value: str) -> None:
    before = message.get(name)
    if before is None:
        message[name] = value
    else:
        message[name] = [*before, value] if isinstance(before, list) else [before, value]


def _meaningful(message: Message) -> Message:
    return {name: value for name, value in message.items() if not name.endswith(_MEANINGLESS)}


def _in_short(message: Message) -> str:
    headers = (
        "Timestamp",
        "Event",
        "UserEvent",
        "Channel",
        "DestChannel",
        "Uniqueid",
        "Context",
        "Cause",
    )
    return " ".join(str(message[header]) for header in headers if header in message)


@asynccontextmanager
async def taping(pbx: Pbx) -> AsyncIterator[Tape]:
    of = pbx.settings
    reader, writer = await asyncio.open_connection(of.ami_host, of.ami_port)
    await reader.readline()  # banner
    secret = of.ami_secret.get_secret_value()
    writer.write(f"Action: Login\r\nUsername: {of.ami_user}\r\nSecret: {secret}\r\n\r\n".encode())
    said = await reader.readuntil(b"\r\n\r\n")
    assert b"Response: Success" in said, said
    tape = Tape(reader)
    listening = asyncio.create_task(tape.listen())
    try:
        yield tape
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        writer.close()


def taped(capture: str = "") -> Callable[[Callable[[House], Awaitable[None]]], Callable[[House], None]]:
    """A story told with await; `capture`: the name under which its trace is kept."""

    def decorate(tell: Callable[[House], Awaitable[None]]) -> Callable[[House], None]:
        @wraps(tell)
        def test(house: House) -> None:
            async def run() -> list[str]:
                async with taping(house.pbx) as tape:
                    try:
                        await tell(house)
                        await soon(tape.everybody_has_hung_up)
                    except Exception as error:
                        error.add_note("\n".join(("Asterisk said:", *map(_in_short, tape.heard))))
                        error.add_note(house.log.read_text("utf-8"))
                        raise
                    finally:
                        await house.pbx.hang_up_all()
                        await house.unplug_all()
                    return tape.lines()

            trace = asyncio.run(run())
            if capture:
                keep(capture, trace)
            agree([trace], house)

        return test

    return decorate


def keep(capture: str, trace: list[str]) -> None:
    """Write the trace to tests/captures, when asked to."""
    if os.environ.get("RECORD_CAPTURES"):
        (CAPTURES / f"{capture}.jsonl").write_text("\n".join(trace) + "\n", "utf-8")


def agree(traces: list[list[str]], house: House) -> None:
    """The traces, each of another Asterisk, tell of the callers' calls what the database does."""
    assert [_of_trace(report) for report in _callers(traces)] == [
        _of_database(call) for call in house.calls() if not call.internal
    ]


def agree_in_full(traces: list[list[str]], house: House) -> None:
    """And also who talked and held when, and why it ended."""
    agree(traces, house)
    kept = [call for call in house.calls() if not call.internal]
    for one, other in zip(_callers(traces), kept, strict=True):
        assert one.hangup_cause == other.cause
        assert [resource(each.channel) for each in one.talks] == [each.phone for each in other.talks]
        assert _moments(one) == pytest.approx(_moments(other), abs=0.1)


def _callers(traces: list[list[str]]) -> list[CallReport]:
    faults: list[tuple[int, int, str]] = []
    reports = replay_together(traces, lambda *fault: faults.append(fault))
    assert faults == []
    return [
        report
        for report in reports
        if report.caller.startswith("PJSIP/telco") or is_call_out(report.call_id)
    ]


def _of_trace(call: CallReport) -> tuple[object, ...]:
    phones = [channel.removeprefix("PJSIP/").rpartition("-")[0] for channel in call.talked_to]
    return call.outcome, list(dict.fromkeys(phones)), [each.kind for each in call.transfers]


def _of_database(call: CallView) -> tuple[object, ...]:
    phones = [talk.phone for talk in call.talks]
    return call.outcome, list(dict.fromkeys(phones)), [each.kind for each in call.transfers]


def _moments(call: CallReport | CallView) -> list[float]:
    """Of two Asterisks, hence not to the millisecond."""
    spells = (*call.talks, *call.holds)
    return [at.timestamp() for each in spells for at in (each.began_at, each.ended_at) if at]

"""`tongdai call` and `tongdai phones`: ring 111 and answer it, on one machine, over real SIP."""

import asyncio
import re
import signal
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from hotline import ports
from hotline.errors import BadInput, Unavailable
from hotline.settings import Settings
from telephony.phones import PhoneAccount, read_accounts
from telephony.softphone.call import Ending
from telephony.softphone.caller import Caller
from telephony.softphone.incoming import IncomingCall
from telephony.softphone.phone import SoftPhone
from telephony.softphone.sound import Sound, tone, wav

_MOST_CALLS = 1000
_MOST_AT_ONCE = 100
_A_KEY = 0.25
"""Seconds that one key takes, with the pause after it."""
_OUTSIDE_TALKS = 30.0
"""Seconds after which whoever a demo's counselor has called rings off."""
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, None: 1.0}
_ENDINGS = {
    Ending.WE_HUNG_UP: "gác máy / hung up",
    Ending.THEY_HUNG_UP: "bên kia gác máy / the other side hung up",
    Ending.CANCELED: "bỏ cuộc khi chưa ai nghe / gave up before an answer",
    Ending.REFUSED: "không được nhận / refused",
}


def call(
    from_: Annotated[str, typer.Option("--from", help="caller's number, or 'anonymous'")],
    count: Annotated[int, typer.Option(min=1, max=_MOST_CALLS, help="how many calls")] = 1,
    every: Annotated[str, typer.Option(help="time between two calls, e.g. 2s")] = "2s",
    talk: Annotated[str, typer.Option(help="time on the line once it is answered")] = "20s",
    patience: Annotated[str, typer.Option(help="longest wait for an answer")] = "5m",
    name: Annotated[str | None, typer.Option(help="caller's name, as the network shows it")] = None,
    audio: Annotated[Path | None, typer.Option(help="16-bit WAV to say; else a tone")] = None,
    keys: Annotated[
        str, typer.Option(help="keys to press when it is answered; a comma waits a second")
    ] = "",
) -> None:
    """Ring 111 and tell what happens. The greeting of a caller who must wait counts as an answer."""
    if from_ != "anonymous" and not re.fullmatch(r"\+?[0-9]{2,20}", from_):
        raise BadInput(f"--from must be a phone number or 'anonymous', not {from_!r}")
    if not re.fullmatch(r"[0-9*#,]*", keys):
        raise BadInput(f"--keys takes digits, * and #, and commas between them, not {keys!r}")
    plan = _Plan(
        settings=ports.filled(),
        number=None if from_ == "anonymous" else from_,
        name=name,
        sound=wav(audio) if audio else tone(440),
        talk=duration(talk, "--talk"),
        patience=duration(patience, "--patience"),
        keys=keys,
    )
    _run(_ring_often(plan, count, duration(every, "--every")))


def phones(
    answer_after: Annotated[str, typer.Option(help="how long they ring first")] = "2s",
    only: Annotated[str, typer.Option(help="some of them: hn01,hn02")] = "",
    audio: Annotated[Path | None, typer.Option(help="16-bit WAV to say; else a tone")] = None,
) -> None:
    """Register the demo phones and let them answer by themselves, until Ctrl-C."""
    of = ports.filled()
    accounts = chosen([each for each in read_accounts(of) if not each.browser], only)
    sound = wav(audio) if audio else tone(620)
    _run(_answer(of, accounts, duration(answer_after, "--answer-after"), sound))


def duration(text: str, option: str, most: float = 3600.0) -> float:
    """Seconds of `2s`, `500ms`, `1.5m` or `20`. Raises BadInput that names the option."""
    match = _DURATION.fullmatch(text.strip())
    seconds = float(match[1]) * _UNITS[match[2]] if match else -1.0
    if not 0 <= seconds <= most:
        raise BadInput(
            f"{option} must be a time like 500ms, 2s or 1m, at most {most:.0f}s, not {text!r}"
        )
    return seconds


def chosen(accounts: Sequence[PhoneAccount], only: str) -> list[PhoneAccount]:
    """Those that `only` names (all when it is empty). Raises BadInput for one that does not exist."""
    if not only.strip():
        return list(accounts)
    known = {account.phone: account for account in accounts}
    names = [name.strip() for name in only.split(",") if name.strip()]
    if missing := [name for name in names if name not in known]:
        raise BadInput(f"no such phone: {', '.join(missing)} (there are {', '.join(known)})")
    return [account for name, account in known.items() if name in names]


class _Plan:
    """What every call of one command does."""

    def __init__(
        self,
        settings: Settings,
        number: str | None,
        name: str | None,
        sound: Sound,
        talk: float,
        patience: float,
        keys: str,
    ) -> None:
        self.settings, self.number, self.name, self.sound = settings, number, name, sound
        self.talk, self.patience, self.keys = talk, patience, keys


async def _ring_often(plan: _Plan, count: int, every: float) -> None:
    places = asyncio.Semaphore(_MOST_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for index in range(count):
            await places.acquire()
            task = group.create_task(_ring_once(plan, f"#{index + 1}"))
            task.add_done_callback(lambda _: places.release())
            if index + 1 < count:
                await asyncio.sleep(every)


async def _ring_once(plan: _Plan, label: str) -> None:
    of = plan.settings
    caller = await Caller.ring(
        number=plan.number,
        name=plan.name,
        host=of.sip_host,
        port=of.sip_port,
        local_host=of.telco_peers.split(",")[0].strip(),
        sound=plan.sound,
    )
    _say(label, f"{plan.number or 'anonymous'} → 111: đang gọi / calling")
    started = time.monotonic()
    try:
        ringing = asyncio.create_task(_say_ringing(caller, label))
        if await _first(caller, plan.patience):
            _say(
                label, f"có người nghe sau / answered after {(caller.answered.at or 0) - started:.2f} s"
            )
            await _press(caller, plan.keys)
            with suppress(TimeoutError):
                await caller.ended.within(plan.talk)
        await caller.hang_up()
        with suppress(TimeoutError):
            await caller.ended.within(10)
        ringing.cancel()
    finally:
        await caller.hang_up()
    length = time.monotonic() - (caller.answered.at or started)
    status = f" (SIP {caller.status})" if caller.ending is Ending.REFUSED else ""
    heard = f", nghe được {caller.audio.received * 0.02:.0f} s tiếng / heard that much audio"
    _say(
        label, f"{_ENDINGS[caller.ending or Ending.CANCELED]} sau / after {length:.1f} s{status}{heard}"
    )


async def _press(caller: Caller, keys: str) -> None:
    for key in keys:
        if key != ",":
            caller.audio.press(key)
        await asyncio.sleep(1.0 if key == "," else _A_KEY)


async def _first(caller: Caller, patience: float) -> bool:
    """Whether the call was answered before it ended or patience did."""
    waits = [
        asyncio.ensure_future(caller.answered.within(patience)),
        asyncio.ensure_future(caller.ended),
    ]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    return bool(caller.answered)


async def _say_ringing(caller: Caller, label: str) -> None:
    await caller.rang
    _say(label, "đổ chuông / ringing")


async def _answer(of: Settings, accounts: Sequence[PhoneAccount], after: float, sound: Sound) -> None:
    desks = [
        SoftPhone(
            account.phone,
            account.secret,
            host=of.sip_host,
            port=of.sip_port,
            local_host=of.sip_host,
            answer="auto",
            answer_after=after,
            sound=sound,
            on_call=_Teller(account.phone).rings,
        )
        for account in accounts
    ]
    try:
        failed = await asyncio.gather(*(desk.register() for desk in desks), return_exceptions=True)
        for problem in failed:
            if isinstance(problem, Exception):
                raise problem if isinstance(problem, Unavailable) else Unavailable(repr(problem))
        typer.echo(
            f"{len(desks)} máy sẵn sàng / phones ready: {', '.join(desk.identity for desk in desks)}"
        )
        if not of.telco_proxy and of.outside:
            with suppress(Unavailable):  # other demo phones play the outside already
                desks.append(await _outside(of, after))
        await asyncio.Event().wait()
    finally:
        await asyncio.gather(*(desk.close() for desk in desks), return_exceptions=True)


async def _outside(of: Settings, after: float) -> SoftPhone:
    """Whoever the demo's counselors call outside: answers, says a tone, and rings off after a while.

    Raises Unavailable when somebody plays the outside already.
    """
    host, _, port = of.outside.partition(":")
    teller = _Teller("ngoài", rings_off_after=_OUTSIDE_TALKS)
    telco = SoftPhone(
        "telco",
        "",
        host=of.sip_host,
        port=of.sip_port,
        local_host=host,
        answer="auto",
        answer_after=after,
        sound=tone(540),
        on_call=teller.rings,
    )
    await telco.wire.open(host, int(port))
    return telco


class _Teller:
    """Tells what one phone lives through."""

    def __init__(self, phone: str, rings_off_after: float | None = None) -> None:
        self._phone = phone
        self._rings_off_after = rings_off_after
        self._tasks: set[asyncio.Task[None]] = set()

    def rings(self, call: IncomingCall) -> None:
        task = asyncio.create_task(self._follow(call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, call: IncomingCall) -> None:
        _say(self._phone, f"đổ chuông, số gọi đến / ringing, caller {call.number or '?'}")
        answered = asyncio.ensure_future(call.answered)
        ended = asyncio.ensure_future(call.ended)
        await asyncio.wait([answered, ended], return_when=asyncio.FIRST_COMPLETED)
        answered.cancel()
        if call.answered:
            _say(self._phone, "nhấc máy / answered")
            if self._rings_off_after is not None:
                await asyncio.wait([ended], timeout=self._rings_off_after)
                await call.hang_up()
        await ended
        _say(self._phone, _ENDINGS[call.ending or Ending.CANCELED])


def _say(label: str, text: str) -> None:
    typer.echo(f"{time.strftime('%H:%M:%S')} {label:>5}  {text}")


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run until done, Ctrl-C or SIGTERM; calls are hung up on the way out. Errors of ours go on up."""

    async def stoppable() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        with suppress(asyncio.CancelledError):
            await task

    try:
        asyncio.run(stoppable())
    except* Unavailable as group:
        first: BaseException = group
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise Unavailable(str(first)) from None

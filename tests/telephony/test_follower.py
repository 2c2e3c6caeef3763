"""What the switchboard makes of batches that Asterisk sends in an order of its own."""

import asyncio
import contextlib
import json
import re
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.events import CallArrived, CallEnded, CallEvent, Outcome, PhoneStopped, from_json
from hotline.ids import CallId, Phone, StaffId, new_call_out_id
from hotline.settings import Settings
from routing import availability
from routing.choices import Choice
from routing.policy import Decision
from telephony import drain
from telephony.ami import Address
from telephony.dispatcher import Dispatcher
from telephony.follower import Follower
from telephony.journal import Journal
from telephony.site import Site, Sites
from tests import factories
from tests.pbx import soon
from tests.telephony.ami_server import AmiServer, serving
from tests.telephony.trace import Headers, Trace

CALLER, PHONE = "PJSIP/telco-00000001", "PJSIP/hn01-00000002"


@dataclass
class QuietPbx:
    """An Asterisk with nothing on the line; keeps globals, and notes what it was asked to originate."""

    variables: dict[str, str] = field(default_factory=dict)
    offers: list[str] = field(default_factory=list)

    def answer(self, action: dict[str, list[str]]) -> bytes | None:
        match action["action"][0]:
            case "Setvar":
                self.variables[action["variable"][0]] = action["value"][0]
            case "Getvar":
                self.variables["EPOCH"] = str(int(utc_now().timestamp()))
                value = self.variables.get(action["variable"][0], "")
                return f"Response: Success\r\nActionID: @id@\r\nValue: {value}\r\n\r\n".encode()
            case "Originate":
                self.offers.append(action["actionid"][0])
            case "CoreShowChannels" | "DeviceStateList" | "QueueStatus" as listing:
                start = b"Response: Success\r\nActionID: @id@\r\nEventList: start\r\n\r\n"
                done = f"Event: {listing}Complete\r\nActionID: @id@\r\nEventList: Complete\r\n\r\n"
                return start + done.encode()
        return None


def as_bytes(events: list[Headers]) -> bytes:
    """The events as Asterisk writes them, all at this moment."""
    now = f"{utc_now().timestamp():.6f}"
    lines: list[str] = []
    for event in events:
        for name, value in (event | {"Timestamp": now}).items():
            lines += [f"{name}: {each}" for each in ([value] if isinstance(value, str) else value)]
        lines.append("")
    return "\r\n".join([*lines, ""]).encode()


@contextlib.asynccontextmanager
async def followed(server: AmiServer, engine: Engine, folder: Path) -> AsyncIterator[Journal]:
    """A switchboard's whole hearing half, in step with the server, and what it writes down."""
    site = Site("hn", server.address())
    journal = Journal(folder / "journal")
    dispatcher = Dispatcher(Settings(), engine, Sites([site]), journal.append)
    follower = Follower(site, "one", dispatcher, journal)
    running = asyncio.create_task(follower.run())
    try:
        await asyncio.wait_for(follower.snapshot_taken.wait(), 5)
        yield journal
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        journal.close()


def choice_of(engine: Engine, who: StaffId) -> Choice:
    with reading(engine) as session:
        found = availability.of(session, who, utc_now())
    assert found is not None
    return found.choice


@pytest.mark.parametrize("failure", [0, -1, None], ids=["first", "before_the_hangup", "last"])
def test_who_did_not_answer_missed_it_whichever_thread_of_asterisk_tells_first(
    db: Engine, tmp_path: Path, failure: int | None
) -> None:
    """Asterisk 22: what a leg does and Originate's failure come from two threads. Every order was seen;
    under load even a failure before the leg's first event, and the caller was offered again at once to
    who had just declined."""
    with transaction(db) as session:
        who = factories.counselor(session, "hn01").staff_id
        long_ago = utc_now() - timedelta(hours=1)
        factories.on_duty(session, who, long_ago)
        availability.choose(session, None, who, Choice.AVAILABLE, long_ago)
    pbx = QuietPbx()
    server = AmiServer(answer=pbx.answer)

    async def story() -> None:
        async with serving(server), followed(server, db, tmp_path):
            trace = Trace()
            caller = trace.rings_111(CALLER)
            await server.send(as_bytes(trace.events))
            await soon(lambda: pbx.offers)
            trace.events.clear()
            leg = trace.offers(caller, PHONE, pbx.offers[0])
            trace.hangs_up(leg, cause=19)
            leg_does = trace.events[:]
            trace.events.clear()
            trace.says("OriginateResponse", Response="Failure", ActionID=pbx.offers[0], Reason="0")
            place = len(leg_does) if failure is None else failure
            idle: list[Headers] = [
                {"Event": "DeviceStateChange", "Device": "PJSIP/hn01", "State": "NOT_INUSE"}
            ]
            for heard in (leg_does[:place], trace.events, idle, leg_does[place:], idle):
                await server.send(as_bytes(heard))
            await soon(lambda: choice_of(db, who) is not Choice.AVAILABLE)
            assert choice_of(db, who) is Choice.MISSED
            assert len(pbx.offers) == 1

    asyncio.run(asyncio.wait_for(story(), 20))


def test_a_phone_that_could_not_be_rung_is_away_a_moment_later(db: Engine, tmp_path: Path) -> None:
    with transaction(db) as session:
        who = factories.counselor(session, "hn01").staff_id
        long_ago = utc_now() - timedelta(hours=1)
        factories.on_duty(session, who, long_ago)
        availability.choose(session, None, who, Choice.AVAILABLE, long_ago)
    pbx = QuietPbx()
    server = AmiServer(answer=pbx.answer)

    async def story() -> None:
        async with serving(server), followed(server, db, tmp_path):
            trace = Trace()
            trace.rings_111(CALLER)
            await server.send(as_bytes(trace.events))
            await soon(lambda: pbx.offers)
            trace.events.clear()
            trace.says("OriginateResponse", Response="Failure", ActionID=pbx.offers[0], Reason="0")
            await server.send(as_bytes(trace.events))
            await soon(lambda: choice_of(db, who) is Choice.PHONE_AWAY)

    asyncio.run(asyncio.wait_for(story(), 20))


def test_a_phone_that_comes_while_the_snapshot_is_told_is_there(db: Engine, tmp_path: Path) -> None:
    """What Asterisk listed is older than what it says right afterwards."""
    with transaction(db) as session:
        who = factories.counselor(session, "hn01").staff_id
        long_ago = utc_now() - timedelta(hours=1)
        factories.on_duty(session, who, long_ago)
        availability.choose(session, None, who, Choice.AVAILABLE, long_ago)
    pbx = QuietPbx()

    def answer(action: dict[str, list[str]]) -> bytes | None:
        given = pbx.answer(action)
        if action["action"][0] != "DeviceStateList" or given is None:
            return given
        start, found, done = given.partition(b"Event: DeviceStateListComplete")
        listed = b"Event: DeviceStateChange\r\nActionID: @id@\r\n" + b"Device: PJSIP/hn01\r\n"
        comes = as_bytes([{"Event": "DeviceStateChange", "Device": "PJSIP/hn01", "State": "NOT_INUSE"}])
        return start + listed + b"State: UNAVAILABLE\r\n\r\n" + found + done + comes

    server = AmiServer(answer=answer)

    async def story() -> None:
        async with serving(server), followed(server, db, tmp_path):
            trace = Trace()
            trace.rings_111(CALLER)
            await server.send(as_bytes(trace.events))
            await soon(lambda: pbx.offers)
            await soon(lambda: choice_of(db, who) is Choice.AVAILABLE)

    asyncio.run(asyncio.wait_for(story(), 20))


@pytest.mark.parametrize("when", ["nan", "inf", "1e400", "-1e300", "soon", ""])
def test_what_is_said_to_have_happened_at_no_time_happened_now(
    db: Engine, tmp_path: Path, when: str
) -> None:
    server = AmiServer(answer=QuietPbx().answer)

    async def story() -> None:
        async with serving(server), followed(server, db, tmp_path) as journal:
            trace = Trace()
            trace.rings_111(CALLER)
            before = utc_now()
            odd = re.sub(rb"Timestamp: [0-9.]+", b"Timestamp: " + when.encode(), as_bytes(trace.events))
            await server.send(odd)
            await soon(lambda: told(journal))
            assert before <= told(journal)[0].at <= utc_now()

    asyncio.run(asyncio.wait_for(story(), 20))


def ends(journal: Journal) -> list[Outcome]:
    """How calls ended, in the order in which it was written down."""
    return [event.outcome for event in told(journal) if isinstance(event, CallEnded)]


def told(journal: Journal) -> list[CallEvent]:
    return [from_json(json.loads(body)) for _, body in journal.after(0)]


@pytest.mark.parametrize("hangup_first", [True, False])
def test_a_call_from_the_desk_that_was_declined_was_never_out_of_reach_whoever_tells_first(
    db: Engine, tmp_path: Path, hangup_first: bool
) -> None:
    """The fold takes the first that says something; in SQL it must not be the other one, not even for a
    moment, so both go through the journal."""
    server = AmiServer(answer=QuietPbx().answer)
    call_id = new_call_out_id("hn", utc_now())
    expected = [Outcome.REJECTED, Outcome.FAILED] if hangup_first else [Outcome.REJECTED]

    async def story() -> None:
        async with serving(server), followed(server, db, tmp_path) as journal:
            trace = Trace()
            leg = trace.appears(PHONE, uid=call_id, call=call_id, exten="0912345678")
            trace.state(leg, 5)
            await server.send(as_bytes(trace.events))
            trace.events.clear()
            trace.hangs_up(leg, cause=21)
            trace.says("OriginateResponse", Response="Failure", ActionID=call_id, Reason="0")
            await server.send(as_bytes(trace.events if hangup_first else trace.events[::-1]))
            await soon(lambda: ends(journal) == expected)

    asyncio.run(asyncio.wait_for(story(), 20))


def test_a_call_that_ends_while_a_switchboard_takes_over_is_left_to_asterisk_s_log(
    db: Engine, tmp_path: Path
) -> None:
    """It was answered while nobody listened; all that is heard of it is that it ends. One that begins
    just then is told."""
    pbx, trace = QuietPbx(), Trace()
    over = trace.rings_111(CALLER)
    trace.events.clear()
    trace.state(over, 6)
    trace.hangs_up(over, cause=16)
    ending = [*trace.events]
    trace.events.clear()
    trace.rings_111("PJSIP/telco-00000009")
    server = AmiServer(answer=pbx.answer)

    def answer(action: dict[str, list[str]]) -> bytes | None:
        given = pbx.answer(action)
        if action["action"][0] == "CoreShowChannels":  # before the snapshot, and while it is told
            return as_bytes(ending) + (given or b"") + as_bytes(ending + trace.events)
        return given

    server.answer = answer

    async def story() -> None:
        async with serving(server), followed(server, db, tmp_path) as journal:
            await soon(lambda: told(journal))
            (arrived,) = [event for event in told(journal) if isinstance(event, CallArrived)]
            assert arrived.channel == "PJSIP/telco-00000009"
            assert ends(journal) == []

    asyncio.run(asyncio.wait_for(story(), 20))


def test_a_call_from_the_desk_that_asterisk_could_not_ring_has_failed(
    db: Engine, tmp_path: Path
) -> None:
    server = AmiServer(answer=QuietPbx().answer)

    async def story() -> None:
        async with serving(server), followed(server, db, tmp_path) as journal:
            trace = Trace()
            asked = new_call_out_id("hn", utc_now())
            trace.says("OriginateResponse", Response="Failure", ActionID=asked, Reason="0")
            await server.send(as_bytes(trace.events))
            await soon(lambda: ends(journal) == [Outcome.FAILED])

    asyncio.run(asyncio.wait_for(story(), 20))


def test_what_was_read_before_a_counselor_changed_their_mind_is_not_believed_after(
    db: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow read of SQL and a quick one: the quick one began later and is the one that counts."""
    read, slow, go_on = drain.load_staffing, threading.Event(), threading.Event()

    def first_is_slow(*arguments: Any) -> drain.Staffing:
        found = read(*arguments)
        if not slow.is_set():
            slow.set()
            assert go_on.wait(10)
        return found

    with transaction(db) as session:
        who = factories.counselor(session, "hn01").staff_id
        factories.on_duty(session, who, utc_now())
    monkeypatch.setattr(drain, "load_staffing", first_is_slow)
    site = Site("hn", Address("127.0.0.1", 1, "", ""))
    dispatcher = Dispatcher(Settings(), db, Sites([site]), lambda events: None)

    async def story() -> None:
        before = asyncio.create_task(dispatcher.load_staff())
        await asyncio.to_thread(slow.wait, 10)
        with transaction(db) as session:
            availability.choose(session, None, who, Choice.AVAILABLE, utc_now())
        after = asyncio.create_task(dispatcher.load_staff())
        with contextlib.suppress(TimeoutError):  # were it not held back, it would be the first to end
            await asyncio.wait_for(asyncio.shield(after), 0.5)
        go_on.set()
        await asyncio.gather(before, after)
        (person,) = dispatcher._floor.people()
        assert person.choice is Choice.AVAILABLE

    asyncio.run(asyncio.wait_for(story(), 20))


def test_what_was_read_before_a_missed_call_was_saved_is_not_believed_after(
    db: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else they are rung again for the call that they have just declined."""
    load, save = drain.load_staffing, drain.save_choices
    read, saved = threading.Event(), threading.Event()

    def load_slowly(*arguments: Any) -> drain.Staffing:
        found = load(*arguments)
        read.set()
        assert saved.wait(10)
        return found

    def save_slowly(*arguments: Any) -> None:
        assert read.wait(10)
        save(*arguments)

    with transaction(db) as session:
        who = factories.counselor(session, "hn01").staff_id
        factories.on_duty(session, who, utc_now())
        availability.choose(session, None, who, Choice.AVAILABLE, utc_now())
    site = Site("hn", Address("127.0.0.1", 1, "", ""))
    site.in_step, site.last_beat = True, time.monotonic()
    dispatcher = Dispatcher(Settings(), db, Sites([site]), lambda events: None)

    async def story() -> None:
        await dispatcher.load_staff()
        monkeypatch.setattr(drain, "load_staffing", load_slowly)
        monkeypatch.setattr(drain, "save_choices", save_slowly)
        now, phone = utc_now(), Phone("hn01")
        offer = dispatcher._floor.offered(Decision(CallId("hn-1.1"), who, phone, ()), now)
        declined = PhoneStopped(offer.call_id, now, PHONE, phone, Outcome.REJECTED, 21, offer.id)
        dispatcher.hear(site, [declined])
        reading_begun = asyncio.create_task(dispatcher.load_staff())
        await soon(lambda: read.is_set() or reading_begun.done())
        read.set()
        await soon(lambda: choice_of(db, who) is Choice.MISSED)
        await soon(lambda: not dispatcher._unsaved)
        saved.set()
        await reading_begun
        await soon(lambda: not dispatcher._tasks)  # it reads once more after it has saved
        (person,) = dispatcher._floor.people()
        assert person.choice is Choice.MISSED

    asyncio.run(asyncio.wait_for(story(), 20))


def test_who_came_back_before_their_missed_call_was_saved_is_back(db: Engine) -> None:
    """While the database was slow."""
    with transaction(db) as session:
        who = factories.counselor(session, "hn01").staff_id
        missed_at = utc_now()
        availability.enroll(session, who, missed_at)
        availability.choose(session, None, who, Choice.AVAILABLE, missed_at + timedelta(seconds=1))
    drain.save_choices(db, [(who, Choice.MISSED)], missed_at)
    assert choice_of(db, who) is Choice.AVAILABLE
    drain.save_choices(db, [(who, Choice.MISSED)], missed_at + timedelta(seconds=2))
    assert choice_of(db, who) is Choice.MISSED

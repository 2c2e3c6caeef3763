"""The house under test: real Asterisk, the switchboard as its own process, a real database and Valkey.

Nothing is faked: callers and counselors' phones are SIP agents on loopback, and what a story says about
a call is read from the database.
"""

import os
import signal
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hotline import bus, interpreters, keyring, sealed_columns
from hotline import db as database
from hotline.access import Viewer
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.ids import CallId, StaffId
from hotline.settings import Settings, settings
from hotline.terms import Term
from intake.calls import calls as kept
from intake.calls import lead_wishes, line_wishes, yes_no
from intake.calls.calls import CallView
from intake.calls.line_wishes import State, Wanted
from intake.tables.calls import CallRow
from routing import availability
from routing.choices import Choice
from telephony.recovery import EventLogCursorRow
from telephony.softphone import Answer, SoftPhone
from tests import factories
from tests.parts import Part
from tests.pbx import Pbx, soon
from tests.processes import children_of
from tests.waiting import until


@contextmanager
def empty_database(template: Path, folder: Path) -> Iterator[Engine]:
    """A copy of the migrated SQLite file `template`."""
    file = folder / "house.db"
    file.write_bytes(template.read_bytes())
    engine = database.make_engine(f"sqlite:///{file}")
    sealed_columns.make_key(engine, keyring.recording_keys(settings()))
    yield engine
    engine.dispose()


class House:
    """Counselors on the current shift with phones hn01 …; `switchboard` runs until it is killed."""

    ring_seconds = 3

    def __init__(
        self,
        pbx: Pbx,
        db: Engine,
        redis: str,
        folder: Path,
        *,
        counselors: int = 4,
        lead_phone: str | None = "hn09",
    ) -> None:
        self.pbx = pbx
        self.db = db
        self._folder = folder
        self._redis = redis
        self._processes: dict[str, Part] = {}
        self.log = folder / "switchboard.log"
        self._phones: list[SoftPhone] = []
        with transaction(db) as session:
            session.add(EventLogCursorRow(site="hn", seq=self._last_log_row()))
            self.lead: Viewer = factories.shift_lead(session, phone=lead_phone)
            self.counselors = [
                factories.counselor(session, f"hn{number:02}") for number in range(1, counselors + 1)
            ]
            for each in self.counselors:
                factories.on_duty(session, each.staff_id, utc_now())

    def _last_log_row(self) -> int:
        """Calls of earlier stories in the session's event log are none of ours."""
        with sqlite3.connect(self.pbx.settings.event_log) as log:
            row = log.execute("SELECT name FROM sqlite_master WHERE name = 'cel'").fetchone()
            last = log.execute("SELECT max(AcctId) FROM cel").fetchone()[0] if row else 0
        log.close()
        return last or 0

    # -- the switchboard --------------------------------------------------------------------------

    def start(self, instance: str = "main", says: str = "in_step") -> None:
        """Start a switchboard and wait until it is in step with Asterisk (a standby: connected)."""
        already = self._said(says)
        own = {
            "TONGDAI_DATA": str(self._folder),
            "TONGDAI_INSTANCE": instance,
            "TONGDAI_RING_SECONDS": str(self.ring_seconds),
            "TONGDAI_SHIFT_ALARM_SECONDS": "0",
            "TONGDAI_WRAP_UP_SECONDS": "0",
        }
        process = self.launch(instance, "switchboard", self.reaching(self.pbx.settings) | own)

        def said_again() -> bool:
            assert process.poll() is None, self.log.read_text("utf-8")[-3000:]
            return self._said(says) > already

        until(said_again, within=20)

    def reaching(self, settings: Settings) -> dict[str, str]:
        """How a part reaches this PBX, the database and the signals' server."""
        return {
            "TONGDAI_DATABASE_URL": self.db.url.render_as_string(hide_password=False),
            "TONGDAI_REDIS_URL": self._redis,
            "TONGDAI_WEB_PORT": "1",
            "TONGDAI_AMI_PORT": str(settings.ami_port),
            "TONGDAI_AMI_SECRET": settings.ami_secret.get_secret_value(),
            "TONGDAI_SIP_PORT": str(settings.sip_port),
            "TONGDAI_PBX_HTTP_PORT": str(settings.pbx_http_port),
            "TONGDAI_RTP_START": str(settings.rtp_start),
            "TONGDAI_RTP_END": str(settings.rtp_end),
            "TONGDAI_PBX_LOG": str(settings.event_log),
            "TONGDAI_SPOOL": str(settings.spool_dir),
        }

    def launch(self, name: str, command: str, environment: dict[str, str]) -> Part:
        """Start `tongdai COMMAND` as a process that is gone when we are."""
        self._processes[name] = Part(command.split(), {**os.environ, **environment}, self.log)
        return self._processes[name]

    def end(self, name: str) -> None:
        """Stop one of its processes."""
        process = self._processes.pop(name)
        process.terminate()
        process.wait(15)

    def _said(self, event: str) -> int:
        return self.log.read_text("utf-8").count(f'"event": "{event}"') if self.log.exists() else 0

    async def until_in_step_again(self, already: int) -> None:
        await soon(lambda: self._said("in_step") > already, within=15)

    def times_in_step(self) -> int:
        return self._said("in_step")

    def times_looked_up(self) -> int:
        """How often the switchboard has asked what is known of callers who wait."""
        return self._said("callers_looked_up")

    def signal(self, number: signal.Signals, instance: str = "main") -> None:
        self._processes[instance].send_signal(number)
        if number is signal.SIGKILL:
            self._processes.pop(instance).wait()

    def kill(self, instance: str = "main") -> None:
        self.signal(signal.SIGKILL, instance)

    def pid(self, instance: str = "main") -> int:
        """Of one of its processes."""
        return self._processes[instance].pid

    def drains(self, instance: str = "main") -> list[int]:
        """The processes that carry this switchboard's journal into the database."""
        started = children_of(self.pid(instance))
        return [child for child, command in started.items() if b"resource_tracker" not in command]

    def stop(self) -> None:
        for process in self._processes.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self._processes.values():
            process.wait(15)
        self._processes.clear()

    # -- people -----------------------------------------------------------------------------------

    async def phone(
        self, number: int, answer: Answer = "manual", answer_after: float = 0.0
    ) -> SoftPhone:
        """The counselor's phone, registered and known to the switchboard as reachable."""
        phone = self.pbx.phone(number, answer=answer, answer_after=answer_after)
        await phone.register()
        self._phones.append(phone)
        return phone

    def registered(self, number: int) -> SoftPhone:
        """The phone of this number that is registered."""
        return next(each for each in self._phones if each.identity == f"hn{number:02}")

    async def on_duty(self, *numbers: int, answer: Answer = "manual") -> list[SoftPhone]:
        """Their phones are registered and they are available, the first free longest."""
        phones = [await self.phone(number, answer) for number in numbers]
        await self.available(*numbers)
        return phones

    async def outside(self) -> SoftPhone:
        """The telco, which takes calls to the outside."""
        telco = await self.pbx.outside()
        self._phones.append(telco)
        return telco

    async def unplug_all(self) -> None:
        phones, self._phones = self._phones, []
        for phone in phones:
            await phone.close()

    def choose(self, choice: Choice, *numbers: int) -> None:
        """Counselors (1 = hn01) set their state, as the desk does it."""
        for number in numbers:
            staff_id = self.counselors[number - 1].staff_id
            with transaction(self.db) as session:
                signals = availability.choose(session, None, staff_id, choice, utc_now())
            bus.publish(signals)

    async def available(self, *numbers: int) -> None:
        """They are available, in this order, and the switchboard has heard it."""
        self.choose(Choice.AVAILABLE, *numbers)
        wanted = {f"hn{number:02}" for number in numbers}
        await soon(lambda: wanted <= self.queue_members(), within=8)

    def queue_members(self) -> set[str]:
        """Phones that the fallback queue would ring: what the switchboard has mirrored."""
        said = self.pbx.console("queue show failsafe111")
        return {
            word.strip("()").removeprefix("PJSIP/")
            for word in said.replace(")", " ").replace("(", " ").split()
            if word.startswith("PJSIP/")
        }

    def choice_of(self, number: int) -> Choice | None:
        with reading(self.db) as session:
            found = availability.of(session, self.counselors[number - 1].staff_id, utc_now())
            return found.choice if found else None

    # -- wishes of the desk ------------------------------------------------------------------------

    def interpreter(self, reached: str) -> int:
        """A collaborator who speaks H'Mông, on a phone of the house or a number outside."""
        with transaction(self.db) as session:
            lead = self.lead
            return interpreters.add(
                session, name="Giàng A Tủa", languages=["hmn"], center=lead.center_id, reached=reached
            ).id

    def ask_interpreter(self, number: int, interpreter: int) -> None:
        """The counselor asks for them in the call that is on the line."""
        with transaction(self.db) as session:
            call, viewer = self.calls()[-1].call_id, self.counselors[number - 1]
            signals = line_wishes.ask_interpreter(session, viewer, call, interpreter, utc_now())
        bus.publish(signals)

    def dismiss_interpreter(self, number: int) -> None:
        with transaction(self.db) as session:
            call, viewer = self.calls()[-1].call_id, self.counselors[number - 1]
            signals = line_wishes.dismiss_interpreter(session, viewer, call, utc_now())
        bus.publish(signals)

    def ask_colleague(self, number: int, colleague: int) -> None:
        """The counselor asks another one into the call that is on the line."""
        with transaction(self.db) as session:
            call, viewer = self.calls()[-1].call_id, self.counselors[number - 1]
            whom = self.counselors[colleague - 1].staff_id
            signals = line_wishes.ask_colleague(session, viewer, call, whom, utc_now())
        bus.publish(signals)

    def ask(self, number: int, question: str) -> None:
        """The counselor asks what the caller on the line answers with a key."""
        with transaction(self.db) as session:
            call, viewer = self.calls()[-1].call_id, self.counselors[number - 1]
            yes_no.ask(session, viewer, call, question, utc_now())

    def answers(self) -> list[yes_no.Answer]:
        with reading(self.db) as session:
            return [one.answer for one in yes_no.told(session, self.calls()[-1].call_id)]

    def supervise(self, wanted: Wanted, lasts: timedelta | None = None) -> None:
        """The shift lead attends the call that is on the line, on phone hn09, for so long."""
        with transaction(self.db) as session:
            call = self.calls()[-1].call_id
            asked = Term("", lasts)
            signals = lead_wishes.supervise(session, self.lead, call, wanted, utc_now(), asked)
        bus.publish(signals)

    def lead_wishes(self, wish: Callable[[Session, Viewer, datetime], Sequence[bus.Signal]]) -> None:
        """The shift lead stays, leaves or gives the caller back."""
        with transaction(self.db) as session:
            signals = wish(session, self.lead, utc_now())
        bus.publish(signals)

    def interpreting(self) -> list[State]:
        """What became of the interpreters asked into the last call."""
        with reading(self.db) as session:
            found = line_wishes.interpreters_of(session, self.calls()[-1].call_id, utc_now())
            return [wish.state for wish in found]

    def supervising(self) -> State | None:
        """What became of what the shift lead asked for last."""
        with reading(self.db) as session:
            found = line_wishes.supervision_of(session, self.lead.staff_id, utc_now())
            return found.state if found else None

    # -- what the database says -------------------------------------------------------------------

    def calls(self) -> list[CallView]:
        """Every call, oldest first, as the shift lead may see it."""
        with transaction(self.db) as session:
            ids = session.scalars(select(CallRow.id).order_by(CallRow.arrived_at, CallRow.id)).all()
            return [kept.call(session, self.lead, CallId(call_id), utc_now()) for call_id in ids]

    async def answered(self, count: int) -> None:
        """Wait until this many calls are in the database as answered."""
        await soon(lambda: sum(call.answered_at is not None for call in self.calls()) >= count)

    async def ended(self, count: int, within: float = 10) -> list[CallView]:
        """Wait until this many calls are in the database with their end; there must be no other."""
        await soon(lambda: sum(call.ended_at is not None for call in self.calls()) >= count, within)
        calls = self.calls()
        assert len(calls) == count, f"not {count} calls in the database: {calls}"
        return calls

    def number_of(self, staff_id: StaffId | None) -> int | None:
        """Counselor → their number here."""
        ids: Iterable[StaffId] = (each.staff_id for each in self.counselors)
        return next((index for index, each in enumerate(ids, 1) if each == staff_id), None)

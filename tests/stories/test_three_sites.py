"""Three centers, an Asterisk each, joined by trunks; one switchboard at Hà Nội listens to all of them.

The link to a center is cut for real: its AMI runs through a relay that the story closes.
"""

import asyncio
import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from functools import wraps
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from hotline import bus
from hotline import db as database
from hotline.access import Viewer
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.events import Outcome, TransferKind
from hotline.ids import CallId, StaffId
from intake import calls as kept
from intake.calls import CallView
from intake.tables import CallRow
from routing import availability
from routing.choices import Choice
from telephony.ami import Address
from telephony.recovery import EventLogCursorRow
from telephony.shipping import on_the_line, ship
from telephony.softphone import SoftPhone
from tests import factories
from tests.pbx import Pbx, free_port, soon
from tests.stories.house import House
from tests.stories.telling import hear_each_other, offers, who

HOSTS = {"hn": "127.0.1.1", "dn": "127.0.1.2", "ag": "127.0.1.3"}
PHONES = {"hn": 1, "dn": 2, "ag": 3}
"""Site → number of its one counselor's phone; each number says another tone."""


class Relay:
    """A wire between two AMI ends that can be cut and mended."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self.port = free_port()
        self._to = port
        self._server: asyncio.Server | None = None
        self._wires: list[asyncio.StreamWriter] = []

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._join, self._host, self.port)

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for wire in self._wires:
            wire.transport.abort()
        self._wires.clear()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except ConnectionRefusedError:
            writer.transport.abort()
            return
        self._wires += [writer, back]
        await asyncio.gather(_copy(reader, back), _copy(there, writer))


async def _copy(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            into.write(data)
    into.close()


class Country(House):
    """The house at Hà Nội; `sites` are all three PBXs, `relays` the wires to the other two."""

    sites: dict[str, Pbx]
    relays: dict[str, Relay]
    leads: list[Viewer]

    def join(self, sites: dict[str, Pbx], relays: dict[str, Relay]) -> None:
        self.sites, self.relays, self.leads = sites, relays, [self.lead]
        with transaction(self.db) as session:
            for site in ("dn", "ag"):
                center = factories.center(session, site.upper(), site)
                self.leads.append(factories.shift_lead(session, center))
                session.add(EventLogCursorRow(site=site, seq=_last_row(sites[site])))
                one = factories.counselor(session, f"{site}{PHONES[site]:02}", center)
                self.counselors.append(one)
                factories.on_duty(session, one.staff_id, utc_now())

    def calls(self) -> list[CallView]:
        """Every call, each as the shift lead of its center sees it."""
        found: list[CallView] = []
        for lead in self.leads:
            with transaction(self.db) as session:
                rows = session.scalars(select(CallRow.id).where(CallRow.center_id == lead.center_id))
                found += [kept.call(session, lead, CallId(row), utc_now()) for row in rows.all()]
        return sorted(found, key=lambda call: call.arrived_at)

    async def sits_at(self, site: str) -> SoftPhone:
        """The first counselor of a site is available and their phone registered there."""
        phone = self.sites[site].phone(PHONES[site])
        await phone.register()
        self._phones.append(phone)
        staff_id = self._first_of(site)
        with transaction(self.db) as session:
            signals = availability.choose(session, None, staff_id, Choice.AVAILABLE, utc_now())
        bus.publish(signals)
        await soon(
            lambda: f"PJSIP/{phone.identity}" in self.sites[site].console("queue show failsafe111"),
            within=10,
        )
        return phone

    def nobody_is_in_any_queue(self) -> bool:
        """The members that the story before has left are gone: what comes next is of this story."""
        queues = [pbx.console("queue show failsafe111") for pbx in self.sites.values()]
        return all("No Members" in queue for queue in queues)

    def number_at(self, site: str) -> int | None:
        """A site's one counselor, as `who` numbers them."""
        return self.number_of(self._first_of(site))

    def _first_of(self, site: str) -> StaffId:
        return self.counselors[list(HOSTS).index(site)].staff_id


def _address(pbx: Pbx) -> Address:
    own = pbx.settings
    return Address(own.ami_host, own.ami_port, own.ami_user, own.ami_secret.get_secret_value())


def _last_row(pbx: Pbx) -> int:
    with contextlib.closing(sqlite3.connect(pbx.settings.event_log)) as log:
        there = log.execute("SELECT name FROM sqlite_master WHERE name = 'cel'").fetchone()
        return (log.execute("SELECT max(AcctId) FROM cel").fetchone()[0] or 0) if there else 0


@contextlib.contextmanager
def three_pbxs() -> Iterator[dict[str, Pbx]]:
    """The Asterisks of all three, running, joined by trunks."""
    folder = Path(tempfile.mkdtemp(prefix="td-sites-"))
    sites = {code: Pbx(folder / code, code, host) for code, host in HOSTS.items()}
    secret = sites["hn"].settings.ami_secret
    named = ",".join(
        f"{code}={pbx.settings.sip_host}:{pbx.settings.sip_port}:{pbx.settings.ami_port}"
        for code, pbx in sites.items()
    )
    own = {code: pbx.accounts[:5] for code, pbx in sites.items()}
    try:
        for code, pbx in sites.items():
            pbx.settings = pbx.settings.model_copy(update={"ami_secret": secret, "sites": named})
            pbx.accounts = own[code] + [each for other in sites if other != code for each in own[other]]
            pbx.start()
        yield sites
    finally:
        for pbx in sites.values():
            pbx.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def pbxs() -> Iterator[dict[str, Pbx]]:
    with three_pbxs() as sites:
        yield sites


@pytest.fixture
def country(
    pbxs: dict[str, Pbx],
    sqlite_template: Path,
    redis: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Country]:
    file = tmp_path / "house.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine: Engine = database.make_engine(f"sqlite:///{file}")
    country = Country(pbxs["hn"], engine, redis, tmp_path, counselors=1)
    relays = {site: Relay(HOSTS[site], pbxs[site].settings.ami_port) for site in ("dn", "ag")}
    country.join(pbxs, relays)
    reached = [f"{site}={HOSTS[site]}:5060:{relay.port}" for site, relay in relays.items()]
    monkeypatch.setenv("TONGDAI_SITES", ",".join(reached))
    try:
        yield country
    finally:
        country.stop()
        engine.dispose()


def told(tell: Callable[[Country], Awaitable[None]]) -> Callable[..., None]:
    """A story told with await; the switchboard reaches the other sites through the relays."""

    @wraps(tell)
    def test(country: Country) -> None:
        async def run() -> None:
            for relay in country.relays.values():
                await relay.mend()
            try:
                await asyncio.to_thread(country.start)
                await soon(lambda: country.times_in_step() >= len(HOSTS), within=10)
                await soon(country.nobody_is_in_any_queue, within=10)
                await tell(country)
            except BaseException as error:
                error.add_note(country.log.read_text("utf-8")[-4000:])
                for pbx in country.sites.values():
                    error.add_note(pbx.log.read_text("utf-8")[-1500:])
                raise
            finally:
                for pbx in country.sites.values():
                    await pbx.hang_up_all()
                await country.unplug_all()
                country.stop()
                for relay in country.relays.values():
                    await relay.cut()

        asyncio.run(run())

    return test


@told
async def test_nobody_is_free_here_and_a_counselor_of_another_center_answers(country: Country) -> None:
    """Overflow; hold and a transfer back to Hà Nội are told of the one call, held at Hà Nội."""
    there = await country.sits_at("ag")
    caller = await country.pbx.call("0912000001")
    ringing = await there.rang()
    assert ringing.number == "0912000001"
    await ringing.answer()
    await hear_each_other(caller, ringing)
    await soon(lambda: len(country.calls()[0].talks) == 1)
    here = await country.sits_at("hn")
    await ringing.hold()
    await soon(lambda: country.calls()[0].held > timedelta())
    await ringing.resume()
    await ringing.refer("hn01")
    back = await here.rang()
    await back.answer()
    await hear_each_other(caller, back)
    await soon(lambda: len(country.calls()[0].talks) == 2)
    await caller.hang_up()
    (call,) = await country.ended(1)
    assert (call.call_id[:3], call.outcome) == ("hn-", Outcome.ANSWERED)
    assert who(country, call) == [country.number_at("ag"), 1]
    assert [transfer.kind for transfer in call.transfers] == [TransferKind.BLIND]


@told
async def test_a_site_whose_link_is_cut_serves_its_callers_and_its_calls_reach_the_database_later(
    country: Country,
) -> None:
    """Neither AMI nor the database is within its reach; its log is shipped when they are."""
    there = await country.sits_at("ag")
    site = country.sites["ag"]
    await country.relays["ag"].cut()
    caller = await site.call("0912000002")
    ringing = await there.rang(within=8)
    await ringing.answer()
    await hear_each_other(caller, ringing)
    here = await country.sits_at("hn")
    served = await country.pbx.call("0912000003")
    at_home = await here.rang()
    await at_home.answer()
    await hear_each_other(served, at_home)
    await served.hang_up()
    await caller.hang_up()
    assert [call.call_id[:2] for call in await country.ended(1)] == ["hn"]
    await country.relays["ag"].mend()
    for _ in range(2):  # twice is as good as once
        live = await on_the_line(_address(site))
        await asyncio.to_thread(ship, country.db, site.settings, live)
    late, home = sorted(await country.ended(2), key=lambda call: call.call_id)
    assert (late.call_id[:2], late.outcome) == ("ag", Outcome.ANSWERED)
    assert who(country, late) == [country.number_at("ag")]
    assert home.outcome is Outcome.ANSWERED


@told
async def test_a_site_that_dies_is_left_out_and_callers_elsewhere_reach_others(country: Country) -> None:
    """The counselor who would be next sits at the dead site."""
    await country.sits_at("ag")
    there = await country.sits_at("dn")
    country.sites["ag"].kill()
    try:
        caller = await country.pbx.call("0912000004")
        ringing = await there.rang(within=5)
        await ringing.answer()
        await hear_each_other(caller, ringing)
        await caller.hang_up()
        (call,) = await country.ended(1)
        assert (call.call_id[:2], call.outcome) == ("hn", Outcome.ANSWERED)
        assert who(country, call) == [country.number_at("dn")]
    finally:
        country.sites["ag"].start()


@told
async def test_the_other_center_declines_and_the_next_is_rung(country: Country) -> None:
    """Which center it was, and that it was declined, is told of the call."""
    first, second = await country.sits_at("ag"), await country.sits_at("dn")
    caller = await country.pbx.call("0912000005")
    (await first.rang()).decline()
    ringing = await second.rang()
    await ringing.answer()
    await hear_each_other(caller, ringing)
    await ringing.hang_up()
    (call,) = await country.ended(1)
    assert offers(call) == [("ag03", Outcome.REJECTED), ("dn02", Outcome.ANSWERED)]
    assert call.outcome is Outcome.ANSWERED

"""Three centers, an Asterisk each, joined by trunks; one switchboard at Hà Nội listens to all of them.

What a center's own parts do (`tongdai ship`, `tongdai deliver`), processes of its own do here, each
center with a data folder of its own. The link to a center is cut for real: its AMI, its SIP with the
other centers and its way to the database run over wires. Audio does not.
"""

import asyncio
import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from itertools import combinations
from pathlib import Path

import httpx
from pydantic import SecretStr
from sqlalchemy import Engine, select
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from hotline import bus, certificates, keyring, sessions, staff
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.events import Outcome
from hotline.ids import CallId, StaffId
from hotline.log_in_tries import Origin as LogInOrigin
from hotline.peers import own_site
from hotline.sealed import SealedFile
from hotline.settings import Settings
from intake.calls import calls as kept
from intake.calls.calls import CallView
from intake.recordings import audio
from intake.recordings.audio import Sound
from intake.recordings.recordings import RecordingView, recording_of
from intake.tables.calls import CallRow
from intake.tables.recordings import RecordingRow
from routing import availability
from routing.choices import Choice
from telephony.recovery import EventLogCursorRow
from telephony.softphone import SoftPhone
from telephony.softphone.incoming import IncomingCall
from tests import factories
from tests.pbx import Pbx, free_port, soon
from tests.sip_link import SipLink
from tests.stories.house import House
from tests.stories.tape import agree_in_full, keep, taping
from tests.waiting import until
from tests.web_phone import register, rung
from tests.wire import Wire

HOSTS = {"hn": "127.0.1.1", "dn": "127.0.1.2", "ag": "127.0.1.3"}
PHONES = {"hn": 1, "dn": 2, "ag": 3}
"""Site → number of its one counselor's phone; each number says another tone."""


class SitePbx(Pbx):
    """One of three. Who answers a call is reached where the answer came from: over the link."""

    links: Sequence[SipLink] = ()

    def prepare(self) -> None:
        super().prepare()
        if not self.links:
            return
        conf = self.settings.pbx_dir / "etc" / "pjsip.conf"
        text = conf.read_text("utf-8")
        conf.write_text(text.replace("[site](!)\n", "[site](!)\nrewrite_contact = yes\n"), "utf-8")


class Country(House):
    """The house at Hà Nội; `sites` are all three PBXs, `wires` lead to the AMI of the other two."""

    ring_seconds = 10

    def __init__(self, sites: dict[str, SitePbx], db: Engine, redis: str, folder: Path) -> None:
        super().__init__(sites["hn"], db, redis, folder, counselors=1)
        self.sites, self.leads = sites, [self.lead]
        self.scheme = "tls://" if "tls://" in sites["hn"].settings.sites else ""
        self._database = _to_database(db)
        self.wires = {site: _to_ami(sites[site]) for site in ("dn", "ag")}
        self._keys, self._receives_at = keyring.new_key(), free_port()
        with transaction(self.db) as session:
            for site in ("dn", "ag"):
                center = factories.center(session, site.upper(), site)
                self.leads.append(factories.shift_lead(session, center))
                session.add(EventLogCursorRow(site=site, seq=_last_row(sites[site])))
                one = factories.counselor(session, f"{site}{PHONES[site]:02}", center)
                self.counselors.append(one)
                factories.on_duty(session, one.staff_id, utc_now())

    async def connect(self) -> None:
        """Every wire carries."""
        for wire in self._all_wires():
            await wire.mend()

    async def disconnect(self) -> None:
        """The story is over."""
        for wire in self._all_wires():
            await wire.cut()
        for site in self.sites.values():
            for link in site.links:
                link.mend()

    def _all_wires(self) -> list[Wire]:
        return [*self.wires.values(), *([self._database] if self._database else [])]

    async def cut(self, site: str) -> None:
        """Nothing gets from this center to another or back: AMI, SIP, and, where it has a wire, the
        database (which both other centers share; only one is cut at a time)."""
        await self.wires[site].cut()
        if self._database is not None:
            await self._database.cut()
        for link in self.sites[site].links:
            link.cut()

    async def mend(self, site: str) -> None:
        await self.wires[site].mend()
        if self._database is not None:
            await self._database.mend()
        for link in self.sites[site].links:
            link.mend()

    @property
    def reached(self) -> str:
        """TONGDAI_SITES of headquarters: the others over their wires."""
        return ",".join(
            f"{site}={self.scheme}{HOSTS[site]}:5060:{wire.port}" for site, wire in self.wires.items()
        )

    def start_part(self, site: str, name: str) -> None:
        """Start `tongdai NAME` at a center, with that center's settings and disk alone."""
        own = self.sites[site].settings
        environment = self.reaching(own) | {
            "TONGDAI_DATA": str(self.data(site)),
            "TONGDAI_SITE": site,
            "TONGDAI_SITES": own.sites,
            "TONGDAI_PBX": "external",
            "TONGDAI_HEADQUARTERS": "" if site == "hn" else f"http://127.0.0.1:{self._receives_at}",
            "TONGDAI_RECEIVE_PORT": str(self._receives_at),
            "TONGDAI_RECORDING_KEYS": self._keys,
        }
        if self._database is not None and site != "hn":
            url = self.db.url.set(host="127.0.0.1", port=self._database.port, query={})
            environment["TONGDAI_DATABASE_URL"] = url.render_as_string(hide_password=False)
        self.launch(f"{site} {name}", name, environment)

    async def start_web(self) -> int:
        """Headquarters' web server; returns its port."""
        port = free_port()
        sites = (
            f"{site}={HOSTS[site]}:1:1:{pbx.settings.pbx_http_port}" for site, pbx in self.sites.items()
        )
        settings = {
            "TONGDAI_DATA": str(self.data("hn")),
            "TONGDAI_SITES": self.sites["hn"].settings.sites if self.scheme else ",".join(sites),
            "TONGDAI_WEB_PORT": str(port),
        }
        self.launch("web", "web", self.reaching(self.sites["hn"].settings) | settings)
        await soon(lambda: "Uvicorn running" in self.log.read_text("utf-8"), within=10)
        return port

    def data(self, site: str) -> Path:
        """The data folder of a center's parts."""
        return self._folder / site

    def recording(self, call_id: CallId) -> RecordingView:
        with reading(self.db) as session:
            found = recording_of(session, call_id)
        assert found is not None
        return found

    def heard(self, call_id: CallId) -> Sound:
        """What headquarters' own disk gives to whoever plays the original."""
        with reading(self.db) as session:
            path = session.get_one(RecordingRow, call_id).path
        file = self.data("hn") / "recordings" / f"{path}.flac.sealed"
        ring = keyring.recording_keys(Settings(recording_keys=SecretStr(self._keys)))
        with SealedFile(file, ring, f"{call_id}/original") as sealed:
            return audio.read(b"".join(sealed.read(0, sealed.size)))

    def calls(self) -> list[CallView]:
        """Every call, each as the shift lead of its center sees it."""
        found: list[CallView] = []
        for lead in self.leads:
            with transaction(self.db) as session:
                rows = session.scalars(select(CallRow.id).where(CallRow.center_id == lead.center_id))
                found += [kept.call(session, lead, CallId(row), utc_now()) for row in rows.all()]
        return sorted(found, key=lambda call: call.arrived_at)

    async def phone_at(self, site: str, number: int) -> SoftPhone:
        """A phone of this center, registered there."""
        phone = self.sites[site].phone(number)
        await phone.register()
        self._phones.append(phone)
        return phone

    async def sits_at(self, site: str) -> SoftPhone:
        """The first counselor of a site is available and their phone registered there."""
        phone = await self.phone_at(site, PHONES[site])
        await self.is_available_at(site)
        return phone

    async def is_available_at(self, site: str) -> None:
        """That counselor chooses so."""
        staff_id = self._first_of(site)
        with transaction(self.db) as session:
            signals = availability.choose(session, None, staff_id, Choice.AVAILABLE, utc_now())
        bus.publish(signals)
        await soon(
            lambda: f"{site}{PHONES[site]:02}" in self.sites[site].console("queue show failsafe111"),
            within=10,
        )

    def nobody_is_in_any_queue(self) -> bool:
        """The members that the story before has left are gone: what comes next is of this story."""
        queues = [pbx.console("queue show failsafe111") for pbx in self.sites.values()]
        return all("No Members" in queue for queue in queues)

    def number_at(self, site: str) -> int | None:
        """A site's one counselor, as `who` numbers them."""
        return self.number_of(self._first_of(site))

    def _first_of(self, site: str) -> StaffId:
        return self.counselors[list(HOSTS).index(site)].staff_id


async def rung_by(phone: SoftPhone, number: str) -> IncomingCall:
    """The call of this number. An INVITE to a site that does not hear is repeated for 32 s, also if its
    call was given up long ago (RFC 3261, timer B): when the site is back, a phone there may ring for an
    earlier caller for a moment."""
    while (call := await phone.rang()).number != number:
        pass
    return call


async def rings_in_a_browser(country: Country) -> None:
    """A phone at another center is rung: over headquarters' web server, at that center's Asterisk."""
    port = await country.start_web()
    with transaction(country.db) as session:
        center = country.counselors[-1].center_id
        here = next(each for each in staff.centers(session) if each.id == center)
        person = factories.counselor(session, "ag05", here)
        staff.put_phone(session, person.login, in_browser=True)
        factories.on_duty(session, person.staff_id, utc_now())
        token, _ = sessions.log_in(
            session, person.login, person.staff_id, LogInOrigin(""), utc_now()
        ) or (
            "",
            None,
        )
    bus.publish([bus.Signal(bus.STAFF, "phone", str(person.staff_id))])
    origin, cookie = f"http://127.0.0.1:{port}", {"Cookie": f"tongdai-{port}={token}"}
    async with httpx.AsyncClient(base_url=origin, headers=cookie) as browser:
        account = (await browser.get("/phone/account")).json()
    with connect(
        f"ws://127.0.0.1:{port}/phone/line",
        origin=Origin(origin),
        subprotocols=[Subprotocol("sip")],
        additional_headers=cookie,
        close_timeout=1,
    ) as line:
        await asyncio.to_thread(until, lambda: register(line, account) == "200")
        invited = asyncio.create_task(asyncio.to_thread(rung, line))
        country.counselors.append(person)
        country.choose(Choice.AVAILABLE, len(country.counselors))
        await soon(lambda: "PJSIP/ag05" in country.sites["ag"].console("queue show failsafe111"), 10)
        caller = await country.pbx.call("0912000051")
        assert "0912000051" in await invited
        await caller.hang_up()
    (call,) = await country.ended(1)
    assert [(each.phone, each.outcome) for each in call.offers] == [("ag05", Outcome.ABANDONED)]


def _last_row(pbx: Pbx) -> int:
    with contextlib.closing(sqlite3.connect(pbx.settings.event_log)) as log:
        there = log.execute("SELECT name FROM sqlite_master WHERE name = 'cel'").fetchone()
        return (log.execute("SELECT max(AcctId) FROM cel").fetchone()[0] or 0) if there else 0


def _to_database(db: Engine) -> Wire | None:
    """The other centers' way to a PostgreSQL server; SQLite is a file, and nothing can be cut."""
    folder = db.url.query.get("host")
    return Wire("127.0.0.1", Path(folder) / ".s.PGSQL.5432") if isinstance(folder, str) else None


def _known_to(pbx: SitePbx, sites: Mapping[str, SitePbx]) -> str:
    """TONGDAI_SITES of one of them: the others at the faces of its links."""
    named = []
    for code, other in sites.items():
        link = next((link for link in pbx.links if link.joins(HOSTS[code])), None)
        port = other.settings.sip_port if other is pbx or link is None else link.port_of(HOSTS[code])
        named.append(f"{code}={HOSTS[code]}:{port}:{other.settings.ami_port}")
    return ",".join(named)


def _to_ami(pbx: SitePbx) -> Wire:
    """The way by which the switchboard of another site reaches it."""
    own = own_site(pbx.settings)
    if own is not None and own.tls:
        return Wire(own.host, own.ami_port, own.host)
    return Wire(HOSTS[pbx.settings.site], pbx.settings.ami_port)


def _with_certificates(sites: Mapping[str, SitePbx], folder: Path) -> str:
    """Each site has a folder with what is its own and no more. Returns TONGDAI_SITES."""
    made = folder / "authority"
    certificates.make(made, {code: [HOSTS[code]] for code in sites}, utc_now())
    named = []
    for code, pbx in sites.items():
        own = pbx.settings.certificates_dir
        own.mkdir(parents=True)
        for name in ("ca.pem", f"{code}.pem", f"{code}.key"):
            shutil.copy2(made / name, own / name)
        ports = ":".join(str(free_port(host=HOSTS[code])) for _ in range(3))
        named.append(f"{code}=tls://{HOSTS[code]}:{ports}")
    return ",".join(named)


@contextlib.contextmanager
def three_pbxs(*, sealed: bool = False) -> Iterator[dict[str, SitePbx]]:
    """The Asterisks of all three, running, joined by trunks. `sealed`: over TLS, and by no links that a
    story could cut."""
    folder = Path(tempfile.mkdtemp(prefix="td-sites-"))
    sites = {code: SitePbx(folder / code, code, host) for code, host in HOSTS.items()}
    ends = [(host, sites[code].settings.sip_port) for code, host in HOSTS.items()]
    links = [] if sealed else [SipLink(one, two) for one, two in combinations(ends, 2)]
    everywhere = _with_certificates(sites, folder) if sealed else ""
    for code, pbx in sites.items():
        pbx.links = [link for link in links if link.joins(HOSTS[code])]
    secret = sites["hn"].settings.ami_secret
    own = {code: pbx.accounts[:5] for code, pbx in sites.items()}
    own["ag"][4] = replace(own["ag"][4], browser=True)
    try:
        for code, pbx in sites.items():
            known = {
                "ami_secret": secret,
                "sites": everywhere or _known_to(pbx, sites),
                "phone_tls_port": free_port(host=HOSTS[code]) if sealed else 0,
                "pbx_http_host": HOSTS[code],
            }
            pbx.settings = pbx.settings.model_copy(update=known)
            pbx.accounts = own[code] + [each for other in sites if other != code for each in own[other]]
            pbx.start()
        yield sites
    finally:
        for pbx in sites.values():
            pbx.stop()
        for link in links:
            link.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def built(sites: dict[str, SitePbx], db: Engine, redis: str, folder: Path) -> Iterator[Country]:
    """The country on an empty database; its switchboard is not started yet."""
    country = Country(sites, db, redis, folder)
    try:
        yield country
    finally:
        country.stop()


Story = Callable[[Country], Awaitable[None]]


def told(tell: Story) -> Callable[..., None]:
    """A story told with await; the switchboard reaches the other sites over the wires."""

    @wraps(tell)
    def test(country: Country) -> None:
        async def run() -> None:
            await country.connect()
            try:
                await asyncio.to_thread(country.start)
                await soon(lambda: country.times_in_step() > len(country.wires), within=10)
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
                await country.disconnect()

        asyncio.run(run())

    return test


def taped(capture: str) -> Callable[[Story], Callable[..., None]]:
    """A story told with await that leaves the trace of each Asterisk in it, as NAME.SITE.jsonl. Replayed
    together they must tell of the callers' calls what the database says."""

    def decorate(tell: Story) -> Callable[..., None]:
        @told
        @wraps(tell)
        async def test(country: Country) -> None:
            async with contextlib.AsyncExitStack() as stack:
                tapes = {
                    site: await stack.enter_async_context(taping(pbx))
                    for site, pbx in country.sites.items()
                }
                await tell(country)
                heard = {site: tape for site, tape in tapes.items() if tape.heard}
                await soon(lambda: all(tape.everybody_has_hung_up() for tape in heard.values()))
            for site, tape in heard.items():
                keep(f"{capture}.{site}", tape.lines())
            agree_in_full([tape.lines() for tape in heard.values()], country)

        return test

    return decorate

"""docker-compose.yml for real: the production images are built, come up, and someone rings 111."""

import asyncio
import html
import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hotline import certificates
from hotline.access import Role
from hotline.clock import utc_now
from hotline.errors import SetupError, Unavailable
from routing import demo
from routing.shifts import duty_at
from telephony.softphone import Caller, SoftPhone
from tests.compose.containers import SERVED, Containers, containers
from tests.compose.engine import CENTER, HEADQUARTERS, engine
from tests.pbx import soon
from tests.waiting import until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

_COUNSELOR_TONE, _CALLER_TONE = 620, 440
"""Hz."""
SPEAKS = """
import ssl, sys
from websockets.sync.client import connect
trusted = ssl.create_default_context(cafile="/etc/tongdai/certificates/ca.pem")
print(connect(sys.argv[1], subprotocols=["sip"], ssl=trusted).subprotocol)
"""
GOES_OUT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)
    print("out")
except OSError as error:
    print(type(error).__name__)
"""
ASKS = """
import http.client, ssl, sys
import psycopg
from hotline.settings import settings
host, secret = sys.argv[1], settings().database_password.get_secret_value()
for mode in ("disable", "verify-full sslrootcert=/etc/ssl/certs/ca-certificates.crt"):
    try:
        psycopg.connect(f"host={host} user=tongdai dbname=tongdai sslmode={mode}", password=secret)
    except psycopg.OperationalError as error:
        print(str(error).strip().rpartition(": ")[2])
for door in (http.client.HTTPConnection, http.client.HTTPSConnection):
    try:
        link = door(host, 8111, timeout=5)
        link.request("GET", "/recordings")
        print(link.getresponse().status)
    except Exception as error:
        print(type(error).__name__)
"""


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    with engine() as ours:
        with containers(ours, tmp_path_factory.mktemp("secrets")) as running:
            yield running
        assert not ours.leftovers()


def test_each_part_runs_as_nobody_special_on_a_root_that_it_cannot_write_to(up: Containers) -> None:
    assert up.exit_code("migrate") == 0
    users = {service: up.user(service) for service in SERVED}
    assert users == dict.fromkeys(SERVED, "tongdai") | {"postgresql": "postgres", "redis": "redis"}
    for service in SERVED:
        assert "no" in up.inside(service, "sh", "-c", "touch /opt/x 2>/dev/null || echo no")


def test_settings_that_compose_does_not_name_come_out_of_a_file_and_give_way_to_its_own(
    up: Containers,
) -> None:
    for service in ("asterisk", "switchboard", "web", "worker", "messenger", "receive"):
        told = up.inside(service, "sh", "-c", "echo $TONGDAI_LEAST_FREE_GB $TONGDAI_DEMO")
        assert told.split() == ["0.25", "true"]


def test_asterisk_tells_strangers_the_address_of_its_host(up: Containers) -> None:
    assert "external_media_address = 198.51.100.111" in up.inside(
        "asterisk", "cat", "/var/lib/tongdai/pbx/hn/etc/pjsip.conf"
    )


def test_who_opens_recordings_is_not_let_out_and_who_tells_offices_is(up: Containers) -> None:
    with socket.create_server((up.host, 0)) as door:
        port = str(door.getsockname()[1])
        parts = ("web", "worker", "messenger", "cron")
        out = {part: up.inside(part, "python", "-c", GOES_OUT, up.host, port).strip() for part in parts}
    assert out == {"web": "out", "worker": "OSError", "messenger": "out", "cron": "OSError"}


def test_the_doctor_finds_nothing_wrong_in_any_part(up: Containers) -> None:
    for service in ("web", "worker", "messenger", "cron", "receive"):
        assert "nothing is wrong" in up.inside(service, "tongdai", "doctor")


def test_a_call_to_111_rings_a_counselor_and_is_kept(up: Containers) -> None:
    password = up.seed()
    counselor = next(
        person
        for person in demo.people()
        if person.role is Role.COUNSELOR and person.works(duty_at(utc_now())) and person.phone
    )
    assert counselor.phone is not None
    account = up.account(counselor.phone)
    with httpx.Client(base_url=up.web, headers={"Origin": up.web}, timeout=20) as browser:
        assert browser.get("/").status_code == 303
        came_in = browser.post("/login", data={"login": counselor.login, "password": password})
        assert came_in.headers["location"] == "/desk", came_in.text
        form = re.search(r'"X-CSRF-Token": "([^"]+)"', html.unescape(browser.get("/desk").text))
        assert form is not None
        browser.headers["X-CSRF-Token"] = form[1]
        asyncio.run(
            _call(
                up,
                SoftPhone(account.phone, account.secret, host=up.pbx, port=5060, local_host=up.host),
                browser,
            )
        )

        (call,) = until(lambda: up.sql("SELECT id, outcome FROM call WHERE ended_at IS NOT NULL"))
        assert call[1] == "answered"
        assert up.sql("SELECT number, count(*) FROM call GROUP BY number") == [["+84912345678", "1"]]
        assert up.sql(f"SELECT count(*) FROM record WHERE call_id = '{call[0]}'") == [["1"]]  # noqa: S608
        until(lambda: up.sql("SELECT state FROM recording") == [["ready"]], within=30)
        audio = browser.get(f"/recordings/{call[0]}")
        assert audio.content.startswith(b"OggS")
        assert browser.get("/desk").status_code == 200
    assert not up.inside("worker", "ls", "/var/spool/tongdai").strip()


async def _call(up: Containers, phone: SoftPhone, browser: httpx.Client) -> None:
    """The counselor becomes available on the screen, the phone rings, caller and counselor talk."""
    await _registered(phone)
    try:
        chosen = await asyncio.to_thread(
            browser.post, "/desk/availability", data={"choice": "available"}
        )
        assert chosen.status_code == 200, chosen.text
        caller = await Caller.ring(number="0912345678", host=up.pbx, port=5060, local_host=up.telco)
        try:
            ringing = await phone.rang(within=20)
            assert ringing.number == "0912345678"
            await ringing.answer()
            await caller.answered.within(5)
            await soon(lambda: caller.audio.hears(_COUNSELOR_TONE))
            await soon(lambda: ringing.audio.hears(_CALLER_TONE))
        finally:
            await caller.hang_up()
            await caller.ended.within(5)
    except BaseException:
        print(up.state(), up.logs(), sep="\n")  # noqa: T201 - pytest shows it with the failure
        raise
    finally:
        await phone.close()


async def _registered(phone: SoftPhone) -> None:
    """Register; Asterisk may need a moment until it knows a phone that it was just told of."""
    deadline = asyncio.get_running_loop().time() + 15
    while not phone.registered:
        try:
            await phone.register()
        except Unavailable:
            if asyncio.get_running_loop().time() > deadline:
                raise


def test_another_center_reaches_headquarters_and_headquarters_it(up: Containers) -> None:
    """The database, what takes recordings in, its manager interface: each doctor has looked. The trunk,
    both ways, and where it takes the words of phones in browsers. All of it over TLS."""
    up.center_up()
    for service in ("ship", "deliver", "asterisk"):
        said = up.inside(service, "tongdai", "doctor", at=CENTER)
        assert "nothing is wrong" in said
        assert ("takes recordings from here" in said) == (service == "deliver")
        assert ("of the house's authority" in said) == (service == "asterisk")
    for service in ("asterisk", "switchboard"):
        said = up.inside(service, "tongdai", "doctor")
        assert "nothing is wrong" in said
        assert re.search("site dn.*lets us in", said)
    until(lambda: _spoken(up) == "sip", within=60)
    until(lambda: " Avail " in up.trunk("dn", HEADQUARTERS), within=60)
    until(lambda: " Avail " in up.trunk("hn", CENTER), within=60)
    sealed = "SELECT DISTINCT ssl, version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
    assert up.sql(f"{sealed} WHERE host(client_addr) NOT LIKE '%.2.%'") == [["t", "TLSv1.3"]]


def _spoken(up: Containers) -> str:
    """What the center's Asterisk speaks with browsers; nothing (404) while it loads its modules."""
    try:
        return up.inside("web", "python", "-c", SPEAKS, f"wss://{up.center}:8089/ws").strip()
    except SetupError as error:
        print(error)  # noqa: T201 - pytest shows it with the failure
        return ""


def test_between_centers_nobody_is_spoken_with_in_clear_or_believed_by_another_authority(
    up: Containers,
) -> None:
    """Asked from the center's network. Asterisk's doors in clear are closed to other machines."""
    said = up.inside("deliver", "python", "-c", ASKS, up.headquarters, at=CENTER).splitlines()
    assert [line for line in said if "no encryption" in line], said
    assert said[1:] == ["certificate verify failed", "RemoteDisconnected", "SSLCertVerificationError"]
    for host in (up.headquarters, up.center):
        for port in (5038, 5060, 8088):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((host, port), timeout=5)


def test_certificates_are_renewed_while_all_goes_on_and_a_wrong_one_shuts_nobody_s_own_line(
    up: Containers, tmp_path: Path
) -> None:
    for site in up.called:
        (up.authority / f"{site}.pem").unlink()
    assert certificates.make(up.authority, up.called, utc_now()) == ["hn.pem", "dn.pem"]
    doors = {5432: up.headquarters, 5061: up.headquarters, 8111: up.headquarters, 5039: up.center}
    before = {port: _shown(host, port) for port, host in doors.items()}
    up.bring(up.authority, "hn.key", "hn.pem", "dn.key", "dn.pem")
    since = "SELECT min(backend_start) FROM pg_stat_activity WHERE client_addr IS NOT NULL"
    connected = up.sql(since)
    up.inside("postgresql", "postgresql", "reload")
    for at in (HEADQUARTERS, CENTER):
        up.inside("asterisk", "tongdai", "pbx", "reload", at=at)
    renewed = {
        port: (up.authority / ("hn.pem" if host == up.headquarters else "dn.pem")).read_text("ascii")
        for port, host in doors.items()
    }
    until(lambda: {port: _shown(host, port) for port, host in doors.items()} == renewed)
    assert not before.items() & renewed.items()
    assert up.sql(since) == connected

    certificates.make(tmp_path, up.called, utc_now())
    up.bring(tmp_path, "dn.key", "dn.pem")
    up.restart("asterisk", CENTER)
    with pytest.raises(SetupError, match=r"site dn.*is not believed"):
        up.inside("switchboard", "tongdai", "doctor")
    with pytest.raises(SetupError, match=r"dn\.pem is not of the authority in ca\.pem"):
        up.inside("asterisk", "tongdai", "doctor", at=CENTER)
    up.bring(up.authority, "dn.key", "dn.pem")
    up.inside("asterisk", "tongdai", "pbx", "reload", at=CENTER)
    assert "nothing is wrong" in up.inside("switchboard", "tongdai", "doctor")


def _shown(host: str, port: int) -> str:
    """The certificate, in PEM, whoever signed it."""
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.check_hostname, asking.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((host, port), timeout=60) as link:
        if port == 5432:
            link.sendall(b"\0\0\0\x08\x04\xd2\x16\x2f")  # SSLRequest
            assert link.recv(1) == b"S"
        with asking.wrap_socket(link) as sealed:
            shown = sealed.getpeercert(binary_form=True)
    assert shown is not None
    return ssl.DER_cert_to_PEM_cert(shown)

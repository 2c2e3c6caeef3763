"""Three centers whose AMI and SIP go over TLS, and whose talks go encrypted from one to the other."""

import asyncio
import contextlib
import json
import re
import shutil
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline import certificates
from hotline.clock import utc_now
from hotline.events import Outcome
from telephony.pbx import reload_phones
from tests.pbx import Pbx, soon
from tests.stories.country import (
    HOSTS,
    Country,
    SitePbx,
    built,
    rings_in_a_browser,
    rung_by,
    three_pbxs,
    told,
)
from tests.stories.house import empty_database
from tests.stories.telling import CLEAR, SEALED, hear_each_other, hears, how, who
from tests.web_phone import register, rung


@pytest.fixture(scope="module")
def pbxs() -> Iterator[dict[str, SitePbx]]:
    with three_pbxs(sealed=True) as sites:
        yield sites


@pytest.fixture
def country(
    pbxs: dict[str, SitePbx],
    sqlite_template: Path,
    redis: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Country]:
    """The switchboard's own folder holds the authority's certificate and nothing else."""
    with (
        empty_database(sqlite_template, tmp_path) as engine,
        built(pbxs, engine, redis, tmp_path) as made,
    ):
        monkeypatch.setenv("TONGDAI_SITES", made.reached)
        monkeypatch.setenv("TONGDAI_CERTIFICATES", str(tmp_path / "trusted"))
        trust(tmp_path / "trusted", pbxs["hn"].settings.certificates_dir)
        yield made


def trust(folder: Path, authority: Path) -> None:
    """From now on this authority and no other."""
    folder.mkdir(exist_ok=True)
    shutil.copy2(authority / "ca.pem", folder / "ca.pem")


@told
async def test_a_call_goes_to_another_center_and_back_and_nobody_on_the_way_hears_it(
    country: Country,
) -> None:
    there = await country.sits_at("ag")
    caller = await country.pbx.call("0912000001")
    ringing = await there.rang()
    assert ringing.number == "0912000001"
    await ringing.answer()
    await hear_each_other(caller, ringing)
    assert await how(country.pbx, "ag03") == SEALED
    assert await how(country.sites["ag"], "site-hn") == SEALED
    assert await how(country.sites["ag"], "ag03") == CLEAR  # a desk phone, in its own network
    here = await country.sits_at("hn")
    await ringing.refer("hn01")
    back = await here.rang()
    await back.answer()
    await hear_each_other(caller, back)
    await soon(lambda: len(country.calls()[0].talks) == 2)
    await caller.hang_up()
    (call,) = await country.ended(1)
    assert call.outcome is Outcome.ANSWERED
    assert who(country, call) == [country.number_at("ag"), 1]


@told
async def test_a_switchboard_that_is_shown_another_authoritys_certificate_says_nothing_to_it(
    country: Country,
) -> None:
    """And goes on trying: nobody has to start anything when the right file is there."""
    other, ours = country.data("other"), country.pbx.settings.certificates_dir
    certificates.make(other, {}, utc_now())
    trust(country.data("trusted"), other)
    before, connected_before = country.times_in_step(), times(country, "ami_connected")
    for wire in country.wires.values():
        wire.drop()
    await soon(lambda: untrusted(country) >= {"dn", "ag"})
    assert times(country, "ami_connected") == connected_before
    trust(country.data("trusted"), ours)
    await soon(lambda: country.times_in_step() >= before + 2, within=12)


class TlsLine:
    """What a desk phone says and hears over TLS: whole messages of SIP (RFC 3261, 18.3)."""

    def __init__(self, pbx: Pbx) -> None:
        of = pbx.settings
        trusted = ssl.create_default_context(cafile=str(of.certificates_dir / "ca.pem"))
        plain = socket.create_connection((of.sip_host, of.phone_tls_port), timeout=10)
        self._line = trusted.wrap_socket(plain, server_hostname=of.sip_host)
        self._heard = b""

    def send(self, message: str) -> None:
        self._line.sendall(message.encode())

    def recv(self, timeout: float) -> str:
        self._line.settimeout(timeout)
        while b"\r\n\r\n" not in self._heard:
            self._heard += self._line.recv(4096)
        head, _, rest = self._heard.partition(b"\r\n\r\n")
        (length,) = re.findall(rb"Content-Length: *([0-9]+)", head)
        while len(rest) < int(length):
            rest += self._line.recv(4096)
        self._heard = rest[int(length) :]
        return (head + b"\r\n\r\n" + rest[: int(length)]).decode()

    def close(self) -> None:
        self._line.close()


@told
async def test_a_desk_phone_registers_and_is_rung_over_tls(country: Country) -> None:
    """Beside others that do not; what is offered to it can be encrypted."""
    account, asking = country.pbx.accounts[4], await country.phone_at("hn", 4)
    with contextlib.closing(TlsLine(country.pbx)) as line:
        known = {"phone": str(account.phone), "secret": account.secret}
        assert await asyncio.to_thread(register, line, known, "tls") == "200"
        call = await asking.dial(account.phone)
        invite = await asyncio.to_thread(rung, line)
        await call.hang_up()
    assert "SIP/2.0/TLS" in invite
    assert "a=crypto:1 AES_CM_128_HMAC_SHA1_80" in invite


@told
async def test_a_phone_in_a_browser_at_another_center_is_rung_over_tls(country: Country) -> None:
    await rings_in_a_browser(country)


def times(country: Country, event: str) -> int:
    return country.log.read_text("utf-8").count(f'"event": "{event}"')


def untrusted(country: Country) -> set[str]:
    """Sites of which the log says so."""
    lines = [json.loads(line) for line in country.log.read_text("utf-8").splitlines() if line[0] == "{"]
    return {each["site"] for each in lines if each.get("error", "").startswith("AmiUntrusted")}


@told
async def test_a_center_with_another_authoritys_certificate_gets_no_calls_until_it_has_a_new_one(
    country: Country,
) -> None:
    """Neither over TLS nor in clear; its own callers are served. The right file needs no restart."""
    site = country.sites["ag"]
    files = certificates.files_of(site.settings.certificates_dir, "ag")
    kept = files.certificate.read_bytes(), files.key.read_bytes()
    certificates.make(country.data("other"), {"ag": [HOSTS["ag"]]}, utc_now())
    for path in (files.certificate, files.key):
        shutil.copy2(country.data("other") / path.name, path)
    site.restart()
    there = await country.phone_at("ag", 3)
    try:
        own = await site.call("0912000002")
        await hears(own, "greeting")
        await own.hang_up()
        caller = await country.pbx.call("0912000001")
        await hears(caller, "greeting")
        await soon(lambda: trunk(country) == "Unavail")
    finally:
        files.certificate.write_bytes(kept[0])
        files.key.write_bytes(kept[1])
        reload_phones(site.settings, site.accounts)
    await soon(lambda: trunk(country) == "Avail")
    await country.is_available_at("ag")
    ringing = await rung_by(there, "0912000001")
    await ringing.answer()
    await hear_each_other(caller, ringing)
    await caller.hang_up()


def trunk(country: Country) -> str:
    """What Hà Nội's Asterisk hears on it."""
    country.pbx.console("pjsip qualify site-ag")
    said = country.pbx.console("pjsip show contacts")
    return next(line.split()[-2] for line in said.splitlines() if "site-ag/" in line)


@told
async def test_who_has_another_centers_address_and_no_certificate_is_not_that_center(
    country: Country,
) -> None:
    """Not even with an offer that would be encrypted."""
    there, port = await country.phone_at("ag", 3), country.sites["ag"].settings.sip_port
    for kind, crypto in (
        ("AVP", ""),
        ("SAVP", f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{'A' * 40}\r\n"),
    ):
        assert await asyncio.to_thread(answer_to_forged, port, kind, crypto) >= 400
    with pytest.raises(TimeoutError):
        await there.rang(within=0.2)


def answer_to_forged(port: int, kind: str, crypto: str) -> int:
    """The final answer, over UDP, to an INVITE from Hà Nội's address for a phone of An Giang."""
    own = HOSTS["hn"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind((own, 0))
        door.settimeout(5)
        here = f"{own}:{door.getsockname()[1]}"
        said = (
            f"v=0\r\no=- 1 1 IN IP4 {own}\r\ns=-\r\nc=IN IP4 {own}\r\nt=0 0\r\n"
            f"m=audio 40000 RTP/{kind} 8\r\n{crypto}"
        )
        door.sendto(
            (
                f"INVITE sip:ag03@{HOSTS['ag']} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{kind}\r\n"
                f"From: <sip:0912000001@{own}>;tag=1\r\nTo: <sip:ag03@{HOSTS['ag']}>\r\n"
                f"Call-ID: {here}\r\nCSeq: 1 INVITE\r\nContact: <sip:x@{here}>\r\nMax-Forwards: 70\r\n"
                f"Content-Type: application/sdp\r\nContent-Length: {len(said)}\r\n\r\n{said}"
            ).encode(),
            (HOSTS["ag"], port),
        )
        while (status := int(door.recv(8192).split()[1])) < 180:
            pass
        return status

"""The web server speaks TLS itself: for a house without a reverse proxy."""

import http.client
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hotline import certificates, children, web_certificate
from hotline.clock import utc_now
from hotline.errors import SetupError
from hotline.findings import Grade, Patient
from hotline.settings import Settings, require_whole_tls
from tests.pbx import free_port
from tests.waiting import until


def certificate(folder: Path, name: str, *hosts: str) -> tuple[Path, Path]:
    """One with a day left, for these hosts or 127.0.0.1; and its key. `ca.pem` beside vouches for it."""
    ago = utc_now() - certificates.SITE_LASTS + timedelta(days=1)
    certificates.make(folder / name, {name: hosts or ("127.0.0.1",)}, ago)
    files = certificates.files_of(folder / name, name)
    return files.certificate, files.key


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def shown(port: int, tmp_path: Path) -> Iterator[Path]:
    """Who vouches for what a running web server shows."""
    shown, key = certificate(tmp_path, "web")
    trusted = shown.with_name("ca.pem")
    environment = {
        **os.environ,
        "TONGDAI_DATA": str(tmp_path),
        "TONGDAI_WEB_PORT": str(port),
        "TONGDAI_TLS_CERTIFICATE": str(shown),
        "TONGDAI_TLS_KEY": str(key),
    }
    command = [sys.executable, "-m", "hotline.cli", "web"]
    process = subprocess.Popen(children.bound_to_us(command), env=environment)
    try:
        until(lambda: _reached(port, ssl.create_default_context(cafile=trusted)), within=60)
        yield trusted
    finally:
        process.terminate()
        process.wait(10)


def _reached(port: int, trusting: ssl.SSLContext) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            trusting.wrap_socket(line, server_hostname="127.0.0.1").close()
    except ConnectionRefusedError:
        return False
    return True


def test_pages_come_over_tls_that_is_good_and_by_nothing_else(port: int, shown: Path) -> None:
    trusting = ssl.create_default_context(cafile=shown)
    web = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=trusting)
    web.request("GET", "/login")
    page = web.getresponse()
    page.read()
    assert page.status == 200
    assert page.headers["Strict-Transport-Security"]  # so cookies are of TLS alone, too
    web.close()

    with socket.create_connection(("127.0.0.1", port), timeout=10) as plainly:
        plainly.sendall(b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert not plainly.recv(5).startswith(b"HTTP")
    with pytest.raises(ssl.SSLCertVerificationError):
        _reached(port, ssl.create_default_context())
    weak = ssl.create_default_context(cafile=shown)
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("ECDHE+AES:!AESGCM:!AESCCM")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        _reached(port, weak)


def test_half_a_certificate_is_told_at_the_start(tmp_path: Path) -> None:
    shown, key = certificate(tmp_path, "web")
    _, another = certificate(tmp_path, "other")
    require_whole_tls(Settings(tls_certificate=shown, tls_key=key))
    require_whole_tls(Settings.model_validate({"tls_certificate": "", "tls_key": ""}))
    require_whole_tls(Settings(phone_tls_port=5062, phone_tls_obliged=True))
    with pytest.raises(SetupError, match="TONGDAI_PHONE_TLS_PORT"):
        require_whole_tls(Settings(phone_tls_obliged=True))
    with pytest.raises(SetupError, match="TONGDAI_TLS_KEY"):
        require_whole_tls(Settings(tls_certificate=shown))
    for wrong in (another, tmp_path / "nowhere", shown):
        with pytest.raises(SetupError, match="TONGDAI_TLS_CERTIFICATE and TONGDAI_TLS_KEY"):
            require_whole_tls(Settings(tls_certificate=shown, tls_key=wrong))


def test_the_doctor_sees_a_certificate_that_ends_or_is_another_houses(tmp_path: Path) -> None:
    file, _ = certificate(tmp_path, "web", "111.example", "*.center.example")
    shown = certificates.shown(file)
    last = shown.ends

    def grade(host: str, left: timedelta) -> Grade:
        return web_certificate.finding(shown, host, last - left).grade

    assert grade("111.example", timedelta(days=30)) is Grade.GOOD
    assert grade("hn.center.example", timedelta(days=30)) is Grade.GOOD
    assert grade("", timedelta(days=30)) is Grade.GOOD
    assert grade("center.example", timedelta(days=30)) is Grade.WRONG
    assert grade("a.hn.center.example", timedelta(days=30)) is Grade.WRONG
    assert grade("111.example", timedelta(days=20)) is Grade.ODD
    assert grade("111.example", timedelta()) is Grade.WRONG
    assert list(web_certificate.examine(Patient(Settings(), None))) == []
    named = Settings(tls_certificate=file, public_url="https://111.example")
    assert [found.grade for found in web_certificate.examine(Patient(named, None))] == [Grade.ODD]

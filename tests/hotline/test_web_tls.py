"""The web server speaks TLS itself: for a house without a reverse proxy."""

import http.client
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hotline import children, web_certificate
from hotline.clock import utc_now
from hotline.errors import SetupError
from hotline.findings import Grade, Patient
from hotline.settings import Settings, require_whole_tls
from tests.waiting import until

LOOPBACK = x509.IPAddress(ip_address("127.0.0.1"))


def certificate(folder: Path, name: str, *alternative: x509.GeneralName) -> tuple[Path, Path]:
    """One for a day and these names, or 127.0.0.1, that vouches for itself; and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "web")])
    now = utc_now()
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternative or [LOOPBACK]), critical=False)
        .sign(key, hashes.SHA256())
    )
    shown, kept = folder / f"{name}.pem", folder / f"{name}.key"
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kept.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return shown, kept


@pytest.fixture
def port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@pytest.fixture
def shown(port: int, tmp_path: Path) -> Iterator[Path]:
    """What a running web server shows."""
    shown, key = certificate(tmp_path, "web")
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
        until(lambda: _reached(port, ssl.create_default_context(cafile=shown)), within=60)
        yield shown
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
    with pytest.raises(SetupError, match="TONGDAI_TLS_KEY"):
        require_whole_tls(Settings(tls_certificate=shown))
    for wrong in (another, tmp_path / "nowhere", shown):
        with pytest.raises(SetupError, match="TONGDAI_TLS_CERTIFICATE and TONGDAI_TLS_KEY"):
            require_whole_tls(Settings(tls_certificate=shown, tls_key=wrong))


def test_the_doctor_sees_a_certificate_that_ends_or_is_another_houses(tmp_path: Path) -> None:
    file, _ = certificate(tmp_path, "web", x509.DNSName("111.example"), x509.DNSName("*.center.example"))
    shown = x509.load_pem_x509_certificate(file.read_bytes())
    last = shown.not_valid_after_utc

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

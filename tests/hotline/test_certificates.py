"""The house's own authority: what it makes, and what is said of files that are no good."""

import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hotline import certificates
from hotline.certificates import RENEWED_BEFORE, SITE_LASTS, TOLD_BEFORE, make, problems
from hotline.clock import utc_now
from hotline.errors import SetupError

SITES = {"hn": ["10.1.0.5", "sip.hn.example"], "ag": ["10.3.0.5"]}
NOW = utc_now()


def said(folder: Path, now: datetime = NOW, hosts: tuple[str, ...] = ("10.1.0.5",)) -> list[str]:
    return [each.said for each in problems(folder, "hn", now, hosts)]


def test_each_site_gets_a_key_of_its_own_that_nobody_else_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    assert make(folder, SITES, NOW) == ["ca.pem", "hn.pem", "ag.pem"]
    assert said(folder) == []
    assert folder.stat().st_mode & 0o077 == 0
    for name in ("ca.key", "hn.key", "ag.key"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    assert (folder / "hn.key").read_bytes() != (folder / "ag.key").read_bytes()
    for site in SITES:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / f"{site}.pem", folder / f"{site}.key")


def test_what_lasts_is_left_alone_and_what_runs_out_or_has_another_name_is_made_anew(
    tmp_path: Path,
) -> None:
    make(tmp_path, SITES, NOW)
    key = (tmp_path / "ag.key").read_bytes()
    assert make(tmp_path, SITES, NOW) == []
    assert make(tmp_path, {"hn": ["10.1.0.6"], "ag": SITES["ag"]}, NOW) == ["hn.pem"]
    assert make(tmp_path, {"dn": ["10.2.0.5"]}, NOW) == ["dn.pem"]
    later = NOW + SITE_LASTS - RENEWED_BEFORE + timedelta(days=1)
    assert make(tmp_path, {"ag": SITES["ag"]}, later) == ["ag.pem"]
    assert (tmp_path / "ag.key").read_bytes() != key


def test_without_the_authoritys_key_nothing_is_signed(tmp_path: Path) -> None:
    make(tmp_path, {"hn": SITES["hn"]}, NOW)
    (tmp_path / "ca.key").unlink()
    assert make(tmp_path, {"hn": SITES["hn"]}, NOW) == []
    with pytest.raises(SetupError, match=r"ca\.key cannot be read"):
        make(tmp_path, SITES, NOW)


def test_an_authority_signs_nothing_that_would_outlive_it(tmp_path: Path) -> None:
    make(tmp_path, {"hn": SITES["hn"]}, NOW)
    with pytest.raises(SetupError, match="the authority ends on"):
        make(tmp_path, SITES, NOW + certificates.AUTHORITY_LASTS - timedelta(days=700))


def another(folder: Path) -> None:
    make(folder / "other", {}, NOW)
    (folder / "other" / "ca.pem").replace(folder / "ca.pem")


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (lambda folder: (folder / "hn.pem").unlink(), "cannot be read"),
        (lambda folder: (folder / "hn.key").write_text("no"), "is no key"),
        (lambda folder: (folder / "ca.pem").write_text("no"), "is no certificate"),
        (
            lambda folder: (folder / "hn.key").write_bytes((folder / "ag.key").read_bytes()),
            "not the key",
        ),
        (another, "not of the authority"),
    ],
)
def test_files_that_are_no_good(tmp_path: Path, harm: Callable[[Path], None], expected: str) -> None:
    make(tmp_path, SITES, NOW)
    harm(tmp_path)
    (found,) = said(tmp_path)
    assert expected in found


def test_it_is_told_of_another_address_and_before_it_runs_out(tmp_path: Path) -> None:
    make(tmp_path, SITES, NOW)
    assert said(tmp_path, hosts=("10.9.9.9",)) == ["hn.pem is not for 10.9.9.9"]
    ends = NOW + SITE_LASTS
    assert said(tmp_path, ends - TOLD_BEFORE - timedelta(days=1)) == []
    (soon,) = problems(tmp_path, "hn", ends - TOLD_BEFORE + timedelta(days=1), ())
    assert soon.soon
    (over,) = problems(tmp_path, "hn", ends + timedelta(seconds=1), ())
    assert not over.soon
    assert f"has run out on {ends:%Y-%m-%d}" in over.said

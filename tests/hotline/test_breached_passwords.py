"""A list of breached passwords: made of the one of Have I Been Pwned, asked without loading it."""

import os
import subprocess
import sys
import time
from hashlib import sha1
from pathlib import Path

import pytest

from hotline import breached_passwords
from hotline.errors import BadInput, SetupError, Unavailable
from hotline.settings import ROOT
from hotline.settings import settings as process_settings

LEAKED = "con mèo trèo cây cau"
OTHER = "một mật khẩu dài"


def _line(password: str, count: int = 100) -> bytes:
    return f"{sha1(password.encode(), usedforsecurity=False).hexdigest().upper()}:{count}\r\n".encode()


def _made(file: Path, *lines: bytes, least: int = 1) -> Path:
    file.write_bytes(b"".join(breached_passwords.packed(sorted(lines), least)))
    return file


@pytest.mark.parametrize("many", [0, 1, 2, 3, 1000])
def test_every_password_of_the_list_is_found_and_no_other(tmp_path: Path, many: int) -> None:
    known = [f"{LEAKED} {n}" for n in range(many)]
    file = _made(tmp_path / "list", *map(_line, known))
    assert file.stat().st_size == 8 * (many + 1)
    breached_passwords.require_list(file)
    assert all(breached_passwords.has(file, one) for one in known)
    assert not any(breached_passwords.has(file, f"{one}!") for one in [*known, LEAKED])


def test_a_list_of_a_billion_is_asked_and_not_read(tmp_path: Path) -> None:
    file, last = tmp_path / "list", sha1(LEAKED.encode(), usedforsecurity=False).digest()[:8]
    with file.open("wb") as opened:
        opened.write(b"TDBREACH")
        opened.truncate(8 * 10**9)  # a sparse file: zeros, which are in order
        opened.seek(0, os.SEEK_END)
        opened.write(last)
    began = time.monotonic()
    assert breached_passwords.has(file, LEAKED)
    assert not breached_passwords.has(file, OTHER)
    assert time.monotonic() - began < 2


def test_what_was_seen_seldom_is_left_out_and_what_is_twice_stands_once(tmp_path: Path) -> None:
    file = _made(tmp_path / "list", _line("seldom", 9), _line("often", 10), _line("often", 10), least=10)
    assert file.stat().st_size == 16
    assert (breached_passwords.has(file, "often"), breached_passwords.has(file, "seldom")) == (
        True,
        False,
    )


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([b"A" * 40 + b":1\n", b"B" * 39 + b":1\n"], "line 2: no SHA-1"),
        ([b"G" * 40 + b":1\n"], "line 1: no SHA-1"),
        ([b"A" * 40 + b":many\n"], "line 1: no SHA-1"),
        ([b"B" * 40 + b":1\n", b"\n", b"A" * 40 + b":1\n"], "line 3: not in order"),
    ],
)
def test_another_file_is_refused_by_its_line(lines: list[bytes], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        list(breached_passwords.packed(lines, 1))


@pytest.mark.parametrize("content", [b"", b"A" * 40 + b":1\n", b"TDBREACH" + b"x" * 9, None])
def test_nothing_starts_with_a_list_that_is_none_or_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, settings: object
) -> None:
    if content is not None:
        (tmp_path / "list").write_bytes(content)
    monkeypatch.setenv("TONGDAI_BREACHED_PASSWORDS", str(tmp_path / "list"))
    process_settings.cache_clear()
    with pytest.raises(SetupError, match="TONGDAI_BREACHED_PASSWORDS"):
        process_settings()


def test_a_list_that_cannot_be_read_lets_no_password_through(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        breached_passwords.has(tmp_path / "none", LEAKED)


def test_the_command_makes_one(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hotline.cli", "breached-passwords", "--least", "2"]
    lines = b"".join(sorted([_line(LEAKED), _line("other", 1)]))
    made = subprocess.run(command, cwd=ROOT, input=lines, capture_output=True, check=True, timeout=30)
    (tmp_path / "list").write_bytes(made.stdout)
    assert breached_passwords.has(tmp_path / "list", LEAKED)
    assert len(made.stdout) == 16

"""Every fault that `tongdai doctor` knows, really caused."""

import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from hotline import db as database
from hotline import doctor, migrate, ports
from hotline.findings import Finding, Grade
from hotline.settings import ROOT, Settings

Fresh = Callable[[], Settings]


def _said(of: Settings, subject: str) -> list[Finding]:
    return [finding for finding in doctor.examine(of) if finding.subject == subject]


def _the(of: Settings, subject: str) -> Finding:
    (finding,) = _said(of, subject)
    return finding


def _pretend_to_run(of: Settings) -> int:
    """Hold the lock of `tongdai up`."""
    of.run_dir.mkdir(parents=True, exist_ok=True)
    lock = os.open(of.run_dir / "up.lock", os.O_RDWR | os.O_CREAT)
    os.write(lock, str(os.getpid()).encode())
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def test_a_fresh_installation_has_nothing_wrong_with_its_ground(settings: Fresh) -> None:
    for subject in ("data folder", "disk", "time zone", "ports", "Redis", "links"):
        assert _the(settings(), subject).grade is Grade.GOOD
    assert _the(settings(), "system").grade is Grade.ODD
    assert _the(settings(), "database").advice == "the first `tongdai up` makes it"


def test_it_sees_that_the_system_runs(settings: Fresh) -> None:
    lock = _pretend_to_run(settings())
    assert _the(settings(), "system").said == f"is running (process {os.getpid()})"
    os.close(lock)


def test_a_data_folder_that_cannot_be_written(
    settings: Fresh, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TONGDAI_DATA", str(tmp_path / "file" / "data"))
    found = _the(settings(), "data folder")
    assert found.grade is Grade.WRONG
    assert "TONGDAI_DATA" in found.advice


def test_secrets_that_others_can_read(settings: Fresh) -> None:
    settings().secrets_dir.mkdir(parents=True, mode=0o755)
    settings().secrets_dir.chmod(0o755)
    found = _the(settings(), "secrets")
    assert found.grade is Grade.WRONG
    assert "chmod" in found.advice


def test_a_disk_that_is_nearly_full(settings: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGDAI_LEAST_FREE_GB", "1000000")
    found = _the(settings(), "disk")
    assert found.grade is Grade.WRONG
    assert "1e+06 GB is the least" in found.said


def test_wrong_time_zone_data(tmp_path: Path) -> None:
    """A machine whose Asia/Ho_Chi_Minh is really UTC."""
    zone = tmp_path / "zones" / "Asia" / "Ho_Chi_Minh"
    zone.parent.mkdir(parents=True)
    zone.write_bytes(Path("/usr/share/zoneinfo/UTC").read_bytes())
    done = _tongdai(tmp_path, PYTHONTZPATH=str(tmp_path / "zones"))
    assert done.returncode == 1
    assert "WRONG   time zone:" in done.stdout
    assert "tzdata" in done.stdout


def test_a_clock_that_was_set_back(settings: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    made = (ROOT / "pyproject.toml").stat().st_mtime
    monkeypatch.setattr(doctor, "utc_now", lambda: datetime.fromtimestamp(made - 1e6, UTC))
    assert _the(settings(), "clock").grade is Grade.WRONG


def test_a_named_port_that_is_taken(settings: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        port = door.getsockname()[1]
        monkeypatch.setenv("TONGDAI_WEB_PORT", str(port))
        found = _the(settings(), "ports")
    assert found.grade is Grade.WRONG
    assert f"port {port} (web)" in found.said
    assert f"(process {os.getpid()})" in found.said
    assert "TONGDAI_WEB_PORT" in found.advice


def test_a_remembered_port_that_is_taken_is_only_odd(settings: Fresh) -> None:
    sip = ports.filled(settings()).sip_port
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as door:
        door.bind(("127.0.0.1", sip))
        found = _the(settings(), "ports")
    assert found.grade is Grade.ODD
    assert f"port {sip} (SIP)" in found.said


def test_a_database_that_is_behind(settings: Fresh) -> None:
    settings().data.mkdir()
    migrate.upgrade()
    assert _the(settings(), "database").grade is Grade.GOOD
    with database.engine().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    found = _the(settings(), "database")
    assert found.grade is Grade.WRONG
    assert "0000" in found.said
    assert "tongdai db upgrade" in found.advice


def test_a_database_server_that_is_away(settings: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGDAI_DATABASE_URL", "postgresql://tongdai@127.0.0.1:1/tongdai")
    database.engine.cache_clear()
    found = _the(settings(), "database")
    assert found.grade is Grade.WRONG
    assert "TONGDAI_DATABASE_URL" in found.advice


def test_a_database_file_that_is_no_database(settings: Fresh) -> None:
    settings().data.mkdir()
    (settings().data / "tongdai.db").write_bytes(b"not a database" * 100)
    assert _the(settings(), "database").grade is Grade.WRONG


def test_a_redis_that_is_away(settings: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGDAI_REDIS_URL", "redis://127.0.0.1:1/0")
    found = _the(settings(), "Redis")
    assert found.grade is Grade.WRONG
    assert "TONGDAI_REDIS_URL" in found.advice


def test_a_redis_that_answers(settings: Fresh, redis: str) -> None:
    assert _the(settings(), "Redis").grade is Grade.GOOD


def test_an_embedded_valkey_that_died_while_we_run(settings: Fresh) -> None:
    lock = _pretend_to_run(settings())
    found = _the(settings(), "Redis")
    os.close(lock)
    assert found.grade is Grade.WRONG
    assert "valkey.log" in found.advice


def test_browser_files_missing(settings: Fresh, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    found = _the(settings(), "browser files")
    assert found.grade is Grade.WRONG
    assert "npm run build" in found.advice


def test_a_wrong_setting_is_one_clear_line(tmp_path: Path) -> None:
    done = _tongdai(tmp_path, TONGDAI_RING_SECONDS="soon")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "TONGDAI_RING_SECONDS" in done.stderr
    assert "Traceback" not in done.stderr


def _tongdai(data: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`tongdai doctor` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "hotline.cli", "doctor"],
        env={**os.environ, "TONGDAI_DATA": str(data / "data"), **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

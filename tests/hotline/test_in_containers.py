"""What is different where every part is a container: secrets as files, nobody of ours supervises."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url

from hotline import doctor
from hotline.findings import Grade
from hotline.settings import Settings

Fresh = Callable[[], Settings]


def test_a_secret_is_read_from_a_file(
    settings: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tongdai_ami_secret").write_text("whispered\n", "utf-8")
    monkeypatch.setitem(Settings.model_config, "secrets_dir", tmp_path)
    assert settings().ami_secret.get_secret_value() == "whispered"


def test_the_password_goes_into_the_address_of_the_database_whatever_it_is(
    settings: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGDAI_DATABASE_URL", "postgresql+psycopg://tongdai@db/tongdai")
    assert settings().sql_url == "postgresql+psycopg://tongdai@db/tongdai"
    monkeypatch.setenv("TONGDAI_DATABASE_PASSWORD", "a/b@c:d%'\"")
    assert make_url(settings().sql_url).password == "a/b@c:d%'\""
    assert "a/b@c" not in repr(settings())


def test_the_doctor_asks_for_no_supervisor_and_looks_at_no_port(
    settings: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGDAI_CONTAINERS", "true")
    monkeypatch.setenv("TONGDAI_PBX", "external")
    findings = {found.subject: found for found in doctor.examine(settings())}
    assert "containers" in findings["system"].said
    assert not {"ports", "Redis", "Asterisk"} & findings.keys()


def test_the_doctor_misses_what_asterisk_should_share(
    settings: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGDAI_CONTAINERS", "true")
    monkeypatch.setenv("TONGDAI_PBX", "external")
    monkeypatch.setenv("TONGDAI_PBX_LOG", str(tmp_path / "master.db"))
    monkeypatch.setenv("TONGDAI_SPOOL", str(tmp_path / "spool"))
    wrong = {f.subject for f in doctor.examine(settings()) if f.grade is Grade.WRONG}
    assert {"event log", "recordings"} <= wrong

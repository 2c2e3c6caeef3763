"""What of an installation's own talk goes over a network in clear."""

from pathlib import Path
from typing import Any

import pytest
import trustme
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hotline.db import make_engine
from hotline.errors import SetupError
from hotline.findings import Grade, Patient
from hotline.links import examine, in_clear, telco_in_clear
from hotline.settings import Settings
from tests import postgres

_ADDRESS = "127.7.3.2"
"""Loopback, where nobody else has a database."""


def test_the_telcos_line_is_named_and_is_nobodys_fault() -> None:
    """Unless it is a leased one, which is said, or comes from this machine."""
    peers = "203.0.113.5, 203.0.113.16/28,127.0.0.1"
    for demo in (False, True):
        found = list(examine(Patient(Settings(demo=demo, telco_peers=peers), None)))
        assert [each.grade for each in found] == [Grade.ODD, Grade.ODD, Grade.GOOD]
        assert "203.0.113.16/28" in found[1].said
    (found_,) = examine(Patient(Settings(telco_peers=peers, sheltered="203.0.113.0/27"), None))
    assert found_.grade is Grade.GOOD
    assert list(telco_in_clear(Settings(telco_peers=peers, telco_tls_port=5063))) == []


def clear(**said: Any) -> list[tuple[str, str]]:
    return [(link.setting, link.host) for link in in_clear(Settings(**said))]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"database_url": "postgresql:///tongdai?host=/run/postgresql", "redis_url": "unix:///run/redis"},
        {"database_url": "postgresql+psycopg://tongdai@127.0.0.1:5432/tongdai"},
        {"database_url": "postgresql://tongdai@db.example/t?sslmode=verify-full&sslrootcert=/ca.pem"},
        {"redis_url": "rediss://:word@cache.example:6379/0", "headquarters": "https://hq.example:8111"},
        {"smtp_host": "mail.example:587", "smtp_security": "starttls"},
        {"smtp_host": "localhost", "smtp_security": "none"},
        {"ami_host": "10.111.1.10", "sheltered": "10.111.0.0/16,"},
        {"redis_url": "redis://Cache:6379", "sheltered": "cache"},
        {"database_url": "postgresql://[fd00::7]:5432/t", "sheltered": "fd00::/8"},
        {"sites": "hn=10.1.0.5:5060:5038,dn=10.2.0.5:5060:5038", "sheltered": "10.0.0.0/14"},
        {"sites": "hn=tls://10.1.0.5:5061:5039,dn=tls://10.2.0.5:5061:5039:8089"},
    ],
)
def test_nothing_in_clear(said: dict[str, str]) -> None:
    assert clear(**said) == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"database_url": "postgresql://tongdai@db.example/t"}, ("TONGDAI_DATABASE_URL", "db.example")),
        (  # encrypted, but to whom?
            {"database_url": "postgresql://tongdai@10.2.0.5/t?sslmode=require"},
            ("TONGDAI_DATABASE_URL", "10.2.0.5"),
        ),
        (
            {"database_url": "postgresql://tongdai@/t?host=/run/postgresql,10.2.0.6:5432"},
            ("TONGDAI_DATABASE_URL", "10.2.0.6"),
        ),
        ({"redis_url": "redis://10.2.0.5:6379/0"}, ("TONGDAI_REDIS_URL", "10.2.0.5")),
        ({"ami_host": "10.2.0.5", "sheltered": "10.3.0.0/16"}, ("TONGDAI_AMI_HOST", "10.2.0.5")),
        ({"sites": "hn=10.1.0.5:5060:5038,dn=10.2.0.5:5060:5038"}, ("TONGDAI_SITES", "10.2.0.5")),
        ({"headquarters": "http://10.1.0.5:8111"}, ("TONGDAI_HEADQUARTERS", "10.1.0.5")),
        (
            {"smtp_host": "mail.example:25", "smtp_security": "none"},
            ("TONGDAI_SMTP_HOST", "mail.example"),
        ),
    ],
)
def test_what_anybody_on_the_way_could_read(said: dict[str, str], found: tuple[str, str]) -> None:
    assert clear(**said) == [found]


@pytest.mark.parametrize(("demo", "grade"), [(False, Grade.WRONG), (True, Grade.ODD)])
def test_who_runs_the_server_is_told_what_to_do(demo: bool, grade: Grade) -> None:
    of = Settings(demo=demo, redis_url="redis://192.0.2.9:6379/0")
    (found,) = examine(Patient(of, None))
    assert (found.grade, found.subject) == (grade, "links")
    assert "rediss://" in found.advice
    assert "TONGDAI_SHELTERED" in found.advice


def test_a_shelter_that_is_none() -> None:
    with pytest.raises(SetupError, match="TONGDAI_SHELTERED"):
        clear(sheltered="10.1.0.0/99")


@pytest.mark.postgresql
def test_a_database_is_spoken_with_over_tls_and_only_if_it_is_ours(tmp_path: Path) -> None:
    """The remedy that is advised, on a real server."""
    ours, other = trustme.CA(), trustme.CA()
    ours.cert_pem.write_to_path(tmp_path / "ours.pem")
    other.cert_pem.write_to_path(tmp_path / "other.pem")
    issued = ours.issue_cert(_ADDRESS)
    with postgres.cluster(
        files={
            "server.crt": issued.cert_chain_pems[0].bytes(),
            "server.key": issued.private_key_pem.bytes(),
        },
        more=("ssl=on", f"listen_addresses={_ADDRESS}"),
    ):
        sealed = f"postgresql://tongdai@{_ADDRESS}/postgres?sslmode=verify-full&sslrootcert={tmp_path}"
        engine = make_engine(f"{sealed}/ours.pem")
        with engine.connect() as connection:
            asked = text("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            assert connection.scalar(asked) == "TLSv1.3"
        engine.dispose()
        with pytest.raises(OperationalError, match="certificate verify failed"):
            make_engine(f"{sealed}/other.pem").connect()

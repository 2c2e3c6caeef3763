"""Which phones Asterisk is told of: those of who works here, each under a secret of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotline import accounts
from hotline import certificates as house
from hotline.access import Viewer
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.errors import BadInput
from hotline.ids import Phone
from hotline.settings import Settings
from hotline.settings import settings as configured
from hotline.staff import StaffRow
from telephony import pbx_command
from tests import factories


def told(of: Settings) -> dict[Phone, str]:
    """Phone → secret, as `tongdai pbx reload` has it written."""
    return {each.phone: each.secret for each in pbx_command.phones(of)}


def test_who_has_left_has_no_phone_and_the_next_one_another_secret(
    db: Engine, settings: Callable[[], Settings]
) -> None:
    of = settings()
    with transaction(db) as session:
        gone: Viewer = factories.counselor(session, "hn01")
        stays = factories.counselor(session, "hn02")
    before = told(of)
    assert told(of) == before
    assert set(before) == {"hn01", "hn02"}
    with transaction(db) as session:
        accounts.close(session, stays, gone.staff_id, utc_now())
    assert told(of) == {Phone("hn02"): before[Phone("hn02")]}
    with transaction(db) as session:
        session.get_one(StaffRow, stays.staff_id).phone = "hn01"
    assert told(of).keys() == {"hn01"}
    assert told(of)[Phone("hn01")] != before[Phone("hn01")]


def test_certificates_are_made_for_every_site_and_further_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("TONGDAI_SITES", "hn=tls://10.1.0.5:5061:5039,ag=tls://10.3.0.5:5061:5039")
    monkeypatch.setenv("TONGDAI_CERTIFICATES", str(tmp_path / "made"))
    configured.cache_clear()
    pbx_command.certificates(also=["hn=sip.hn.example"])
    assert "  ag: ca.pem, ag.pem, ag.key" in capsys.readouterr().out
    hosts = ["10.1.0.5", "sip.hn.example"]
    assert not list(house.problems(tmp_path / "made", "hn", utc_now(), hosts))
    pbx_command.certificates()
    assert "nothing runs out" in capsys.readouterr().out
    with pytest.raises(BadInput, match="--also"):
        pbx_command.certificates(also=["dn=sip.dn.example"])

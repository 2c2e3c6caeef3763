"""The demo organisation covers the day, and can be made twice without harm."""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from hotline import staff
from hotline.access import Role
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import SetupError
from hotline.settings import Settings
from routing import availability, demo
from routing.shifts import SHIFTS


def test_every_shift_of_every_center_has_counselors_and_a_lead() -> None:
    counselors = Counter(
        (person.center, person.shift) for person in demo.people() if person.role is Role.COUNSELOR
    )
    assert counselors.total() == 32
    assert set(counselors) == {(center, shift) for center in ("hn", "dn", "ag") for shift in SHIFTS}
    assert min(counselors.values()) >= 3
    leads = {(person.center, person.shift) for person in demo.people() if person.role is Role.SHIFT_LEAD}
    assert leads == set(counselors)


def test_nobody_shares_a_login_a_name_or_a_phone() -> None:
    people = demo.people()
    for values in (
        [person.login for person in people],
        [person.name for person in people],
        [person.phone for person in people if person.phone],
    ):
        assert len(values) == len(set(values))


def test_seeding_twice_changes_nothing(db: Engine) -> None:
    with transaction() as session:
        assert demo.seed(session, "secret") == 49
    with reading() as session:
        before = staff.everybody(session)
    with transaction() as session:
        assert demo.seed(session, "another") == 0
    with reading() as session:
        assert staff.everybody(session) == before
        assert len(availability.everybody(session, utc_now())) == 32


def test_the_command_prints_the_log_ins_of_the_present_shift(
    db: Engine, capsys: pytest.CaptureFixture[str], settings: Callable[[], Settings]
) -> None:
    demo.command()
    said = capsys.readouterr().out
    assert demo.password(settings()) in said
    assert "49 made-up accounts" in said
    assert "on shift now" in said
    demo.command()
    assert "accounts added" not in capsys.readouterr().out


def test_a_real_installation_gets_no_demo_accounts(db: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        center = staff.add_center(session, "hn", "Hà Nội")
        staff.add(
            session, login="real", name="x", role=Role.ADMINISTRATOR, center=center.id, password="x" * 12
        )
    with pytest.raises(SetupError, match="real accounts"):
        demo.command()


def test_the_demo_can_be_switched_off(
    monkeypatch: pytest.MonkeyPatch, settings: Callable[[], Settings]
) -> None:
    monkeypatch.setenv("TONGDAI_DEMO", "false")
    settings()
    with pytest.raises(SetupError, match="TONGDAI_DEMO"):
        demo.command()

import pytest
from sqlalchemy import Engine

from hotline import invitations, sessions, staff
from hotline.access import Role
from hotline.clock import local, utc_now
from hotline.db import reading, transaction
from hotline.errors import BadInput, NotVisible
from hotline.invitations import KnownBy
from hotline.lines import Skill
from routing import availability
from routing.shifts import NIGHT
from routing.staff_command import check, invite_again, put_in, put_place, train
from tests import factories

PASSWORD = "mot hai ba bon nam"
IN_PERSON = KnownBy.IN_PERSON


def test_the_first_administrator_of_an_empty_installation_can_log_in(db: Engine) -> None:
    with transaction(db) as session:
        made = put_in(session, "qt01", IN_PERSON, "Nguyễn  Thị   An", Role.ADMINISTRATOR, "hn")
        assert sessions.recognize(session, "qt01", "") is None
        invitations.accept(session, made.token, staff.hashed(PASSWORD), utc_now())
    with reading(db) as session:
        (added,) = staff.everybody(session)
        assert (added.name, added.center.name) == ("Nguyễn Thị An", "Hà Nội")
        assert sessions.recognize(session, "qt01", PASSWORD) == added.id
        assert sessions.recognize(session, "qt01", PASSWORD + "!") is None


def test_a_counselor_has_a_phone_and_a_shift(db: Engine) -> None:
    with transaction(db) as session:
        put_in(session, "tv01", IN_PERSON, "Lê Văn Bình", Role.COUNSELOR, "dn", "dn01", "night")
    with reading(db) as session:
        (counselor,) = availability.everybody(session, utc_now())
        assert counselor.staff.phone == "dn01"
        assert {duty.shift for duty in counselor.duty} == {"night"}
        tonight = NIGHT.on(local(utc_now()).date())
        assert tonight in counselor.duty


@pytest.mark.parametrize(
    ("login", "phone", "said"), [("tv01", "hn02", "this login"), ("tv02", "hn01", "this phone")]
)
def test_what_cannot_be_added_is_said(db: Engine, login: str, phone: str, said: str) -> None:
    with transaction(db) as session:
        put_in(session, "tv01", IN_PERSON, "A", Role.COUNSELOR, "hn", "hn01", "morning")
    with pytest.raises(BadInput, match=said), transaction(db) as session:
        put_in(session, login, IN_PERSON, "B", Role.COUNSELOR, "hn", phone, "morning")
    with reading(db) as session:
        assert len(staff.everybody(session)) == 1


@pytest.mark.parametrize(
    ("login", "role", "center", "phone", "shift", "said"),
    [
        ("TV 1", Role.AUDITOR, "hn", "", "", "a login is"),
        ("kt01", Role.AUDITOR, "hue", "", "", "the centers are"),
        ("kt01", Role.AUDITOR, "hn", "hn01", "", "only counselors"),
        ("xa01", Role.COMMUNE_OFFICER, "hn", "hn01", "", "only counselors"),
        ("tv01", Role.COUNSELOR, "hn", "", "night", "--phone"),
        ("tv01", Role.COUNSELOR, "hn", "hn01", "evening", "--shift"),
    ],
)
def test_bad_input_says_what_to_write_instead(
    login: str, role: Role, center: str, phone: str, shift: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        check(login, role, center, phone, shift)


def test_a_counselor_is_trained_for_a_line_and_no_longer(db: Engine) -> None:
    with transaction() as session:
        an = factories.counselor(session)
    for lines in ([Skill.TRAFFICKING], None):
        train(an.login, lines)
        with transaction() as session:
            assert staff.one(session, an.staff_id).skills == frozenset(lines or [])
    with pytest.raises(BadInput):
        train("nobody", [Skill.TRAFFICKING])


@pytest.mark.parametrize(
    ("role", "unit", "said"),
    [
        (Role.COMMUNE_OFFICER, "2025:25", "no commune of today"),
        (Role.PROVINCE_OFFICER, "2025:04978", "no province of today"),
        (Role.COMMUNE_OFFICER, "2024:05065", "no commune of today"),
        (Role.AUDITOR, "2025:04978", "no officer"),
    ],
)
def test_an_officer_works_for_a_unit_of_today(db: Engine, role: Role, unit: str, said: str) -> None:
    with transaction(db) as session:
        officer = factories.person(session, Role.COMMUNE_OFFICER)
        put_place(session, officer.login, "2025:04978")
        row = session.get(staff.StaffRow, officer.staff_id)
        assert row is not None
        assert staff.viewer_of(row).unit == "2025:04978"
        other = factories.person(session, role)
    with pytest.raises(BadInput, match=said), transaction(db) as session:
        put_place(session, other.login, unit)


def test_who_forgot_the_password_gets_a_new_link_and_keeps_the_old_one_until_then(db: Engine) -> None:
    with transaction(db) as session:
        made = put_in(session, "qt01", IN_PERSON, "An", Role.ADMINISTRATOR, "hn")
        invitations.accept(session, made.token, staff.hashed(PASSWORD), utc_now())
        first, second = (invite_again(session, "qt01", IN_PERSON) for _ in range(2))
        assert sessions.recognize(session, "qt01", PASSWORD)
        with pytest.raises(NotVisible):
            invitations.whose(session, first.token, utc_now())
        assert second.link.endswith(second.token)
        with pytest.raises(BadInput, match="--name"):
            invite_again(session, "qt02", IN_PERSON)

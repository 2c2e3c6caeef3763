"""Which account of the provider of log-ins is whose."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, select

from hotline import accounts, audit, oidc_accounts
from hotline.access import Role, Viewer
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.oidc_accounts import NOBODY, Found, Told
from tests import factories

HERE, ELSEWHERE = "https://id.example", "https://new.example"


@pytest.fixture
def an(db: Engine) -> Viewer:
    with transaction(db) as session:
        return factories.person(session, Role.COUNSELOR)


def told(an: Viewer, subject: str, name: str = "", issuer: str = HERE) -> Told:
    return Told(issuer, subject, name or an.login, by_email=False, strong=False)


def asked(db: Engine, of: Told) -> Found:
    with transaction(db) as session:
        return oidc_accounts.whose(session, of, utc_now())


def test_who_came_once_is_known_by_their_lasting_id_alone(db: Engine, an: Viewer) -> None:
    theirs = Found(an.staff_id, theirs=True)
    assert asked(db, told(an, "one", "nobody.we.know")) == NOBODY
    assert asked(db, told(an, "one")) == theirs
    assert asked(db, told(an, "one", "nobody.we.know")) == theirs
    assert asked(db, told(an, "two")) == Found(an.staff_id)


def test_another_provider_is_another_beginning(db: Engine, an: Viewer) -> None:
    asked(db, told(an, "one"))
    assert asked(db, told(an, "one", issuer=ELSEWHERE)).theirs
    assert asked(db, told(an, "two", issuer=ELSEWHERE)) == Found(an.staff_id)


def test_who_has_left_is_nobody_and_who_is_back_begins_anew(db: Engine, an: Viewer) -> None:
    asked(db, told(an, "one"))
    with transaction(db) as session:
        other = factories.person(session, Role.ADMINISTRATOR)
        accounts.close(session, other, an.staff_id, utc_now())
        assert oidc_accounts.since(session, an.staff_id) is None
    assert asked(db, told(an, "one")) == NOBODY
    with transaction(db) as session:
        accounts.reopen(session, other, an.staff_id, utc_now())
    assert asked(db, told(an, "two")).theirs


@pytest.mark.parametrize(("subjects", "let_in"), [(("one", "one"), 2), (("one", "two"), 1)])
def test_of_two_first_log_ins_at_once_one_account_is_bound_and_it_is_on_record_once(
    db: Engine, an: Viewer, subjects: tuple[str, str], let_in: int
) -> None:
    at_once = Barrier(2)

    def first(subject: str) -> Found:
        at_once.wait(10)
        return asked(db, told(an, subject))

    with ThreadPoolExecutor(2) as both:
        found = list(both.map(first, subjects))
    assert {one.staff_id for one in found} == {an.staff_id}
    assert sum(one.theirs for one in found) == let_in
    with reading(db) as session:
        assert session.scalars(select(audit.AuditRow.detail)).all() == ["oidc"]


def test_two_people_keep_their_own(db: Engine, an: Viewer) -> None:
    with transaction(db) as session:
        other = factories.person(session, Role.SHIFT_LEAD)
    asked(db, told(an, "one"))
    asked(db, told(other, "two"))
    # The ministry swaps their names.
    assert asked(db, told(other, "one")).staff_id == an.staff_id
    assert asked(db, told(an, "two")).staff_id == other.staff_id

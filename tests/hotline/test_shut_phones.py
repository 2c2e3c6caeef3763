"""A phone that is nobody's may not log in, however it came to be nobody's."""

from dataclasses import replace

from sqlalchemy import Engine

from hotline import accounts, interpreters
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.ids import Phone
from hotline.shut_phones import shut_phones
from tests import factories


def shut(db: Engine) -> dict[Phone, str]:
    with reading(db) as session:
        return shut_phones(session)


def test_who_leaves_or_gets_another_phone_leaves_one_that_is_nobodys(db: Engine) -> None:
    now = utc_now()
    with transaction(db) as session:
        lead = factories.shift_lead(session)
        an, binh = (factories.counselor(session, phone) for phone in ("hn01", "hn02"))
        accounts.close(session, lead, an.staff_id, now)
        said = accounts.one(session, binh.staff_id, now).said
        accounts.change(session, lead, binh.staff_id, replace(said, phone=Phone("hn03")), now)
    before = shut(db)
    assert set(before) == {"hn01", "hn02"}
    assert all(len(ha1) == 32 for ha1 in before.values())
    assert len(set(before.values())) == 2
    with transaction(db) as session:
        chi = factories.counselor(session, "hn01")
    assert set(shut(db)) == {"hn02"}
    with transaction(db) as session:
        accounts.close(session, lead, chi.staff_id, now)
    assert shut(db).keys() == before.keys()
    assert shut(db)[Phone("hn01")] != before[Phone("hn01")]


def test_a_phone_that_an_interpreter_has_too_is_somebodys(db: Engine) -> None:
    with transaction(db) as session:
        lead, an = factories.shift_lead(session), factories.counselor(session, "hn31")
        one = interpreters.add(
            session, name="Thạch Sô Phia", languages=["khm"], center=an.center_id, reached="hn31"
        )
        accounts.close(session, lead, an.staff_id, utc_now())
    assert shut(db) == {}
    with transaction(db) as session:
        interpreters.remove(session, one.id)
    assert set(shut(db)) == {"hn31"}

"""Who is on call: a list per center, in order, of numbers that may be rung."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from hotline import accounts, on_call
from hotline.access import Role
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import BadInput, NotVisible
from hotline.terms import Term
from routing import on_call_command
from tests import factories
from tests.factories import NOON


def test_a_center_has_its_own_list_in_its_order(db: Engine) -> None:
    with transaction(db) as session:
        hanoi, danang = factories.center(session), factories.center(session, "DN", "Đà Nẵng")
        one, two = factories.shift_lead(session, hanoi), factories.counselor(session, "hn01", hanoi)
        on_call.put(session, danang.id, [(two.staff_id, "02361234567")], NOON)
        on_call.put(
            session, hanoi.id, [(two.staff_id, "0912000002"), (one.staff_id, "0912000001")], NOON
        )
        on_call.put(
            session, hanoi.id, [(one.staff_id, "0912000001"), (two.staff_id, "0912000002")], NOON
        )
    with reading(db) as session:
        of_hanoi = on_call.of_center(session, "hn", utc_now())
        assert [(each.staff.id, each.number) for each in of_hanoi] == [
            (one.staff_id, "0912000001"),
            (two.staff_id, "0912000002"),
        ]
        assert [each.number for each in on_call.of_center(session, "dn", utc_now())] == ["02361234567"]
        assert on_call.of_center(session, "ag", utc_now()) == []


@pytest.mark.parametrize("number", ["113", "+84912000001", "09120000011", "0012025550123", "a-b", ""])
def test_only_numbers_that_the_dialplan_calls(db: Engine, number: str) -> None:
    with transaction(db) as session:
        lead = factories.shift_lead(session)
        with pytest.raises(BadInput):
            on_call.put(session, factories.center(session).id, [(lead.staff_id, number)], NOON)


def test_whose_mobile_an_offer_rang(db: Engine) -> None:
    with transaction(db) as session:
        lead = factories.shift_lead(session)
        on_call.put(session, factories.center(session).id, [(lead.staff_id, "0912000001")], NOON)
        rung = on_call.rung_for(session, "on-call-0912000001-1795306774")
        assert rung is not None
        assert rung.id == lead.staff_id
        for other in (None, "offer-0912000001-1", "on-call-0999999999-1", "on-call-", "on-call-x-1"):
            assert on_call.rung_for(session, other) is None


def test_the_command_sets_and_shows_the_list(db: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    with transaction(db) as session:
        lead = factories.shift_lead(session)
    on_call_command.set_("hn", [f"{lead.login}=0912000001"])
    on_call_command.list_()
    assert "0912000001" in capsys.readouterr().out.splitlines()[-1]
    on_call_command.set_("HN", None)
    with reading(db) as session:
        assert on_call.of_center(session, "hn", utc_now()) == []
    for center, person in (("xx", f"{lead.login}=0912000001"), ("hn", "nobody=0912000001")):
        with pytest.raises(BadInput):
            on_call_command.set_(center, [person])


def test_for_what_the_center_must_know_its_leads_are_rung_first(db: Engine) -> None:
    with transaction(db) as session:
        here = factories.center(session)
        factories.shift_lead(session, here, phone="hn91")
        lead = factories.person(session, Role.CENTER_LEAD, at=here, phone="hn95")
        an = factories.counselor(session, at=here)
        on_call.put(session, here.id, [(an.staff_id, "0912000001")], NOON)
        turn = on_call.in_turn(session, ["hn"], NOON, Role.CENTER_LEAD)["hn"]
    assert turn == [(lead.staff_id, "hn95"), (an.staff_id, "0912000001")]


def test_a_list_for_a_time_gives_way_to_the_one_before_and_so_does_one_undone(db: Engine) -> None:
    with transaction(db) as session:
        lead, an = factories.shift_lead(session), factories.counselor(session)
        here = lead.center_id

        def numbers(hours: float = 0) -> list[str]:
            now = NOON + timedelta(hours=hours)
            turn = on_call.in_turn(session, ["hn"], now)["hn"]
            listed = on_call.of_center(session, "HN", now)
            assert [number for _, number in turn] == [each.number for each in listed]
            return [each.number for each in listed]

        def edit(number: str, term: Term = Term()) -> None:  # noqa: B008 (frozen)
            on_call.edit(session, lead, here, [(an.staff_id, number)], term, NOON)

        assert on_call.in_force(session, here, NOON) is None
        edit("0912000001")
        edit("0912000002", Term(" ốm ", timedelta(hours=12)))
        stands = on_call.in_force(session, here, NOON)
        assert stands is not None
        assert (stands.reason, stands.expires_at, stands.before) == (
            "ốm",
            NOON + timedelta(hours=12),
            True,
        )
        assert (numbers(11.9), numbers(12)) == (["0912000002"], ["0912000001"])
        assert on_call.undo(session, lead, stands.id, NOON) != []
        assert on_call.undo(session, lead, stands.id, NOON) == []
        assert numbers() == ["0912000001"]
        rung = on_call.rung_for(session, "on-call-0912000002-1795306774")
        assert rung is not None
        assert rung.id == an.staff_id
        with pytest.raises(NotVisible):
            on_call.undo(session, an, stands.id, NOON)
        for wrong in (Term("", timedelta()), Term("", timedelta(days=15)), Term("x" * 201)):
            with pytest.raises(BadInput):
                edit("0912000003", wrong)
        assert numbers() == ["0912000001"]


def test_who_has_left_is_rung_no_more(db: Engine) -> None:
    with transaction(db) as session:
        hanoi = factories.center(session)
        gone, stays = (
            factories.counselor(session, "hn01", hanoi),
            factories.counselor(session, "hn02", hanoi),
        )
        mobiles = [(gone.staff_id, "0912000001"), (stays.staff_id, "0912000002")]
        on_call.put(session, hanoi.id, mobiles, NOON)
        accounts.close(session, gone, gone.staff_id, NOON)
    with reading(db) as session:
        assert on_call.in_turn(session, ["hn"], NOON)["hn"] == [(stays.staff_id, "0912000002")]
        assert [each.staff.id for each in on_call.of_center(session, "hn", NOON)] == [stays.staff_id]

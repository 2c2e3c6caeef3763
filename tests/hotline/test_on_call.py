"""Who is on call: a list per center, in order, of numbers that may be rung."""

import pytest
from sqlalchemy import Engine

from hotline import on_call
from hotline.db import reading, transaction
from hotline.errors import BadInput
from routing import on_call_command
from tests import factories


def test_a_center_has_its_own_list_in_its_order(db: Engine) -> None:
    with transaction(db) as session:
        hanoi, danang = factories.center(session), factories.center(session, "DN", "Đà Nẵng")
        one, two = factories.shift_lead(session, hanoi), factories.counselor(session, "hn01", hanoi)
        on_call.put(session, danang.id, [(two.staff_id, "02361234567")])
        on_call.put(session, hanoi.id, [(two.staff_id, "0912000002"), (one.staff_id, "0912000001")])
        on_call.put(session, hanoi.id, [(one.staff_id, "0912000001"), (two.staff_id, "0912000002")])
    with reading(db) as session:
        of_hanoi = on_call.of_center(session, "hn")
        assert [(each.staff.id, each.number) for each in of_hanoi] == [
            (one.staff_id, "0912000001"),
            (two.staff_id, "0912000002"),
        ]
        assert [each.number for each in on_call.of_center(session, "dn")] == ["02361234567"]
        assert on_call.of_center(session, "ag") == []


@pytest.mark.parametrize("number", ["113", "+84912000001", "09120000011", "0012025550123", "a-b", ""])
def test_only_numbers_that_the_dialplan_calls(db: Engine, number: str) -> None:
    with transaction(db) as session:
        lead = factories.shift_lead(session)
        with pytest.raises(BadInput):
            on_call.put(session, factories.center(session).id, [(lead.staff_id, number)])


def test_whose_mobile_an_offer_rang(db: Engine) -> None:
    with transaction(db) as session:
        lead = factories.shift_lead(session)
        on_call.put(session, factories.center(session).id, [(lead.staff_id, "0912000001")])
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
        assert on_call.of_center(session, "hn") == []
    for center, person in (("xx", f"{lead.login}=0912000001"), ("hn", "nobody=0912000001")):
        with pytest.raises(BadInput):
            on_call_command.set_(center, [person])

"""What may stand in a plan, and what may become of it."""

from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import Conflict, FieldErrors
from intake.plans import plan_rules
from intake.plans.plan_rules import AFTER, Content, Deed, Goal, Outcome, Planned, PlanState, Work

WHOLE = {
    "goal.recovery": "Bé ngủ được, hết sợ người lớn",
    "action.1.work": "medical",
    "action.1.what": "Khám và trị liệu tâm lý",
    "action.1.agency": "Trạm y tế xã",
    "action.1.person": "Bác sĩ Hoa",
    "action.1.due": "2026-12-05",
    "action.1.cost": "1.500.000 đ",
}


def test_what_was_typed_is_read_and_told_again() -> None:
    content = plan_rules.read(WHOLE)
    action = Planned(
        Work.MEDICAL,
        "Khám và trị liệu tâm lý",
        "Trạm y tế xã",
        "Bác sĩ Hoa",
        due=date(2026, 12, 5),
        cost=1_500_000,
    )
    assert content == Content({Goal.RECOVERY: WHOLE["goal.recovery"]}, (action,))
    assert plan_rules.texts(content) == {**WHOLE, "action.1.cost": "1500000"}
    assert plan_rules.missing(content) == {}


def test_an_empty_action_is_left_out_and_the_others_close_up() -> None:
    content = plan_rules.read({"action.1.what": " ", "action.4.what": "a", "action.2.due": "5/12/2026"})
    assert content.actions == (Planned(due=date(2026, 12, 5)), Planned(what="a"))


def test_a_plan_is_not_submitted_with_gaps() -> None:
    assert plan_rules.missing(plan_rules.EMPTY) == {"goals": "missing", "actions": "missing"}
    half = plan_rules.read({"goal.other": "x", "action.1.what": "Khám"})
    gaps = {f"action.1.{name}" for name in ("work", "agency", "person", "due")}
    assert plan_rules.missing(half) == dict.fromkeys(gaps, "missing")


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("action.1.work", "magic", "not_a_choice"),
        ("action.1.due", "31/2/2026", "not_a_date"),
        ("action.1.due", "soon", "not_a_date"),
        ("action.1.cost", "nhiều", "not_a_number"),
        ("action.1.cost", "3000000000", "not_a_number"),
        ("action.1.agency", "x" * 161, "too_long"),
        ("goal.safety", "x" * 2001, "too_long"),
        ("source", "x" * 501, "too_long"),
        ("action.1.color", "red", "unknown_field"),
        ("goal.fame", "x", "unknown_field"),
    ],
)
def test_what_cannot_be_used_is_named(name: str, text: str, wrong: str) -> None:
    with pytest.raises(FieldErrors) as caught:
        plan_rules.read({**WHOLE, name: text})
    assert caught.value.fields == {name: wrong}


def test_there_is_an_end_to_actions() -> None:
    with pytest.raises(FieldErrors) as caught:
        plan_rules.read({f"action.{n}.what": "x" for n in range(1, 32)})
    assert caught.value.fields == {"actions": "too_many"}


def test_nothing_but_the_table_becomes_of_a_version() -> None:
    for state, deed in product(PlanState, Deed):
        if (state, deed) not in AFTER:
            with pytest.raises(Conflict):
                plan_rules.after(state, deed)
    reached = {PlanState.DRAFT, *AFTER.values()}
    assert reached == set(PlanState)
    kept = {state for state, deed in AFTER if deed is Deed.SAVE}
    assert kept == {PlanState.DRAFT}, "only a draft is written in"


@given(
    who=st.integers(1, 4),
    approver=st.none() | st.integers(1, 4),
    places=st.frozensets(st.integers(1, 4)),
    writers=st.frozensets(st.integers(1, 4)),
)
def test_nobody_decides_what_they_wrote(
    who: int, approver: int | None, places: frozenset[int], writers: frozenset[int]
) -> None:
    place = plan_rules.decides(who, approver=approver, stands_in_for=places, writers=writers)
    if who in writers:
        assert place is None
    elif approver is None or who == approver:
        assert place == who
    else:
        assert place == (approver if approver in places else None)


def test_an_action_is_overdue_when_its_day_is_over_in_vietnam() -> None:
    day = date(2026, 12, 5)
    last, over = datetime(2026, 12, 5, 16, 59, tzinfo=UTC), datetime(2026, 12, 5, 17, 0, tzinfo=UTC)
    assert not plan_rules.overdue(day, None, last)
    assert plan_rules.overdue(day, None, over)
    assert not plan_rules.overdue(day, Outcome.NOT_DONE, over)
    assert not plan_rules.overdue(None, None, over)


def test_what_another_saved_is_told_field_by_field() -> None:
    mine = {"source": "xã\r\n", "goal.other": "a"}
    stored = {"source": "xã", "goal.safety": "b"}
    assert plan_rules.differing(mine, stored) == {"goal.other": "", "goal.safety": "b"}

"""The tables of the way: nothing skips a guard, everything can be reached, everything open waits for one
thing."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.access import Action
from hotline.errors import Conflict, FieldErrors
from intake.cases import case_diagram, flow
from intake.cases.deadlines import LIMITS
from intake.cases.flow import (
    CLOSED,
    TABLE,
    TURNS,
    Need,
    Question,
    Rule,
    State,
    Step,
    Turn,
    after,
    answers,
    asked,
    missing,
    rule,
    turns,
)

EVERYTHING = frozenset(Need)


def _full(of: Rule | Turn, decision: str = "") -> dict[str, str]:
    given = {
        q.name: q.choices[0] if q.choices else "x" for q in of.questions if q.required and not q.only_if
    }
    return given | ({of.decides: decision} if isinstance(of, Rule) and of.decides else {})


def _everything_asked() -> list[Rule | Turn]:
    return [*TABLE.values(), *TURNS.values()]


def _leads(state: State) -> set[State]:
    on = rule(state)
    return {*(on.leads.values() if on else ()), *(turn.to for turn in turns(state))}


@pytest.mark.parametrize("first", list(State))
def test_every_open_state_has_one_step_with_a_limit_and_an_end_can_be_reached(first: State) -> None:
    assert (first in CLOSED) is (rule(first) is None)
    assert (on := rule(first)) is None or LIMITS[on.clock].amount > 0
    reached = {first}
    while more := {to for state in reached for to in _leads(state)} - reached:
        reached |= more
    assert State.CLOSED in reached
    if first is State.RECEIVED:
        assert reached == set(State)


def test_on_the_way_itself_only_turns_leave_the_ends() -> None:
    """Without the turns, every state but those that only a turn leads to lies on the way."""
    reached = {State.RECEIVED}
    while more := {to for at in reached & TABLE.keys() for to in TABLE[at].leads.values()} - reached:
        reached |= more
    assert set(State) - reached == {State.REFERRED, State.REOPENED, State.REFUSED}


def test_every_decision_leads_somewhere_and_every_turn_says_why() -> None:
    for on in TABLE.values():
        deciding = next((q for q in on.questions if q.name == on.decides), None)
        assert set(on.leads) == (set(deciding.choices) if deciding else {""})
        assert deciding is None or deciding.required
        assert on.needs.keys() <= {"", *on.leads}
    for turn in TURNS.values():
        assert any(q.name == "reason" and q.required for q in turn.questions)
        assert turn.to not in turn.leaves


@pytest.mark.parametrize("state", list(TABLE))
def test_a_step_leads_where_its_answers_say(state: State) -> None:
    on = TABLE[state]
    for decision, to in on.leads.items():
        cleaned = answers(on, _full(on, decision))
        assert after(state, on.step, cleaned, EVERYTHING) is to
    for turn in turns(state):
        assert after(state, turn.step, answers(turn, _full(turn)), EVERYTHING) is turn.to


def test_the_guard_says_what_is_missing() -> None:
    with pytest.raises(FieldErrors) as caught:
        answers(TABLE[State.RECEIVED], {"recipient": "  ", "note": "x" * 5_001, "state": "closed"})
    assert caught.value.fields == {
        "recipient": "missing",
        "acknowledged_by": "missing",
        "note": "too_long",
        "state": "unknown_field",
    }


def test_what_a_case_lacks_is_said_before_and_when_tried() -> None:
    verify = TABLE[State.VERIFYING]
    assert missing(verify, {Need.CHILD}) == (Need.PLACE,)
    with pytest.raises(FieldErrors) as caught:
        after(State.VERIFYING, "verify", {"finding": "high", "verified_by": "x"}, set())
    assert caught.value.fields == {"place": "needed", "child": "needed"}


def test_a_watch_may_end_only_when_its_months_are_over_but_turn_back_at_any_time() -> None:
    watch = TABLE[State.WATCHING]
    assert missing(watch, set()) == ()
    assert missing(watch, set(), "stable") == (Need.WATCHED, Need.TOGETHER)
    assert after(State.WATCHING, "end_watch", {"review": "still_at_risk"}, set()) is State.PLANNING


def test_a_conclusion_is_a_human_choice_out_of_three() -> None:
    with pytest.raises(FieldErrors) as caught:
        answers(TABLE[State.ASSESSING], {"conclusion": "17 points"})
    assert caught.value.fields == {"conclusion": "not_a_choice"}


def test_a_case_is_refused_by_a_right_of_its_own_and_never_while_a_child_is_protected() -> None:
    refuse = TURNS[Step.REFUSE]
    assert refuse.right is Action.REFUSE_CASE
    assert State.PROTECTING not in refuse.leaves
    assert State.PLANNING not in refuse.leaves


@given(st.sampled_from(State), st.sampled_from(Step))
def test_a_step_is_taken_only_when_it_is_its_time(state: State, step: Step) -> None:
    on = rule(state)
    its_time = (on is not None and on.step is step) or step in {turn.step for turn in turns(state)}
    if its_time:
        assert asked(state, step).step is step
    else:
        with pytest.raises(Conflict):
            asked(state, step)


@given(
    st.lists(st.tuples(st.sampled_from(Step), st.randoms(use_true_random=False)), max_size=25),
    st.sets(st.sampled_from(Need)),
)
def test_no_path_skips_a_guard(path: list[tuple[Step, Random]], have: set[Need]) -> None:
    """Whatever is tried in whatever order, with too little or enough: a case moves only by a step whose
    time it is, with every answer it asks and every need it has."""
    state = State.RECEIVED
    for step, dice in path:
        try:
            on = asked(state, step)
            decision = dice.choice([*on.leads]) if isinstance(on, Rule) else ""
            full = _full(on, decision)
            told = dict(dice.sample(sorted(full.items()), dice.randint(0, len(full))))
            moved = after(state, step, answers(on, told), have)
        except (Conflict, FieldErrors):
            continue
        assert told == full
        assert not missing(on, have, decision)
        assert moved in _leads(state)
        state = moved
    assert Need.PLACE in have or state in {State.RECEIVED, State.REOPENED, *CLOSED} or _protected(state)


def _protected(state: State) -> bool:
    """Without a place nothing can be told to a commune: all that is left is to refer the case, and to
    protect the child at once."""
    return state in {State.REFERRED, State.PROTECTING, State.VERIFYING}


def test_questions_without_choices_have_a_limit() -> None:
    assert all(q.longest > 0 for on in _everything_asked() for q in on.questions if not q.choices)
    assert Question("x").longest == 300
    assert flow.NOTE.required is False


def test_the_page_shows_the_tables_as_they_are() -> None:
    assert case_diagram.PAGE.read_text("utf-8") == case_diagram.page(), (
        "run python -m intake.cases.case_diagram"
    )


def test_every_entry_of_the_tables_is_an_arrow() -> None:
    arrows = [line for line in case_diagram.page().splitlines() if " --> " in line and "[*]" not in line]
    leads = sum(len(on.leads) for on in TABLE.values())
    assert len(arrows) == leads + sum(len(turn.leaves) for turn in TURNS.values())


def test_in_a_case_of_adults_nobody_is_kept_from_their_parents() -> None:
    protecting = flow.TABLE[State.PROTECTING]
    apart = {"kind": "separation", "days": "5", "decision_number": "1", "measure": "x", "agency": "x"}
    assert flow.answers(protecting, apart)["days"] == "5"
    with pytest.raises(FieldErrors) as wrong:
        flow.answers(protecting, apart, adults=True)
    assert wrong.value.fields == {
        "kind": "not_a_choice",
        "days": "unknown_field",
        "decision_number": "unknown_field",
    }
    asked = flow.questions(protecting, adults=True)
    assert [each.name for each in asked] == ["kind", "measure", "agency", "note"]
    assert "separation" not in asked[0].choices

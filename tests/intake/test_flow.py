import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import Conflict, FieldErrors
from intake import flow
from intake.flow import TABLE, Question, Rule, State, Step, after, answers, rule


def _full(asked: Rule, decision: str = "") -> dict[str, str]:
    given = {q.name: q.choices[0] if q.choices else "x" for q in asked.questions if q.required}
    return given | ({asked.decides: decision} if asked.decides else {})


def test_every_open_state_has_a_step_and_every_state_is_reachable() -> None:
    assert set(TABLE) == set(State) - {State.CLOSED}
    assert rule(State.CLOSED) is None
    reached = {State.RECEIVED}
    while (
        more := {to for state in reached for to in getattr(rule(state), "leads", {}).values()} - reached
    ):
        reached |= more
    assert reached == set(State)


def test_every_decision_leads_somewhere() -> None:
    for asked in TABLE.values():
        deciding = next((q for q in asked.questions if q.name == asked.decides), None)
        assert set(asked.leads) == (set(deciding.choices) if deciding else {""})
        assert deciding is None or deciding.required


@pytest.mark.parametrize("state", list(TABLE))
def test_a_step_leads_where_its_answers_say(state: State) -> None:
    asked = TABLE[state]
    for decision, to in asked.leads.items():
        cleaned = answers(asked, _full(asked, decision))
        assert after(state, asked.step, cleaned) is to


def test_the_guard_says_what_is_missing() -> None:
    asked = TABLE[State.RECEIVED]
    with pytest.raises(FieldErrors) as caught:
        answers(asked, {"recipient": "  ", "note": "x" * 5_001, "state": "closed"})
    assert caught.value.fields == {
        "recipient": "missing",
        "acknowledged_by": "missing",
        "note": "too_long",
        "state": "unknown_field",
    }


def test_a_conclusion_is_a_human_choice_out_of_three() -> None:
    asked = TABLE[State.ASSESSING]
    with pytest.raises(FieldErrors) as caught:
        answers(asked, {"conclusion": "17 points"})
    assert caught.value.fields == {"conclusion": "not_a_choice"}


def test_a_step_that_is_not_next_is_refused() -> None:
    with pytest.raises(Conflict):
        after(State.RECEIVED, Step.APPROVE_PLAN, {})
    with pytest.raises(Conflict):
        after(State.CLOSED, Step.END_WATCH, {})


@given(
    st.sampled_from(list(TABLE)), st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=6)
)
def test_no_path_skips_a_guard(state: State, given_answers: dict[str, str]) -> None:
    asked = TABLE[state]
    required = {question.name for question in asked.questions if question.required}
    try:
        cleaned = answers(asked, given_answers)
    except FieldErrors:
        return
    assert required <= cleaned.keys()


def test_questions_without_choices_have_a_limit() -> None:
    assert all(q.longest > 0 for asked in TABLE.values() for q in asked.questions if not q.choices)
    assert Question("x").longest == 300
    assert flow.NOTE.required is False

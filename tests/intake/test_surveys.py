"""Asking children what they think: whom, how many, and that no answer leads back to a call."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from hotline.db import reading, transaction
from hotline.errors import Conflict, FieldErrors, NotVisible
from hotline.ids import CallId
from intake.forms.taxonomy import CallerType, Disposition, Problem, Risk
from intake.records import records
from intake.surveys import asking, results, surveys
from intake.surveys.asking import Asked
from intake.surveys.fitting import LATEST, REST, Hindrance, Situation, hindrance
from intake.surveys.results import tabled
from intake.surveys.survey import Group, Survey, checked
from intake.tables.surveys import SurveyAnswerRow, SurveyAskedRow
from tests.factories import NOON, Story
from tests.intake.conftest import House

SURVEY = Survey.model_validate(
    {
        "version": 1,
        "code": "mau",
        "title": "Mẫu",
        "reviewed": False,
        "consent": "Con có đồng ý không?",
        "thanks": "Cảm ơn con.",
        "groups": [
            {"from_age": 7, "to_age": 12, "quota": 2},
            {"from_age": 13, "to_age": 17, "quota": 40},
        ],
        "questions": [
            {"code": "heard", "text": "Con có được nghe không?", "kind": "scale"},
            {
                "code": "ways",
                "text": "Bằng cách nào?",
                "kind": "several",
                "choices": [{"code": "phone", "text": "Gọi"}, {"code": "app", "text": "Ứng dụng"}],
            },
        ],
    }
)
YES = {"consent": "yes", "age": "9", "sex": "female"}
FITS = Situation(
    talked=True,
    ended_at=NOON,
    caller=CallerType.CHILD,
    risk="",
    problem="",
    by_key=False,
    disposition=None,
    asked=False,
    asked_lately=False,
)


@pytest.mark.parametrize(
    ("so", "why"),
    [
        ({}, None),
        ({"ended_at": None, "caller": "", "risk": Risk.WATCH}, None),
        ({"disposition": Disposition.COUNSELING, "problem": Problem.PEER_RELATIONS}, None),
        ({"asked": True}, Hindrance.ASKED),
        ({"talked": False}, Hindrance.NO_TALK),
        ({"ended_at": NOON - LATEST - timedelta(seconds=1)}, Hindrance.OVER),
        ({"caller": CallerType.PARENT}, Hindrance.NO_CHILD),
        ({"risk": Risk.EMERGENCY}, Hindrance.IN_DANGER),
        ({"problem": Problem.VIOLENCE}, Hindrance.IN_DANGER),
        ({"by_key": True}, Hindrance.CANNOT_SPEAK),
        ({"disposition": Disposition.ESCALATED}, Hindrance.CLOSED_SO),
        ({"disposition": Disposition.ABUSIVE}, Hindrance.CLOSED_SO),
        ({"asked_lately": True}, Hindrance.ASKED_LATELY),
    ],
)
def test_whom_one_asks(so: dict[str, Any], why: Hindrance | None) -> None:
    assert hindrance(replace(FITS, **so), NOON) is why


@pytest.mark.parametrize(
    "wrong",
    [
        {"groups": []},
        {
            "groups": [
                {"from_age": 7, "to_age": 9, "quota": 1},
                {"from_age": 9, "to_age": 12, "quota": 1},
            ]
        },
        {"questions": [{"code": "a", "text": "?", "kind": "one"}]},
        {"questions": [{"code": "a", "text": "?", "kind": "scale"}] * 2},
        {"code": "Có dấu"},
        {"nothing": 1},
    ],
)
def test_a_file_that_is_no_survey_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Survey.model_validate(SURVEY.model_dump() | wrong)


def test_answers_are_those_that_were_asked_for_and_each_may_be_skipped() -> None:
    assert checked(SURVEY, {"ways": ["app", "phone"], "sex": ["female"]}) == {"ways": ["phone", "app"]}
    with pytest.raises(FieldErrors) as wrong:
        checked(SURVEY, {"heard": ["1", "2"]})
    assert wrong.value.fields == {"heard": "invalid"}
    with pytest.raises(FieldErrors):
        checked(SURVEY, {"ways": ["letter"]})


def _opened(house: House, survey: Survey = SURVEY) -> int:
    with transaction(house.db) as session:
        return surveys.put_in_use(session, house.lead, survey, NOON)


def _call(house: House, number: str | None = "+84912345678") -> CallId:
    story = Story(number=number).answered_call()
    house.apply(story)
    return story.call_id


def _begin(house: House, call: CallId, **changed: str) -> Asked:
    with transaction(house.db) as session:
        return asking.begin(session, house.an, call, YES | changed, NOON)[0]


def _keep(house: House, survey: int, number: int, group: str = "7-12", sex: str = "female") -> bool:
    with transaction(house.db) as session:
        return asking.keep(session, survey, f"{number:032x}", group, sex, {"heard": ["5"]}, NOON)


def test_a_call_is_asked_once_by_who_took_it_and_its_number_not_again_for_a_while(house: House) -> None:
    call = _call(house)
    with reading(house.db) as session:
        assert asking.offer(session, house.an, call, NOON) is None
    _opened(house)
    with reading(house.db) as session:
        found = asking.offer(session, house.an, call, NOON)
        assert found is not None
        assert found.why is None
        with pytest.raises(NotVisible):
            asking.offer(session, house.binh, call, NOON)
    assert _begin(house, call, consent="no") is Asked.DECLINED
    with pytest.raises(Conflict):
        _begin(house, call)
    again, hidden = _call(house), _call(house, None)
    with reading(house.db) as session:
        lately = asking.offer(session, house.an, again, NOON)
        assert lately is not None
        assert lately.why is Hindrance.ASKED_LATELY
        later = asking.offer(session, house.an, again, NOON + REST)
        assert later is not None
        assert later.why is Hindrance.OVER
    assert _begin(house, hidden) is Asked.BEGUN


def test_who_is_in_danger_is_not_asked(house: House) -> None:
    _opened(house)
    call = _call(house)
    with transaction(house.db) as session:
        record = records.record_of_call(session, house.an, call, NOON)
        assert record is not None
        records.autosave(session, house.an, record.id, 0, {"risk": "emergency"}, NOON)
    with pytest.raises(Conflict):
        _begin(house, call)


@pytest.mark.parametrize(
    ("typed", "state"),
    [({"age": "6"}, Asked.OTHER_AGE), ({"age": "18"}, Asked.OTHER_AGE), ({"age": "17"}, Asked.BEGUN)],
)
def test_of_other_ages_nobody_is_asked(house: House, typed: dict[str, str], state: Asked) -> None:
    _opened(house)
    assert _begin(house, _call(house), **typed) is state


@pytest.mark.parametrize(
    "typed", [{"age": ""}, {"age": "chín"}, {"age": "²"}, {"age": "999"}, {"sex": ""}]
)
def test_first_the_age_and_the_sex(house: House, typed: dict[str, str]) -> None:
    _opened(house)
    with pytest.raises(FieldErrors):
        _begin(house, _call(house), **typed)


def test_enough_is_enough_also_for_who_is_being_asked_just_then(house: House) -> None:
    survey = _opened(house)
    assert [_keep(house, survey, number) for number in (1, 2, 3)] == [True, True, False]
    assert _keep(house, survey, 1)  # sent twice
    assert _keep(house, survey, 4, sex="male")
    assert _begin(house, _call(house)) is Asked.FULL
    assert _begin(house, _call(house, "+84912345679"), sex="male") is Asked.BEGUN


def test_two_who_answer_at_once_do_not_pass_the_quota(house: House) -> None:
    survey = _opened(house)
    assert _keep(house, survey, 1)
    ready, said = threading.Barrier(2), []

    def answer(number: int) -> None:
        ready.wait(5)
        said.append(_keep(house, survey, number))

    both = [threading.Thread(target=answer, args=(number,)) for number in (2, 3)]
    for one in both:
        one.start()
    for one in both:
        one.join(10)
    assert sorted(said) == [False, True]


def test_nothing_leads_from_an_answer_to_a_call(house: House) -> None:
    survey = _opened(house)
    call = _call(house)
    assert _begin(house, call) is Asked.BEGUN
    assert _keep(house, survey, 7)
    with transaction(house.db) as session:
        asking.settle(session, house.an, call, Asked.ANSWERED, NOON)
    with reading(house.db) as session:
        asked = session.scalars(select(SurveyAskedRow)).one()
        answer = session.scalars(select(SurveyAnswerRow)).one()
        assert (asked.call_id, asked.state) == (call, Asked.ANSWERED)
        assert set(SurveyAnswerRow.__table__.columns.keys()) == {
            "id", "survey_id", "month", "age_group", "sex", "answers",
        }  # fmt: skip
        assert (answer.month, answer.age_group, answer.answers) == ("2026-11", "7-12", {"heard": ["5"]})
        with pytest.raises(Conflict):
            asking.survey_of(session, house.an, call)
        if house.db.dialect.name == "sqlite":  # which would number the rows in the order they came
            with pytest.raises(OperationalError, match="no such column"):
                session.execute(text("SELECT rowid FROM survey_answer"))


def test_one_survey_at_a_time_and_each_version_once(house: House) -> None:
    first = _opened(house)
    with pytest.raises(Conflict):
        _opened(house, SURVEY.model_copy(update={"version": 2}))
    with transaction(house.db) as session:
        surveys.end(session, house.lead, first, NOON)
    with pytest.raises(Conflict):
        _opened(house)
    second = _opened(house, SURVEY.model_copy(update={"version": 2}))
    with reading(house.db) as session:
        current = surveys.current(session)
        assert current is not None
        assert (current.id, current.survey.version) == (second, 2)


def test_results_are_counts_and_small_ones_are_hidden(house: House) -> None:
    survey = _opened(house, SURVEY.model_copy(update={"groups": (SURVEY.groups[1],)}))
    for number in range(30):
        with transaction(house.db) as session:
            heard = "5" if number < 20 else "4" if number < 28 else "1"
            kept = asking.keep(
                session, survey, f"{number:032x}", "13-17", "male", {"heard": [heard]}, NOON
            )
            assert kept
    with transaction(house.db) as session:
        assert not results.results(session, surveys.one(session, survey)).tables
        surveys.end(session, house.lead, survey, NOON)
        found = results.results(session, surveys.one(session, survey))
    assert [(one.kind, one.code, one.answered) for one in found.columns] == [
        ("all", "all", 30), ("age", "13-17", 30),
        ("sex", "male", 30), ("sex", "female", 0), ("sex", "untold", 0),
    ]  # fmt: skip
    rows = found.tables[0].rows
    assert rows["5"][0] == 20
    assert [rows["4"][0], rows["1"][0], rows["2"][0]] == [None, None, 0]  # 8 would tell the 2
    assert found.months == {"2026-11": 30}


def test_an_age_that_few_have_is_hidden_and_cannot_be_reckoned() -> None:
    given = [results.Given(group, "male", {"heard": ["5"]}) for group in ["13-17"] * 9 + ["7-12"] * 3]
    columns, (heard, _) = tabled(SURVEY, given)
    assert {one.code: one.answered for one in columns if one.kind != "sex"} == {
        "all": 12, "7-12": None, "13-17": None,
    }  # fmt: skip
    assert heard.rows["5"][:3] == [12, None, None]


def test_what_is_hidden_of_few_is_not_what_all_less_the_others_are() -> None:
    """Two small ages are hidden; of a choice that one of their children made the third is, too."""
    groups = tuple(Group(from_age=age, to_age=age, quota=99) for age in (7, 8, 9))
    survey = SURVEY.model_copy(update={"groups": groups})
    ages = ["7-7"] * 12 + ["8-8"] * 6 + ["9-9"] * 3
    said = ["5"] * 6 + ["1"] * 6 + ["5"] * 5 + ["1"] + ["5"] * 3
    given = [
        results.Given(age, "male", {"heard": [heard]}) for age, heard in zip(ages, said, strict=True)
    ]
    columns, (heard, _) = tabled(survey, given)
    assert [one.answered for one in columns[:4]] == [21, 12, None, None]
    assert heard.rows["5"][:4] == [14, 6, None, None]
    assert heard.rows["1"][:4] == [7, None, None, None]


def test_of_several_choices_also_the_few_who_did_not_make_one_are_hidden() -> None:
    given = [results.Given("13-17", "male", {"ways": ["app"] if n else []}) for n in range(12)]
    _, (_, ways) = tabled(SURVEY, given)
    assert (ways.rows["app"][0], ways.rows["phone"][0]) == (None, 0)

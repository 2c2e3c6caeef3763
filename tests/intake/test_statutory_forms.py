"""The forms of Decree 56/2017 as data."""

from datetime import UTC, datetime

import pytest

from intake.documents import statutory_forms
from intake.documents.form_prefill import Known, carried_over
from intake.documents.statutory_forms import CURRENT, INFORMANT, by_version, disclosed
from intake.documents.statutory_shapes import Rows, Scale, Score, StatutoryForm, counted
from intake.forms import forms
from intake.forms.forms import Field, Kind
from intake.forms.taxonomy import Way

KNOWN = Known(
    datetime(2026, 11, 20, 17, 30, tzinfo=UTC),
    Way.ZALO,
    {
        "place": "thôn Bãi",
        "place_unit": "2024:05065",
        "family": "x" * 9_000,
        "caller_name": "Bà Tư",
        "call_back": "sau 21h",
        "risk": "emergency",
    },
    {"name": "Bé Na", "age": "9", "sex": "female"},
    "Nguyễn Thị An",
    datetime(2026, 11, 20, 17, 40, tzinfo=UTC),
)
all_forms = pytest.mark.parametrize("form", CURRENT.values(), ids=CURRENT)


@all_forms
def test_every_question_is_found_by_its_name_and_no_other_is(form: StatutoryForm) -> None:
    names = list(form.names())
    assert len(names) == len(set(names))
    for name in names:
        found = form.field(name)
        assert found is not None
        assert found.name == name.rpartition(".")[2]
    for strange in (
        "",
        "x",
        "child_name.1",
        "work.21.activity",
        "work.0.activity",
        "work.1",
        "shelter.1.need",
    ):
        assert form.field(strange) is None


@all_forms
def test_a_form_is_known_by_its_version_for_ever(form: StatutoryForm) -> None:
    assert by_version(form.code, form.version) is form
    assert [by_version(form.code, each).version for each in range(1, form.version)] == [
        *range(1, form.version)
    ]
    with pytest.raises(KeyError):
        by_version(form.code, form.version + 1)


@all_forms
def test_everything_may_be_left_empty(form: StatutoryForm) -> None:
    empty = dict.fromkeys(form.names(), "")
    assert forms.check(form, empty) == empty


def test_the_numbers_are_those_of_the_annex() -> None:
    assert [form.number for form in CURRENT.values()] == [
        *("01", "02", "03", "04", "05", "06", "07"),
        "",
        "",
    ]
    assert {form.number for form in CURRENT.values() if not form.seen} == {"05", "07", ""}


@pytest.mark.parametrize(
    ("code", "each"), [("initial_assessment", 2), ("detailed_assessment", 5), ("review", 3)]
)
def test_high_is_bad_in_one_half_and_good_in_the_other(code: str, each: int) -> None:
    scored = [section for section in CURRENT[code].sections if section.scale]
    assert [section.scale for section in scored] == [Scale.HARM, Scale.STRENGTH]
    assert [len(section.asks) for section in scored] == [each, each]
    values = {one.name: "high" for one in scored[0].asks} | {scored[1].asks[0].name: "low"}
    assert counted(scored[0], values) == {Score.HIGH: each, Score.MEDIUM: 0, Score.LOW: 0}
    assert counted(scored[1], values) == {Score.HIGH: 0, Score.MEDIUM: 0, Score.LOW: 1}


def test_a_table_shows_its_printed_lines_and_those_that_hold_anything() -> None:
    (shelter, _, others) = (one for one in CURRENT["initial_assessment"].sections[-1].asks)
    assert isinstance(shelter, Rows)
    assert isinstance(others, Rows)
    assert shelter.used({}) == ("care_place", "food", "clothes")
    assert others.used({}) == ()
    assert others.used({"other_needs.3.unit": "x"}) == ("1", "2", "3")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("14:05", "14:05"), ("8h5", "08:05"), ("7 giờ", "07:00"), ("23:59", "23:59"), ("", "")],
)
def test_a_time_of_day_is_understood(typed: str, kept: str) -> None:
    assert forms.check(CURRENT["reception"], {"received_time": typed}) == {"received_time": kept}


@pytest.mark.parametrize("typed", ["24:00", "sáng", "12:60", "-1:00", "1:2:3", "١٢:٠٠"])
def test_what_is_no_time_of_day_is_told_so(typed: str) -> None:
    _, wrong = forms.sort_out(CURRENT["reception"], {"received_time": typed})
    assert wrong == {"received_time": "not_a_time"}


def test_what_is_known_is_carried_over_in_vietnams_time() -> None:
    told = carried_over(CURRENT["reception"], KNOWN)
    assert (told["received_on"], told["received_time"]) == ("2026-11-21", "00:30")
    assert (told["through"], told["child_name"], told["age"]) == ("other_person", "Bé Na", "9")
    assert told["place"].startswith("thôn Bãi, ")
    assert len(told["family"]) == 4_000


@all_forms
def test_no_score_no_conclusion_and_nobody_who_told_it_is_carried_over(form: StatutoryForm) -> None:
    told = carried_over(form, KNOWN)
    assert not INFORMANT & told.keys()
    assert "Bà Tư" not in str(told)
    concluding = {"group", "conclusion", "danger", "outcome"}
    for name in told:
        field = form.field(name)
        assert isinstance(field, Field)
        assert field.kind is not Kind.SCORE
    assert not concluding & told.keys()


def test_the_informant_is_disclosed_only_when_they_agreed() -> None:
    form = CURRENT["reception"]
    values = {"informant_name": "Bà Tư", "child_name": "Na"}
    assert disclosed(form, values) == {"child_name": "Na"}
    assert disclosed(form, values | {"informant_agreed": "1"})["informant_name"] == "Bà Tư"
    values = {"parents_harm": "1", "parents_opinion": "không có gì"}
    assert "parents_opinion" not in disclosed(CURRENT["detailed_assessment"], values)
    assert statutory_forms.SERIES.keys() <= CURRENT.keys()

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import FieldErrors
from intake.forms import forms
from intake.forms.forms import CURRENT, MOST, About, Kind, Person, check, sort_out, split, tidy

_NAMES = [field.name for field in CURRENT.fields] + [
    Person(about, position).field(field.name)
    for about in About
    for position in (1, 2, MOST[about])
    for field in CURRENT.asked(about)
]


def test_an_empty_form_is_valid() -> None:
    assert check(CURRENT, {}) == {}
    assert set(check(CURRENT, dict.fromkeys(_NAMES, "")).values()) == {""}


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("caller_name", "  Nguyễn   Thị\tAn ", "Nguyễn Thị An"),
        ("caller_name", "Nguye\u0302\u0303n", "Nguyễn"),
        ("content", "một\r\nhai\rba\x00", "một\nhai\nba"),
        ("content", " \n ", ""),
        ("caller_type", " child ", "child"),
        ("problems", "law,violence  law", "violence law"),
        ("online", "on", "1"),
        ("online", "0", ""),
        ("child.1.age", "09", "9"),
        ("child.12.birth_date", "5/3/2015", "2015-03-05"),
        ("child.1.birth_date", "2015-03-05", "2015-03-05"),
    ],
)
def test_what_is_typed_gets_one_form(field: str, typed: str, kept: str) -> None:
    assert check(CURRENT, {field: typed}) == {field: kept}


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("caller_name", "x" * 121, "too_long"),
        ("content", "x" * 20_001, "too_long"),
        ("risk", "high", "not_a_choice"),
        ("problems", "violence ufo", "not_a_choice"),
        ("online", "maybe", "not_a_choice"),
        ("child.1.age", "chín", "not_an_age"),
        ("child.1.age", "121", "not_an_age"),
        ("child.1.age", "٣", "not_an_age"),
        ("child.1.birth_date", "31/2/2015", "not_a_date"),
        ("child.1.birth_date", "hôm qua", "not_a_date"),
        ("child.13.age", "9", "unknown_field"),
        ("child.0.age", "9", "unknown_field"),
        ("state", "closed", "unknown_field"),
    ],
)
def test_what_cannot_be_used_is_named_by_field_and_code(field: str, typed: str, code: str) -> None:
    with pytest.raises(FieldErrors) as caught:
        check(CURRENT, {field: typed})
    assert caught.value.fields == {field: code}


def test_one_wrong_field_does_not_hold_the_others_back() -> None:
    cleaned, wrong = sort_out(CURRENT, {"content": "em sợ", "child.1.age": "?"})
    assert cleaned == {"content": "em sợ"}
    assert wrong == {"child.1.age": "not_an_age"}


@given(st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=20), st.text(max_size=400)))
def test_every_typed_text_is_either_good_or_named_and_good_ones_are_stable(
    given: dict[str, str],
) -> None:
    cleaned, wrong = sort_out(CURRENT, given)
    assert cleaned.keys() | wrong.keys() == given.keys()
    assert not cleaned.keys() & wrong.keys()
    assert check(CURRENT, cleaned) == cleaned
    for text in cleaned.values():
        text.encode()
        assert "\x00" not in text


@given(st.text())
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


def test_a_field_about_a_person_is_found_by_its_full_name() -> None:
    third = Person(About.CHILD, 3)
    assert split(third.field("name")) == (third, "name")
    assert split("place") == (None, "place")
    assert split("offender.7.described") == (None, "offender.7.described")
    assert CURRENT.field("offender.6.described") in CURRENT.offender_fields
    assert CURRENT.field("child.3.name") in CURRENT.child_fields
    assert CURRENT.field("child.3.risk") is None


def test_an_alleged_offender_may_be_something_else_to_each_child() -> None:
    brothers = {"offender.1.relation": "step_parent", "offender.1.relation_2": "parent"}
    assert check(CURRENT, brothers) == brothers
    assert CURRENT.field("offender.1.relation_12") in CURRENT.offender_fields
    assert [CURRENT.field(f"offender.1.relation_{n}") for n in (1, 13)] == [None, None]


def test_a_place_is_kept_by_its_unit_and_words_as_words() -> None:
    typed = {"place_unit": " xã Phúc Trạch, Hà Tĩnh", "child.1.address_unit": "gần  nhà thờ"}
    kept = {"place_unit": "2025:18547", "child.1.address_unit": "gần nhà thờ"}
    assert check(CURRENT, typed) == check(CURRENT, kept) == kept


def test_a_published_form_never_changes() -> None:
    """A code added to the taxonomy belongs into a new version, not into what was asked before."""
    prints = {
        version: sha256(repr(_content(version)).encode()).hexdigest()[:12] for version in (1, 2, 3, 4)
    }
    assert prints == {
        1: "9f7f0f05ce58",
        2: "b95c4cb32455",
        3: "0b528ea0045e",
        4: "36c93e42c8f5",
    }


def _content(version: int) -> list[tuple[str, str, int, list[str]]]:
    form = forms.by_version(version)
    return [
        (field.name, field.kind.value, field.longest, [str(code) for code in field.choices])
        for field in (*form.fields, *form.child_fields, *form.offender_fields)
    ]


def test_a_published_version_is_found_and_its_questions_have_limits() -> None:
    assert forms.by_version(CURRENT.version) is CURRENT
    for field in (*CURRENT.fields, *CURRENT.child_fields, *CURRENT.offender_fields):
        assert field.longest > 0 or field.kind not in (Kind.TEXT, Kind.LONG_TEXT)
        assert bool(field.choices) == (field.kind in (Kind.CHOICE, Kind.SEVERAL))

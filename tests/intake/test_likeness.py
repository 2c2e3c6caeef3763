from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.units import NEW, Level, all_units
from intake.searching import likeness
from intake.searching.likeness import SHOWN_FROM, WEIGHTS, Told, Why, marks, reasons, score, told

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
_COMMUNES = [one.id for one in all_units().values() if one.level is Level.COMMUNE][::400]
_WORDS = st.sampled_from(["Nguyễn", "Trần", "Thị", "Văn", "Na", "Hoa", "Pó", "Minh", "bé"])
_TEXT = st.lists(_WORDS, max_size=4).map(" ".join)
_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "child.1.name": _TEXT,
        "child.2.name": _TEXT,
        "child.1.age": st.sampled_from(["3", "8", "9", "15"]),
        "place_unit": st.sampled_from([*_COMMUNES, "xã gì đó"]),
        "offender.1.described": _TEXT,
        "offender": _TEXT,
    },
)
_TOLD = st.builds(
    told,
    _FIELDS,
    st.sampled_from([None, "+84912345678", "+84988777666"]),
    st.none() | st.integers(0, 300).map(lambda hours: NOON + timedelta(hours=hours)),
)


@given(_TOLD, _TOLD)
def test_it_does_not_matter_which_is_given_first(one: Told, other: Told) -> None:
    assert reasons(one, other) == reasons(other, one)


@given(_FIELDS, _TOLD, st.randoms())
def test_the_order_and_the_marks_of_a_name_do_not_matter(
    fields: dict[str, str], other: Told, chance: object
) -> None:
    def otherwise(text: str) -> str:
        words = text.upper().split()
        chance.shuffle(words)  # type: ignore[attr-defined]
        return " ".join(words)

    mixed = {
        name: otherwise(text) if name.endswith(("name", "described")) else text
        for name, text in fields.items()
    }
    assert reasons(told(mixed, None, NOON), other) == reasons(told(fields, None, NOON), other)


@given(_FIELDS, _TOLD, st.data())
def test_what_is_not_told_never_counts(fields: dict[str, str], other: Told, data: st.DataObject) -> None:
    """Whatever is left out, nothing speaks for it that did not before; what is added takes nothing
    away but for a stronger word of the same."""
    kept = data.draw(st.sets(st.sampled_from(sorted(fields)))) if fields else set()
    less = told({name: fields[name] for name in kept}, None, NOON)
    assert score(reasons(less, other)) <= score(reasons(told(fields, None, NOON), other))
    assert reasons(told({}, None, None), other) == frozenset()


@given(_TOLD, _TOLD)
def test_what_is_shown_is_looked_up(one: Told, other: Told) -> None:
    found = reasons(one, other)
    if score(found) >= SHOWN_FROM and found & {Why.NUMBER, Why.NAME, Why.COMMUNE, Why.PROVINCE}:
        kinds = zip(marks(one), marks(other), strict=True)
        shared = any(mine & theirs for mine, theirs in kinds)
        assert shared or not found & {Why.NUMBER, Why.NAME, Why.COMMUNE}


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ({"child.1.name": "Nguyễn Thị Đào"}, {"child.1.name": "dao thi nguyen"}, {Why.NAME}),
        ({"child.1.name": "Bé Đào"}, {"child.3.name": "Nguyễn Thị Đào"}, {Why.NAME_ALIKE}),
        ({"child.1.name": "Nguyễn Thị Đào"}, {"child.1.name": "Nguyễn Thị Hoa"}, set()),
        ({"child.1.name": "bé không rõ tên"}, {"child.1.name": "bé chưa biết tên"}, set()),
        ({"child.1.age": "8"}, {"child.1.age": "9"}, {Why.AGE}),
        ({"child.1.age": "8"}, {"child.1.age": "11"}, set()),
        ({"offender": "cha dượng tên Hùng"}, {"offender.1.described": "Hùng"}, {Why.OFFENDER}),
        ({"offender": "cha dượng"}, {"offender.1.described": "cha dượng"}, set()),
        # An old commune, and the one of today that it is in (Nghị quyết 202/2025/QH15).
        ({"place_unit": "2024:05065"}, {"place_unit": "2025:04978"}, {Why.COMMUNE}),
        ({"place_unit": "xã Kim Bôi"}, {"place_unit": "xã Kim Bôi"}, set()),
    ],
)
def test_why(mine: dict[str, str], theirs: dict[str, str], expected: set[Why]) -> None:
    assert reasons(told(mine, None, None), told(theirs, None, None)) == expected


def test_times_and_numbers() -> None:
    def at(hours: int, number: str | None = None) -> Told:
        return told({}, number, NOON + timedelta(hours=hours))

    assert reasons(at(0), at(24)) == {Why.SAME_DAY}
    assert reasons(at(0), at(-25)) == {Why.SAME_WEEK}
    assert reasons(at(0), at(24 * 7 + 1)) == set()
    assert Why.NUMBER in reasons(at(0, "+84912345678"), at(0, "+84912345678"))


def test_what_is_enough_by_itself() -> None:
    def enough(*whys: Why) -> bool:
        return score(whys) >= SHOWN_FROM

    assert enough(Why.NUMBER)
    assert enough(Why.NAME)
    assert enough(Why.COMMUNE, Why.SAME_DAY)
    assert enough(Why.COMMUNE, Why.NAME_ALIKE)
    assert enough(Why.COMMUNE, Why.OFFENDER)
    assert not enough(Why.COMMUNE, Why.AGE)
    assert not enough(Why.NAME_ALIKE, Why.PROVINCE)
    assert not enough(Why.AGE, Why.SAME_DAY, Why.PROVINCE)
    assert set(WEIGHTS) == set(Why)
    assert likeness.by_weight({Why.AGE, Why.NUMBER}) == (Why.NUMBER, Why.AGE)
    assert all(one.startswith(NEW) for one in likeness.units("2024:05065")[0])

"""Our codes as Child Helpline International counts them, and small counts hidden in two directions."""

from collections import Counter

import pytest

from intake.forms.taxonomy import CHI, KEYS, CallerType, ChiCategory, Disposition, Problem, Way
from intake.small_cells import LEAST
from intake.statistics.chi import (
    AGE_GROUPS,
    CALL_TYPES,
    METHODS,
    REASONS,
    SUBS,
    Sub,
    age_group,
    crossed,
    no_reason,
    reason,
)


def test_every_code_of_ours_counts_as_something() -> None:
    assert set(SUBS) == set(Problem) == set(CHI)
    assert set(METHODS) == set(Way)
    told = {Disposition.INFORMATION, Disposition.THANKS}
    assert set(CALL_TYPES) | told == set(KEYS.values())
    assert set(REASONS) == set(CHI.values())


def test_what_our_codes_do_not_tell_apart_is_not_guessed() -> None:
    assert reason(Problem.VIOLENCE, online=True) == (ChiCategory.VIOLENCE, Sub.UNSPECIFIED)
    assert reason(Problem.SEXUAL_ABUSE, online=False)[1] is Sub.SEXUAL_VIOLENCE
    assert reason(Problem.SEXUAL_ABUSE, online=True)[1] is Sub.ONLINE_SEXUAL_ABUSE
    assert no_reason(Disposition.INFORMATION, CallerType.PARENT) is Sub.PARENTS_ASK
    assert no_reason(Disposition.INFORMATION, "") is Sub.UNSPECIFIED
    assert no_reason(Disposition.THANKS, CallerType.PARENT) is Sub.THANKS


def test_ages_fall_into_one_group_each() -> None:
    assert [age_group(years) for years in (0, 3, 4, 17, 18, None)] == [
        "0-3",
        "0-3",
        "4-6",
        "16-17",
        "18+",
        "unknown",
    ]
    assert {age_group(years) for years in (*range(30), None)} == set(AGE_GROUPS)


def _told(**rows: tuple[int, ...]) -> list[tuple[str, str]]:
    columns = "xyz"
    return [
        (row, columns[place])
        for row, counts in rows.items()
        for place, many in enumerate(counts)
        for _ in range(many)
    ]


@pytest.mark.parametrize(
    "rows",
    [
        {"a": (2, 40, 9), "b": (30, 12, 8), "c": (7, 6, 50)},
        {"a": (1, 0, 0), "b": (30, 12, 8)},
        {"a": (1, 1, 1), "b": (1, 1, 1), "c": (90, 80, 70)},
        {"a": (4, 100, 0), "b": (100, 100, 100), "c": (0, 0, 4)},
    ],
)
def test_what_is_hidden_cannot_be_reckoned_from_its_row_or_column(
    rows: dict[str, tuple[int, ...]],
) -> None:
    found = _told(**rows)
    shown, many = crossed(found, list(rows), "xyz"), Counter(found)
    lines = [[(row, column) for column in "xyz"] for row in rows]
    lines += [[(row, column) for row in rows] for column in "xyz"]
    for line in lines:
        hidden = [many[cell] for cell in line if shown[cell[0]][cell[1]] is None]
        left = [cell for cell in line if many[cell] and shown[cell[0]][cell[1]] is not None]
        assert not hidden or not left or (len(hidden) > 1 and sum(hidden) >= LEAST)
        assert all(many[cell] >= LEAST for cell in left)
    assert all(shown[row][column] == 0 for row in rows for column in "xyz" if not many[row, column])


def test_a_row_whose_total_is_hidden_is_hidden_whole() -> None:
    shown = crossed(_told(a=(9, 9, 0), b=(30, 30, 30), c=(30, 30, 30)), "abc", "xyz", closed=["a"])
    assert shown["a"] == {"x": None, "y": None, "z": 0}
    assert None in shown["b"].values()

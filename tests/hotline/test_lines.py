"""Which of our lines a number reaches."""

import pytest

from hotline.lines import CalledLine, line_of
from hotline.settings import Settings


@pytest.mark.parametrize(
    ("dialled", "line"),
    [
        ("18001116", CalledLine.TRAFFICKING),
        ("18001119", CalledLine.TRAFFICKING),
        ("0243222", CalledLine.TRAFFICKING),
        ("111", CalledLine.CHILD),
        ("1800111", CalledLine.CHILD),
        ("180011166", CalledLine.CHILD),
        ("", CalledLine.CHILD),
    ],
)
def test_a_number_of_the_range(dialled: str, line: CalledLine) -> None:
    assert line_of(dialled, "1800111X, 0243222") is line


def test_the_demo_has_a_second_number() -> None:
    assert line_of("18001116", Settings().trafficking_numbers) is CalledLine.TRAFFICKING

"""Moments, spans, numbers and names as people here write them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard import formats

EVENING = datetime(2026, 11, 21, 17, 5, 31, tzinfo=UTC)
"""Already the 22nd in Vietnam."""


def test_moments_are_on_the_clock_on_the_wall_in_vietnam() -> None:
    assert formats.clock(EVENING) == "00:05"
    assert formats.clock_seconds(EVENING) == "00:05:31"
    assert formats.day(EVENING) == "22/11/2026"
    assert formats.day_short(EVENING) == "22/11"
    assert formats.day(date(2015, 3, 2)) == "02/03/2015"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(-3, "0:00"), (0, "0:00"), (133, "2:13"), (3599, "59:59"), (3733, "1:02:13")],
)
def test_a_span_has_minutes_and_seconds_and_hours_when_it_needs_them(seconds: int, written: str) -> None:
    assert formats.span(timedelta(seconds=seconds)) == written


def test_numbers_are_grouped_in_the_language_of_the_reader() -> None:
    assert formats.number(506957, "vi") == "506.957"
    assert formats.number(506957, "en") == "506,957"


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("+84912345678", "0912 345 678"),
        ("0912345678", "0912 345 678"),
        ("+842438692451", "0243 8692 451"),
        ("111", "111"),
        ("+85523999888", "+85523999888"),
        ("***678", "***678"),
    ],
)
def test_a_phone_number_is_grouped_as_it_is_spoken(number: str, written: str) -> None:
    assert formats.phone(number) == written


def test_people_are_sorted_by_their_given_name() -> None:
    names = ["Trần Văn Dũng", "Lê Thị An", "Nguyễn Thị Ánh", "Nguyễn An", "Đỗ Đức", "Hoàng Dung"]
    assert formats.by_given_name(names, str) == [
        "Lê Thị An",
        "Nguyễn An",
        "Nguyễn Thị Ánh",
        "Hoàng Dung",
        "Trần Văn Dũng",
        "Đỗ Đức",
    ]


def test_decimals_are_written_as_people_do() -> None:
    assert [formats.decimal(value, "vi") for value in (0.94, 9.4, 21.6)] == ["0,9", "9,4", "22"]
    assert formats.decimal(9.4, "en") == "9.4"

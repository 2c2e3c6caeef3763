import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.numbers import clean, dialable, masked, normal, quick


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("0912345678", "+84912345678"),
        ("+84912345678", "+84912345678"),
        ("84 912 345 678", "+84912345678"),
        ("024 3846 1234", "+842438461234"),
        ("+447911123456", "+447911123456"),
        (None, None),
        ("", None),
        ("Anonymous", None),
        ("<unknown>", None),
        ("113", "113"),
        ("111", "111"),
        ("hn01", "hn01"),
        ("'; DROP TABLE call; --\r\n", "DROPTABLEcall--"),
        ("…", None),
        ("9" * 200, "9" * 32),
    ],
)
def test_one_number_has_one_form(raw: str | None, kept: str | None) -> None:
    assert normal(raw) == kept


@given(st.text())
def test_whatever_comes_in_leaves_short_plain_and_stable(raw: str) -> None:
    number = normal(raw)
    assert number is None or (0 < len(number) <= 32 and number.isascii() and number.isprintable())
    assert normal(number) == number


def test_a_masked_number_shows_its_end_only() -> None:
    assert masked("+84912345678") == "***678"
    assert masked(None) is None


def test_a_name_with_control_characters_becomes_one_short_line() -> None:
    assert clean("An\r\nAction: Originate\x00\ud800😀", 40) == "AnAction: Originate😀"
    assert clean("abcdef", 3) == "abc"


@pytest.mark.parametrize(
    ("number", "dialled"),
    [
        ("+84912345678", "0912345678"),
        ("+842438561234", "02438561234"),
        ("113", "113"),
        ("+841900545415", None),
        ("+84180015670", None),
        ("+442071838750", None),
        ("111", None),
        ("0912345678\nAction", None),
        ("+", None),
        (None, None),
    ],
)
def test_only_national_numbers_and_emergency_services_are_dialled(
    number: str | None, dialled: str | None
) -> None:
    assert dialable(number) == dialled


@given(st.from_regex(r"(\+84|84|0)[235789][0-9]{8,9}", fullmatch=True))
def test_what_is_plainly_vietnamese_is_normal_at_once(raw: str) -> None:
    told = normal(raw)
    if told is not None and told.startswith("+84"):
        assert quick(raw) == told


@pytest.mark.parametrize("raw", [None, "", "anonymous", "111", "+15551234567", "0912 345 678"])
def test_of_all_else_nothing_is_said_at_once(raw: str | None) -> None:
    assert quick(raw) is None

"""Words of the search as tokens: found as before, and telling nothing."""

import pytest

from intake.search_tokens import keyed, mark, tokens
from intake.search_words import Term, indexed, terms

KEY, OTHER = b"k" * 32, b"o" * 32


def finds(typed: str, told: str, key: bytes = KEY) -> bool:
    """As both databases do: every term by any of its tokens."""
    there = tokens(indexed([told]), KEY)
    return all(there & set(keyed(term, key).exact) for term in terms(typed))


@pytest.mark.parametrize(
    ("typed", "told", "found"),
    [
        ("dao thi nguyen", "Nguyễn Thị Đào", True),
        ("nguyen da", "Nguyễn Thị Đào", True),  # the last word is still being typed
        ("ngu dao", "Nguyễn Thị Đào", False),
        ("nguyen đ", "Nguyễn Thị Đào", True),
        ("bé y", "bé Ý", True),
        ("0912 345 678", "gọi 0912345678", True),
        ("5678", "gọi 0912345678", True),
        ("0912", "gọi 0912345678", True),
        ("678", "gọi 0912345678", False),
        ("12", "12 tuổi", True),
        ("extraordinari", "extraordinarily", False),  # beginnings end at twelve letters
        ("extraordinarily", "extraordinarily", True),
    ],
)
def test_words_are_found_by_tokens(typed: str, told: str, found: bool) -> None:
    assert finds(typed, told) is found


def test_another_key_finds_nothing() -> None:
    assert not finds("dao", "Nguyễn Thị Đào", OTHER)


def test_a_token_is_one_word_and_tells_no_other() -> None:
    made = tokens({"dao", "0912345678", "of1x"}, KEY)
    assert all(one.isalnum() and one.startswith("k") and len(one) == 9 for one in made)
    assert len(made) == 1 + 3 + 1 + 7 + 1 + 4
    assert mark("dao", KEY) not in made


def test_the_callers_number_is_asked_for_as_it_is_too() -> None:
    (term,) = terms("0912345678")
    assert keyed(term, KEY).begins == ("0912345678", "r0912345678"[:1] + "8765432190")
    assert keyed(Term(exact=("dao",)), KEY).begins == ()

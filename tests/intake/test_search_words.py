import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.search_words import (
    LONGEST_QUERY,
    MOST_WORDS,
    Term,
    count,
    folded,
    indexed,
    spot,
    terms,
    words,
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Nguyễn Thị Đào", "nguyen thi dao"),
        ("NGUYỄN THỊ ĐÀO", "nguyen thi dao"),
        ("Nguye\u0302\u0303n", "nguyen"),
        ("Đắk Lắk, Thừa Thiên – Huế", "dak lak, thua thien – hue"),
        ("Y Bhăm Niê", "y bham nie"),
    ],
)
def test_marks_and_capitals_do_not_matter(text: str, plain: str) -> None:
    assert folded(text) == plain


@pytest.mark.parametrize("written", ["0912 345 678", "+84 912.345.678", "84912345678", "0912-345-678"])
def test_a_phone_number_is_one_word_however_it_is_spaced(written: str) -> None:
    assert words(f"gọi {written} sau 21h") == ["goi", "0912345678", "sau", "21h"]


@pytest.mark.parametrize("typed", ["0912345678", "091234", "5678", "+84912345678", "678912 5678"])
def test_a_number_is_found_by_its_beginning_and_its_end(typed: str) -> None:
    found_by = indexed(["+84912345678", "678912"])
    for term in terms(typed):
        assert any(word.startswith(term.begins) for word in found_by)


def test_a_number_is_not_found_by_its_middle() -> None:
    found_by = indexed(["0912345678"])
    assert not any(word.startswith(terms("3456")[0].begins) for word in found_by)


def test_only_the_last_word_may_be_unfinished() -> None:
    assert list(terms("Bé Na kim")) == [
        Term(exact=("be",)),
        Term(exact=("na",)),
        Term(begins=("kim",)),
    ]


@given(st.text(max_size=400))
def test_whatever_is_typed_is_few_plain_words(typed: str) -> None:
    found = terms(typed)
    assert len(found) <= MOST_WORDS
    for term in found:
        for word in (*term.exact, *term.begins):
            assert word.isascii()
            assert word.isalnum()
            assert word == word.lower()
            assert 0 < len(word) <= LONGEST_QUERY


@given(st.text(max_size=100))
def test_what_is_spotted_is_in_the_text(text: str) -> None:
    for word in words(text)[:1]:
        place = spot(text, [Term(exact=(word,))])
        assert place is None or folded(text[place[0] : place[1]]).strip() == word


_VIETNAMESE = st.text(alphabet="aAăâđĐeêọồ ,.019ệ", max_size=60)


@given(_VIETNAMESE, _VIETNAMESE)
def test_terms_are_counted_as_they_are_spotted(text: str, query: str) -> None:
    asked = terms(query)
    assert count(text, asked) == sum(spot(text, [term]) is not None for term in asked)


def test_a_found_word_is_shown_as_it_was_written() -> None:
    text = "nhà bà Đào ở xóm dưới"
    begin, end = spot(text, terms("dao")) or (0, 0)
    assert text[begin:end] == "Đào"

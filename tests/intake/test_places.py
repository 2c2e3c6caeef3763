"""Places: found by what a caller says, old and new, and kept so that they can be shown again."""

import pytest

from intake.forms import places
from intake.forms.place_finding import find
from intake.forms.place_lines import Line, find_in
from intake.forms.places import canonical, choosable, label, shown, told
from intake.search_words import folded

PHUC_TRACH = "2024:18547"


def first(typed: str) -> str:
    return label(find(typed)[0])


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("phuc trach", "Xã Phúc Trạch, Hà Tĩnh"),
        ("PHÚC TRẠCH", "Xã Phúc Trạch, Hà Tĩnh"),
        ("phuc tr", "Xã Phúc Trạch, Hà Tĩnh"),
        ("phuc trach quang binh", "Xã Phúc Trạch, huyện Bố Trạch, Quảng Bình"),
        ("ha tinh, trach phuc", "Xã Phúc Trạch, Hà Tĩnh"),
        ("phuc trach h. huong khe", "Xã Phúc Trạch, huyện Hương Khê, Hà Tĩnh"),
        ("huyen huong khe", "Huyện Hương Khê, Hà Tĩnh"),
        ("tx ky anh", "Thị xã Kỳ Anh, Hà Tĩnh"),
        ("thi xa ky anh", "Thị xã Kỳ Anh, Hà Tĩnh"),
        ("tp vinh", "Thành phố Vinh, Nghệ An"),
        ("p.5, q.3, hcm", "Phường 5, quận 3, TP. Hồ Chí Minh"),
        ("hcm q3 p05", "Phường 5, quận 3, TP. Hồ Chí Minh"),
        ("q1 tphcm", "Quận 1, TP. Hồ Chí Minh"),
        ("ba dinh hn", "Phường Ba Đình, Hà Nội"),
        ("hn", "Hà Nội"),
        ("quảng bình", "Quảng Bình"),
        ("hoà bình phú thọ", "Phường Hòa Bình, Phú Thọ"),
        ("kim boi hoa binh", "Huyện Kim Bôi, Hòa Bình"),
        ("xa kim boi hoa binh", "Xã Kim Bôi, huyện Kim Bôi, Hòa Bình"),
        ("phuong do", "Xã Phương Độ, thành phố Hà Giang, Hà Giang"),
        ("long thanh", "Phường Long Thành, Đồng Nai"),
        ("long thạnh", "Xã Long Thạnh, An Giang"),
        ("buon me thuot", "Phường Buôn Ma Thuột, Đắk Lắk"),
        ("thua thien hue", "Huế"),
        ("tt con dao", "Đặc khu Côn Đảo, TP. Hồ Chí Minh"),
        ("kim boi xa", "Xã Kim Bôi, Phú Thọ"),
    ],
)
def test_what_a_caller_says_is_found_first(typed: str, found: str) -> None:
    assert first(typed) == found


def test_the_old_and_the_new_unit_of_a_name_are_both_there() -> None:
    assert [label(one) for one in find("phuc trach", limit=3)] == [
        "Xã Phúc Trạch, Hà Tĩnh",
        "Xã Phúc Trạch, huyện Hương Khê, Hà Tĩnh",
        "Xã Phúc Trạch, huyện Bố Trạch, Quảng Bình",
    ]


@pytest.mark.parametrize("typed", ["", "k", ",", "gần nhà thờ họ xóm dưới", "%' OR 1=1 --", "😀 ạ"])
def test_what_is_no_unit_finds_none(typed: str) -> None:
    assert not find(typed)


@pytest.mark.parametrize("typed", ["tt", "an", "xa", "phuong", "th", "1", "p1", "x" * 5000, "an " * 200])
def test_what_says_little_never_gives_more_than_asked(typed: str) -> None:
    assert len(find(typed, limit=5)) <= 5


def test_every_unit_is_among_those_shown_when_its_name_is_typed_without_marks() -> None:
    for one in choosable()[::97]:
        assert one in find(folded(label(one))), label(one)


def test_no_two_units_have_the_same_label() -> None:
    labels = {label(one).casefold(): one for one in choosable()}
    assert len(labels) == len(choosable()) == 34 + 3321 + 29 + 696 + 10_035


def test_a_label_and_an_id_are_the_same_place_and_words_stay_words() -> None:
    for one in choosable():
        assert canonical(label(one)) == canonical(one.id) == one.id
        assert shown(one.id) == label(one)
    assert canonical(" xã  phúc trạch, HUYỆN Hương Khê, hà tĩnh ") == PHUC_TRACH
    assert canonical("phuc  trach") == shown("phuc trach") == "phuc trach"
    assert canonical("2025:99999") == shown("2025:99999") == "2025:99999"


def test_a_place_knows_what_it_is_part_of_now() -> None:
    assert [label(one) for one in places.became("2024:19138")] == ["Xã Phong Nha, Quảng Trị"]
    assert (places.became("2025:18547"), places.became("gần chợ")) == ((), ())
    quang_tri = places.province("2024:19138")
    assert quang_tri is not None
    assert label(quang_tri) == "Quảng Trị"
    assert places.province("Quảng Trị ngoài bãi") is None


def test_a_place_is_told_in_one_line_and_found_by_all_its_names() -> None:
    assert told("2024:19138", "xóm Chày") == "xóm Chày, Xã Phúc Trạch, huyện Bố Trạch, Quảng Bình"
    assert (told("", "xóm Chày"), told("", "")) == ("xóm Chày", "")
    assert "Phong Nha, Quảng Trị" in places.found_by("2024:19138")
    assert "huyện Bố Trạch" in places.found_by("2024:19138")


@pytest.mark.parametrize(
    ("typed", "before", "found"),
    [
        ("thôn Bãi, xã Kim Bôi", "thôn Bãi", "Xã Kim Bôi, Phú Thọ"),
        ("thon bai xa kim boi", "thon bai", "Xã Kim Bôi, Phú Thọ"),
        ("thôn Bãi Giữa kim boi", "thôn Bãi Giữa", "Xã Kim Bôi, Phú Thọ"),
        ("nhà bà Tư, thôn Bãi, kim bo", "nhà bà Tư, thôn Bãi", "Xã Kim Bôi, Phú Thọ"),
        ("ấp 3 x. bình chánh, HCM", "ấp 3", "Xã Bình Chánh, TP. Hồ Chí Minh"),
        ("tổ 5 p.5 q3 hcm", "tổ 5", "Phường 5, quận 3, TP. Hồ Chí Minh"),
        ("số 9 phố Chợ, phường kim liên, hn", "số 9 phố Chợ", "Phường Kim Liên, Hà Nội"),
        ("bản Vược, Bát Xát", "", "Xã Bản Vược, huyện Bát Xát, Lào Cai"),
        ("phuc trach", "", "Xã Phúc Trạch, Hà Tĩnh"),
        ("phường Bến Nghé, quận 1 cũ", "", "Phường Bến Nghé, quận 1, TP. Hồ Chí Minh"),
        (
            "12 Lê Lợi, phường Bến Nghé (Quận 1 cũ)",
            "12 Lê Lợi",
            "Phường Bến Nghé, quận 1, TP. Hồ Chí Minh",
        ),
        ("thôn Bãi, huyện Kim Bôi cũ", "thôn Bãi", "Huyện Kim Bôi, Hòa Bình"),
        ("xã Hội Cư", "", "Xã Hội Cư, Đồng Tháp"),
    ],
)
def test_a_hamlet_said_before_its_unit_is_told_apart(typed: str, before: str, found: str) -> None:
    line = find_in(typed)
    assert (line.before, label(line.units[0])) == (before, found)


@pytest.mark.parametrize("typed", ["xóm dưới, cạnh bến đò", "nhà bà ngoại, gần chợ", "thôn Bãi, x", ","])
def test_a_line_without_a_unit_has_none(typed: str) -> None:
    assert find_in(typed) == Line((), "")

"""The administrative units before and since 1 July 2025, and what became of each."""

from collections import Counter

import pytest

from hotline.units import KINDS, NEW, OLD, Level, Unit, all_units, before, now, unit


def one(unit_id: str) -> Unit:
    found = unit(unit_id)
    assert found is not None
    return found


def test_there_are_as_many_units_as_the_law_says() -> None:
    counted = Counter((each.era, each.level) for each in all_units().values())
    islands = [each.name for each in all_units().values() if each.level == 3 and each.became]
    assert counted == {
        (NEW, Level.PROVINCE): 34,
        (NEW, Level.COMMUNE): 3321,
        (OLD, Level.PROVINCE): 63,
        (OLD, Level.DISTRICT): 696,
        (OLD, Level.COMMUNE): 10_040 - len(islands),
    }
    assert islands == [
        "Huyện Bạch Long Vĩ", "Huyện Cồn Cỏ", "Huyện Hoàng Sa", "Huyện Lý Sơn", "Huyện Côn Đảo",
    ]  # fmt: skip


def test_every_old_unit_is_in_new_ones_and_every_new_one_was_something() -> None:
    for each in all_units().values():
        if each.era == OLD:
            assert now(each)
            assert {new.era for new in now(each)} == {NEW}
            assert {new.province for new in now(each)} == set(now(each.province)), each
        elif each.level is Level.COMMUNE:
            assert before(each), each


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2024:18547", ["Xã Phúc Trạch, Tỉnh Hà Tĩnh"]),
        ("2024:19138", ["Xã Phong Nha, Tỉnh Quảng Trị"]),
        ("2024:755", ["Đặc khu Côn Đảo, Thành phố Hồ Chí Minh"]),
        ("2024:17", ["Tỉnh Phú Thọ"]),
        ("2025:18547", ["Xã Phúc Trạch, Tỉnh Hà Tĩnh"]),
    ],
)
def test_what_a_unit_is_now(old: str, new: list[str]) -> None:
    told = [
        ", ".join([each.name, *([each.within.name] if each.within else [])]) for each in now(one(old))
    ]
    assert told == new


def test_a_district_is_all_the_communes_that_it_became_and_a_divided_commune_several() -> None:
    huong_khe = now(one("2024:444"))
    assert len(huong_khe) == len(set(huong_khe)) > 5
    assert one("2025:18547") in huong_khe
    assert sum(len(each.became) > 1 for each in all_units().values()) == 471


def test_every_name_has_its_kind() -> None:
    assert {each.kind for each in all_units().values()} == set(KINDS)
    assert (one("2024:317").kind, one("2024:317").bare_name) == ("Huyện", "Cát Hải")


def test_what_is_no_unit_is_none() -> None:
    assert unit("2025:99999") is None
    assert unit("gần chợ") is None

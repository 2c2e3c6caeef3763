from collections import defaultdict

import phonenumbers
import pytest
from phonenumbers import geocoder

from hotline.units import OLD, all_units, now, unit
from routing.regions import AREA_CODES, region_of

_FORMS = ("Tỉnh ", "Thành phố ", "TP ", "Thủ đô ", "Thừa Thiên-")


PROVINCES = {code: area for provinces in AREA_CODES.values() for code, area in provinces.items()}


@pytest.mark.parametrize("code", sorted(PROVINCES))
def test_the_area_codes_are_those_of_the_old_provinces(code: str) -> None:
    area_code = PROVINCES[code]
    number = phonenumbers.parse(f"0{area_code}" + "38234567"[: 10 - len(area_code)], "VN")
    told = geocoder.description_for_number(number, "vi").replace("Đăk", "Đắk").replace("Lăk", "Lắk")
    for form in _FORMS:
        told = told.removeprefix(form)
    province = unit(f"{OLD}:{code}")
    assert province is not None
    assert told == province.bare_name.replace(" - ", "-")
    assert region_of(f"0{area_code}3823456") in {"hn", "dn", "ag"}


def test_each_of_the_63_old_provinces_has_one() -> None:
    assert (len(PROVINCES), len(set(PROVINCES.values()))) == (63, 63)


def test_each_of_the_34_new_provinces_lies_whole_in_the_region_of_one_center() -> None:
    centers: defaultdict[str, set[str]] = defaultdict(set)
    for center, provinces in AREA_CODES.items():
        for code in provinces:
            centers[now(all_units()[f"{OLD}:{code}"])[0].id].add(center)
    assert len(centers) == 34
    assert all(len(each) == 1 for each in centers.values())


@pytest.mark.parametrize(
    ("number", "center"),
    [
        ("02438234567", "hn"),
        ("+842838234567", "ag"),
        ("842363823456", "dn"),
        ("02603823456", "dn"),
        ("0912345678", ""),
        ("+84912345678", ""),
        ("111", ""),
        ("18001567", ""),
        (None, ""),
        ("0243823456789", ""),
    ],
)
def test_a_landline_tells_its_center_and_nothing_else_does(number: str | None, center: str) -> None:
    assert region_of(number) == center

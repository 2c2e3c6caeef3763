import phonenumbers
import pytest
from phonenumbers import geocoder

from hotline.units import OLD, unit
from routing.regions import AREA_CODES, region_of

_FORMS = ("Tỉnh ", "Thành phố ", "TP ", "Thủ đô ", "Thừa Thiên-")


@pytest.mark.parametrize("code", sorted(AREA_CODES))
def test_the_area_codes_are_those_of_the_old_provinces(code: str) -> None:
    area_code = AREA_CODES[code]
    number = phonenumbers.parse(f"0{area_code}" + "38234567"[: 10 - len(area_code)], "VN")
    told = geocoder.description_for_number(number, "vi").replace("Đăk", "Đắk").replace("Lăk", "Lắk")
    for form in _FORMS:
        told = told.removeprefix(form)
    province = unit(f"{OLD}:{code}")
    assert province is not None
    assert told == province.bare_name.replace(" - ", "-")
    assert region_of(f"0{area_code}3823456") in {"hn", "dn", "ag"}


def test_each_of_the_63_old_provinces_has_one() -> None:
    assert (len(AREA_CODES), len(set(AREA_CODES.values()))) == (63, 63)


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

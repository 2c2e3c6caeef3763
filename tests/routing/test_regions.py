import phonenumbers
import pytest
from phonenumbers import geocoder

from routing.regions import PROVINCE_OF, region_of

_FORMS = ("Tỉnh ", "Thành phố ", "TP ", "Thủ đô ", "Thừa Thiên-")
MERGED = {
    "Hà Nam": "Ninh Bình", "Nam Định": "Ninh Bình", "Hải Dương": "Hải Phòng", "Bắc Giang": "Bắc Ninh",
    "Thái Bình": "Hưng Yên", "Vĩnh Phúc": "Phú Thọ", "Hòa Bình": "Phú Thọ", "Bắc Kạn": "Thái Nguyên",
    "Hà Giang": "Tuyên Quang", "Yên Bái": "Lào Cai", "Quảng Bình": "Quảng Trị", "Quảng Nam": "Đà Nẵng",
    "Kon Tum": "Quảng Ngãi", "Bình Định": "Gia Lai", "Phú Yên": "Đắk Lắk", "Ninh Thuận": "Khánh Hòa",
    "Bình Thuận": "Lâm Đồng", "Đắk Nông": "Lâm Đồng", "Bình Dương": "Hồ Chí Minh",
    "Bà Rịa-Vũng Tàu": "Hồ Chí Minh", "Bình Phước": "Đồng Nai", "Long An": "Tây Ninh",
    "Tiền Giang": "Đồng Tháp", "Bến Tre": "Vĩnh Long", "Trà Vinh": "Vĩnh Long", "Hậu Giang": "Cần Thơ",
    "Sóc Trăng": "Cần Thơ", "Kiên Giang": "An Giang", "Bạc Liêu": "Cà Mau",
}  # fmt: skip
"""Old province → the one it is part of since 1 July 2025 (Resolution 202/2025/QH15)."""


@pytest.mark.parametrize("code", sorted(PROVINCE_OF))
def test_the_area_codes_are_those_of_the_old_provinces(code: str) -> None:
    number = phonenumbers.parse(f"0{code}" + "38234567"[: 10 - len(code)], "VN")
    old = geocoder.description_for_number(number, "vi").replace("Đăk", "Đắk").replace("Lăk", "Lắk")
    for form in _FORMS:
        old = old.removeprefix(form)
    assert MERGED.get(old, old) == PROVINCE_OF[code].removeprefix("TP. ")


def test_there_are_63_old_provinces_and_34_new_ones() -> None:
    assert (len(PROVINCE_OF), len(set(PROVINCE_OF.values()))) == (63, 34)


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

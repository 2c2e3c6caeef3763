"""Which center's region a landline number tells. Pure. A mobile tells nothing, whatever its prefix.

Area codes are still those of the 63 old provinces (2017 plan); since 1 July 2025 there are 34, and each
lies whole in the region of one center.
"""

import re
from collections.abc import Mapping

_PROVINCES: Mapping[str, Mapping[str, str]] = {
    "hn": {
        "Hà Nội": "24",
        "Hải Phòng": "225 220",
        "Quảng Ninh": "203",
        "Bắc Ninh": "222 204",
        "Hưng Yên": "221 227",
        "Ninh Bình": "229 226 228",
        "Phú Thọ": "210 211 218",
        "Thái Nguyên": "208 209",
        "Tuyên Quang": "207 219",
        "Lào Cai": "214 216",
        "Lạng Sơn": "205",
        "Cao Bằng": "206",
        "Sơn La": "212",
        "Lai Châu": "213",
        "Điện Biên": "215",
        "Thanh Hóa": "237",
        "Nghệ An": "238",
        "Hà Tĩnh": "239",
    },
    "dn": {
        "Quảng Trị": "232 233",
        "Huế": "234",
        "Đà Nẵng": "235 236",
        "Quảng Ngãi": "255 260",
        "Gia Lai": "256 269",
        "Đắk Lắk": "257 262",
        "Khánh Hòa": "258 259",
        "Lâm Đồng": "252 261 263",
    },
    "ag": {
        "TP. Hồ Chí Minh": "28 254 274",
        "Đồng Nai": "251 271",
        "Tây Ninh": "272 276",
        "Đồng Tháp": "273 277",
        "Vĩnh Long": "270 275 294",
        "Cần Thơ": "292 293 299",
        "An Giang": "296 297",
        "Cà Mau": "290 291",
    },
}
"""Center → new province → area codes of the old provinces in it."""
PROVINCE_OF: Mapping[str, str] = {
    code: province
    for provinces in _PROVINCES.values()
    for province, codes in provinces.items()
    for code in codes.split()
}
"""Area code without its 0 → new province."""
_CENTER_OF = {
    code: center
    for center, provinces in _PROVINCES.items()
    for codes in provinces.values()
    for code in codes.split()
}
_LANDLINE = re.compile(r"(?:\+?84|0)(2\d{1,2})\d{7,8}")


def region_of(number: str | None) -> str:
    """Code of the center of this number's region, "" when the number does not tell."""
    found = _LANDLINE.fullmatch(number or "")
    if found is None:
        return ""
    return _CENTER_OF.get(found[1]) or _CENTER_OF.get(found[1][:2], "")

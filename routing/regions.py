"""Which center's region a landline number tells. Pure. A mobile tells nothing, whatever its prefix.

Area codes are still those of the 63 old provinces (2017 plan); since 1 July 2025 there are 34, and each
lies whole in the region of one center. Written out here, because the switchboard needs no other unit of
`hotline.units` and starts a fifth of a second sooner without them.
"""

import re
from collections.abc import Mapping

AREA_CODES: Mapping[str, Mapping[str, str]] = {
    "hn": {
        "01": "24", "02": "219", "04": "206", "06": "209", "08": "207", "10": "214", "11": "215",
        "12": "213", "14": "212", "15": "216", "17": "218", "19": "208", "20": "205", "22": "203",
        "24": "204", "25": "210", "26": "211", "27": "222", "30": "220", "31": "225", "33": "221",
        "34": "227", "35": "226", "36": "228", "37": "229", "38": "237", "40": "238", "42": "239",
    },
    "dn": {
        "44": "232", "45": "233", "46": "234", "48": "236", "49": "235", "51": "255", "52": "256",
        "54": "257", "56": "258", "58": "259", "60": "252", "62": "260", "64": "269", "66": "262",
        "67": "261", "68": "263",
    },
    "ag": {
        "70": "271", "72": "276", "74": "274", "75": "251", "77": "254", "79": "28", "80": "272",
        "82": "273", "83": "275", "84": "294", "86": "270", "87": "277", "89": "296", "91": "297",
        "92": "292", "93": "293", "94": "299", "95": "291", "96": "290",
    },
}  # fmt: skip
"""Center → old province, by its code in `hotline.units` → its area code, without the 0."""
_CENTER_OF = {
    area_code: center for center, provinces in AREA_CODES.items() for area_code in provinces.values()
}
_LANDLINE = re.compile(r"(?:\+?84|0)(2\d{1,2})\d{7,8}")


def region_of(number: str | None) -> str:
    """Code of the center of this number's region, "" when the number does not tell."""
    found = _LANDLINE.fullmatch(number or "")
    if found is None:
        return ""
    return _CENTER_OF.get(found[1]) or _CENTER_OF.get(found[1][:2], "")

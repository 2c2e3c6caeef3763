"""Who rings in a made-up year, and of whom they tell. Pure. All of it is invented; what is known of
callers (children 47 %, parents 17 % of 2004–2023; children ring mostly from 22 to 24 h) is kept to,
everything else is assumed.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from random import Random
from typing import Any

from hotline.clock import local
from hotline.units import NEW, OLD, Level, all_units
from intake.forms.taxonomy import CallerType, Disposition, Problem, Risk

SAID = "mô phỏng"
"""Instead of anybody's words."""
UNASSIGNED = "+8412"
"""Numbers of 11 digits that began with 012 were given up in 2018: nobody has one."""
_FAMILY = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Giàng Lò Vàng Y H'"
_MIDDLE = "Văn Thị Hữu Đức Ngọc Minh Thanh Quang Thu Hồng Kim Xuân A Mỹ Gia Bảo"
_GIVEN = "Hoa Lan Hùng Dũng Tuấn Linh Trang Na Mai Nam Sơn Hà Hải Yến Như Ý Đạt Phúc Chi Vy An Khôi"
_NAMES = tuple(names.split() for names in (_FAMILY, _MIDDLE, _GIVEN))
_ETHNIC = {
    "Kinh": 82, "Tày": 2, "Thái": 2, "Mường": 2, "Khmer": 2, "H'Mông": 4, "Nùng": 1,
    "Dao": 1, "Gia Rai": 1, "Ê đê": 1, "Chăm": 1, "Hoa": 1,
}  # fmt: skip
_CALLERS = {
    CallerType.PARENT: 17,
    CallerType.RELATIVE: 10,
    CallerType.NEIGHBOR: 8,
    CallerType.TEACHER: 4,
    CallerType.OFFICIAL: 3,
    CallerType.OTHER: 8,
    CallerType.UNKNOWN: 3,
}
_LATE, _CHILD_LATE, _CHILD = (22, 23), 0.62, 0.44
"""In these hours so many of those who are consulted are children, and else so many: 47 % in all."""
_RISKS = {Risk.EMERGENCY: 20, Risk.PLAN: 55, Risk.WATCH: 25}
_AGAIN = 0.15
"""Calls of a number that rang before."""
_WITHHELD = 0.01


class Numbers:
    """The numbers of a year's callers, some of whom ring again."""

    def __init__(self, chance: Random) -> None:
        self._chance, self._known = chance, [self._new(chance)]

    @staticmethod
    def _new(chance: Random) -> str:
        return f"{UNASSIGNED}{chance.randrange(10**8):08}"

    def next(self) -> str | None:
        """None: withheld."""
        drawn = self._chance.random()
        if drawn < _WITHHELD:
            return None
        if drawn < _WITHHELD + _AGAIN:
            return self._known[int(self._chance.random() * len(self._known))]
        number = self._new(self._chance)
        if len(self._known) < 5_000:
            self._known.append(number)
        else:
            self._known[int(self._chance.random() * 5_000)] = number
        return number


def name(chance: Random) -> str:
    return " ".join(map(chance.choice, _NAMES))


def record(chance: Random, kind: Disposition, problem: Problem | None, at: datetime) -> dict[str, str]:
    """What is written of a consultation, by the fields of the record's form."""
    child_rings = chance.random() < (_CHILD_LATE if local(at).hour in _LATE else _CHILD)
    caller = str(CallerType.CHILD) if child_rings else _drawn(chance, _CALLERS)
    fields = {"caller_type": caller, "content": f"Mô phỏng: {name(chance)} kể chuyện."}
    if kind is Disposition.INFORMATION:
        return fields
    if problem is not None:
        fields["problem"] = problem.value
    if kind is Disposition.ESCALATED or chance.random() < 0.6:
        fields["place_unit"] = chance.choice(_communes(NEW if at.year > 2025 else OLD))
    if kind is Disposition.ESCALATED:
        fields |= {"caller_name": name(chance), "risk": _drawn(chance, _RISKS)}
    return fields


def child(chance: Random) -> dict[str, str]:
    """Whom it is about."""
    return {
        "name": name(chance),
        "sex": "female" if chance.random() < 0.55 else "male",
        "age": str(chance.choices(range(18), weights=[*[3] * 6, *[5] * 4, *[9] * 7, 4])[0]),
        "ethnicity": _drawn(chance, _ETHNIC),
    }


@cache
def _communes(era: str) -> tuple[str, ...]:
    return tuple(one.id for one in all_units().values() if (one.era, one.level) == (era, Level.COMMUNE))


def _drawn(chance: Random, weights: Mapping[Any, float]) -> str:
    return str(chance.choices([*weights], weights=[*weights.values()])[0])

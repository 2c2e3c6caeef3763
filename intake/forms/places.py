"""What a form keeps of a place: the id of a unit (`hotline.units`), or words where nobody knew the unit.
Pure.

People and browsers see labels: `Xã Phúc Trạch, Hà Tĩnh` is a unit of today, `Xã Phúc Trạch, huyện
Hương Khê, Hà Tĩnh` one of before. No two that can be chosen have the same: a label is as good as an id.
"""

from collections.abc import Mapping
from functools import cache
from unicodedata import normalize

from hotline.units import NEW, OLD, Level, Unit, all_units, now, unit


@cache
def label(one: Unit) -> str:
    """With its district and province; a province without its kind, but for `TP. Hồ Chí Minh`."""
    if one.within is None:
        return "TP. Hồ Chí Minh" if one.bare_name == "Hồ Chí Minh" else one.bare_name
    around = label(one.within)
    return f"{one.name}, {_small(around) if one.within.within else around}"


def _small(text: str) -> str:
    return text[0].lower() + text[1:]


@cache
def choosable() -> tuple[Unit, ...]:
    """All units but the old provinces whose name a new one has: what was in them is in that."""
    units = all_units().values()
    provinces = [one for one in units if one.level is Level.PROVINCE]
    kept = {label(one) for one in provinces if one.era == NEW}
    left_out = {one.id for one in provinces if one.era == OLD and label(one) in kept}
    return tuple(one for one in units if one.id not in left_out)


@cache
def _by_label() -> Mapping[str, str]:
    return {label(one).casefold(): one.id for one in choosable()}


def canonical(text: str) -> str:
    """The unit's id for its id or its label, else the words, with single blanks."""
    line = " ".join(text.split())
    return line if unit(line) else _by_label().get(normalize("NFC", line).casefold(), line)


def shown(kept: str) -> str:
    """The unit's label, or the words."""
    found = unit(kept)
    return label(found) if found else kept


def became(kept: str) -> tuple[Unit, ...]:
    """What an old unit is part of now; nothing for a new one and for words."""
    found = unit(kept)
    return now(found) if found and found.era == OLD else ()


def province(kept: str) -> Unit | None:
    """The province of today that the unit is in; None for words."""
    found = unit(kept)
    return now(found)[0].province if found else None


def told(unit_kept: str, words: str) -> str:
    """Where it is on one line, as an address is said: what is known besides the unit, then the unit."""
    return ", ".join(filter(None, [words, shown(unit_kept)]))


def found_by(kept: str) -> str:
    """All names by which a search finds this place: its own, and those that it has now."""
    return "; ".join([shown(kept), *(label(one) for one in became(kept))])

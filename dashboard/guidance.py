"""What is said beside the form: notes by problem and age, addresses by place. Pure but for its texts."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from dashboard import texts
from dashboard.texts import Addresses, Note, Province
from intake.forms.forms import UNITS, About, split
from intake.forms.places import became, label, province
from intake.forms.taxonomy import problems_in
from intake.search_words import words


@dataclass(frozen=True, slots=True)
class Beside:
    """`notes` are of these problems and ages, `general` of every call. `provinces`: those that the
    places on the form may be in."""

    version: int
    reviewed: bool
    notes: tuple[Note, ...]
    general: tuple[Note, ...]
    addresses: Addresses
    provinces: tuple[Province, ...]
    old_units: tuple[str, ...]
    """Of the places on the form, those that are units of before 1 July 2025, by their ids."""


def beside(fields: Mapping[str, str], today: date) -> Beside:
    """For a record with these fields."""
    told, addresses = texts.guidance(), texts.addresses()
    problems = problems_in(fields)
    ages = set(_ages(fields, today))
    units = [fields[name] for name in fields if split(name)[1] in UNITS]
    places = [fields[name] for name in fields if split(name)[1] in {"place", "address"}]
    around = [words(_province(kept)) for kept in units] + [words(text) for text in places]
    return Beside(
        version=told.version,
        reviewed=told.reviewed and addresses.reviewed,
        notes=tuple(
            note for note in told.notes if not _is_general(note) and _fits(note, problems, ages)
        ),
        general=tuple(note for note in told.notes if _is_general(note)),
        addresses=addresses,
        provinces=tuple(one for one in addresses.provinces if any(_is_in(one, each) for each in around)),
        old_units=tuple(kept for kept in dict.fromkeys(units) if became(kept)),
    )


def _province(kept: str) -> str:
    """Today's province of a unit; words stay what they are."""
    found = province(kept)
    return label(found) if found else kept


def _is_general(note: Note) -> bool:
    return not note.problems and note.from_age is None and note.to_age is None


def _fits(note: Note, problems: Collection[str], ages: set[int]) -> bool:
    if note.problems and note.problems.isdisjoint(problems):
        return False
    if note.from_age is None and note.to_age is None:
        return True
    least, most = note.from_age or 0, 200 if note.to_age is None else note.to_age
    return any(least <= age <= most for age in ages)


def _ages(fields: Mapping[str, str], today: date) -> Iterator[int]:
    """Of all children: by the date of birth, else as estimated."""
    for name, value in fields.items():
        person, inner = split(name)
        if person is None or person.about is not About.CHILD:
            continue
        if inner == "birth_date" and value:
            born = date.fromisoformat(value)
            yield today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        elif inner == "age" and value and not fields.get(person.field("birth_date")):
            yield int(value)


def _is_in(province: Province, place: list[str]) -> bool:
    """Whether one of its names stands in the place, whole words in order, with or without marks."""
    return any(_stands_in(words(name), place) for name in (province.name, *province.also))


def _stands_in(name: list[str], place: list[str]) -> bool:
    return any(place[start : start + len(name)] == name for start in range(len(place)))

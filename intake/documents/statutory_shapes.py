"""What a statutory form is made of: sections, questions, tables filled row by row, counted scores. Pure.

Values are a flat mapping of full field name → canonical text, as `intake.forms.forms` makes it. A cell
of a table is named `<table>.<line>.<column>`: the line is the code of a printed one
(`shelter.food.service`) or a number from 1 of one that people add (`shelter.1.need`). Everything may be
left empty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake.forms.forms import Field, Kind


class Score(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Scale(StrEnum):
    """What "Cao" means in a section: of opposite sense in the two halves of one form, so that the
    counts of both must never be added up."""

    HARM = "harm"
    """High is bad."""
    STRENGTH = "strength"
    """High is good."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A table. `lines`: the printed ones; `most`: how many people may add, from 1."""

    name: str
    columns: tuple[Field, ...]
    lines: tuple[str, ...] = ()
    most: int = 0

    def cell(self, line: str, column: str) -> str:
        return f"{self.name}.{line}.{column}"

    def used(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """The printed lines, and of the others those up to the last that holds anything."""
        added = [str(n) for n in range(1, self.most + 1)]
        while added and not any(values.get(self.cell(added[-1], one.name)) for one in self.columns):
            added.pop()
        return (*self.lines, *added)


@dataclass(frozen=True, slots=True)
class Section:
    """`scale` is None where nothing is scored."""

    code: str
    asks: tuple[Field | Rows, ...]
    scale: Scale | None = None


@dataclass(frozen=True, slots=True)
class StatutoryForm:
    """One version of one form. `seen`: whether its fields are the annex's own, or ours, because the
    official one was not seen."""

    code: str
    version: int
    sections: tuple[Section, ...]
    seen: bool = True
    number: str = ""
    """That of the decree's annex (`01`); empty for what it does not have."""

    def field(self, name: str) -> Field | None:
        """The question with this full name; None when there is none."""
        table, _, rest = name.partition(".")
        line, _, column = rest.partition(".")
        for one in self._asked():
            if one.name != table:
                continue
            if isinstance(one, Field):
                return None if rest else one
            known = line in one.lines or line in map(str, range(1, one.most + 1))
            return next((each for each in one.columns if known and each.name == column), None)
        return None

    def _asked(self) -> Iterator[Field | Rows]:
        for section in self.sections:
            yield from section.asks

    def names(self) -> Iterator[str]:
        """Every full field name, in the order of the form."""
        for one in self._asked():
            if isinstance(one, Field):
                yield one.name
                continue
            for line in (*one.lines, *map(str, range(1, one.most + 1))):
                yield from (one.cell(line, column.name) for column in one.columns)


def counted(section: Section, values: Mapping[str, str]) -> Mapping[Score, int]:
    """How often each score was given in this section: what the form's total row shows. No conclusion
    follows from it: no formula is published, and a human draws it."""
    given = [
        values.get(one.name) for one in section.asks if isinstance(one, Field) and one.kind is Kind.SCORE
    ]
    return {score: given.count(score) for score in Score}

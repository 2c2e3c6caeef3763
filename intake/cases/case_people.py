"""The children of a case: each once, with all that its records tell of it. Pure.

Two records may tell of one child; a person says so, never the software. Then the child keeps the id that
it had in the earlier record, so that what was made for it (`intake.forms.forms` are per child) stays its
own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hotline.ids import ChildId, RecordId


@dataclass(frozen=True, slots=True)
class ToldChild:
    """What one record tells of a child; `id` is good for this record's child alone."""

    id: ChildId
    record_id: RecordId
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CaseChild:
    """One child of a case. `position` counts from 1 in the case; `fields`: of each question what the
    first record says that answers it."""

    id: ChildId
    position: int
    fields: Mapping[str, str]
    told: tuple[ToldChild, ...]

    @property
    def ids(self) -> tuple[ChildId, ...]:
        """Every id under which something may have been made for this child."""
        return tuple(one.id for one in self.told)

    def differing(self) -> Mapping[str, tuple[str, ...]]:
        """Questions that its records answer differently, with all answers."""
        names = dict.fromkeys(name for one in self.told for name in one.fields)
        answers = {
            name: tuple(dict.fromkeys(one.fields[name] for one in self.told if one.fields.get(name)))
            for name in names
        }
        return {name: said for name, said in answers.items() if len(said) > 1}


def children(told: Sequence[ToldChild], same: Iterable[tuple[int, int]]) -> tuple[CaseChild, ...]:
    """`told` in the order of the records; `same`: pairs of ids (of whatever case) that are one child."""
    root = {one.id: one.id for one in told}
    for one, other in same:
        if one in root and other in root:
            kept, gone = sorted((root[ChildId(one)], root[ChildId(other)]))
            root = {each: kept if under == gone else under for each, under in root.items()}
    groups: dict[ChildId, list[ToldChild]] = {}
    for each in told:
        groups.setdefault(root[each.id], []).append(each)
    return tuple(
        CaseChild(kept, position, _together(group), tuple(group))
        for position, (kept, group) in enumerate(groups.items(), start=1)
    )


def _together(group: Sequence[ToldChild]) -> dict[str, str]:
    together: dict[str, str] = {}
    for one in group:
        for name, value in one.fields.items():
            together.setdefault(name, value)
    return together

"""What is odd about who looked at what: rules over the looks of a day, for an auditor to ask about.

A finding accuses nobody: it names the rows behind it. Pure.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hotline.clock import local

HOUR = timedelta(hours=1)
NIGHT = (22, 6)
"""From and until, on the clock in Vietnam."""
MANY_FILES = 30
"""Fewer different files in an hour are never odd."""
USUAL_TIMES = 3
"""So many times a person's own busiest hour of four weeks is odd."""
REFUSALS = 10
PEOPLE = 6
FILES = frozenset({"case", "record"})
HARMLESS = frozenset({"roster"})
"""Exports of these are a night shift's work."""
_SHOWN_ROWS = 200


class Odd(StrEnum):
    MANY_FILES = "many_files"
    """Many different cases and records in an hour, against that person's own habit."""
    OWN_PLACE = "own_place"
    """A case from a commune that is noted as the person's own or their relatives'."""
    NIGHT_EXPORT = "night_export"
    REFUSALS = "refusals"
    """Refused again and again within an hour."""
    MANY_PEOPLE = "many_people"
    """One file that many people looked at within a day."""
    GLASS = "glass"
    """Not found by a rule: somebody broke the glass (`hotline.broken_glass`), the auditor is told."""
    COPIED_PASSKEY = "copied_passkey"
    """Its count of uses went back: somebody has a copy (`hotline.passkey_checks`)."""


@dataclass(frozen=True, slots=True)
class Look:
    """One audit row of a person."""

    id: int
    at: datetime
    staff_id: int
    act: str
    kind: str
    object_id: str


@dataclass(frozen=True, slots=True)
class Found:
    """`staff_id` 0: of many people. `kind` and `object_id`: empty when it is not about one thing.
    `count`: of files, refusals, people, as the rule counts; `rows`: the audit rows behind it, at most
    200."""

    odd: Odd
    staff_id: int
    kind: str
    object_id: str
    at: datetime
    count: int
    rows: tuple[int, ...]


def find(
    looks: Sequence[Look],
    usual: Mapping[int, int],
    own_places: Mapping[int, frozenset[str]],
    place_of: Mapping[str, str],
) -> list[Found]:
    """Everything odd about these looks, which are of one day and in their order.

    `usual`: person → how many files their busiest hour of the weeks before had. `own_places`: person →
    communes. `place_of`: case id → commune.
    """
    return [
        *_many_files(looks, usual),
        *_own_place(looks, own_places, place_of),
        *_night_exports(looks),
        *_refusals(looks),
        *_many_people(looks),
    ]


def busiest_hour(looks: Iterable[Look]) -> dict[int, int]:
    """Person → the most different files that they saw within an hour."""
    return {who: len(_files(hour)) for who, hour in _fullest(looks, _is_file, _files).items()}


def _many_files(looks: Sequence[Look], usual: Mapping[int, int]) -> Iterable[Found]:
    for who, hour in _fullest(looks, _is_file, _files).items():
        files = len(_files(hour))
        if files >= max(MANY_FILES, USUAL_TIMES * usual.get(who, 0)):
            yield _found(Odd.MANY_FILES, who, hour, files)


def _refusals(looks: Sequence[Look]) -> Iterable[Found]:
    for who, hour in _fullest(looks, lambda look: look.act == "refused", lambda rows: rows).items():
        if len(hour) >= REFUSALS:
            yield _found(Odd.REFUSALS, who, hour, len(hour))


def _night_exports(looks: Sequence[Look]) -> Iterable[Found]:
    exports = defaultdict(list)
    for look in looks:
        hour = local(look.at).hour
        if look.act == "export" and look.kind not in HARMLESS and (hour >= NIGHT[0] or hour < NIGHT[1]):
            exports[look.staff_id].append(look)
    for who, rows in exports.items():
        yield _found(Odd.NIGHT_EXPORT, who, rows, len(rows))


def _own_place(
    looks: Sequence[Look], own_places: Mapping[int, frozenset[str]], place_of: Mapping[str, str]
) -> Iterable[Found]:
    seen = defaultdict(list)
    for look in looks:
        place = place_of.get(look.object_id) if look.kind == "case" else None
        if look.act == "see" and place and place in own_places.get(look.staff_id, ()):
            seen[look.staff_id, look.object_id].append(look)
    for (who, case), rows in seen.items():
        yield _found(Odd.OWN_PLACE, who, rows, len(rows), "case", case)


def _many_people(looks: Sequence[Look]) -> Iterable[Found]:
    seen = defaultdict(list)
    for look in looks:
        if _is_file(look):
            seen[look.kind, look.object_id].append(look)
    for (kind, thing), rows in seen.items():
        people = len({look.staff_id for look in rows})
        if people >= PEOPLE:
            yield _found(Odd.MANY_PEOPLE, 0, rows, people, kind, thing)


def _is_file(look: Look) -> bool:
    return look.act == "see" and look.kind in FILES


def _files(looks: Sequence[Look]) -> set[tuple[str, str]]:
    return {(look.kind, look.object_id) for look in looks}


def _fullest(
    looks: Iterable[Look],
    counts: Callable[[Look], bool],
    of: Callable[[Sequence[Look]], Iterable[object]],
) -> dict[int, list[Look]]:
    """Person → the looks of the hour, beginning with any look, that has the most of what is counted."""
    whose = defaultdict(list)
    for look in looks:
        if counts(look):
            whose[look.staff_id].append(look)
    best: dict[int, list[Look]] = {}
    for who, rows in whose.items():
        most = 0
        begin = 0
        for end in range(len(rows)):
            while rows[end].at - rows[begin].at >= HOUR:
                begin += 1
            if end - begin + 1 <= most:  # cannot have more different ones than looks
                continue
            window = rows[begin : end + 1]
            if (many := len(list(of(window)))) > most:
                most, best[who] = many, window
    return best


def _found(
    odd: Odd, who: int, rows: Sequence[Look], count: int, kind: str = "", thing: str = ""
) -> Found:
    return Found(
        odd, who, kind, thing, rows[-1].at, count, tuple(look.id for look in rows[:_SHOWN_ROWS])
    )

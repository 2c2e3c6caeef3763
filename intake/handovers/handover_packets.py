"""What a commune is told of a case: only what it needs to act. Pure.

Who told the hotline stays with the hotline (NĐ 56/2017 Đ24): their fields are left out, and where their
name or number stands in a text it is blotted out. Ethnicity and school are no business of a first visit.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from json import dumps
from typing import Any

from intake.forms.forms import INFORMANT, tidy
from intake.search_words import folded

BLOT = "•••"
LONGEST = 8_000
_CHILD = ("name", "sex", "birth_date", "age", "address", "address_unit", "condition", "carer")
_OFFENDER = ("described", "relation", "nearness", "sex", "age", "whereabouts")
_REPORT = ("events", "done", "asked", "proposals")
_COLUMNS = {"done": ("at", "action", "agency", "result"), "asked": ("whom", "what", "until")}
_MOST_LINES = 20
"""`intake.documents.statutory_forms.QUICK_REPORT_2`."""
_DIGITS = re.compile(r"(?:\+?84|0)(?:[ .\-()]{0,2}[0-9]){8,10}")
_TITLES = ("anh", "ba", "bac", "cau", "chi", "chu", "co", "di", "em", "me", "mo", "ong", "thay", "thim")
_LEAST_LETTERS = 3
"""Shorter names are in every other word."""


@dataclass(frozen=True, slots=True)
class Packet:
    """Exactly what the receiver sees. `received_at` is ISO 8601; `children` and `offenders` hold the
    record's own fields and values; `reachable`: 111 knows how to ask the informant more."""

    number: str
    center: str
    risk: str
    problem: str
    place_unit: str
    place: str
    received_at: str
    summary: str
    request: str
    children: tuple[Mapping[str, str], ...]
    offenders: tuple[Mapping[str, str], ...]
    reachable: bool
    adults: bool = False
    """No child is in it."""
    report: tuple[Mapping[str, str], ...] = ()
    """What the case's quick report tells a commune, a line each: `part` with `text` (`events`,
    `proposals`), or with the columns of its table (`done`, `asked`)."""

    @property
    def digest(self) -> str:
        """The same only while it is word for word the same."""
        return sha256(dumps(as_json(self), sort_keys=True).encode()).hexdigest()


def as_json(packet: Packet) -> dict[str, Any]:
    return asdict(packet)


def from_json(kept: Mapping[str, Any]) -> Packet:
    many = {name: tuple(kept.get(name, ())) for name in ("children", "offenders", "report")}
    return Packet(**{**kept, **many})


def packet(
    *,
    number: str,
    center: str,
    received_at: str,
    fields: Mapping[str, str],
    told_by: Iterable[Mapping[str, str]],
    children: Iterable[Mapping[str, str]],
    offenders: Iterable[Mapping[str, str]],
    reachable: bool,
    summary: str,
    request: str,
    risk: str,
    adults: bool = False,
    report: Mapping[str, str] | None = None,
) -> Packet:
    """`fields`: about the case itself. `told_by`: of each record, for who told it: that is blotted out
    wherever it stands. `report`: the fields of its quick report; None: none goes along."""
    secrets = secrets_of(told_by)

    def told(text: str) -> str:
        return blotted(tidy(text).strip()[:LONGEST], secrets)

    def some(person: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
        return {name: told(person[name]) for name in names if person.get(name)}

    return Packet(
        number=number,
        center=center,
        risk=risk,
        problem=fields.get("problem", ""),
        place_unit=fields.get("place_unit", ""),
        place=told(fields.get("place", "")),
        received_at=received_at,
        summary=told(summary),
        request=told(request),
        children=tuple(each for child in children if (each := some(child, _CHILD))),
        offenders=tuple(each for one in offenders if (each := some(one, _OFFENDER))),
        reachable=reachable,
        adults=adults,
        report=tuple(
            {"part": part, **told_of}
            for part, line in _lines(report or {})
            if (told_of := some(line, line))
        ),
    )


def _lines(report: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Who told it, the child and the children beside it are in none of these parts."""
    for part in _REPORT:
        columns = _COLUMNS.get(part)
        if columns is None:
            yield part, {"text": report.get(part, "")}
            continue
        for number in range(1, _MOST_LINES + 1):
            yield part, {name: report.get(f"{part}.{number}.{name}", "") for name in columns}


def secrets_of(told_by: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """What tells who told it: what was written, and how a village calls them, `cô Đào`."""
    found: dict[str, None] = {}
    for fields in told_by:
        found |= dict.fromkeys(fields[name] for name in sorted(INFORMANT) if fields.get(name))
        given = fields.get("caller_name", "").split()[-1:]
        found |= dict.fromkeys(f"{title} {name}" for name in given for title in _TITLES)
    return tuple(found)


def blotted(text: str, secrets: Iterable[str]) -> str:
    """Without these words, written with or without marks, and without any telephone number: the
    hotline's numbers are in the directory, all others are somebody's."""
    hidden = _DIGITS.sub(BLOT, text)
    for secret in secrets:
        words = folded(secret).split()
        if len("".join(words)) >= _LEAST_LETTERS:
            hidden = _without(hidden, words)
    return hidden


def _without(text: str, words: Sequence[str]) -> str:
    """Signs and their folded forms are put side by side: a letter may be several signs."""
    signs = [(at, each) for at, sign in enumerate(text) for each in folded(sign)]
    line = "".join(each for _, each in signs)
    kept, last = [], 0
    spaced = r"\s+".join(map(re.escape, words))
    for found in re.finditer(rf"(?<![a-z0-9]){spaced}(?![a-z0-9])", line):
        begins, ends = signs[found.start()][0], signs[found.end() - 1][0] + 1
        kept += [text[last:begins], BLOT]
        last = ends
    return "".join([*kept, text[last:]])

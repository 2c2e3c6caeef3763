"""Who told it, once they wish not to be known: the one gate between what is kept and who reads it. Pure.

A record's revisions stay as they were written: they are evidence of who wrote what, and
NĐ 56/2017 Đ24 protects who told it. So what they hold of the informant is masked whenever it is read, as
long as the wish stands; it is left out of what only serves finding. A statutory form goes by consent:
`intake.documents.documents`.
"""

from collections.abc import Mapping
from itertools import chain
from typing import TypeVar

from intake.forms import forms

ANONYMOUS = "anonymous"
"""The field of a record that says so."""
MASK = "•••"
_Told = TypeVar("_Told")


def hidden(fields: Mapping[str, str]) -> frozenset[str]:
    """The fields of a record of which nothing earlier is shown any more."""
    return forms.INFORMANT if fields.get(ANONYMOUS) else frozenset()


def masked(
    changes: Mapping[str, tuple[str, str]], of: Mapping[str, str], *, always: bool = False
) -> dict[str, tuple[str, str]]:
    """One revision of a record that holds `of` now: that a field changed is told, not what to. `always`:
    for who reads the record and not who told it."""
    those = forms.INFORMANT if always else hidden(of)
    return {
        name: (_mask(pair[0]), _mask(pair[1])) if name in those else pair
        for name, pair in changes.items()
    }


def covered(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of a record for who does not read who told it: that it is known is told."""
    return {name: _mask(text) if name in forms.INFORMANT else text for name, text in fields.items()}


def _mask(text: str) -> str:
    return MASK if text else ""


def findable(fields: Mapping[str, _Told], of: Mapping[str, str]) -> dict[str, _Told]:
    """Without what nobody is to find the record by."""
    those = hidden(of)
    return {name: told for name, told in fields.items() if name not in those}


def ever(fields: Mapping[str, str], revisions: list[Mapping[str, list[str]]]) -> list[dict[str, str]]:
    """What a record told of its informant at any time, as fields: the present ones first."""
    earlier = chain.from_iterable(
        ({name: each} for name, pair in changes.items() if name in forms.INFORMANT for each in pair)
        for changes in revisions
    )
    return [dict(fields), *earlier]

"""What breaking the glass opens, by the rules alone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hotline.access import BEHIND_GLASS, Action, Glass, Role, Thing, Viewer, by_rules, may, opened
from hotline.ids import CenterId, StaffId

_MAY = {Role.COUNSELOR, Role.SHIFT_LEAD, Role.CENTER_LEAD}
_ANY = Glass(1, Thing.CASE, 7, "2026-HN-000007", 3, datetime(2026, 11, 20, 6, tzinfo=UTC))


def viewer(role: Role, glass: Glass | None = _ANY) -> Viewer:
    return Viewer(StaffId(1), "tv1", "An", role, CenterId(1), glass=glass)


def test_who_works_with_children_may_and_nobody_else() -> None:
    may_break = {role for role in Role if may(viewer(role), Action.BREAK_GLASS)}
    assert may_break == _MAY


@pytest.mark.parametrize("thing", Thing)
def test_one_thing_is_open_to_one_action(thing: Thing) -> None:
    one = viewer(Role.COUNSELOR, replace(_ANY, thing=thing))
    assert {action: opened(one, action) for action in Action if opened(one, action)} == {
        BEHIND_GLASS[thing]: 7
    }


def test_nothing_is_written_played_or_taken_out_behind_glass() -> None:
    assert set(BEHIND_GLASS.values()) == {Action.READ_CASE, Action.READ_RECORD}


@pytest.mark.parametrize("role", [one for one in Role if one not in _MAY])
def test_a_glass_of_somebody_who_may_not_break_it_opens_nothing(role: Role) -> None:
    assert not any(opened(viewer(role), action) for action in Action)


def test_without_a_glass_nothing_is_open() -> None:
    assert not any(opened(viewer(Role.COUNSELOR, None), action) for action in Action)
    assert by_rules(viewer(Role.COUNSELOR)) == viewer(Role.COUNSELOR, None)

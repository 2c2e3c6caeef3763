"""Every thing of a case, for every role, place and relation to it, through the addresses themselves."""

import asyncio
import re
from collections.abc import Iterator, Mapping

import pytest
from fastapi.routing import APIRoute
from httpx import Response
from starlette.routing import BaseRoute

from hotline.access import Role
from hotline.db import Base
from tests.dashboard.conftest import Face, _app
from tests.dashboard.permission_world import PEOPLE, ROLES, World, asks, build
from tests.dashboard.permissions import ELSEWHERE, KEPT_IN, NOT_OF_CASES, ROWS, Row

_REFUSED = frozenset({401, 403, 404})


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_everybody_reaches_what_is_theirs_and_nothing_else(face: Face) -> None:
    world = build(face)
    assert world.people.keys() == set(PEOPLE)
    found = asyncio.run(_walk(world))
    wrong = [
        f"{row.thing}: {row.way} {row.tells}\n"
        f"    reached by {sorted(reached - row.may)}, not by {sorted(row.may - reached)}"
        for row, reached in found
        if reached != row.may
    ]
    assert not wrong, "\n" + "\n".join(wrong)


async def _walk(world: World) -> list[tuple[Row, set[str]]]:
    """Row → who got through. A page is asked for once, however many rows look at it."""
    seen: dict[tuple[str, str], Response] = {}
    found = []
    for row in ROWS:
        reached = set()
        path = row.way.partition(" ")[2]
        for who in [one for one in PEOPLE if asks(one, path)]:
            known = seen.get((who, row.way))
            answer = known or await _ask(world, who, row)
            if row.tells:
                seen[who, row.way] = answer
            if _got_through(answer, row, world.ids):
                reached.add(who)
        found.append((row, reached))
    return found


async def _ask(world: World, who: str, row: Row) -> Response:
    method, _, path = row.way.partition(" ")
    data = {name: text.format(**world.ids) for name, text in row.data.items()}
    answer = await world.people[who].ask(method, path.format(**world.ids), data, brings=row.brings)
    assert answer.status_code < 500, (who, row)
    return answer


def _got_through(answer: Response, row: Row, ids: Mapping[str, object]) -> bool:
    to_log_in = answer.headers.get("location") == "/login"
    if answer.status_code in _REFUSED or to_log_in:
        return False
    return row.tells.format(**ids) in answer.text


def _routes(routes: list[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            inner = getattr(route, "original_router", None)
            yield from _routes(inner.routes if inner is not None else [])


def test_no_address_is_left_out() -> None:
    """Who adds one says here who reaches it."""
    asked = {re.sub(r"\{\w+\}", "0", row.way) for row in ROWS}
    left_out, known = [], set()
    for route in _routes(_app().routes):
        if route.endpoint.__module__.rpartition(".")[2] in ELSEWHERE:
            continue
        shape = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route.path))
        for method in (route.methods or set()) - {"HEAD"}:
            way, like = f"{method} {route.path}", re.compile(f"{method} {shape}")
            known.add(way)
            if way not in NOT_OF_CASES and not any(map(like.fullmatch, asked)):
                left_out.append(way)
    assert not left_out
    assert known >= NOT_OF_CASES


def test_no_role_and_no_table_is_left_out() -> None:
    assert {role for role, _, _ in ROLES.values()} == set(Role)
    tables, of_case = Base.metadata.tables.values(), {"case_file"}
    while more := {
        table.name
        for table in tables
        if table.name not in of_case
        and any(key.column.table.name in of_case for key in table.foreign_keys)
    }:
        of_case |= more
    assert of_case == KEPT_IN.keys()
    assert set(KEPT_IN.values()) <= {row.thing for row in ROWS}

"""Every thing of a case, for every role, place and relation to it, through the addresses themselves."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from httpx import Response
from starlette.routing import BaseRoute, Mount

from hotline.access import Role
from hotline.db import Base
from tests.dashboard import routes_page
from tests.dashboard.conftest import Face, _app
from tests.dashboard.overheard import Overheard, listening
from tests.dashboard.permission_world import PEOPLE, ROLES, World, asks, build
from tests.dashboard.permissions import KEPT_IN, ROWS, TELLER, Row
from tests.dashboard.permissions_house import HOUSE_ROWS, ONCE, OPEN

_REFUSED = frozenset({401, 403, 404})


@pytest.mark.timeout(400)
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_everybody_reaches_what_is_theirs_and_nothing_else(
    face: Face, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And on all these ways nothing of anybody gets into a log, into Redis or into an address."""
    with listening(redis, monkeypatch) as overheard:
        world = build(face)
        assert world.people.keys() == set(PEOPLE)
        told: list[str] = []
        found = asyncio.run(_walk(world, overheard, told))
        leaks = overheard.leaks()
    assert len(overheard.addresses) > 300
    assert "http" in overheard.written.getvalue()
    assert not leaks, "\n" + "\n".join(leaks)
    assert not told, "\n" + "\n".join(told)
    wrong = [
        f"{row.thing}: {row.way} {row.tells}\n"
        f"    reached by {sorted(reached - row.may)}, not by {sorted(row.may - reached)}"
        for row, reached in found
        if reached != row.may
    ]
    assert not wrong, "\n" + "\n".join(wrong)


_OF_CALLERS = re.compile(r"0912 345 678|\+84912345678|0987 654 321|\+84987654321|Bành Thị Đào")
"""Numbers of `permission_world` and `permission_house` as they are shown and kept; who told it."""


def _tells_of_callers(who: str, row: Row, answer: Response) -> bool:
    """Whether who is shown a caller's number or name neither talked with them nor leads there."""
    if not row.way.startswith("GET ") or who in TELLER:
        return False
    return _OF_CALLERS.search(re.sub(r'placeholder="[^"]*"', "", answer.text)) is not None


async def _walk(world: World, overheard: Overheard, told: list[str]) -> list[tuple[Row, set[str]]]:
    """Row → who got through; into `told` goes what is shown of callers. A page is asked for once,
    however many rows look at it."""
    seen: dict[tuple[str, str], Response] = {}
    found = []
    for row in (*ROWS, *HOUSE_ROWS):
        reached = set()
        path = row.way.partition(" ")[2]
        for who in [one for one in PEOPLE if asks(one, path)]:
            known = seen.get((who, row.way))
            answer = known or await _ask(world, who, row)
            overheard.page(f"{row.way} of {who}", answer)
            if known is None and _tells_of_callers(who, row, answer):
                told.append(f"{row.way} tells {who} of a caller")
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


def ways_of(routes: list[BaseRoute]) -> Iterator[str]:
    """Method and address of everything that answers, but the built files of the browser."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield from (f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"})
        elif isinstance(route, APIWebSocketRoute):
            yield f"WEBSOCKET {route.path}"
        elif (inner := getattr(route, "original_router", None)) is not None:
            yield from ways_of(inner.routes)
        else:
            assert isinstance(route, Mount), route
            assert route.path == "/static"


def test_no_address_is_left_out() -> None:
    """Who adds one says in `permissions` or `permissions_house` who reaches it."""
    walked = {re.sub(r"\{\w+\}", "0", row.way.partition("?")[0]) for row in (*ROWS, *HOUSE_ROWS)}
    ways = set(ways_of(_app().routes))
    told = OPEN.keys() | ONCE.keys()
    assert not told - ways
    likes = {way: re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(way)) for way in ways - told}
    assert not [way for way, like in likes.items() if not any(re.fullmatch(like, one) for one in walked)]


def test_the_page_of_addresses_shows_what_is_walked() -> None:
    written = routes_page.PAGE.read_text("utf-8")
    assert written == routes_page.page(), "run python -m tests.dashboard.routes_page"


def test_what_is_not_walked_has_a_test_of_its_own() -> None:
    tests = "".join(file.read_text("utf-8") for file in Path(__file__).parent.glob("test_*.py"))
    assert not [name for name in ONCE.values() if f"def {name}(" not in tests]


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

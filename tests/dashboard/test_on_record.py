"""Every page that tells of a child leaves a row that names who looked at what; so does every refusal."""

import asyncio
import re
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, select

from hotline.audit import Act, AuditRow
from hotline.db import reading
from tests.dashboard.conftest import Face
from tests.dashboard.permission_world import PEOPLE, World, asks, build
from tests.dashboard.permissions import ROWS
from tests.dashboard.permissions_house import HOUSE_ROWS

NO_CHILD = {
    "GET /rapid-team": "mobiles of staff on duty",
    "GET /delegations": "who of the staff approves for whom",
    "GET /case-limits": "hours for the steps of a case",
    "GET /offices": "programs of offices",
    "GET /offices/{office}": "programs of offices; messages by reference alone",
    "GET /directory": "duty numbers of offices, which everybody here may have",
    "GET /directory/entries/{directory}": "the same",
    "GET /directory/list.csv": "an empty list to fill in",
    "GET /directory/imports/{import}": "duty numbers of offices",
    "GET /cases/late": "how many of one's own cases are late, in the bar of every page",
    "GET /data-requests/late": "how many requests are late, in the bar of every page",
    "GET /desk": "the line, one's own calls and records; each look into one leaves its row",
    "GET /desk/line": "the same",
    "GET /desk/queue": "how many wait",
    "GET /desk/inbox": "how many reports wait, by reference",
    "GET /desk/colleagues?call={case_call}": "who of the colleagues is free",
    "GET /inbox/waiting": "reports nobody has taken, by reference and time: nothing of what they tell",
    "GET /inbox/new": "an empty form",
    "GET /glass": "an empty form",
    "GET /cases/export": "an empty form",
    "GET /figures/export": "an empty form",
    "GET /surveys/{survey}/export": "an empty form",
    "GET /search": "an empty form",
    "GET /call-out": "an empty form, and the emergency numbers",
    "GET /wallboard": "who of the staff talks or is free, and counts",
    "GET /wallboard/board": "the same",
    "GET /wallboard/figures": "counts",
    "GET /wallboard/figures/offered": "how a count is made",
    "GET /wallboard/staff/{staff}": "a form for a member of staff",
    "GET /wallboard/centers/{center}": "a form for a center",
    "GET /staffing": "counts",
    "GET /on-call": "mobiles of staff on call",
    "GET /roster": "shifts of staff",
    "GET /staff": "accounts",
    "GET /staff/new": "accounts",
    "GET /staff/{staff}": "accounts",
    "GET /handovers/{case_ref}": "leads to the case's page, which leaves its row",
}
"""Pages that may be seen without a row, and why."""
ONE_PLAYING = {"GET /recordings/{case_call}/original"}
"""One playing asks for many parts of a recording, whichever of its two files: one row within the time of
`intake.recordings.recordings.ONE_PLAYING`."""
ALL = (*ROWS, *HOUSE_ROWS)
_SOME = 4
_REFUSED = frozenset({403, 404})
_NO_STAFF = ("/h", "/api/")
"""Doors of people and programs that are not staff: what these see is on record, without a name."""


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_every_look_and_every_refusal_is_on_record(face: Face) -> None:
    world = build(face)
    wrong = asyncio.run(_walk(face.db, world))
    assert not wrong, "\n" + "\n".join(wrong)


async def _walk(db: Engine, world: World) -> list[str]:
    wrong = []
    looks = refusals = 0
    first = _newest(db)
    for turn, way in enumerate({row.way: None for row in ALL if row.way.startswith("GET ")}):
        template = way.partition(" ")[2]
        path = template.format(**world.ids)
        ids = {str(world.ids[name]) for name in re.findall(r"{(\w+)}", template.partition("?")[0])}
        for who in _asked(way, template, turn):
            before = _newest(db)
            answer = await world.people[who].ask("GET", path, {}, brings=False)
            viewer = world.people[who].viewer
            rows = _since(db, first if way in ONE_PLAYING else before, viewer.login if viewer else "")
            if answer.status_code < 300 and way not in NO_CHILD:
                looks += 1
                if not any(_names(row, ids, path) for row in rows):
                    wrong.append(f"{who} has {way}, and no row names it: {_told(rows)}")
            if answer.status_code in _REFUSED and viewer and not path.startswith(_NO_STAFF):
                refusals += 1
                if not any(row.act == Act.REFUSED and _names(row, ids, path) for row in rows):
                    wrong.append(f"{who} is refused {way}, and no row says so: {_told(rows)}")
    assert looks > 50
    assert refusals > 100
    return wrong


def _asked(way: str, template: str, turn: int) -> list[str]:
    """Everybody who may see a child's data there, and some of the others in turns: all refusals take
    one way, and who reaches what is walked in `test_permissions`."""
    may = set().union(*(row.may for row in ALL if row.way == way))
    everybody = [one for one in PEOPLE if asks(one, template)]
    refused = [one for one in everybody if one not in may]
    some = [refused[(turn + k) % len(refused)] for k in range(min(_SOME, len(refused)))]
    return [one for one in everybody if one in may and way not in NO_CHILD] + some


def _names(row: AuditRow, ids: set[str], path: str) -> bool:
    """Whether the row names the thing: an id of the address, or what is listed there. A handover
    is known by its reference outside and by its number in here."""
    if not ids or path.startswith(_NO_STAFF) or "/field/" in path:
        return bool(row.object_id)
    return row.object_id in ids


def _told(rows: Sequence[AuditRow]) -> str:
    return str([(row.act, row.object_kind, row.object_id) for row in rows])


def _newest(db: Engine) -> int:
    with reading(db) as session:
        return session.scalar(select(AuditRow.id).order_by(AuditRow.id.desc()).limit(1)) or 0


def _since(db: Engine, before: int, login: str) -> Sequence[AuditRow]:
    with reading(db) as session:
        rows = select(AuditRow).where(AuditRow.id > before, AuditRow.login == login)
        return session.scalars(rows).all()

"""Whose mobiles are rung, per center and in turn: when nobody can be reached (/on-call), and
when a child is in danger (/rapid-team)."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, Work
from dashboard.formats import by_given_name
from dashboard.rendering import page
from hotline import on_call, staff
from hotline.access import Action
from hotline.errors import BadInput
from hotline.ids import CenterId, StaffId
from hotline.on_call import Team
from hotline.staff import Center
from hotline.terms import LONGEST_REASON, Term

router = APIRouter()

TERMS = (8, 12, 24, 48, 72, 7 * 24)
"""Hours that a list may be for."""
_PLACES = {Team.HOUSE: "/on-call", Team.RAPID: "/rapid-team"}
Rows = tuple[tuple[int, str], ...]
"""As typed: staff id (0: an empty row) and number."""


def _team(asked: Asked) -> tuple[Team, Action]:
    """Which list this address is about, and the right to its page."""
    if asked.request.url.path.startswith(_PLACES[Team.RAPID]):
        return Team.RAPID, Action.EDIT_RAPID_TEAM
    return Team.HOUSE, Action.EDIT_ON_CALL


@router.get("/on-call")
@router.get("/rapid-team")
def lists(asked: Asking) -> Response:
    team, need = _team(asked)
    with asked.work(need, write=False) as work:
        return _page(asked, work, team)


@router.post("/on-call/{center_id}")
@router.post("/rapid-team/{center_id}")
def save(
    asked: Asking,
    center_id: Id,
    who: Annotated[list[int] | None, Form()] = None,
    number: Annotated[list[str] | None, Form()] = None,
    hours: Annotated[int, Form(ge=0, le=14 * 24)] = 0,
    reason: Annotated[str, Form(max_length=LONGEST_REASON)] = "",
) -> Response:
    """Rows without a person are left out; the order is that of the rows. For so many hours, 0: until it
    is changed."""
    typed: Rows = tuple(zip(who or [], number or [], strict=False))
    people = [(StaffId(one), "".join(text.split())) for one, text in typed if one]
    term = Term(reason, timedelta(hours=hours) if hours else None)
    where = CenterId(center_id)
    team, need = _team(asked)
    with asked.work(need) as work:
        try:
            with work.session.begin_nested():
                work.signal(on_call.edit(work.session, work.viewer, where, people, term, work.now, team))
        except BadInput:
            return _page(asked, work, team, 422, wrong=center_id, typed=typed, reason=reason)
    return RedirectResponse(_PLACES[team], 303)


@router.post("/on-call/lists/{list_id}/undo")
@router.post("/rapid-team/lists/{list_id}/undo")
def undo(asked: Asking, list_id: Id) -> Response:
    """The list before is in force again."""
    team, need = _team(asked)
    with asked.work(need) as work:
        work.signal(on_call.undo(work.session, work.viewer, list_id, work.now))
    return RedirectResponse(_PLACES[team], 303)


def _page(
    asked: Asked,
    work: Work,
    team: Team,
    status: int = 200,
    wrong: int = 0,
    typed: Rows = (),
    reason: str = "",
) -> Response:
    session, viewer = work.session, work.viewer
    mine = [one for one in staff.centers(session) if on_call.edits(viewer, team, one.id)]
    everybody = by_given_name(staff.everybody(session), lambda one: one.name)
    rows = {one.id: typed if one.id == wrong else _rows(work, one, team) for one in mine}
    return page(
        asked,
        work,
        "on_call.html",
        status=status,
        team=team,
        place=_PLACES[team],
        centers=mine,
        people={one.id: [who for who in everybody if who.center.id == one.id] for one in mine},
        rows={
            where: (*given, *((0, ""),) * max(0, on_call.MOST - len(given)))
            for where, given in rows.items()
        },
        wrong=wrong,
        reason=reason,
        stands={one.id: on_call.in_force(session, one.id, work.now, team) for one in mine},
        terms=TERMS,
    )


def _rows(work: Work, center: Center, team: Team) -> Rows:
    found = on_call.of_center(work.session, center.code, work.now, team)
    return tuple((one.staff.id, one.number) for one in found)

"""Within how long each step of a case is to be done, per center, province and commune."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Work, typed_number
from dashboard.rendering import page
from hotline import staff
from hotline.access import Action, Scope, reaches, scope
from hotline.errors import FieldErrors
from hotline.ids import CenterId
from hotline.units import NEW
from hotline.units import unit as unit_of
from intake.cases import case_limits
from intake.cases.case_limits import Where
from intake.cases.deadlines import Clock
from intake.forms import places
from intake.forms.place_lines import find_in

router = APIRouter()


@router.get("/case-limits")
def limits(
    asked: Asking,
    center: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    unit: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Of a center, the viewer's own when none is named, or of a `unit`: an id or what somebody types."""
    with asked.work(Action.SET_CASE_LIMITS, write=False) as work:
        return _page(asked, work, center, unit)


@router.post("/case-limits/{clock}")
def put(
    asked: Asking,
    clock: Clock,
    center: Annotated[int, Form(ge=0, le=2**31 - 1)] = 0,
    unit: Annotated[str, Form(max_length=10)] = "",
    amount: Annotated[str, Form(max_length=10)] = "",
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """`amount` empty: as everywhere again."""
    typed = amount.strip()
    with asked.work(Action.SET_CASE_LIMITS) as work:
        try:
            number = typed_number(typed) if typed else None
            where = Where(unit=unit) if unit else Where(CenterId(center))
            case_limits.put(work.session, work.viewer, where, clock, number, reason, work.now)
        except FieldErrors as wrong:
            kept = {"amount": typed, "reason": reason}
            return _page(asked, work, center, unit, 422, tried=clock, typed=kept, wrong=wrong.fields)
    return RedirectResponse(
        f"/case-limits?unit={unit}" if unit else f"/case-limits?center={center}", 303
    )


def _page(
    asked: Asked, work: Work, center: int, sought: str, status: int = 200, **given: Any
) -> Response:
    line = " ".join(sought.split())
    kept = places.canonical(line)
    found = unit_of(kept)
    unit_id = kept if found is not None and found.era == NEW else ""
    here = CenterId(center or work.viewer.center_id)
    where = Where(unit=unit_id) if unit_id else Where(here)
    context: dict[str, Any] = {
        "lines": case_limits.of_unit(work.session, work.viewer, where) if unit_id or not line else (),
        "centers": [
            one
            for one in staff.centers(work.session)
            if reaches(work.viewer, Action.SET_CASE_LIMITS, owner=None, center=one.id)
        ],
        "everywhere": scope(work.viewer, Action.SET_CASE_LIMITS) is Scope.ALL,
        "here": here,
        "unit_id": unit_id,
        "sought": line,
        "choices": () if unit_id or not line else [one for one in find_in(line).units if one.era == NEW],
        "tried": "",
        "typed": {},
        "wrong": {},
    }
    return page(asked, work, "case_limits.html", status=status, **(context | given))

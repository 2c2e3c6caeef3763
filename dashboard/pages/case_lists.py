"""The list of cases: filters in the address (codes alone), kept filters, the same as a sheet, and giving
many to another owner."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from dashboard import case_sheet
from dashboard.asking import Asked, Asking, Id, OtherId, Work
from dashboard.rendering import page
from dashboard.roster_sheet import XLSX
from hotline import audit, keyring, staff, stated_reasons
from hotline.access import Action
from hotline.audit import Act
from hotline.clock import local
from hotline.errors import FieldErrors
from hotline.ids import CaseId, StaffId
from hotline.settings import settings
from hotline.stated_reasons import Purpose
from hotline.units import unit
from intake.cases import case_bulk, case_filters, case_lists, late_cases, left_work
from intake.cases.case_filters import CaseFilter
from intake.cases.flow import CLOSED, State
from intake.forms.place_finding import find
from intake.forms.places import canonical
from intake.forms.taxonomy import Risk
from intake.handovers import handover_views
from intake.plans import plan_views

router = APIRouter()

OPEN_STATES = tuple(one for one in State if one not in CLOSED)
QUICK = (
    CaseFilter(),
    CaseFilter(mine=True),
    CaseFilter(overdue=True),
    CaseFilter(risk=Risk.EMERGENCY),
    CaseFilter(trafficking=True),
    CaseFilter(over=True),
)
LEFT = CaseFilter(left=True)
"""What is one press away."""


@router.get("/cases")
def case_list(
    asked: Asking, after: str = "", place: Annotated[str, Query(max_length=300)] = ""
) -> Response:
    """`place` is what somebody typed: the unit that fits best is taken, and stands in the address."""
    with asked.work(Action.READ_CASE) as work:
        given = dict(asked.request.query_params)
        found = _unit(place)
        wanted = case_filters.read(given | ({"unit": found} if place else {}))
        if found:
            return RedirectResponse(f"/cases?{case_filters.written(wanted)}", 303)
        return _page(asked, work, wanted, after, unknown=place)


@router.get("/cases/late")
def late(asked: Asking) -> Response:
    """What the bar of every page says of one's own cases, as of now."""
    with asked.work(Action.WRITE_CASE, write=False) as work:
        mine = late_cases.of(work.session, work.viewer, work.now)
        return page(asked, work, "_late_cases.html", mine=mine)


@router.get("/cases/export")
def export_asks(asked: Asking) -> Response:
    """What for."""
    with asked.work(Action.EXPORT_CASES, write=False) as work:
        return _ask_purpose(asked, work, case_filters.read(dict(asked.request.query_params)))


@router.post("/cases/export")
def export(
    asked: Asking,
    filter: Annotated[str, Form(max_length=500)] = "",
    reason: Annotated[str, Form(max_length=40)] = "",
    words: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    wanted = case_filters.read(dict(parse_qsl(filter)))
    with asked.work(Action.EXPORT_CASES) as work:
        try:
            written = stated_reasons.checked(reason, words, set(Purpose))
        except FieldErrors as wrong:
            typed = {"reason": reason, "words": words}
            return _ask_purpose(asked, work, wanted, 422, typed=typed, wrong=wrong.fields)
        ring = keyring.recording_keys(settings())
        stated = stated_reasons.state(work.session, work.viewer, reason, written, ring, work.now)
        lines, _ = case_lists.export(work.session, work.viewer, wanted, stated, work.now)
        content = case_sheet.write(asked.language, lines, made_up=work.made_up)
        name = f"111-ca-{local(work.now):%Y-%m-%d-%H%M}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=XLSX, headers=headers)


def _ask_purpose(
    asked: Asked, work: Work, wanted: CaseFilter, status: int = 200, **told: Any
) -> Response:
    blank: dict[str, Any] = {"typed": {}, "wrong": {}}
    return page(
        asked,
        work,
        "cases_export.html",
        status=status,
        query=case_filters.written(wanted),
        reasons=tuple(Purpose),
        exported_most=case_lists.EXPORTED_MOST,
        LONGEST=stated_reasons.LONGEST,
        **(blank | told),
    )


@router.post("/cases/filters")
def save_filter(
    asked: Asking,
    name: Annotated[str, Form(max_length=300)] = "",
    filter: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Keep what the list is narrowed to now under a name of one's own."""
    wanted = case_filters.read(dict(parse_qsl(filter)))
    with asked.work(Action.READ_CASE) as work:
        try:
            case_lists.save(work.session, work.viewer, name, wanted)
        except FieldErrors as wrong:
            return _page(asked, work, wanted, status=422, name=name, name_problem=wrong.fields["name"])
    return RedirectResponse(f"/cases?{case_filters.written(wanted)}", 303)


@router.post("/cases/filters/{filter_id}/forget")
def forget_filter(asked: Asking, filter_id: Id) -> Response:
    with asked.work(Action.READ_CASE) as work:
        case_lists.forget(work.session, work.viewer, filter_id)
    return RedirectResponse("/cases", 303)


@router.post("/cases/assign")
def assign(
    asked: Asking,
    cases: Annotated[Sequence[int], Form()] = (),
    to: OtherId = 0,
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Give all that were chosen to one owner; the page says which could not be given, and why."""
    wanted = case_filters.read(dict(asked.request.query_params))
    told: dict[str, Any] = {}
    status = 200
    with asked.work(Action.HAND_CASE_ON) as work:
        ids = [CaseId(each) for each in cases if 0 <= each < 2**31]
        try:
            told["given"] = case_bulk.hand_on(
                work.session, work.viewer, ids, StaffId(to), reason, work.now
            )
        except FieldErrors as wrong:
            problems = [f"{name}_{code}" for name, code in wrong.fields.items()]
            bulk = {"to": str(to), "reason": reason}
            told |= {"bulk_problems": problems, "bulk": bulk, "chosen": set(map(str, ids))}
            status = 422
        return _page(asked, work, wanted, status=status, **told)


def _unit(place: str) -> str:
    """Its id; empty when nothing is like it."""
    kept = canonical(place)
    if unit(kept) or not kept:
        return kept
    return next((one.id for one in find(place, 1)), "")


def _page(
    asked: Asked,
    work: Work,
    wanted: CaseFilter,
    after: str = "",
    status: int = 200,
    **told: Any,
) -> Response:
    shown = case_lists.page(work.session, work.viewer, wanted, case_filters.mark(after), work.now)
    seen = f"{len(shown.lines)} {case_filters.written(wanted)}"[:200]
    audit.note(work.session, work.viewer, Act.LIST, "case", "list", work.now, seen)
    gives = case_bulk.gives(work.viewer)
    orphaned = left_work.of_reach(work.session, work.viewer) if gives else left_work.NONE
    blank: Mapping[str, Any] = {
        "unknown": "",
        "name": "",
        "name_problem": "",
        "given": None,
        "bulk_problems": (),
        "bulk": {},
        "chosen": (),
    }
    return page(
        asked,
        work,
        "cases.html",
        status=status,
        shown=shown,
        lines=shown.lines,
        plans=plan_views.in_force(work.session, [one.id for one in shown.lines], work.now),
        handed_over=handover_views.standing_of(work.session, [one.id for one in shown.lines], work.now),
        wanted=wanted,
        query=case_filters.written(wanted),
        written=case_filters.written,
        counted_most=case_lists.COUNTED_MOST,
        exported_most=case_lists.EXPORTED_MOST,
        later=bool(after),
        quick=(*QUICK, LEFT) if orphaned.cases or wanted == LEFT else QUICK,
        orphaned=orphaned,
        saved=case_lists.saved(work.session, work.viewer),
        centers=staff.centers(work.session),
        states=OPEN_STATES,
        risks=tuple(Risk),
        heirs=case_bulk.heirs(work.session, work.viewer) if gives else (),
        **{**blank, **told},
    )

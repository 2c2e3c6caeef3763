"""Staffing: what calls the coming week brings, whether enough counselors are on the roster, what if."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from dashboard import staffing_view
from dashboard.asking import Asked, Asking, Id, Work
from dashboard.rendering import page
from dashboard.staffing_chart import chart
from dashboard.staffing_view import Change, Learned
from dashboard.words import word
from hotline import jobs, staff
from hotline.access import Action
from hotline.errors import BadInput
from hotline.settings import settings
from routing import what_if, what_ifs
from routing.forecast import LEAST_DAYS
from routing.shifts import SHIFTS
from routing.what_ifs import WhatIf

router = APIRouter()

_Seconds = Annotated[int, Form(ge=0, le=600)]


@router.get("/staffing")
def staffing(asked: Asking, day: Annotated[date | None, Query()] = None) -> Response:
    """The week, and one of its days half hour by half hour."""
    with asked.work(Action.SEE_STAFFING, write=False) as work:
        known = staffing_view.learned(work)
        if known is None:
            return page(asked, work, "staffing.html", known=None, least=LEAST_DAYS)
        week = staffing_view.week(work, known, day)
        return page(
            asked,
            work,
            "staffing.html",
            known=known,
            week=week,
            chart=chart(week.slots),
            shifts=SHIFTS,
            centers=staff.centers(work.session),
            of=settings(),
        )


@router.post("/staffing/what-if")
def ask(
    asked: Asking,
    day: Annotated[date, Form()],
    calls: Annotated[int, Form(ge=10, le=1000)],
    counselors: Annotated[int, Form(ge=-50, le=200)],
    overflow: _Seconds,
    wrap_up: _Seconds,
    limit: _Seconds,
    shift: Annotated[Literal["", "morning", "afternoon", "night"], Form()] = "",
    center: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """A worker simulates the day as planned and as changed; the answer comes into the page."""
    change = Change(day, calls, counselors, shift, overflow, wrap_up, limit, center)
    with asked.work(Action.SEE_STAFFING) as work:
        question = staffing_view.question(work, _learned(work), change)
        asked_id = what_ifs.ask(work.session, work.viewer, question, work.now)
        found = what_ifs.of(work.session, work.viewer, asked_id)
        shown = _shown(asked, work, found)
    jobs.enqueue(what_ifs.JOB, asked_id)
    return shown


@router.get("/staffing/what-if/{what_if_id}")
def answer(asked: Asking, what_if_id: Id) -> Response:
    """The answer, or how long it will still take."""
    with asked.work(Action.SEE_STAFFING, write=False) as work:
        found = what_ifs.of(work.session, work.viewer, what_if_id)
        return _shown(asked, work, found)


def _shown(asked: Asked, work: Work, found: WhatIf) -> Response:
    return page(
        asked,
        work,
        "_what_if.html",
        tried=found,
        takes=what_if.takes(found.question),
        part_names=[
            *((each.code.lower(), each.name) for each in staff.centers(work.session)),
            *((shift.code, word(asked.language, shift.code, "shift")) for shift in SHIFTS),
        ],
    )


def _learned(work: Work) -> Learned:
    known = staffing_view.learned(work)
    if known is None:
        raise BadInput("too few days are known to simulate one")
    return known

"""Staffing: how many calls the coming week brings, and whether enough counselors are on the roster."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from dashboard import staffing_view
from dashboard.asking import Asking
from dashboard.rendering import page
from dashboard.staffing_chart import chart
from hotline.access import Action
from routing.forecast import LEAST_DAYS

router = APIRouter()


@router.get("/staffing")
def staffing(asked: Asking, day: Annotated[date | None, Query()] = None) -> Response:
    """The week, and one of its days half hour by half hour."""
    with asked.work(Action.SEE_STAFFING, write=False) as work:
        known = staffing_view.learned(work)
        if known is None:
            return page(asked, work, "staffing.html", known=None, least=LEAST_DAYS)
        week = staffing_view.week(work, known, day)
        return page(asked, work, "staffing.html", known=known, week=week, chart=chart(week.slots))

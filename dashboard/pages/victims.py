"""Anti-trafficking cases: to whom their victims are referred, and the figures of all of them."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, Work
from dashboard.formats import typed_moment
from dashboard.pages.cases import case_page
from dashboard.periods import asked_period
from dashboard.rendering import page
from hotline.access import Action
from hotline.clock import local
from hotline.errors import BadInput, FieldErrors
from hotline.ids import CaseId
from intake.cases import cases
from intake.statistics import tracing
from intake.statistics.tables import Table
from intake.victims import trafficking_counts, victim_referrals
from intake.victims.trafficking_counts import PUBLISHED

router = APIRouter()


async def _told(request: Request) -> Mapping[str, str]:
    """Every field of the form."""
    return {name: str(text) for name, text in (await request.form()).items()}


Told = Annotated[Mapping[str, str], Depends(_told)]


@router.post("/cases/{case_id}/referrals")
def refer(
    asked: Asking, case_id: Id, told: Told, token: Annotated[str, Form(pattern=r"^[\w-]{16,40}$")]
) -> Response:
    this = CaseId(case_id)
    with asked.work(Action.WRITE_CASE) as work:
        try:
            when = typed_moment(told.get("happened_at", ""))
            victim_referrals.refer(work.session, work.viewer, this, told, token, work.now, when)
        except BadInput as wrong:
            return _again(asked, work, this, "new", told, wrong)
    return RedirectResponse(f"/cases/{case_id}#victims", 303)


@router.post("/cases/{case_id}/referrals/{referral_id}/result")
def tell_result(asked: Asking, case_id: Id, referral_id: Id, told: Told) -> Response:
    this = CaseId(case_id)
    with asked.work(Action.WRITE_CASE) as work:
        try:
            when = typed_moment(told.get("happened_at", ""))
            victim_referrals.tell_result(
                work.session, work.viewer, this, referral_id, told, work.now, when
            )
        except BadInput as wrong:
            return _again(asked, work, this, str(referral_id), told, wrong)
    return RedirectResponse(f"/cases/{case_id}#victims", 303)


def _again(
    asked: Asked, work: Work, case_id: CaseId, tried: str, told: Mapping[str, str], wrong: BadInput
) -> Response:
    """The case with what was typed, and beside it what is wrong."""
    fields = wrong.fields if isinstance(wrong, FieldErrors) else {"happened_at": "not_a_time"}
    shown = cases.case(work.session, work.viewer, case_id, work.now)
    return case_page(asked, work, shown, 422, victim_tried=tried, victim_told=told, victim_wrong=fields)


@router.get("/figures/trafficking")
def figures(
    asked: Asking,
    first: Annotated[str, Query(max_length=10)] = "",
    last: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """Days as ISO 8601; this month when none is named."""
    with asked.work(Action.SEE_SPECIAL_FIGURES) as work:
        today: date = local(work.now).date()
        period = asked_period(first, last, today)
        told = trafficking_counts.figures(work.session, work.viewer, period.first, period.last, work.now)
        codes = {Table.TRAFFICKING: tuple(PUBLISHED), Table.REFERRALS: tuple(told.referrals)}
        leads = {table: of for table, of in codes.items() if tracing.traceable(work.viewer, table)}
        return page(asked, work, "figures_trafficking.html", told=told, period=period, leads=leads)

"""Anti-trafficking cases: to whom their victims are referred, and the figures of all of them."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from dashboard import report_rows
from dashboard.asking import Asked, Asking, Id, Work
from dashboard.formats import typed_moment
from dashboard.i18n import N_, Language
from dashboard.pages.cases import case_page
from dashboard.periods import asked_period
from dashboard.rendering import page
from dashboard.trafficking_words import OF_PARTS
from dashboard.words import word
from hotline import audit
from hotline.access import Action
from hotline.audit import Act
from hotline.calendar import DAY, start_of
from hotline.clock import local
from hotline.errors import BadInput, FieldErrors, NotVisible
from hotline.ids import CaseId
from intake.cases import cases
from intake.statistics import traced_special
from intake.statistics.tables import TOTAL
from intake.victims import trafficking_figures, victim_referrals
from intake.victims.trafficking_figures import Part

router = APIRouter()
_HOME = N_("Phòng, chống mua bán người")


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
        told = trafficking_figures.figures(
            work.session, work.viewer, period.first, period.last, work.now
        )
        return page(
            asked,
            work,
            "figures_trafficking.html",
            told=told,
            period=period,
            leads=lambda part: traced_special.leads(work.viewer, Part(part)),
            KINDS=OF_PARTS,
        )


@router.get("/figures/trafficking/rows")
def rows(
    asked: Asking,
    part: Annotated[str, Query(max_length=20)],
    code: Annotated[str, Query(max_length=20)],
    first: Annotated[str, Query(max_length=10)] = "",
    last: Annotated[str, Query(max_length=10)] = "",
    page_number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    """What a figure counts, as far as the viewer may see it anyway."""
    with asked.work(Action.SEE_SPECIAL_FIGURES, write=False) as work:
        period = asked_period(first, last, local(work.now).date())
        if part not in set(Part):
            raise NotVisible("figure")
        begins, ends = start_of(period.first), start_of(period.last + DAY)
        found = traced_special.trafficking(
            work.session, work.viewer, begins, ends, Part(part), code, page_number
        )
    with asked.work(Action.SEE_SPECIAL_FIGURES) as work:
        days, seen = f"{period.first}..{period.last}", f"{part} {code} {len(found.rows)}"
        audit.note(work.session, work.viewer, Act.LIST, "trafficking_figures", days, work.now, seen)
        asked_for = f"first={period.first}&last={period.last}"
        language = asked.language
        return page(
            asked,
            work,
            "figures_rows.html",
            found=found,
            page_number=page_number,
            home=(f"/figures/trafficking?{asked_for}", language.say(_HOME)),
            part=word(language, part, "trafficking_part"),
            meant=word(language, part, "trafficking_meant"),
            label=_label(language, part, code),
            told=partial(report_rows.told, language),
            address=f"/figures/trafficking/rows?{asked_for}&part={part}&code={code}",
        )


def _label(language: Language, part: str, code: str) -> str:
    if code == TOTAL:
        return word(language, TOTAL, "report_column")
    return word(language, code, OF_PARTS[part])

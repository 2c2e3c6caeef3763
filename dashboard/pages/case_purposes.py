"""What files of a case that is not one's own are taken out for: asked once for each case and log-in."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, Work, ours
from dashboard.rendering import page
from hotline import keyring
from hotline.access import Action
from hotline.errors import FieldErrors
from hotline.ids import CaseId
from hotline.settings import settings
from hotline.stated_reasons import LONGEST, Purpose
from intake.cases import cases, file_purposes
from intake.cases.file_purposes import PurposeNeeded

router = APIRouter()

_Back = Annotated[str, Query(max_length=500)]


def asks_first(needed: PurposeNeeded) -> Response:
    """In the place of a file."""
    return RedirectResponse(f"/cases/{needed.case_id}/purpose", 303)


@router.get("/cases/{case_id}/purpose")
def asks(asked: Asking, case_id: Id, back: _Back = "") -> Response:
    with asked.work(Action.READ_CASE) as work:
        return _ask(asked, work, case_id, back)


@router.post("/cases/{case_id}/purpose")
def state(
    asked: Asking,
    case_id: Id,
    reason: Annotated[str, Form(max_length=40)] = "",
    words: Annotated[str, Form(max_length=4000)] = "",
    back: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    ring = keyring.recording_keys(settings())
    with asked.work(Action.READ_CASE) as work:
        try:
            file_purposes.state(
                work.session, work.viewer, CaseId(case_id), reason, words, ring, work.now
            )
        except FieldErrors as wrong:
            typed = {"reason": reason, "words": words}
            return _ask(asked, work, case_id, back, 422, typed=typed, wrong=wrong.fields)
    return RedirectResponse(quote(ours(back or f"/cases/{case_id}"), safe="/#"), 303)


def _ask(asked: Asked, work: Work, case_id: int, back: str, status: int = 200, **told: Any) -> Response:
    blank: dict[str, Any] = {"typed": {}, "wrong": {}}
    return page(
        asked,
        work,
        "case_purpose.html",
        status=status,
        case=cases.case(work.session, work.viewer, CaseId(case_id), work.now),
        back=ours(back or f"/cases/{case_id}"),
        reasons=tuple(Purpose),
        LONGEST=LONGEST,
        **(blank | told),
    )

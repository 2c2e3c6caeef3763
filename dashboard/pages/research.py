"""Extracts for research: asked for, allowed by another person, and fetched."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboard import form_view
from dashboard.asking import Asked, Asking, Id, Work
from dashboard.rendering import page
from hotline import jobs, keyring
from hotline.access import Action
from hotline.errors import Conflict, FieldErrors
from hotline.settings import settings
from intake.research import extracts
from intake.research.research_rules import ALWAYS, columns
from intake.small_cells import LEAST

router = APIRouter()

_Text = Annotated[str, Form(max_length=4000)]


@router.get("/research")
def everything(asked: Asking) -> Response:
    with asked.work(Action.EXPORT_RESEARCH) as work:
        return _list(asked, work)


@router.post("/research")
def ask(
    asked: Asking,
    token: Annotated[str, Form(pattern=r"^[\w-]{16,40}$")],
    column: Annotated[list[str] | None, Form()] = None,
    researcher: _Text = "",
    institution: _Text = "",
    purpose: _Text = "",
    first: _Text = "",
    last: _Text = "",
) -> Response:
    told = {"researcher": researcher, "institution": institution, "purpose": purpose}
    with asked.work(Action.EXPORT_RESEARCH) as work:
        try:
            extracts.ask(
                work.session,
                work.viewer,
                told,
                _day(first),
                _day(last),
                column or [],
                token,
                keyring.recording_keys(settings()),
                work.now,
            )
        except FieldErrors as wrong:
            typed = {**told, "first": first, "last": last}
            return _list(asked, work, 422, typed=typed, picked=column or [], wrong=wrong.fields)
    return RedirectResponse("/research", 303)


@router.post("/research/{extract_id}/allow")
def allow(asked: Asking, extract_id: Id) -> Response:
    answer = _decide(asked, extract_id, allow=True)
    if answer.status_code == 303:
        jobs.enqueue(extracts.JOB, extract_id)
    return answer


@router.post("/research/{extract_id}/refuse")
def refuse(asked: Asking, extract_id: Id) -> Response:
    return _decide(asked, extract_id, allow=False)


def _decide(asked: Asked, extract_id: int, *, allow: bool) -> Response:
    with asked.work(Action.EXPORT_RESEARCH) as work:
        try:
            extracts.decide(work.session, work.viewer, extract_id, work.now, allow=allow)
        except Conflict as conflict:
            return _list(asked, work, 409, wrong={"": str(conflict)})
    return RedirectResponse("/research", 303)


@router.get("/research/{extract_id}/{kind}")
def fetch(asked: Asking, extract_id: Id, kind: str) -> Response:
    """`extract` or `codebook`, as CSV."""
    with asked.work(Action.EXPORT_RESEARCH) as work:
        ring = keyring.recording_keys(settings())
        content = extracts.fetch(work.session, work.viewer, extract_id, kind, ring, work.now)
        about = "mo-phong-" if work.made_up else ""  # rows of a table have no place to say so
    named = {"Content-Disposition": f'attachment; filename="111-{about}{kind}-{extract_id}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=named)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _list(asked: Asked, work: Work, status: int = 200, **given: Any) -> Response:
    blank: dict[str, Any] = {"typed": {}, "picked": (), "wrong": {}}
    ring = keyring.recording_keys(settings())
    return page(
        asked,
        work,
        "research.html",
        status=status,
        extracts=extracts.everything(work.session, work.viewer, ring, work.now),
        COLUMNS=columns(),
        ALWAYS=ALWAYS,
        LEAST=LEAST,
        token=form_view.new_token(),
        **(blank | given),
    )

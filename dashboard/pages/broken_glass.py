"""In an emergency: one case or record that no rule opens, by its number and for a reason (ADR 28)."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Work
from dashboard.rendering import page
from hotline import broken_glass, keyring, stated_reasons
from hotline.access import Action, Thing
from hotline.broken_glass import Emergency
from hotline.errors import FieldErrors
from hotline.settings import settings
from intake import behind_glass

router = APIRouter()

_Text = Annotated[str, Form(max_length=4000)]
_PAGES = {Thing.CASE: "/cases/{}", Thing.RECORD: "/records/{}"}


@router.get("/glass")
def asks(asked: Asking) -> Response:
    with asked.work(Action.BREAK_GLASS, write=False) as work:
        return _ask(asked, work)


@router.post("/glass")
def shatter(asked: Asking, number: _Text = "", reason: _Text = "", words: _Text = "") -> Response:
    """A number that is not there, and a try too many, are told alike."""
    typed = {"number": number, "reason": reason, "words": words}
    with asked.work(Action.BREAK_GLASS) as work:
        used = settings()
        try:
            found, signals = behind_glass.shatter(
                work.session,
                work.viewer,
                number,
                reason,
                words,
                keyring.recording_keys(used),
                work.now,
                lasts=timedelta(minutes=used.glass_minutes),
                most=used.glass_tries,
            )
        except FieldErrors as wrong:
            return _ask(asked, work, 422, typed=typed, wrong=wrong.fields)
        if found is None:
            return _ask(asked, work, 422, typed=typed, refused=True)
        work.signal(signals)
        return RedirectResponse(_PAGES[found.thing].format(found.id), 303)


@router.post("/glass/end")
def end(asked: Asking) -> Response:
    with asked.work() as work:
        broken_glass.end(work.session, work.viewer, work.glass, work.now)
    return RedirectResponse("/", 303)


@router.get("/glass/over")
def over(asked: Asking) -> Response:
    """The page of what was open asks when its time should be over: then it goes."""
    with asked.work(write=False) as work:
        if work.glass is not None:
            return Response(status_code=204)
    return Response(status_code=204, headers={"HX-Redirect": "/"})


def _ask(asked: Asked, work: Work, status: int = 200, **told: Any) -> Response:
    blank: dict[str, Any] = {"typed": {}, "wrong": {}, "refused": False}
    return page(
        asked,
        work,
        "glass.html",
        status=status,
        reasons=tuple(Emergency),
        minutes=settings().glass_minutes,
        LONGEST=stated_reasons.LONGEST,
        **(blank | told),
    )

"""A call to any number outside: asked first, like every call of ours, whether it is safe."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Work
from dashboard.formats import phone
from dashboard.rendering import page
from hotline.access import Action
from hotline.errors import BadInput, Conflict
from hotline.ids import CallId
from intake.calls import callbacks, calls_out
from intake.calls.callback_rules import Safe
from intake.calls.callbacks import KnownNumber
from intake.numbers import normal

router = APIRouter()

Text = Annotated[str, Form()]
_CALL_ID = r"^[!-~]{0,150}$"


@router.get("/call-out")
def ask_first(asked: Asking, call: Annotated[str, Query(pattern=_CALL_ID)] = "") -> Response:
    """`call`: whose number it is. A number that is owed a call has a page of its own."""
    with asked.work(Action.CALL_BACK) as work:
        known = _known(work, call)
        if known is not None and known.number is not None:
            owed = callbacks.owed(work.session, work.viewer, known.number)
            if owed is not None:
                return RedirectResponse(f"/callbacks/{owed}/call", 303)
        typed = phone(known.number) if known is not None and known.number else ""
        return _page(asked, work, known, call_id=call, typed=typed)


@router.post("/call-out")
def call(
    asked: Asking,
    number: Text = "",
    safe: Text = "",
    note: Text = "",
    call: Annotated[str, Form(pattern=_CALL_ID)] = "",
) -> Response:
    """Ring it; the desk tells what becomes of the call."""
    with asked.work(Action.CALL_BACK) as work:
        given = {"call_id": call, "typed": number, "note": note}
        wanted = normal(number) or ""
        owed = callbacks.owed(work.session, work.viewer, wanted)
        if owed is not None:
            return RedirectResponse(f"/callbacks/{owed}/call", 303)
        if safe not in Safe.__members__.values():
            return _page(asked, work, _known(work, call), 422, wrong={"safe": "safe"}, **given)
        try:
            work.signal(calls_out.ask(work.session, work.viewer, wanted, Safe(safe), note, work.now))
        except Conflict as conflict:
            return _page(asked, work, _known(work, call), 409, problem=str(conflict), **given)
        except BadInput as bad:
            wrong = {"note": "too_long"} if str(bad) == "note" else {"number": "number"}
            return _page(asked, work, _known(work, call), 422, wrong=wrong, **given)
    return RedirectResponse("/desk", 303)


def _known(work: Work, call_id: str) -> KnownNumber | None:
    if not call_id:
        return None
    return callbacks.before_calling(work.session, work.viewer, CallId(call_id), work.now)


def _page(
    asked: Asked, work: Work, known: KnownNumber | None, status: int = 200, **given: Any
) -> Response:
    blank: dict[str, Any] = {"problem": "", "wrong": {}, "note": "", "SAFE": list(Safe)}
    return page(asked, work, "call_out.html", status=status, known=known, **(blank | given))

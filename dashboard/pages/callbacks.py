"""Numbers that we owe a call: the list by deadline, and one number with what is known before ringing it.

Ringing asks first whether it is safe: an offender may pick up. That step has a page of its own, and
without its answer nothing is rung.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, Work
from dashboard.formats import typed_moment
from dashboard.rendering import page
from hotline import bus
from hotline.access import Action, may
from hotline.errors import BadInput, Conflict, FieldErrors
from intake.calls import callbacks
from intake.calls.callback_rules import ClosedAs, Safe

router = APIRouter()

Text = Annotated[str, Form()]


@router.get("/callbacks")
def callback_list(asked: Asking) -> Response:
    return _list(asked, "callbacks.html")


@router.get("/callbacks/list")
def list_part(asked: Asking) -> Response:
    return _list(asked, "_callbacks.html")


def _list(asked: Asked, template: str) -> Response:
    with asked.work(Action.CALL_BACK) as work:
        lines = callbacks.tasks(work.session, work.viewer, work.now)
        mine = [one for one in lines if one.owner and one.owner.id == work.viewer.staff_id]
        return page(
            asked,
            work,
            template,
            mine=mine,
            others=[one for one in lines if one not in mine],
            withheld=callbacks.withheld(work.session, work.viewer, work.now),
        )


@router.get("/callbacks/{callback_id}")
def callback(asked: Asking, callback_id: Id) -> Response:
    with asked.work(Action.CALL_BACK) as work:
        return _page(asked, work, callback_id)


@router.get("/callbacks/{callback_id}/call")
def ask_first(asked: Asking, callback_id: Id) -> Response:
    """Is it safe to call now?"""
    with asked.work(Action.CALL_BACK) as work:
        return _page(asked, work, callback_id, asking=True)


@router.post("/callbacks/{callback_id}/call")
def call(asked: Asking, callback_id: Id, safe: Text = "", note: Text = "") -> Response:
    """Ring it; the desk tells what becomes of the call."""
    with asked.work(Action.CALL_BACK) as work:
        if safe not in Safe.__members__.values():
            wrong = {"safe": "safe"}
            return _page(asked, work, callback_id, 422, asking=True, note=note, wrong=wrong)
        try:
            with work.session.begin_nested():
                work.signal(
                    callbacks.call(work.session, work.viewer, callback_id, Safe(safe), note, work.now)
                )
        except Conflict as conflict:
            return _page(asked, work, callback_id, 409, asking=True, note=note, problem=str(conflict))
        except BadInput as bad:
            given = {"note": "too_long"} if str(bad) == "note" else {}
            problem = "" if given else "number"
            return _page(
                asked, work, callback_id, 422, asking=True, note=note, wrong=given, problem=problem
            )
    return RedirectResponse("/desk", 303)


@router.post("/callbacks/{callback_id}/take")
def take(asked: Asking, callback_id: Id) -> Response:
    return _do(asked, callback_id, callbacks.take)


@router.post("/callbacks/{callback_id}/give-back")
def give_back(asked: Asking, callback_id: Id) -> Response:
    return _do(asked, callback_id, callbacks.give_back)


@router.post("/callbacks/{callback_id}/postpone")
def postpone(asked: Asking, callback_id: Id, until: Text = "", note: Text = "") -> Response:
    def put_off(work: Work) -> Sequence[bus.Signal]:
        return callbacks.postpone(work.session, work.viewer, callback_id, _later(until), note, work.now)

    return _try(asked, callback_id, put_off, note=note)


@router.post("/callbacks/{callback_id}/finish")
def finish(asked: Asking, callback_id: Id, how: Text = "", note: Text = "") -> Response:
    if how not in callbacks.FINISHES:
        raise BadInput("how")

    def close(work: Work) -> Sequence[bus.Signal]:
        return callbacks.finish(work.session, work.viewer, callback_id, ClosedAs(how), note, work.now)

    return _try(asked, callback_id, close, how=how, reason=note)


def _later(text: str) -> datetime | None:
    """A time that cannot be read is as wrong as none."""
    try:
        return typed_moment(text)
    except BadInput:
        return None


Deed = Callable[..., Sequence[bus.Signal]]


def _do(asked: Asked, callback_id: int, deed: Deed) -> Response:
    return _try(asked, callback_id, lambda work: deed(work.session, work.viewer, callback_id, work.now))


def _try(
    asked: Asked, callback_id: int, deed: Callable[[Work], Sequence[bus.Signal]], **given: Any
) -> Response:
    """Do it; what hinders is said on the page, with what was typed still there."""
    with asked.work(Action.CALL_BACK) as work:
        try:
            with work.session.begin_nested():
                work.signal(deed(work))
        except FieldErrors as wrong:
            return _page(asked, work, callback_id, 422, wrong=wrong.fields, **given)
        except Conflict as conflict:
            return _page(asked, work, callback_id, 409, problem=str(conflict), **given)
    return RedirectResponse(f"/callbacks/{callback_id}", 303)


def _page(asked: Asked, work: Work, callback_id: int, status: int = 200, **given: Any) -> Response:
    blank: dict[str, Any] = {
        "asking": False, "problem": "", "wrong": {}, "note": "", "how": "", "reason": "",
    }  # fmt: skip
    shown = callbacks.task(work.session, work.viewer, callback_id, work.now)
    owner = shown.line.owner
    mine = owner is not None and owner.id == work.viewer.staff_id
    return page(
        asked,
        work,
        "callback.html",
        status=status,
        task=shown,
        mine=mine,
        free=owner is None,
        gives_up=may(work.viewer, Action.GIVE_UP_CALLBACK),
        SAFE=list(Safe),
        **(blank | given),
    )

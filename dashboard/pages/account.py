"""One's own account: where one is logged in, and the password."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Path
from fastapi.responses import RedirectResponse, Response

from dashboard import passwords
from dashboard.asking import Asked, Asking, Work
from dashboard.passwords import TriedTooOften
from dashboard.rendering import page
from hotline import bus, passkeys, second_factors, sessions, staff
from hotline.errors import FieldErrors
from hotline.settings import settings

router = APIRouter()

_Password = Annotated[str, Form(max_length=1024)]
_Place = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.get("/account")
def account(asked: Asking, done: str = "") -> Response:
    with asked.work(write=False) as work:
        return _page(asked, work, done=done)


@router.post("/account/places/{place}/end")
def end(asked: Asking, place: _Place) -> Response:
    with asked.work() as work:
        asked.require_proof(work)
        sessions.end(work.session, work.viewer, place, work.now)
        _tell(work)
    return RedirectResponse("/account", 303)


@router.post("/account/places/end-others")
def end_others(asked: Asking) -> Response:
    with asked.work() as work:
        asked.require_proof(work)
        sessions.end_others(work.session, asked.token or "", work.viewer, work.now)
        _tell(work)
    return RedirectResponse("/account", 303)


@router.post("/account/password")
def change_password(
    asked: Asking, old: _Password = "", password: _Password = "", again: _Password = ""
) -> Response:
    """The old one is asked for: who finds the page open does not get the account with it."""
    with asked.work(write=False) as work:
        viewer, now = work.viewer, work.now
    try:
        recognized = passwords.recognize(asked, viewer.login, old, now)
        passwords.require_good(password, again, viewer.login, viewer.name)
    except TriedTooOften:
        return _again(asked, {"old": "wait"}, 429)
    except FieldErrors as wrong:
        return _again(asked, wrong.fields, 422)
    hashed = staff.hashed(password)
    with asked.work() as work:
        if sessions.is_theirs(work.session, work.viewer, recognized, asked.origin, work.now):
            sessions.change_password(work.session, asked.token or "", work.viewer, hashed, work.now)
            _tell(work)
            return RedirectResponse("/account?done=password", 303)
    return _again(asked, {"old": "wrong"}, 422)


@router.post("/here")
def here(asked: Asking) -> Response:
    """Somebody sits at the page: it says so when keys or the pointer move (frontend/here.ts)."""
    with asked.work(write=False, while_hidden=True):
        return Response(status_code=204)


def _tell(work: Work) -> None:
    """Streams and phones look whether their session still lives."""
    who = work.viewer.staff_id
    work.signal([bus.Signal(bus.desk(who), "logged_out"), bus.Signal(bus.STAFF, "phone", str(who))])


def _again(asked: Asked, wrong: Mapping[str, str], status: int) -> Response:
    with asked.work(write=False) as work:
        return _page(asked, work, wrong, status)


def _page(
    asked: Asked,
    work: Work,
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
    done: str = "",
) -> Response:
    return page(
        asked,
        work,
        "account.html",
        status=status,
        places=sessions.places(work.session, asked.token or "", work.viewer, work.now),
        protected=second_factors.has(work.session, work.viewer.staff_id),
        obliged=second_factors.obliged(work.viewer.role, demo=settings().demo),
        codes_left=second_factors.codes_left(work.session, work.viewer.staff_id),
        few_codes=second_factors.FEW,
        passkeys=passkeys.listed(work.session, work.viewer.staff_id),
        wrong=wrong or {},
        done=done,
    )

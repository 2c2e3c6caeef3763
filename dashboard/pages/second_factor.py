"""The second proof: asked for at a log-in, set up, renewed and given up by its person.

Codes are counted like passwords, apart from them (`sessions.code_must_wait`).
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Annotated

import segno
from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from dashboard import passkey_site, passwords
from dashboard.asking import Asked, Asking, Work
from dashboard.i18n import N_
from dashboard.pages.login import about_the_phone, keep_session
from dashboard.rendering import page
from hotline import bus, keyring, passkeys, second_factors, sessions
from hotline.errors import Conflict, FieldErrors, HotlineError
from hotline.sealed import KeyRing
from hotline.second_factors import SetUp
from hotline.sessions import Stage
from hotline.settings import settings

router = APIRouter()

_Code = Annotated[str, Form(max_length=60)]
_WRONG = N_("Mã chưa đúng, hoặc đã dùng rồi. Hãy đợi mã mới rồi nhập lại.")


class _TooOften(HotlineError):
    """The code was not looked at."""


@router.get("/second-factor")
def asks(asked: Asking) -> Response:
    """For a log-in that lacks it; for others it is on their account's page."""
    with asked.work(write=False, while_unproved=True) as work:
        if work.stage is Stage.DONE:
            return RedirectResponse("/account", 303)
        return ask(asked, work)


@router.post("/second-factor")
def prove(asked: Asking, code: _Code = "") -> Response:
    """A code of the app or for recovery lets the log-in through, under a token of its own; whoever must
    have a passkey, as far as to making one."""
    problem, status, token = "", 200, ""
    with asked.work(while_unproved=True) as work:
        if work.stage is not Stage.SECOND:
            return RedirectResponse("/", 303)
        try:
            if _is_right(asked, work, code):
                lacks = Stage.ENROLL if passkey_site.is_obliged(work.viewer) else Stage.DONE
                token = sessions.proved(
                    work.session, asked.token or "", work.viewer, asked.origin, work.now, lacks
                )
                if lacks is Stage.DONE:
                    work.signal(about_the_phone(work.viewer))
            else:
                problem, status = _WRONG, 401
        except _TooOften:
            problem, status = passwords.WAIT, 429
        if not token:
            return ask(asked, work, problem, status)
    response = RedirectResponse("/", 303)
    keep_session(response, token, asked.origin)
    return response


@router.post("/second-factor/begin")
def begin(asked: Asking) -> Response:
    """Show an app's secret, as a picture and as text. Raises Conflict for who has one."""
    with asked.work(while_unproved=True) as work:
        require_settable(asked, work)
        set_up = second_factors.begin(work.session, work.viewer, _ring())
        return _set_up(asked, work, set_up)


@router.post("/second-factor/confirm")
def confirm(asked: Asking, code: _Code = "") -> Response:
    """The first code: the recovery codes are on the page that answers, and never again."""
    token = ""
    with asked.work(while_unproved=True) as work:
        require_settable(asked, work)
        try:
            if sessions.code_must_wait(work.session, work.viewer, asked.origin, work.now):
                raise _TooOften
            codes = second_factors.confirm(work.session, work.viewer, _ring(), code, work.now)
        except (FieldErrors, _TooOften) as wrong:
            too_often = isinstance(wrong, _TooOften)
            if not too_often:
                sessions.code_was_wrong(work.session, work.viewer, asked.origin, work.now)
            set_up = second_factors.begun(work.session, work.viewer, _ring())
            return _set_up(
                asked, work, set_up, passwords.WAIT if too_often else _WRONG, 429 if too_often else 422
            )
        if work.stage is Stage.ENROLL and not passkey_site.is_obliged(work.viewer):
            token = sessions.proved(work.session, asked.token or "", work.viewer, asked.origin, work.now)
            work.signal(about_the_phone(work.viewer))
        else:
            sessions.end_others(work.session, asked.token or "", work.viewer, work.now)
            work.signal([bus.Signal(bus.desk(work.viewer.staff_id), "logged_out")])
        response = _codes(asked, work, codes)
    if token:
        keep_session(response, token, asked.origin)
    return response


@router.post("/second-factor/codes")
def new_codes(asked: Asking, code: _Code = "") -> Response:
    """New recovery codes in place of the old, for a code of the app or one of the old."""
    with asked.work() as work:
        if refused := _refused(asked, work, code):
            return refused
        return _codes(asked, work, second_factors.new_codes(work.session, work.viewer, work.now))


@router.post("/second-factor/remove")
def remove(asked: Asking, code: _Code = "") -> Response:
    """Raises Conflict for the last second factor of who must have one."""
    with asked.work() as work:
        obliged = second_factors.obliged(work.viewer.role, demo=settings().demo)
        if obliged and not passkeys.has(work.session, work.viewer.staff_id):
            raise Conflict("obliged")
        if refused := _refused(asked, work, code):
            return refused
        second_factors.remove(work.session, work.viewer, work.viewer.staff_id, work.now)
    return RedirectResponse("/account", 303)


def _refused(asked: Asked, work: Work, code: str) -> Response | None:
    """The page that says why not; None for a right code."""
    try:
        if _is_right(asked, work, code):
            return None
    except _TooOften:
        return ask(asked, work, passwords.WAIT, 429)
    return ask(asked, work, _WRONG, 422)


def _is_right(asked: Asked, work: Work, code: str) -> bool:
    """Counts a wrong one. Raises _TooOften."""
    if sessions.code_must_wait(work.session, work.viewer, asked.origin, work.now):
        raise _TooOften
    if second_factors.check(work.session, work.viewer, _ring(), code, work.now):
        return True
    sessions.code_was_wrong(work.session, work.viewer, asked.origin, work.now)
    return False


def require_settable(asked: Asked, work: Work) -> None:
    """Who has a second factor and has not given it yet may not put another in its place or beside it.
    Raises Conflict, ProofNeeded."""
    if work.stage is Stage.SECOND:
        raise Conflict("prove it first")
    if work.stage is Stage.DONE:
        asked.require_proof(work)


def _ring() -> KeyRing:
    return keyring.recording_keys(settings())


def ask(asked: Asked, work: Work, problem: str = "", status: int = 200) -> Response:
    """The page that asks for the second step."""
    return page(
        asked,
        work,
        "second_factor.html",
        status=status,
        stage=work.stage,
        problem=problem,
        codes=(),
        has_app=second_factors.has(work.session, work.viewer.staff_id),
        has_passkey=passkeys.has(work.session, work.viewer.staff_id),
        needs_passkey=passkey_site.is_obliged(work.viewer),
    )


def _codes(asked: Asked, work: Work, codes: Sequence[str]) -> Response:
    return page(asked, work, "second_factor.html", stage=Stage.DONE, problem="", codes=codes)


def _set_up(
    asked: Asked, work: Work, set_up: SetUp | None, problem: str = "", status: int = 200
) -> Response:
    if set_up is None:
        raise Conflict("not begun")
    return page(
        asked,
        work,
        "second_factor_new.html",
        status=status,
        picture=_picture(set_up.address),
        secret=set_up.secret,
        problem=problem,
    )


def _picture(address: str) -> Markup:
    """The QR code as SVG, made here: no other house sees the secret."""
    drawn = BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", xmldecl=False, svgclass="qr", lineclass=None, omitsize=True, border=4
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704  segno draws squares and writes no text

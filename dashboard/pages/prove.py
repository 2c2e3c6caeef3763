"""The password once more, before accounts, offices and exports (`hotline.access.PROVED`).

A page that was asked for is asked for again afterwards; a form that was sent comes back filled in as it
was, to be sent with one more press: nothing typed is lost, and nothing is done that nobody pressed.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from dashboard import passwords, proofs
from dashboard.asking import Asked, Asking, ours
from dashboard.pages.login import keep_session
from dashboard.passwords import TriedTooOften
from dashboard.rendering import page
from hotline import second_factors, sessions

router = APIRouter()

_CARRIED = "typed."
"""Before the names of fields that are carried along for another form."""
Pairs = Sequence[tuple[str, str]]


@router.get("/prove")
def asks(asked: Asking, back: Annotated[str, Query(max_length=500)] = "/") -> Response:
    return _ask(asked, back=back)


def asks_first(asked: Asked, to: str, typed: Pairs) -> Response:
    """In the place of what a form was sent to."""
    return _ask(asked, to=to, typed=typed, status=403)


@router.post("/prove")
def prove(
    asked: Asking,
    proof: Annotated[str, Form(max_length=1024)] = "",
    passkey: Annotated[str, Form(max_length=20_000)] = "",
    back: Annotated[str, Form(max_length=500)] = "",
    to: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    typed = [
        (name.removeprefix(_CARRIED), text) for name, text in asked.typed if name.startswith(_CARRIED)
    ]
    try:
        recognized = proofs.recognize(asked, proof, passkey)
    except TriedTooOften:
        return _ask(asked, back, to, typed, passwords.WAIT, 429)
    with asked.work() as work:
        proved = sessions.prove_again(
            work.session, asked.token or "", work.viewer, recognized, asked.origin, work.now
        )
        token = sessions.renewed(work.session, asked.token or "", work.now) if proved else None
    if not proved:
        return _ask(asked, back, to, typed, proofs.WRONG, 401)
    goes_on = _ask(asked, to=to, typed=typed, proved=True) if to else RedirectResponse(ours(back), 303)
    keep_session(goes_on, token, asked.origin)
    return goes_on


def _ask(
    asked: Asked,
    back: str = "",
    to: str = "",
    typed: Pairs = (),
    problem: str = "",
    status: int = 200,
    *,
    proved: bool = False,
) -> Response:
    with asked.work(write=False) as work:
        return page(
            asked,
            work,
            "prove.html",
            status=status,
            back=ours(back) if back else "",
            to=ours(to) if to else "",
            typed=typed,
            carried=_CARRIED,
            problem=problem,
            proved=proved,
            has_app=second_factors.has(work.session, work.viewer.staff_id),
        )

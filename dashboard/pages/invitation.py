"""The one-time link: somebody sets their own password, and then logs in like everybody.

The token stands in the address that was sent (no log of ours keeps a query) and in the form's body from
then on. To open the page uses nothing up.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, Response

from dashboard import asking, passwords
from dashboard.asking import Asked, Asking
from dashboard.rendering import base_context, html
from hotline import bus, db, invitations, staff
from hotline.clock import utc_now
from hotline.errors import FieldErrors

router = APIRouter()

_Token = Annotated[str, Query(max_length=100)]
_TokenField = Annotated[str, Form(max_length=100)]
_Password = Annotated[str, Form(max_length=1024)]


@router.get("/invitation")
def invitation(asked: Asking, token: _Token = "") -> Response:
    with db.reading() as session:
        who = invitations.whose(session, token, utc_now())
    return _page(asked, token=token, who=who)


@router.post("/invitation")
def accept(
    asked: Asking, token: _TokenField = "", password: _Password = "", again: _Password = ""
) -> Response:
    asking.require_same_origin(asked.request)
    now = utc_now()
    with db.reading() as session:
        who = invitations.whose(session, token, now)
    try:
        passwords.require_good(password, again, who.login, who.name)
    except FieldErrors as wrong:
        return _page(asked, 422, token=token, who=who, wrong=wrong.fields)
    hashed = staff.hashed(password)  # tens of milliseconds, in which no writer waits for us
    with db.transaction() as session:
        invitations.accept(session, token, hashed, now)
    bus.publish(
        [
            bus.Signal(bus.desk(who.staff_id), "logged_out"),
            bus.Signal(bus.STAFF, "phone", str(who.staff_id)),
        ]
    )
    return _page(asked, who=who, done=True)


def _page(asked: Asked, status: int = 200, **given: object) -> HTMLResponse:
    context = {**base_context(asked, utc_now()), "wrong": {}, "token": "", "done": False, **given}
    return HTMLResponse(html(asked.language, "invitation.html", context), status)

"""Log-in with an account of the ministry, when there is a provider (`hotline.oidc`).

The browser carries state, nonce and PKCE's verifier in a cookie of its own until it comes back; they are
used once. A plain link leads out, for our policy lets no form go to another site.
"""

from dataclasses import replace
from datetime import timedelta
from secrets import token_urlsafe

import structlog
from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from dashboard import cookies, passwords
from dashboard.asking import Asked, Asking
from dashboard.i18n import N_
from dashboard.pages.login import CALL_GOES_ON, at_home, instead, log_in_form, talks_here
from hotline import bus, db, oidc, sessions
from hotline.clock import utc_now
from hotline.errors import NotVisible, Unavailable
from hotline.oidc import Refused
from hotline.settings import Settings, settings

router = APIRouter()
_log = structlog.get_logger()

_WITHIN = timedelta(minutes=10)
_AWAY = N_("Hệ thống tài khoản của Bộ không trả lời. Hãy thử lại, hoặc dùng mật khẩu.")
_REFUSED = N_("Chưa đăng nhập được bằng tài khoản của Bộ. Hãy thử lại, hoặc dùng mật khẩu.")
_UNKNOWN = N_("Tài khoản này của Bộ chưa có ở Tổng đài 111. Hãy gặp người quản trị.")


@router.get("/login/oidc")
def begin(asked: Asking) -> Response:
    of, begun = _provider(), oidc.begin()
    try:
        response = RedirectResponse(oidc.address(of, begun), 303)
    except Unavailable as error:
        _log.warning("oidc_unavailable", why=str(error))
        return log_in_form(asked, problem=_AWAY, status=503)
    cookies.keep(response, _cookie(), str(begun), _WITHIN)  # it comes back by a link from another site
    return response


@router.get("/login/oidc/back")
def back(asked: Asking) -> Response:
    """What the provider says of who has logged in there."""
    response = _log_in(asked)
    cookies.drop(response, _cookie())
    return response


def _log_in(asked: Asked) -> Response:
    of, now, origin = _provider(), utc_now(), asked.origin
    if not origin.device:
        origin = replace(origin, device=token_urlsafe(24))
    with db.reading() as session:
        if sessions.passkey_must_wait(session, None, asked.origin, now):
            return log_in_form(asked, problem=passwords.WAIT, status=429)
    told, problem = None, _REFUSED
    try:
        begun = oidc.begun(asked.request.cookies.get(_cookie(), ""))
        told = oidc.finish(of, begun, dict(asked.request.query_params), now)
        problem = _UNKNOWN
    except Unavailable as error:
        _log.warning("oidc_unavailable", why=str(error))
        return log_in_form(asked, problem=_AWAY, status=503)
    except Refused as error:
        _log.warning("oidc_refused", why=str(error))
    with db.transaction() as session:
        if talks_here(session, asked, now):
            return log_in_form(asked, problem=CALL_GOES_ON, status=409)
        found = sessions.log_in_by_oidc(session, told, origin, now, demo=of.demo)
        signals = instead(session, asked, found[1], now) if found else []
    bus.publish(signals)
    if found is None:
        return log_in_form(asked, problem=problem, status=401)
    return at_home(asked, found[1], found[0], origin)


def _provider() -> Settings:
    """Raises NotVisible where there is none."""
    if not settings().oidc_issuer:
        raise NotVisible("oidc")
    return settings()


def _cookie() -> str:
    return cookies.named(f"tongdai-oidc-{settings().web_port}")

"""Every cookie of ours: its name, how long, and who may read it.

Browsers share cookies between ports: a second copy on one machine needs names of its own, which end in
the port. Behind TLS each has the prefix that has a browser take it from this host alone, over TLS, for
every path (RFC 6265bis 4.1.3.2); a browser refuses such a cookie when one of these is not said, also to
delete it.
"""

from datetime import timedelta
from typing import Literal

from starlette.responses import Response

from hotline.settings import settings


def named(name: str) -> str:
    """Ours alone, where TLS allows to say so."""
    return f"__Host-{name}" if settings().secure_cookies else name


def session_cookie() -> str:
    """Of a log-in."""
    return named(f"tongdai-{settings().web_port}")


def device_cookie() -> str:
    """By which a browser is known again (`hotline.log_in_tries`)."""
    return named(f"tongdai-device-{settings().web_port}")


def guest_cookie() -> str:
    """Of whoever came by a handover's link."""
    return named(f"tongdai-field-{settings().web_port}")


def language_cookie() -> str:
    return named("tongdai-language")


def theme_cookie() -> str:
    return named("tongdai-theme")


def keep(
    response: Response,
    name: str,
    value: str,
    lifetime: timedelta,
    samesite: Literal["lax", "strict"] = "lax",
) -> None:
    """Have the browser keep it; no script reads it."""
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()),
        httponly=True,
        samesite=samesite,
        secure=settings().secure_cookies,
    )


def drop(response: Response, name: str) -> None:
    response.delete_cookie(name, httponly=True, samesite="lax", secure=settings().secure_cookies)

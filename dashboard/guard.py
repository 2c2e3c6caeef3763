"""What stands before every page, as plain ASGI: response headers, the limit of a request's size, and a
line in the log for whatever is refused."""

import re

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.api import REPORTS
from hotline.settings import settings
from intake.cases import case_attachments
from intake.directory import directory_lists
from intake.handovers import handover_photos

MAX_BODY = 256 * 1024
"""Bytes of one request: many times the longest record."""
_MULTIPART = 16 * 1024
"""What a form puts around its file."""
_PHOTO = handover_photos.LARGEST + _MULTIPART
LARGER = {
    "/directory/import": directory_lists.LARGEST + _MULTIPART,
    "/field/photo": _PHOTO,
    "/h/photo": _PHOTO,
}
"""Pages that take files."""
_OF_A_CASE = re.compile(r"/cases/[0-9]{1,10}/files")
UNLIMITED = frozenset({REPORTS})
"""Reads its body itself, after it has looked who sends it, up to a limit of its own."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types default",
    )
)
"""No inline script, no inline style, nothing from elsewhere; no text becomes a script, and HTML by one
policy alone (frontend/trusted.ts)."""

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}
_ONLY_TLS = "max-age=31536000; includeSubDomains"
"""For a year a browser that was here once speaks TLS with this name and those below it."""


_TELLING = frozenset({400, 401, 403, 405, 413, 415, 422, 429, 431})
"""Answers that tell of somebody who tries (ASVS 16.3.3): what is malformed, forged, too large, too
often, or by nobody who is logged in. What one may not see answers 404 and is in the audit."""
_log = structlog.get_logger()


class RefusalsTold:
    """Puts each refusal into the log: status, method and route, nothing that was sent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _TELLING:
                route = getattr(scope.get("route"), "path", "")
                _log.warning(
                    "request_refused", status=message["status"], method=scope["method"], route=route
                )
            await send(message)

        await self.app(scope, receive, told)


class SafeHeaders:
    """Puts the security headers on every response; what sets no caching of its own is not stored."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                if settings().secure_cookies:
                    headers["Strict-Transport-Security"] = _ONLY_TLS
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, with_headers)


class BodyLimit:
    """Takes a request's body in before the app sees it; 413 as soon as it is too large."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"} or scope["path"] in UNLIMITED:
            await self.app(scope, receive, send)
            return
        try:
            body = await _body(receive, _most(scope["path"]))
        except ClientDisconnect:
            return  # half a form is none: nobody waits for the answer, and it is sent again
        if body is None:
            await _too_large(send)
            return
        whole: Message | None = {"type": "http.request", "body": body, "more_body": False}

        async def replay() -> Message:
            nonlocal whole
            message, whole = whole, None
            return message if message is not None else await receive()

        await self.app(scope, replay, send)


def _most(path: str) -> int:
    if _OF_A_CASE.fullmatch(path):
        return case_attachments.LARGEST_REQUEST + _MULTIPART
    return LARGER.get(path, MAX_BODY)


async def _body(receive: Receive, most: int) -> bytes | None:
    """The whole body; None when it is too large. Raises ClientDisconnect when the rest never comes."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body", False):
            return bytes(body)


async def _too_large(send: Send) -> None:
    text = "Yêu cầu quá lớn, chưa ghi gì. / The request is too large, nothing was written.".encode()
    await send(
        {
            "type": "http.response.start",
            "status": 413,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(text)).encode()),
                (b"connection", b"close"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": text})

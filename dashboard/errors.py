"""What a person reads when something went wrong: what happened, what was kept, what to do.

The one place where errors become HTTP statuses.
"""

from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import DataError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dashboard.api import problems
from dashboard.api.problems import Problem
from dashboard.asking import (
    Asked,
    Forged,
    Hidden,
    NotLoggedIn,
    ProofNeeded,
    TooFast,
    Unproved,
    without_its_form,
)
from dashboard.i18n import N_
from dashboard.pages import prove
from dashboard.rendering import base_context, html
from hotline.clamd import Malware, NotScanned
from hotline.clock import utc_now
from hotline.errors import (
    BadInput,
    Conflict,
    HotlineError,
    NotAllowed,
    NotVisible,
    SetupError,
    Unavailable,
)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that can go wrong, in words."""

    status: int
    code: str
    title: str
    kept: str
    todo: str


_KEPT = N_("Những gì bạn đã viết vẫn còn nguyên.")
_NOTHING_CHANGED = N_("Chưa có gì bị thay đổi.")

_MESSAGES: dict[type[Exception], Message] = {
    NotLoggedIn: Message(
        401,
        "not_logged_in",
        N_("Phiên làm việc đã hết"),
        N_("Chữ bạn đang viết được giữ trong thẻ trình duyệt này."),
        N_("Hãy đăng nhập lại ngay tại đây rồi viết tiếp."),
    ),
    Hidden: Message(
        423,
        "hidden",
        N_("Màn hình đang che"),
        _KEPT,
        N_("Hãy nhập mật khẩu để mở lại."),
    ),
    ProofNeeded: Message(
        403,
        "proof_needed",
        N_("Cần nhập lại mật khẩu"),
        _NOTHING_CHANGED,
        N_("Hãy tải lại trang và nhập lại mật khẩu."),
    ),
    Forged: Message(
        403,
        "forged",
        N_("Trang này đã cũ"),
        _NOTHING_CHANGED,
        N_("Hãy tải lại trang rồi làm lại."),
    ),
    TooFast: Message(
        429,
        "too_fast",
        N_("Mở nhanh quá"),
        _KEPT,
        N_("Phiên này vừa mở rất nhiều trang trong một phút. Đợi vài giây rồi mở tiếp."),
    ),
    NotAllowed: Message(
        403,
        "not_allowed",
        N_("Bạn không được làm việc này"),
        _NOTHING_CHANGED,
        N_("Nếu cần, hãy nhờ trưởng ca."),
    ),
    NotVisible: Message(
        404,
        "not_visible",
        N_("Không tìm thấy"),
        _KEPT,
        N_("Trang không có, hoặc không thuộc phần việc của bạn. Hãy quay về bàn làm việc."),
    ),
    Conflict: Message(
        409,
        "conflict",
        N_("Có người vừa sửa trước bạn"),
        _KEPT,
        N_("Hãy tải lại trang, xem phần mới rồi làm lại."),
    ),
    BadInput: Message(
        422,
        "bad_input",
        N_("Có chỗ điền chưa dùng được"),
        _KEPT,
        N_("Hãy xem lại chỗ vừa điền rồi thử lại."),
    ),
    Malware: Message(
        403,
        "malware",
        N_("Tệp này có mã độc"),
        N_("Tệp vẫn được niêm phong, không ai mở được và không mất."),
        N_("Hãy báo người quản trị. Đừng nhờ gửi lại tệp này bằng đường khác."),
    ),
    NotScanned: Message(
        503,
        "not_scanned",
        N_("Chưa quét được mã độc trong tệp"),
        N_("Tệp vẫn còn nguyên và đang đợi."),
        N_("Hãy thử lại sau ít phút; nếu vẫn vậy, báo người quản trị."),
    ),
    Unavailable: Message(
        503,
        "unavailable",
        N_("Hệ thống chưa trả lời"),
        _KEPT,
        N_("Cuộc gọi không bị ảnh hưởng. Hãy đợi vài giây rồi thử lại."),
    ),
}
_BROKEN = Message(
    500,
    "broken",
    N_("Máy chủ gặp lỗi"),
    _KEPT,
    N_("Cuộc gọi không bị ảnh hưởng. Hãy thử lại; nếu vẫn lỗi, báo cho người quản trị."),
)
_OTHER_HTTP = {
    400: _MESSAGES[BadInput],
    404: _MESSAGES[NotVisible],
    405: _MESSAGES[NotVisible],
    422: _MESSAGES[BadInput],
}


def message_for(error: Exception) -> Message:
    """The message of the nearest class that has one."""
    for kind in type(error).__mro__:
        if kind in _MESSAGES:
            return _MESSAGES[kind]
    return _BROKEN


def install(app: FastAPI) -> None:
    """Make every error of this app one of ours to the person who sees it."""
    app.add_exception_handler(HotlineError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    app.add_exception_handler(DataError, _on_what_no_column_holds)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_error)


async def _on_error(request: Request, error: Exception) -> Response:
    message = message_for(error)
    if message.status >= 500:
        report = _log.exception if message is _BROKEN or isinstance(error, SetupError) else _log.warning
        report("request_failed", error=type(error).__name__, route=_route(request))
    if isinstance(error, NotLoggedIn) and _wants_page(request):
        return RedirectResponse("/second-factor" if isinstance(error, Unproved) else "/login", 303)
    if isinstance(error, Hidden) and _wants_page(request):
        return RedirectResponse("/hidden", 303)
    if isinstance(error, Hidden) and request.method == "GET" and _takes_html(request):
        return Response(status_code=204)  # a part of a page behind the curtain: it is asked for again
    if isinstance(error, ProofNeeded) and _takes_html(request):
        return await _ask_for_proof(request, error)
    return await _answer(request, message)


async def _ask_for_proof(request: Request, error: ProofNeeded) -> Response:
    """A page is asked for again afterwards, a form is sent again."""
    if _wants_page(request):
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/prove?{urlencode({'back': back})}", 303)
    who = replace(without_its_form(request), csrf=error.csrf)
    return await run_in_threadpool(prove.asks_first, who, request.url.path, error.typed)


async def _on_bad_request(request: Request, error: Exception) -> Response:
    """An address that no page can have is not found; a form that cannot be read is bad input."""
    wrong = error.errors() if isinstance(error, RequestValidationError) else ()
    in_path = any(item["loc"][0] == "path" for item in wrong)
    return await _answer(request, _MESSAGES[NotVisible if in_path else BadInput])


async def _on_what_no_column_holds(request: Request, error: Exception) -> Response:
    """PostgreSQL keeps no NUL in a text and no number beyond its column's: nobody types either."""
    _log.warning("value_refused_by_the_database", route=_route(request))
    return await _answer(request, _MESSAGES[BadInput])


async def _on_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return await _answer(request, _OTHER_HTTP.get(status, _BROKEN), status)


def _route(request: Request) -> str:
    """The endpoint's name."""
    return str(getattr(request.scope.get("route"), "name", ""))


def _wants_page(request: Request) -> bool:
    return request.method == "GET" and "HX-Request" not in request.headers and _takes_html(request)


def _takes_html(request: Request) -> bool:
    return "application/json" not in request.headers.get("Accept", "")


async def _answer(request: Request, message: Message, status: int | None = None) -> Response:
    """JSON for the autosave, a notice for htmx, a page for everything else; programs have their own."""
    status = status or message.status
    if request.url.path.startswith("/api/"):
        return problems.answer(Problem(status, message.code, "There is no such place or method here."))
    who = without_its_form(request)
    say = partial(who.language.say)
    if not _takes_html(request):
        text = f"{say(message.title)}. {say(message.kept)} {say(message.todo)}"
        return JSONResponse({"error": message.code, "message": text}, status)
    return _notice(who, message, status) if who.is_fragment else _page(who, message, status)


def _notice(who: Asked, message: Message, status: int) -> HTMLResponse:
    context = base_context(who, utc_now()) | {"message": message}
    return HTMLResponse(
        html(who.language, "_error_notice.html", context),
        status,
        headers={"HX-Retarget": "#notices", "HX-Reswap": "beforeend"},
    )


def _page(who: Asked, message: Message, status: int) -> HTMLResponse:
    context = base_context(who, utc_now()) | {"message": message}
    return HTMLResponse(html(who.language, "error.html", context), status)

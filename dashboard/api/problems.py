"""Errors of the programming interface, as RFC 9457 problem details.

`type` is left out, which means `about:blank`; what a program acts on is `status` and the stable `code`.
No value that was sent is ever quoted back.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from hotline.errors import HotlineError, Unavailable

_log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = 5


class WrongField(BaseModel):
    """`pointer`: where in the body, as a JSON Pointer (RFC 6901); `code`: what is wrong there."""

    pointer: str
    code: str


class ProblemDetails(BaseModel):
    title: str
    status: int
    code: str
    detail: str
    errors: list[WrongField] = []


class Problem(HotlineError):
    """A request that gets no other answer than this."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[WrongField] = (),
    ) -> None:
        super().__init__(code)
        title = HTTPStatus(status).phrase
        self.body = ProblemDetails(
            title=title, status=status, code=code, detail=detail, errors=list(errors)
        )
        self.headers = dict(headers or {})


def answer(problem: Problem) -> JSONResponse:
    body = problem.body.model_dump(exclude_defaults=True)
    return JSONResponse(body, problem.body.status, problem.headers, MEDIA_TYPE)


def of(error: Exception) -> Problem:
    """The problem that an error of ours is to a program."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Unavailable):
        _log.warning("request_failed", error=type(error).__name__, route="api")
        retry = {"Retry-After": str(_RETRY_SECONDS)}
        return Problem(503, "unavailable", "Nothing was kept. Send the same again.", headers=retry)
    _log.exception("request_failed", error=type(error).__name__, route="api")
    return Problem(500, "broken", "Nothing was kept. Send the same again later.")


class ProblemRoute(APIRoute):
    """A route whose every error is a problem, not a page."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle: Callable[[Request], Any] = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)  # type: ignore[no-any-return]
            except Exception as error:
                return answer(of(error))

        return told

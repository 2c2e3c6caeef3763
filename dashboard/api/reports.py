"""`POST /api/v1/reports`: the public app and web forms bring reports into the inbox.

A request is judged before its body is read: the client's key, then its rate. The answer comes after the
commit. How to use it: docs/reports-api.md; the document for programs is `/api/v1/openapi.json`.
"""

import asyncio
import math
import re
from collections.abc import Sequence
from hashlib import sha256

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from dashboard.api import REPORTS, VERSION
from dashboard.api.document import document
from dashboard.api.problems import Problem, ProblemRoute, WrongField
from dashboard.api.schema import AttachmentAnswer, Report, ReportAnswer, fields_of
from hotline import bus, db, keyring, throttle
from hotline.clock import utc_now
from hotline.settings import settings
from intake.forms import forms
from intake.records import arrivals
from intake.reports import api_clients, reports
from intake.reports.api_clients import ApiClient
from intake.reports.reports import Accepted, KeyReused, Submitted

router = APIRouter(route_class=ProblemRoute)

MAX_BODY = 36 * 1024 * 1024
"""Five files of the largest size in base64, and the text."""
READ_SECONDS = 120
"""A large picture over one bar of signal takes a while."""
_KEY = re.compile(r'"?([!#-~ ]{1,200})"?')
"""A string of structured fields (draft-ietf-httpapi-idempotency-key-header); a bare word does, too."""


@router.get(f"{VERSION}/openapi.json")
def openapi() -> JSONResponse:
    return JSONResponse(document())


@router.post(REPORTS, status_code=201)
async def submit(request: Request) -> JSONResponse:
    """Keep one report; what was kept before under the same key is answered again."""
    client = await run_in_threadpool(_client, request.headers.get("Authorization", ""))
    await run_in_threadpool(_limit, client)
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, "not_json", "Send the report as application/json.")
    key = _key(request.headers.get("Idempotency-Key", ""))
    body = await _body(request)
    return await run_in_threadpool(_kept, client, key, body)


def _client(authorization: str) -> ApiClient:
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() == "bearer" and key.strip():
        with db.reading() as session:
            client = api_clients.of_key(session, key.strip())
        if client is not None:
            return client
    challenge = {"WWW-Authenticate": 'Bearer realm="reports"'}
    raise Problem(401, "no_client", "Send the client's key: Authorization: Bearer …", headers=challenge)


def _limit(client: ApiClient) -> None:
    wait = throttle.wait(f"api_client.{client.id}", client.per_minute)
    if wait:
        retry = {"Retry-After": str(math.ceil(wait.total_seconds()))}
        raise Problem(429, "too_many", "Keep the report and send it again later.", headers=retry)


def _key(header: str) -> str:
    given = _KEY.fullmatch(header.strip())
    if given is None:
        detail = "Send an Idempotency-Key: one random word per report, the same when it is sent again."
        raise Problem(400, "no_idempotency_key", detail)
    return given[1]


async def _body(request: Request) -> bytes:
    too_large = Problem(413, "too_large", f"A request has at most {MAX_BODY} bytes. Nothing was kept.")
    length = request.headers.get("Content-Length", "0")
    if length.isdigit() and int(length) > MAX_BODY:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > MAX_BODY:
                    raise too_large
    except (TimeoutError, ClientDisconnect):
        raise Problem(408, "too_slow", "The request did not come to its end. Send it again.") from None
    return bytes(body)


def _kept(client: ApiClient, key: str, body: bytes) -> JSONResponse:
    sent = _submitted(key, body)
    ring = keyring.recording_keys(settings())
    try:
        with db.transaction() as session:
            accepted, signals = reports.accept(session, client, sent, ring, utc_now())
    except KeyReused:
        detail = "This Idempotency-Key came with another report before. Nothing was kept."
        raise Problem(422, "idempotency_key_reused", detail) from None
    bus.publish(signals)
    return JSONResponse(_told(accepted).model_dump(mode="json", exclude_none=True), 201)


def _submitted(key: str, body: bytes) -> Submitted:
    try:
        report = Report.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        if found[0]["type"] == "json_invalid":
            raise Problem(400, "bad_json", "The body is no JSON. Nothing was kept.") from None
        errors = [WrongField(pointer=_pointer(one["loc"]), code=one["type"]) for one in found]
        raise _wrong(errors) from None
    when = report.happened_at
    if when is not None and not arrivals.EARLIEST <= when <= utc_now() + arrivals.SKEW:
        raise _wrong([WrongField(pointer="/happened_at", code="not_a_time")])
    fields, wrong = forms.sort_out(forms.CURRENT, fields_of(report))
    if wrong:
        raise _wrong([WrongField(pointer=f"/{name}", code=code) for name, code in wrong.items()])
    if "content" not in fields or not fields["content"]:
        raise _wrong([WrongField(pointer="/content", code="string_too_short")])
    return Submitted(
        idempotency_key=key,
        body_hash=sha256(body).hexdigest(),
        happened_at=when,
        in_danger=report.in_danger,
        fields=fields,
        files=[file.content for file in report.attachments],
    )


def _wrong(errors: Sequence[WrongField]) -> Problem:
    return Problem(422, "invalid", "The report was not kept: mend the fields named.", errors=errors)


def _pointer(place: Sequence[str | int]) -> str:
    """RFC 6901."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in place)


def _told(accepted: Accepted) -> ReportAnswer:
    files = [
        AttachmentAnswer(position=position, kept=True, type=kind)
        for position, kind in accepted.stored.items()
    ] + [
        AttachmentAnswer(position=position, kept=False, refused=why)
        for position, why in accepted.refused.items()
    ]
    return ReportAnswer(
        reference=accepted.reference,
        received_at=accepted.received_at,
        attachments=sorted(files, key=lambda one: one.position),
    )

"""`tongdai receive`: takes in what `tongdai deliver` of the other centers brings. At headquarters only.

A process of its own, so that the web server, which talks with browsers, cannot write where recordings
lie, and so that this door is open to the centers' network alone. What comes is believed when it was read
back from the disk, from beginning to end, under the ring that seals recordings. With `tls://` in
TONGDAI_SITES it speaks TLS and nothing else, with this site's certificate of the house's authority.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import structlog
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from dashboard.asking import LineId
from hotline import certificates
from hotline.certificates import SiteFiles
from hotline.clock import utc_now
from hotline.errors import Conflict, HotlineError, NotVisible, SetupError
from hotline.ids import CallId
from hotline.keyring import recording_keys
from hotline.peers import own_site
from hotline.sealed import SealBroken
from hotline.settings import Settings, settings
from intake.recordings import delivery_pass, recording_files, recordings
from intake.recordings.recording_files import Part

_log = structlog.get_logger()
_GOODBYE_SECONDS = 30
_STATUSES: dict[type[Exception], int] = {NotVisible: 404, Conflict: 409, SealBroken: 422}
"""Everything else of ours is 503: it is tried again."""


def create_app() -> FastAPI:
    """A new application."""
    app = FastAPI(title="tongdai111", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/recordings", _greet, methods=["GET"])
    app.add_api_route("/recordings/{call_id}/{part}", _is_kept, methods=["GET"])
    app.add_api_route("/recordings/{call_id}/{part}", _take, methods=["PUT"])
    app.add_exception_handler(HotlineError, _refuse)
    app.add_exception_handler(OSError, _refuse)
    return app


def _passed(request: Request) -> str:
    """The digest that the pass promises. Looked at before anything else of the request is read."""
    size = request.headers.get("Content-Length", "0")
    given = request.headers.get("Authorization", "")
    place = request.scope["raw_path"].decode("latin-1")
    ring = recording_keys(settings())
    digest = delivery_pass.check(ring, given, request.method, place, int(size) if size.isdigit() else -1)
    if digest is None:
        raise HTTPException(401)
    return digest


Passed = Annotated[str, Depends(_passed)]


def _greet(_digest: Passed) -> Response:
    return Response(status_code=204)


def _is_kept(_digest: Passed, call_id: LineId, part: Part) -> Response:
    path = recordings.path_of(CallId(call_id))
    kept = path is not None and recording_files.file_of(path, part).exists()
    return Response(status_code=204 if kept else 404)


async def _take(request: Request, digest: Passed, call_id: LineId, part: Part) -> Response:
    path = await run_in_threadpool(recordings.awaited, CallId(call_id))
    async with _written(request, digest) as draft:
        await run_in_threadpool(recording_files.opens, draft, call_id, part)
        await run_in_threadpool(recording_files.put, draft, path, part)
    _log.info("recording_received", call=call_id)
    return Response(status_code=201)


@asynccontextmanager
async def _written(request: Request, digest: str) -> AsyncIterator[Path]:
    """The body as a draft on the recordings' disk, gone afterwards unless it was put in its place."""
    hashed = sha256()
    with recording_files.new_draft() as draft:
        with draft.open("wb") as file:
            try:
                async for piece in request.stream():
                    hashed.update(piece)
                    file.write(piece)
            except ClientDisconnect:
                raise HTTPException(400) from None
            await run_in_threadpool(recording_files.to_disk, file)
        if hashed.hexdigest() != digest:
            raise HTTPException(400)
        yield draft


def _refuse(_request: Request, error: Exception) -> Response:
    status = next((code for kind, code in _STATUSES.items() if isinstance(error, kind)), 503)
    if isinstance(error, OSError):
        status = 507
    _log.warning("recording_refused", status=status, error=error)
    return Response(status_code=status)


def command() -> None:
    """Take recordings in until told to stop. Raises SetupError."""
    uvicorn.Server(config(settings())).run()


def config(of: Settings) -> uvicorn.Config:
    """Raises SetupError for a certificate that no center would believe."""
    shown = _shown(of)
    return uvicorn.Config(
        create_app(),
        host=of.host,
        port=of.receive_port,
        log_config=None,
        access_log=of.log_level == "debug",
        server_header=False,
        timeout_graceful_shutdown=_GOODBYE_SECONDS,
        ssl_context_factory=(lambda *_: _renewing(shown)) if shown else None,
    )


def _shown(of: Settings) -> SiteFiles | None:
    own = own_site(of)
    if own is None or not own.tls:
        return None
    found = certificates.problems(of.certificates_dir, of.site, utc_now())
    if wrong := "; ".join(each.said for each in found if not each.soon):
        raise SetupError(f"no center would believe us: {wrong}")
    return certificates.files_of(of.certificates_dir, of.site)


def _renewing(files: SiteFiles) -> ssl.SSLContext:
    """Each connection is shown what lies in the files at that moment: few come, and a renewed
    certificate needs no restart. Files that cannot be shown change nothing."""
    first = latest = _context(files)

    def now(connection: ssl.SSLObject, _name: str | None, _first: ssl.SSLContext) -> None:
        nonlocal latest
        try:
            latest = _context(files)
        except OSError as error:
            _log.warning("certificate_not_taken", error=error)
        connection.context = latest

    first.sni_callback = now
    return first


def _context(files: SiteFiles) -> ssl.SSLContext:
    """TLS 1.3 alone, as on the trunks: both ends are ours. Raises OSError."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.load_cert_chain(files.certificate, files.key)
    return made

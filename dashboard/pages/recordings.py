"""Recordings: played by right, every playing on record. Answers byte ranges for seeking.

Who plays what others said and heard has given their password not long ago; what has begun to play
goes on.
"""

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from dashboard.asking import Asked, Asking, LineId
from dashboard.ranges import NotSatisfiable, asked_range
from dashboard.rendering import page
from hotline import bus, db
from hotline.access import Action
from hotline.clock import utc_now
from hotline.ids import CallId
from hotline.sealed import SealBroken, SealedFile
from intake.recordings import recording_care, recordings
from intake.recordings.recording_files import Part
from intake.recordings.recordings import Playable, RecordingBad

router = APIRouter()

_MEDIA_TYPES = {Part.PLAYING: "audio/ogg; codecs=opus", Part.ORIGINAL: "audio/flac"}


@router.get("/recordings/{call_id}")
def play(asked: Asking, call_id: LineId) -> Response:
    """The small file."""
    return _answer(asked, CallId(call_id), Part.PLAYING)


@router.get("/recordings/{call_id}/hear")
def hear(asked: Asking, call_id: LineId) -> Response:
    """The player on a page of its own: who calls back hears the message without seeing the call."""
    with asked.work(Action.PLAY_RECORDING) as work:
        found = recordings.to_hear(work.session, work.viewer, CallId(call_id), work.now)
        if not recordings.is_own(work.session, work.viewer, found.call_id):
            asked.require_proof(work)
        return page(asked, work, "recording.html", call=found)


@router.get("/recordings/{call_id}/original")
def play_original(asked: Asking, call_id: LineId) -> Response:
    """Every sample; also for browsers that know no Opus."""
    return _answer(asked, CallId(call_id), Part.ORIGINAL)


def _answer(asked: Asked, call_id: CallId, part: Part) -> Response:
    found = _found(asked, call_id)
    try:
        file = recordings.open_recording(found, part)
    except RecordingBad as error:
        with asked.work(Action.PLAY_RECORDING) as work:
            work.signal(recording_care.went_bad(work.session, call_id, error.reason, work.now))
        raise
    headers = {"ETag": f'"{part}-{found.version}"', "Accept-Ranges": "bytes"}
    wanted = asked.request.headers.get("Range")
    if asked.request.headers.get("If-Range", headers["ETag"]) != headers["ETag"]:
        wanted = None
    try:
        piece = asked_range(wanted, file.size)
    except NotSatisfiable:
        file.close()
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{file.size}"})
    return _Part(call_id, file, piece, _MEDIA_TYPES[part], headers)


def _found(asked: Asked, call_id: CallId) -> Playable:
    """Takes the database's writer only for the first of a playing's many requests."""
    with asked.work(Action.PLAY_RECORDING, write=False) as work:
        found = recordings.playable(work.session, work.viewer, call_id, work.now)
        if not (found.own or found.noted):
            asked.require_proof(work)
    if not found.noted:
        with asked.work(Action.PLAY_RECORDING) as work:
            recordings.note_playing(work.session, work.viewer, call_id, work.now)
    return found


class _Part(StreamingResponse):
    """A part of a sealed file, opened chunk by chunk; the file is closed whatever happens.

    A chunk that was tampered with ends the answer short of its length: no browser takes it for whole.
    """

    def __init__(
        self,
        call_id: CallId,
        file: SealedFile,
        piece: tuple[int, int] | None,
        media_type: str,
        headers: dict[str, str],
    ) -> None:
        self._call_id, self._file = call_id, file
        start, stop = piece or (0, file.size)
        headers = headers | {"Content-Length": str(stop - start), "Content-Disposition": "inline"}
        if piece is not None:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
        super().__init__(self._pieces(start, stop), 206 if piece else 200, headers, media_type)

    def _pieces(self, start: int, stop: int) -> Iterator[bytes]:
        try:
            yield from self._file.read(start, stop)
        except SealBroken:
            with db.transaction() as session:
                signals = recording_care.went_bad(session, self._call_id, "damaged", utc_now())
            bus.publish(signals)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()

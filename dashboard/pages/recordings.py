"""Recordings: played by right, every playing on record. Answers byte ranges for seeking."""

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from dashboard.asking import Asking, LineId
from hotline.access import Action
from hotline.ids import CallId
from intake import recordings

router = APIRouter()


@router.get("/recordings/{call_id}")
def play(asked: Asking, call_id: LineId) -> Response:
    with asked.work(Action.PLAY_RECORDING) as work:
        file = recordings.open_recording(work.session, work.viewer, CallId(call_id), work.now)
    return FileResponse(file, media_type="audio/wav", content_disposition_type="inline")

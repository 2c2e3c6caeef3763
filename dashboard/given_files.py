"""Files that somebody sent us, given out: the one way to the browser for them.

They come from children, offices and strangers, so each is asked of the scanner (`hotline.clamd`) where
the house has one. Outside the transaction: it may take seconds, in which no writer may wait.
"""

from urllib.parse import quote

import structlog
from starlette.responses import Response

from dashboard.asking import Asked, Work
from hotline import clamd
from hotline.settings import settings
from intake.reports.attachments import File

_log = structlog.get_logger()


def given(asked: Asked, work: Work, file: File, *, inline: bool = False) -> Response:
    """`work`: the one that fetched it, which is over. `inline`: a picture of a page, else to be saved.
    Raises clamd.Malware, which is on record, and clamd.NotScanned."""
    door = settings().clamd
    try:
        if door:
            clamd.require_clean(door, file.content)
    except clamd.Malware:
        asked.refused(work, "malware")
        raise
    except clamd.NotScanned:
        _log.warning("file_not_scanned", kind=file.kind)
        raise
    how = "inline" if inline else f"attachment; filename*=UTF-8''{quote(file.name)}"
    return Response(file.content, media_type=file.kind, headers={"Content-Disposition": how})

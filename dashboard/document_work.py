"""The job that makes a document's files, and the sweep that finds what was lost on the way to it.

Here, because only this room makes sentences; the worker calls it by its name. May run twice or be
killed half-way: what is made already is left alone.
"""

from datetime import timedelta

import structlog

from dashboard.form_paper import paper
from hotline import jobs, keyring
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.settings import settings
from intake.documents import document_files, documents
from intake.documents.paper_docx import docx
from intake.documents.paper_pdf import pdf

_log = structlog.get_logger()

_LOST = timedelta(seconds=45)
"""A document takes a tenth of a second: one that waits longer has lost its job."""


def make(document_id: int) -> None:
    """Make the PDF and the DOCX of one document, or say that it cannot be made."""
    with reading() as session:
        order = document_files.to_make(session, document_id)
    if order is None:
        return
    try:
        sheet = paper(order, settings())
        files = {"pdf": pdf(sheet), "docx": docx(sheet)}
    except Exception as error:
        _log.warning("document_not_made", id=document_id, error=type(error).__name__)
        with transaction() as session:
            document_files.failed(session, document_id, "not_made", utc_now())
        raise
    ring = keyring.recording_keys(settings())
    with transaction() as session:
        document_files.keep(session, document_id, files, ring, utc_now())


def sweep() -> None:
    """Each minute: queue again what has waited too long."""
    with reading() as session:
        lost = document_files.still_queued(session, utc_now() - _LOST)
    jobs.enqueue_all([(documents.JOB, one) for one in lost])

"""The job that puts an approved answer on paper, and the sweep that finds what was lost on the way.

As `dashboard.document_work`: it may run twice or be killed half-way.
"""

from dashboard.packet_paper import paper
from hotline import jobs, keyring, made_up
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.settings import settings
from intake.data_requests import answers, data_requests
from intake.documents.paper_docx import docx
from intake.documents.paper_pdf import pdf


def make(request_id: int) -> None:
    """The PDF and the DOCX of one answer, sealed."""
    of = settings()
    ring = keyring.recording_keys(of)
    with reading() as session:
        found, about_nobody = answers.to_make(session, request_id, ring), bool(made_up.years(session))
    if found is None:
        return
    text, place = found
    sheet = paper(text, request_id, place, of, made_up=about_nobody)
    files = {"pdf": pdf(sheet), "docx": docx(sheet)}
    with transaction() as session:
        answers.keep(session, request_id, files, ring, utc_now())


def sweep() -> None:
    """Each minute: queue again what has no files yet."""
    with reading() as session:
        lost = answers.still_queued(session)
    jobs.enqueue_all([(data_requests.JOB, one) for one in lost])

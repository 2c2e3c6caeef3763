"""Handing a case over, from the case's page: choose to whom, see exactly what goes, send it."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, Work
from dashboard.given_files import given
from dashboard.rendering import page
from hotline import audit, jobs, keyring
from hotline.access import Action
from hotline.audit import Act
from hotline.errors import BadInput, Conflict
from hotline.ids import CaseId
from hotline.settings import settings
from hotline.units import unit as unit_of
from intake.directory import directory, directory_entries
from intake.forms import places
from intake.handovers import (
    case_handovers,
    handover_care,
    handover_links,
    handover_photos,
    office_systems,
    webhooks,
)
from intake.handovers.case_handovers import Draft
from intake.handovers.handover_views import Way

router = APIRouter()

Line = Annotated[str, Form(max_length=400)]
Long = Annotated[str, Form(max_length=20_000)]


@router.get("/cases/{case_id}/handover")
def form(asked: Asking, case_id: Id, unit: Annotated[str, Query(max_length=300)] = "") -> Response:
    """`unit`: an id or a label; left out, where it happened."""
    with asked.work(Action.WRITE_CASE) as work:
        written = case_handovers.told_by_records(work.session, work.viewer, CaseId(case_id))
        audit.note(work.session, work.viewer, Act.SEE, "case", case_id, work.now, "to_hand_over")
        return _form(asked, work, CaseId(case_id), Draft(unit, "", Way.LINK, written, "", report=True))


@router.post("/cases/{case_id}/handover/preview")
def preview(
    asked: Asking,
    case_id: Id,
    unit: Line = "",
    recipient: Line = "",
    way: Annotated[Way, Form()] = Way.LINK,
    summary: Long = "",
    request: Long = "",
    report: Line = "",
) -> Response:
    """Exactly what would be sent, as the receiver will see it."""
    draft = _draft(unit, recipient, way, summary, request, report)
    with asked.work(Action.WRITE_CASE) as work:
        return _preview(asked, work, CaseId(case_id), draft)


@router.post("/cases/{case_id}/handover")
def send(
    asked: Asking,
    case_id: Id,
    seen: Line,
    unit: Line = "",
    recipient: Line = "",
    way: Annotated[Way, Form()] = Way.LINK,
    summary: Long = "",
    request: Long = "",
    report: Line = "",
) -> Response:
    draft, where = _draft(unit, recipient, way, summary, request, report), CaseId(case_id)
    limits = handover_care.limits(settings())
    with asked.work(Action.WRITE_CASE) as work:
        try:
            with work.session.begin_nested():
                reference, signals = case_handovers.send(
                    work.session, work.viewer, where, draft, seen, limits, work.now
                )
        except BadInput as wrong:
            return _form(asked, work, where, draft, str(wrong))
        except Conflict as wrong:
            if str(wrong) != "packet":
                raise
            return _preview(asked, work, where, draft, "packet")
        work.signal(signals)
        if way is Way.LINK:
            return _link(asked, work, reference)
        message = None
        if way is Way.SYSTEM:
            message = office_systems.tell(work.session, reference, webhooks.SENT, work.now)
    if message is not None:
        jobs.enqueue(webhooks.JOB, message)
    return RedirectResponse(f"/cases/{case_id}", 303)


@router.get("/handovers/{reference}")
def case_of(asked: Asking, reference: str) -> Response:
    """From an alarm to its case."""
    with asked.work(Action.WRITE_CASE, write=False) as work:
        where = case_handovers.case_of(work.session, work.viewer, reference)
    return RedirectResponse(f"/cases/{where}", 303)


@router.post("/handovers/{reference}/link")
def new_link(asked: Asking, reference: str) -> Response:
    """A new link and code; the ones before open nothing any more."""
    with asked.work(Action.WRITE_CASE) as work:
        return _link(asked, work, reference)


@router.post("/handovers/{reference}/revoke")
def revoke(asked: Asking, reference: str) -> Response:
    with asked.work(Action.WRITE_CASE) as work:
        handover_links.revoke(work.session, work.viewer, reference, work.now)
        where = case_handovers.case_of(work.session, work.viewer, reference)
    return RedirectResponse(f"/cases/{where}", 303)


@router.post("/handovers/{reference}/withdraw")
def withdraw(asked: Asking, reference: str, reason: Line = "") -> Response:
    with asked.work(Action.WRITE_CASE) as work:
        where = case_handovers.case_of(work.session, work.viewer, reference)
        work.signal(case_handovers.withdraw(work.session, work.viewer, reference, reason, work.now))
    return RedirectResponse(f"/cases/{where}", 303)


@router.get("/handovers/photos/{photo_id}")
def photo(asked: Asking, photo_id: Id) -> Response:
    """A picture from the field, for who may read the case."""
    ring = keyring.recording_keys(settings())
    with asked.work(Action.READ_CASE) as work:
        file = handover_photos.fetch(work.session, work.viewer, photo_id, ring, work.now)
    return given(asked, work, file)


def _draft(unit: str, recipient: str, way: Way, summary: str, request: str, report: str) -> Draft:
    told = " ".join(recipient.split())
    return Draft(places.canonical(unit), told, way, summary, request, bool(report))


def _form(asked: Asked, work: Work, case_id: CaseId, draft: Draft, wrong: str = "") -> Response:
    likely = case_handovers.units_of(work.session, work.viewer, case_id)
    chosen = places.canonical(draft.unit_id) or (likely[0].id if len(likely) == 1 else "")
    known = unit_of(chosen) is not None
    entries = directory_entries.around(work.session, chosen) if known else ()
    system = office_systems.of_unit(work.session, chosen) if known else None
    context: dict[str, Any] = {
        "case_id": case_id,
        "unit_id": chosen,
        "known": known,
        "likely": likely,
        "entries": entries,
        "on_duty": directory.on_duty(entries, chosen, work.now) if known else None,
        "draft": draft,
        "ways": (Way.LINK, Way.ACCOUNT, *((Way.SYSTEM,) if system else ())),
        "quick_report": case_handovers.has_quick_report(work.session, work.viewer, case_id),
        "wrong": wrong,
    }
    return page(asked, work, "handover_form.html", status=422 if wrong else 200, **context)


def _preview(asked: Asked, work: Work, case_id: CaseId, draft: Draft, wrong: str = "") -> Response:
    try:
        packet = case_handovers.prepare(work.session, work.viewer, case_id, draft)
    except BadInput as problem:
        return _form(asked, work, case_id, draft, str(problem))
    return page(
        asked, work, "handover_preview.html", case_id=case_id, draft=draft, packet=packet, wrong=wrong
    )


def _link(asked: Asked, work: Work, reference: str) -> Response:
    """Shown once: neither the link nor the code can be told again."""
    made = handover_links.make(work.session, work.viewer, reference, work.now)
    base = settings().public_url or str(asked.request.base_url).rstrip("/")
    return page(
        asked,
        work,
        "handover_link.html",
        reference=reference,
        address=f"{base}/h?k={made.token}",
        made=made,
    )

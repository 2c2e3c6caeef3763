"""The statutory forms of a case: opened, written, made into documents; the quick report by one press."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from dashboard import form_view
from dashboard.asking import DRAFT, Asked, Asking, Id, MaybeId, Work
from dashboard.pages.case_purposes import asks_first
from dashboard.rendering import page
from hotline import audit, jobs, keyring
from hotline.access import Action
from hotline.audit import Act
from hotline.errors import BadInput, FieldErrors
from hotline.ids import CaseId
from hotline.settings import settings
from intake.cases import cases
from intake.cases.file_purposes import PurposeNeeded
from intake.documents import document_files, documents, filled_forms, statutory_forms
from intake.documents.documents import Level, Setting
from intake.documents.filled_forms import FilledForm, SavedForm
from intake.handovers import handover_views

router = APIRouter()

_SAME_LOOK = timedelta(minutes=10)
"""The page asks again and again until a document is made: that is one look."""

_Token = Annotated[str, Form(pattern=r"^[\w-]{16,40}$")]
_Text = Annotated[str, Form()]


async def _typed(request: Request) -> Mapping[str, str]:
    """The form's fields: those named `f.<full name>`; of several under one name the last counts."""
    form = await request.form()
    return {
        name.removeprefix("f."): str(text) for name, text in form.multi_items() if name.startswith("f.")
    }


@router.post("/cases/{case_id}/forms")
def open_form(
    asked: Asking,
    case_id: Id,
    token: _Token,
    code: _Text = "",
    child: MaybeId = None,
) -> Response:
    """A new form with what is known; to write in it."""
    with asked.work(Action.WRITE_CASE) as work:
        form_id = filled_forms.open_form(
            work.session, work.viewer, CaseId(case_id), code, child, token, work.now
        )
    return RedirectResponse(f"/forms/{form_id}", 303)


@router.post("/cases/{case_id}/quick-report")
def quick_report(asked: Asking, case_id: Id, token: _Token, child: MaybeId = None) -> Response:
    """What is known now, numbered and handed to the worker in one press; to be completed afterwards."""
    with asked.work(Action.WRITE_CASE) as work:
        case = cases.case(work.session, work.viewer, CaseId(case_id), work.now)
        known = child or next((one.id for one in case.children), None)
        asked_of = handover_views.of_case(work.session, work.viewer, case.id)
        told = (
            form_view.done_so_far(case.events)
            | form_view.other_children(case.children, known)
            | form_view.asked_so_far(asked_of)
        )
        form_id = filled_forms.open_form(
            work.session, work.viewer, case.id, "quick_report", known, token, work.now, told
        )
        document_id = documents.order(
            work.session,
            work.viewer,
            form_id,
            Setting(signer=work.viewer.name, level=Level.STRICT),
            token,
            settings(),
            work.now,
        )
    jobs.enqueue(documents.JOB, document_id)
    return RedirectResponse(f"/forms/{form_id}#documents", 303)


@router.get("/forms/{form_id}")
def form(asked: Asking, form_id: Id, taken: Annotated[str, Query(pattern=DRAFT)] = "") -> Response:
    """`taken`: the browser's word for a draft that has arrived."""
    with asked.work(Action.READ_CASE) as work:
        return _page(asked, work, _form(work, form_id), taken=taken)


@router.post("/forms/{form_id}")
def save(
    asked: Asking,
    form_id: Id,
    typed: Annotated[Mapping[str, str], Depends(_typed)],
    base_revision: Annotated[int, Form(ge=0, le=2**31 - 1)],
    draft: Annotated[str, Form(pattern=DRAFT)] = "",
) -> Response:
    """What could not be taken in comes back in its fields, beside what is there instead."""
    with asked.work(Action.WRITE_CASE) as work:
        saved = filled_forms.save(work.session, work.viewer, form_id, base_revision, typed, work.now)
        if saved.clashes or saved.errors:
            return _page(asked, work, _form(work, form_id), 422, typed=typed, saved=saved, taken=draft)
    return RedirectResponse(f"/forms/{form_id}" + (f"?taken={draft}" if draft else ""), 303)


@router.post("/forms/{form_id}/documents")
def make_document(
    asked: Asking,
    form_id: Id,
    token: _Token,
    level: _Text = "",
    capacity: _Text = "",
    signer: _Text = "",
    recipients: _Text = "",
    readers: _Text = "",
) -> Response:
    """Number it, and have the worker make it of what is saved."""
    with asked.work(Action.WRITE_CASE) as work:
        if level not in set(Level):
            raise BadInput("level")
        setting = Setting(capacity, signer, recipients, Level(level), readers)
        try:
            document_id = documents.order(
                work.session, work.viewer, form_id, setting, token, settings(), work.now
            )
        except FieldErrors as wrong:
            return _page(
                asked, work, _form(work, form_id), 422, setting=setting, setting_errors=wrong.fields
            )
    jobs.enqueue(documents.JOB, document_id)
    return RedirectResponse(f"/forms/{form_id}#documents", 303)


@router.get("/documents/{document_id}")
def document(asked: Asking, document_id: Id) -> Response:
    """How far it is: the page asks again until it is made."""
    with asked.work(Action.READ_CASE) as work:
        found, writes = documents.document(work.session, work.viewer, document_id)
        since = work.now - _SAME_LOOK
        if not audit.noted(work.session, work.viewer, Act.SEE, "document", document_id, since):
            audit.note(work.session, work.viewer, Act.SEE, "document", document_id, work.now)
        return page(asked, work, "_document.html", document=found, writes=writes)


@router.get("/documents/{document_id}/{kind}")
def download(asked: Asking, document_id: Id, kind: str) -> Response:
    """One file, to be saved: never shown inside a page of ours."""
    ring = keyring.recording_keys(settings())
    try:
        with asked.work(Action.READ_CASE) as work:
            file = document_files.fetch(
                work.session, work.viewer, document_id, kind, ring, work.now, work.began_at
            )
    except PurposeNeeded as needed:
        return asks_first(needed)
    name = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.kind, headers=name)


@router.post("/documents/{document_id}/withdraw")
def withdraw(asked: Asking, document_id: Id, why: _Text = "") -> Response:
    with asked.work(Action.WRITE_CASE) as work:
        form_id = documents.withdraw(work.session, work.viewer, document_id, why, work.now)
    return RedirectResponse(f"/forms/{form_id}#documents", 303)


@router.post("/documents/{document_id}/again")
def again(asked: Asking, document_id: Id) -> Response:
    with asked.work(Action.WRITE_CASE) as work:
        form_id = documents.again(work.session, work.viewer, document_id, work.now)
    jobs.enqueue(documents.JOB, document_id)
    return RedirectResponse(f"/forms/{form_id}#documents", 303)


def _form(work: Work, form_id: int) -> FilledForm:
    return filled_forms.filled_form(work.session, work.viewer, form_id, work.now)


def _page(asked: Asked, work: Work, shown: FilledForm, status: int = 200, **given: Any) -> Response:
    """`typed` and `saved`: a page that could not be taken in whole."""
    ours = shown.form.code not in statutory_forms.COMMUNE
    blank: dict[str, Any] = {
        "typed": {},
        "taken": "",
        "saved": SavedForm(shown.revision, {}, {}),
        "setting": Setting(signer=work.viewer.name if ours else ""),
        "setting_errors": {},
    }
    return page(
        asked,
        work,
        "case_form.html",
        status=status,
        filled=shown,
        documents=documents.of_form(work.session, work.viewer, shown.id),
        rejected=filled_forms.rejected(work.session, shown.id),
        changes=filled_forms.history(work.session, shown.id),
        token=form_view.new_token(),
        **(blank | given),
    )

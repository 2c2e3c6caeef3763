"""What people put on the timeline of a case: visits, decisions, corrections, files."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import DRAFT, Asked, Asking, Id, Work
from dashboard.formats import moment_field, typed_moment
from dashboard.given_files import given
from dashboard.pages.case_purposes import asks_first
from dashboard.pages.cases import case_page, given_answers
from dashboard.rendering import page
from hotline import keyring
from hotline.access import Action
from hotline.errors import BadInput, Conflict, FieldErrors, NotVisible
from hotline.ids import CaseId
from hotline.settings import settings
from intake.cases import case_attachments, case_entries, cases
from intake.cases.file_purposes import PurposeNeeded
from intake.reports.attachments import File as Fetched

router = APIRouter()

Text = Annotated[str, Form()]
Word = Annotated[str, Form(pattern=DRAFT)]
Answers = Annotated[Mapping[str, str], Depends(given_answers)]


@router.get("/cases/{case_id}/entries/new")
def new(asked: Asking, case_id: Id, kind: Annotated[str, Query(max_length=20)] = "note") -> Response:
    with asked.work(Action.WRITE_CASE) as work:
        return _form(asked, work, CaseId(case_id), kind)


@router.post("/cases/{case_id}/entries")
def add(
    asked: Asking,
    case_id: Id,
    answers: Answers,
    kind: Text = "note",
    text: Text = "",
    happened_at: Text = "",
) -> Response:
    given = {"answers": answers, "text": text, "happened_at": happened_at}
    with asked.work(Action.WRITE_CASE) as work:
        try:
            case_entries.add(
                work.session,
                work.viewer,
                CaseId(case_id),
                kind,
                answers,
                text,
                work.now,
                _moment(happened_at),
            )
        except FieldErrors as wrong:
            return _form(asked, work, CaseId(case_id), kind, 422, wrong=wrong.fields, **given)
    return RedirectResponse(f"/cases/{case_id}", 303)


@router.get("/cases/{case_id}/entries/{event_id}/correct")
def to_correct(asked: Asking, case_id: Id, event_id: Id) -> Response:
    with asked.work(Action.WRITE_CASE) as work:
        entry = case_entries.to_correct(work.session, work.viewer, CaseId(case_id), event_id)
        return _form(
            asked,
            work,
            CaseId(case_id),
            entry.kind,
            correcting=event_id,
            answers=entry.answers,
            text=entry.text,
            happened_at=moment_field(entry.happened_at),
        )


@router.post("/cases/{case_id}/entries/{event_id}/correct")
def correct(
    asked: Asking, case_id: Id, event_id: Id, answers: Answers, text: Text = "", happened_at: Text = ""
) -> Response:
    """A new entry takes its place; the old one stays readable."""
    given = {"answers": answers, "text": text, "happened_at": happened_at, "correcting": event_id}
    this = CaseId(case_id)
    with asked.work(Action.WRITE_CASE) as work:
        entry = case_entries.to_correct(work.session, work.viewer, this, event_id)
        try:
            when = _moment(happened_at)
            if when is not None and happened_at == moment_field(entry.happened_at):
                when = None  # as it was, to the second
            case_entries.correct(
                work.session, work.viewer, this, event_id, answers, text, work.now, when
            )
        except FieldErrors as wrong:
            return _form(asked, work, this, entry.kind, 422, wrong=wrong.fields, **given)
        except Conflict as conflict:
            return _form(asked, work, this, entry.kind, 409, problem=str(conflict), **given)
    return RedirectResponse(f"/cases/{case_id}", 303)


def _moment(text: str) -> datetime | None:
    try:
        return typed_moment(text)
    except BadInput:
        raise FieldErrors({"happened_at": "not_a_time"}) from None


def _form(
    asked: Asked, work: Work, case_id: CaseId, kind: str, status: int = 200, **given: Any
) -> Response:
    if kind not in case_entries.ASKED:
        raise NotVisible("kind")
    shown = cases.case(work.session, work.viewer, case_id, work.now)
    blank: dict[str, Any] = {
        "wrong": {},
        "answers": {},
        "text": "",
        "happened_at": "",
        "correcting": None,
        "problem": "",
    }
    return page(
        asked,
        work,
        "case_entry.html",
        status=status,
        case=shown,
        kind=kind,
        questions=case_entries.ASKED[kind],
        **(blank | given),
    )


@router.post("/cases/{case_id}/files")
def bring(
    asked: Asking,
    case_id: Id,
    files: Annotated[list[UploadFile] | None, File()] = None,
    text: Text = "",
    word: Word = "",
) -> Response:
    """Keep what can be taken in; what cannot is said by name, with the reason. `word`: the page's, the
    same when it sends again."""
    brought = [(one.filename or "", one.file.read()) for one in files or () if one.filename]
    with asked.work(Action.WRITE_CASE) as work:
        ring = keyring.recording_keys(settings())
        try:
            refused = case_attachments.add(
                work.session, work.viewer, CaseId(case_id), brought, text, ring, work.now, word
            )
        except FieldErrors as wrong:
            shown = cases.case(work.session, work.viewer, CaseId(case_id), work.now)
            problem = {"": next(iter(wrong.fields.values()))}
            return case_page(asked, work, shown, 422, file_text=text, file_errors=problem)
        if refused:
            shown = cases.case(work.session, work.viewer, CaseId(case_id), work.now)
            return case_page(asked, work, shown, 422, file_text=text, file_errors=refused)
    return RedirectResponse(f"/cases/{case_id}", 303)


@router.get("/cases/{case_id}/files/{file_id}")
def download(asked: Asking, case_id: Id, file_id: Id) -> Response:
    """To be saved."""
    try:
        work, file = _fetched(asked, case_id, file_id, out=True)
    except PurposeNeeded as needed:
        return asks_first(needed)
    return given(asked, work, file)


@router.get("/cases/{case_id}/files/{file_id}/picture")
def picture(asked: Asking, case_id: Id, file_id: Id) -> Response:
    """To be looked at inside the page: pictures alone."""
    work, file = _fetched(asked, case_id, file_id)
    if file.kind not in case_attachments.PICTURES:
        raise NotVisible("picture")
    return given(asked, work, file, inline=True)


def _fetched(asked: Asked, case_id: int, file_id: int, *, out: bool = False) -> tuple[Work, Fetched]:
    """`out`: not to be looked at inside a page."""
    with asked.work(Action.READ_CASE) as work:
        ring = keyring.recording_keys(settings())
        since = work.began_at if out else None
        file = case_attachments.fetch(
            work.session, work.viewer, CaseId(case_id), file_id, ring, work.now, since
        )
    return work, file

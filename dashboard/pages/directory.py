"""The directory: who protects children in a commune, who is on duty tonight, lists that are brought."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, Work
from dashboard.rendering import page
from hotline.access import Action
from hotline.errors import BadInput, Conflict, FieldErrors
from hotline.units import unit as unit_of
from intake.directory import directory, directory_entries, directory_lists
from intake.directory.directory import NATIONAL, Entry, Kind
from intake.forms import places
from intake.forms.place_lines import find_in

router = APIRouter()

SHOWN = 200
"""Changes and wrong lines of a list that are shown; all of them are counted."""
Text = Annotated[str, Form(max_length=1000)]


def _typed(
    unit: Text = "",
    kind: Text = "",
    name: Text = "",
    numbers: Text = "",
    hours: Text = "",
    note: Text = "",
    source: Text = "",
    checked: Text = "",
) -> Mapping[str, str]:
    """Column → what was typed, of an entry's form."""
    texts = (unit, kind, name, numbers, hours, note, source, checked)
    return dict(zip(directory.COLUMNS, texts, strict=True))


Typed = Annotated[Mapping[str, str], Depends(_typed)]
_Revision = Annotated[int, Form(ge=1, le=2**31 - 1)]


@router.get("/directory")
def directory_page(asked: Asking, unit: Annotated[str, Query(max_length=200)] = "") -> Response:
    """`unit`: an id, a label, or what somebody types of it."""
    with asked.work(Action.SEE_DIRECTORY, write=False) as work:
        return _page(asked, work, unit)


@router.get("/directory/list.csv")
def blank(asked: Asking) -> Response:
    """An empty list, to fill in."""
    with asked.work(Action.EDIT_DIRECTORY, write=False):
        named = {"Content-Disposition": 'attachment; filename="danh-ba.csv"'}
        return Response(directory_lists.blank(), media_type="text/csv; charset=utf-8", headers=named)


@router.post("/directory/entries")
def add(asked: Asking, typed: Typed) -> Response:
    with asked.work(Action.EDIT_DIRECTORY) as work:
        try:
            told = directory.contact(typed)
            directory_entries.add(work.session, work.viewer, told, work.now)
        except (FieldErrors, Conflict) as problem:
            return _page(asked, work, typed["unit"], 422, typed=typed, wrong=_wrong(problem))
    return RedirectResponse(f"/directory?unit={told.unit_id}", 303)


@router.get("/directory/entries/{entry_id}")
def entry(asked: Asking, entry_id: Id) -> Response:
    with asked.work(Action.SEE_DIRECTORY, write=False) as work:
        found = directory_entries.entry(work.session, entry_id)
        return _entry(asked, work, found, directory_entries.texts(found.contact))


@router.post("/directory/entries/{entry_id}")
def change(asked: Asking, entry_id: Id, revision: _Revision, typed: Typed) -> Response:
    with asked.work(Action.EDIT_DIRECTORY) as work:
        try:
            told = directory.contact(typed)
            directory_entries.change(work.session, work.viewer, entry_id, revision, told, work.now)
        except (FieldErrors, Conflict) as problem:
            found = directory_entries.entry(work.session, entry_id)
            return _entry(asked, work, found, typed, _wrong(problem), 422)
    return RedirectResponse(f"/directory?unit={told.unit_id}", 303)


@router.post("/directory/entries/{entry_id}/remove")
def remove(asked: Asking, entry_id: Id, revision: _Revision, reason: Text = "") -> Response:
    with asked.work(Action.EDIT_DIRECTORY) as work:
        found = directory_entries.entry(work.session, entry_id)
        try:
            directory_entries.remove(work.session, work.viewer, entry_id, revision, reason, work.now)
        except (BadInput, Conflict) as problem:
            texts = directory_entries.texts(found.contact)
            return _entry(asked, work, found, texts, _wrong(problem), 422)
    return RedirectResponse(f"/directory?unit={found.contact.unit_id}", 303)


@router.post("/directory/import")
def bring(asked: Asking, file: Annotated[UploadFile, File()]) -> Response:
    """Look at what a list would change; nothing is changed yet."""
    content = file.file.read()
    with asked.work(Action.EDIT_DIRECTORY) as work:
        try:
            made = directory_entries.bring(work.session, work.viewer, content, work.now)
        except BadInput as problem:
            return _page(asked, work, "", 422, wrong={"file": str(problem)})
    return RedirectResponse(f"/directory/imports/{made}", 303)


@router.get("/directory/imports/{import_id}")
def brought(asked: Asking, import_id: Id) -> Response:
    with asked.work(Action.EDIT_DIRECTORY, write=False) as work:
        return _brought(asked, work, import_id)


@router.post("/directory/imports/{import_id}/apply")
def apply(asked: Asking, import_id: Id) -> Response:
    with asked.work(Action.EDIT_DIRECTORY) as work:
        try:
            directory_entries.apply(work.session, work.viewer, import_id, work.now)
        except BadInput:
            return _brought(asked, work, import_id, 422)
    return RedirectResponse(f"/directory/imports/{import_id}", 303)


def _wrong(problem: Exception) -> Mapping[str, str]:
    """Column → code; what is about no column goes under the empty one."""
    return problem.fields if isinstance(problem, FieldErrors) else {"": str(problem)}


def _page(asked: Asked, work: Work, sought: str, status: int = 200, **given: Any) -> Response:
    line = " ".join(sought.split())
    kept = places.canonical(line)
    known = line == NATIONAL or unit_of(kept) is not None
    choices = () if known or not line else find_in(line).units
    if len(choices) == 1:
        kept, known, choices = choices[0].id, True, ()
    unit_id = kept if known else ""
    entries = directory_entries.around(work.session, unit_id) if unit_id else ()
    context: dict[str, Any] = {
        "sought": line,
        "unit_id": unit_id,
        "choices": choices,
        "entries": entries,
        "on_duty": directory.on_duty(entries, unit_id, work.now) if unit_id else None,
        "chain": directory.chain(unit_id) if unit_id else (),
        "became": places.became(unit_id),
        "counts": directory_entries.counts(work.session),
        "kinds": tuple(Kind),
        "NATIONAL": NATIONAL,
        "typed": {"unit": unit_id},
        "wrong": {},
    }
    return page(asked, work, "directory.html", status=status, **(context | given))


def _entry(
    asked: Asked,
    work: Work,
    found: Entry,
    typed: Mapping[str, str],
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    return page(
        asked,
        work,
        "directory_entry.html",
        status=status,
        entry=found,
        typed=typed,
        wrong=wrong or {},
        kinds=tuple(Kind),
        NATIONAL=NATIONAL,
        history=directory_entries.history(work.session, found.id),
    )


def _brought(asked: Asked, work: Work, import_id: int, status: int = 200) -> Response:
    found = directory_entries.brought(work.session, work.viewer, import_id)
    return page(
        asked,
        work,
        "directory_import.html",
        status=status,
        brought=found,
        shown=SHOWN,
        texts=directory_entries.texts,
        NATIONAL=NATIONAL,
    )

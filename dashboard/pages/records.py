"""Records: written on the desk, read and mended on their own page. Autosave answers in JSON."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from dashboard import desk_view
from dashboard.arrival_form import given
from dashboard.asking import Asked, Asking, Id, OtherId, Work
from dashboard.formats import clock
from dashboard.i18n import Language
from dashboard.pages.desk import after, open_record
from dashboard.record_form import shown_fields
from dashboard.rendering import page
from dashboard.words import value, word
from hotline import bus
from hotline.access import Action, may
from hotline.errors import BadInput, NotVisible
from hotline.ids import CallId, CaseId, RecordId, StaffId
from intake.calls import calls, yes_no
from intake.calls.calls import CallView
from intake.cases import candidates, cases, joining
from intake.cases.candidates import Candidate
from intake.forms import forms
from intake.forms.taxonomy import Disposition
from intake.records import records
from intake.records.records import FieldConflict, RecordView, Saved
from intake.reports import reports
from intake.reports.reports import ReportView
from intake.surveys import asking

router = APIRouter()


class Typed(BaseModel):
    """What one page sends: the fields touched since `base_revision`, and the page's own word."""

    base_revision: Annotated[int, Field(ge=0, le=2**31 - 1)]
    tab: Annotated[str, Field(pattern=r"^[\w-]{0,40}$")] = ""
    changes: dict[str, str]


@router.get("/records/{record_id}")
def record(asked: Asking, record_id: Id) -> Response:
    with asked.work(Action.READ_RECORD) as work:
        shown = records.record(work.session, work.viewer, RecordId(record_id), work.now)
        return page(
            asked,
            work,
            "record.html",
            record=shown,
            call=_call(work, shown),
            report=_report(work, shown),
            arrival_given=given(shown.arrival) if shown.arrival else {},
            asked_by_key=yes_no.told(work.session, shown.call_id) if shown.call_id else (),
            changes=records.history(work.session, work.viewer, shown.id, work.now),
        )


@router.get("/records/{record_id}/guidance")
def guidance(asked: Asking, record_id: Id) -> Response:
    """What is said beside the form, for what the record holds now."""
    with asked.work(Action.READ_RECORD) as work:
        shown = records.record(work.session, work.viewer, RecordId(record_id), work.now)
        survey = None
        if shown.call_id and shown.editable and shown.owner.id == work.viewer.staff_id:
            survey = asking.offer(work.session, work.viewer, shown.call_id, work.now)
        return page(asked, work, "_guidance.html", record=shown, survey=survey)


@router.post("/records/{record_id}/autosave")
def autosave(asked: Asking, record_id: Id, typed: Typed) -> JSONResponse:
    """Merge; 200 also with conflicts and wrong fields: what could be saved is saved."""
    with asked.work(Action.WRITE_RECORD, while_hidden=True) as work:
        saved = records.autosave(
            work.session,
            work.viewer,
            RecordId(record_id),
            typed.base_revision,
            typed.changes,
            work.now,
            typed.tab,
        )
        return JSONResponse(_answer(asked.language, saved))


@router.post("/records/{record_id}/close")
def close(
    asked: Asking,
    record_id: Id,
    disposition: Annotated[str, Form()],
    on: Annotated[str, Form()] = "desk",
) -> Response:
    """Close with one key. `on` is the kind of page that asked: the desk goes on to the next call."""
    with asked.work(Action.WRITE_RECORD) as work:
        if disposition not in set(Disposition):
            raise BadInput("disposition")
        closed = records.close(
            work.session, work.viewer, RecordId(record_id), Disposition(disposition), work.now
        )
        work.session.flush()
        if on != "desk":
            return _reload()
        _end_wrap_up(work, closed, Disposition(disposition))
        return after(asked, work, closed=closed)


@router.post("/records/{record_id}/reopen")
def reopen(asked: Asking, record_id: Id, on: Annotated[str, Form()] = "desk") -> Response:
    """Undo a closing."""
    with asked.work(Action.WRITE_RECORD) as work:
        opened = records.reopen(work.session, work.viewer, RecordId(record_id), work.now)
        desk_view.give_time_to_write(work, opened)
    return _reload() if on != "desk" else open_record(asked, record_id)


@router.post("/records/{record_id}/case")
def open_case(
    asked: Asking,
    record_id: Id,
    on: Annotated[str, Form()] = "desk",
    new: Annotated[str, Form()] = "",
    join: OtherId = 0,
) -> Response:
    """Escalate: the record is closed and its case opened in one transaction. The writing goes on.

    Where other cases may be the same incident they are shown first; then comes what was chosen: `new`,
    or the case to `join` the record to.
    """
    with asked.work(Action.WRITE_CASE) as work:
        which = RecordId(record_id)
        if not (new or join):
            likely = candidates.candidates(work.session, work.viewer, which, work.now)
            if likely:
                return _choose(asked, work, which, on, likely)
        if join:
            row = candidates.joinable(work.session, work.viewer, which, CaseId(join), work.now)
            joining.join_record(work.session, work.viewer, which, row, "", work.now)
            work.signal([bus.Signal(bus.desk(StaffId(row.owner_id)), "case_news", str(row.id))])
        else:
            cases.open_from_record(work.session, work.viewer, which, work.now)
        record = records.record(work.session, work.viewer, which, work.now)
        if on != "desk":
            there = f"/cases/{record.case_id}" if record.case_id else f"/records/{record_id}"
            return Response(status_code=204, headers={"HX-Redirect": there})
        desk_view.rest_after(work, record, Disposition.ESCALATED)
        if join or record.case_id is None:
            return after(asked, work, record_id, joined_case=record.case)
        opened = cases.case(work.session, work.viewer, record.case_id, work.now)
        return after(asked, work, record_id, opened_case=opened)


def _choose(
    asked: Asked, work: Work, record_id: RecordId, on: str, likely: Sequence[Candidate]
) -> Response:
    """What is found goes above the record, whatever asked for it."""
    shown = page(asked, work, "_candidates.html", record_id=record_id, on=on, candidates=likely)
    shown.headers["HX-Retarget"] = "#candidates"
    return shown


def _end_wrap_up(work: Work, closed: RecordView, disposition: Disposition) -> None:
    """The record is done: after most calls the next may come at once."""
    rest = desk_view.rest_after(work, closed, disposition)
    if closed.call_id is None:
        return
    if rest or not may(work.viewer, Action.TAKE_CALLS):
        return
    if calls.current_for(work.session, work.viewer) is None:
        work.signal([bus.Signal(bus.STAFF, "wrapped_up", str(work.viewer.staff_id))])


def _reload() -> Response:
    return Response(status_code=204, headers={"HX-Refresh": "true"})


def _report(work: Work, shown: RecordView) -> ReportView | None:
    """It tells who sent it, so not to whom only the record was opened in an emergency."""
    return (
        reports.of_record(work.session, shown.id) if shown.arrival and not shown.behind_glass else None
    )


def _call(work: Work, shown: RecordView) -> CallView | None:
    if shown.call_id is None:
        return None
    try:
        return calls.call(work.session, work.viewer, CallId(shown.call_id), work.now)
    except NotVisible:
        return None


def _answer(language: Language, saved: Saved) -> dict[str, Any]:
    return {
        "revision": saved.revision,
        "saved_at": saved.saved_at.isoformat(),
        "fields": shown_fields(saved.fields),
        "conflicts": [_conflict(language, conflict) for conflict in saved.conflicts],
        "errors": {
            name: word(language, code, "field_error") for name, code in (saved.errors or {}).items()
        },
    }


def _conflict(language: Language, conflict: FieldConflict) -> dict[str, str]:
    _, inner = forms.split(conflict.field)
    return {
        "field": conflict.field,
        "theirs": shown_fields({conflict.field: conflict.theirs})[conflict.field],
        "yours": conflict.yours,
        "shown": value(language, inner, conflict.theirs),
        "by": f"{conflict.who.login}, {clock(conflict.at)}",
    }

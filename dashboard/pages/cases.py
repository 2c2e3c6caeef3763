"""Cases: the list by next deadline, and one case with its next step and its spine of events."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, Work
from dashboard.formats import typed_moment
from dashboard.rendering import page
from hotline.access import Action
from hotline.errors import BadInput, FieldErrors
from hotline.ids import CaseId
from intake import cases
from intake.cases import CaseView

router = APIRouter()

LISTED = 200


@router.get("/cases")
def case_list(asked: Asking) -> Response:
    with asked.work(Action.READ_CASE) as work:
        lines = cases.cases(work.session, work.viewer, work.now, limit=LISTED)
        return page(asked, work, "cases.html", lines=lines)


@router.get("/cases/{case_id}")
def case(asked: Asking, case_id: Id) -> Response:
    with asked.work(Action.READ_CASE) as work:
        return _page(asked, work, cases.case(work.session, work.viewer, CaseId(case_id), work.now))


async def _given(request: Request) -> Mapping[str, str]:
    """The step's answers: fields named `answer.<question>`."""
    form = await request.form()
    return {
        name.removeprefix("answer."): str(text)
        for name, text in form.items()
        if name.startswith("answer.")
    }


@router.post("/cases/{case_id}/steps/{step}")
def complete_step(
    asked: Asking, case_id: Id, step: str, answers: Annotated[Mapping[str, str], Depends(_given)]
) -> Response:
    """Complete the next step; what is missing is said beside its field, and nothing typed is lost."""
    with asked.work(Action.WRITE_CASE) as work:
        try:
            cases.complete_step(work.session, work.viewer, CaseId(case_id), step, answers, work.now)
        except FieldErrors as wrong:
            shown = cases.case(work.session, work.viewer, CaseId(case_id), work.now)
            return _page(asked, work, shown, 422, answers=answers, step_errors=wrong.fields)
    return RedirectResponse(f"/cases/{case_id}", 303)


@router.post("/cases/{case_id}/notes")
def add_note(
    asked: Asking,
    case_id: Id,
    note: Annotated[str, Form()] = "",
    happened_at: Annotated[str, Form()] = "",
) -> Response:
    with asked.work(Action.WRITE_CASE) as work:
        try:
            when = typed_moment(happened_at)
            cases.add_note(work.session, work.viewer, CaseId(case_id), note, work.now, when)
        except BadInput as wrong:
            fields = wrong.fields if isinstance(wrong, FieldErrors) else {"happened_at": "not_a_time"}
            shown = cases.case(work.session, work.viewer, CaseId(case_id), work.now)
            return _page(asked, work, shown, 422, note=note, note_errors=fields)
    return RedirectResponse(f"/cases/{case_id}", 303)


def _page(asked: Asked, work: Work, shown: CaseView, status: int = 200, **given: Any) -> Response:
    blank: dict[str, Any] = {"answers": {}, "step_errors": {}, "note": "", "note_errors": {}}
    return page(asked, work, "case.html", status=status, case=shown, **(blank | given))

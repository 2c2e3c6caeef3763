"""One case with its next step and its spine of events."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from dashboard import form_view
from dashboard.asking import Asked, Asking, Id, Work
from dashboard.formats import typed_moment
from dashboard.rendering import page
from hotline import bus
from hotline.access import Action, opened
from hotline.errors import BadInput, FieldErrors
from hotline.ids import CaseId
from intake.cases import case_attachments, cases, emergency, timeline
from intake.cases.cases import CaseView
from intake.cases.timeline import Group
from intake.forms.trafficking import Body, Outcome
from intake.handovers import handover_views
from intake.plans import plan_views
from intake.therapy import therapy_referrals
from intake.victims import victim_referrals

router = APIRouter()


@router.get("/cases/{case_id}")
def case(
    asked: Asking,
    case_id: Id,
    show: Annotated[Group | None, Query()] = None,
    before: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
) -> Response:
    """`show`: one group of the timeline; `before`: what is older than this entry."""
    with asked.work(Action.READ_CASE) as work:
        shown = cases.case(work.session, work.viewer, CaseId(case_id), work.now)
        return case_page(asked, work, shown, show=show, before=before)


async def given_answers(request: Request) -> Mapping[str, str]:
    """The step's answers: fields named `answer.<question>`."""
    form = await request.form()
    return {
        name.removeprefix("answer."): str(text)
        for name, text in form.items()
        if name.startswith("answer.")
    }


@router.post("/cases/{case_id}/steps/{step}")
def complete_step(
    asked: Asking, case_id: Id, step: str, answers: Annotated[Mapping[str, str], Depends(given_answers)]
) -> Response:
    """Complete the next step or take a turn; what is missing is said beside its field, and nothing typed
    is lost."""
    with asked.work(Action.WRITE_CASE) as work:
        try:
            cases.complete_step(work.session, work.viewer, CaseId(case_id), step, answers, work.now)
        except FieldErrors as wrong:
            shown = cases.case(work.session, work.viewer, CaseId(case_id), work.now)
            return case_page(
                asked, work, shown, 422, tried=step, answers=answers, step_errors=wrong.fields
            )
        work.signal([bus.Signal(bus.BOARD, "alarm")])
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
            return case_page(asked, work, shown, 422, note=note, note_errors=fields)
    return RedirectResponse(f"/cases/{case_id}", 303)


def case_page(
    asked: Asked,
    work: Work,
    shown: CaseView,
    status: int = 200,
    *,
    show: Group | None = None,
    before: int | None = None,
    **given: Any,
) -> Response:
    emergency_look = opened(work.viewer, Action.READ_CASE) == shown.id
    papers = None if emergency_look else form_view.of_case(work, shown)
    rung = emergency.calls_of(work.session, [shown.id, *(one.id for one in shown.merged)])
    line = timeline.page(work.session, work.viewer, shown, group=show, before=before, wished=rung)
    blank: dict[str, Any] = {
        "tried": "",
        "answers": {},
        "step_errors": {},
        "note": "",
        "note_errors": {},
        "joining_error": "",
        "merging": {},
        "plan": plan_views.in_force(work.session, [shown.id], work.now).get(shown.id),
        "BY_PLAN": cases.BY_PLAN,
        "handovers": handover_views.of_case(work.session, work.viewer, shown.id),
        "line": line,
        "GROUPS": tuple(Group),
        "PICTURES": case_attachments.PICTURES,
        "show": show,
        "before": before,
        "victims": victim_referrals.of_case(work.session, shown),
        "BODIES": tuple(Body),
        "OUTCOMES": tuple(Outcome),
        "therapies": therapy_referrals.of_case(work.session, shown, work.now),
        "therapy_reason": "",
        "therapy_problem": "",
        "victim_tried": "",
        "victim_told": {},
        "victim_wrong": {},
        "urgent": emergency.of_case(work.session, work.viewer, shown.id, work.now),
        "ring_problem": "",
        "typed_whom": "",
        "typed_number": "",
        "file_text": "",
        "file_errors": {},
        "LARGEST_FILES": case_attachments.LARGEST_REQUEST,
    }
    return page(asked, work, "case.html", status=status, case=shown, papers=papers, **(blank | given))

"""The emergency path on a case's page: ring an office by one press, tell what was done."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asking, Id
from dashboard.formats import typed_moment
from dashboard.pages.cases import case_page
from hotline.access import Action
from hotline.errors import BadInput, Conflict, FieldErrors
from hotline.ids import CaseId
from intake.cases import cases, emergency

router = APIRouter()

Text = Annotated[str, Form()]


@router.post("/cases/{case_id}/ring")
def ring(asked: Asking, case_id: Id, whom: Text = "", number: Text = "") -> Response:
    """On the viewer's own phone first; the call stands on the timeline from then on."""
    this = CaseId(case_id)
    with asked.work(Action.CALL_BACK) as work:
        try:
            work.signal(emergency.ring(work.session, work.viewer, this, whom, number, work.now))
        except (FieldErrors, Conflict) as wrong:
            fields = wrong.fields if isinstance(wrong, FieldErrors) else {}
            problem = next(iter(fields.values()), str(wrong))
            shown = cases.case(work.session, work.viewer, this, work.now)
            status = 422 if fields else 409
            given = {"ring_problem": problem, "typed_whom": whom, "typed_number": number}
            return case_page(asked, work, shown, status, show=None, before=None, **given)
    return RedirectResponse(f"/cases/{case_id}", 303)


@router.post("/cases/{case_id}/emergency/{item}")
def tell(asked: Asking, case_id: Id, item: str, note: Text = "", happened_at: Text = "") -> Response:
    """That it was done, and when."""
    this = CaseId(case_id)
    with asked.work(Action.WRITE_CASE) as work:
        try:
            when = typed_moment(happened_at)
            emergency.tell(work.session, work.viewer, this, item, note, work.now, when)
        except BadInput as wrong:
            code = next(iter(wrong.fields.values())) if isinstance(wrong, FieldErrors) else "not_a_time"
            shown = cases.case(work.session, work.viewer, this, work.now)
            return case_page(asked, work, shown, 422, ring_problem=code)
    return RedirectResponse(f"/cases/{case_id}", 303)

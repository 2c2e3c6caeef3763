"""What is done to a case beside its steps: another owner, a separation renewed or ended."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, Work
from dashboard.pages.cases import case_page, given_answers
from hotline import bus
from hotline.access import Action
from hotline.errors import FieldErrors
from hotline.ids import CaseId, StaffId
from intake.cases import case_owners, case_rows, case_warnings, cases, separations

router = APIRouter()
Answers = Annotated[Mapping[str, str], Depends(given_answers)]


@router.post("/cases/{case_id}/owner")
def hand_on(
    asked: Asking,
    case_id: Id,
    to: Annotated[int, Form(ge=0, le=2**31 - 1)] = 0,
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """To the list, when the case has left the hands of who gave it away."""

    def give(work: Work) -> None:
        case_owners.hand_on(work.session, work.viewer, CaseId(case_id), StaffId(to), reason, work.now)
        work.signal([bus.Signal(bus.desk(StaffId(to)), "case", str(case_id))])

    return _done(asked, case_id, Action.HAND_CASE_ON, "owner", {"to": str(to), "reason": reason}, give)


@router.post("/cases/{case_id}/separations/{separation_id}/renew")
def renew(asked: Asking, case_id: Id, separation_id: Id, answers: Answers) -> Response:
    def add_days(work: Work) -> None:
        separations.renew(work.session, work.viewer, CaseId(case_id), separation_id, answers, work.now)

    return _done(asked, case_id, Action.WRITE_CASE, f"renew-{separation_id}", answers, add_days)


@router.post("/cases/{case_id}/separations/{separation_id}/end")
def end(asked: Asking, case_id: Id, separation_id: Id, answers: Answers) -> Response:
    def bring_home(work: Work) -> None:
        separations.end(work.session, work.viewer, CaseId(case_id), separation_id, answers, work.now)

    return _done(asked, case_id, Action.WRITE_CASE, f"end-{separation_id}", answers, bring_home)


@router.post("/cases/{case_id}/note-alarm")
def note_alarm(asked: Asking, case_id: Id) -> Response:
    """Somebody looks into it: no phone rings for it any more, its clock runs on."""
    with asked.work(Action.WRITE_CASE) as work:
        row = case_rows.writable(work.session, work.viewer, CaseId(case_id))
        work.signal(case_warnings.take_note(work.session, work.viewer.staff_id, row, work.now))
    return RedirectResponse(f"/cases/{case_id}", 303)


def _done(
    asked: Asked,
    case_id: int,
    need: Action,
    tried: str,
    answers: Mapping[str, str],
    do: Callable[[Work], None],
) -> Response:
    """What is missing is said beside its field, and nothing typed is lost."""
    with asked.work(need) as work:
        try:
            do(work)
        except FieldErrors as wrong:
            shown = cases.case(work.session, work.viewer, CaseId(case_id), work.now)
            return case_page(
                asked, work, shown, 422, tried=tried, answers=answers, step_errors=wrong.fields
            )
        still = cases.reads(work.session, work.viewer, CaseId(case_id))
    return RedirectResponse(f"/cases/{case_id}" if still else "/cases", 303)

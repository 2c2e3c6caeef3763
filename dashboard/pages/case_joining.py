"""On a case's page: merging cases, taking records out, and saying which children are one."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, OtherId, Work
from dashboard.case_words import KINDS
from dashboard.pages.cases import case_page
from hotline.access import Action
from hotline.errors import Conflict, FieldErrors
from hotline.ids import CaseId, ChildId, RecordId
from intake.cases import cases, joining

router = APIRouter()
Why = Annotated[str, Form()]


@router.post("/cases/{case_id}/merge")
def merge(asked: Asking, case_id: Id, number: Annotated[str, Form()] = "", why: Why = "") -> Response:
    """Put the case of this number into this one."""

    def do(work: Work) -> None:
        other = joining.by_number(work.session, work.viewer, number)
        joining.merge(work.session, work.viewer, other, CaseId(case_id), why, work.now)

    return _done(asked, case_id, do, merging={"number": number, "why": why})


@router.post("/cases/{case_id}/unmerge")
def undo_merge(asked: Asking, case_id: Id, why: Why = "") -> Response:
    """The case that was put into another is one of its own again."""

    def do(work: Work) -> None:
        joining.undo_merge(work.session, work.viewer, CaseId(case_id), why, work.now)

    return _done(asked, case_id, do)


@router.post("/cases/{case_id}/records/{record_id}/apart")
def take_apart(asked: Asking, case_id: Id, record_id: Id, why: Why = "") -> Response:
    def do(work: Work) -> None:
        record, case = RecordId(record_id), CaseId(case_id)
        joining.take_apart(work.session, work.viewer, case, record, why, work.now)

    return _done(asked, case_id, do)


@router.post("/cases/{case_id}/children/{child_id}/same")
def same_child(asked: Asking, case_id: Id, child_id: Id, other: OtherId) -> Response:
    def do(work: Work) -> None:
        one, same = ChildId(child_id), ChildId(other)
        joining.same_child(work.session, work.viewer, CaseId(case_id), one, same, work.now)

    return _done(asked, case_id, do)


@router.post("/cases/{case_id}/children/{child_id}/apart")
def not_same_child(asked: Asking, case_id: Id, child_id: Id) -> Response:
    def do(work: Work) -> None:
        child, case = ChildId(child_id), CaseId(case_id)
        joining.not_same_child(work.session, work.viewer, case, child, work.now)

    return _done(asked, case_id, do)


def _done(
    asked: Asked, case_id: int, do: Callable[[Work], None], merging: dict[str, str] | None = None
) -> Response:
    """Back to the case; what could not be done is said there, and what was typed is still there."""
    try:
        with asked.work(Action.WRITE_CASE) as work:
            do(work)
    except (Conflict, FieldErrors) as wrong:
        code = next(iter(wrong.fields.values())) if isinstance(wrong, FieldErrors) else str(wrong)
        if code not in KINDS["joining_error"]:
            raise
        with asked.work(Action.READ_CASE) as work:
            shown = cases.case(work.session, work.viewer, CaseId(case_id), work.now)
            return case_page(asked, work, shown, 409, joining_error=code, merging=merging or {})
    return RedirectResponse(f"/cases/{case_id}", 303)

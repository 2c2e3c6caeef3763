"""The plan of a case: written, submitted, decided, carried out; who stands in for whom in deciding."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import DRAFT, Asked, Asking, Id, Work, typed_number
from dashboard.formats import typed_moment
from dashboard.rendering import page
from hotline.access import Action
from hotline.errors import BadInput, Conflict, FieldErrors
from hotline.ids import CaseId, CenterId, StaffId
from intake.cases import case_attachments
from intake.plans import case_plans, plan_delegations, plan_results, plan_rules
from intake.plans.case_plans import CasePlans, PlanChanged
from intake.plans.plan_rules import Goal
from intake.plans.plan_rules import Work as Kind

router = APIRouter()

Text = Annotated[str, Form()]
Number = Annotated[int, Form(ge=0, le=2**31 - 1)]
Count = Annotated[int, Form(ge=1, le=1000)]


@router.get("/cases/{case_id}/plan")
def plan(asked: Asking, case_id: Id, taken: Annotated[str, Query(pattern=DRAFT)] = "") -> Response:
    """`taken`: the browser's word for a draft that has arrived."""
    with asked.work(Action.READ_CASE) as work:
        return _page(asked, work, CaseId(case_id), taken=taken)


async def _typed(request: Request) -> Mapping[str, str]:
    """The plan's texts: fields named `plan.<name>`."""
    form = await request.form()
    return {
        name.removeprefix("plan."): str(text) for name, text in form.items() if name.startswith("plan.")
    }


@router.post("/cases/{case_id}/plan")
def write(
    asked: Asking,
    case_id: Id,
    texts: Annotated[Mapping[str, str], Depends(_typed)],
    version: Count = 1,
    revision: Number = 0,
    deed: Text = "save",
    approver_id: Text = "",
    approver: Text = "",
    draft: Annotated[str, Form(pattern=DRAFT)] = "",
) -> Response:
    """Keep the draft, and submit it when that is asked for. Whatever cannot be done, what was typed is
    shown again; of two who write the second is shown what the first left."""
    this, base = CaseId(case_id), (version, revision)
    named = {"approver_id": approver_id, "approver": approver, "taken": draft}
    with asked.work(Action.WRITE_CASE) as work:
        try:
            case_plans.save(work.session, work.viewer, this, texts, base, work.now)
        except PlanChanged as changed:
            return _page(
                asked, work, this, 409, typed=texts, base=changed.base, changed=changed, **named
            )
        except FieldErrors as wrong:
            return _page(asked, work, this, 422, typed=texts, base=base, wrong=wrong.fields, **named)
        except Conflict as conflict:
            return _page(asked, work, this, 409, typed=texts, base=base, problem=str(conflict), **named)
        if deed == "submit":
            who = StaffId(typed_number(approver_id)) if approver_id else None
            try:
                case_plans.submit(work.session, work.viewer, this, version, who, approver, work.now)
            except FieldErrors as wrong:
                return _page(asked, work, this, 422, wrong=wrong.fields, **named)
            except Conflict as conflict:
                problem = "not_yet" if str(conflict) == "not_yet" else "submitted"
                return _page(asked, work, this, 409, problem=problem, **named)
    return RedirectResponse(f"/cases/{case_id}/plan" + (f"?taken={draft}" if draft else ""), 303)


@router.post("/cases/{case_id}/plan/{version}/decision")
def decide(
    asked: Asking,
    case_id: Id,
    version: Id,
    decision: Text = "",
    comment: Text = "",
    number: Text = "",
) -> Response:
    """Approve it or return it with a comment."""
    given = {"decision": decision, "comment": comment, "number": number}
    with asked.work(Action.READ_CASE) as work:
        try:
            case_plans.decide(
                work.session,
                work.viewer,
                CaseId(case_id),
                version,
                decision,
                work.now,
                comment=comment,
                number=number,
            )
        except FieldErrors as wrong:
            return _page(asked, work, CaseId(case_id), 422, wrong=wrong.fields, **given)
        except Conflict:
            return _page(asked, work, CaseId(case_id), 409, problem="decided", **given)
    return RedirectResponse(f"/cases/{case_id}/plan", 303)


@router.post("/cases/{case_id}/plan/actions/{action_id}")
def tell_result(
    asked: Asking,
    case_id: Id,
    action_id: Id,
    outcome: Text = "",
    result: Text = "",
    evidence: Text = "",
    attachment: Text = "",
) -> Response:
    """What became of one action."""
    given = {"told": action_id, "outcome": outcome, "result": result, "evidence": evidence}
    given["attachment"] = attachment
    with asked.work(Action.WRITE_CASE) as work:
        try:
            plan_results.tell(
                work.session,
                work.viewer,
                CaseId(case_id),
                action_id,
                outcome,
                result,
                work.now,
                evidence=evidence,
                attachment_id=typed_number(attachment) if attachment else None,
            )
        except FieldErrors as wrong:
            return _page(asked, work, CaseId(case_id), 422, wrong=wrong.fields, **given)
    return RedirectResponse(f"/cases/{case_id}/plan", 303)


def _page(asked: Asked, work: Work, case_id: CaseId, status: int = 200, **given: Any) -> Response:
    shown = case_plans.plans(work.session, work.viewer, case_id, work.now)
    blank: dict[str, Any] = {
        "typed": None,
        "taken": "",
        "base": shown.base,
        "changed": None,
        "problem": "",
        "wrong": {},
        "approver_id": "",
        "approver": "",
        "decision": "",
        "comment": "",
        "number": "",
        "told": None,
        "outcome": "",
        "result": "",
        "evidence": "",
        "attachment": "",
        "files": {one.id: one for one in case_attachments.of_case(work.session, work.viewer, case_id)},
    }
    context = blank | given
    texts = context.pop("typed")
    context["unsaved"] = texts is not None
    context["texts"] = plan_rules.texts(shown.begin) if texts is None else texts
    context["positions"] = _positions(context["texts"])
    return page(
        asked,
        work,
        "case_plan.html",
        status=status,
        plans=shown,
        drafting=_drafting(shown, context),
        GOALS=tuple(Goal),
        WORKS=tuple(Kind),
        LONGEST=plan_rules.LONGEST,
        **context,
    )


def _positions(texts: Mapping[str, str]) -> range:
    """Those of the actions there are, and of one more that is empty; three at first."""
    there = [int(part[1]) for name in texts if (part := name.split("."))[0] == "action"]
    return range(1, min(max([2, *there]) + 1, plan_rules.MOST_ACTIONS) + 1)


def _drafting(shown: CasePlans, context: Mapping[str, Any]) -> bool:
    """Whether the form is open: a draft is being written, or nothing is in force to be amended."""
    latest = shown.latest
    return bool(
        latest is None
        or latest.state in {"draft", "returned"}
        or shown.in_force is None
        or context["changed"]
        or (context["problem"] and context["texts"])
    )


@router.get("/delegations")
def delegations(asked: Asking) -> Response:
    with asked.work(Action.APPROVE_PLAN, write=False) as work:
        return _delegations(asked, work)


@router.post("/delegations")
def delegate(
    asked: Asking, delegate: Text = "", from_at: Text = "", until_at: Text = "", reason: Text = ""
) -> Response:
    """Let somebody decide plans in the viewer's place for a time."""
    given = {"delegate": delegate, "from_at": from_at, "until_at": until_at, "reason": reason}
    with asked.work(Action.APPROVE_PLAN) as work:
        try:
            begins, ends = typed_moment(from_at), typed_moment(until_at)
        except BadInput:
            return _delegations(asked, work, 422, wrong={"until_at": "not_a_time"}, **given)
        who = StaffId(typed_number(delegate))
        try:
            plan_delegations.give(work.session, work.viewer, who, begins, ends, reason, work.now)
        except FieldErrors as wrong:
            return _delegations(asked, work, 422, wrong=wrong.fields, **given)
    return RedirectResponse("/delegations", 303)


@router.post("/delegations/{delegation_id}/end")
def take_back(asked: Asking, delegation_id: Id) -> Response:
    with asked.work(Action.APPROVE_PLAN) as work:
        plan_delegations.take_back(work.session, work.viewer, delegation_id, work.now)
    return RedirectResponse("/delegations", 303)


def _delegations(asked: Asked, work: Work, status: int = 200, **given: Any) -> Response:
    blank: dict[str, Any] = {"wrong": {}, "delegate": "", "from_at": "", "until_at": "", "reason": ""}
    others = plan_delegations.approvers(work.session, CenterId(work.viewer.center_id))
    return page(
        asked,
        work,
        "delegations.html",
        status=status,
        delegations=plan_delegations.of(work.session, work.viewer),
        others=[one for one in others if one.id != work.viewer.staff_id],
        **(blank | given),
    )

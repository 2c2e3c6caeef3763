"""Plans of cases: written together, submitted, approved by who is named (`intake.plans.plan_results` has
what became of them).

`intake.plans.plan_rules` says what may become of a version; here are the rows, the rights and the way of
the case that goes with it: its steps of drafting and approving (NĐ 56/2017 Đ28) are completed by
submitting and deciding. A plan that is amended while it is carried out goes the same way without moving
the case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hotline import audit, broken_glass, staff
from hotline.access import Action, Viewer, by_rules
from hotline.errors import Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.ids import CaseId, CenterId, StaffId
from hotline.staff import StaffView
from intake.cases import case_rows, case_way, cases, flow
from intake.cases.flow_terms import Approval
from intake.forms.forms import tidy
from intake.plans import plan_delegations, plan_rules, plan_views
from intake.plans.plan_rules import Content, Deed, Outcome, PlanState
from intake.plans.plan_views import PlanVersion
from intake.tables.cases import CaseRow
from intake.tables.plans import PlanActionRow, PlanRow

_LINE, _LONG = 160, 5_000


class PlanChanged(Conflict):
    """Somebody else saved the draft since it was read. `stored`: field → what they left there, where it
    differs from what was typed; `at`, `by`: when and who; `base`: what to save over after looking."""

    def __init__(
        self, stored: Mapping[str, str], by: StaffView, at: datetime, base: tuple[int, int]
    ) -> None:
        super().__init__("plan_changed")
        self.stored, self.by, self.at, self.base = dict(stored), by, at, base


@dataclass(frozen=True, slots=True)
class CasePlans:
    """What there is of a case's plan, for this viewer. `base`: version and revision that a saving names;
    `begin`: what the next draft begins with. `decides_for`: in whose place the viewer may decide the
    version that waits, None: in nobody's."""

    case_id: CaseId
    number: str
    versions: Sequence[PlanVersion]
    base: tuple[int, int]
    begin: Content
    writes: bool
    """Whether the viewer may write a draft now."""
    tells_results: bool
    may_submit: bool
    approvers: Sequence[StaffView]
    decides_for: StaffView | None
    tells_decision: bool
    """Whether the viewer may tell what somebody outside the house decided."""

    @property
    def latest(self) -> PlanVersion | None:
        return self.versions[0] if self.versions else None

    @property
    def in_force(self) -> PlanVersion | None:
        return next((one for one in self.versions if one.state is PlanState.APPROVED), None)


def plans(session: Session, viewer: Viewer, case_id: CaseId, now: datetime) -> CasePlans:
    """Every version of the case's plan, audited. Raises NotVisible."""
    row = case_rows.readable(session, viewer, case_id)
    through = broken_glass.said(viewer, Action.READ_CASE, row.id)
    audit.note(session, viewer, audit.Act.SEE, "plan", row.id, now, through)
    found = plan_views.versions(session, case_id, now)
    latest = found[0] if found else None
    writes = _writes(viewer, row)
    waiting = latest if latest and latest.state is PlanState.SUBMITTED else None
    place = _place(session, viewer, waiting, now) if waiting else None
    outside = waiting is not None and waiting.approver_id is None
    return CasePlans(
        case_id=case_id,
        number=row.number,
        versions=found,
        base=_base(latest),
        begin=_begin(found),
        writes=writes and waiting is None,
        tells_results=writes,
        may_submit=_may_submit(row, found),
        approvers=plan_delegations.approvers(session, CenterId(row.center_id)),
        decides_for=staff.one(session, place) if place is not None and not outside else None,
        tells_decision=outside and place is not None and writes,
    )


def _writes(viewer: Viewer, row: CaseRow) -> bool:
    """Whether there is still anything to write in this case's plan, and this viewer may."""
    return row.closed_at is None and case_way.may_take(row, viewer, Action.WRITE_CASE)


def _place(session: Session, viewer: Viewer, waiting: PlanVersion, now: datetime) -> StaffId | None:
    """In whose place the viewer may decide it."""
    decided = plan_rules.decides(
        viewer.staff_id,
        approver=waiting.approver_id,
        stands_in_for=plan_delegations.stands_in_for(session, viewer, now),
        writers=waiting.writers,
    )
    return StaffId(decided) if decided is not None else None


def _base(latest: PlanVersion | None) -> tuple[int, int]:
    if latest is None:
        return 1, 0
    if latest.state is PlanState.DRAFT:
        return latest.version, latest.revision
    return latest.version + 1, 0


def _begin(found: Sequence[PlanVersion]) -> Content:
    """A new draft begins with the version before it; of an approved one with what is not done yet."""
    if not found:
        return plan_rules.EMPTY
    latest = found[0]
    if latest.state is not PlanState.APPROVED:
        return latest.content
    open_still = tuple(one.planned for one in latest.actions if one.outcome is not Outcome.DONE)
    return Content(latest.content.goals, open_still, latest.content.source)


def _may_submit(row: CaseRow, found: Sequence[PlanVersion]) -> bool:
    """In the case's step of planning; later to amend a plan that is in force."""
    if row.state == flow.State.PLANNING:
        return True
    return row.closed_at is None and any(one.state is PlanState.APPROVED for one in found)


def save(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    texts: Mapping[str, str],
    base: tuple[int, int],
    now: datetime,
) -> None:
    """Keep the draft as it was typed; `base` is the version and revision that it was typed over.

    Raises NotVisible, FieldErrors, PlanChanged when somebody else saved meanwhile, and Conflict when no
    draft is to be written any more.
    """
    row = case_rows.writable(session, viewer, case_id)
    if row.closed_at is not None:
        raise Conflict("closed")
    content = plan_rules.read(texts)
    found = plan_views.versions(session, case_id, now)
    latest = found[0] if found else None
    if latest and latest.state is PlanState.SUBMITTED:
        raise Conflict("submitted")
    if latest and _base(latest) != base:
        differing = plan_rules.differing(plan_rules.texts(content), plan_rules.texts(latest.content))
        if differing:
            raise PlanChanged(differing, latest.saved_by, latest.saved_at, _base(latest))
        return
    plan = _draft(session, viewer, row, base, now)
    plan.goals = {str(goal): text for goal, text in content.goals.items()}
    plan.source = content.source
    session.execute(delete(PlanActionRow).where(PlanActionRow.plan_id == plan.id))
    for position, one in enumerate(content.actions, 1):
        session.add(
            PlanActionRow(
                plan_id=plan.id,
                position=position,
                work=one.work or "",
                what=one.what,
                agency=one.agency,
                person=one.person,
                coordination=one.coordination,
                due=one.due,
                cost=one.cost,
            )
        )
    audit.note(session, viewer, audit.Act.CHANGE, "plan", row.id, now, f"save {plan.version}")
    session.flush()


def _draft(
    session: Session, viewer: Viewer, row: CaseRow, base: tuple[int, int], now: datetime
) -> PlanRow:
    version, revision = base
    if revision == 0:
        plan = PlanRow(case_id=row.id, version=version, state=PlanState.DRAFT, writers=[], goals={})
        plan.revision = 0
        session.add(plan)
    else:
        plan = _row(session, row, version)
    plan.state = plan_rules.after(PlanState(plan.state), Deed.SAVE)
    plan.revision += 1
    plan.writers = sorted({*plan.writers, viewer.staff_id})
    plan.saved_by, plan.saved_at = viewer.staff_id, now
    session.flush()
    return plan


def _row(session: Session, case: CaseRow, version: int) -> PlanRow:
    query = select(PlanRow).where(PlanRow.case_id == case.id, PlanRow.version == version)
    plan = session.scalar(query)
    if plan is None:
        raise NotVisible("plan")
    return plan


def submit(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    version: int,
    approver_id: StaffId | None,
    approver: str,
    now: datetime,
) -> None:
    """Have the draft decided by somebody of the house, or outside it by name (the chair of the commune).

    Raises NotVisible, FieldErrors with all that is missing, Conflict when it is not the time.
    """
    row = case_rows.writable(session, viewer, case_id)
    plan = _row(session, row, version)
    to = plan_rules.after(PlanState(plan.state), Deed.SUBMIT)
    found = plan_views.versions(session, case_id, now)
    if not _may_submit(row, found):
        raise Conflict("not_yet")
    named = " ".join(tidy(approver).split())
    writers = {*plan.writers, viewer.staff_id}
    wrong = plan_rules.missing(found[0].content)
    wrong |= _wrong_approver(session, row, approver_id, named, writers)
    if wrong:
        raise FieldErrors(wrong)
    plan.state = to
    plan.approver_id, plan.approver = approver_id, "" if approver_id else named
    plan.submitted_by, plan.submitted_at = viewer.staff_id, now
    plan.writers = sorted(writers)
    if row.state == flow.State.PLANNING:
        cases.advance(session, viewer, row, flow.Step.DRAFT_PLAN, {"plan": str(version)}, now)
    else:
        _tell(session, viewer, row, plan, Deed.SUBMIT, now)
    audit.note(session, viewer, audit.Act.CHANGE, "plan", row.id, now, f"submit {version}")
    session.flush()


def _wrong_approver(
    session: Session, row: CaseRow, approver_id: StaffId | None, named: str, writers: set[int]
) -> dict[str, str]:
    if approver_id is None:
        if not named or len(named) > _LINE:
            return {"approver": "too_long" if named else "missing"}
        return {}
    known = {one.id for one in plan_delegations.approvers(session, CenterId(row.center_id))}
    if approver_id not in known:
        return {"approver": "not_a_choice"}
    return {"approver": "wrote_it"} if approver_id in writers else {}


def decide(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    version: int,
    decision: str,
    now: datetime,
    *,
    comment: str = "",
    number: str = "",
) -> None:
    """Approve the version or return it with a comment (`Approval`): by who is named, by who
    stands in for them, never by who wrote in it. `number`: that of a decision on paper.

    Raises NotVisible, NotAllowed, FieldErrors, Conflict when it is decided already.
    """
    row = case_rows.readable(session, by_rules(viewer), case_id)
    session.refresh(row, with_for_update=True)
    plan = _row(session, row, version)
    deed = {"approved": Deed.APPROVE, "returned": Deed.RETURN}.get(decision)
    if deed is None:
        raise FieldErrors({"decision": "missing"})
    to = plan_rules.after(PlanState(plan.state), deed)
    place = _must_decide(session, viewer, row, plan, now)
    written, paper = tidy(comment).strip(), " ".join(tidy(number).split())
    wrong = {} if len(written) <= _LONG else {"comment": "too_long"}
    if deed is Deed.RETURN and not written:
        wrong["comment"] = "missing"
    if len(paper) > 60:
        wrong["number"] = "too_long"
    if wrong:
        raise FieldErrors(wrong)
    if deed is Deed.APPROVE:
        _supersede(session, row)
    plan.state, plan.comment, plan.decision_number = to, written, paper
    plan.decided_by, plan.decided_at = viewer.staff_id, now
    plan.decided_for = place if place != viewer.staff_id else None
    _move(session, viewer, row, plan, deed, now)
    audit.note(session, viewer, audit.Act.CHANGE, "plan", row.id, now, f"{deed} {version}")
    session.flush()


def _must_decide(session: Session, viewer: Viewer, row: CaseRow, plan: PlanRow, now: datetime) -> int:
    """In whose place. Raises NotAllowed."""
    place = plan_rules.decides(
        viewer.staff_id,
        approver=plan.approver_id,
        stands_in_for=plan_delegations.stands_in_for(session, viewer, now),
        writers=frozenset(plan.writers),
    )
    if place is None or (plan.approver_id is None and not _writes(viewer, row)):
        raise NotAllowed("approve this plan")
    return place


def _supersede(session: Session, row: CaseRow) -> None:
    """What was in force is not any more."""
    for before in session.scalars(
        select(PlanRow).where(PlanRow.case_id == row.id, PlanRow.state == PlanState.APPROVED)
    ):
        before.state = plan_rules.after(PlanState(before.state), Deed.SUPERSEDE)


def _move(
    session: Session, viewer: Viewer, row: CaseRow, plan: PlanRow, deed: Deed, now: datetime
) -> None:
    """The case goes on where the plan was its next step; else the spine tells of the decision.

    A plan that was submitted to amend another may be decided after a review has asked for a new one:
    then it is that one, drafted and decided at once.
    """
    if row.state == flow.State.PLANNING and deed is Deed.APPROVE:
        cases.advance(session, viewer, row, flow.Step.DRAFT_PLAN, {"plan": str(plan.version)}, now)
    if row.state != flow.State.APPROVING:
        _tell(session, viewer, row, plan, deed, now)
        return
    decision = Approval.APPROVED if deed is Deed.APPROVE else Approval.RETURNED
    answers = {"decision": str(decision), "note": plan.comment, **_signed(session, plan)}
    cases.advance(session, viewer, row, flow.Step.APPROVE_PLAN, answers, now)


def _signed(session: Session, plan: PlanRow) -> dict[str, str]:
    """Who decided, in whose place, and the number on paper."""
    told = {"approver": plan.approver, "number": plan.decision_number}
    if plan.approver_id is not None and plan.decided_by is not None:
        told["approver"] = staff.one(session, StaffId(plan.decided_by)).name
    if plan.decided_for is not None:
        told["in_place_of"] = staff.one(session, StaffId(plan.decided_for)).name
    return {name: text for name, text in told.items() if text}


def _tell(
    session: Session, viewer: Viewer, row: CaseRow, plan: PlanRow, deed: Deed, now: datetime
) -> None:
    answers = {"plan": str(plan.version)}
    if deed is not Deed.SUBMIT:
        answers |= _signed(session, plan)
    case_rows.append(session, viewer, row, "plan", now, code=deed, answers=answers, words=plan.comment)

"""Where a case stands on its way: what must be done now, what may be done besides, what each lacks.

`intake.cases.flow` has the tables; here they meet the row.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime

from hotline.access import Action, Viewer, reaches
from hotline.clock import local
from hotline.ids import CenterId, StaffId
from intake.cases import flow
from intake.cases.deadlines import LIMITS, Clock, Deadline, deadline, watch_ends
from intake.cases.escalation import Stage, stages
from intake.cases.flow import Need
from intake.forms.taxonomy import Risk
from intake.tables.cases import CaseRow


@dataclass(frozen=True, slots=True)
class NextStep:
    """What must be done now. `due` is aware UTC."""

    step: flow.Step
    clock: Clock
    article: str
    due: datetime
    overdue: bool
    soon: bool
    """It is near: the owner was told (`intake.cases.escalation`)."""
    questions: tuple[flow.Question, ...]
    adults: bool = False
    """Nobody of the case is a child: no article asks for it, and the authorities are told, not the
    commune."""

    @property
    def named(self) -> str:
        """The code of its words: `Step`, or `report_to_authorities`."""
        to_others = self.adults and self.step is flow.Step.REPORT_TO_COMMUNE
        return "report_to_authorities" if to_others else self.step


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a case lacks for its next step: whatever is answered, and for one deciding answer alone."""

    always: tuple[Need, ...]
    answers: Mapping[str, tuple[Need, ...]]


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """A way off the path that the viewer may take now; `lacking`: what must be there first."""

    step: flow.Step
    questions: tuple[flow.Question, ...]
    lacking: tuple[Need, ...]


def is_open(row: CaseRow) -> bool:
    """Whether it waits for a step."""
    return flow.rule(flow.State(row.state)) is not None


def due(row: CaseRow, changed: Mapping[Clock, int]) -> datetime | None:
    """The deadline of the step that has just become the next one; None for a case that is closed.
    `changed`: what the case's units set (`intake.cases.case_limits`)."""
    asked = flow.rule(flow.State(row.state))
    if asked is None:
        return None
    return deadline(asked.clock, heard_at=row.heard_at, entered_at=row.entered_at, changed=changed).due


def next_step(row: CaseRow, now: datetime) -> NextStep | None:
    asked = flow.rule(flow.State(row.state))
    if asked is None or row.due_at is None:
        return None
    until = Deadline(asked.clock, "" if row.adults else LIMITS[asked.clock].article, row.due_at)
    return NextStep(
        step=asked.step,
        clock=until.clock,
        article=until.article,
        due=until.due,
        overdue=until.overdue(now),
        soon=Stage.SOON in stages(until.clock, until.due, now) and not until.overdue(now),
        questions=flow.questions(asked, adults=row.adults),
        adults=row.adults,
    )


_BEFORE_PROTECTION = frozenset({flow.State.RECEIVED, flow.State.REOPENED, flow.State.ASSESSING})


def emergency(row: CaseRow, risk: Risk | None, changed: Mapping[Clock, int]) -> Deadline | None:
    """The 12 hours run from receipt, whatever step the case is in, until protection is the step."""
    if risk is not Risk.EMERGENCY or flow.State(row.state) not in _BEFORE_PROTECTION:
        return None
    until = deadline(Clock.EMERGENCY, heard_at=row.heard_at, entered_at=row.entered_at, changed=changed)
    return replace(until, article="") if row.adults else until


def have(
    row: CaseRow,
    *,
    has_child: bool,
    separated: bool,
    untold: bool,
    changed: Mapping[Clock, int],
    now: datetime,
) -> frozenset[Need]:
    """Which needs the case meets; `has_child`: a record of it tells of one; `separated`: one of them is
    kept apart; `untold`: of an action of its plan nobody has told what became of it."""
    met = {
        Need.PLACE: bool(row.place),
        Need.CHILD: has_child,
        Need.TOGETHER: not separated,
        Need.RESULTS: not untold,
        Need.WATCHED: row.state == flow.State.WATCHING and _watched(row, changed, now),
    }
    return frozenset(need for need, holds in met.items() if holds)


def _watched(row: CaseRow, changed: Mapping[Clock, int], now: datetime) -> bool:
    """Its last day counts as over: the review is on that day."""
    return local(now).date() >= local(watch_ends(row.entered_at, changed)).date()


def lacking(row: CaseRow, met: Set[Need]) -> Lacking:
    asked = flow.rule(flow.State(row.state))
    if asked is None:
        return Lacking((), {})
    always = flow.missing(asked, met)
    more = {answer: flow.missing(asked, met, answer)[len(always) :] for answer in asked.leads if answer}
    return Lacking(always, {answer: needs for answer, needs in more.items() if needs})


def turns(row: CaseRow, viewer: Viewer, met: Set[Need]) -> tuple[OpenTurn, ...]:
    return tuple(
        OpenTurn(turn.step, turn.questions, flow.missing(turn, met))
        for turn in flow.turns(flow.State(row.state))
        if may_take(row, viewer, turn.right)
    )


def may_take(row: CaseRow, viewer: Viewer, right: Action) -> bool:
    """Whether the viewer may do this to the case; who opened it may go on with it as its owner."""
    mine = row.opened_by == viewer.staff_id and right is Action.WRITE_CASE
    owner = viewer.staff_id if mine else StaffId(row.owner_id)
    return reaches(viewer, right, owner=owner, center=CenterId(row.center_id))

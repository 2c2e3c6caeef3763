"""What the receiver of a handover does: open it, accept or refuse it, tell from the field.

Whoever they are, they have been let in before: an officer by their account and unit (`mine`), somebody
without one by a link (`intake.handovers.handover_links`), a program by its key
(`intake.handovers.office_systems`).
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit, bus
from hotline.access import Action, Viewer, may
from hotline.errors import Conflict, FieldErrors, HotlineError, NotVisible
from hotline.ids import CaseId
from hotline.staff import StaffRow, viewer_of
from intake.cases import cases, flow
from intake.forms.forms import tidy
from intake.forms.places import shown
from intake.handovers import case_handovers, handover_views
from intake.handovers.handover_states import LONGEST_NOTE, Doing, Situation, State, Turn, WhyRefused
from intake.handovers.handover_views import HandoverView
from intake.tables.cases import CaseRow
from intake.tables.handovers import HandoverEventRow, HandoverRow
from intake.visibility import reachable_handovers

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class By:
    """Who answers: an account, or a name."""

    name: str
    staff_id: int | None = None
    viewer: Viewer | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """From the field. `word`: made by the page, the same when it is sent again."""

    situation: str
    doing: str
    note: str
    word: str


Received = HandoverRow
"""One handover behind its gate; outside of `intake` nothing of it is read or written."""


def of_guest(session: Session, handover_id: int) -> Received:
    """The one that a link was made for."""
    return session.get_one(HandoverRow, handover_id, with_for_update=True)


def by_account(viewer: Viewer) -> By:
    return By("", viewer.staff_id, viewer)


def mine(session: Session, viewer: Viewer, reference: str, *, lock: bool = False) -> HandoverRow:
    """One that was handed to the viewer's unit. Raises NotVisible."""
    if not may(viewer, Action.ANSWER_HANDOVER):
        raise NotVisible("handover")
    query = select(HandoverRow).where(HandoverRow.reference == reference, reachable_handovers(viewer))
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotVisible("handover")
    return row


def reached(session: Session, viewer: Viewer, now: datetime) -> None:
    """An officer's list was shown: what stood in it has reached them."""
    rows = session.scalars(
        select(HandoverRow)
        .where(reachable_handovers(viewer), HandoverRow.state == State.SENT)
        .with_for_update()
    )
    for row in rows.all():
        delivered(session, row, by_account(viewer), now)


def delivered(session: Session, row: HandoverRow, by: By, now: datetime) -> None:
    """It has reached them; what was reached before stays as it was."""
    if row.state == State.SENT:
        case_handovers.turn(session, row, Turn.DELIVER, now, staff_id=by.staff_id, by=by.name)


def opened(session: Session, row: HandoverRow, by: By, now: datetime) -> HandoverView:
    """They look at it: on record, each time."""
    if row.state in (State.SENT, State.DELIVERED):
        case_handovers.turn(session, row, Turn.OPEN, now, staff_id=by.staff_id, by=by.name)
    audit.note(session, by.viewer, audit.Act.SEE, "handover", row.id, now)
    return handover_views.view_of(session, row)


def accept(session: Session, row: HandoverRow, by: By, now: datetime) -> list[bus.Signal]:
    """They take it on. The case's step is done with it: it was acknowledged. Raises Conflict."""
    again = row.state == State.ACCEPTED
    signals = case_handovers.turn(session, row, Turn.ACCEPT, now, staff_id=by.staff_id, by=by.name)
    if not again:
        audit.note(session, by.viewer, audit.Act.CHANGE, "handover", row.id, now, "accept")
        _acknowledge(session, row, by, now)
    return signals


def refuse(
    session: Session, row: HandoverRow, by: By, why: str, note: str, now: datetime
) -> list[bus.Signal]:
    """It is not theirs. Raises FieldErrors (`missing`, `not_a_choice`, `too_long`), Conflict."""
    said = tidy(note).strip()
    wrong = {}
    if why not in list(WhyRefused):
        wrong["why"] = "not_a_choice" if why else "missing"
    if len(said) > LONGEST_NOTE:
        wrong["note"] = "too_long"
    elif why == WhyRefused.OTHER and not said:
        wrong["note"] = "missing"
    if wrong:
        raise FieldErrors(wrong)
    audit.note(session, by.viewer, audit.Act.CHANGE, "handover", row.id, now, "refuse")
    return case_handovers.turn(
        session, row, Turn.REFUSE, now, staff_id=by.staff_id, by=by.name, code=why, text=said
    )


def report(session: Session, row: HandoverRow, by: By, told: Report, now: datetime) -> None:
    """How it stands. Sent again it is the same report. Raises FieldErrors, Conflict before it was
    accepted."""
    if row.state != State.ACCEPTED:
        raise Conflict(f"the handover is {row.state}")
    said = tidy(told.note).strip()
    wrong = {}
    if told.situation not in list(Situation):
        wrong["situation"] = "not_a_choice" if told.situation else "missing"
    if told.doing not in list(Doing):
        wrong["doing"] = "not_a_choice" if told.doing else "missing"
    if len(said) > LONGEST_NOTE:
        wrong["note"] = "too_long"
    if wrong:
        raise FieldErrors(wrong)
    if known(session, row, told.word):
        return
    code = f"{told.situation} {told.doing}"
    session.add(event_of(row, by, "report", now, told.word, code=code, text=said))
    row.reported, row.reported_at = code, now
    audit.note(session, by.viewer, audit.Act.CHANGE, "handover", row.id, now, "report")
    case_handovers.tell_case(session, row, by.staff_id, "report", now, by=by.name, code=code, words=said)


def event_of(
    row: HandoverRow, by: By, kind: str, now: datetime, word: str, *, code: str = "", text: str = ""
) -> HandoverEventRow:
    return HandoverEventRow(
        handover_id=row.id,
        at=now,
        kind=kind,
        code=code,
        text=text,
        staff_id=by.staff_id,
        by=by.name,
        word=word or None,
    )


def known(session: Session, row: HandoverRow, word: str) -> bool:
    """Whether this page has sent this before."""
    query = select(HandoverEventRow.id).where(
        HandoverEventRow.handover_id == row.id, HandoverEventRow.word == word
    )
    return bool(word) and session.scalar(query) is not None


def _acknowledge(session: Session, row: HandoverRow, by: By, now: datetime) -> None:
    """The case's next step, if it is to report to the commune, is done: in its owner's name, with who
    acknowledged it. What else the step may ask for is left to the owner: the answer counts all the
    same."""
    case = session.get_one(CaseRow, row.case_id)
    if case.state != flow.State.RECEIVED:
        return
    who = by.name or session.get_one(StaffRow, by.staff_id).name
    told = {"recipient": f"{row.recipient}, {shown(row.unit_id)}"[:300], "acknowledged_by": who}
    owner = viewer_of(session.get_one(StaffRow, case.owner_id))
    try:
        with session.begin_nested():
            cases.complete_step(session, owner, CaseId(case.id), flow.Step.REPORT_TO_COMMUNE, told, now)
    except HotlineError as error:
        _log.warning("step_not_completed", case_id=case.id, error=type(error).__name__)

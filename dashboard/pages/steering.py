"""What a shift lead does from the wallboard. Each answers with the board as it is then.

The forms are dialogs beside the board, which goes on changing behind them.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from dashboard.asking import Asking, Id, Work
from dashboard.pages.wallboard import show
from dashboard.rendering import page
from dashboard.steering_view import LIMITS, STATE_TERMS, STAYS, TERMS, steered
from hotline import desk_messages, staff
from hotline.access import Action, may, reaches
from hotline.errors import NotVisible
from hotline.ids import CallId, CenterId, StaffId
from hotline.lines import CalledLine
from hotline.settings import settings
from hotline.terms import LONGEST_REASON, Term
from intake.calls import calls, line_wishes
from routing import availability, set_states, steering
from routing.choices import CHOSEN, Choice
from routing.values import Post

router = APIRouter()

Reason = Annotated[str, Form(max_length=LONGEST_REASON)]
Minutes = Annotated[int, Form(ge=1, le=24 * 60)]
CenterField = Annotated[int, Form(ge=0, le=2**31 - 1)]
"""0: none."""


@router.get("/wallboard/staff/{staff_id}")
def counselor(asked: Asking, staff_id: Id) -> Response:
    """What can be done with this counselor."""
    with asked.work(Action.STEER_COUNSELORS, write=False) as work:
        found = availability.of(work.session, StaffId(staff_id), work.now)
        if found is None or not reaches(
            work.viewer, Action.STEER_COUNSELORS, owner=None, center=found.staff.center.id
        ):
            raise NotVisible("counselor")
        now = steered(work.session, work.now)
        return page(
            asked,
            work,
            "_steer_counselor.html",
            who=found,
            talk=_talk(work, found.staff.id),
            choices=CHOSEN,
            moved=now.moves.get(found.staff.id),
            set_to=now.states.get(found.staff.id),
            centers=[one for one in staff.centers(work.session) if one.id != found.staff.center.id],
            lines=tuple(CalledLine),
            terms=TERMS,
            state_terms=STATE_TERMS,
            stays=sorted({*STAYS, settings().supervision_minutes}),
            usual_stay=settings().supervision_minutes,
        )


def _talk(work: Work, counselor: StaffId) -> CallId | None:
    """The call that this counselor talks in, if the viewer may attend it on a phone and attends none."""
    viewer = work.viewer
    attended = line_wishes.supervision_of(work.session, viewer.staff_id, work.now)
    if viewer.phone is None or not may(viewer, Action.SUPERVISE) or (attended and attended.alive):
        return None
    live = calls.live(work.session, viewer)
    return next(
        (call.call_id for call in live if any(one.id == counselor for one in call.talking)), None
    )


@router.post("/wallboard/staff/{staff_id}/state")
def set_state(
    asked: Asking,
    staff_id: Id,
    choice: Annotated[Choice, Form()],
    minutes: Minutes,
    reason: Reason = "",
) -> Response:
    """For so long, then they are what they were before."""
    with asked.work(Action.STEER_COUNSELORS) as work:
        who, term = StaffId(staff_id), Term(reason, timedelta(minutes=minutes))
        work.signal(set_states.set_state(work.session, work.viewer, who, choice, term, work.now))
    return show(asked)


@router.post("/wallboard/staff/{staff_id}/move")
def move(
    asked: Asking,
    staff_id: Id,
    minutes: Minutes,
    center: CenterField = 0,
    line: Annotated[CalledLine | None, Form()] = None,
    reason: Reason = "",
) -> Response:
    """Into another center's queue, or to one line before others."""
    with asked.work(Action.STEER_COUNSELORS) as work:
        codes = {int(each.id): each.code.casefold() for each in staff.centers(work.session)}
        if center not in {0, *codes}:
            raise NotVisible("center")
        post = Post(codes.get(center, ""), line)
        term = Term(reason, timedelta(minutes=minutes))
        who = StaffId(staff_id)
        work.signal(steering.move(work.session, work.viewer, who, post, term, work.now))
    return show(asked)


@router.get("/wallboard/centers/{center_id}")
def center(asked: Asking, center_id: Id) -> Response:
    """What can be done with this center."""
    with asked.work(Action.STEER_CENTERS, write=False) as work:
        found = next((one for one in staff.centers(work.session) if one.id == center_id), None)
        if found is None:
            raise NotVisible("center")
        now = steered(work.session, work.now)
        return page(
            asked,
            work,
            "_steer_center.html",
            center=found,
            closed=now.closed(found.id),
            limit=now.limit(found.id),
            usual=timedelta(seconds=settings().overflow_seconds),
            limits=LIMITS,
            terms=TERMS,
        )


@router.post("/wallboard/centers/{center_id}/limit")
def set_limit(
    asked: Asking,
    center_id: Id,
    seconds: Annotated[int, Form(ge=0, le=600)],
    minutes: Minutes,
    reason: Reason = "",
) -> Response:
    """After so many seconds its callers go to other centers too."""
    with asked.work(Action.STEER_CENTERS) as work:
        term, limit = Term(reason, timedelta(minutes=minutes)), timedelta(seconds=seconds)
        where = CenterId(center_id)
        work.signal(steering.set_limit(work.session, work.viewer, where, limit, term, work.now))
    return show(asked)


@router.post("/wallboard/centers/{center_id}/close")
def close(asked: Asking, center_id: Id, reason: Reason, minutes: Minutes) -> Response:
    with asked.work(Action.STEER_CENTERS) as work:
        term = Term(reason, timedelta(minutes=minutes))
        work.signal(steering.close(work.session, work.viewer, CenterId(center_id), term, work.now))
    return show(asked)


@router.post("/wallboard/orders/{order_id}/undo")
def undo(asked: Asking, order_id: Id) -> Response:
    """Take an order back: a closed center is open again, a counselor is back in their own queue, or what
    they had chosen themselves."""
    with asked.work(Action.SEE_WALLBOARD) as work:
        work.signal(steering.undo(work.session, work.viewer, order_id, work.now))
        work.signal(set_states.put_back(work.session, work.now))
    return show(asked)


@router.post("/wallboard/messages")
def send(
    asked: Asking,
    text: Annotated[str, Form(max_length=desk_messages.LONGEST_TEXT)],
    minutes: Minutes,
    center: CenterField = 0,
) -> Response:
    """Show this on every desk, of one center or of all (0)."""
    with asked.work(Action.WRITE_TO_DESKS) as work:
        if center and center not in {one.id for one in staff.centers(work.session)}:
            raise NotVisible("center")
        where, lasts = CenterId(center) if center else None, timedelta(minutes=minutes)
        work.signal(desk_messages.send(work.session, work.viewer, text, where, lasts, work.now))
    return show(asked)


@router.post("/wallboard/messages/{message_id}/take-back")
def take_back(asked: Asking, message_id: Id) -> Response:
    with asked.work(Action.WRITE_TO_DESKS) as work:
        work.signal(desk_messages.take_back(work.session, work.viewer, message_id, work.now))
    return show(asked)

"""The wallboard: the line and the counselors at a glance, from across the room or from a pocket."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from dashboard import board, figures
from dashboard.asking import Asked, Asking, LineId, LineIdField, Work
from dashboard.rendering import page
from dashboard.steering_view import TERMS, steered
from hotline import alarms, staff
from hotline.access import Action, may
from hotline.alarm_kinds import AlarmKind
from hotline.alarms import Alarm
from hotline.errors import NotVisible
from hotline.ids import CallId, StaffId
from hotline.settings import settings
from hotline.terms import LONGEST_REASON, Term
from intake.calls import callbacks, callers, calls, lead_wishes, line_wishes, on_the_line
from intake.calls.calls import LiveCall
from intake.calls.kpi_counts import Limits
from intake.calls.line_wishes import TAKING, State, Wanted
from intake.cases import cases
from intake.recordings import recording_care
from intake.reports import reports
from routing import availability, rests
from routing.shifts import shift_at

router = APIRouter()


@router.get("/wallboard")
def wallboard(asked: Asking) -> Response:
    return show(asked, "wallboard.html")


@router.get("/wallboard/board")
def board_part(asked: Asking) -> Response:
    return show(asked)


@router.get("/wallboard/figures")
def figures_part(asked: Asking) -> Response:
    """Today's figures, the whole and each center."""
    with asked.work(Action.SEE_WALLBOARD, write=False) as work:
        day = figures.day(work)
        return page(asked, work, "_figures.html", day=day, shown=figures.shown(day))


@router.get("/wallboard/figures/{figure}")
def formula(asked: Asking, figure: str) -> Response:
    """How this figure is reckoned, with the sums that it is made of."""
    with asked.work(Action.SEE_WALLBOARD, write=False) as work:
        if figure not in figures.MADE_OF:
            raise NotVisible("figure")
        return page(
            asked,
            work,
            "_formula.html",
            day=figures.day(work),
            figure=figure,
            parts=figures.MADE_OF[figure],
            limits=Limits.set_by(settings()),
        )


@router.post("/alarms/{kind}/{subject}/note")
def take_note(asked: Asking, kind: AlarmKind, subject: LineId) -> Response:
    """Somebody looks into it; the board is answered as it is now."""
    with asked.work(Action.TAKE_NOTE_OF_ALARMS) as work:
        work.signal(alarms.take_note(work.session, work.viewer, kind, subject, work.now))
    return show(asked)


@router.post("/wallboard/supervise")
def supervise(
    asked: Asking,
    call: LineIdField,
    wanted: Annotated[Wanted, Form()],
    minutes: Annotated[int | None, Form(ge=1, le=240)] = None,
    reason: Annotated[str, Form(max_length=LONGEST_REASON)] = "",
) -> Response:
    """Attend this talk on one's own phone for so long, or go on attending in another way; or have the
    caller."""
    with asked.work(Action.SUPERVISE) as work:
        term = Term(reason, timedelta(minutes=minutes) if minutes is not None else None)
        who = CallId(call)
        work.signal(lead_wishes.supervise(work.session, work.viewer, who, wanted, work.now, term))
    return show(asked)


@router.post("/wallboard/supervise/stay")
def stay(asked: Asking) -> Response:
    """Attend for the whole time again."""
    with asked.work(Action.SUPERVISE) as work:
        work.signal(lead_wishes.stay(work.session, work.viewer, work.now))
    return show(asked)


@router.post("/wallboard/supervise/leave")
def leave(asked: Asking) -> Response:
    """Attend no more."""
    with asked.work(Action.SUPERVISE) as work:
        work.signal(lead_wishes.leave(work.session, work.viewer, work.now))
    return show(asked)


@router.post("/wallboard/supervise/give-back")
def give_back(asked: Asking) -> Response:
    """The caller goes back to whom they were taken from."""
    with asked.work(Action.SUPERVISE) as work:
        work.signal(lead_wishes.give_back(work.session, work.viewer, work.now))
    return show(asked)


def show(asked: Asked, template: str = "_board.html") -> Response:
    """The board as it is now, by itself or in its page."""
    with asked.work(Action.SEE_WALLBOARD, write=False) as work:
        shift = shift_at(work.now)
        live = calls.live(work.session, work.viewer)
        present = alarms.present(work.session, work.viewer)
        return page(
            asked,
            work,
            template,
            board=_board(work, live),
            shift=shift,
            limit=board.WAIT_LIMIT,
            attended=_attended(work, live),
            ends_soon=board.ENDS_SOON,
            usual_stay=settings().supervision_minutes,
            alarms=present,
            alarm_people=_named(work, present),
            wait_limit=settings().alarm_wait_seconds,
            steered=steered(work.session, work.now),
            terms=TERMS,
            centers=staff.centers(work.session),
            undone=recording_care.left_undone(work.session, work.now),
            owed=callbacks.standing(work.session, work.viewer, work.now),
            inbox=reports.standing(work.session),
            cases=cases.standing(work.session, work.viewer, work.now),
        )


def _named(work: Work, present: Sequence[Alarm]) -> dict[str, str]:
    """The names of those whom alarms are about, by their id in the alarm's subject."""
    who = [StaffId(int(one.subject)) for one in present if one.kind is AlarmKind.MISSED]
    who += [StaffId(int(one.subject.split("-")[2])) for one in present if one.kind is AlarmKind.GLASS]
    return {str(each.id): each.name for each in staff.some(work.session, who).values()}


def _attended(work: Work, live: Sequence[LiveCall]) -> board.Attended | None:
    """What a shift lead attends; None for whoever may not, or has no phone to do it on."""
    if not may(work.viewer, Action.SUPERVISE) or work.viewer.phone is None:
        return None
    wish = line_wishes.supervision_of(work.session, work.viewer.staff_id, work.now)
    shown = board.attended(wish, live, work.now)
    if wish is None or wish.wanted not in TAKING or wish.state is not State.TALKING:
        return shown
    return replace(
        shown,
        goes_back_to=lead_wishes.goes_back_to(work.session, wish),
        giving_back=lead_wishes.giving_back(work.session, wish, work.now),
    )


def _board(work: Work, live: Sequence[LiveCall]) -> board.Board:
    waiting = [call.call_id for call in live if call.waiting]
    return board.compose(
        availability.everybody(work.session, work.now, coming=timedelta()),
        live,
        {
            **on_the_line.just_talked(work.session, work.now - settings().wrap_up),
            **{who: rest.set_at for who, rest in rests.since(work.session, work.now).items()},
        },
        work.now,
        callers.languages(work.session, waiting, work.now) if waiting else {},
    )

"""What counselors do with their own shifts: swap them, and have them in their calendar."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Path
from fastapi.responses import RedirectResponse, Response

from dashboard import roster_calendar
from dashboard.asking import Asked, Asking, Id, Work
from dashboard.i18n import language
from dashboard.pages import roster as month_page
from hotline import bus, db, staff
from hotline.access import Action
from hotline.clock import local, utc_now
from hotline.errors import BadInput, Conflict
from hotline.ids import StaffId
from hotline.settings import settings
from routing import feeds, months, roster, swaps
from routing.shifts import Duty, by_code

router = APIRouter()

DutyText = Annotated[str, Form(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [a-z]{1,20}$")]
TheirsText = Annotated[str, Form(pattern=r"^[0-9]{1,9} [0-9]{4}-[0-9]{2}-[0-9]{2} [a-z]{1,20}$")]
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$")]
Deed = Callable[..., Sequence[bus.Signal]]


@router.post("/roster/swaps")
def ask(asked: Asking, give: DutyText, take: TheirsText) -> Response:
    """`give`: day and shift of mine; `take`: whose, day and shift."""
    of, _, theirs = take.partition(" ")
    with asked.work(Action.TAKE_CALLS) as work:
        try:
            with work.session.begin_nested():
                work.signal(
                    swaps.ask(
                        work.session, work.viewer, _duty(give), StaffId(int(of)), _duty(theirs), work.now
                    )
                )
        except BadInput:
            return _show(asked, work, 422, "swap")
    return RedirectResponse("/roster?told=swap", 303)


@router.post("/roster/swaps/{swap_id}/agree")
def agree(asked: Asking, swap_id: Id) -> Response:
    return _do(asked, swap_id, swaps.agree, Action.TAKE_CALLS)


@router.post("/roster/swaps/{swap_id}/refuse")
def refuse(asked: Asking, swap_id: Id) -> Response:
    return _do(asked, swap_id, swaps.refuse, Action.SEE_ROSTER)


@router.post("/roster/swaps/{swap_id}/withdraw")
def withdraw(asked: Asking, swap_id: Id) -> Response:
    return _do(asked, swap_id, swaps.withdraw, Action.TAKE_CALLS)


@router.post("/roster/swaps/{swap_id}/approve")
def approve(asked: Asking, swap_id: Id) -> Response:
    return _do(asked, swap_id, swaps.approve, Action.EDIT_ROSTER)


def _do(asked: Asked, swap_id: int, deed: Deed, need: Action) -> Response:
    with asked.work(need) as work:
        try:
            with work.session.begin_nested():
                work.signal(deed(work.session, work.viewer, swap_id, work.now))
        except Conflict:
            return _show(asked, work, 409, "swap_gone")
    return RedirectResponse("/roster?told=swap", 303)


def _duty(text: str) -> Duty:
    """Raises BadInput for a day or a shift that is none."""
    day, _, shift = text.partition(" ")
    try:
        return by_code(shift).on(date.fromisoformat(day))
    except (KeyError, ValueError) as error:
        raise BadInput("duty") from error


@router.post("/roster/feed")
def open_feed(asked: Asking) -> Response:
    """A new address, shown this once."""
    with asked.work(Action.TAKE_CALLS) as work:
        token = feeds.open_feed(work.session, work.viewer, work.now)
        work.session.flush()
        base = settings().public_url or str(asked.request.base_url)
        return _show(asked, work, feed=f"{base.rstrip('/')}/roster/feed/{token}.ics")


@router.post("/roster/feed/close")
def close_feed(asked: Asking) -> Response:
    with asked.work(Action.TAKE_CALLS) as work:
        feeds.close_feed(work.session, work.viewer, work.now)
    return RedirectResponse("/roster", 303)


@router.get("/roster/feed/{token}.ics")
def feed(token: Token) -> Response:
    """For a calendar program, which cannot log in: the address is the key."""
    now = utc_now()
    with db.reading() as session:
        who = staff.one(session, feeds.whose(session, token))
        first, last = months.coming_days(now)
        entries = roster.entries(session, first - months.CLOSED, last, who.id)
    content = roster_calendar.calendar(language(None), who, entries, now)
    headers = {"Content-Disposition": 'inline; filename="111.ics"'}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


def _show(asked: Asked, work: Work, status: int = 200, problem: str = "", feed: str = "") -> Response:
    first = local(work.now).date().replace(day=1)
    return month_page.show(asked, work, "", first, status=status, problem=problem, feed=feed)

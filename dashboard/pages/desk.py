"""The counselor's desk: one page for a whole shift.

Whatever happens on the line, one request (`/desk/line`) brings everything that changed: the bar and the
left column always, the record in the middle only when nothing is being written there.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from dashboard import desk_view, inbox_view
from dashboard.asking import Asked, Asking, Id, LineIdField, Work
from dashboard.desk_view import Line
from dashboard.rendering import page
from hotline import bus, desk_messages
from hotline.access import Action
from hotline.errors import BadInput, NotVisible
from hotline.ids import CallId, RecordId, StaffId
from hotline.staff import StaffView
from intake.calls import callbacks, line_wishes, on_the_line, yes_no
from routing import availability, breaks
from routing.breaks import BreakHeld
from routing.choices import CHOSEN, Choice, Why

router = APIRouter()

Opened = Annotated[int, Query(ge=0, le=2**31 - 1)]
"""The record in the middle of the page, 0 for none."""
OpenForm = Annotated[int, Form(ge=0, le=2**31 - 1)]
_BLANK: dict[str, Any] = {
    "writing": None,
    "shift": None,
    "gone": False,
    "docked": False,
    "closed": None,
    "opened_case": None,
    "joined_case": None,
    "held": None,
}
_CHOICES = [
    (choice, why) for choice in CHOSEN for why in (tuple(Why) if choice is Choice.BREAK else ("",))
]
"""What the bar offers; a break with each of its reasons."""


@router.get("/desk")
def desk(asked: Asking, record: Opened = 0) -> Response:
    """The whole page, with the record asked for, else that of the present call, in the middle."""
    with asked.work(Action.TAKE_CALLS) as work:
        shown = desk_view.line(work)
        middle = _middle(work, shown, record)
        docked = _docks(shown, middle["writing"].record.id if middle["writing"] else 0)
        return page(
            asked,
            work,
            "desk.html",
            line=shown,
            choices=_CHOICES,
            docked=docked,
            messages=desk_messages.unread(work.session, work.viewer, work.now),
            **middle,
        )


@router.get("/desk/line")
def line(asked: Asking, open: Opened = 0) -> Response:
    """What changed; `open` is the record in the middle of the page, 0 for none."""
    if open:
        with asked.work(Action.TAKE_CALLS, write=False) as work:
            shown = desk_view.line(work)
            if shown.keeps(RecordId(open)):  # nothing is looked into: nothing to put on record
                return _parts(asked, work, shown, {"docked": _docks(shown, open)})
    with asked.work(Action.TAKE_CALLS) as work:
        return parts(asked, work, open)


@router.get("/desk/queue")
def queue(asked: Asking) -> Response:
    """What the bar says of the line, the numbers owed a call, the inbox, and the lead's messages."""
    with asked.work(Action.TAKE_CALLS, write=False) as work:
        waiting = on_the_line.waiting(work.session)
        return page(
            asked,
            work,
            "_desk_board.html",
            waiting=waiting,
            inbox=inbox_view.inbox(work, waiting),
            owed=callbacks.standing(work.session, work.viewer, work.now),
            messages=desk_messages.unread(work.session, work.viewer, work.now),
        )


@router.get("/desk/inbox")
def inbox(asked: Asking) -> Response:
    """What the desk says of the inbox, by itself: an offer that is left lying goes round."""
    with asked.work(Action.TAKE_CALLS, write=False) as work:
        shown = inbox_view.inbox(work, on_the_line.waiting(work.session))
        return page(asked, work, "_desk_inbox.html", inbox=shown)


@router.post("/desk/messages/{message_id}/read")
def message_read(asked: Asking, message_id: Id) -> Response:
    with asked.work(Action.TAKE_CALLS) as work:
        work.signal(desk_messages.read(work.session, work.viewer, message_id, work.now))
        unread = desk_messages.unread(work.session, work.viewer, work.now)
        return page(asked, work, "_desk_messages.html", messages=unread)


@router.get("/desk/record/{record_id}")
def open_record(asked: Asking, record_id: Id) -> Response:
    """Put this record into the middle."""
    with asked.work(Action.TAKE_CALLS) as work:
        shown = desk_view.line(work)
        middle = _middle(work, shown, record_id)
        if middle["writing"] is None:
            raise NotVisible("record")
        return _parts(asked, work, shown, middle)


@router.post("/desk/availability")
def choose(
    asked: Asking,
    choice: Annotated[str, Form()],
    why: Annotated[str, Form()] = "",
    open: OpenForm = 0,
) -> Response:
    """A break says why; while the line is long it may have to wait for a colleague's."""
    with asked.work(Action.TAKE_CALLS) as work:
        if choice not in CHOSEN:
            raise BadInput("choice")
        try:
            work.signal(_chosen(work, Choice(choice), why))
        except BreakHeld as held:
            return parts(asked, work, open, held=held.on_break)
        work.session.flush()
        return parts(asked, work, open)


def _chosen(work: Work, choice: Choice, why: str) -> Sequence[bus.Signal]:
    who = work.viewer.staff_id
    if choice is not Choice.BREAK:
        return availability.choose(work.session, work.viewer, who, choice, work.now)
    if why not in Why.__members__.values():
        raise BadInput("why")
    waiting = on_the_line.waiting(work.session).count
    return breaks.take(work.session, work.viewer, Why(why), waiting, work.now)


@router.post("/desk/rest/longer")
def longer(asked: Asking, open: OpenForm = 0) -> Response:
    """A minute more before the next call."""
    with asked.work(Action.TAKE_CALLS) as work:
        desk_view.lengthen_rest(work)
        return parts(asked, work, open)


@router.post("/desk/rest/end")
def rested(asked: Asking, open: OpenForm = 0) -> Response:
    """The next call may come now."""
    with asked.work(Action.TAKE_CALLS) as work:
        desk_view.end_rest(work)
        return parts(asked, work, open)


@router.post("/desk/interpreter")
def interpreter(
    asked: Asking,
    call: LineIdField,
    interpreter: Annotated[int, Form(ge=1, le=2**31 - 1)],
    open: OpenForm = 0,
) -> Response:
    """Bring this interpreter into the talk at the phone."""
    with asked.work(Action.TAKE_CALLS) as work:
        who = CallId(call)
        work.signal(line_wishes.ask_interpreter(work.session, work.viewer, who, interpreter, work.now))
        return parts(asked, work, open)


@router.post("/desk/interpreter/leave")
def no_interpreter(asked: Asking, call: LineIdField, open: OpenForm = 0) -> Response:
    """Go on without the interpreter."""
    with asked.work(Action.TAKE_CALLS) as work:
        work.signal(line_wishes.dismiss_interpreter(work.session, work.viewer, CallId(call), work.now))
        return parts(asked, work, open)


@router.get("/desk/colleagues")
def colleagues(asked: Asking, call: Annotated[str, Query(pattern=r"^[!-~]{1,150}$")]) -> Response:
    """Whom the counselor may ask into their talk: who is at work and has a free phone."""
    with asked.work(Action.TAKE_CALLS, write=False) as work:
        there = desk_view.who_can_come(work)
        return page(asked, work, "_desk_colleagues.html", colleagues=there, call=call)


@router.post("/desk/colleague")
def colleague(
    asked: Asking,
    call: LineIdField,
    colleague: Annotated[int, Form(ge=1, le=2**31 - 1)],
    open: OpenForm = 0,
) -> Response:
    """Bring this colleague into the talk at the phone."""
    with asked.work(Action.TAKE_CALLS) as work:
        who, whom = CallId(call), StaffId(colleague)
        work.signal(line_wishes.ask_colleague(work.session, work.viewer, who, whom, work.now))
        return parts(asked, work, open)


@router.post("/desk/colleague/leave")
def no_colleague(asked: Asking, call: LineIdField, open: OpenForm = 0) -> Response:
    """Go on without the colleague."""
    with asked.work(Action.TAKE_CALLS) as work:
        work.signal(line_wishes.dismiss_colleague(work.session, work.viewer, CallId(call), work.now))
        return parts(asked, work, open)


@router.post("/desk/yes-no")
def ask(
    asked: Asking,
    call: LineIdField,
    question: Annotated[str, Form(max_length=1000)] = "",
    open: OpenForm = 0,
) -> Response:
    """The counselor asks what the caller will answer with a key. An empty question asks nothing."""
    with asked.work(Action.TAKE_CALLS) as work:
        if question.strip():
            work.signal(yes_no.ask(work.session, work.viewer, CallId(call), question, work.now))
        return parts(asked, work, open)


def parts(asked: Asked, work: Work, opened: int, held: StaffView | None = None) -> Response:
    """The bar, the left column, and the middle if it is empty or its call has gone elsewhere.

    `held`: the colleague whose break ours has to wait for.
    """
    shown = desk_view.line(work)
    told = {"held": held}
    if opened == 0:
        due = shown.fresh_record or shown.unwritten
        return _parts(asked, work, shown, told | (_middle(work, shown, 0) if due else {}))
    stays = told | {"docked": _docks(shown, opened)}
    if shown.keeps(RecordId(opened)):
        return _parts(asked, work, shown, stays)
    written = desk_view.writing(work, RecordId(opened), shown.call)
    if written is None or desk_view.is_over(written, shown):
        return _parts(asked, work, shown, _middle(work, shown, 0) | {"gone": True})
    return _parts(asked, work, shown, stays)


def _docks(shown: Line, opened: int) -> bool:
    """Whether the call at the phone stays beside another record that is in the middle."""
    fresh = shown.fresh_record
    return opened != 0 and fresh is not None and fresh != opened


def after(asked: Asked, work: Work, record_id: int = 0, **told: Any) -> Response:
    """Everything, after a record was closed or escalated. `record_id` stays; 0 makes room for a call."""
    shown = desk_view.line(work)
    return _parts(asked, work, shown, _middle(work, shown, record_id) | told)


def _middle(work: Work, shown: Line, record_id: int) -> dict[str, Any]:
    wanted = record_id or shown.fresh_record
    if not wanted:
        wanted = shown.unwritten
    written = desk_view.writing(work, RecordId(wanted), shown.call) if wanted else None
    if written is None:
        return {"writing": None, "shift": desk_view.shift_view(work, shown)}
    return {"writing": written, "shift": None}


def _parts(asked: Asked, work: Work, shown: Line, middle: dict[str, Any]) -> Response:
    with_middle = "writing" in middle
    context = _BLANK | {"line": shown, "choices": _CHOICES, "with_middle": with_middle} | middle
    return page(asked, work, "_desk_parts.html", **context)

"""What reaches the hotline by other ways than calls: what waits, was taken, or is opened by hand."""

from datetime import timedelta
from secrets import token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboard.arrival_form import read
from dashboard.asking import Asked, Asking, Id, Work
from dashboard.formats import moment_field
from dashboard.given_files import given
from dashboard.pages.desk import after, open_record
from dashboard.rendering import page
from hotline import keyring
from hotline.access import Action, Scope, may, scope
from hotline.errors import BadInput, Conflict, FieldErrors
from hotline.ids import RecordId
from hotline.settings import settings
from intake.forms.taxonomy import WhyBack
from intake.records import arrivals
from intake.reports import attachments, report_returns, reports

router = APIRouter()

SHOWN = timedelta(days=30)
Text = Annotated[str, Form(max_length=40)]
Token = Annotated[str, Form(pattern=r"^[\w-]{8,28}$")]


@router.get("/inbox")
def inbox(asked: Asking) -> Response:
    with asked.work(Action.WRITE_RECORD) as work:
        return _inbox(asked, work)


@router.get("/inbox/waiting")
def waiting(asked: Asking) -> Response:
    """The upper part by itself: what nobody has taken."""
    with asked.work(Action.TAKE_REPORTS, write=False) as work:
        there = reports.waiting(work.session, work.viewer)
        return page(asked, work, "_inbox_waiting.html", waiting=there)


@router.post("/inbox/{report_id}/take")
def take(asked: Asking, report_id: Id) -> Response:
    """Make it mine, unless somebody was faster. The desk goes on without leaving its page."""
    with asked.work(Action.TAKE_REPORTS) as work:
        try:
            record_id, signals = reports.take(work.session, work.viewer, report_id, work.now)
        except Conflict:
            if asked.is_fragment:
                raise
            return _inbox(asked, work, 409, too_late=True)
        work.signal(signals)
        if not asked.is_fragment:
            return _to_record(work, record_id)
    return open_record(asked, record_id)


@router.post("/inbox/{report_id}/give-back")
def give_back(asked: Asking, report_id: Id, why: Text = WhyBack.UNTOLD) -> Response:
    """It waits again. The desk goes on without leaving its page."""
    with asked.work(Action.WRITE_RECORD) as work:
        if why not in set(WhyBack):
            raise BadInput("why")
        back = report_returns.give_back(work.session, work.viewer, report_id, WhyBack(why), work.now)
        work.signal(back)
        if asked.is_fragment:
            return after(asked, work)
    return RedirectResponse("/inbox", 303)


@router.get("/inbox/{report_id}/attachments/{position}")
def attachment(asked: Asking, report_id: Id, position: Id) -> Response:
    """One file, to be saved: never shown inside a page of ours."""
    with asked.work(Action.READ_RECORD) as work:
        ring = keyring.recording_keys(settings())
        file = attachments.fetch(work.session, work.viewer, report_id, position, ring, work.now)
    return given(asked, work, file)


@router.get("/inbox/new")
def new(asked: Asking) -> Response:
    with asked.work(Action.WRITE_RECORD, write=False) as work:
        return _new(asked, work, token_urlsafe(16), {"received_at": moment_field(work.now)})


@router.post("/inbox/new")
def open_by_hand(
    asked: Asking, token: Token, way: Text = "", received_at: Text = "", happened_at: Text = ""
) -> Response:
    """The record is there before anything is written in it; a counselor writes it on the desk."""
    with asked.work(Action.WRITE_RECORD) as work:
        try:
            arrival = read(way, received_at, happened_at)
            record_id = arrivals.open_by_hand(work.session, work.viewer, arrival, token, work.now)
        except FieldErrors as wrong:
            told = {"way": way, "received_at": received_at, "happened_at": happened_at}
            return _new(asked, work, token, told, 422, wrong=wrong.fields)
        return _to_record(work, record_id)


@router.post("/records/{record_id}/arrival")
def correct(
    asked: Asking, record_id: Id, way: Text = "", received_at: Text = "", happened_at: Text = ""
) -> Response:
    """It came another way, or at another time, than was written at first."""
    with asked.work(Action.WRITE_RECORD) as work:
        arrival = read(way, received_at, happened_at)
        arrivals.correct(work.session, work.viewer, RecordId(record_id), arrival, work.now)
    return RedirectResponse(f"/records/{record_id}", 303)


def _to_record(work: Work, record_id: RecordId) -> Response:
    """A counselor writes on the desk, a lead on the record's own page."""
    desk = may(work.viewer, Action.TAKE_CALLS)
    return RedirectResponse(f"/desk?record={record_id}" if desk else f"/records/{record_id}", 303)


def _inbox(asked: Asked, work: Work, status: int = 200, *, too_late: bool = False) -> Response:
    return page(
        asked,
        work,
        "inbox.html",
        status=status,
        waiting=reports.waiting(work.session, work.viewer),
        lines=arrivals.received(work.session, work.viewer, work.now - SHOWN, work.now),
        own=scope(work.viewer, Action.READ_RECORD) is Scope.OWN,
        too_late=too_late,
    )


def _new(
    asked: Asked, work: Work, token: str, given: dict[str, str], status: int = 200, **told: Any
) -> Response:
    context = {"wrong": {}} | told
    return page(asked, work, "inbox_new.html", status=status, token=token, given=given, **context)

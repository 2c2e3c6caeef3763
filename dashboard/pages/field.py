"""The page of whoever receives a case: officers with an account, and guests who were sent a link.

Small and plain: it must come through one bar of signal and work without scripts. A guest's link carries
its token in the query, which is in no log, and no name of anybody.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from secrets import compare_digest, token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from dashboard import cookies
from dashboard.asking import Asked, Asking, Forged
from dashboard.cookies import guest_cookie
from dashboard.rendering import base_context, html
from hotline import audit, bus, db, keyring
from hotline.access import Action
from hotline.audit import Act
from hotline.clock import utc_now
from hotline.errors import BadInput, FieldErrors, NotVisible
from hotline.settings import settings
from intake.handovers import handover_answers, handover_links, handover_photos, handover_views
from intake.handovers.handover_answers import By, Received, Report
from intake.handovers.handover_states import Doing, Situation, WhyRefused

router = APIRouter()

Text = Annotated[str, Form(max_length=20_000)]
Word = Annotated[str, Form(max_length=40)]
Ref = Annotated[str, Form(max_length=20)]
GUEST = "/h"


@dataclass(slots=True)
class Visit:
    """One request about one handover, in its transaction."""

    session: Session
    row: Received
    by: By
    now: datetime
    csrf: str
    draft_key: str
    who: str
    """Whose drafts these are in this browser."""
    back: str
    """The page's address."""
    signals: list[bus.Signal]


@contextmanager
def _officer(asked: Asked, reference: str) -> Iterator[Visit]:
    """By account and unit. Raises NotLoggedIn, Forged, Hidden, NotVisible."""
    with asked.work(Action.ANSWER_HANDOVER) as work:
        row = handover_answers.mine(work.session, work.viewer, reference, lock=True)
        visit = Visit(
            work.session,
            row,
            handover_answers.by_account(work.viewer),
            work.now,
            work.csrf,
            work.draft_key,
            str(work.viewer.staff_id),
            f"/field/{reference}",
            [],
        )
        yield visit
        work.signal(visit.signals)


@contextmanager
def _guest(asked: Asked) -> Iterator[Visit]:
    """By the cookie that the link's code has set. Raises Forged, NotVisible."""
    device = asked.request.cookies.get(guest_cookie(), "")
    now, signals = utc_now(), list[bus.Signal]()
    with db.transaction() as session:
        guest = handover_links.guest(session, device, now) if device else None
        if guest is None:
            raise NotVisible("link")
        if asked.request.method == "POST" and not compare_digest(
            asked.csrf.encode(), guest.csrf.encode()
        ):
            raise Forged
        row = handover_answers.of_guest(session, guest.handover_id)
        yield Visit(
            session,
            row,
            guest.by,
            now,
            guest.csrf,
            guest.draft_key,
            f"link{guest.link_id}",
            f"{GUEST}/case",
            signals,
        )
    bus.publish(signals)


# -- officers with an account ---------------------------------------------------------------------


@router.get("/field")
def field_list(asked: Asking) -> Response:
    """What was handed to the officer's unit: seeing the list is being reached."""
    with asked.work(Action.ANSWER_HANDOVER) as work:
        lines = handover_views.listed(work.session, work.viewer)
        audit.note(work.session, work.viewer, Act.LIST, "handover", "unit", work.now, str(len(lines)))
        handover_answers.reached(work.session, work.viewer, work.now)
        context = base_context(asked, work.now) | {
            "viewer": work.viewer,
            "csrf": work.csrf,
            "draft_key": work.draft_key,
            "lines": lines,
        }
        return HTMLResponse(html(asked.language, "field_list.html", context))


@router.get("/field/{reference}")
def field_page(asked: Asking, reference: str) -> Response:
    with _officer(asked, reference) as visit:
        return _page(asked, visit)


@router.post("/field/photo")
def field_photo(
    asked: Asking, reference: Ref, file: Annotated[UploadFile, File()], word: Word = ""
) -> Response:
    content = file.file.read()
    with _officer(asked, reference) as visit:
        return _photo(asked, visit, content, word)


@router.post("/field/{reference}/accept")
def field_accept(asked: Asking, reference: str) -> Response:
    with _officer(asked, reference) as visit:
        return _accept(visit)


@router.post("/field/{reference}/refuse")
def field_refuse(asked: Asking, reference: str, why: Text = "", note: Text = "") -> Response:
    with _officer(asked, reference) as visit:
        return _refuse(asked, visit, why, note)


@router.post("/field/{reference}/report")
def field_report(
    asked: Asking,
    reference: str,
    situation: Text = "",
    doing: Text = "",
    note: Text = "",
    word: Word = "",
) -> Response:
    with _officer(asked, reference) as visit:
        return _report(asked, visit, Report(situation, doing, note, word))


# -- guests by a link -----------------------------------------------------------------------------


@router.get(GUEST)
def door(asked: Asking, k: Annotated[str, Query(max_length=80)] = "") -> Response:
    """Asks for the code; a browser that is in already goes on."""
    now = utc_now()
    if _hidden_device(asked) is not None:
        return _door(asked, k, now, opens=False, again=True)
    with db.transaction() as session:
        device = asked.request.cookies.get(guest_cookie(), "")
        if device and handover_links.guest(session, device, now) is not None:
            return RedirectResponse(f"{GUEST}/case", 303)
        opens = handover_links.reached(session, k, now)
    return _door(asked, k, now, opens=opens)


@router.post(GUEST)
def enter(
    asked: Asking,
    k: Annotated[str, Form(max_length=80)] = "",
    code: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """The right code lets this browser in, and no other from then on; and in again when its page was
    hidden."""
    now = utc_now()
    hidden = _hidden_device(asked)
    if hidden is not None:
        return _show(asked, hidden, code, now)
    with db.reading() as session:
        code_hash = handover_links.may_try(session, k, now)
    is_right = code_hash is not None and handover_links.right(code, code_hash)
    with db.transaction() as session:
        device = handover_links.enter(session, k, is_right, now)
        opens = device is not None or handover_links.may_try(session, k, now) is not None
    if device is None:
        return _door(asked, k, now, opens=opens, wrong="code", status=403)
    return _let_in(device)


def _hidden_device(asked: Asked) -> str | None:
    """The secret of a browser whose page is hidden, which it does not hold itself until the code."""
    kept = asked.request.cookies.get(guest_cookie(), "")
    if not handover_links.is_covered(kept):
        return None
    return handover_links.uncovered(kept, keyring.recording_keys(settings()))


def _show(asked: Asked, device: str, code: str, now: datetime) -> Response:
    with db.reading() as session:
        code_hash = handover_links.may_show(session, device, now)
    is_right = code_hash is not None and handover_links.right(code, code_hash)
    with db.transaction() as session:
        new = handover_links.show(session, device, is_right, now)
        opens = new is not None or handover_links.may_show(session, device, now) is not None
    if new is None:
        return _door(asked, "", now, opens=False, again=opens, wrong="code", status=403)
    return _let_in(new)


@router.post(f"{GUEST}/hide")
def guest_hide(asked: Asking) -> Response:
    """Nobody has touched the page for a while (frontend/field.ts). The browser keeps nothing that opens
    it; the code of the link does."""
    if _hidden_device(asked) is not None:  # another tab was first
        return Response(status_code=204)
    with _guest(asked) as visit:
        device = asked.request.cookies[guest_cookie()]
        guest = handover_links.guest(visit.session, device, visit.now)
        if guest is not None:
            handover_links.hide(visit.session, guest, visit.now)
    response = Response(status_code=204)
    _keep(response, handover_links.covered(device, keyring.recording_keys(settings())))
    return response


def _let_in(device: str) -> Response:
    response = RedirectResponse(f"{GUEST}/case", 303)
    _keep(response, device)
    return response


def _keep(response: Response, kept: str) -> None:
    cookies.keep(response, guest_cookie(), kept, handover_links.LIFETIME)


@router.get(f"{GUEST}/case")
def guest_page(asked: Asking) -> Response:
    return _as_guest(asked, lambda visit: _page(asked, visit))


@router.post(f"{GUEST}/photo")
def guest_photo(asked: Asking, file: Annotated[UploadFile, File()], word: Word = "") -> Response:
    content = file.file.read()
    return _as_guest(asked, lambda visit: _photo(asked, visit, content, word))


@router.post(f"{GUEST}/case/accept")
def guest_accept(asked: Asking) -> Response:
    return _as_guest(asked, _accept)


@router.post(f"{GUEST}/case/refuse")
def guest_refuse(asked: Asking, why: Text = "", note: Text = "") -> Response:
    return _as_guest(asked, lambda visit: _refuse(asked, visit, why, note))


@router.post(f"{GUEST}/case/report")
def guest_report(
    asked: Asking, situation: Text = "", doing: Text = "", note: Text = "", word: Word = ""
) -> Response:
    told = Report(situation, doing, note, word)
    return _as_guest(asked, lambda visit: _report(asked, visit, told))


def _as_guest(asked: Asked, do: Callable[[Visit], Response]) -> Response:
    """A link that opens nothing any more says so, and whom to call."""
    try:
        with _guest(asked) as visit:
            return do(visit)
    except NotVisible:
        if _hidden_device(asked) is not None:
            return RedirectResponse(GUEST, 303)
        return _door(asked, "", utc_now(), opens=False, status=404)


def _door(
    asked: Asked,
    token: str,
    now: datetime,
    *,
    opens: bool,
    again: bool = False,
    wrong: str = "",
    status: int = 200,
) -> Response:
    context = base_context(asked, now) | {
        "token": token,
        "opens": opens,
        "again": again,
        "wrong": wrong,
    }
    found = opens or again or wrong
    return HTMLResponse(html(asked.language, "field_door.html", context), status if found else 404)


# -- both -----------------------------------------------------------------------------------------


def _page(asked: Asked, visit: Visit, status: int = 200, **given: Any) -> Response:
    shown = handover_answers.opened(visit.session, visit.row, visit.by, visit.now)
    context: dict[str, Any] = base_context(asked, visit.now) | {
        "viewer": visit.by.viewer,
        "handover": shown,
        "packet": shown.packet,
        "csrf": visit.csrf,
        "draft_key": visit.draft_key,
        "who": visit.who,
        "back": visit.back,
        "photo_to": f"{GUEST}/photo" if visit.back.startswith(GUEST) else "/field/photo",
        "word": token_urlsafe(12),
        "largest": handover_photos.LARGEST,
        "situations": tuple(Situation),
        "doings": tuple(Doing),
        "whys": tuple(WhyRefused),
        "typed": {},
        "wrong": {},
    }
    return HTMLResponse(html(asked.language, "field.html", context | given), status)


def _accept(visit: Visit) -> Response:
    visit.signals += handover_answers.accept(visit.session, visit.row, visit.by, visit.now)
    return RedirectResponse(visit.back, 303)


def _refuse(asked: Asked, visit: Visit, why: str, note: str) -> Response:
    try:
        visit.signals += handover_answers.refuse(
            visit.session, visit.row, visit.by, why, note, visit.now
        )
    except FieldErrors as problem:
        typed = {"why": why, "refusal": note}
        return _page(asked, visit, 422, typed=typed, wrong=problem.fields, refusing=True)
    context = base_context(asked, visit.now)
    return HTMLResponse(html(asked.language, "field_over.html", context))


def _report(asked: Asked, visit: Visit, told: Report) -> Response:
    try:
        handover_answers.report(visit.session, visit.row, visit.by, told, visit.now)
    except FieldErrors as problem:
        typed = {"situation": told.situation, "doing": told.doing, "note": told.note}
        return _page(asked, visit, 422, typed=typed, wrong=problem.fields)
    return RedirectResponse(f"{visit.back}?told=report", 303)


def _photo(asked: Asked, visit: Visit, content: bytes, word: str) -> Response:
    ring = keyring.recording_keys(settings())
    try:
        handover_photos.add(visit.session, visit.row, visit.by, content, word, ring, visit.now)
    except BadInput as problem:
        return _page(asked, visit, 422, wrong={"file": str(problem)})
    return RedirectResponse(f"{visit.back}?told=photo", 303)

"""The therapy unit: its week, its children, a meeting with what was said, and how much there was."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from dashboard import form_view, report_rows
from dashboard.asking import DRAFT, Asked, Asking, Id, OtherId, Work, typed_number
from dashboard.formats import typed_moment
from dashboard.i18n import N_
from dashboard.pages.cases import case_page
from dashboard.rendering import page
from dashboard.words import word
from hotline import audit, keyring
from hotline.access import Action
from hotline.audit import Act
from hotline.calendar import DAY
from hotline.clock import local
from hotline.errors import BadInput, Conflict, FieldErrors, NotVisible
from hotline.ids import CaseId
from hotline.settings import settings
from intake.cases import cases
from intake.statistics import traced_special
from intake.therapy import therapy_counts, therapy_meetings, therapy_notes, therapy_referrals
from intake.therapy.therapy_counts import Part
from intake.therapy.therapy_rules import MOVES, Charge, Held, Kind, Standing, Way

router = APIRouter()
_HOME, _MONTH, _YEAR = (
    N_("Trị liệu tâm lý %(year)s"),
    N_("tháng %(month)s/%(year)s"),
    N_("năm %(year)s"),
)

_Token = Annotated[str, Form(pattern=r"^[\w-]{16,40}$")]
_Text = Annotated[str, Form()]


async def _told(request: Request) -> Mapping[str, str]:
    """Every field of the form."""
    return {name: str(text) for name, text in (await request.form()).items()}


Told = Annotated[Mapping[str, str], Depends(_told)]


@router.post("/cases/{case_id}/therapy")
def refer(asked: Asking, case_id: Id, child: OtherId, token: _Token, reason: _Text = "") -> Response:
    """Refer a child of a case to the unit."""
    with asked.work(Action.WRITE_CASE) as work:
        shown = cases.case(work.session, work.viewer, CaseId(case_id), work.now)
        try:
            therapy_referrals.refer(work.session, work.viewer, shown, child, reason, token, work.now)
        except (FieldErrors, Conflict) as wrong:
            problem = wrong.fields["reason"] if isinstance(wrong, FieldErrors) else str(wrong)
            status = 422 if isinstance(wrong, FieldErrors) else 409
            return case_page(asked, work, shown, status, therapy_reason=reason, therapy_problem=problem)
    return RedirectResponse(f"/cases/{case_id}#therapy", 303)


@router.get("/therapy")
def week(asked: Asking, day: Annotated[str, Query(max_length=10)] = "") -> Response:
    """The week that this day is in, today's when none is named; what is owed; who waits."""
    with asked.work(Action.TREAT) as work:
        today = local(work.now).date()
        shown = _day(day) or today
        monday = shown - shown.weekday() * DAY
        session, viewer, now = work.session, work.viewer, work.now
        return page(
            asked,
            work,
            "therapy.html",
            week=therapy_meetings.week(session, viewer, monday, now),
            owed=therapy_meetings.owed(session, viewer, now),
            waiting=therapy_referrals.referrals(session, viewer, Standing.WAITING),
            treated=therapy_referrals.referrals(session, viewer, Standing.ACCEPTED),
            monday=monday,
            sunday=monday + 6 * DAY,
            before=monday - 7 * DAY,
            after=monday + 7 * DAY,
            today=today,
        )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


@router.get("/therapy/children/{referral_id}")
def child(asked: Asking, referral_id: Id) -> Response:
    with asked.work(Action.TREAT) as work:
        return _child_page(asked, work, referral_id)


@router.post("/therapy/children/{referral_id}/{deed}")
def decide(asked: Asking, referral_id: Id, deed: str, told: Told) -> Response:
    """Accept, refuse, hand on, plan, release a conclusion, end."""
    with asked.work(Action.TREAT) as work:
        try:
            _do(work, referral_id, deed, told)
        except FieldErrors as wrong:
            return _child_page(asked, work, referral_id, 422, tried=deed, typed=told, wrong=wrong.fields)
    home = "/therapy" if deed in {"refuse", "hand-on"} else f"/therapy/children/{referral_id}"
    return RedirectResponse(home, 303)


def _do(work: Work, referral_id: int, deed: str, told: Mapping[str, str]) -> None:
    session, viewer, now = work.session, work.viewer, work.now
    words, to = told.get("reason", ""), typed_number(told.get("therapist", ""))
    match deed:
        case "accept":
            therapy_referrals.accept(session, viewer, referral_id, to, told.get("charge", ""), now)
        case "refuse":
            therapy_referrals.refuse(session, viewer, referral_id, words, now)
        case "hand-on":
            therapy_referrals.hand_on(session, viewer, referral_id, to, now)
        case "plan":
            starts_at, token = _moment(told.get("starts_at", "")), told.get("token", "")[:40]
            if len(token) < 16:
                raise BadInput("token")
            therapy_meetings.plan(session, viewer, referral_id, told, starts_at, token, now)
        case "release":
            therapy_referrals.release(session, viewer, referral_id, words, now)
        case "end":
            therapy_referrals.end(session, viewer, referral_id, words, now)
        case _:
            raise BadInput("deed")


def _moment(text: str) -> datetime | None:
    try:
        return typed_moment(text)
    except BadInput:
        raise FieldErrors({"starts_at": "not_a_time"}) from None


def _child_page(asked: Asked, work: Work, referral_id: int, status: int = 200, **given: Any) -> Response:
    blank: dict[str, Any] = {"tried": "", "typed": {}, "wrong": {}}
    shown = therapy_referrals.referral(work.session, work.viewer, referral_id, work.now)
    return page(
        asked,
        work,
        "therapy_child.html",
        status=status,
        child=shown,
        meetings=therapy_meetings.of_child(work.session, work.viewer, referral_id),
        therapists=therapy_referrals.unit(work.session),
        CHARGES=tuple(Charge),
        KINDS=tuple(Kind),
        WAYS=tuple(Way),
        token=form_view.new_token(),
        **(blank | given),
    )


@router.get("/therapy/meetings/{meeting_id}")
def meeting(asked: Asking, meeting_id: Id, taken: Annotated[str, Query(pattern=DRAFT)] = "") -> Response:
    """What was said. `taken`: the browser's word for a draft that has arrived."""
    with asked.work(Action.TREAT) as work:
        return _meeting_page(asked, work, meeting_id, taken=taken)


@router.post("/therapy/meetings/{meeting_id}/state")
def settle(asked: Asking, meeting_id: Id, state: _Text = "", reason: _Text = "") -> Response:
    with asked.work(Action.TREAT) as work:
        try:
            therapy_meetings.settle(work.session, work.viewer, meeting_id, state, reason, work.now)
        except FieldErrors as wrong:
            return _meeting_page(
                asked, work, meeting_id, 422, state=state, reason=reason, wrong=wrong.fields
            )
        except Conflict as conflict:
            return _meeting_page(asked, work, meeting_id, 409, wrong={"state": str(conflict)})
    return RedirectResponse(f"/therapy/meetings/{meeting_id}", 303)


@router.post("/therapy/meetings/{meeting_id}/notes")
def write(
    asked: Asking,
    meeting_id: Id,
    token: _Token,
    text: Annotated[str, Form(alias="note.text")] = "",
    corrects: Annotated[int, Form(ge=0, le=2**31 - 1)] = 0,
    draft: Annotated[str, Form(pattern=DRAFT)] = "",
) -> Response:
    """What cannot be taken in comes back in its field."""
    with asked.work(Action.TREAT) as work:
        ring = keyring.recording_keys(settings())
        try:
            therapy_notes.write(
                work.session,
                work.viewer,
                meeting_id,
                text,
                token,
                ring,
                work.now,
                corrects or None,
            )
        except (FieldErrors, Conflict) as wrong:
            problem = wrong.fields["note"] if isinstance(wrong, FieldErrors) else str(wrong)
            status = 422 if isinstance(wrong, FieldErrors) else 409
            return _meeting_page(
                asked, work, meeting_id, status, text=text, wrong={"note": problem}, taken=draft
            )
    return RedirectResponse(f"/therapy/meetings/{meeting_id}?taken={draft}", 303)


def _meeting_page(
    asked: Asked, work: Work, meeting_id: int, status: int = 200, **given: Any
) -> Response:
    ring = keyring.recording_keys(settings())
    notes = therapy_notes.notes(work.session, work.viewer, meeting_id, ring, work.now)
    line = therapy_meetings.one(work.session, work.viewer, meeting_id)
    to = MOVES[line.meeting.state] if not notes else frozenset()
    blank: dict[str, Any] = {
        "state": "",
        "reason": "",
        "text": "",
        "wrong": {},
        "taken": "",
    }
    return page(
        asked,
        work,
        "therapy_meeting.html",
        status=status,
        line=line,
        notes=notes,
        moves=[state for state in Held if state in to],
        token=form_view.new_token(),
        **(blank | given),
    )


@router.get("/figures/therapy")
def figures(asked: Asking, year: Annotated[int | None, Query(ge=2000, le=2100)] = None) -> Response:
    """By month of this year, or of another."""
    with asked.work(Action.SEE_THERAPY_FIGURES) as work:
        this = local(work.now).year
        number = year or this
        told = therapy_counts.year(work.session, work.viewer, number, work.now)
        return page(
            asked,
            work,
            "figures_therapy.html",
            told=told,
            year=number,
            years=range(this - 4, this + 1),
            PARTS=tuple(Part),
        )


@router.get("/figures/therapy/rows")
def figure_rows(
    asked: Asking,
    year: Annotated[int, Query(ge=2000, le=2100)],
    part: Annotated[str, Query(max_length=20)],
    month: Annotated[int | None, Query(ge=1, le=12)] = None,
    page_number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    """What a figure counts, as far as the viewer may see it anyway."""
    with asked.work(Action.SEE_THERAPY_FIGURES, write=False) as work:
        if part not in set(Part):
            raise NotVisible("figure")
        found = traced_special.therapy(work.session, work.viewer, year, month, Part(part), page_number)
    with asked.work(Action.SEE_THERAPY_FIGURES) as work:
        seen = f"{month or 'year'} {part} {len(found.rows)}"
        audit.note(work.session, work.viewer, Act.LIST, "therapy_figures", year, work.now, seen)
        of_month = f"&month={month}" if month else ""
        language = asked.language
        span = language.say(_MONTH, month=month, year=year) if month else language.say(_YEAR, year=year)
        return page(
            asked,
            work,
            "figures_rows.html",
            found=found,
            page_number=page_number,
            home=(f"/figures/therapy?year={year}", language.say(_HOME, year=year)),
            part=word(language, part, "therapy_part"),
            meant=word(language, "therapy", "therapy_meant"),
            label=span,
            told=partial(report_rows.told, language),
            address=f"/figures/therapy/rows?year={year}{of_month}&part={part}",
        )

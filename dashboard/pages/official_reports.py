"""The house's own reports as documents: the list, one of them, each step of it, and the schedule."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from dashboard import form_view
from dashboard.asking import Asked, Asking, Id, Work, typed_number
from dashboard.official_report_paper import withdrawn
from dashboard.rendering import page
from dashboard.report_paper import named
from hotline import audit, jobs, keyring
from hotline.access import Action
from hotline.audit import Act
from hotline.errors import BadInput, Conflict, FieldErrors
from hotline.settings import settings
from intake.documents.document_files import KINDS
from intake.documents.paper_pdf import pdf
from intake.official_reports import official_reports, report_files, report_schedule
from intake.official_reports.official_reports import PLAIN, Letter
from intake.official_reports.report_rules import SCHEDULED, Kind, Level, of_kind, offered
from intake.official_reports.report_schedule import Planned
from intake.statistics.periods import Period

router = APIRouter()

_Text = Annotated[str, Form(max_length=4000)]
_Readers = Annotated[list[str] | None, Form()]
_DAY = timedelta(days=1)


def _typed_letter(
    level: _Text = "", circle: _Text = "", recipients: _Text = "", capacity: _Text = ""
) -> Letter:
    return Letter(Level(level) if level in set(Level) else Level.INTERNAL, circle, recipients, capacity)


_Letter = Annotated[Letter, Depends(_typed_letter)]
_SAME_LOOK = timedelta(minutes=10)
"""The page asks again and again until the worker is done: that is one look."""


@router.get("/official-reports")
def everything(asked: Asking) -> Response:
    with asked.work(Action.READ_OFFICIAL_REPORTS) as work:
        return _list(asked, work)


@router.post("/official-reports")
def order(
    asked: Asking,
    token: Annotated[str, Form(pattern=r"^[\w-]{16,40}$")],
    letter: _Letter,
    of: _Text = "",
    first: _Text = "",
    last: _Text = "",
    approver: _Text = "",
    reader: _Readers = None,
) -> Response:
    """`of`: kind and first day of the period, or `span` with two days."""
    typed = {"of": of, "first": first, "last": last, "approver": approver}
    readers = _numbers(reader)
    with asked.work(Action.DRAFT_OFFICIAL_REPORTS) as work:
        try:
            kind, period = _period(of, first, last)
            report = official_reports.order(
                work.session,
                work.viewer,
                kind,
                period,
                letter,
                typed_number(approver),
                readers,
                token,
                work.now,
            )
        except FieldErrors as wrong:
            told = {"typed": typed, "letter": letter, "readers": readers, "wrong": wrong.fields}
            return _list(asked, work, 422, **told)
    jobs.enqueue(official_reports.JOB, report)
    return RedirectResponse(f"/official-reports/{report}", 303)


@router.get("/official-reports/{official_report_id}")
def one(asked: Asking, official_report_id: Id) -> Response:
    with asked.work(Action.READ_OFFICIAL_REPORTS) as work:
        return _page(asked, work, official_report_id)


@router.get("/official-reports/{official_report_id}/{kind}")
def fetch(asked: Asking, official_report_id: Id, kind: str) -> Response:
    """`draft`, `pdf` or `docx`, to be saved; of a withdrawn one the PDF, stamped."""
    with asked.work(Action.READ_OFFICIAL_REPORTS) as work:
        ring = keyring.recording_keys(settings())
        name, content = report_files.fetch(
            work.session, work.viewer, official_report_id, kind, ring, work.now
        )
    if not isinstance(content, bytes):
        content = pdf(withdrawn(content, settings()))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=KINDS[name.rpartition(".")[2]], headers=headers)


@router.post("/official-reports/{official_report_id}/sign")
def sign(asked: Asking, official_report_id: Id, digest: _Text = "") -> Response:
    """By who is named; their password is asked for again."""

    def done(work: Work) -> None:
        official_reports.sign(
            work.session, work.viewer, official_report_id, digest, settings(), work.now
        )

    return _step(asked, Action.SIGN_OFFICIAL_REPORTS, official_report_id, done)


@router.post("/official-reports/{official_report_id}/send-back")
def send_back(asked: Asking, official_report_id: Id, why: _Text = "") -> Response:
    def done(work: Work) -> None:
        official_reports.send_back(work.session, work.viewer, official_report_id, why, work.now)

    return _step(asked, Action.DRAFT_OFFICIAL_REPORTS, official_report_id, done)


@router.post("/official-reports/{official_report_id}/withdraw")
def withdraw(asked: Asking, official_report_id: Id, why: _Text = "") -> Response:
    def done(work: Work) -> None:
        mails = bool(settings().smtp_host)
        official_reports.withdraw(
            work.session, work.viewer, official_report_id, why, work.now, mails=mails
        )

    return _step(asked, Action.DRAFT_OFFICIAL_REPORTS, official_report_id, done)


@router.post("/official-reports/{official_report_id}/again")
def again(asked: Asking, official_report_id: Id) -> Response:
    def done(work: Work) -> None:
        official_reports.again(work.session, work.viewer, official_report_id, work.now)

    return _step(asked, Action.DRAFT_OFFICIAL_REPORTS, official_report_id, done)


@router.get("/report-schedule")
def schedule(asked: Asking) -> Response:
    with asked.work(Action.DRAFT_OFFICIAL_REPORTS) as work:
        return _schedule(asked, work)


@router.post("/report-schedule/{kind}")
def change_schedule(
    asked: Asking,
    kind: str,
    letter: _Letter,
    running: _Text = "",
    approver: _Text = "",
    reader: _Readers = None,
) -> Response:
    with asked.work(Action.DRAFT_OFFICIAL_REPORTS) as work:
        if kind not in SCHEDULED:
            raise BadInput("kind")
        readers = frozenset(_numbers(reader))
        wanted = Planned(Kind(kind), bool(running), letter, typed_number(approver), readers)
        try:
            report_schedule.change(work.session, work.viewer, wanted, work.now)
        except FieldErrors as wrong:
            return _schedule(asked, work, 422, tried=wanted, wrong=wrong.fields)
    return RedirectResponse("/report-schedule", 303)


def _numbers(typed: list[str] | None) -> list[int]:
    return [typed_number(each) for each in typed or []]


def _period(of: str, first: str, last: str) -> tuple[Kind, Period]:
    """Raises FieldErrors."""
    kind, _, since = of.partition(" ")
    try:
        if kind == Kind.SPAN:
            return Kind.SPAN, Period(date.fromisoformat(first), date.fromisoformat(last) + _DAY)
        return Kind(kind), of_kind(Kind(kind), date.fromisoformat(since))
    except (ValueError, OverflowError):
        raise FieldErrors({"period": "not_a_time"}) from None


def _step(asked: Asked, need: Action, report_id: int, do: Callable[[Work], None]) -> Response:
    """One step; what is wrong with it comes back on the page."""
    with asked.work(need) as work:
        try:
            do(work)
        except FieldErrors as wrong:
            return _page(asked, work, report_id, 422, wrong=wrong.fields)
        except Conflict as conflict:
            return _page(asked, work, report_id, 409, wrong={"": str(conflict)})
    jobs.enqueue(official_reports.JOB, report_id)
    return RedirectResponse(f"/official-reports/{report_id}", 303)


def _page(asked: Asked, work: Work, report_id: int, status: int = 200, **given: Any) -> Response:
    shown = official_reports.report(work.session, work.viewer, report_id)
    since = work.now - _SAME_LOOK
    if not audit.noted(work.session, work.viewer, Act.SEE, "official_report", report_id, since):
        audit.note(work.session, work.viewer, Act.SEE, "official_report", report_id, work.now)
    blank: dict[str, Any] = {"wrong": {}, "WHY_LONGEST": official_reports.WHY_LONGEST}
    told = {"shown": shown, "named": named, "mails": bool(settings().smtp_host)}
    template = "_official_report.html" if asked.is_fragment else "official_report.html"
    return page(asked, work, template, status=status, **(blank | told | given))


def _list(asked: Asked, work: Work, status: int = 200, **given: Any) -> Response:
    blank: dict[str, Any] = {"typed": {}, "letter": PLAIN, "readers": (), "wrong": {}}
    return page(
        asked,
        work,
        "official_reports.html",
        status=status,
        reports=official_reports.everything(work.session, work.viewer, work.now),
        offered=offered(work.now),
        named=named,
        token=form_view.new_token(),
        **_people(work),
        **(blank | given),
    )


def _schedule(asked: Asked, work: Work, status: int = 200, **given: Any) -> Response:
    audit.note(work.session, work.viewer, Act.LIST, "report_schedule", len(SCHEDULED), work.now)
    blank: dict[str, Any] = {"tried": None, "wrong": {}, "mails": bool(settings().smtp_host)}
    return page(
        asked,
        work,
        "report_schedule.html",
        status=status,
        planned=report_schedule.planned(work.session),
        **_people(work),
        **(blank | given),
    )


def _people(work: Work) -> dict[str, Any]:
    found = official_reports.possible_readers(work.session)
    return {
        "approvers": official_reports.approvers(work.session),
        "possible_readers": found,
        "REPORT_LEVELS": tuple(Level),
    }

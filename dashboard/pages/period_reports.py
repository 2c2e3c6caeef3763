"""The report of any period: its figures, what they count, and the same to take along."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from dashboard import asked_report, report_files, report_rows, report_view
from dashboard.asked_report import AskedReport, Kind
from dashboard.asking import Asked, Asking, Work
from dashboard.period_report import report_in
from dashboard.rendering import page
from dashboard.report_files import Format
from dashboard.report_paper import Report
from hotline import audit, keyring, stated_reasons
from hotline.access import Action
from hotline.audit import Act
from hotline.clock import local
from hotline.errors import BadInput, FieldErrors, NotVisible
from hotline.settings import settings
from hotline.stated_reasons import Purpose
from intake.small_cells import LEAST
from intake.statistics import traced_months, tracing
from intake.statistics.tables import Table, unit_of

router = APIRouter()

THING = "figures"
"""What an audit row calls them; its id is the period."""


@router.get("/figures")
def report(asked: Asking) -> Response:
    """Of the last whole month when no period is named."""
    told = dict(asked.request.query_params)
    with asked.work(Action.SEE_FIGURES, write=False) as work:
        today = local(work.now).date()
        try:
            of = asked_report.asked(told, today)
        except FieldErrors as wrong:
            return _page(asked, work, None, None, status=422, told=told, wrong=wrong.fields)
        found = _report(work, of)
    # Counting may take a while, and whoever writes must not wait for it: on record in a second
    # transaction, and nothing is shown before that.
    with asked.work(Action.SEE_FIGURES) as work:
        audit.note(work.session, work.viewer, Act.SEE, THING, named(of), work.now)
        return _page(asked, work, of, found)


def named(of: AskedReport) -> str:
    """As an audit row names it: 2019-01-01..2019-12-31."""
    return f"{of.period.since}..{of.period.last_day}"


def _report(work: Work, of: AskedReport) -> Report | None:
    """What the viewer may see of it."""
    found = report_in(work.session, of.period, work.now)
    return found and report_files.only(found, report_view.allowed(work.viewer, found.tables))


def _page(
    asked: Asked,
    work: Work,
    of: AskedReport | None,
    found: Report | None,
    status: int = 200,
    **told: Any,
) -> Response:
    today = local(work.now).date()
    form = of or asked_report.last_whole(today)
    blank: dict[str, Any] = {"told": {}, "wrong": {}}
    return page(
        asked,
        work,
        "period_report.html",
        status=status,
        of=of,
        title=report_view.title(asked.language, form),
        form=form,
        kinds={kind: asked_report.of_kind(kind, _kept(form, today)) for kind in Kind},
        chapters=report_view.chapters(asked.language, found.tables) if found else {},
        leads_to_rows=partial(tracing.traceable, work.viewer),
        found=found,
        years=range(today.year, asked_report.FIRST_YEAR - 1, -1),
        **(blank | told),
    )


def _kept(form: AskedReport, today: date) -> date:
    """A day that another kind of period is around: the last of this one, if it has come."""
    return min(form.period.last_day, max(today, form.period.since))


@router.get("/figures/export")
def export_asks(asked: Asking) -> Response:
    """What for, and as what."""
    with asked.work(Action.EXPORT_FIGURES, write=False) as work:
        of = asked_report.asked(dict(asked.request.query_params), local(work.now).date())
        return _ask_purpose(asked, work, of)


@router.post("/figures/export")
def export(
    asked: Asking,
    period: Annotated[str, Form(max_length=200)] = "",
    kind: Annotated[str, Form(max_length=10)] = "",
    reason: Annotated[str, Form(max_length=40)] = "",
    words: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    told = dict(parse_qsl(period))
    with asked.work(Action.EXPORT_FIGURES, write=False) as work:
        of = asked_report.asked(told, local(work.now).date())
        found = _report(work, of)
        wrong = {} if kind in set(Format) else {"kind": "missing"}
        written = ""
        try:
            written = stated_reasons.checked(reason, words, set(Purpose))
        except FieldErrors as lacks:
            wrong |= lacks.fields
        if wrong:
            typed = {"reason": reason, "words": words, "kind": kind}
            return _ask_purpose(asked, work, of, 422, typed=typed, wrong=wrong)
        if found is None:
            raise BadInput("nothing is known of these days")
    content = report_files.written(Format(kind), found)
    with asked.work(Action.EXPORT_FIGURES) as work:
        ring = keyring.recording_keys(settings())
        stated = stated_reasons.state(work.session, work.viewer, reason, written, ring, work.now)
        detail = f"{kind} {stated_reasons.said(stated)}"
        audit.note(work.session, work.viewer, Act.EXPORT, THING, named(of), work.now, detail)
    name = f"111-bao-cao-{named(of).replace('..', '-')}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=report_files.MEDIA[Format(kind)], headers=headers)


def _ask_purpose(asked: Asked, work: Work, of: AskedReport, status: int = 200, **told: Any) -> Response:
    blank: dict[str, Any] = {"typed": {}, "wrong": {}}
    return page(
        asked,
        work,
        "period_report_export.html",
        status=status,
        of=of,
        title=report_view.title(asked.language, of),
        formats=tuple(Format),
        reasons=tuple(Purpose),
        LONGEST=stated_reasons.LONGEST,
        **(blank | told),
    )


@router.get("/figures/rows")
def rows(
    asked: Asking,
    table: Annotated[str, Query(max_length=40)],
    code: Annotated[str, Query(max_length=40)],
    page_number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    """What a figure counts, as far as the viewer may see it anyway."""
    told = dict(asked.request.query_params)
    with asked.work(Action.SEE_FIGURES, write=False) as work:
        of = asked_report.asked(told, local(work.now).date())
        if table not in set(Table):
            raise NotVisible("figure")
        figure, session, viewer = Table(table), work.session, work.viewer
        show: Callable[[], Response]
        if traced_months.is_long(of.period, figure, code):
            by_month = traced_months.months(session, viewer, of.period, figure, code, work.now)
            show = partial(_months, asked, of, figure, code, by_month)
        else:
            found = tracing.traced(session, viewer, of.period, figure, code, work.now, page_number)
            show = partial(_rows, asked, of, figure, code, found, page_number)
    return show()  # reading is over: a request holds one connection


def _rows(
    asked: Asked, of: AskedReport, table: Table, code: str, found: tracing.Traced, page_number: int
) -> Response:
    """A figure's own rows."""
    with asked.work(Action.SEE_FIGURES) as work:
        seen = f"{table} {code} {len(found.rows)}"
        audit.note(work.session, work.viewer, Act.LIST, THING, named(of), work.now, seen)
        return page(
            asked,
            work,
            "period_report_rows.html",
            of=of,
            title=report_view.title(asked.language, of),
            table=table,
            code=code,
            label=report_rows.label(asked.language, table, code),
            found=found,
            unit=unit_of(table),
            told=partial(report_rows.told, asked.language),
            page_number=page_number,
        )


def _months(
    asked: Asked, of: AskedReport, table: Table, code: str, found: Sequence[traced_months.Month]
) -> Response:
    """A figure of many months: each leads to its own rows."""
    with asked.work(Action.SEE_FIGURES) as work:
        seen = f"{table} {code} months"
        audit.note(work.session, work.viewer, Act.LIST, THING, named(of), work.now, seen)
        return page(
            asked,
            work,
            "period_report_months.html",
            of=of,
            title=report_view.title(asked.language, of),
            table=table,
            label=report_rows.label(asked.language, table, code),
            unit=unit_of(table),
            months=[(asked_report.of_period(one.period), one) for one in found],
            named=partial(report_view.title, asked.language),
            LEAST=LEAST,
        )

"""The web application: what stands before every page, the pages, and what happens when one fails."""

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse

from dashboard import errors, live
from dashboard.api import handovers as handovers_api
from dashboard.api import reports
from dashboard.assets import BUILT, BuiltFiles
from dashboard.guard import BodyLimit, RefusalsTold, SafeHeaders
from dashboard.pages import (
    account,
    audit,
    broken_glass,
    callbacks,
    calls,
    calls_out,
    case_emergency,
    case_flow,
    case_forms,
    case_joining,
    case_limits,
    case_lists,
    case_plans,
    case_purposes,
    case_timeline,
    cases,
    curtain,
    data_requests,
    desk,
    directory,
    field,
    handovers,
    holds,
    inbox,
    invitation,
    login,
    offices,
    official_reports,
    oidc,
    on_call,
    passkeys,
    period_reports,
    phone,
    places,
    prove,
    recordings,
    records,
    research,
    roster,
    roster_own,
    search,
    second_factor,
    staff,
    staffing,
    steering,
    surveys,
    therapy,
    victims,
    wallboard,
)


def create_app() -> FastAPI:
    """A new application; every process makes one."""
    app = FastAPI(title="tongdai111", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(BodyLimit)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=6)
    app.add_middleware(SafeHeaders)
    app.add_middleware(RefusalsTold)
    errors.install(app)
    for pages in (
        login,
        invitation,
        account,
        second_factor,
        passkeys,
        oidc,
        prove,
        staff,
        curtain,
        desk,
        period_reports,
        phone,
        wallboard,
        staffing,
        steering,
        offices,
        on_call,
        directory,
        handovers,
        field,
        callbacks,
        calls,
        calls_out,
        records,
        places,
        inbox,
        recordings,
        case_flow,
        case_limits,
        case_lists,  # before what takes its /cases/export for a case
        cases,
        case_plans,
        case_purposes,
        case_emergency,
        case_timeline,
        case_joining,
        case_forms,
        victims,
        therapy,
        search,
        data_requests,
        research,
        official_reports,
        holds,
        surveys,
        roster,
        roster_own,
        audit,
        broken_glass,
    ):
        app.include_router(pages.router)
    app.include_router(live.router)
    app.include_router(reports.router)
    app.include_router(handovers_api.router)
    app.add_api_route("/health", _health)
    app.mount("/static", BuiltFiles(directory=BUILT, check_dir=False), name="static")
    return app


def _health() -> PlainTextResponse:
    """For whoever watches over the process: it answers."""
    return PlainTextResponse("ok")

"""Offices whose own program takes handovers: made and revoked here, and what became of the messages."""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, Work
from dashboard.rendering import page
from hotline import jobs, keyring
from hotline.access import Action
from hotline.errors import BadInput
from hotline.settings import settings
from intake.directory import directory
from intake.handovers import office_systems, webhook_log, webhook_rules, webhooks
from intake.handovers.office_systems import Made

router = APIRouter()

Text = Annotated[str, Form(max_length=400)]


@router.get("/offices")
def offices(asked: Asking) -> Response:
    with asked.work(Action.MANAGE_OFFICES, write=False) as work:
        return _list(asked, work)


@router.post("/offices")
def make(asked: Asking, name: Text = "", unit: Text = "", url: Text = "") -> Response:
    """Its key and secret are on the page that answers, and never again."""
    of = settings()
    with asked.work(Action.MANAGE_OFFICES) as work:
        try:
            made = office_systems.make(
                work.session,
                name,
                _unit(unit),
                url.strip(),
                keyring.recording_keys(of),
                work.now,
                by=work.viewer,
                loopback=of.webhooks_to_loopback,
            )
        except BadInput as wrong:
            typed = {"name": name, "unit": unit, "url": url}
            return _list(asked, work, 422, typed=typed, wrong=str(wrong))
        return _office(asked, work, made.system.id, made)


def _unit(text: str) -> str:
    """Raises BadInput (`unit`)."""
    try:
        return directory.unit_of(" ".join(text.split()))
    except BadInput:
        raise BadInput("unit") from None


@router.get("/offices/{system_id}")
def office(asked: Asking, system_id: Id) -> Response:
    with asked.work(Action.MANAGE_OFFICES, write=False) as work:
        return _office(asked, work, system_id)


@router.post("/offices/{system_id}/revoke")
def revoke(asked: Asking, system_id: Id) -> Response:
    with asked.work(Action.MANAGE_OFFICES) as work:
        office_systems.revoke(work.session, system_id, work.now, by=work.viewer)
    return RedirectResponse(f"/offices/{system_id}", 303)


@router.post("/offices/{system_id}/messages/{message_id}/again")
def again(asked: Asking, system_id: Id, message_id: Id) -> Response:
    with asked.work(Action.MANAGE_OFFICES) as work:
        webhook_log.again(work.session, work.viewer, system_id, message_id, work.now)
    jobs.enqueue(webhooks.JOB, message_id)
    return RedirectResponse(f"/offices/{system_id}", 303)


def _list(asked: Asked, work: Work, status: int = 200, **given: Any) -> Response:
    context: dict[str, Any] = {
        "systems": office_systems.everybody(work.session),
        "standings": webhook_log.standings(work.session),
        "nothing": webhook_log.Standing(),
        "typed": {},
        "wrong": "",
    }
    return page(asked, work, "offices.html", status=status, **(context | given))


def _office(asked: Asked, work: Work, system_id: int, made: Made | None = None) -> Response:
    return page(
        asked,
        work,
        "office.html",
        system=office_systems.one(work.session, system_id),
        made=made,
        deliveries=webhook_log.of_system(work.session, system_id),
        waits=webhook_rules.WAITS,
    )

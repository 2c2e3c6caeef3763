"""`/api/v1/handovers`: an office's own program fetches what was handed to it, answers, and reports.

How to use it: docs/handovers-api.md. Every look is on record; what a program may not see does not exist.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from dashboard.api import HANDOVERS
from dashboard.api.problems import Problem, ProblemRoute, WrongField
from hotline import bus, db, throttle
from hotline.clock import utc_now
from hotline.errors import Conflict, FieldErrors, NotVisible
from intake.handovers import handover_answers, handover_packets, office_systems
from intake.handovers.handover_answers import By, Received, Report
from intake.handovers.handover_states import LONGEST_NOTE, State
from intake.handovers.handover_views import HandoverView

router = APIRouter(route_class=ProblemRoute)

PER_MINUTE = 120
_Word = Annotated[str, StringConstraints(max_length=40)]
_Note = Annotated[str, StringConstraints(max_length=LONGEST_NOTE)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Answer(_Strict):
    """`why`: needed to refuse."""

    answer: Literal["accepted", "refused"]
    why: _Word = ""
    note: _Note = ""


class FieldReport(_Strict):
    """`id`: a random word of the sender's: sent again it is the same report."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    situation: _Word
    doing: _Word
    note: _Note = ""


@dataclass(slots=True)
class _Visit:
    session: Session
    row: Received
    by: By
    now: datetime
    signals: list[bus.Signal] = field(default_factory=list)


@router.get(f"{HANDOVERS}/{{reference}}")
def fetch(request: Request, reference: str) -> JSONResponse:
    """The packet and how it stands; fetching it is opening it."""
    with _visit(request, reference) as visit:
        return _told(handover_answers.opened(visit.session, visit.row, visit.by, visit.now))


@router.post(f"{HANDOVERS}/{{reference}}/answer")
async def answer(request: Request, reference: str) -> JSONResponse:
    """Accept or refuse. The same answer again changes nothing."""
    given = _read(Answer, await request.body())
    return await run_in_threadpool(_answered, request, reference, given)


def _answered(request: Request, reference: str, given: Answer) -> JSONResponse:
    with _visit(request, reference) as visit:
        shown = handover_answers.opened(visit.session, visit.row, visit.by, visit.now)
        if given.answer == "accepted":
            visit.signals += handover_answers.accept(visit.session, visit.row, visit.by, visit.now)
        else:
            visit.signals += handover_answers.refuse(
                visit.session, visit.row, visit.by, given.why, given.note, visit.now
            )
            return JSONResponse({"reference": shown.reference, "state": State.REFUSED})
        return _told(handover_answers.opened(visit.session, visit.row, visit.by, visit.now))


@router.post(f"{HANDOVERS}/{{reference}}/reports", status_code=201)
async def report(request: Request, reference: str) -> JSONResponse:
    """How the child is and what was done."""
    given = _read(FieldReport, await request.body())
    return await run_in_threadpool(_reported, request, reference, given)


def _reported(request: Request, reference: str, given: FieldReport) -> JSONResponse:
    told = Report(given.situation, given.doing, given.note, given.id)
    with _visit(request, reference) as visit:
        handover_answers.report(visit.session, visit.row, visit.by, told, visit.now)
    return JSONResponse({"reference": reference, "id": given.id}, 201)


@contextmanager
def _visit(request: Request, reference: str) -> Iterator[_Visit]:
    """One program's work on one handover, in one transaction. Errors of ours become problems."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    try:
        with db.transaction() as session:
            known = office_systems.of_key(session, key.strip()) if scheme.lower() == "bearer" else None
            if known is None:
                challenge = {"WWW-Authenticate": 'Bearer realm="handovers"'}
                detail = "Send the office's key: Authorization: Bearer …"
                raise Problem(401, "no_client", detail, headers=challenge)
            _limit(known.id)
            row = office_systems.received(session, known, reference)
            visit = _Visit(session, row, office_systems.by_system(known), utc_now())
            yield visit
    except NotVisible:
        raise Problem(404, "not_found", "There is no such handover for this office.") from None
    except Conflict:
        detail = "As it stands, this cannot be said of it (any more)."
        raise Problem(409, "conflict", detail) from None
    except FieldErrors as wrong:
        errors = [WrongField(pointer=f"/{name}", code=code) for name, code in wrong.fields.items()]
        raise Problem(422, "invalid", "Mend the fields named.", errors=errors) from None
    bus.publish(visit.signals)


def _limit(system_id: int) -> None:
    wait = throttle.wait(f"office_system.{system_id}", PER_MINUTE)
    if wait:
        retry = {"Retry-After": str(math.ceil(wait.total_seconds()))}
        raise Problem(429, "too_many", "Ask again later.", headers=retry)


def _read(model: type[Any], body: bytes) -> Any:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        if found[0]["type"] == "json_invalid":
            raise Problem(400, "bad_json", "The body is no JSON.") from None
        errors = [
            WrongField(pointer="".join(f"/{step}" for step in one["loc"]), code=one["type"])
            for one in found
        ]
        raise Problem(422, "invalid", "Mend the fields named.", errors=errors) from None


def _told(shown: HandoverView) -> JSONResponse:
    return JSONResponse(
        {
            "reference": shown.reference,
            "state": shown.state,
            "sent_at": shown.sent_at.isoformat(),
            "answer_by": shown.due_at.isoformat(),
            "unit": shown.unit_id,
            "packet": handover_packets.as_json(shown.packet),
        }
    )

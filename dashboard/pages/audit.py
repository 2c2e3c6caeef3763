"""The auditor's page: is it whole, what was odd, who did what to which object. No child's data."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, Work
from dashboard.audit_words import THINGS
from dashboard.rendering import page
from hotline import audit, audit_findings, audit_search, audit_work, keyring, stated_reasons
from hotline.access import Action
from hotline.audit import Act
from hotline.audit_chain import micros, moment
from hotline.audit_findings import Outcome
from hotline.audit_search import Mark, Wanted
from hotline.clock import HANOI
from hotline.errors import BadInput
from hotline.settings import settings
from intake.directory import directory

router = APIRouter()

_Text = Annotated[str, Form(max_length=300)]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the filter was filled in with."""

    who: str = ""
    kind: str = ""
    id: str = ""
    act: str = ""
    first: str = ""
    last: str = ""

    @property
    def query(self) -> str:
        parts = {
            "who": self.who,
            "kind": self.kind,
            "id": self.id,
            "act": self.act,
            "first": self.first,
            "last": self.last,
        }
        return urlencode({name: text for name, text in parts.items() if text})


@router.get("/audit")
def audit_page(
    asked: Asking,
    who: Annotated[str, Query(max_length=40)] = "",
    kind: Annotated[str, Query(pattern=r"^[a-z_]{0,32}$")] = "",
    id: Annotated[str, Query(pattern=r"^[!-~]{0,150}$")] = "",
    act: Annotated[str, Query(pattern=r"^[a-z_]{0,32}$")] = "",
    first: Annotated[str, Query(max_length=10)] = "",
    last: Annotated[str, Query(max_length=10)] = "",
    after: Annotated[str, Query(pattern=r"^(\d{1,19}-\d{1,10})?$")] = "",
) -> Response:
    """`first` and `last` are days in Vietnam, both counted; `after` is the mark of the page before."""
    given = _Asked(who.strip(), kind, id.strip(), act, first, last)
    with asked.work(Action.READ_AUDIT) as work:
        return _page(asked, work, given, after)


@router.get("/audit/findings/{finding_id}")
def finding(asked: Asking, finding_id: Id) -> Response:
    """The rows behind one finding."""
    with asked.work(Action.READ_AUDIT) as work:
        found, ids = audit_findings.rows_of(work.session, work.viewer, finding_id)
        audit.note(work.session, work.viewer, Act.SEE, "audit_finding", finding_id, work.now)
        rows = audit_search.some(work.session, work.viewer, ids)
        return page(asked, work, "audit_finding.html", found=found, rows=rows, outcomes=list(Outcome))


@router.post("/audit/findings/{finding_id}")
def note(asked: Asking, finding_id: Id, outcome: Annotated[Outcome, Form()]) -> Response:
    with asked.work(Action.READ_AUDIT) as work:
        audit_findings.note(work.session, work.viewer, finding_id, outcome, work.now)
    return RedirectResponse("/audit#odd", 303)


@router.get("/audit/reasons/{reason_id}")
def reason(asked: Asking, reason_id: Id) -> Response:
    """What somebody said when they had to, and the rows that bear it."""
    with asked.work(Action.READ_AUDIT) as work:
        ring = keyring.recording_keys(settings())
        stated = stated_reasons.read(work.session, work.viewer, reason_id, ring, work.now)
        rows = audit_search.with_reason(work.session, work.viewer, stated)
        return page(asked, work, "audit_reason.html", stated=stated, rows=rows)


@router.post("/audit/places")
def put_place(asked: Asking, who: _Text = "", unit: _Text = "") -> Response:
    """The commune of a person or of their relatives."""
    with asked.work(Action.READ_AUDIT) as work:
        try:
            where = _commune(unit)
            audit_findings.put_place(work.session, work.viewer, who.strip(), where, work.now)
        except BadInput as wrong:
            typed = {"who": who, "unit": unit}
            return _page(asked, work, _Asked(), status=422, typed=typed, place_problem=str(wrong))
    return RedirectResponse("/audit#places", 303)


@router.post("/audit/places/{place_id}/drop")
def drop_place(asked: Asking, place_id: Id) -> Response:
    with asked.work(Action.READ_AUDIT) as work:
        audit_findings.drop_place(work.session, work.viewer, place_id, work.now)
    return RedirectResponse("/audit#places", 303)


def _commune(text: str) -> str:
    """Raises BadInput (`unit`)."""
    try:
        found = directory.unit_of(" ".join(text.split()))
    except BadInput:
        raise BadInput("unit") from None
    if found == directory.NATIONAL:
        raise BadInput("unit")
    return found


def _page(
    asked: Asked, work: Work, given: _Asked, after: str = "", status: int = 200, **told: Any
) -> Response:
    wanted, problem = _wanted(work, given)
    audit.note(work.session, work.viewer, Act.LIST, "audit", "rows", work.now, given.query[:200])
    found = None if problem else audit_search.page(work.session, work.viewer, wanted, _mark(after))
    rows, more = found or ([], False)
    about = bool(wanted.kind and wanted.object_id)
    context: dict[str, Any] = {
        "given": given,
        "problem": problem,
        "rows": rows,
        "more": f"{given.query}&after={micros(rows[-1].at)}-{rows[-1].id}" if more else "",
        "people": audit_search.people(work.session, work.viewer, wanted.kind, wanted.object_id)
        if about
        else (),
        "chain": audit_work.state_of(work.session, work.now),
        "findings": audit_findings.listed(work.session, work.viewer),
        "places": audit_findings.places_listed(work.session, work.viewer),
        "acts": list(Act),
        "things": list(THINGS),
        "typed": {},
        "place_problem": "",
    }
    return page(asked, work, "audit.html", status=status, **(context | told))


def _wanted(work: Work, given: _Asked) -> tuple[Wanted, str]:
    """And what cannot be used: `who`, `object`."""
    whose = audit_findings.staff_of(work.session, given.who) if given.who else None
    if given.who and whose is None:
        return Wanted(), "who"
    if bool(given.kind) != bool(given.id):
        return Wanted(), "object"
    since, last = _day(given.first), _day(given.last)
    until = last + timedelta(days=1) if last else None
    return Wanted(whose, given.kind, given.id, given.act, since, until), ""


def _day(text: str) -> datetime | None:
    """When that day begins in Vietnam; None where it is no usable day."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= found.year <= 2100:
        return None
    return datetime(found.year, found.month, found.day, tzinfo=HANOI).astimezone(UTC)


def _mark(text: str) -> Mark | None:
    if not text:
        return None
    at, _, id = text.partition("-")
    try:
        return Mark(moment(int(at)), int(id))
    except OverflowError:
        return None

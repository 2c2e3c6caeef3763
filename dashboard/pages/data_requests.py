"""Requests of people about what is kept of them: the list, one of them, and each step of its answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from dashboard import form_view
from dashboard.asking import Asked, Asking, Id, Work, typed_number
from dashboard.formats import moment_field, typed_moment
from dashboard.rendering import page
from hotline import jobs, keyring, staff
from hotline.access import Action, may
from hotline.clock import local
from hotline.errors import BadInput, Conflict, FieldErrors
from hotline.ids import RecordId
from hotline.sealed import KeyRing
from hotline.settings import settings
from intake import search
from intake.data_requests import answers, data_requests, late_requests, objects, subjects
from intake.data_requests.request_rules import (
    DECISIONS,
    HANDED,
    THEMSELVES,
    ChildSays,
    Identity,
    Refused,
    Relation,
    State,
    Want,
    Way,
)
from intake.data_requests.subjects import Subject

router = APIRouter()


async def _form(request: Request) -> FormData:
    return await request.form()


Typed = Annotated[FormData, Depends(_form)]


def _told(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def _ring() -> KeyRing:
    return keyring.recording_keys(settings())


@router.get("/data-requests")
def everything(asked: Asking) -> Response:
    with asked.work(Action.APPROVE_DATA_REQUESTS) as work:
        return _list(asked, work)


@router.get("/data-requests/late")
def late(asked: Asking) -> Response:
    """What the bar of every page says of requests whose time is near or over, as of now."""
    with asked.work(Action.APPROVE_DATA_REQUESTS, write=False) as work:
        owed = late_requests.of(work.session, work.viewer, work.now)
        return page(asked, work, "_late_requests.html", owed=owed)


@router.post("/data-requests")
def register(asked: Asking, form: Typed) -> Response:
    """One request for each center that is named: each answers for what it keeps."""
    told = _told(form)
    with asked.work(Action.HANDLE_DATA_REQUESTS) as work:
        here = work.viewer.center_id
        known = {one.id for one in staff.centers(work.session)}
        asked_of = {typed_number(str(one)) for one in form.getlist("center")} & known or {here}
        wants = [str(one) for one in form.getlist("want")]
        asking = data_requests.Asking(
            told.get("way", ""),
            told.get("relation", ""),
            told.get("child_says", ""),
            told.get("identity", ""),
            wants,
            told,
        )
        try:
            token = told.get("token", "")[:40]
            if len(token) < 16:
                raise BadInput("token")
            came = _moment(told.get("received_at", ""))
            made = {
                center: data_requests.register(
                    work.session, work.viewer, asking, center, token, came, _ring(), work.now
                )
                for center in sorted(asked_of)
            }
        except FieldErrors as wrong:
            return _list(asked, work, 422, typed=told, wants=wants, wrong=wrong.fields)
    home = f"/{made[here]}" if here in made else ""
    return RedirectResponse(f"/data-requests{home}", 303)


def _moment(text: str) -> Any:
    try:
        return typed_moment(text)
    except BadInput:
        raise FieldErrors({"received_at": "not_a_time"}) from None


def _list(asked: Asked, work: Work, status: int = 200, **given: Any) -> Response:
    context: dict[str, Any] = {"typed": {}, "wants": (), "wrong": {}}
    return page(
        asked,
        work,
        "data_requests.html",
        status=status,
        requests=data_requests.everything(work.session, work.viewer, work.now),
        centers={one.id: one.name for one in staff.centers(work.session)},
        WAYS=tuple(Way),
        RELATIONS_OF_ASKERS=tuple(Relation),
        CHILD_SAYS=tuple(ChildSays),
        IDENTITIES=tuple(Identity),
        WANTS=tuple(Want),
        received_at=moment_field(work.now),
        token=form_view.new_token(),
        **(context | given),
    )


@router.get("/data-requests/{data_request_id}")
def one(asked: Asking, data_request_id: Id) -> Response:
    with asked.work(Action.APPROVE_DATA_REQUESTS) as work:
        return _page(asked, work, data_request_id)


@router.post("/data-requests/{data_request_id}/find")
def find(asked: Asking, data_request_id: Id, form: Typed) -> Response:
    """What may be theirs: with the rights of who looks, and on record as every search is."""
    query = _told(form).get("q", "")[:200]
    words, year = subjects.split_year(query)
    with asked.work(Action.HANDLE_DATA_REQUESTS) as work:
        hits = search.search(work.session, work.viewer, words, work.now)
        came = {hit.record_id: hit.at for hit in hits.hits if hit.record_id}
        people = subjects.of_records(work.session, list(came))
        if year:
            people = {
                record: some
                for record, everybody in people.items()
                if (some := [x for x in everybody if _may_be(x, year, came[RecordId(record)])])
            }
        return _page(asked, work, data_request_id, query=query, hits=hits, people=people)


def _may_be(one: Subject, year: int, came: datetime) -> bool:
    """A child of this year; who called has no year, and is left away where one is asked for."""
    return one.person_id is not None and subjects.maybe_born(one, year, local(came).year)


@router.post("/data-requests/{data_request_id}/objects")
def choose(asked: Asking, data_request_id: Id, form: Typed) -> Response:
    """`whose`: a record's number, and behind a dash the person's; nothing for who called."""
    record, _, person = _told(form).get("whose", "").partition("-")
    with asked.work(Action.HANDLE_DATA_REQUESTS) as work:
        try:
            objects.choose(
                work.session,
                work.viewer,
                data_request_id,
                typed_number(record),
                typed_number(person) if person else None,
                work.now,
            )
        except Conflict as conflict:
            return _page(asked, work, data_request_id, 409, wrong={"": str(conflict)})
        except BadInput:
            return _page(asked, work, data_request_id, 422, wrong={"whose": "whose"})
    return RedirectResponse(f"/data-requests/{data_request_id}#objects", 303)


@router.post("/data-requests/{data_request_id}/objects/{object_id}")
def decide(asked: Asking, data_request_id: Id, object_id: Id, form: Typed) -> Response:
    """With `drop` it is taken out again."""
    told = _told(form)
    with asked.work(Action.HANDLE_DATA_REQUESTS) as work:
        session, viewer, now = work.session, work.viewer, work.now
        try:
            if told.get("drop"):
                objects.drop(session, viewer, data_request_id, object_id, now)
            else:
                objects.decide(session, viewer, data_request_id, object_id, told, _ring(), now)
        except FieldErrors as wrong:
            return _page(
                asked, work, data_request_id, 422, tried=object_id, typed=told, wrong=wrong.fields
            )
        except Conflict as conflict:
            return _page(asked, work, data_request_id, 409, wrong={"": str(conflict)})
    return RedirectResponse(f"/data-requests/{data_request_id}#objects", 303)


@router.post("/data-requests/{data_request_id}/submit")
def submit(asked: Asking, data_request_id: Id, form: Typed) -> Response:
    refused_as = _told(form).get("refused_as", "")
    return _step(
        asked,
        Action.HANDLE_DATA_REQUESTS,
        data_request_id,
        lambda work: answers.submit(
            work.session,
            work.viewer,
            data_request_id,
            refused_as,
            settings(),
            _ring(),
            work.now,
        ),
    )


@router.post("/data-requests/{data_request_id}/send-back")
def send_back(asked: Asking, data_request_id: Id, form: Typed) -> Response:
    why = _told(form).get("why", "")
    return _step(
        asked,
        Action.APPROVE_DATA_REQUESTS,
        data_request_id,
        lambda work: data_requests.send_back(
            work.session, work.viewer, data_request_id, why, _ring(), work.now
        ),
    )


@router.post("/data-requests/{data_request_id}/approve")
def approve(asked: Asking, data_request_id: Id) -> Response:
    """Something leaves the house by it: the password is asked for again."""

    def done(work: Work) -> None:
        data_requests.request(work.session, work.viewer, data_request_id, work.now)
        asked.require_proof(work)
        data_requests.approve(work.session, work.viewer, data_request_id, work.now)

    answer = _step(asked, Action.APPROVE_DATA_REQUESTS, data_request_id, done)
    if answer.status_code == 303:
        jobs.enqueue(data_requests.JOB, data_request_id)
    return answer


@router.post("/data-requests/{data_request_id}/deliver")
def deliver(asked: Asking, data_request_id: Id, form: Typed) -> Response:
    told = _told(form)

    def done(work: Work) -> None:
        way, to = told.get("handed", ""), told.get("to", "")
        work.signal(
            data_requests.deliver(work.session, work.viewer, data_request_id, way, to, _ring(), work.now)
        )

    return _step(asked, Action.HANDLE_DATA_REQUESTS, data_request_id, done)


@router.get("/data-requests/{data_request_id}/answer/{kind}")
def answer_file(asked: Asking, data_request_id: Id, kind: str) -> Response:
    """To be handed over; the password is asked for again."""
    with asked.work(Action.HANDLE_DATA_REQUESTS) as work:
        data_requests.row_of(work.session, work.viewer, Action.HANDLE_DATA_REQUESTS, data_request_id)
        asked.require_proof(work)
        file = answers.fetch(work.session, work.viewer, data_request_id, kind, _ring(), work.now)
    name = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.kind, headers=name)


def _step(asked: Asked, need: Action, request_id: int, do: Any) -> Response:
    """One step; what is wrong with it comes back on the page."""
    with asked.work(need) as work:
        try:
            do(work)
        except FieldErrors as wrong:
            return _page(asked, work, request_id, 422, wrong=wrong.fields)
        except Conflict as conflict:
            return _page(asked, work, request_id, 409, wrong={"": str(conflict)})
    return RedirectResponse(f"/data-requests/{request_id}", 303)


def _page(asked: Asked, work: Work, request_id: int, status: int = 200, **given: Any) -> Response:
    shown = data_requests.request(work.session, work.viewer, request_id, work.now)
    said: Mapping[str, Any] = data_requests.words(work.session, shown, _ring())
    handles = may(work.viewer, Action.HANDLE_DATA_REQUESTS)
    chosen = objects.of_request(work.session, request_id)
    open_here = handles and shown.state is State.OPEN
    blank: dict[str, Any] = {
        "query": "",
        "hits": None,
        "people": {},
        "tried": 0,
        "typed": {},
        "wrong": {},
    }
    return page(
        asked,
        work,
        "data_request.html",
        status=status,
        shown=shown,
        said=said,
        answer=answers.read(said["answer"]) if "answer" in said else None,
        made=answers.files_made(work.session, request_id),
        chosen=chosen,
        drafts=objects.drafts(work.session, chosen) if open_here else {},
        handles=handles,
        DECISIONS=DECISIONS,
        REFUSED=tuple(Refused),
        HANDED_WAYS=HANDED,
        themselves=shown.relation in THEMSELVES,
        **(blank | given),
    )

"""Asking children what they think: the counselor's page in a talk, and that of who leads it."""

import secrets
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboard import report_files, survey_sheet, texts
from dashboard.asking import Asked, Asking, Id, LineId, Work
from dashboard.rendering import page
from dashboard.report_files import Format
from hotline import audit, db, keyring, made_up, staff, stated_reasons
from hotline.access import Action, may
from hotline.clock import utc_now
from hotline.errors import Conflict, FieldErrors, NotVisible
from hotline.ids import CallId
from hotline.settings import settings
from hotline.stated_reasons import Purpose
from intake.surveys import asking, results, surveys
from intake.surveys.asking import Asked as State
from intake.surveys.survey import SCALE, Kind, Sex, Survey

router = APIRouter()

_QUESTION = "q_"
"""Before a question's code in the form."""
_Short = Annotated[str, Form(max_length=40)]


@router.get("/surveys")
def everything(asked: Asking) -> Response:
    with asked.work(Action.RUN_SURVEYS) as work:
        audit.note(work.session, work.viewer, audit.Act.LIST, "survey", "list", work.now)
        return _list(asked, work)


def _list(asked: Asked, work: Work, status: int = 200, wrong: str = "") -> Response:
    found = surveys.everything(work.session)
    people = staff.some(work.session, {one.opened_by for one in found})
    told = {"surveys": found, "people": people, "next": texts.survey(), "wrong": wrong}
    return page(asked, work, "surveys.html", status=status, **told)


@router.post("/surveys")
def put_in_use(asked: Asking) -> Response:
    with asked.work(Action.RUN_SURVEYS) as work:
        try:
            opened = surveys.put_in_use(work.session, work.viewer, texts.survey(), work.now)
        except Conflict:
            return _list(asked, work, 409, wrong="open_already")
    return RedirectResponse(f"/surveys/{opened}", 303)


@router.post("/surveys/{survey_id}/close")
def close(asked: Asking, survey_id: Id) -> Response:
    with asked.work(Action.RUN_SURVEYS) as work:
        surveys.end(work.session, work.viewer, survey_id, work.now)
    return RedirectResponse(f"/surveys/{survey_id}", 303)


@router.get("/surveys/{survey_id}")
def one(asked: Asking, survey_id: Id) -> Response:
    with asked.work(Action.RUN_SURVEYS) as work:
        opened = surveys.one(work.session, survey_id)
        audit.note(work.session, work.viewer, audit.Act.SEE, "survey", survey_id, work.now)
        found = results.results(work.session, opened)
        return page(asked, work, "survey.html", opened=opened, found=found, STATES=tuple(State))


@router.get("/surveys/{survey_id}/export")
def export_asks(asked: Asking, survey_id: Id) -> Response:
    """What for."""
    with asked.work(Action.EXPORT_FIGURES, write=False) as work:
        return _ask_purpose(asked, work, _to_take(work, survey_id))


@router.post("/surveys/{survey_id}/export")
def export(
    asked: Asking,
    survey_id: Id,
    reason: _Short = "",
    words: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    with asked.work(Action.EXPORT_FIGURES) as work:
        opened = _to_take(work, survey_id)
        try:
            written = stated_reasons.checked(reason, words, set(Purpose))
        except FieldErrors as wrong:
            typed = {"reason": reason, "words": words}
            return _ask_purpose(asked, work, opened, 422, typed=typed, wrong=wrong.fields)
        ring = keyring.recording_keys(settings())
        stated = stated_reasons.state(work.session, work.viewer, reason, written, ring, work.now)
        said = stated_reasons.said(stated)
        audit.note(work.session, work.viewer, audit.Act.EXPORT, "survey", survey_id, work.now, said)
        found, unreal = results.results(work.session, opened), bool(made_up.years(work.session))
        content = survey_sheet.write(asked.language, opened, found, made_up=unreal)
    name = f"111-y-kien-tre-em-{opened.survey.code}-{opened.survey.version}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=report_files.MEDIA[Format.XLSX], headers=headers)


def _to_take(work: Work, survey_id: int) -> surveys.Opened:
    """Raises NotVisible."""
    if not may(work.viewer, Action.RUN_SURVEYS):
        raise NotVisible("survey")
    return surveys.one(work.session, survey_id)


def _ask_purpose(
    asked: Asked, work: Work, opened: surveys.Opened, status: int = 200, **told: Any
) -> Response:
    blank: dict[str, Any] = {"typed": {}, "wrong": {}}
    context = {"opened": opened, "reasons": tuple(Purpose), "LONGEST": stated_reasons.LONGEST}
    return page(asked, work, "survey_export.html", status=status, **context, **(blank | told))


@router.get("/surveys/ask/{call_id}")
def ask(asked: Asking, call_id: LineId) -> Response:
    """The words to read aloud, and what comes first: whether they want to, their age, their sex."""
    with asked.work(Action.TAKE_CALLS) as work:
        shown = _first(asked, work, call_id)
        audit.note(work.session, work.viewer, audit.Act.SEE, "survey_asked", call_id, work.now)
        return shown


@router.post("/surveys/ask/{call_id}")
def begin(
    asked: Asking, call_id: LineId, consent: _Short = "", age: _Short = "", sex: _Short = ""
) -> Response:
    typed = {"consent": consent, "age": age.strip(), "sex": sex}
    with asked.work(Action.TAKE_CALLS) as work:
        try:
            state, opened, group = asking.begin(
                work.session, work.viewer, CallId(call_id), typed, work.now
            )
        except Conflict:
            return _first(asked, work, call_id, 409)
        except FieldErrors as wrong:
            return _first(asked, work, call_id, 422, typed=typed, wrong=wrong.fields)
        if state is not State.BEGUN or group is None:
            return _over(asked, work, opened.survey, state)
        sent = {"group": group.code, "sex": sex, "key": secrets.token_hex(16)}
        return _questions(asked, work, call_id, opened.survey, sent)


@router.post("/surveys/answers/{call_id}")
def answers(
    asked: Asking,
    call_id: LineId,
    group: _Short = "",
    sex: _Short = "",
    key: _Short = "",
    stop: _Short = "",
) -> Response:
    """What was ticked; or `stop`, and nothing of it is kept. Three transactions, so that the one in the
    middle, which keeps what was said, has nothing in it that names the call."""
    given: dict[str, list[str]] = {}
    for name, value in asked.typed:
        if name.startswith(_QUESTION):
            given.setdefault(name.removeprefix(_QUESTION), []).append(value)
    with asked.work(Action.TAKE_CALLS, write=False) as work:
        opened = asking.survey_of(work.session, work.viewer, CallId(call_id))
    state = State.STOPPED
    if not stop:
        try:
            with db.transaction() as session:
                kept = asking.keep(session, opened.id, key, group, sex, given, utc_now())
            state = State.ANSWERED if kept else State.FULL
        except FieldErrors as wrong:
            with asked.work(Action.TAKE_CALLS, write=False) as work:
                sent = {"group": group, "sex": sex, "key": key}
                told = {"wrong": wrong.fields, "given": given}
                return _questions(asked, work, call_id, opened.survey, sent, 422, **told)
    with asked.work(Action.TAKE_CALLS) as work:
        asking.settle(work.session, work.viewer, CallId(call_id), state, work.now)
        return _over(asked, work, opened.survey, state)


def _first(asked: Asked, work: Work, call_id: str, status: int = 200, **told: Any) -> Response:
    found = asking.offer(work.session, work.viewer, CallId(call_id), work.now)
    blank: dict[str, Any] = {"typed": {}, "wrong": {}}
    context = {"call_id": call_id, "offer": found, "SEXES": tuple(Sex), **(blank | told)}
    return page(asked, work, "survey_consent.html", status=status, **context)


def _questions(
    asked: Asked,
    work: Work,
    call_id: str,
    survey: Survey,
    sent: Mapping[str, str],
    status: int = 200,
    **told: Any,
) -> Response:
    blank: dict[str, Any] = {"given": {}, "wrong": {}}
    context = {"call_id": call_id, "survey": survey, "sent": sent, "SCALE": SCALE, "Kind": Kind}
    return page(asked, work, "survey_questions.html", status=status, **context, **(blank | told))


def _over(asked: Asked, work: Work, survey: Survey, state: State) -> Response:
    return page(asked, work, "survey_over.html", survey=survey, state=state)

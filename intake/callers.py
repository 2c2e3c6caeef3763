"""What is known of a waiting caller's number, for the router: codes and ids, never content.

A number is not a person: what is found here only changes who is served first and by whom. Read in a
thread, beside the ringing; a call that finds somebody free does not wait for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from hotline.ids import CallId, StaffId
from hotline.interpreters import InterpreterRow
from hotline.lines import Skill
from intake.callback_tables import CallbackRow
from intake.line_wish_states import LineWishRow, Wanted
from intake.nuisances import is_lowered, lowered_numbers
from intake.numbers import normal
from intake.tables import CallRow, CaseRow, RecordRow
from intake.taxonomy import Risk

SAME_WITHIN = timedelta(hours=1)
"""Who rings again so soon is put through to the same counselor."""
AGAIN_WITHIN = timedelta(minutes=30)
"""A number that nobody answered so short a time ago has rung off and rings again."""
_LANGUAGE_WITHIN = timedelta(days=90)
"""So long a language is remembered of a number; asked for one caller, all its calls count."""
_REMEMBERED_MOST = 20_000
_LOOKED_AT = 20
"""Of a number with many calls and cases only the latest count."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`language`: ISO 639 code, "" when unknown or Vietnamese. `counselor`: who spoke with this number
    within the hour, or has its open case."""

    language: str = ""
    counselor: StaffId | None = None
    urgent_case: bool = False
    promised: bool = False
    rang_again: bool = False
    lowered: bool = False
    skill: str = ""
    """What whoever passed the caller on says they need (`hotline.lines.Skill`)."""


_NOTHING = Caller()


def known(
    session: Session, calls: Mapping[CallId, str | None], now: datetime
) -> Mapping[CallId, Caller]:
    """Each call with its caller's number as it came over the line."""
    return {call_id: _known(session, call_id, normal(number), now) for call_id, number in calls.items()}


def remembered(session: Session, now: datetime) -> Mapping[str, Caller]:
    """Number in normal form → what is known of it, of all numbers of whom something is: for calls that
    find somebody free and are not looked up first. A few statements, whatever rings."""
    found: dict[str, Caller] = {}

    def note(number: str, **what: Any) -> None:
        found[number] = replace(found.get(number, _NOTHING), **what)

    for number, owner, urgent in _all_open_cases(session):
        before = found.get(number, _NOTHING)
        if urgent or not before.urgent_case:
            note(number, counselor=owner, urgent_case=urgent)
    for number, counselor in _all_spoken_with(session, now):
        note(number, counselor=counselor)
    for owed, promised_at, last_at in session.execute(
        select(CallbackRow.open_number, CallbackRow.promised_at, CallbackRow.last_at)
        .where(CallbackRow.open_number.is_not(None))
        .limit(_REMEMBERED_MOST)
    ):
        recent = now - last_at <= AGAIN_WITHIN
        note(owed or "", promised=promised_at is not None, rang_again=recent)
    for number in lowered_numbers(session, now):
        note(number, lowered=True)
    for number, spoken in _all_languages(session, now):
        note(number, language="" if spoken == "vi" else spoken)
    return found


def _all_open_cases(session: Session) -> Iterator[tuple[str, StaffId, bool]]:
    """The newest last."""
    rows = session.execute(
        select(CallRow.number, CaseRow.owner_id, CaseRow.risk, RecordRow.fields["risk"].as_string())
        .join(CallRow, CallRow.id == CaseRow.call_id)
        .join(RecordRow, RecordRow.id == CaseRow.record_id)
        .where(CaseRow.closed_at.is_(None), CallRow.number.is_not(None))
        .order_by(CaseRow.opened_at.desc())
        .limit(_REMEMBERED_MOST)
    ).all()
    for number, owner, risk, told in reversed(rows):
        yield number or "", StaffId(owner), (risk or told) == Risk.EMERGENCY


def _all_spoken_with(session: Session, now: datetime) -> Iterator[tuple[str, StaffId]]:
    """Within the hour, the newest last."""
    rows = session.execute(
        select(CallRow.number, CallRow.counselor_id)
        .where(
            CallRow.arrived_at >= now - SAME_WITHIN,
            CallRow.answered_at.is_not(None),
            CallRow.number.is_not(None),
            CallRow.counselor_id.is_not(None),
        )
        .order_by(CallRow.arrived_at)
        .limit(_REMEMBERED_MOST)
    )
    for number, counselor in rows:
        yield number or "", StaffId(counselor or 0)


def _all_languages(session: Session, now: datetime) -> Iterator[tuple[str, str]]:
    """As records of the last months say, the newest last."""
    language = RecordRow.fields["language"].as_string()
    rows = session.execute(
        select(CallRow.number, language)
        .join(RecordRow, RecordRow.call_id == CallRow.id)
        .where(
            RecordRow.created_at >= now - _LANGUAGE_WITHIN,
            language.is_not(None),
            language != "",
            CallRow.number.is_not(None),
        )
        .order_by(RecordRow.created_at.desc())
        .limit(_REMEMBERED_MOST)
    ).all()
    for number, spoken in reversed(rows):
        yield number or "", spoken or ""


def languages(session: Session, call_ids: Sequence[CallId], now: datetime) -> Mapping[CallId, str]:
    """The languages of these callers but Vietnamese, as records of their numbers' last months say it, in
    one statement; who is not in it is not known."""
    caller = aliased(CallRow)
    language = RecordRow.fields["language"].as_string()
    rows = session.execute(
        select(caller.id, language)
        .join(CallRow, CallRow.number == caller.number)
        .join(RecordRow, RecordRow.call_id == CallRow.id)
        .where(
            caller.id.in_(call_ids),
            CallRow.arrived_at >= now - _LANGUAGE_WITHIN,
            language.is_not(None),
            language != "",
        )
        .order_by(CallRow.arrived_at)
    )
    newest = {CallId(call_id): str(spoken) for call_id, spoken in rows}
    return {call_id: spoken for call_id, spoken in newest.items() if spoken != "vi"}


def _known(session: Session, call_id: CallId, number: str | None, now: datetime) -> Caller:
    """Of a withheld number: what was written in this call before it was passed on."""
    if number is None:
        return Caller(language=_language(session, call_id, None), skill=_needs(session, call_id))
    last = _spoke_last(session, call_id, number, now)
    cases = _open_cases(session, number)
    owed = session.execute(
        select(CallbackRow.promised_at, CallbackRow.last_at).where(CallbackRow.open_number == number)
    ).one_or_none()
    return Caller(
        language=_language(session, call_id, number),
        counselor=last or next((owner for owner, _ in cases), None),
        urgent_case=any(urgent for _, urgent in cases),
        promised=owed is not None and owed.promised_at is not None,
        rang_again=owed is not None and now - owed.last_at <= AGAIN_WITHIN,
        lowered=is_lowered(session, number, now),
        skill=_needs(session, call_id),
    )


def _needs(session: Session, call_id: CallId) -> str:
    """As the record of this very call says."""
    flag = RecordRow.fields["psychologist"].as_string()
    needed = session.scalar(select(flag).where(RecordRow.call_id == call_id))
    return Skill.PSYCHOLOGY if needed else ""


def _spoke_last(session: Session, call_id: CallId, number: str, now: datetime) -> StaffId | None:
    """Not in this call: who passes a caller on does not want them back."""
    found = session.scalar(
        select(CallRow.counselor_id)
        .where(
            CallRow.number == number,
            CallRow.arrived_at >= now - SAME_WITHIN,
            CallRow.answered_at.is_not(None),
            CallRow.counselor_id.is_not(None),
            CallRow.id != call_id,
        )
        .order_by(CallRow.arrived_at.desc())
        .limit(1)
    )
    return StaffId(found) if found is not None else None


def _open_cases(session: Session, number: str) -> list[tuple[StaffId, bool]]:
    """Owner, and whether the child is in danger now; the urgent ones first."""
    rows = session.execute(
        select(CaseRow.owner_id, CaseRow.risk, RecordRow.fields)
        .join(CallRow, CallRow.id == CaseRow.call_id)
        .join(RecordRow, RecordRow.id == CaseRow.record_id)
        .where(CallRow.number == number, CaseRow.closed_at.is_(None))
        .order_by(CaseRow.opened_at.desc())
        .limit(_LOOKED_AT)
    )
    found = [
        (StaffId(owner), (risk or told.get("risk")) == Risk.EMERGENCY) for owner, risk, told in rows
    ]
    return sorted(found, key=lambda each: not each[1])


def _language(session: Session, call_id: CallId, number: str | None) -> str:
    """As the latest record of this call or number says it, or an interpreter of one language who was
    brought in shows it."""
    own = CallRow.id == call_id
    rows = session.execute(
        select(RecordRow.fields, func.min(InterpreterRow.languages))
        .select_from(CallRow)
        .join(RecordRow, RecordRow.call_id == CallRow.id)
        .outerjoin(
            LineWishRow,
            (LineWishRow.call_id == CallRow.id) & (LineWishRow.wanted == Wanted.INTERPRET),
        )
        .outerjoin(InterpreterRow, InterpreterRow.id == LineWishRow.interpreter_id)
        .where(own if number is None else or_(own, CallRow.number == number))
        .group_by(RecordRow.id)
        .order_by(func.max(CallRow.arrived_at).desc())
        .limit(_LOOKED_AT)
    )
    for told, interpreted in rows:
        if spoken := told.get("language"):
            return "" if spoken == "vi" else str(spoken)
        if interpreted and " " not in interpreted:
            return str(interpreted)
    return ""

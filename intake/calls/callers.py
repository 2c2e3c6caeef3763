"""What is known of a waiting caller's number, for the router: codes and ids, never content.

A number is not a person: what is found here only changes who is served first and by whom. Read in a
thread, beside the ringing; a call that finds somebody free does not wait for it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from hotline.callers import NOTHING_KNOWN, Known
from hotline.ids import CallId, Part, StaffId
from hotline.interpreters import InterpreterRow
from hotline.lines import Skill
from intake.calls.line_wish_states import LineWishRow, Wanted
from intake.calls.nuisances import lowered_numbers
from intake.calls.open_cases import open_cases
from intake.numbers import normal
from intake.tables.callbacks import CallbackRow
from intake.tables.calls import CallRow, TalkRow
from intake.tables.records import RecordRow

SAME_WITHIN = timedelta(hours=1)
"""Who rings again so soon is put through to the same counselor."""
AGAIN_WITHIN = timedelta(minutes=30)
"""A number that nobody answered so short a time ago has rung off and rings again."""
_LANGUAGE_WITHIN = timedelta(days=90)
"""So long a language is remembered of a number; asked for one caller, all its calls count."""
_REMEMBERED_MOST = 20_000
_LOOKED_AT = 20
"""Of a number with many calls and cases only the latest count."""


def known(session: Session, calls: Mapping[CallId, str | None], now: datetime) -> Mapping[CallId, Known]:
    """Each call with its caller's number as it came over the line. A few statements, however many. Of a
    withheld number: what was written in this call before it was passed on."""
    numbers = {call_id: normal(number) for call_id, number in calls.items()}
    told = {number for number in numbers.values() if number is not None}
    cases, spoken = _open_cases(session, told), _spoken_with(session, told, now)
    owed, lowered = _owed(session, told), told & set(lowered_numbers(session, now))
    withheld = [call_id for call_id, number in numbers.items() if number is None]
    languages, skills = _languages(session, told, withheld), _needs(session, list(calls))
    left = _left_by_a_counselor(session, list(calls))
    found = {}
    for call_id, number in numbers.items():
        about = Known(
            language=languages.get(number or call_id, ""),
            skill=skills.get(call_id, ""),
            spoken=call_id in left,
            lost=left.get(call_id),
        )
        if number is not None:
            theirs = cases.get(number, [])
            promised_at, last_at = owed.get(number, (None, None))
            about = replace(
                about,
                counselor=_spoke_last(spoken.get(number, ()), call_id)
                or next((owner for owner, _ in theirs), None),
                urgent_case=any(urgent for _, urgent in theirs),
                promised=promised_at is not None,
                rang_again=last_at is not None and now - last_at <= AGAIN_WITHIN,
                lowered=number in lowered,
            )
        found[call_id] = about
    return found


def remembered(session: Session, now: datetime) -> Mapping[str, Known]:
    """Number in normal form → what is known of it, of all numbers of whom something is: for calls that
    find somebody free and are not looked up first. A few statements, whatever rings."""
    found: dict[str, Known] = {}

    def note(number: str, **what: Any) -> None:
        found[number] = replace(found.get(number, NOTHING_KNOWN), **what)

    for number, owner, urgent in _all_open_cases(session):
        before = found.get(number, NOTHING_KNOWN)
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
    for number, owner, urgent in reversed(session.execute(open_cases().limit(_REMEMBERED_MOST)).all()):
        yield number, StaffId(owner), urgent


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
    rows = session.execute(
        select(CallRow.number, RecordRow.language)
        .join(RecordRow, RecordRow.call_id == CallRow.id)
        .where(
            RecordRow.created_at >= now - _LANGUAGE_WITHIN,
            RecordRow.language.is_not(None),
            CallRow.number.is_not(None),
        )
        .order_by(RecordRow.created_at.desc())
        .limit(_REMEMBERED_MOST)
    ).all()
    for number, spoken in reversed(rows):
        yield number or "", spoken or ""


_CALLER = aliased(CallRow)
_LANGUAGES = (
    select(_CALLER.id, RecordRow.language)
    .join(CallRow, CallRow.number == _CALLER.number)
    .join(RecordRow, RecordRow.call_id == CallRow.id)
    .where(
        _CALLER.id.in_(bindparam("calls", expanding=True)),
        CallRow.arrived_at >= bindparam("since"),
        RecordRow.language.is_not(None),
    )
    .order_by(CallRow.arrived_at)
)


def languages(session: Session, call_ids: Sequence[CallId], now: datetime) -> Mapping[CallId, str]:
    """The languages of these callers but Vietnamese, as records of their numbers' last months say it, in
    one statement; who is not in it is not known."""
    rows = session.execute(_LANGUAGES, {"calls": call_ids, "since": now - _LANGUAGE_WITHIN})
    newest = {CallId(call_id): str(spoken) for call_id, spoken in rows}
    return {call_id: spoken for call_id, spoken in newest.items() if spoken != "vi"}


def _needs(session: Session, call_ids: Sequence[CallId]) -> Mapping[CallId, str]:
    """As the records of these very calls say."""
    flag = RecordRow.psychologist
    rows = session.execute(
        select(RecordRow.call_id, flag).where(RecordRow.call_id.in_(call_ids), flag.is_not(None))
    )
    return {CallId(call_id or ""): Skill.PSYCHOLOGY for call_id, needed in rows if needed}


def _left_by_a_counselor(session: Session, call_ids: Sequence[CallId]) -> Mapping[str, StaffId | None]:
    """Of these calls: in which a counselor has talked, and whose phone fell silent in the last talk."""
    talks = (
        select(TalkRow.call_id, TalkRow.staff_id, TalkRow.lost)
        .where(TalkRow.call_id.in_(call_ids), TalkRow.part == Part.COUNSELOR)
        .order_by(TalkRow.began_at)
    )
    return {
        call_id: StaffId(who) if lost and who is not None else None
        for call_id, who, lost in session.execute(talks)
    }


def _spoken_with(
    session: Session, numbers: Collection[str], now: datetime
) -> Mapping[str, list[tuple[CallId, StaffId]]]:
    """By number: within the hour, in which call and who, the newest first."""
    rows = session.execute(
        select(CallRow.number, CallRow.id, CallRow.counselor_id)
        .where(
            CallRow.number.in_(numbers),
            CallRow.arrived_at >= now - SAME_WITHIN,
            CallRow.answered_at.is_not(None),
            CallRow.counselor_id.is_not(None),
        )
        .order_by(CallRow.arrived_at.desc())
    )
    found = defaultdict[str, list[tuple[CallId, StaffId]]](list)
    for number, call_id, counselor in rows:
        found[number or ""].append((CallId(call_id), StaffId(counselor or 0)))
    return found


def _spoke_last(spoken: Iterable[tuple[CallId, StaffId]], call_id: CallId) -> StaffId | None:
    """Not in this call: who passes a caller on does not want them back."""
    return next((who for other, who in spoken if other != call_id), None)


def _open_cases(session: Session, numbers: Collection[str]) -> Mapping[str, list[tuple[StaffId, bool]]]:
    """By number: owner, and whether the child is in danger now; the urgent ones first."""
    found = defaultdict[str, list[tuple[StaffId, bool]]](list)
    for number, owner, urgent in session.execute(open_cases().where(CallRow.number.in_(numbers))):
        found[number].append((StaffId(owner), urgent))
    return {number: sorted(theirs, key=lambda each: not each[1]) for number, theirs in found.items()}


def _owed(session: Session, numbers: Collection[str]) -> Mapping[str, tuple[datetime | None, datetime]]:
    """By number with an open call-back: when it was promised, and when it rang last."""
    rows = session.execute(
        select(CallbackRow.open_number, CallbackRow.promised_at, CallbackRow.last_at).where(
            CallbackRow.open_number.in_(numbers)
        )
    )
    return {number or "": (promised_at, last_at) for number, promised_at, last_at in rows}


def _languages(
    session: Session, numbers: Collection[str], withheld: Sequence[CallId]
) -> Mapping[str, str]:
    """By number, or id of a call without one: as the latest record says it, or an interpreter of one
    language who was brought in shows it."""
    whose = func.coalesce(CallRow.number, CallRow.id).label("whose")
    newest = func.row_number().over(partition_by=whose, order_by=CallRow.arrived_at.desc())
    latest = (
        select(
            whose,
            CallRow.id.label("call_id"),
            CallRow.arrived_at.label("arrived_at"),
            RecordRow.language.label("told"),
            newest.label("place"),
        )
        .join(RecordRow, RecordRow.call_id == CallRow.id)
        .where(or_(CallRow.number.in_(numbers), CallRow.id.in_(withheld)))
        .subquery()
    )
    rows = session.execute(
        select(latest.c.whose, latest.c.told, InterpreterRow.languages)
        .select_from(latest)
        .outerjoin(
            LineWishRow,
            (LineWishRow.call_id == latest.c.call_id) & (LineWishRow.wanted == Wanted.INTERPRET),
        )
        .outerjoin(InterpreterRow, InterpreterRow.id == LineWishRow.interpreter_id)
        .where(latest.c.place <= _LOOKED_AT)
        .order_by(latest.c.arrived_at.desc(), InterpreterRow.languages)
    )
    found: dict[str, str] = {}
    for key, told, interpreted in rows:
        spoken = told or (interpreted if interpreted and " " not in interpreted else "")
        if spoken:
            found.setdefault(key, "" if spoken == "vi" else spoken)
    return found

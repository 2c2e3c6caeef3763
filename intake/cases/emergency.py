"""A case in which a child must be protected at once: whom to ring, what must be done, when it was.

Calls are those of the desk (`intake.calls.calls_out`): rung on the counselor's phone, recorded, with a
record of their own; here they are bound to their case, on whose timeline they stand with outcome and
length.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit, bus, on_call, staff
from hotline.access import Action, Viewer, may
from hotline.errors import FieldErrors, NotVisible
from hotline.events import Outcome
from hotline.ids import CallId, CaseId, StaffId
from hotline.staff import StaffView
from intake.calls import calls_out
from intake.calls.callback_rules import Safe
from intake.cases import case_rows
from intake.directory import directory_entries
from intake.directory.directory import NATIONAL, Entry, Kind
from intake.forms.forms import tidy
from intake.forms.taxonomy import Risk
from intake.numbers import dialable, normal
from intake.tables.callbacks import CallOutRow
from intake.tables.calls import CallRow
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.emergency import CaseCallRow

LONGEST_NAME = 160
_LONGEST_NOTE = 5_000
_RUNG = (Kind.POLICE, Kind.DUTY, Kind.OFFICER, Kind.RAPID_TEAM, Kind.HEALTH, Kind.SHELTER)
"""In the order in which they are offered."""
_OFFERED = 2
"""Offices of one kind: the nearest."""
_TEAM = 4
"""Of the rapid team: as many as are rung before somebody else is thought of."""
_LAST = 5


class Item(StrEnum):
    """What is done for a child in danger; ours, after NĐ 56/2017 Đ26, Đ31. Each is told with its
    time."""

    POLICE_TOLD = "police_told"
    COMMUNE_TOLD = "commune_told"
    CHILD_SAFE = "child_safe"
    DOCTOR_SEEN = "doctor_seen"
    TEAM_TOLD = "team_told"
    LEAD_TOLD = "lead_told"
    REPORT_SENT = "report_sent"


@dataclass(frozen=True, slots=True)
class Office:
    """One to ring, by one press. `number`: in normal form."""

    kind: Kind
    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Done:
    """That something of the list was done, as it was told last."""

    at: datetime
    who: StaffView
    note: str


@dataclass(frozen=True, slots=True)
class Rung:
    """One call from the case. `lapsed`: nobody's phone was rung for it in time."""

    whom: str
    asked_at: datetime
    call_id: CallId | None
    lapsed: bool
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Emergency:
    """`rings`: the viewer has a phone and may call out."""

    offices: Sequence[Office]
    done: Mapping[Item, Done | None]
    rung: Sequence[Rung]
    rings: bool


def of_case(session: Session, viewer: Viewer, case_id: CaseId, now: datetime) -> Emergency | None:
    """None while no child of the case must be protected at once. Raises NotVisible."""
    row = case_rows.readable(session, viewer, case_id)
    if row.closed_at is not None or (row.risk or row.told_risk) != Risk.EMERGENCY:
        return None
    rings = may(viewer, Action.CALL_BACK) and viewer.phone is not None
    around = directory_entries.around(session, row.commune or row.province or NATIONAL)
    team = _team(session, row, now)
    return Emergency(_offices(around, team), _done(session, row), _rung(session, row, now), rings)


def _team(session: Session, row: CaseRow, now: datetime) -> Sequence[Office]:
    """Who of the case's center goes out now (`hotline.on_call`), in their order."""
    code = next(one.code for one in staff.centers(session) if one.id == row.center_id)
    people = on_call.of_center(session, code, now, on_call.Team.RAPID)[:_TEAM]
    return [Office(Kind.RAPID_TEAM, one.staff.name, normal(one.number) or one.number) for one in people]


def _offices(around: Sequence[Entry], team: Sequence[Office]) -> Sequence[Office]:
    """Those of the directory near the child; of the rapid team first who is in it now."""
    told = [one.contact for one in around if one.contact.numbers]
    found: list[Office] = []
    for kind in _RUNG:
        found += team if kind is Kind.RAPID_TEAM else ()
        near = [each for each in told if each.kind is kind][:_OFFERED]
        found += [Office(kind, one.name, one.numbers[0]) for one in near]
    return found


def _done(session: Session, row: CaseRow) -> Mapping[Item, Done | None]:
    events = session.scalars(
        select(CaseEventRow)
        .where(CaseEventRow.case_id == row.id, CaseEventRow.kind == "emergency")
        .order_by(CaseEventRow.id)
    ).all()
    people = staff.some(session, {StaffId(one.staff_id) for one in events})
    last = {one.code: Done(one.happened_at, people[StaffId(one.staff_id)], one.text) for one in events}
    return {item: last.get(item) for item in Item}


def _rung(session: Session, row: CaseRow, now: datetime) -> Sequence[Rung]:
    found = session.execute(
        select(CaseCallRow.whom, CallOutRow, CallRow.outcome)
        .join(CallOutRow, CallOutRow.id == CaseCallRow.call_out_id)
        .outerjoin(CallRow, CallRow.id == CallOutRow.call_id)
        .where(CaseCallRow.case_id == row.id)
        .order_by(CaseCallRow.id.desc())
        .limit(_LAST)
    )
    return [
        Rung(
            whom,
            wish.asked_at,
            CallId(wish.call_id) if wish.call_id else None,
            wish.call_id is None and wish.expires_at <= now,
            Outcome(outcome) if outcome else None,
        )
        for whom, wish, outcome in found
    ]


def calls_of(session: Session, case_ids: Collection[CaseId]) -> Mapping[CallId, str]:
    """Every call that was made from these cases → whom it was to; for who may see them."""
    found = session.execute(
        select(CallOutRow.call_id, CaseCallRow.whom)
        .join(CaseCallRow, CaseCallRow.call_out_id == CallOutRow.id)
        .where(CaseCallRow.case_id.in_(case_ids), CallOutRow.call_id.is_not(None))
    )
    return {CallId(call_id): whom for call_id, whom in found if call_id is not None}


def ring(
    session: Session, viewer: Viewer, case_id: CaseId, whom: str, number: str, now: datetime
) -> Sequence[bus.Signal]:
    """Have this office rung on the viewer's own phone; returns what to publish after the commit.

    Raises NotVisible, NotAllowed, FieldErrors (`whom`, `number`), Conflict (`no_phone`,
    `calling_already`, `merged`).
    """
    row = case_rows.writable(session, viewer, case_id)
    named, wanted = " ".join(tidy(whom).split()), normal(number) or ""
    wrong = {} if dialable(wanted) else {"number": "number"}
    if not named or len(named) > LONGEST_NAME:
        wrong["whom"] = "too_long" if named else "missing"
    if wrong:
        raise FieldErrors(wrong)
    signals = calls_out.ask(session, viewer, wanted, Safe.OFFICIAL, "", now)
    session.add(CaseCallRow(case_id=row.id, call_out_id=int(signals[0].id), whom=named))
    audit.note(session, viewer, audit.Act.CREATE, "case_call", row.id, now, signals[0].id)
    session.flush()
    return signals


def tell(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    item: str,
    note: str,
    now: datetime,
    happened_at: datetime | None = None,
) -> None:
    """That something of the list was done. Raises NotVisible, FieldErrors, Conflict (`merged`)."""
    row = case_rows.writable(session, viewer, case_id)
    if item not in set(Item):
        raise NotVisible("item")
    written = tidy(note).strip()
    wrong = {"note": "too_long"} if len(written) > _LONGEST_NOTE else {}
    if happened_at is not None and happened_at > now:
        wrong["happened_at"] = "not_a_time"
    if wrong:
        raise FieldErrors(wrong)
    case_rows.append(
        session, viewer, row, "emergency", now, code=item, words=written, happened_at=happened_at
    )
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, item)

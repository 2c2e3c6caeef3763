"""Extracts for research: asked for, allowed by another person, made, fetched, and gone again.

The key of the pseudonyms is made for one extract and thrown away with the job that made it: an extract
cannot be joined with another, nor with a record, by anybody. What is only for the protection of a child
(`intake.data_requests`) is in none.
"""

import csv
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session, undefer

from hotline import audit, staff
from hotline.access import Viewer
from hotline.calendar import DAY, start_of
from hotline.clock import local
from hotline.errors import Conflict, FieldErrors, NotVisible
from hotline.ids import StaffId
from hotline.sealed import KeyRing, sealed_bytes, unseal
from hotline.sealed_rows import SealedTable
from hotline.staff import StaffView
from intake.forms import places
from intake.forms.forms import About, tidy
from intake.forms.taxonomy import Disposition, Problem, chi_of_record
from intake.research.research_rules import (
    ALWAYS,
    LONGEST_MONTHS,
    Children,
    Flag,
    Kept,
    State,
    anonymous,
    band,
    columns,
    pseudonym,
    safe,
)
from intake.tables.calls import CallRow
from intake.tables.data_requests import DataObjectRow
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordPersonRow, RecordRow
from intake.tables.research import ResearchExtractRow, ResearchPaperRow

JOB = "dashboard.research_work.make"
TOLD, EXTRACT, CODEBOOK = "told", "extract", "codebook"
FILES = (EXTRACT, CODEBOOK)
FETCHED_WITHIN = timedelta(days=14)
_LONGEST = {"researcher": 120, "institution": 200, "purpose": 2000}
_SHOWN = 100
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class ExtractView:
    """`told`: researcher, institution, purpose."""

    id: int
    state: State
    first: date
    last: date
    columns: tuple[str, ...]
    requested_by: StaffView
    requested_at: datetime
    decided_by: StaffView | None
    decided_at: datetime | None
    made_at: datetime | None
    rows: int
    coarsened: int
    dropped: int
    told: Mapping[str, str]


def ask(
    session: Session,
    viewer: Viewer,
    told: Mapping[str, str],
    first: date | None,
    last: date | None,
    wanted: Sequence[str],
    token: str,
    ring: KeyRing,
    now: datetime,
) -> int:
    """Its id; sent twice it is the same one. Raises FieldErrors."""
    known = select(ResearchExtractRow.id).where(ResearchExtractRow.asked_by == token)
    if (found := session.scalar(known)) is not None:
        return found
    said = {name: tidy(told.get(name, "")).strip() for name in _LONGEST}
    wrong = {name: "too_long" for name, most in _LONGEST.items() if len(said[name]) > most}
    wrong |= {name: "missing" for name, text in said.items() if not text}
    if first is None or last is None or not first <= last <= local(now).date():
        wrong["period"] = "not_a_time"
    elif (last - first).days > LONGEST_MONTHS * 31:
        wrong["period"] = "too_long"
    if not set(wanted) - set(ALWAYS) or not set(wanted) <= columns().keys():
        wrong["columns"] = "missing"
    if wrong or first is None or last is None:
        raise FieldErrors(wrong)
    row = ResearchExtractRow(
        asked_by=token,
        state=State.ASKED,
        first=first,
        last=last,
        columns=[name for name in columns() if name in {*ALWAYS, *wanted}],
        requested_by=viewer.staff_id,
        requested_at=now,
    )
    session.add(row)
    session.flush()
    _put(session, row.id, TOLD, json.dumps(said, ensure_ascii=False).encode(), ring)
    audit.note(session, viewer, audit.Act.CREATE, "research", row.id, now, " ".join(row.columns)[:200])
    return row.id


def decide(session: Session, viewer: Viewer, extract_id: int, now: datetime, *, allow: bool) -> None:
    """By another than who asked. Raises NotVisible, Conflict (`state`, `same_person`)."""
    row = session.get(ResearchExtractRow, extract_id, with_for_update=True)
    if row is None:
        raise NotVisible("research")
    if row.requested_by == viewer.staff_id:
        raise Conflict("same_person")
    if row.state != State.ASKED:
        raise Conflict("state")
    row.state = State.APPROVED if allow else State.REFUSED
    row.decided_by, row.decided_at = viewer.staff_id, now
    audit.note(session, viewer, audit.Act.CHANGE, "research", row.id, now, row.state)


def everything(session: Session, viewer: Viewer, ring: KeyRing, now: datetime) -> Sequence[ExtractView]:
    """The newest first; audited. Who may see it at all was checked before."""
    found = session.scalars(
        select(ResearchExtractRow).order_by(ResearchExtractRow.id.desc()).limit(_SHOWN)
    ).all()
    audit.note(session, viewer, audit.Act.LIST, "research", len(found), now)
    ids = {one.requested_by for one in found} | {one.decided_by for one in found if one.decided_by}
    people = staff.some(session, {StaffId(one) for one in ids})
    papers = select(ResearchPaperRow).where(
        ResearchPaperRow.extract_id.in_([one.id for one in found]), ResearchPaperRow.kind == TOLD
    )
    told = {
        one.extract_id: json.loads(unseal(one.sealed, ring, _name(one.extract_id, TOLD)))
        for one in session.scalars(papers.options(undefer(ResearchPaperRow.sealed)))
    }
    return [
        ExtractView(
            id=one.id,
            state=State(one.state),
            first=one.first,
            last=one.last,
            columns=tuple(one.columns),
            requested_by=people[StaffId(one.requested_by)],
            requested_at=one.requested_at,
            decided_by=people[StaffId(one.decided_by)] if one.decided_by else None,
            decided_at=one.decided_at,
            made_at=one.made_at,
            rows=one.rows,
            coarsened=one.coarsened,
            dropped=one.dropped,
            told=told.get(one.id, {}),
        )
        for one in found
    ]


def to_make(session: Session, extract_id: int) -> tuple[Sequence[str], Kept] | None:
    """The columns and rows of an extract that is allowed; None when it is made, or not allowed."""
    row = session.get(ResearchExtractRow, extract_id)
    if row is None or row.state != State.APPROVED:
        return None
    key = secrets.token_bytes(32)
    rows = (
        tuple(safe(name, told.get(name, "")) for name in row.columns)
        for told in _told(session, row.first, row.last, key)
    )
    return row.columns, anonymous(row.columns, rows)


def _told(session: Session, first: date, last: date, key: bytes) -> Iterator[dict[str, str]]:
    """Every closed record of these days, as all columns tell it; in the order of the pseudonyms, which
    is none."""
    came = RecordRow.created_at
    limited = exists().where(
        DataObjectRow.limited_at.is_not(None),
        or_(
            (DataObjectRow.kind == "record") & (DataObjectRow.object_id == RecordRow.id),
            (DataObjectRow.kind == "case") & (DataObjectRow.object_id == CaseRecordRow.case_id),
        ),
    )
    query = (
        select(RecordRow, CallRow.arrived_at, CaseRecordRow.case_id)
        .outerjoin(CallRow, CallRow.id == RecordRow.call_id)
        .outerjoin(
            CaseRecordRow,
            (CaseRecordRow.record_id == RecordRow.id) & CaseRecordRow.left_at.is_(None),
        )
        .where(
            RecordRow.state == "closed",
            came >= start_of(first),
            came < start_of(last + DAY),
            ~limited,
        )
        .order_by(RecordRow.id)
    )
    found: list[dict[str, str]] = []
    for some in session.execute(query.execution_options(yield_per=_AT_ONCE)).partitions():
        people = _people(session, [row.id for row, _, _ in some])
        found += [
            _one(row, arrived, case_id, people.get(row.id, []), key) for row, arrived, case_id in some
        ]
    yield from sorted(found, key=lambda one: one["record"])


def _people(session: Session, ids: Sequence[int]) -> Mapping[int, list[RecordPersonRow]]:
    found: dict[int, list[RecordPersonRow]] = {}
    query = select(RecordPersonRow).where(RecordPersonRow.record_id.in_(ids))
    for one in session.scalars(query.order_by(RecordPersonRow.position)):
        found.setdefault(one.record_id, []).append(one)
    return found


def _one(
    row: RecordRow,
    arrived: datetime | None,
    case_id: int | None,
    people: Sequence[RecordPersonRow],
    key: bytes,
) -> dict[str, str]:
    on = local(arrived or row.received_at or row.created_at).date()
    children = [one.fields for one in people if one.about == About.CHILD]
    accused = [one.fields for one in people if one.about == About.OFFENDER]
    child: Mapping[str, str] = children[0] if children else {}
    count = (Children.NONE, Children.ONE, Children.SEVERAL)[min(len(children), 2)]
    problem = Problem(row.problem) if row.problem in set(Problem) else None
    chi = chi_of_record(Disposition(row.disposition) if row.disposition else None, problem)
    unit = row.fields.get("place_unit", "")
    province = None if unit.count(":") != 1 else places.province(unit)
    relation = accused[0].get("relation", "") if accused else row.fields.get("offender_relation", "")
    return {
        "record": pseudonym(key, "record", row.id),
        "case": pseudonym(key, "case", case_id) if case_id else "",
        "month": f"{on:%Y-%m}",
        "way": row.way,
        "disposition": row.disposition or "",
        "caller_type": row.fields.get("caller_type", ""),
        "problem": row.problem or "",
        "chi": chi or "",
        "online": Flag.YES if row.fields.get("online") else "",
        "risk": row.fields.get("risk", ""),
        "province": province.id if province else "",
        "children": count,
        "age": band(child.get("birth_date", ""), child.get("age", ""), on),
        "sex": child.get("sex", ""),
        "relation": relation,
    }


def keep(
    session: Session,
    extract_id: int,
    kept: Kept,
    files: Mapping[str, bytes],
    ring: KeyRing,
    now: datetime,
) -> None:
    """A second worker's comes too late and is dropped: its pseudonyms would be others."""
    row = session.get_one(ResearchExtractRow, extract_id, with_for_update=True)
    if row.state != State.APPROVED:
        return
    row.state, row.made_at = State.MADE, now
    row.rows, row.coarsened, row.dropped = len(kept.rows), kept.coarsened, kept.dropped
    for kind, content in files.items():
        _put(session, extract_id, kind, content, ring)
    detail = f"made {row.rows} coarsened {row.coarsened} dropped {row.dropped}"
    audit.note(session, None, audit.Act.CHANGE, "research", row.id, now, detail)


def table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """As CSV (RFC 4180), UTF-8."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue().encode()


def still_queued(session: Session) -> Sequence[int]:
    """Allowed, and not made: their job was lost, or is running."""
    query = select(ResearchExtractRow.id).where(ResearchExtractRow.state == State.APPROVED)
    return session.scalars(query.order_by(ResearchExtractRow.id)).all()


def drop_old(session: Session, now: datetime) -> None:
    """Files that were there to be fetched long enough."""
    old = select(ResearchExtractRow).where(
        ResearchExtractRow.state == State.MADE, ResearchExtractRow.made_at < now - FETCHED_WITHIN
    )
    for row in session.scalars(old).all():
        row.state = State.OVER
        files = (ResearchPaperRow.extract_id == row.id, ResearchPaperRow.kind.in_(FILES))
        session.execute(delete(ResearchPaperRow).where(*files))


def fetch(
    session: Session, viewer: Viewer, extract_id: int, kind: str, ring: KeyRing, now: datetime
) -> bytes:
    """One file, audited. Raises NotVisible."""
    query = select(ResearchPaperRow).where(
        ResearchPaperRow.extract_id == extract_id, ResearchPaperRow.kind == kind
    )
    row = session.scalar(query.options(undefer(ResearchPaperRow.sealed))) if kind in FILES else None
    if row is None:
        raise NotVisible("research")
    audit.note(session, viewer, audit.Act.EXPORT, "research", extract_id, now, kind)
    return unseal(row.sealed, ring, _name(extract_id, kind))


def _put(session: Session, extract_id: int, kind: str, content: bytes, ring: KeyRing) -> None:
    session.add(
        ResearchPaperRow(
            extract_id=extract_id,
            kind=kind,
            key_id=ring[0].id,
            sealed=sealed_bytes(content, ring, _name(extract_id, kind)),
        )
    )


def _name(extract_id: int, kind: str) -> str:
    return f"research/{extract_id}/{kind}"


SEALED = SealedTable(
    ResearchPaperRow,
    select(ResearchPaperRow.extract_id, ResearchPaperRow.kind).order_by(ResearchPaperRow.extract_id),
    _name,
)

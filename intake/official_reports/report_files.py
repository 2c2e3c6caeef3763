"""What is kept of a report, sealed: its frozen figures, its draft, and what was printed once signed.

What was signed is what is printed: the frozen content must still have the digest that was signed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, undefer

from hotline import audit
from hotline.access import Viewer
from hotline.errors import NotVisible
from hotline.sealed import KeyRing, SealBroken, sealed_bytes, unseal
from hotline.sealed_rows import SealedTable
from intake.official_reports import official_reports, report_mails
from intake.official_reports.official_reports import Letter
from intake.official_reports.report_rules import About, Kind, State, Step, after
from intake.statistics.periods import Period
from intake.tables.official_reports import (
    OfficialReportFileRow,
    OfficialReportReaderRow,
    OfficialReportRow,
)

FROZEN, DRAFT = "frozen", "draft"
_COUNTED_WITHIN, _PRINTED_WITHIN = timedelta(minutes=11), timedelta(seconds=45)
"""A count of twenty years may take minutes; a job is ended after ten."""


@dataclass(frozen=True, slots=True)
class ToCount:
    kind: Kind
    period: Period
    letter: Letter
    signer: str
    """Who shall sign it."""


@dataclass(frozen=True, slots=True)
class ToPrint:
    """`frozen`: what was signed, to the byte."""

    frozen: bytes
    symbol: str
    signer: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class ToStamp:
    """A withdrawn one. `digest`: of what was signed."""

    printed: ToPrint
    digest: str
    withdrawn_at: datetime
    why: str


def to_make(session: Session, report_id: int, ring: KeyRing) -> ToCount | ToPrint | None:
    """What is to be made of it now; None when nothing is. Raises SealBroken, also when what was
    frozen is not what was signed."""
    row = session.get(OfficialReportRow, report_id)
    if row is None:
        return None
    if row.state == State.ORDERED:
        letter, who = official_reports.letter_of(row), official_reports.signer(session, row)
        return ToCount(Kind(row.kind), Period(row.since, row.until), letter, who)
    return _signed(session, row, ring) if row.state == State.SIGNED else None


def _signed(session: Session, row: OfficialReportRow, ring: KeyRing) -> ToPrint | None:
    if row.signed_at is None:
        return None
    frozen = _open(session, row.id, FROZEN, ring)
    if sha256(frozen).hexdigest() != row.digest:
        raise SealBroken("what was frozen is not what was signed")
    return ToPrint(frozen, row.symbol, official_reports.signer(session, row), row.signed_at)


def freeze(
    session: Session,
    report_id: int,
    frozen: bytes,
    draft: bytes,
    ring: KeyRing,
    now: datetime,
    *,
    mails: bool,
) -> None:
    """Keep what was counted, with its draft. A second worker's comes too late and is dropped: it may
    have counted otherwise. `mails`: whether e-mails can be sent."""
    row = session.get_one(OfficialReportRow, report_id, with_for_update=True)
    if row.state != State.ORDERED:
        return
    _put(session, report_id, {FROZEN: frozen, DRAFT: draft}, ring)
    row.state, row.moved_at = after(State.ORDERED, Step.FREEZE), now
    row.drafted_at, row.digest = now, sha256(frozen).hexdigest()
    if mails:
        report_mails.write(session, report_id, [row.approver_id], About.TO_SIGN, now)


def issue(
    session: Session,
    report_id: int,
    files: Mapping[str, bytes],
    ring: KeyRing,
    now: datetime,
    *,
    mails: bool,
) -> None:
    """Keep what was printed; its readers are told. A second worker's is dropped."""
    row = session.get_one(OfficialReportRow, report_id, with_for_update=True)
    if row.state != State.SIGNED:
        return
    _put(session, report_id, files, ring)
    row.state, row.moved_at, row.issued_at = after(State.SIGNED, Step.ISSUE), now, now
    if mails:
        readers = select(OfficialReportReaderRow.staff_id).where(
            OfficialReportReaderRow.report_id == report_id
        )
        told = session.scalars(readers.order_by(OfficialReportReaderRow.staff_id)).all()
        report_mails.write(session, report_id, told, About.ISSUED, now)


def failed(session: Session, report_id: int, reason: str, now: datetime) -> None:
    """It could not be counted. `reason`: a stable code. One that is signed is tried again."""
    row = session.get_one(OfficialReportRow, report_id, with_for_update=True)
    if row.state == State.ORDERED:
        row.state, row.moved_at, row.reason = after(State.ORDERED, Step.FAIL), now, reason


def lost(session: Session, now: datetime) -> Sequence[int]:
    """Those whose job must have been lost."""
    row = OfficialReportRow
    query = select(row.id).where(
        or_(
            and_(row.state == State.ORDERED, row.moved_at < now - _COUNTED_WITHIN),
            and_(row.state == State.SIGNED, row.moved_at < now - _PRINTED_WITHIN),
        )
    )
    return session.scalars(query.order_by(row.id).limit(100)).all()


def fetch(
    session: Session, viewer: Viewer, report_id: int, kind: str, ring: KeyRing, now: datetime
) -> tuple[str, bytes | ToStamp]:
    """One file with its name; audited. A withdrawn one is to be stamped: what was issued stays as it was
    and is given out no more. Raises NotVisible, SealBroken, KeyUnknown."""
    row = official_reports.reached(session, viewer, report_id)
    if kind not in official_reports.files_for(viewer, row):
        raise NotVisible("official_report")
    content = _stamped(session, row, ring) or _open(session, report_id, kind, ring)
    audit.note(session, viewer, audit.Act.SEE, "official_report", row.id, now, kind)
    mark = {State.WITHDRAWN: "-thu-hoi", State.ISSUED: ""}.get(State(row.state), "-du-thao")
    ending = "pdf" if kind == DRAFT else kind
    return f"bao-cao-{row.since}-{row.until}-{row.id}{mark}.{ending}", content


def _stamped(session: Session, row: OfficialReportRow, ring: KeyRing) -> ToStamp | None:
    if row.state != State.WITHDRAWN or row.ended_at is None:
        return None
    printed = _signed(session, row, ring)
    return ToStamp(printed, row.digest, row.ended_at, row.ended_why) if printed else None


def _open(session: Session, report_id: int, kind: str, ring: KeyRing) -> bytes:
    query = select(OfficialReportFileRow).where(
        OfficialReportFileRow.report_id == report_id, OfficialReportFileRow.kind == kind
    )
    row = session.scalars(query.options(undefer(OfficialReportFileRow.sealed))).one()
    return unseal(row.sealed, ring, _name(report_id, kind))


def _put(session: Session, report_id: int, files: Mapping[str, bytes], ring: KeyRing) -> None:
    for kind, content in files.items():
        session.add(
            OfficialReportFileRow(
                report_id=report_id,
                kind=kind,
                size=len(content),
                sha256=sha256(content).hexdigest(),
                key_id=ring[0].id,
                sealed=sealed_bytes(content, ring, _name(report_id, kind)),
            )
        )


def _name(report_id: int, kind: str) -> str:
    return f"official_report/{report_id}/{kind}"


SEALED = SealedTable(
    OfficialReportFileRow,
    select(OfficialReportFileRow.report_id, OfficialReportFileRow.kind).order_by(
        OfficialReportFileRow.report_id
    ),
    _name,
    lambda row, content: sha256(content).hexdigest() == row.sha256,
)

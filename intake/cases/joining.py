"""Several reports of one incident are one case: joining a record to a case, merging two cases, saying
that two children are one, and undoing each of these.

A record that is taken apart from its case is a draft again, so that somebody decides about it. A merged
case keeps its number and its spine; its records stand in the other until the merge is undone, and then
in it again. What was done and why is on every spine that it concerns.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Action, Viewer, may
from hotline.errors import Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.ids import CaseId, ChildId, RecordId
from intake.cases import case_limits, case_rows, separations
from intake.forms.forms import About, tidy
from intake.forms.taxonomy import Disposition
from intake.records import records
from intake.searching import case_told, search_index
from intake.tables.cases import CaseRow
from intake.tables.joins import CaseMergeRow, CaseRecordRow, SameChildRow
from intake.tables.records import RecordPersonRow, RecordRow
from intake.visibility import reachable_cases

WHY_LONGEST = 500
"""Characters."""


def join_record(
    session: Session,
    viewer: Viewer,
    record_id: RecordId,
    row: CaseRow,
    why: str,
    now: datetime,
) -> CaseId:
    """Close the record as escalated and put it into this case instead of opening a new one.

    `row`: a case that the viewer was shown as a possibility (`intake.cases.candidates`) or may write to;
    they need not be able to read it afterwards. Pressed twice it is joined once. Raises NotVisible,
    NotAllowed, Conflict (`merged`, `closed`: a new word of a child must not lie in a case that nobody
    works on; `in_another` when the record stands in another case), FieldErrors.
    """
    if not may(viewer, Action.WRITE_CASE):
        raise NotAllowed("join")
    reason = _reason(why, needed=False)
    record = records.writable_row(session, viewer, record_id)
    _lock(session, [row])
    known = case_told.case_id_of(session, record.id)
    if known is not None:
        if known != row.id:
            raise Conflict("in_another")
        return known
    if row.closed_at is not None:
        raise Conflict("merged" if row.merged_into_id else "closed")
    records.close_as(session, viewer, record, Disposition.ESCALATED, now)
    case_rows.put_record(session, viewer, row, record, now)
    _settle(session, row)
    _bring_news(viewer, row, now)
    _tell(session, viewer, row, "joined", now, reason, code=str(record.id))
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, f"join r{record.id}")
    return CaseId(row.id)


def take_apart(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    record_id: RecordId,
    why: str,
    now: datetime,
) -> None:
    """Take a record out of the case; it is its writer's draft again.

    Raises NotVisible, Conflict (`only_one`: a case needs a record; `came_merged`: it came with a case
    that was merged into this one, which is undone as a whole), FieldErrors.
    """
    # The record first, as an autosave does, which then writes to its case: or each waits for the other.
    session.get(RecordRow, record_id, with_for_update=True)
    row = case_rows.writable(session, viewer, case_id)
    reason = _reason(why)
    standing = session.scalars(
        select(CaseRecordRow).where(CaseRecordRow.case_id == row.id, CaseRecordRow.left_at.is_(None))
    ).all()
    link = next((one for one in standing if one.record_id == record_id), None)
    if link is None:
        raise NotVisible("record")
    if link.home_id != row.id:
        raise Conflict("came_merged")
    if sum(one.home_id == row.id for one in standing) == 1:
        raise Conflict("only_one")
    link.left_at, link.left_by = now, viewer.staff_id
    session.flush()
    record = session.get_one(RecordRow, link.record_id)
    records.back_to_draft(session, viewer, record, now)
    _settle(session, row)
    _tell(session, viewer, row, "taken_apart", now, reason, code=str(record.id))
    audit.note(session, viewer, audit.Act.UNDO, "case", row.id, now, f"join r{record.id}")


def merge(
    session: Session, viewer: Viewer, case_id: CaseId, into_id: CaseId, why: str, now: datetime
) -> None:
    """Put a case into another one, which goes on; what runs there counts from the first word of both.

    Raises NotVisible unless the viewer may write to both, Conflict (`merged`, `closed` when the other
    does not go on, `itself`), FieldErrors.
    """
    if case_id == into_id:
        raise Conflict("itself")
    locked = {each: case_rows.writable(session, viewer, each) for each in sorted((case_id, into_id))}
    row, into = locked[case_id], locked[into_id]
    reason = _reason(why)
    if into.closed_at is not None:
        raise Conflict("closed")
    session.add(
        CaseMergeRow(
            case_id=row.id,
            into_id=into.id,
            why=reason,
            closed_before=row.closed_at,
            merged_at=now,
            merged_by=viewer.staff_id,
        )
    )
    _move(session, row.id, into.id, _with_merged(session, row.id))
    row.merged_into_id, row.closed_at = into.id, row.closed_at or now
    session.flush()
    _tell(session, viewer, row, "merged_into", now, reason, case=into.number)
    search_index.drop_case(session, row)
    _settle(session, into)
    _bring_news(viewer, into, now)
    _tell(session, viewer, into, "merged", now, reason, case=row.number)
    for one in (row, into):
        audit.note(session, viewer, audit.Act.CHANGE, "case", one.id, now, f"merge c{row.id} c{into.id}")


def by_number(session: Session, viewer: Viewer, number: str) -> CaseId:
    """The case of this number that the viewer may write to. Raises FieldErrors (`no_such_case`)."""
    query = select(CaseRow.id).where(
        CaseRow.number == number.strip().upper(), reachable_cases(viewer, Action.WRITE_CASE)
    )
    found = session.scalar(query)
    if found is None:
        raise FieldErrors({"number": "no_such_case"})
    return CaseId(found)


def undo_merge(session: Session, viewer: Viewer, case_id: CaseId, why: str, now: datetime) -> None:
    """The merged case is what it was: with its records, its state, its owner and its deadline.

    Raises NotVisible unless the viewer may write to both, Conflict (`not_merged`; `merged` when the
    other was merged on: that is undone first), FieldErrors.
    """
    reason = _reason(why)
    standing = select(CaseMergeRow).where(
        CaseMergeRow.case_id == case_id, CaseMergeRow.undone_at.is_(None)
    )
    into_id = next((CaseId(one.into_id) for one in session.scalars(standing)), case_id)
    locked = {each: case_rows.reached(session, viewer, each) for each in sorted({case_id, into_id})}
    row, into = locked[case_id], locked[into_id]
    done = session.scalar(standing.execution_options(populate_existing=True))
    if done is None or done.into_id != into.id:
        raise Conflict("not_merged")
    if into.merged_into_id is not None:
        raise Conflict("merged")
    done.undone_at, done.undone_by = now, viewer.staff_id
    _move(session, into.id, row.id, _with_merged(session, row.id))
    row.merged_into_id, row.closed_at = None, done.closed_before
    session.flush()
    for one, kind, other in ((into, "unmerged", row), (row, "unmerged_from", into)):
        _settle(session, one)
        _tell(session, viewer, one, kind, now, reason, case=other.number)
        audit.note(session, viewer, audit.Act.UNDO, "case", one.id, now, f"merge c{row.id} c{into.id}")


def _with_merged(session: Session, case_id: int) -> Collection[int]:
    """The case and those that were merged into it before, through all steps."""
    found, fresh = {case_id}, {case_id}
    while fresh:
        below = select(CaseMergeRow.case_id).where(
            CaseMergeRow.into_id.in_(fresh), CaseMergeRow.undone_at.is_(None)
        )
        fresh = set(session.scalars(below)) - found
        found |= fresh
    return found


def _move(session: Session, here: int, there: int, homes: Collection[int]) -> None:
    """What came with these cases and stands in the one stands in the other from now on."""
    session.flush()
    session.execute(
        update(CaseRecordRow)
        .where(CaseRecordRow.case_id == here, CaseRecordRow.home_id.in_(homes))
        .values(case_id=there)
    )
    session.execute(
        update(CaseRow)
        .where(CaseRow.merged_into_id == here, CaseRow.id.in_(homes))
        .values(merged_into_id=there)
    )
    separations.move(session, here, there, homes)


def same_child(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    one: ChildId,
    other: ChildId,
    now: datetime,
) -> None:
    """Say that these children of the case are one. Raises NotVisible, Conflict (`itself`)."""
    row = case_rows.writable(session, viewer, case_id)
    _children_of(session, row, (one, other))
    kept, gone = sorted((_root(session, one), _root(session, other)))
    if kept == gone:
        raise Conflict("itself")
    session.add(SameChildRow(person_id=gone, same_as_id=kept, marked_at=now, marked_by=viewer.staff_id))
    _tell(session, viewer, row, "same_child", now)
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, f"same p{gone} p{kept}")


def not_same_child(
    session: Session, viewer: Viewer, case_id: CaseId, child: ChildId, now: datetime
) -> None:
    """Take that back for what the later record tells. Raises NotVisible, Conflict (`not_marked`)."""
    row = case_rows.writable(session, viewer, case_id)
    _children_of(session, row, (child,))
    mark = _mark_of(session, child)
    if mark is None:
        raise Conflict("not_marked")
    mark.undone_at, mark.undone_by = now, viewer.staff_id
    _tell(session, viewer, row, "not_same_child", now)
    audit.note(session, viewer, audit.Act.UNDO, "case", row.id, now, f"same p{child}")


def _mark_of(session: Session, child: int) -> SameChildRow | None:
    return session.scalar(
        select(SameChildRow).where(SameChildRow.person_id == child, SameChildRow.undone_at.is_(None))
    )


def _root(session: Session, child: int) -> int:
    while (mark := _mark_of(session, child)) is not None:
        child = mark.same_as_id
    return child


def _children_of(session: Session, row: CaseRow, ids: Collection[ChildId]) -> None:
    """Raises NotVisible for one that no record of the case tells of."""
    found = session.scalars(
        select(RecordPersonRow.id)
        .join(CaseRecordRow, CaseRecordRow.record_id == RecordPersonRow.record_id)
        .where(
            CaseRecordRow.case_id == row.id,
            CaseRecordRow.left_at.is_(None),
            RecordPersonRow.about == About.CHILD,
            RecordPersonRow.id.in_(ids),
        )
    )
    if set(found) != set(ids):
        raise NotVisible("child")


def _bring_news(viewer: Viewer, row: CaseRow, now: datetime) -> None:
    """Who holds the case learns of it on their desk."""
    if viewer.staff_id != row.owner_id:
        row.news_at = now


def _settle(session: Session, row: CaseRow) -> None:
    """Its clocks run from the first word of it, whichever record that is in."""
    (told,) = case_told.of_cases(session, [row.id])
    first = min(one.received_at for one in told.records)
    if row.heard_at == row.received_at:
        row.heard_at = first
    row.received_at = first
    row.due_at = case_limits.due(session, row) if row.closed_at is None else row.due_at


def _tell(
    session: Session,
    viewer: Viewer,
    row: CaseRow,
    kind: str,
    now: datetime,
    reason: str = "",
    *,
    code: str = "",
    case: str = "",
) -> None:
    """`code`: a record's id; `case`: the number of the other case, by which this one is found, too."""
    answers = {"case": case} if case else None
    case_rows.append(session, viewer, row, kind, now, code=code, words=reason, answers=answers)


def _lock(session: Session, rows: Collection[CaseRow]) -> None:
    for row in rows:
        session.refresh(row, with_for_update=True)


def _reason(why: str, *, needed: bool = True) -> str:
    """Raises FieldErrors (`missing`, `too_long`)."""
    reason = " ".join(tidy(why).split())
    if (needed and not reason) or len(reason) > WHY_LONGEST:
        raise FieldErrors({"why": "too_long" if reason else "missing"})
    return reason

"""The marks of the records of cases (`intake.searching.likeness`): a row each, by which cases that may
be the same incident are looked up. They are tokens, which tell no name (`intake.search_tokens`)."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from hotline import sealed_columns
from intake.search_tokens import mark
from intake.searching import likeness
from intake.searching.case_told import RecordTold
from intake.tables.cases import CaseRow
from intake.tables.joins import CaseMarkRow, CaseRecordRow

RECENTLY = timedelta(days=90)
"""Cases closed no longer ago are found, too."""
_LOOKED_AT = 60
"""The newest of those that share a mark of each kind."""


def compared(one: RecordTold) -> likeness.Told:
    """What of a record is compared; whom we ourselves rang tells nothing."""
    number = one.call.number if one.call and not one.call.outbound else None
    happened_at = one.record.happened_at or one.received_at
    return likeness.told(one.fields(), number, happened_at)


def cases_like(session: Session, here: likeness.Told, now: datetime) -> Collection[int]:
    """Cases that share a mark, each kind by itself: what many share must not crowd out what few do."""
    found: set[int] = set()
    key = sealed_columns.search_key(session)
    for marks in likeness.marks(here):
        if not marks:
            continue
        query = (
            select(CaseRow.id, CaseRow.opened_at)
            .join(CaseRecordRow, CaseRecordRow.case_id == CaseRow.id)
            .join(CaseMarkRow, CaseMarkRow.link_id == CaseRecordRow.id)
            .where(
                CaseMarkRow.mark.in_(sorted(mark(each, key) for each in marks)),
                CaseRecordRow.left_at.is_(None),
                or_(CaseRow.closed_at.is_(None), CaseRow.closed_at >= now - RECENTLY),
            )
            .order_by(CaseRow.opened_at.desc(), CaseRow.id.desc())
            .distinct()
            .limit(_LOOKED_AT)
        )
        found |= {row.id for row in session.execute(query)}
    return found


def write(session: Session, told: Iterable[RecordTold]) -> None:
    """Bring the marks of records that stand in cases up to date."""
    key = sealed_columns.search_key(session)
    wanted: set[tuple[str, int]] = set()
    links: list[int] = []
    for one in told:
        links.append(one.link.id)
        wanted |= {
            (mark(word, key), one.link.id) for kind in likeness.marks(compared(one)) for word in kind
        }
    query = select(CaseMarkRow.mark, CaseMarkRow.link_id).where(CaseMarkRow.link_id.in_(links))
    there = {(word, link) for word, link in session.execute(query)}
    for word, link in there - wanted:
        gone = delete(CaseMarkRow).where(CaseMarkRow.mark == word, CaseMarkRow.link_id == link)
        session.execute(gone)
    if new := wanted - there:
        session.execute(
            insert(CaseMarkRow), [{"mark": word, "link_id": link} for word, link in sorted(new)]
        )

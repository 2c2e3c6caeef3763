"""Empties cases whose time is over, in the transaction of the caller, after their certificate.

What was told in them goes, with their records and calls; the case's own row stays, and of its timeline
when it was opened and each step was done, because these are counted.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from intake.cases import flow
from intake.documents import trafficking_form
from intake.searching.search_index import CASE, SearchRow
from intake.tables.callbacks import CallOutRow
from intake.tables.case_files import CaseAttachmentRow
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.documents import (
    DocumentFileRow,
    DocumentRow,
    FilledFormRow,
    FormRejectedRow,
    FormRevisionRow,
)
from intake.tables.emergency import CaseCallRow
from intake.tables.handovers import (
    HandoverEventRow,
    HandoverLinkRow,
    HandoverPhotoRow,
    HandoverRow,
)
from intake.tables.joins import CaseMarkRow, CaseMergeRow, CaseRecordRow
from intake.tables.plans import PlanActionRow, PlanResultRow, PlanRow
from intake.tables.retention import CaseDeletionRow
from intake.tables.victims import VictimReferralRow, VictimResultRow

_COUNTED_IN_FORMS = {trafficking_form.CODE: ("purpose", "destination")}
"""Codes: `intake.victims.trafficking_counts`."""


def together(session: Session, ids: Sequence[int]) -> list[int]:
    """These cases and those that were merged into them: they go together."""
    member = or_(CaseRow.id.in_(ids), CaseRow.merged_into_id.in_(ids))
    return list(session.scalars(select(CaseRow.id).where(member).order_by(CaseRow.id)))


def records_of(ids: Sequence[int]) -> Select[int]:
    """Ids of the records that stand in these cases."""
    link = CaseRecordRow
    return select(link.record_id).where(link.case_id.in_(ids), link.left_at.is_(None))


def end(session: Session, ids: Sequence[int], certificate: int, now: datetime) -> None:
    """All cases of `together`; the records in them are emptied by `emptying.records`."""
    for case_id in ids:
        _end_timeline(session, case_id, certificate)
    _plans(session, ids)
    _documents(session, ids)
    _handovers(session, ids)
    _rest(session, ids)
    values = {"place": "", "commune": None, "news_at": None, "erased_at": now}
    session.execute(update(CaseRow).where(CaseRow.id.in_(ids)).values(values))


def _end_timeline(session: Session, case_id: int, certificate: int) -> None:
    """The database lets it go where the ledger names this case, and only there."""
    left = _counted(session, case_id)
    victims = _victims(session, case_id)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.end_case(case_id, certificate)))
    else:
        session.execute(insert(CaseDeletionRow).values(case_id=case_id, deletion_id=certificate))
        _drop(session, PlanResultRow, PlanResultRow.action_id.in_(_actions([case_id])))
        _drop(session, CaseEventRow, CaseEventRow.case_id == case_id)
        _drop(session, VictimResultRow, VictimResultRow.referral_id.in_(_referrals(case_id)))
        _drop(session, VictimReferralRow, VictimReferralRow.case_id == case_id)
    if left:
        session.execute(insert(CaseEventRow), left)
    for row, counted in victims:
        if counted:
            session.execute(insert(row), counted)


def _counted(session: Session, case_id: int) -> list[dict[str, Any]]:
    """What of its timeline the figures count, without a word, in its order."""
    event, later = CaseEventRow, aliased(CaseEventRow)
    query = (
        select(
            event.case_id, event.kind, event.code, event.staff_id, event.happened_at, event.entered_at
        )
        .outerjoin(later, later.corrects_id == event.id)
        .where(event.case_id == case_id, event.kind.in_(flow.SPINE), later.id.is_(None))
        .order_by(event.happened_at, event.id)
    )
    return [{**row, "text": "", "answers": {}} for row in session.execute(query).mappings()]


def _referrals(case_id: int) -> Select[int]:
    return select(VictimReferralRow.id).where(VictimReferralRow.case_id == case_id)


def _victims(session: Session, case_id: int) -> list[tuple[type[Any], list[dict[str, Any]]]]:
    """The same of its referrals of victims: who took them and what became of it, as codes."""
    made, told = VictimReferralRow, VictimResultRow
    referrals = (
        select(
            made.id,
            made.case_id,
            made.asked_by,
            made.body,
            made.staff_id,
            made.referred_at,
            made.entered_at,
        )
        .where(made.case_id == case_id)
        .order_by(made.id)
    )
    results = (
        select(
            told.id,
            told.referral_id,
            told.outcome,
            told.staff_id,
            told.happened_at,
            told.entered_at,
        )
        .where(told.referral_id.in_(_referrals(case_id)))
        .order_by(told.id)
    )
    of_made = {"agency": "", "contact": "", "text": ""}
    of_told = {"told_by": "", "text": ""}
    return [
        (row, [{**one, **words} for one in session.execute(query).mappings()])
        for row, query, words in ((made, referrals, of_made), (told, results, of_told))
    ]


def _actions(ids: Sequence[int]) -> Select[int]:
    return (
        select(PlanActionRow.id)
        .join(PlanRow, PlanRow.id == PlanActionRow.plan_id)
        .where(PlanRow.case_id.in_(ids))
    )


def _plans(session: Session, ids: Sequence[int]) -> None:
    """Which versions there were and who approved them stays."""
    _drop(session, PlanActionRow, PlanActionRow.id.in_(_actions(ids)))
    emptied = {"goals": {}, "source": "", "approver": "", "comment": ""}
    session.execute(update(PlanRow).where(PlanRow.case_id.in_(ids)).values(emptied))


def _documents(session: Session, ids: Sequence[int]) -> None:
    """Numbers of what was sent out stay: the register has no holes."""
    forms = select(FilledFormRow.id).where(FilledFormRow.case_id.in_(ids))
    papers = select(DocumentRow.id).where(DocumentRow.case_id.in_(ids))
    _drop(session, DocumentFileRow, DocumentFileRow.document_id.in_(papers))
    _drop(session, FormRevisionRow, FormRevisionRow.form_id.in_(forms))
    _drop(session, FormRejectedRow, FormRejectedRow.form_id.in_(forms))
    told = {"fields": {}, "setting": {}, "withdrawn_why": ""}
    session.execute(update(DocumentRow).where(DocumentRow.case_id.in_(ids)).values(told))
    for form in session.scalars(select(FilledFormRow).where(FilledFormRow.case_id.in_(ids))):
        counted = _COUNTED_IN_FORMS.get(form.code, ())
        form.fields = {name: form.fields[name] for name in counted if form.fields.get(name)}
        form.carried = []
    session.flush()


def _handovers(session: Session, ids: Sequence[int]) -> None:
    """To which unit, when and how it was answered stays."""
    of = select(HandoverRow.id).where(HandoverRow.case_id.in_(ids))
    for row in (HandoverPhotoRow, HandoverLinkRow, HandoverEventRow):
        _drop(session, row, row.handover_id.in_(of))
    emptied = {"packet": {}, "recipient": ""}
    session.execute(update(HandoverRow).where(HandoverRow.case_id.in_(ids)).values(emptied))


def _rest(session: Session, ids: Sequence[int]) -> None:
    links = select(CaseRecordRow.id).where(
        or_(CaseRecordRow.case_id.in_(ids), CaseRecordRow.home_id.in_(ids))
    )
    _drop(session, CaseMarkRow, CaseMarkRow.link_id.in_(links))
    _drop(session, CaseAttachmentRow, CaseAttachmentRow.case_id.in_(ids))
    session.execute(delete(SearchRow).where(SearchRow.kind == CASE, SearchRow.ref.in_(ids)))
    merged = or_(CaseMergeRow.case_id.in_(ids), CaseMergeRow.into_id.in_(ids))
    session.execute(update(CaseMergeRow).where(merged).values(why=""))
    outs = select(CaseCallRow.call_out_id).where(CaseCallRow.case_id.in_(ids))
    session.execute(update(CallOutRow).where(CallOutRow.id.in_(outs)).values(number="", note=""))
    session.execute(update(CaseCallRow).where(CaseCallRow.case_id.in_(ids)).values(whom=""))


def _drop(session: Session, row: type[Any], of: ColumnElement[bool]) -> None:
    session.execute(delete(row).where(of).execution_options(synchronize_session=False))

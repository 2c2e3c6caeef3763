"""Statutory forms of a case: opened with what is known, written by people, never overwritten in silence.

A page sends all its fields with the revision it was shown. What somebody else has changed since is not
touched: the losing text is kept beside the form and handed back, as records do it. Partly filled is
valid. Rights are those of the case; every look is audited.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hotline import audit, staff
from hotline.access import Action, Viewer
from hotline.errors import BadInput, NotVisible
from hotline.ids import CaseId, StaffId
from hotline.staff import StaffView
from intake.cases import case_rows, case_views
from intake.documents import statutory_forms
from intake.documents.form_prefill import Known, carried_over, fitting
from intake.documents.statutory_forms import AGREED, INFORMANT
from intake.documents.statutory_shapes import StatutoryForm
from intake.forms import forms
from intake.forms.taxonomy import Way
from intake.record_text import Rejected
from intake.tables.cases import CaseRow
from intake.tables.documents import FilledFormRow, FormRejectedRow, FormRevisionRow
from intake.tables.records import RecordPersonRow
from intake.visibility import reachable_cases

_TYPED_MOST = 100_000
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Child:
    """One child of a case, as a form names it."""

    id: int
    position: int
    name: str


@dataclass(frozen=True, slots=True)
class FormLine:
    """One line of a case's list of forms."""

    id: int
    form: StatutoryForm
    child: Child | None
    revision: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class FilledForm:
    """`carried`: the fields that still hold what was carried over."""

    id: int
    case_id: CaseId
    case_number: str
    form: StatutoryForm
    child: Child | None
    revision: int
    values: Mapping[str, str]
    carried: frozenset[str]
    opened_by: StaffView
    opened_at: datetime
    changed_at: datetime
    editable: bool


@dataclass(frozen=True, slots=True)
class Clash:
    """Two texts for one field: `theirs` is in the form, `yours` is kept beside it."""

    theirs: str
    yours: str
    who: StaffView
    at: datetime


@dataclass(frozen=True, slots=True)
class SavedForm:
    """`errors`: field → stable code; `clashes` by field. The other fields of the same save are in."""

    revision: int
    clashes: Mapping[str, Clash]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FormChange:
    """One revision: which fields changed, not what to: a withdrawn consent stays withdrawn on screen."""

    number: int
    who: StaffView
    at: datetime
    fields: tuple[str, ...]


def _child(row: RecordPersonRow) -> Child:
    return Child(row.id, row.position, row.fields.get("name", ""))


def open_form(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    code: str,
    child_id: int | None,
    token: str,
    now: datetime,
    told: Mapping[str, str] | None = None,
) -> int:
    """A new form of its newest version with what is known; its id. Sent twice it is the same one.

    `told`: further texts to carry over, by full field name. Raises NotVisible, BadInput for a form that
    does not exist.
    """
    case = case_rows.writable(session, viewer, case_id)
    form = statutory_forms.CURRENT.get(code)
    if form is None:
        raise BadInput("no such form")
    known = session.scalar(
        select(FilledFormRow.id).where(FilledFormRow.asked_by == token, FilledFormRow.case_id == case.id)
    )
    if known is not None:
        return known
    shown = case_views.view(session, viewer, case, now)
    child = next((one for one in shown.children if child_id in one.ids), None)
    if child is None and child_id is not None:
        raise NotVisible("child")
    known_of = Known(
        shown.received_at,
        shown.arrival.way if shown.arrival else Way.PHONE,
        shown.about,
        child.fields if child else {},
        viewer.name,
        now,
    )
    values = carried_over(form, known_of) | fitting(form, told or {})
    row = FilledFormRow(
        case_id=case.id,
        child_id=child.id if child else None,
        code=code,
        version=form.version,
        opened_by=viewer.staff_id,
        opened_at=now,
        changed_at=now,
        asked_by=token,
        fields=values,
        carried=sorted(values),
    )
    session.add(row)
    session.flush()
    audit.note(session, viewer, audit.Act.CREATE, "filled_form", row.id, now, f"{code}.{form.version}")
    return row.id


def of_cases(session: Session, case_ids: Collection[CaseId]) -> Sequence[FormLine]:
    """Those of a case and of the cases merged into it, the newest first; the caller has checked the
    viewer's right."""
    rows = session.execute(
        select(FilledFormRow, RecordPersonRow)
        .outerjoin(RecordPersonRow, RecordPersonRow.id == FilledFormRow.child_id)
        .where(FilledFormRow.case_id.in_(case_ids))
        .order_by(FilledFormRow.id.desc())
        .limit(_SHOWN)
    ).all()
    return [
        FormLine(
            row.id,
            statutory_forms.by_version(row.code, row.version),
            _child(person) if person else None,
            row.revision,
            row.changed_at,
        )
        for row, person in rows
    ]


def filled_form(session: Session, viewer: Viewer, form_id: int, now: datetime) -> FilledForm:
    """One form, audited. Raises NotVisible."""
    row, case = form_row(session, viewer, Action.READ_CASE, form_id)
    audit.note(session, viewer, audit.Act.SEE, "filled_form", row.id, now)
    person = session.get(RecordPersonRow, row.child_id) if row.child_id else None
    return FilledForm(
        id=row.id,
        case_id=CaseId(case.id),
        case_number=case.number,
        form=statutory_forms.by_version(row.code, row.version),
        child=_child(person) if person else None,
        revision=row.revision,
        values=dict(row.fields),
        carried=frozenset(row.carried),
        opened_by=staff.one(session, StaffId(row.opened_by)),
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        editable=may_write(session, viewer, case),
    )


def form_row(
    session: Session, viewer: Viewer, action: Action, form_id: int, *, lock: bool = False
) -> tuple[FilledFormRow, CaseRow]:
    """The form and the case that it stands in now, through that case's gate. Raises NotVisible."""
    row = session.get(FilledFormRow, form_id, with_for_update=lock, populate_existing=lock)
    if row is None:
        raise NotVisible("filled form")
    return row, standing_case(session, viewer, action, row.case_id)


def standing_case(session: Session, viewer: Viewer, action: Action, case_id: int) -> CaseRow:
    """The case, or the one that it was merged into, which is read and written in its stead. Raises
    NotVisible."""
    row = session.get_one(CaseRow, case_id)
    while row.merged_into_id is not None:
        row = session.get_one(CaseRow, row.merged_into_id)
    query = select(CaseRow).where(CaseRow.id == row.id, reachable_cases(viewer, action))
    found = session.scalar(query)
    if found is None:
        raise NotVisible("case")
    return found


def may_write(session: Session, viewer: Viewer, case: CaseRow) -> bool:
    """Whether this viewer may write to what stands in this case."""
    query = select(CaseRow.id).where(CaseRow.id == case.id, reachable_cases(viewer, Action.WRITE_CASE))
    return session.scalar(query) is not None


def save(
    session: Session,
    viewer: Viewer,
    form_id: int,
    base_revision: int,
    typed: Mapping[str, str],
    now: datetime,
) -> SavedForm:
    """Merge what a page holds into the form. Raises NotVisible, and BadInput for a revision that does
    not exist. A field with an error or a clash is not taken in; its text is kept beside the form.
    """
    row, _ = form_row(session, viewer, Action.WRITE_CASE, form_id, lock=True)
    if not 0 <= base_revision <= row.revision:
        raise BadInput(f"revision {base_revision} of {row.revision}")
    good, wrong = forms.sort_out(statutory_forms.by_version(row.code, row.version), typed)
    for name, code in wrong.items():
        if name not in INFORMANT:
            _keep(session, viewer, row, name, forms.tidy(typed[name]), code, now)
    since = _changed_since(session, row, base_revision)
    good = _with_consent(session, row, good, wrong, since)
    accepted: dict[str, list[str]] = {}
    clashes: dict[str, Clash] = {}
    for name, value in good.items():
        current, other = row.fields.get(name, ""), since.get(name)
        if value == current:
            continue
        if other is None:
            accepted[name] = [current, value]
        elif value != other.before:
            who = staff.one(session, other.staff_id)
            clashes[name] = Clash(current, value, who, other.at)
            _keep(session, viewer, row, name, value, "conflict", now)
    if accepted:
        _write(session, viewer, row, accepted, now)
    session.flush()
    return SavedForm(row.revision, clashes, wrong)


def _with_consent(
    session: Session,
    row: FilledFormRow,
    good: dict[str, str],
    wrong: dict[str, str],
    since: Mapping[str, "_Since"],
) -> dict[str, str]:
    """Without the informant's consent nothing about them is written or kept: what was typed goes back
    to the page alone, and what was there is cleared, also what was kept beside the form.

    A page that was opened before the consent was withdrawn does not bring it back.
    """
    stale = AGREED in since and good.get(AGREED) == since[AGREED].before
    if row.fields.get(AGREED) if stale else good.get(AGREED, row.fields.get(AGREED)):
        return good
    session.execute(
        delete(FormRejectedRow).where(
            FormRejectedRow.form_id == row.id, FormRejectedRow.field.in_(INFORMANT)
        )
    )
    wrong |= {name: "needs_consent" for name in INFORMANT if good.get(name) and AGREED in good}
    cleared = {name: "" for name in INFORMANT if row.fields.get(name)}
    return {name: text for name, text in good.items() if name not in INFORMANT} | cleared


@dataclass(frozen=True, slots=True)
class _Since:
    """What happened to one field since the base revision."""

    before: str
    staff_id: StaffId
    at: datetime


def _changed_since(session: Session, row: FilledFormRow, base: int) -> Mapping[str, _Since]:
    changed: dict[str, _Since] = {}
    for revision in session.scalars(
        select(FormRevisionRow)
        .where(FormRevisionRow.form_id == row.id, FormRevisionRow.number > base)
        .order_by(FormRevisionRow.number)
    ):
        for name, (old, _) in revision.changes.items():
            before = changed[name].before if name in changed else old
            changed[name] = _Since(before, StaffId(revision.staff_id), revision.at)
    return changed


def _write(
    session: Session, viewer: Viewer, row: FilledFormRow, accepted: dict[str, list[str]], now: datetime
) -> None:
    """JSON columns are replaced, not changed in place: that is what SQLAlchemy notices."""
    fields = {**row.fields, **{name: new for name, (_, new) in accepted.items()}}
    row.fields = {name: text for name, text in fields.items() if text}
    row.carried = [name for name in row.carried if name not in accepted]
    row.revision += 1
    row.changed_at = now
    session.add(
        FormRevisionRow(
            form_id=row.id, number=row.revision, staff_id=viewer.staff_id, at=now, changes=accepted
        )
    )
    audit.note(session, viewer, audit.Act.CHANGE, "filled_form", row.id, now, f"r{row.revision}")


def _keep(
    session: Session, viewer: Viewer, row: FilledFormRow, name: str, text: str, why: str, now: datetime
) -> None:
    """Once, however often the same page is sent."""
    field, value = forms.tidy(name)[:80], text[:_TYPED_MOST]
    kept = select(FormRejectedRow.value).where(
        FormRejectedRow.form_id == row.id,
        FormRejectedRow.field == field,
        FormRejectedRow.staff_id == viewer.staff_id,
    )
    if value and value not in session.scalars(kept).all():
        session.add(
            FormRejectedRow(
                form_id=row.id, field=field, value=value, reason=why, staff_id=viewer.staff_id, at=now
            )
        )


def rejected(session: Session, form_id: int) -> Sequence[Rejected]:
    """Kept texts, newest first; the caller has checked the viewer's right."""
    rows = session.scalars(
        select(FormRejectedRow)
        .where(FormRejectedRow.form_id == form_id)
        .order_by(FormRejectedRow.id.desc())
        .limit(_SHOWN)
    ).all()
    people = staff.some(session, {StaffId(row.staff_id) for row in rows})
    return [
        Rejected(row.field, row.value, row.reason, people[StaffId(row.staff_id)], row.at) for row in rows
    ]


def history(session: Session, form_id: int) -> Sequence[FormChange]:
    """Newest first; the caller has checked the viewer's right."""
    rows = session.scalars(
        select(FormRevisionRow)
        .where(FormRevisionRow.form_id == form_id)
        .order_by(FormRevisionRow.number.desc())
        .limit(_SHOWN)
    ).all()
    people = staff.some(session, {StaffId(row.staff_id) for row in rows})
    return [
        FormChange(row.number, people[StaffId(row.staff_id)], row.at, tuple(row.changes)) for row in rows
    ]

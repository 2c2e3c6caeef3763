"""Documents of a case: ordered and numbered in one transaction, made by the worker, given out by right.

What a document says is fixed when it is ordered (the form's values at that revision, disclosed as
`intake.documents.statutory_forms` allows). Nothing printed is ever changed: a wrong one is withdrawn
with a reason and another made. Words and layout are not known here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session, aliased

from hotline import audit, staff
from hotline.access import Action, Role, Viewer, reaches
from hotline.clock import local
from hotline.errors import Conflict, FieldErrors, NotVisible
from hotline.ids import CaseId, CenterId, StaffId
from hotline.settings import Settings
from hotline.staff import Center, StaffView
from intake.cases import case_rows
from intake.documents import filled_forms, statutory_forms
from intake.documents.statutory_shapes import StatutoryForm
from intake.forms.forms import tidy
from intake.tables.cases import CaseRow
from intake.tables.documents import DocumentFileRow, DocumentRow, FilledFormRow

JOB = "dashboard.document_work.make"
"""Makes the files of one document, by its id. In the room that makes sentences."""
WHY_LONGEST = 300
_SHOWN = 100
_LONGEST = {"capacity": 200, "signer": 120, "recipients": 1000, "readers": 300}


class State(StrEnum):
    QUEUED = "queued"
    READY = "ready"
    FAILED = "failed"


class Level(StrEnum):
    """How confidential (NĐ 56/2017 Đ24.3 asks for a level and names none: these are ours). A strict one
    is not for everybody who may read the case: `within_reach`."""

    CONFIDENTIAL = "confidential"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Setting:
    """What the person who orders says besides the form. `recipients`: one a line."""

    capacity: str = ""
    signer: str = ""
    recipients: str = ""
    level: Level = Level.CONFIDENTIAL
    readers: str = ""


@dataclass(frozen=True, slots=True)
class DocumentFile:
    kind: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """One document, without what it says."""

    id: int
    case_id: CaseId
    form_id: int
    form: StatutoryForm
    form_revision: int
    symbol: str
    state: State
    ordered_by: StaffView
    ordered_at: datetime
    made_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: StaffView | None
    withdrawn_why: str
    level: Level
    within_reach: bool
    """Whether its level lets this viewer have it."""
    consent_gone: bool
    """It tells who told it, and they agree no more: nobody has it."""
    files: tuple[DocumentFile, ...]


def order(
    session: Session,
    viewer: Viewer,
    form_id: int,
    setting: Setting,
    token: str,
    of: Settings,
    now: datetime,
) -> int:
    """Number a document and leave it for the worker; its id. Sent twice it is the same one.

    Raises NotVisible, FieldErrors (`too_long`).
    """
    row, case = filled_forms.form_row(session, viewer, Action.WRITE_CASE, form_id, lock=True)
    known = session.scalar(
        select(DocumentRow.id).where(DocumentRow.asked_by == token, DocumentRow.form_id == row.id)
    )
    if known is not None:
        return known
    form = statutory_forms.by_version(row.code, row.version)
    checked = _checked(setting)  # before a number is taken: it would be used up
    series = statutory_forms.SERIES.get(row.code, statutory_forms.REPORT)
    year = local(now).year
    number = (
        None if row.code in statutory_forms.COMMUNE else _next(session, case.center_id, year, series)
    )
    document = DocumentRow(
        case_id=case.id,
        form_id=row.id,
        form_revision=row.revision,
        center_id=case.center_id,
        year=year,
        series=series,
        number=number,
        symbol=_symbol(number, series, of, _center(session, case.center_id)),
        fields=dict(statutory_forms.disclosed(form, row.fields)),
        setting=asdict(checked),
        ordered_by=viewer.staff_id,
        ordered_at=now,
        asked_by=token,
        state=State.QUEUED,
    )
    session.add(document)
    session.flush()
    audit.note(session, viewer, audit.Act.CREATE, "document", document.id, now, f"form {row.id}")
    _tell(session, viewer, case, document, row.code, "ordered", now)
    return document.id


def _tell(
    session: Session,
    viewer: Viewer,
    case: CaseRow,
    document: DocumentRow,
    form: str,
    deed: str,
    now: datetime,
    why: str = "",
) -> None:
    """Onto the spine of the case. `form`: its code; `deed`: `ordered` or `withdrawn`."""
    answers = {"form": form, "form_id": str(document.form_id), "symbol": document.symbol}
    case_rows.append(session, viewer, case, "document", now, code=deed, words=why, answers=answers)


def _checked(setting: Setting) -> Setting:
    cleaned = {name: tidy(getattr(setting, name)).strip() for name in _LONGEST}
    wrong = {name: "too_long" for name, most in _LONGEST.items() if len(cleaned[name]) > most}
    if wrong:
        raise FieldErrors(wrong)
    return Setting(level=setting.level, **cleaned)


def _next(session: Session, center_id: int, year: int, series: str) -> int:
    """One upsert, so that two transactions never get the same; one rolled back gives it back."""
    last: int = session.execute(
        text(
            "INSERT INTO document_counter (center_id, year, series, last)"
            " VALUES (:center, :year, :series, 1) ON CONFLICT (center_id, year, series)"
            " DO UPDATE SET last = document_counter.last + 1 RETURNING last"
        ),
        {"center": center_id, "year": year, "series": series},
    ).scalar_one()
    return last


def _symbol(number: int | None, series: str, of: Settings, center: Center) -> str:
    """`12/BC-TĐ111-HN`; a number below ten has a zero before it (NĐ 30/2020, phụ lục I, II.3). A draft
    for a commune leaves its number open."""
    if number is None:
        return f"....../{series}-UBND"
    return f"{number:02d}/{series}-{of.document_symbol}-{center.code.upper()}"


def _center(session: Session, center_id: int) -> Center:
    return next(one for one in staff.centers(session) if one.id == center_id)


def of_cases(session: Session, viewer: Viewer, case_ids: Collection[CaseId]) -> Sequence[DocumentView]:
    """Those of a case and of the cases merged into it; the caller has checked the viewer's right."""
    return _views(session, viewer, DocumentRow.case_id.in_(case_ids))


def document(session: Session, viewer: Viewer, document_id: int) -> tuple[DocumentView, bool]:
    """How far it is, and whether this viewer may withdraw it. Raises NotVisible."""
    row, case = _row(session, viewer, Action.READ_CASE, document_id)
    return _views(session, viewer, DocumentRow.id == row.id)[0], filled_forms.may_write(
        session, viewer, case
    )


def of_form(session: Session, viewer: Viewer, form_id: int) -> Sequence[DocumentView]:
    """The newest first; the caller has checked the viewer's right to the form."""
    return _views(session, viewer, DocumentRow.form_id == form_id)


def within_reach(viewer: Viewer, row: DocumentRow, form: str, case: CaseRow) -> bool:
    """Whether the document's level lets the viewer, who may read the case that it stands in, have it."""
    if row.setting["level"] != Level.STRICT or row.ordered_by == viewer.staff_id:
        return True
    if form in statutory_forms.TO_DEPARTMENT and viewer.role is Role.DEPARTMENT:
        return True
    owner, center = StaffId(case.owner_id), CenterId(case.center_id)
    return reaches(viewer, Action.READ_STRICT, owner=owner, center=center)


def _views(session: Session, viewer: Viewer, which: ColumnElement[bool]) -> Sequence[DocumentView]:
    made_for = aliased(CaseRow)
    found = session.execute(
        select(DocumentRow, FilledFormRow, CaseRow)
        .join(FilledFormRow, FilledFormRow.id == DocumentRow.form_id)
        .join(made_for, made_for.id == DocumentRow.case_id)
        .join(CaseRow, CaseRow.id == func.coalesce(made_for.merged_into_id, made_for.id))
        .where(which)
        .order_by(DocumentRow.id.desc())
        .limit(_SHOWN)
    ).all()
    rows = [row for row, *_ in found]
    files: dict[int, list[DocumentFile]] = {row.id: [] for row in rows}
    for one in session.scalars(
        select(DocumentFileRow)
        .where(DocumentFileRow.document_id.in_(files))
        .order_by(DocumentFileRow.kind.desc())
    ):
        files[one.document_id].append(DocumentFile(one.kind, one.size, one.sha256))
    ids = {row.ordered_by for row in rows} | {row.withdrawn_by for row in rows if row.withdrawn_by}
    people = staff.some(session, {StaffId(one) for one in ids})
    return [
        _view(row, form, people, files[row.id], within_reach(viewer, row, form.code, case))
        for row, form, case in found
    ]


def _view(
    row: DocumentRow,
    form: FilledFormRow,
    people: Mapping[StaffId, StaffView],
    files: Sequence[DocumentFile],
    reached: bool,
) -> DocumentView:
    return DocumentView(
        id=row.id,
        case_id=CaseId(row.case_id),
        form_id=row.form_id,
        form=statutory_forms.by_version(form.code, form.version),
        form_revision=row.form_revision,
        symbol=row.symbol,
        state=State(row.state),
        ordered_by=people[StaffId(row.ordered_by)],
        ordered_at=row.ordered_at,
        made_at=row.made_at,
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=people[StaffId(row.withdrawn_by)] if row.withdrawn_by else None,
        withdrawn_why=row.withdrawn_why,
        level=Level(row.setting["level"]),
        within_reach=reached,
        consent_gone=statutory_forms.consent_gone(row.fields, form.fields),
        files=tuple(files),
    )


def withdraw(session: Session, viewer: Viewer, document_id: int, why: str, now: datetime) -> int:
    """It stays on record with the reason and is given out no more; its form. Raises NotVisible,
    FieldErrors (`missing`, `too_long`); withdrawing twice keeps the first reason."""
    row, case = _row(session, viewer, Action.WRITE_CASE, document_id, lock=True)
    reason = " ".join(tidy(why).split())
    if not reason or len(reason) > WHY_LONGEST:
        raise FieldErrors({"why": "too_long" if reason else "missing"})
    if row.withdrawn_at is None:
        row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = now, viewer.staff_id, reason
        audit.note(session, viewer, audit.Act.CHANGE, "document", row.id, now, "withdrawn")
        form = session.get_one(FilledFormRow, row.form_id).code
        _tell(session, viewer, case, row, form, "withdrawn", now, reason)
    return row.form_id


def again(session: Session, viewer: Viewer, document_id: int, now: datetime) -> int:
    """Have one that failed made once more, under its number; its form. Raises NotVisible, Conflict."""
    row, _ = _row(session, viewer, Action.WRITE_CASE, document_id, lock=True)
    if row.state != State.FAILED:
        raise Conflict(f"the document is {row.state}")
    row.state, row.reason = State.QUEUED, ""
    audit.note(session, viewer, audit.Act.CHANGE, "document", row.id, now, "again")
    return row.form_id


def _row(
    session: Session, viewer: Viewer, action: Action, document_id: int, *, lock: bool = False
) -> tuple[DocumentRow, CaseRow]:
    """It and the case that it stands in. Raises NotVisible."""
    row = session.get(DocumentRow, document_id, with_for_update=lock, populate_existing=lock)
    if row is None:
        raise NotVisible("document")
    return row, filled_forms.standing_case(session, viewer, action, row.case_id)

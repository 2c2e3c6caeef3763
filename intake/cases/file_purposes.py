"""What somebody takes files and documents out of a case for that is not theirs: said once in a log-in.

Whose case it is, and who opened it, work with its papers all day and are not asked; nor is who has
broken the glass, who has said why already. A look inside a page is no taking out.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from hotline import audit, broken_glass, stated_reasons
from hotline.access import Action, Viewer
from hotline.audit import Act, AuditRow
from hotline.errors import FieldErrors, HotlineError, NotVisible
from hotline.ids import CaseId
from hotline.sealed import KeyRing
from hotline.stated_reasons import LONGEST, Purpose
from intake.tables.cases import CaseRow
from intake.visibility import readable_case


class PurposeNeeded(HotlineError):
    """Nothing is handed out before it is said what for."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("purpose")
        self.case_id = case_id


@dataclass(frozen=True, slots=True)
class _Standing:
    """`root`: the case in which this one is read now. `said`: how audit rows end, once it was."""

    root: CaseId
    own: bool
    said: str


def asks(session: Session, viewer: Viewer, case_id: CaseId, since: datetime) -> bool:
    """Whether the viewer must say what for, who logged in then. One statement."""
    found = _standing(session, viewer, case_id, since)
    return not (found.own or found.said)


def said(session: Session, viewer: Viewer, case_id: CaseId, since: datetime) -> str:
    """How the audit row of a file that is taken out ends; the viewer's right has been checked. Raises
    PurposeNeeded."""
    found = _standing(session, viewer, case_id, since)
    if not (found.own or found.said):
        raise PurposeNeeded(case_id)
    return "" if found.own else found.said


def state(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    code: str,
    words: str,
    ring: KeyRing,
    now: datetime,
) -> None:
    """Say what for. Words are added where the code does not tell enough. Raises NotVisible, FieldErrors
    (`reason`: `missing`, `words`: `too_long`)."""
    if not session.scalar(select(readable_case(viewer, case_id))):
        raise NotVisible("case")
    written = " ".join(words.split())
    wrong = {} if code in set(Purpose) else {"reason": "missing"}
    if len(written) > LONGEST:
        wrong["words"] = "too_long"
    if wrong:
        raise FieldErrors(wrong)
    reason = stated_reasons.state(session, viewer, code, written, ring, now)
    root = _standing(session, viewer, case_id, now).root
    audit.note(session, viewer, Act.PURPOSE, "case", root, now, stated_reasons.said(reason))
    session.flush()


def _standing(session: Session, viewer: Viewer, case_id: CaseId, since: datetime) -> _Standing:
    """Raises NotVisible for a case that is not there."""
    home, root, me = aliased(CaseRow), aliased(CaseRow), viewer.staff_id
    newest = (
        select(AuditRow.detail)
        .where(
            AuditRow.object_kind == "case",
            AuditRow.object_id == cast(root.id, String),
            AuditRow.staff_id == me,
            AuditRow.act == Act.PURPOSE,
            AuditRow.at >= since,
        )
        .order_by(AuditRow.id.desc())
        .limit(1)
        .correlate(root)
        .scalar_subquery()
    )
    own = or_(*(each == me for case in (home, root) for each in (case.owner_id, case.opened_by)))
    found = session.execute(
        select(root.id, own, newest)
        .join(root, root.id == func.coalesce(home.merged_into_id, home.id))
        .where(home.id == case_id)
    ).one_or_none()
    if found is None:
        raise NotVisible("case")
    root_id, is_own, detail = found
    through = any(broken_glass.said(viewer, Action.READ_CASE, one) for one in (case_id, root_id))
    return _Standing(CaseId(root_id), bool(is_own) or through, detail or "")

"""Who looked at or changed what: append-only rows, written in the transaction of what they record.

Holds ids and codes only: no names, numbers or free text of callers and children. Staff are named as they
were, and no row refers to another table: what is on record outlives whom and what it is about. The rows
are chained afterwards (`hotline.audit_seals`), so that who writes one waits for nobody.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.access import Action, Viewer, may
from hotline.db import INSERT_ONLY, Base, UtcDateTime
from hotline.errors import NotVisible


class Act(StrEnum):
    """What was done, as a stable code."""

    LOG_IN = "log_in"
    """`detail`: `passkey`, `oidc`; empty for the password."""
    LOG_IN_REFUSED = "log_in_refused"
    LOG_OUT = "log_out"
    HIDE_SCREEN = "hide_screen"
    SHOW_SCREEN = "show_screen"
    END_SESSION = "end_session"
    """`detail`: `others` when it was all but one."""
    CHANGE_PASSWORD = "change_password"  # noqa: S105
    SECOND_FACTOR = "second_factor"
    """`detail`: `on`, `off`, `codes` (new ones for recovery), `recovered` (one was used)."""
    PASSKEY = "passkey"
    """`detail`: `on`, `off`, `off all`, `copied` (its count of uses went back)."""
    PROVED = "proved"
    """The second factor was given at a log-in; `detail` `again`: the password, before a grave act."""
    INVITE = "invite"
    """An account: a one-time link to set its password was made."""
    ACCEPT_INVITATION = "accept_invitation"
    SEE = "see"
    LIST = "list"
    SEARCH = "search"
    PLAY = "play"
    EXPORT = "export"
    """`detail`: how many rows, and the filter in codes."""
    PURPOSE = "purpose"
    """Of a case: said what its files are taken out for. `detail`: the reason's id."""
    CREATE = "create"
    CHANGE = "change"
    CLOSE = "close"
    REOPEN = "reopen"
    REFUSED = "refused"
    AVAILABILITY = "availability"
    SUPERVISE = "supervise"
    """`detail`: how (listen, whisper, join), and whom by staff id."""
    INTERPRETER = "interpreter"
    COLLEAGUE = "colleague"
    """`detail`: the interpreter's id."""
    TAKE_NOTE = "take_note"
    GIVE_BACK = "give_back"
    """`detail`: what of, and why."""
    STEER = "steer"
    """`detail`: what was ordered, by ids and codes; the reason is in the order's own row."""
    UNDO = "undo"
    BREAK_GLASS = "break_glass"
    """`detail`: the id of the reason (`hotline.stated_reasons`), as of every look at what it opened."""
    END_GLASS = "end_glass"
    NUISANCE = "nuisance"
    """Of the call that was looked at. `detail`: for how long its number is lowered, or lifted."""


class AuditRow(Base):
    """A change of columns is a new version of `hotline.audit_chain.row_line`."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_at", "at", "id"),
        Index("ix_audit_staff_id", "staff_id", "at", "id"),
        Index("ix_audit_object", "object_kind", "object_id", "at", "id"),
        Index("ix_audit_act", "act", "at", "id"),
        INSERT_ONLY,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[int | None]
    login: Mapped[str] = mapped_column(String(64), default="")
    name: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[str] = mapped_column(String(20), default="")
    act: Mapped[str] = mapped_column(String(32))
    object_kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(150))
    """The longest is a call's id: Asterisk's Uniqueid has at most 149 characters."""
    detail: Mapped[str] = mapped_column(String(200), default="")


def require_reader(viewer: Viewer) -> None:
    """Raises NotVisible for who may not read what is on record."""
    if not may(viewer, Action.READ_AUDIT):
        raise NotVisible(Action.READ_AUDIT)


def note(
    session: Session,
    viewer: Viewer | None,
    act: Act,
    object_kind: str,
    object_id: object,
    at: datetime,
    detail: str = "",
) -> None:
    """Write one row. `detail` takes codes (a state, a reason code), never free text or names."""
    session.add(
        AuditRow(
            at=at,
            staff_id=viewer.staff_id if viewer else None,
            login=viewer.login if viewer else "",
            name=viewer.name if viewer else "",
            role=viewer.role if viewer else "",
            act=act,
            object_kind=object_kind,
            object_id=str(object_id),
            detail=detail,
        )
    )


def noted(
    session: Session, viewer: Viewer, act: Act, object_kind: str, object_id: object, since: datetime
) -> bool:
    """Whether this person did this to this thing since then."""
    query = select(AuditRow.id).where(
        AuditRow.object_kind == object_kind,
        AuditRow.object_id == str(object_id),
        AuditRow.staff_id == viewer.staff_id,
        AuditRow.act == act,
        AuditRow.at >= since,
    )
    return session.scalar(query.limit(1)) is not None

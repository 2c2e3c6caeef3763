"""The rows of files of cases."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.sealed_columns import SealedText
from hotline.sealed_rows import SealedRow


class CaseAttachmentRow(SealedRow, Base):
    """One accepted file: sealed. Never changed; the event on the spine tells of it."""

    __tablename__ = "case_attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    word: Mapped[str] = mapped_column(String(32), unique=True)
    """What its seal is bound to, before there is an id: random, or of what its page sent, so that it is
    known again."""
    name: Mapped[str] = mapped_column(SealedText("case_attachment.name"))
    """Cleaned (`intake.reports.attachment_names`), with the ending of its kind."""
    kind: Mapped[str] = mapped_column(String(40))
    """Its media type by content, a key of `intake.reports.attachment_kinds.ENDINGS`."""
    size: Mapped[int]
    """Bytes before it was sealed."""
    added_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)

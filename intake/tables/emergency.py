"""The rows of calls that are made from cases."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base


class CaseCallRow(Base):
    """A wish of a call (`intake.tables.callbacks.CallOutRow`) that somebody had on a case's page."""

    __tablename__ = "case_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    call_out_id: Mapped[int] = mapped_column(ForeignKey("call_out.id"), unique=True)
    whom: Mapped[str] = mapped_column(String(160))
    """The office, as it is called in the directory or was typed."""

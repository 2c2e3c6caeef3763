"""A document as it lies on paper, in words already: the one source of its PDF and its DOCX. Pure.

The layout is that of Decree 30/2020/NĐ-CP, phụ lục I (mục II.I: page, margins, type; sơ đồ: which part
stands where). The two typesetters (`intake.documents.paper_pdf`, `intake.documents.paper_docx`) put
every text in as it is and interpret nothing in it.
"""

from dataclasses import asdict, dataclass
from typing import Any

MARGINS_MM = {"top": 20, "bottom": 20, "left": 30, "right": 20}
"""Allowed: 20–25, 20–25, 30–35, 15–20."""
TYPEFACE = "Times New Roman"
"""Fonts of the same measures stand in for it where it is not installed."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Of a section, or (`level` 2) of a part of one."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Answers:
    """Questions on one line, each with what was written; "" leaves dots to write on."""

    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """A question with its boxes: (words, whether it is the chosen one)."""

    label: str
    options: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A remark in italics."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """`widths`: parts of the width; `centered`: columns from this one on (-1: none)."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    centered: int = -1
    total: bool = False
    """Whether the last row is one of totals."""


Block = Heading | Answers | Choices | Note | Table


@dataclass(frozen=True, slots=True)
class Head:
    """`parent` may be empty. `symbol` and `place_and_date` are whole lines ("Số: 12/BC-TĐ111-HN",
    "Hà Nội, ngày 05 tháng 02 năm 2026"); `reading`: how confidential it is and who may read it
    (NĐ 56/2017 Đ24.3), one line each, in the frame for chỉ dẫn về phạm vi lưu hành."""

    country: str
    motto: str
    parent: str
    office: str
    symbol: str
    place_and_date: str
    title: str
    subject: str
    reading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Foot:
    """`recipients`: without dashes; `capacity`: quyền hạn, chức vụ of the signer, who may be empty."""

    recipients_label: str
    recipients: tuple[str, ...]
    capacity: str
    signer: str


@dataclass(frozen=True, slots=True)
class Paper:
    """`stamp`: what is stamped on it, across each page (the first line) and above the first (all of
    them); the PDF alone carries it."""

    head: Head
    blocks: tuple[Block, ...]
    foot: Foot
    stamp: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON takes it; each block says its `kind`."""
        return {
            "head": asdict(self.head),
            "blocks": [{"kind": type(one).__name__.lower(), **asdict(one)} for one in self.blocks],
            "foot": asdict(self.foot),
            "stamp": list(self.stamp),
        }

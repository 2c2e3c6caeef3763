"""A report as the files that it is handed on in."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from dashboard.report_paper import Cover, Report, paper, plain, sheet
from dashboard.roster_sheet import XLSX
from hotline.clock import local
from hotline.settings import settings
from intake.documents.document_files import KINDS
from intake.documents.paper import Paper
from intake.documents.paper_docx import docx
from intake.documents.paper_pdf import pdf
from intake.statistics.tables import Compared


class Format(StrEnum):
    JSON = "json"
    XLSX = "xlsx"
    DOCX = "docx"
    PDF = "pdf"


MEDIA: Mapping[Format, str] = {
    Format.JSON: "application/json",
    Format.XLSX: XLSX,
    Format.DOCX: KINDS["docx"],
    Format.PDF: KINDS["pdf"],
}
_WRITTEN: Mapping[Format, Callable[[Report], bytes]] = {
    Format.JSON: lambda report: json.dumps(plain(report), ensure_ascii=False, indent=1).encode(),
    Format.XLSX: sheet,
    Format.DOCX: lambda report: docx(_draft(report)),
    Format.PDF: lambda report: pdf(_draft(report)),
}


def _draft(report: Report) -> Paper:
    """What is written at once nobody has signed; those that are: `intake.official_reports`."""
    return paper(report, settings(), Cover(on=local(report.made_at).date(), draft=True))


def written(as_: Format, report: Report) -> bytes:
    return _WRITTEN[as_](report)


def only(report: Report, tables: Sequence[Compared]) -> Report:
    """The same with no other tables than these."""
    return replace(report, tables=tables)

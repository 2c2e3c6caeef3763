"""A report frozen and thawed: these bytes somebody signs, and what is printed comes out of them."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from dashboard.report_paper import Cover, Report, paper
from hotline.clock import local
from hotline.settings import Settings
from intake.documents.paper import Paper
from intake.official_reports.official_reports import Letter
from intake.official_reports.report_files import ToPrint


@dataclass(frozen=True, slots=True)
class Frozen:
    """All that is printed but number, date and signature."""

    report: Report
    letter: Letter


_JSON = TypeAdapter(Frozen)


def freeze(of: Frozen) -> bytes:
    return _JSON.dump_json(of)


def draft(of: Frozen, signer: str, settings: Settings) -> Paper:
    """Without number and date; `signer`: who shall sign."""
    return paper(of.report, settings, Cover(of.letter, signer=signer, draft=True))


def signed(order: ToPrint, settings: Settings) -> Paper:
    frozen = _JSON.validate_json(order.frozen)
    cover = Cover(frozen.letter, order.symbol, local(order.signed_at).date(), order.signer)
    return paper(frozen.report, settings, cover)

"""A report frozen and thawed: these bytes somebody signs, and what is printed comes out of them."""

from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from dashboard.formats import day
from dashboard.i18n import N_, Language
from dashboard.report_paper import Cover, Report, paper
from hotline.clock import local
from hotline.settings import Settings
from intake.documents.paper import Paper
from intake.official_reports.official_reports import Letter
from intake.official_reports.report_files import ToPrint, ToStamp

_VI = Language("vi")
_WITHDRAWN = N_("ĐÃ THU HỒI")
_WHICH = N_("Báo cáo số %(symbol)s ngày %(day)s, không còn hiệu lực.")
_WHEN = N_("Thu hồi ngày %(day)s. Lý do: %(why)s")
_DIGEST = N_("Mã băm SHA-256 của nội dung đã ký: %(digest)s")


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


def withdrawn(order: ToStamp, settings: Settings) -> Paper:
    """What was signed, with what became of it across every page."""
    on, printed = local(order.withdrawn_at), order.printed
    told: tuple[tuple[str, dict[str, str]], ...] = (
        (_WITHDRAWN, {}),
        (_WHICH, {"symbol": printed.symbol, "day": day(local(printed.signed_at))}),
        (_WHEN, {"day": day(on), "why": order.why}),
        (_DIGEST, {"digest": order.digest}),
    )
    return replace(signed(printed, settings), stamp=tuple(_VI.say(text, **of) for text, of in told))


def signed(order: ToPrint, settings: Settings) -> Paper:
    frozen = _JSON.validate_json(order.frozen)
    cover = Cover(frozen.letter, order.symbol, local(order.signed_at).date(), order.signer)
    return paper(frozen.report, settings, cover)

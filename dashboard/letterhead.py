"""The head that all our papers have (NĐ 30/2020, phụ lục I). Always in Vietnamese."""

from datetime import date

from dashboard.i18n import FIRST, N_, Language
from hotline.settings import Settings
from intake.documents.paper import Head

_VI = Language(FIRST)
_COUNTRY = N_("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
_MOTTO = N_("Độc lập - Tự do - Hạnh phúc")
_PLACE_AND_DATE = N_("%(place)s, ngày %(day)s tháng %(month)s năm %(year)s")
RECIPIENTS = N_("Nơi nhận:")
MADE_UP = N_("SỐ LIỆU MÔ PHỎNG, KHÔNG CÓ THẬT")
BLANK = "....."


def head(
    of: Settings,
    *,
    symbol: str,
    place_and_date: str,
    title: str,
    subject: str,
    reading: tuple[str, ...],
    office: str | None = None,
) -> Head:
    """`office`: another than ours, which has nobody above it here."""
    return Head(
        country=_VI.say(_COUNTRY),
        motto=_VI.say(_MOTTO),
        parent=of.document_parent if office is None else "",
        office=of.document_office if office is None else office,
        symbol=symbol,
        place_and_date=place_and_date,
        title=title,
        subject=subject,
        reading=reading,
    )


def dated(place: str, made: date | None) -> str:
    """Days below ten, and January and February, have a zero before them (phụ lục I, II.4). None: to be
    filled in by hand."""
    if made is None:
        return _VI.say(_PLACE_AND_DATE, place=place, day=BLANK, month=BLANK, year=BLANK)
    month = f"{made.month:02d}" if made.month < 3 else str(made.month)
    return _VI.say(_PLACE_AND_DATE, place=place, day=f"{made.day:02d}", month=month, year=made.year)

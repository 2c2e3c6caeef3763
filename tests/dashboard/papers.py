"""Filled forms to set on paper, and pages compared as pictures."""

from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops

from hotline.ids import CenterId
from hotline.staff import Center
from intake.documents import statutory_forms
from intake.documents.document_files import Order
from intake.documents.documents import Level, Setting

GOLDEN = Path(__file__).parent / "golden"
_SCALE = 0.75
"""Of 72 dots an inch: lines and blocks of text are seen, the shapes of letters hardly."""
_NOT_ALIKE = 60
"""Of 255: how much lighter or darker one spot must be."""
_MOST = 0.004
"""Of all spots of a page: another version of a typeface moves edges, another layout moves lines."""
MORNING = datetime(2026, 2, 5, 1, 30, tzinfo=UTC)
LONG_NAME = "Nguyễn Phúc Công Tằng Tôn Nữ Hoàng Diễm Quỳnh Phương Uyên"
_STORY = (
    "Cháu bị cha dượng đánh nhiều lần bằng thắt lưng, lần gần nhất là tối hôm trước. "
    "Hàng xóm nghe tiếng khóc và gọi 111."
)
RECEPTION = {
    "group": "abused",
    "through": "phone",
    "received_time": "08:05",
    "received_on": "2026-02-05",
    "child_name": LONG_NAME,
    "birth_date": "2017-09-03",
    "sex": "female",
    "place": "thôn Bãi, Xã Kim Bôi, huyện Kim Bôi, Hòa Bình",
    "condition": f"{_STORY}\nTay trái sưng.",
    "consequences": "Có thể bị đánh nữa ngay trong tối nay.",
    "father_name": "Bùi Văn Nguyễn Thành Đạt",
    "father_age": "41",
    "mother_name": "Đinh Thị Thường Xuyên",
    "mother_job": "công nhân khu công nghiệp Lương Sơn, làm ca đêm",
    "family": _STORY * 3,
    "caregiver": "mẹ và cha dượng",
    "informant_agreed": "1",
    "informant_name": "Quách Thị Ngoan",
}
ASSESSMENT = {
    "child_name": LONG_NAME,
    "assessed_on": "2026-02-05",
    "assessor": "Hoàng Thị Thùy Dung",
    "harm_degree": "high",
    "harm_again": "high",
    "protects_self": "low",
    "accepts_help": "high",
    "conclusion": "emergency",
    "shelter.care_place.service": "ở nhà bà ngoại, công an xã đưa đến",
    "shelter.care_place.unit": "UBND xã, công an xã",
    "safety.medical.service": "khám, chụp tay trái",
    "other_needs.1.need": "được đi học lại",
}
SETTING = Setting(
    signer="Nguyễn Thị An",
    recipients="- UBND xã Kim Bôi;\nCông an xã Kim Bôi",
    level=Level.CONFIDENTIAL,
)


def order(
    code: str, values: dict[str, str], setting: Setting = SETTING, number: str = "07/BC-TĐ111-HN"
) -> Order:
    form = statutory_forms.CURRENT[code]
    told = dict(statutory_forms.disclosed(form, values))
    center = Center(CenterId(1), "HN", "Hà Nội")
    return Order(form, told, setting, number, "2026-HN-000123", center, MORNING)


def pages(pdf: bytes, scale: float = _SCALE) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.render(scale=scale, grayscale=True).to_pil() for page in document]


def text(pdf: bytes) -> str:
    """All words, as somebody reads them who copies them out of it, on one line."""
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def unlike(made: Image.Image, golden: Image.Image) -> float:
    """How much of the page differs: 0 to 1."""
    if made.size != golden.size:
        return 1.0
    grey = ImageChops.difference(made, golden).histogram()
    return sum(grey[_NOT_ALIKE:]) / (made.width * made.height)


def same(made: Image.Image, golden: Image.Image) -> bool:
    return unlike(made, golden) <= _MOST


PAPERS = {
    "reception": order("reception", RECEPTION),
    "reception_blank": order("reception", {}),
    "initial_assessment": order("initial_assessment", ASSESSMENT),
    "separation": order("separation", {"child_name": LONG_NAME}, Setting(), "....../QĐ-UBND"),
}
"""What is stored as pictures, page by page: `reception-1.png`."""


def golden(name: str, page: int) -> Image.Image:
    return Image.open(GOLDEN / f"{name}-{page}.png").convert("L")


if __name__ == "__main__":  # after a layout was changed on purpose: look at what it writes
    from dashboard.form_paper import paper
    from hotline.settings import settings
    from intake.documents.paper_pdf import pdf

    GOLDEN.mkdir(exist_ok=True)
    for each, what in PAPERS.items():
        for place, sheet in enumerate(pages(pdf(paper(what, settings()))), start=1):
            sheet.quantize(16).save(GOLDEN / f"{each}-{place}.png", optimize=True)

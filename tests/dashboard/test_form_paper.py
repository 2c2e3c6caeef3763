"""Documents as they lie on paper: PDF pages beside stored pictures, and what the DOCX is made of."""

from io import BytesIO

import pytest
from docx import Document
from docx.shared import Mm, Pt

from dashboard.form_paper import paper
from hotline.settings import settings
from intake.documents import statutory_forms, typefaces
from intake.documents.documents import Setting
from intake.documents.paper_docx import docx
from intake.documents.paper_pdf import pdf
from intake.forms import forms
from tests.dashboard import papers
from tests.dashboard.papers import ASSESSMENT, LONG_NAME, PAPERS, RECEPTION, order

TYPED = (
    '{{ 7*7 }} {% raw %} #eval("1") #sys.inputs \\alpha =1+1 $x^2$ '
    "<b>&amp; *a* _b_ `c` @ref // x /* %(group)s"
)
"""What templates, word processors and typesetters take for their own."""


@pytest.fixture(scope="module", autouse=True)
def _typeface() -> None:
    typefaces.ensure_installed()


def words_of(file: bytes) -> str:
    """Every word of a DOCX, tables too, on one line."""
    document = Document(BytesIO(file))
    return " ".join(
        "".join(node.itertext()) for node in document.element.body.iter() if node.tag.endswith("}p")
    )


@pytest.mark.parametrize("name", PAPERS)
def test_the_pages_look_as_they_did(name: str) -> None:
    made = papers.pages(pdf(paper(PAPERS[name], settings())))
    assert len(made) == len(list(papers.GOLDEN.glob(f"{name}-*.png")))
    for number, page in enumerate(made, start=1):
        assert papers.same(page, papers.golden(name, number)), (
            f"{name}-{number}: `python -m tests.dashboard.papers`"
        )


def test_another_layout_is_noticed() -> None:
    there = papers.golden("reception", 1)
    (blank,) = papers.pages(pdf(paper(PAPERS["reception_blank"], settings())))
    assert not papers.same(blank, there)
    setting = Setting(signer="Nguyễn Thị Bình")
    (other,) = papers.pages(pdf(paper(order("reception", {}, setting), settings())))
    assert not papers.same(other, blank)


def test_what_decree_30_asks_for_is_there() -> None:
    told = papers.text(pdf(paper(PAPERS["reception"], settings())))
    for part in (
        "CỤC BÀ MẸ VÀ TRẺ EM",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: 07/BC-TĐ111-HN",
        "Hà Nội, ngày 05 tháng 02 năm 2026",
        "BÁO CÁO Tiếp nhận thông tin trẻ em bị xâm hại",
        "Mức độ bảo mật: Bảo mật",
        "Phạm vi lưu hành: Chỉ người có trách nhiệm",
        "Nơi nhận: - UBND xã Kim Bôi; - Công an xã Kim Bôi; - Lưu: VT, hồ sơ ca 2026-HN-000123.",
        "CÁN BỘ TIẾP NHẬN THÔNG TIN",
        "Nguyễn Thị An",
        f"Họ và tên trẻ em: {LONG_NAME}",
        "Ngày tháng năm sinh: 03/09/2017",
    ):
        assert part in told


def test_the_docx_has_the_same_words_and_the_page_of_decree_30() -> None:
    for what in PAPERS.values():
        sheet = paper(what, settings())
        file = docx(sheet)
        told = words_of(file)
        for block in sheet.plain()["blocks"]:
            for word in (block.get("text"), block.get("label"), *(block.get("header") or ())):
                assert (word or "") in told
        for word in (
            sheet.head.title.upper(),
            sheet.head.subject,
            sheet.head.symbol,
            *sheet.foot.recipients,
        ):
            assert word in told
    section = Document(BytesIO(file)).sections[0]
    page = (section.page_width, section.page_height, section.left_margin, section.right_margin)
    assert [round((length or 0) / Mm(1)) for length in page] == [210, 297, 30, 20]
    style = Document(BytesIO(file)).styles["Normal"]
    assert (style.font.name, style.font.size) == ("Times New Roman", Pt(13))


def test_scores_are_counted_apart_and_say_what_high_means() -> None:
    document = Document(BytesIO(docx(paper(PAPERS["initial_assessment"], settings()))))
    totals = [
        [cell.text for cell in row.cells]
        for table in document.tables
        for row in table.rows
        if row.cells[0].text.startswith("Tổng số")
    ]
    assert totals == [["Tổng số (Cao là xấu)", "2", "0", "0"], ["Tổng số (Cao là tốt)", "1", "0", "1"]]
    told = papers.text(
        pdf(paper(order("initial_assessment", {**ASSESSMENT, "conclusion": ""}), settings()))
    )
    assert "Ở phần này “Cao” là xấu" in told
    assert "Ở phần này “Cao” là tốt" in told


def test_nothing_typed_is_interpreted() -> None:
    everywhere = dict.fromkeys(("child_name", "condition", "family", "informant_name"), TYPED)
    setting = Setting(TYPED, TYPED, TYPED, readers=TYPED)
    sheet = paper(order("reception", {**everywhere, "informant_agreed": "1"}, setting), settings())
    told = papers.text(pdf(sheet))
    assert told.count(TYPED) + told.count(TYPED.upper()) >= 4 + 3
    assert words_of(docx(sheet)).count(TYPED) >= 4 + 2
    sheet = paper(order("plan", {"work.1.activity": f"{TYPED}\n{TYPED}"}), settings())
    assert "#eval" in papers.text(pdf(sheet))


def test_every_sign_that_can_be_typed_can_be_printed() -> None:
    """Of all planes some, and all that files have trouble with."""
    odd = "".join(map(chr, (*range(0x20), 0x7F, 0xAD, *range(0x200B, 0x2010), 0xFEFF, 0xFFFE, 0xFFFF)))
    some = "".join(chr(one) for one in range(0x20, 0x11_0000, 4_999) if not 0xD800 <= one < 0xE000)
    typed = {"condition": forms.tidy(f"{odd}{some}\ud800"), "child_name": "Bùi Thị Na"}
    sheet = paper(order("reception", typed), settings())
    assert "Bùi Thị Na" in words_of(docx(sheet))
    assert "Bùi Thị Na" in papers.text(pdf(sheet))


def test_who_told_it_is_printed_only_when_they_agreed() -> None:
    silent = {name: text for name, text in RECEPTION.items() if name != statutory_forms.AGREED}
    sheet = paper(order("reception", silent), settings())
    for told in (papers.text(pdf(sheet)), words_of(docx(sheet))):
        assert "Ngoan" not in told
        assert "chưa được họ đồng ý" in told
    assert "Quách Thị Ngoan" in papers.text(pdf(paper(PAPERS["reception"], settings())))


@pytest.mark.parametrize("code", statutory_forms.CURRENT)
def test_every_form_can_be_printed_with_nothing_in_it(code: str) -> None:
    form = statutory_forms.CURRENT[code]
    sheet = paper(order(code, {}), settings())
    assert pdf(sheet).startswith(b"%PDF")
    assert docx(sheet).startswith(b"PK")
    assert ("chưa đối chiếu được" in str(sheet)) is (not form.seen and bool(form.number))

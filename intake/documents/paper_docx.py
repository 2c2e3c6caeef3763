"""Paper as DOCX, to be worked on further in a word processor.

The only user of `docx` (python-docx). Every text goes in as a run of its own, so nothing typed becomes
a field, a style or markup; signs that XML cannot hold were taken out when it was typed (`forms.tidy`).
"""

from io import BytesIO

from docx import Document
from docx.document import Document as Docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from intake.documents.paper import (
    MARGINS_MM,
    TYPEFACE,
    Answers,
    Block,
    Choices,
    Foot,
    Head,
    Heading,
    Note,
    Paper,
    Table,
)

_WIDTH_MM = 210 - MARGINS_MM["left"] - MARGINS_MM["right"]
_HALVES = (45, 55)
_DOTS = "." * 16
_BEFORE_BORDERS = {qn(f"w:{name}") for name in ("pStyle", "keepNext", "keepLines", "pageBreakBefore")}
_CENTER = WD_ALIGN_PARAGRAPH.CENTER


def docx(paper: Paper) -> bytes:
    """The file."""
    document = Document()
    _set_page(document)
    _head(document, paper.head)
    for block in paper.blocks:
        _block(document, block)
    _foot(document, paper.foot)
    document.core_properties.title = f"{paper.head.title} {paper.head.subject}"
    document.core_properties.author = paper.head.office
    document.core_properties.comments = ""
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def _set_page(document: Docx) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(MARGINS_MM["top"]), Mm(MARGINS_MM["bottom"])
    section.left_margin, section.right_margin = Mm(MARGINS_MM["left"]), Mm(MARGINS_MM["right"])
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.alignment = _CENTER
    _page_number(number)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = TYPEFACE, Pt(13)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(kind), TYPEFACE)
    spacing = normal.paragraph_format
    spacing.space_before, spacing.space_after, spacing.line_spacing = Pt(0), Pt(6), 1.0


def _page_number(paragraph: Paragraph) -> None:
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)


def _head(document: Docx, head: Head) -> None:
    left, right = _halves(document)
    if head.parent:
        _say(left.paragraphs[0], head.parent.upper(), 12)
    office = left.add_paragraph() if head.parent else left.paragraphs[0]
    _say(office, head.office.upper(), 12, bold=True)
    _rule(left.add_paragraph(), 25)
    _say(right.paragraphs[0], head.country, 12, bold=True)
    _say(right.add_paragraph(), head.motto, 13, bold=True)
    _rule(right.add_paragraph(), 12)
    left, right = _halves(document)
    _say(left.paragraphs[0], head.symbol, 13)
    _say(right.paragraphs[0], head.place_and_date, 13, italic=True)
    if head.reading:
        frame = document.add_table(rows=1, cols=1)
        frame.style = "Table Grid"
        for number, line in enumerate(head.reading):
            cell = frame.cell(0, 0)
            paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
            _say(paragraph, line, 12, centered=False)
    title = document.add_paragraph()
    title.paragraph_format.space_before = Pt(12)
    _say(title, head.title.upper(), 14, bold=True)
    _say(document.add_paragraph(), head.subject, 14, bold=True)
    _rule(document.add_paragraph(), 60)


def _halves(document: Docx) -> tuple[_Cell, _Cell]:
    table = document.add_table(rows=1, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, share in zip(table.columns, _HALVES, strict=True):
        column.width = Mm(_WIDTH_MM * share / 100)
    for cell, share in zip(table.rows[0].cells, _HALVES, strict=True):
        cell.width = Mm(_WIDTH_MM * share / 100)
    return table.cell(0, 0), table.cell(0, 1)


def _say(
    paragraph: Paragraph,
    text: str,
    size: float,
    *,
    bold: bool = False,
    italic: bool = False,
    centered: bool = True,
) -> None:
    """Line ends become line breaks: `add_run` makes them of `\\n`."""
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)
    paragraph.paragraph_format.space_after = Pt(2)
    if centered:
        paragraph.alignment = _CENTER


def _rule(paragraph: Paragraph, indent_mm: float) -> None:
    """A line above an empty paragraph that is indented from both sides."""
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Mm(indent_mm)
    form.space_after, form.line_spacing = Pt(4), Pt(4)
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    # where the schema has it: Word refuses properties out of their order
    properties = paragraph._p.get_or_add_pPr()
    after = [one for one in properties if one.tag in _BEFORE_BORDERS]
    properties.insert(len(after), borders)


def _block(document: Docx, block: Block) -> None:
    match block:
        case Heading():
            paragraph = document.add_paragraph()
            paragraph.paragraph_format.space_before = Pt(8)
            paragraph.paragraph_format.keep_with_next = True
            run = paragraph.add_run(block.text)
            run.bold, run.italic = True, block.level > 1
        case Answers():
            _answers(document.add_paragraph(), block)
        case Choices():
            boxes = "   ".join(f"{'☒' if chosen else '☐'} {words}" for words, chosen in block.options)
            document.add_paragraph(f"{block.label}:   {boxes}")
        case Note():
            document.add_paragraph().add_run(block.text).italic = True
        case Table():
            _table(document, block)


def _answers(paragraph: Paragraph, block: Answers) -> None:
    """An empty one at the end gets a dotted line up to the margin, one before others some dots."""
    *others, (label, text) = block.parts
    before = "".join(f"{one}: {words or _DOTS}  " for one, words in others)
    paragraph.add_run(f"{before}{label}: {text}")
    if text:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        return
    stops = paragraph.paragraph_format.tab_stops
    stops.add_tab_stop(Mm(_WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    paragraph.add_run("\t")


def _table(document: Docx, block: Table) -> None:
    table = document.add_table(rows=0, cols=len(block.header))
    table.style = "Table Grid"
    table.autofit = False
    for number, line in enumerate((block.header, *block.rows)):
        heavy = number == 0 or (block.total and number == len(block.rows))
        for place, (cell, text) in enumerate(zip(table.add_row().cells, line, strict=True)):
            cell.width = Mm(_WIDTH_MM * block.widths[place] / sum(block.widths))
            middle = number == 0 or 0 <= block.centered <= place
            _say(cell.paragraphs[0], text, 12, bold=heavy, centered=middle)
    header = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(header)
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _foot(document: Docx, foot: Foot) -> None:
    left, right = _halves(document)
    label = left.paragraphs[0].add_run(foot.recipients_label)
    label.bold, label.italic, label.font.size = True, True, Pt(12)
    for one in foot.recipients:
        _say(left.add_paragraph(), f"- {one}", 11, centered=False)
    _say(right.paragraphs[0], foot.capacity, 13, bold=True)
    room = right.add_paragraph()
    room.paragraph_format.space_after = Pt(58)
    _say(right.add_paragraph(), foot.signer, 13, bold=True)

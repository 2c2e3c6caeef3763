"""The report of a period, read out of what it is written as."""

import json
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import docx as python_docx
import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine
from typer.testing import CliRunner

from dashboard.i18n import Language
from dashboard.report_command import app, report_of
from dashboard.report_paper import named, paper, plain, sheet
from dashboard.report_rows import rows
from hotline.clock import utc_now
from hotline.errors import BadInput
from hotline.settings import settings
from intake.documents.paper_docx import docx
from intake.history.loading import make_of
from intake.history.published import PUBLISHED
from intake.statistics import periods
from intake.statistics.tables import Compared, Line, Table
from tests.intake.test_history import NOW, SMALL, house

__all__ = ["house"]
VI = Language("vi")


def told(content: bytes) -> Mapping[str, Mapping[str, str]]:
    """Heading of each table of a document → its rows: label → the count of this period."""
    found: dict[str, dict[str, str]] = {}
    heading = ""
    document = python_docx.Document(BytesIO(content))
    for part in document.iter_inner_content():
        if isinstance(part, python_docx.table.Table):
            cells = [[cell.text for cell in row.cells] for row in part.rows]
            if heading:
                found[heading] = {line[0]: line[1] for line in cells[1:]}
            heading = ""
        elif part.text:
            heading = part.text
    return found


def test_the_same_figures_stand_in_the_document_the_sheet_and_the_json(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    report = report_of(periods.year(2019))
    in_document = told(docx(paper(report, settings())))
    assert in_document["Cuộc gọi đến đường dây trẻ em"]["Tổng số"] == "600"
    assert in_document["Tư vấn, theo kênh tiếp nhận"] == {
        "Điện thoại": "54",
        "Báo chí, mạng xã hội": "4",
        "Đơn thư": "2",
        "Tổng số": "60",
    }
    assert in_document["Số ca và số trẻ em"] == {"Số ca": "20", "Số trẻ em": "23"}
    in_json = {table["code"]: table for table in json.loads(json.dumps(plain(report)))["tables"]}
    assert (in_json["cases"]["total"], in_json["cases"]["missing"]) == (20, 0)
    assert {row["code"]: row["now"] for row in in_json["ways"]["rows"]}["phone"] == 54
    page = load_workbook(BytesIO(sheet(report))).active
    assert page is not None
    assert page.title == "Mô phỏng"
    cells = {line[0]: line[1] for line in page.iter_rows(values_only=True) if line}
    assert cells["Trẻ được miễn phí"] == 3


def test_small_counts_of_children_are_hidden_everywhere() -> None:
    lines = [Line(code, now, 9, 0) for code, now in (("male", 2), ("female", 40), ("unknown", 9))]
    shown = rows(VI, Compared(Table.CHILDREN_SEX, lines, Line("total", 51, 27, 0), 0))
    assert [row.values[0] for row in shown] == [None, 40, None, 51]
    assert [row.shown(VI)[1] for row in shown] == ["< 5", "40", "< 5", "51"]
    cases = rows(VI, Compared(Table.CASES, [Line("violence", 2, None, None)], None, 0))
    assert cases[0].shown(VI)[1:] == ("2", "–", "–", "–")


def test_what_the_parts_lack_of_the_total_is_a_line_of_its_own() -> None:
    shown = rows(
        VI, Compared(Table.CASES, [Line("violence", 1_560, 1, 1)], Line("total", 1_561, 1, 1), 1)
    )
    assert [row.values[0] for row in shown] == [1_560, 1_561, 1]
    assert "Chênh lệch" in shown[-1].label


def test_growth_is_told_as_the_hotline_tells_it() -> None:
    (row,) = rows(VI, Compared(Table.CASE_CHILDREN, [Line("cases", 984, 806, 806)], None, 0))
    assert row.shown(VI) == ("Số ca", "984", "806", "806", "+178 (+22,1 %)")


def test_the_command_writes_every_format_and_says_what_is_wrong(house: Engine, tmp_path: Path) -> None:
    make_of(house, SMALL, 7, NOW)
    run = CliRunner().invoke
    year = ["annual", "--year", "2019"]
    assert json.loads(run(app, year).stdout)["made_up"] is True
    for kind, begins in (("docx", b"PK"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        file = tmp_path / f"report.{kind}"
        assert run(app, [*year, "--format", kind, "--out", str(file)]).exit_code == 0
        assert file.read_bytes().startswith(begins)
    days = ["period", "--since", "2019-03-01", "--until", "2019-02-01"]
    assert isinstance(run(app, days).exception, BadInput)
    assert isinstance(run(app, ["monthly", "--year", "2018", "--month", "3"]).exception, BadInput)
    assert json.loads(run(app, ["quarterly", "--year", "2019", "--quarter", "2"]).stdout)["tables"]


def test_a_period_is_called_as_people_call_it() -> None:
    assert named(periods.year(2019)) == "năm 2019"
    assert named(periods.month(2019, 2)) == "từ ngày 01/02/2019 đến ngày 28/02/2019"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_2019_comes_out_to_the_digit(house: Engine) -> None:
    """As the report on 2019 has it, with its growth on 2018, read out of the rendered document."""
    make_of(house, replace(PUBLISHED[2018], calls=40_000), 111, utc_now())
    make_of(house, PUBLISHED[2019], 111, utc_now())
    found = told(docx(paper(report_of(periods.year(2019)), settings())))
    assert found["Cuộc gọi đến đường dây trẻ em"]["Tổng số"] == "506.957"
    ways = found["Tư vấn, theo kênh tiếp nhận"]
    assert ways == {
        "Điện thoại": "31.689",
        "Báo chí, mạng xã hội": "353",
        "Đơn thư": "36",
        "Công văn": "0",
        "Tổng số": "32.078",
    }
    assert found["Công văn đến, chưa thành ca"] == {"Công văn": "30"}
    cases = found["Ca hỗ trợ, can thiệp, theo vấn đề"]
    assert cases["Tổng số"] == "984"
    assert [cases[each] for each in ("Bạo lực", "Xâm hại tình dục", "Bóc lột")] == ["406", "322", "80"]
    assert found["Đường dây phòng, chống mua bán người"] == {
        "Cung cấp thông tin": "2.226",
        "Tư vấn": "259",
        "Chuyển tuyến giải cứu, hỗ trợ nạn nhân": "35",
        "Tổng số": "2.520",
    }
    assert found["Trị liệu tâm lý"] == {
        "Lượt đánh giá": "219",
        "Lượt trị liệu": "6.262",
        "Trẻ được trị liệu": "62",
        "Trẻ được miễn phí": "17",
    }
    tables = {one.table: one for one in report_of(periods.year(2019)).tables}
    total = tables[Table.CASES].total
    assert total is not None
    assert (total.growth, f"{total.growth_share:.1f}") == (178, "22.1")
    by_problem = {line.code: line.growth for line in tables[Table.CASES].lines}
    assert [by_problem[each] for each in ("violence", "sexual_abuse", "exploitation")] == [49, 72, 34]

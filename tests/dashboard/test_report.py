"""The report of a period, read out of what it is written as."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import docx as python_docx
import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine
from typer.testing import CliRunner

from dashboard.i18n import Language
from dashboard.report_command import app, report_of
from dashboard.report_paper import Cover, Report, named, paper, plain, sheet
from dashboard.report_rows import rows
from hotline import sealed_columns
from hotline.clock import utc_now
from hotline.db import make_engine
from hotline.errors import BadInput
from hotline.sealed import Key
from hotline.settings import settings
from intake.documents.paper_docx import docx
from intake.history.loading import make_of
from intake.history.published import PUBLISHED, Figures
from intake.history.year_plan import Plan, plan
from intake.statistics import periods
from intake.statistics.counted_rows import CONSULTED
from intake.statistics.tables import Compared, Line, Table
from tests.intake.test_history import NOW, SMALL, house, people

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
    in_document = told(docx(paper(report, settings(), Cover())))
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
    assert cells["Lượt đánh giá"] == 12
    assert cells["Trẻ được miễn phí"] is None, "three children are few"


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


def test_what_is_no_count_is_told_in_its_own_measure() -> None:
    (share,) = rows(VI, Compared(Table.STEPS_IN_TIME, [Line("verify", 839, None, 932)], None, 0))
    assert share.shown(VI)[1:] == ("83,9 %", "–", "93,2 %", "-9,3 điểm %")
    (time,) = rows(VI, Compared(Table.STEP_MEDIANS, [Line("verify", 224_640, 3_725, 230_000)], None, 0))
    assert time.shown(VI)[1:4] == ("2,6 ngày", "1:02:05", "2,7 ngày")
    assert time.shown(VI)[4].startswith("−1:29:20")
    (load,) = rows(VI, Compared(Table.LOAD_CALLS, [Line("p50", 41, None, None)], None, 0))
    assert load.shown(VI)[1] == "4,1"


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
    assert named(periods.month(2019, 2)) == "tháng 2 năm 2019"
    assert named(periods.quarter(2019, 3)) == "quý III năm 2019"
    days = periods.Period(date(2019, 2, 1), date(2019, 4, 1))
    assert named(days) == "từ ngày 01/02/2019 đến ngày 31/03/2019"


def lean(of: Figures) -> Plan:
    """As planned, but that nobody answered the calls of which no consultation came: how many of them
    were answered is assumed in any case, and what is not answered is written quickly."""
    whole = plan(of)
    consulted = {kind: whole.spoken[kind] for kind in CONSULTED}
    return replace(whole, spoken=consulted, unanswered=sum(whole.months) - sum(consulted.values()))


@pytest.fixture(scope="module")
def years(sqlite_template: Path) -> Iterator[Mapping[int, Report]]:
    """The reports on what was published, of one house with the years before them."""
    engine = make_engine(f"sqlite:///{sqlite_template.with_name('years.db')}")
    shutil.copy(sqlite_template, sqlite_template.with_name("years.db"))
    sealed_columns.make_key(engine, [Key(b"k" * 32)])
    people(engine)
    for year, calls in {2018: 40_000, 2019: None, 2021: None, 2022: None}.items():
        figures = PUBLISHED[year] if calls is None else replace(PUBLISHED[year], calls=calls)
        make_of(engine, figures, 111, utc_now(), planned=lean)
    yield {year: report_of(periods.year(year), engine) for year in (2019, 2021, 2022)}
    engine.dispose()


def document(of: Report) -> Mapping[str, Mapping[str, str]]:
    return told(docx(paper(of, settings(), Cover())))


@pytest.mark.timeout(900)
def test_2019_comes_out_to_the_digit(years: Mapping[int, Report]) -> None:
    """As the report on 2019 has it, with its growth on 2018, read out of the rendered document."""
    found = document(years[2019])
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
    tables = {one.table: one for one in years[2019].tables}
    total = tables[Table.CASES].total
    assert total is not None
    assert (total.growth, f"{total.growth_share:.1f}") == (178, "22.1")
    by_problem = {line.code: line.growth for line in tables[Table.CASES].lines}
    assert [by_problem[each] for each in ("violence", "sexual_abuse", "exploitation")] == [49, 72, 34]


@pytest.mark.timeout(900)
def test_2021_comes_out_as_far_as_it_was_published(years: Mapping[int, Report]) -> None:
    found = document(years[2021])
    assert found["Cuộc gọi đến đường dây trẻ em"]["Tổng số"] == "507.861"
    assert found["Tư vấn, theo mức độ"] == {
        "Hỏi đáp thông tin": "22.681",
        "Tư vấn chuyên sâu": "11.447",
        "Hỗ trợ, can thiệp": "1.257",
        "Tổng số": "35.385",
    }
    assert found["Ca hỗ trợ, can thiệp, theo kênh tiếp nhận"] == {
        "Điện thoại": "1.033",
        "Báo chí, mạng xã hội": "194",
        "Đơn thư": "21",
        "Công văn": "9",
        "Tổng số": "1.257",
    }
    cases = found["Ca hỗ trợ, can thiệp, theo vấn đề"]
    assert (cases["Bạo lực"], cases["Tổng số"]) == ("625", "1.257")
    assert found["Công văn đến, chưa thành ca"] == {"Công văn": "0"}


@pytest.mark.timeout(900)
def test_2022_comes_out_with_the_case_that_its_parts_lack(years: Mapping[int, Report]) -> None:
    found = document(years[2022])
    assert found["Cuộc gọi đến đường dây trẻ em"]["Tổng số"] == "368.346"
    months = found["Cuộc gọi theo tháng"]
    first = [int(months[f"Tháng {month:02}"].replace(".", "")) for month in (1, 2, 3)]
    assert sum(first) == 202_098
    assert found["Tư vấn, theo kênh tiếp nhận"]["Tổng số"] == "27.773"
    cases = found["Ca hỗ trợ, can thiệp, theo vấn đề"]
    told = {"Bạo lực": "888", "Xâm hại tình dục": "170", "Bóc lột": "215", "Mua bán người": "33"}
    assert {name: cases[name] for name in told} == told
    assert (cases["Tổng số"], cases["Chênh lệch giữa tổng số và các dòng trên"]) == ("1.561", "1")

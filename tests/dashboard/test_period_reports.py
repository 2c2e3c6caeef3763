"""The report of a period on a page: which period, what is shown to whom, and what is taken along."""

import json
import re
from datetime import date
from html import unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from dashboard import asked_report, report_view, words
from dashboard.asked_report import Kind, asked
from dashboard.i18n import Language
from dashboard.report_chart import chart
from dashboard.report_command import report_of
from dashboard.report_rows import rows
from hotline.audit import AuditRow
from hotline.db import reading
from hotline.errors import FieldErrors
from intake.history.loading import make_of
from intake.statistics import periods
from intake.statistics.tables import Table
from tests.dashboard.conftest import Face
from tests.intake.test_history import NOW, SMALL
from tests.queries import counted as statements

TODAY = date(2026, 11, 23)
VI = Language("vi")
YEAR = "/figures?kind=year&year=2019"
ON_ONE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
"""What is counted is counted on both in `tests.intake.test_statistics`."""
PURPOSE = {"reason": "report", "words": "báo cáo năm gửi Cục"}


@pytest.fixture
def past(face: Face) -> Face:
    """A hotline with a small year behind it."""
    make_of(face.db, SMALL, 7, NOW)
    return face


def test_an_address_says_which_period() -> None:
    assert asked({}, TODAY).period == periods.month(2026, 10)
    assert asked({"kind": "quarter", "year": "2019", "quarter": "4"}, TODAY).period == periods.quarter(
        2019, 4
    )
    assert asked({"kind": "year"}, TODAY).period == periods.year(2026)
    days = asked({"kind": "days", "first": "2019-02-03", "last": "2019-02-05"}, TODAY)
    assert (days.period.since, days.period.last_day) == (date(2019, 2, 3), date(2019, 2, 5))
    assert days.later.period.since == date(2019, 2, 6)
    for kind in Kind:
        of = asked_report.of_kind(kind, TODAY)
        assert asked(dict(one.split("=") for one in of.query.split("&")), TODAY) == of
        assert of.earlier.later == of or kind is Kind.DAYS


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"kind": "week"}, "kind"),
        ({"kind": "year", "year": "1999"}, "year"),
        ({"kind": "month", "year": "2019", "month": "13"}, "month"),
        ({"kind": "quarter", "year": "2019"}, "quarter"),
        ({"kind": "days", "first": "x", "last": "2019-01-01"}, "first"),
        ({"kind": "days", "first": "2019-02-01", "last": "2019-01-01"}, "last"),
    ],
)
def test_what_is_no_period_is_told_at_its_field(told: dict[str, str], wrong: str) -> None:
    with pytest.raises(FieldErrors) as problem:
        asked(told, TODAY)
    assert set(problem.value.fields) == {wrong}


def test_every_table_has_its_place_on_the_page() -> None:
    placed = [table for of in report_view.CHAPTERS.values() for table in of]
    assert sorted(placed) == sorted(Table)


def test_columns_stand_on_the_ground_and_keep_their_measure() -> None:
    shown = chart(["01", "02", "03"], [35, 0, 70], [70, None, 20])
    assert shown.top == 80
    assert [part.partition("h")[0] for part in shown.columns.split("z")] == [
        "M6 160V90.0",
        "M86 160V20.0",
        "",
    ]
    assert shown.year_before.count("M") == 2
    for most, top in ((0, 2), (3, 4), (9, 10), (55, 60), (81, 100), (506_957, 600_000)):
        assert chart(["x"], [most], [None]).top == top


@ON_ONE
def test_the_page_shows_what_the_command_writes(past: Face) -> None:
    page = past.browser(past.department).get(YEAR).text
    for table in report_of(periods.year(2019)).tables:
        if not table.lines:
            continue
        section = page.partition(f'id="of-{table.table}"')[2].partition("</section>")[0]
        assert words.word(VI, table.table, "report_meant") in section
        cell = r'<th scope="row">.*?<td class="tabular end">(?:<a [^>]*>)?([^<]*)<'
        shown = [unescape(one) for one in re.findall(cell, section, re.S)]
        assert shown == [row.shown(VI)[1] for row in rows(VI, table)], table.table


@ON_ONE
def test_some_tables_are_for_those_who_may_see_their_figures(past: Face) -> None:
    shown = past.browser(past.department).get(YEAR).text
    assert 'id="of-trafficking"' in shown
    assert 'id="of-therapy"' in shown
    for who in (past.lead, past.auditor):
        page = past.browser(who).get(YEAR).text
        assert 'id="of-calls"' in page
        assert 'id="of-trafficking"' not in page
        assert 'id="of-therapy"' not in page
    assert "/figures/export" not in past.browser(past.auditor).get(YEAR).text


def test_a_figure_leads_to_its_rows_and_says_how_many_are_not_shown(past: Face) -> None:
    lead = past.browser(past.lead)
    figure = re.escape("&amp;table=cases&amp;code=violence")
    address = re.search(f'href="([^"]*{figure})">9</a>', lead.get(YEAR).text)
    assert address is not None
    at = address[1].replace("&amp;", "&")
    pages = [past.browser(who).get(at).text for who in (past.department, past.lead, past.far_lead)]
    told = [re.findall(r"<dd>(\d+)</dd>", page) for page in pages]
    assert told == [["9", "9", "0"], ["9", "9", "0"], ["9", "0", "9"]]
    assert [page.count('href="/cases/') for page in pages] == [9, 9, 0]
    assert "code=violence" not in past.browser(past.auditor).get(YEAR).text
    for wrong in ("table=therapy&code=sessions", "table=horses&code=total"):
        assert lead.get(f"/figures/rows?kind=year&year=2019&{wrong}").status_code == 404
    with reading(past.db) as session:
        query = select(AuditRow.detail).where(AuditRow.act == "list", AuditRow.object_kind == "figures")
        assert sorted(session.scalars(query)) == [f"cases violence {seen}" for seen in (0, 9, 9)]


@ON_ONE
def test_a_figure_of_many_months_leads_to_each_of_them(past: Face) -> None:
    lead = past.browser(past.lead)
    page = lead.get("/figures/rows?kind=year&year=2019&table=calls&code=answered").text
    link = r'<a href="(/figures/rows\?[^"]*)">([^<]*)</a></th><td class="tabular end">(\d+)<'
    found = re.findall(link, page)
    (calls,) = (one for one in report_of(periods.year(2019)).tables if one.table is Table.CALLS)
    (answered,) = (line.now for line in calls.lines if line.code == "answered")
    assert len(found) == 12
    assert sum(int(many) for *_, many in found) == answered
    address, name, many = found[2]
    assert name == "tháng 10/2019"
    rows = lead.get(unescape(address)).text
    assert re.findall(r"<dd>(\d+)</dd>", rows)[0] == many
    assert 'href="/calls/' in rows
    nothing = lead.get("/figures/rows?kind=year&year=2018&table=calls&code=answered")
    assert "Không có dòng nào." in nothing.text
    assert past.browser(past.department).get(unescape(address)).status_code == 404
    with reading(past.db) as session:
        query = select(AuditRow.detail).where(AuditRow.act == "list", AuditRow.object_kind == "figures")
        assert "calls answered months" in session.scalars(query).all()


@ON_ONE
def test_a_period_without_anything_and_one_that_is_none(past: Face) -> None:
    lead = past.browser(past.lead)
    assert "Chưa có cuộc gọi" in lead.get("/figures?kind=year&year=2018").text
    wrong = lead.get("/figures?kind=days&first=2019-03-01&last=2019-01-01")
    assert wrong.status_code == 422
    assert 'value="2019-03-01"' in wrong.text
    assert "không trước ngày đầu" in wrong.text


@ON_ONE
def test_each_look_and_each_file_is_on_record(past: Face) -> None:
    lead = past.browser(past.lead)
    lead.get(YEAR)
    answer = lead.post("/figures/export", {"period": "kind=year&year=2019", "kind": "json"} | PURPOSE)
    told = json.loads(answer.content)
    assert {one["code"] for one in told["tables"]}.isdisjoint({"trafficking", "therapy"})
    with reading(past.db) as session:
        query = select(AuditRow).where(AuditRow.object_kind == "figures").order_by(AuditRow.id)
        told_rows = [
            (row.act, row.object_id, row.detail.split(" ")[0]) for row in session.scalars(query)
        ]
    days = "2019-01-01..2019-12-31"
    assert told_rows == [("see", days, ""), ("export", days, "json")]


@ON_ONE
def test_a_report_is_taken_along_in_every_form_and_for_a_purpose(past: Face) -> None:
    department = past.browser(past.department)
    of = {"period": "kind=year&year=2019"}
    for kind, begins in (("docx", b"PK"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        answer = department.post("/figures/export", of | PURPOSE | {"kind": kind})
        assert answer.content.startswith(begins)
        assert f'2019-12-31.{kind}"' in answer.headers["content-disposition"]
        if kind == "xlsx":
            sheet = load_workbook(BytesIO(answer.content)).active
            assert sheet is not None
            assert ["Lượt đánh giá", 12] in [list(row[:2]) for row in sheet.values]
    for lacks in ({"kind": "exe"}, {"reason": ""}, {"words": "x"}):
        answer = department.post("/figures/export", of | PURPOSE | {"kind": "pdf"} | lacks)
        assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)


@ON_ONE
def test_a_page_costs_a_fixed_number_of_statements(past: Face) -> None:
    department = past.browser(past.department)
    department.get(YEAR)
    with statements(past.db) as month:
        department.get("/figures?kind=month&year=2019&month=5")
    with statements(past.db) as year:
        department.get(YEAR)
    assert len(year) <= len(month) + 2

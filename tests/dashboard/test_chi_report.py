"""The yearly figures for Child Helpline International, read out of their files."""

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook
from sqlalchemy import Engine
from typer.testing import CliRunner

from dashboard.chi_report import codebook
from dashboard.report_command import app
from hotline.clock import local, utc_now
from hotline.db import reading
from hotline.errors import BadInput
from intake.forms.taxonomy import Problem
from intake.history.loading import make_of
from intake.statistics import periods
from intake.statistics.chi_counts import contacts
from intake.statistics.counting import figures
from intake.statistics.tables import Table
from tests.dashboard.conftest import Browser, Face
from tests.intake.test_history import NOW, SMALL, house

__all__ = ["house"]


def test_a_years_contacts_add_up_and_agree_with_our_own_report(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    year = periods.year(2019)
    with reading(house) as session:
        found, ours = contacts(session, year), figures(session, year)
    assert found is not None
    assert ours is not None
    kinds, ways = ours[Table.KINDS].rows, ours[Table.WAYS].rows
    assert found.counseling <= kinds["counseling"] + kinds["escalated"]
    assert found.others.total is not None
    in_all = found.counseling + found.others.total + sum(found.call_types.values())
    assert in_all == sum(ours[Table.CLOSED].rows.values()) + ways["press"] + ways["post"]
    assert found.methods.total == in_all
    assert found.reasons.total == found.counseling


def test_each_contact_counts_once_by_its_main_problem_and_first_child(face: Face, an: Browser) -> None:
    for problem, sex, age in [("sexual_abuse", "female", "12")] * 6 + [("law", "male", "4")] * 7:
        record = face.record_of(face.past(face.an), face.an)
        told = {
            "problem": problem,
            "child.1.sex": sex,
            "child.1.age": age,
            "child.2.sex": "male",
            "content": "Đã kể.",
            "online": "1" if problem == "sexual_abuse" else "",
        }
        assert an.save(record, 0, told).status_code == 200
        closed = an.post(f"/records/{record}/close", {"disposition": "counseling", "on": "record"})
        assert closed.status_code in (200, 204, 303), closed.text
    silent = face.record_of(face.past(face.an), face.an)
    an.post(f"/records/{silent}/close", {"disposition": "silent", "on": "record"})
    with reading(face.db) as session:
        found = contacts(session, _these_days())
    assert found is not None
    assert (found.counseling, found.call_types["silent"]) == (13, 1)
    assert (found.reasons.cells["violence"], found.reasons.cells["accessibility"]) == (6, 7)
    assert found.subs["violence"].cells == {"online_sexual_abuse": 6}
    assert found.by_sex["violence"]["female"] == 6
    assert found.by_age["accessibility"]["4-6"] == 7


def test_the_command_writes_both_forms_with_the_codebook(house: Engine, tmp_path: Path) -> None:
    make_of(house, SMALL, 7, NOW)
    run = CliRunner().invoke
    told = json.loads(run(app, ["chi", "--year", "2019"]).stdout)
    assert told["made_up"] is True
    assert "Made-up" in told["title"]
    none = [row for row in told["rows"] if row["row"] == "Discrimination and exclusion"]
    assert [(row["table"], row["count"]) for row in none] == [("Reasons for contact", 0)]
    counts = [row["count"] for row in told["rows"] if row["column"]]
    assert None in counts
    assert not [many for many in counts if many is not None and 0 < many < told["hidden_below"]]
    file = tmp_path / "chi.xlsx"
    assert run(app, ["chi", "--year", "2019", "--format", "xlsx", "--out", str(file)]).exit_code == 0
    book = load_workbook(BytesIO(file.read_bytes()))
    assert book.sheetnames == ["Data", "Codebook"]
    cells = [cell for line in book["Data"].iter_rows(values_only=True) for cell in line]
    assert "< 5" in cells
    assert len(list(book["Codebook"].iter_rows())) == len(told["codebook"]) + 1


def test_what_is_not_there_is_said(house: Engine) -> None:
    run = CliRunner().invoke
    assert isinstance(run(app, ["chi", "--year", "2019"]).exception, BadInput)
    assert isinstance(run(app, ["chi", "--year", "2019", "--format", "pdf"]).exception, BadInput)


def test_the_codebook_tells_of_every_problem_and_says_what_is_assumed() -> None:
    lines = {line[0]: line for line in codebook()}
    assert {f"problem.{one}" for one in Problem} <= lines.keys()
    assert lines["problem.trafficking"][3:5] == (
        lines["problem.missing"][3],
        "Child trafficking",
    )
    assert "not compared" in lines["problem.trafficking"][5]
    assert lines["problem.neglect"][5] == ""
    assert "no code" in lines[""][5]


def _these_days() -> periods.Period:
    today = local(utc_now()).date()
    return periods.Period(today - timedelta(days=1), today + timedelta(days=1))

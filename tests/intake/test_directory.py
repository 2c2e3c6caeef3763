"""The directory: who is on duty, lists that are imported, and what is kept of every change."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
import typer
from openpyxl import Workbook
from sqlalchemy import Engine

from hotline.access import Role
from hotline.db import reading, transaction
from hotline.errors import BadInput, Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.units import OLD, all_units
from intake.directory import directory, directory_command, directory_entries, directory_lists
from intake.directory.directory import NATIONAL, Contact, Entry, Hours, Kind
from tests import factories
from tests.factories import NOON

KIM_BOI, PHU_THO = "2025:04978", "2025:25"
NIGHT = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
"""A Friday, 23:00 in Vietnam."""
LIST = (
    "unit,kind,name,numbers,hours,note,source,checked\r\n"
    '"Xã Kim Bôi, Phú Thọ",officer,Chị Hoa,0912 345 678,T2-T6 07:30-17:00,,UBND,20/11/2026\r\n'
    "2025:04978,Trực,Trực ban,0218 3871 111; 113,17:00-07:30,,,\r\n"
)


def _told(**changed: str) -> Mapping[str, str]:
    plain = {"unit": KIM_BOI, "kind": "duty", "name": "Trực ban", "numbers": "0912345678"}
    return {**plain, **changed}


def _entry(unit: str, name: str, hours: str = "", kind: Kind = Kind.DUTY) -> Entry:
    return Entry(1, Contact(unit, kind, name, ("+84912345678",), hours), 1, made_up=False)


@pytest.mark.parametrize(
    ("text", "moment", "held"),
    [
        ("07:30-17:00", NOON, True),
        ("07:30-17:00", NIGHT, False),
        ("17:00-07:30", NIGHT, True),
        ("T2-T6 7h30 - 17h00", NOON, True),
        ("T7-CN 07:30-17:00", NOON, False),
        ("T7-T2 00:00-24:00", NOON, False),
        ("T6 22:00-06:00", datetime(2026, 11, 20, 22, 30, tzinfo=UTC), True),  # Saturday, 05:30
        ("T7 22:00-06:00", datetime(2026, 11, 20, 22, 30, tzinfo=UTC), False),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(text: str, moment: datetime, held: bool) -> None:
    found = directory.hours(text)
    assert found is not None
    assert found.hold(moment) is held


def test_no_hours_are_any_hour() -> None:
    assert directory.hours("  ") is None
    assert directory.hours("CN 08:00-09:00") == Hours(frozenset({7}), 480, 540)


@pytest.mark.parametrize("text", ["đêm", "25:00-07:00", "08:00-08:00", "08:60-09:00", "T9 08:00-09:00"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not_hours"):
        directory.hours(text)


def test_who_is_on_duty_is_the_commune_then_the_province_then_the_country() -> None:
    night, day = _entry(KIM_BOI, "Trực đêm", "17:00-07:30"), _entry(KIM_BOI, "Cán bộ", kind=Kind.OFFICER)
    province, country = _entry(PHU_THO, "Trực tỉnh", "T7-CN 00:00-24:00"), _entry(NATIONAL, "Trực 24/24")
    entries = [night, day, province, country]

    def told(moment: datetime, among: list[Entry] = entries) -> tuple[str, list[str]] | None:
        found = directory.on_duty(among, KIM_BOI, moment)
        return (found.unit_id, [one.contact.name for one in found.entries]) if found else None

    assert told(NIGHT) == (KIM_BOI, ["Trực đêm"])
    assert told(NOON) == (NATIONAL, ["Trực 24/24"])
    assert told(datetime(2026, 11, 21, 5, 0, tzinfo=UTC)) == (PHU_THO, ["Trực tỉnh"])
    assert told(NOON, [night, day]) is None


def test_an_old_unit_has_the_directory_of_what_it_is_now() -> None:
    assert directory.chain("2024:05065") == (KIM_BOI, PHU_THO, NATIONAL)
    assert directory.chain(_divided())[-1] == NATIONAL
    assert directory.chain("gần chợ") == (NATIONAL,)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"unit": ""}, {"unit": "missing"}),
        ({"unit": "Xã Không Có, Nơi Nào"}, {"unit": "unknown_unit"}),
        ({"kind": "trường học"}, {"kind": "unknown_kind"}),
        ({"name": " "}, {"name": "missing"}),
        ({"name": "x" * 161, "checked": "31/02/2026"}, {"name": "too_long", "checked": "not_a_date"}),
        ({"numbers": "0912345"}, {"numbers": "not_a_number"}),
        ({"numbers": "113;114;115;0912345678;0912345679"}, {"numbers": "too_many"}),
        ({"hours": "tối"}, {"hours": "not_hours"}),
    ],
)
def test_what_is_wrong_is_said_by_column(changed: dict[str, str], wrong: dict[str, str]) -> None:
    with pytest.raises(FieldErrors) as problem:
        directory.contact(_told(**changed))
    assert problem.value.fields == wrong


def test_an_old_commune_that_was_divided_is_not_guessed() -> None:
    with pytest.raises(FieldErrors) as problem:
        directory.contact(_told(unit=_divided()))
    assert problem.value.fields == {"unit": "divided_unit"}


def _divided() -> str:
    return next(one.id for one in all_units().values() if one.era == OLD and len(one.became) > 1)


def test_a_list_as_a_spreadsheet_writes_it_is_read_like_a_text() -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["Đơn vị", "Loại", "Tên", "Số điện thoại", "Ngày kiểm tra"])
    sheet.append(["Xã Kim Bôi, Phú Thọ", "Công an", "Công an xã", 912345678, date(2026, 11, 20)])
    sheet.append([None, None, None, None, None])
    target = BytesIO()
    book.save(target)
    ((line, texts),) = directory_lists.lines_of(target.getvalue())
    told = directory.contact(texts)
    assert (line, told.kind, told.numbers) == (2, Kind.POLICE, ("+84912345678",))
    assert told.checked_on == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"\xff\xfe\x00", "not_a_list"),
        (b"PK\x03\x04 no zip", "not_a_list"),
        (b"ten;so\r\n", "no_column"),
        (b"x" * (directory_lists.LARGEST + 1), "too_large"),
        (b"unit,kind,name\n" + b"a,b,c\n" * (directory_lists.MOST_LINES + 1), "too_many_lines"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(content: bytes, wrong: str) -> None:
    with pytest.raises(BadInput, match=wrong):
        directory_lists.lines_of(content)


def test_a_list_shows_what_it_would_change_and_changes_it_once(db: Engine) -> None:
    with transaction(db) as session:
        lead = factories.shift_lead(session)
        directory_entries.put_made_up(session, [Contact(KIM_BOI, Kind.OFFICER, "chị hoa")], NOON)
        kept = directory_entries.bring(session, lead, LIST.encode(), NOON)
        before = directory_entries.brought(session, lead, kept)
        assert [(one.line, one.before is None) for one in before.plan.changes] == [(2, False), (3, True)]
        assert len(directory_entries.around(session, KIM_BOI)) == 1
    with transaction(db) as session:
        assert directory_entries.apply(session, lead, kept, NOON) == 2
        officer, duty = directory_entries.around(session, KIM_BOI)
        assert (officer.contact.name, officer.made_up, officer.revision) == ("Chị Hoa", False, 2)
        assert duty.contact.numbers == ("+842183871111", "113")
        assert directory_entries.apply(session, lead, kept, NOON) == 0
        again = directory_entries.brought(session, lead, kept)
        assert (again.plan.changes, again.plan.same) == ((), 2)
        assert [turn.act for turn in directory_entries.history(session, officer.id)] == [
            "changed",
            "added",
        ]


def test_a_list_with_a_wrong_line_changes_nothing(db: Engine) -> None:
    lines = LIST + "2025:04978,duty,Trực ban,0912345678,,,,\r\n2025:04978,duty,B,12,,,,\r\n"
    with transaction(db) as session:
        lead = factories.shift_lead(session)
        kept = directory_entries.bring(session, lead, lines.encode(), NOON)
        plan = directory_entries.brought(session, lead, kept).plan
        assert plan.wrong == {4: {"name": "twice"}, 5: {"numbers": "not_a_number"}}
        with pytest.raises(BadInput, match="wrong_lines"):
            directory_entries.apply(session, lead, kept, NOON)
        assert directory_entries.around(session, KIM_BOI) == []


def test_an_entry_that_somebody_else_changed_is_not_overwritten(db: Engine) -> None:
    with transaction(db) as session:
        lead, counselor = factories.shift_lead(session), factories.counselor(session)
        told = directory.contact(_told())
        made = directory_entries.add(session, lead, told, NOON)
        with pytest.raises(Conflict, match="twice"):
            directory_entries.add(session, lead, told, NOON)
        with pytest.raises(NotAllowed):
            directory_entries.change(session, counselor, made, 1, told, NOON)
        other = directory.contact(_told(numbers="0987654321"))
        directory_entries.change(session, lead, made, 1, other, NOON)
        with pytest.raises(Conflict, match="changed"):
            directory_entries.change(session, lead, made, 1, told, NOON)
        with pytest.raises(BadInput, match="reason"):
            directory_entries.remove(session, lead, made, 2, " ", NOON)
        directory_entries.remove(session, lead, made, 2, "đã nghỉ", NOON)
        with pytest.raises(NotVisible):
            directory_entries.entry(session, made)
        assert [turn.act for turn in directory_entries.history(session, made)] == [
            "removed",
            "changed",
            "added",
        ]


def test_duty_numbers_are_rung_in_the_order_in_which_they_came(db: Engine) -> None:
    with transaction(db) as session:
        lead = factories.person(session, Role.ADMINISTRATOR)
        for name in ("Hai", "Một", "Ba"):
            directory_entries.add(session, lead, directory.contact(_told(name=name)), NOON)
    with reading(db) as session:
        found = directory_entries.on_duty(session, KIM_BOI, NOON)
        assert found is not None
        assert [one.contact.name for one in found.entries] == ["Hai", "Một", "Ba"]


def test_a_command_imports_a_list_by_the_same_rules(
    db: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(LIST + "2025:04978,duty,B,12,,,,\r\n", "utf-8")
    with pytest.raises(typer.Exit):
        directory_command.import_command(file, apply=True)
    assert "line 4: numbers not_a_number\n" in capsys.readouterr().out
    file.write_text(LIST, "utf-8")
    directory_command.import_command(file)
    assert "2 changes, 0 as they stand: nothing was changed yet" in capsys.readouterr().out
    directory_command.import_command(file, apply=True)
    directory_command.import_command(file, apply=True)
    assert "0 changes, 2 as they stand: done" in capsys.readouterr().out
    with reading(db) as session:
        found = directory_entries.around(session, KIM_BOI)
        assert {one.contact.name for one in found} == {"Chị Hoa", "Trực ban"}
        assert directory_entries.history(session, found[0].id)[0].by is None


def test_every_office_of_the_demo_says_that_it_is_made_up() -> None:
    offices = list(directory_command.made_up())
    assert len({one.key for one in offices}) == len(offices) > 34 * 4
    assert all("giả lập" in one.name and "Giả lập" in one.note for one in offices)
    assert all(directory.contact(directory_entries.texts(one)) == one for one in offices)

"""What research is given: no names, no text, nobody alone, and nothing without a second person."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
from sqlalchemy import func, select

from dashboard import research_work
from hotline import keyring
from hotline.access import Role, Viewer
from hotline.audit import AuditRow
from hotline.db import reading, transaction
from hotline.errors import Conflict, FieldErrors, NotVisible
from hotline.ids import RecordId
from hotline.sealed import KeyRing
from hotline.settings import settings
from intake.cases import cases
from intake.forms.taxonomy import CHI, Disposition, Problem
from intake.records import records
from intake.research import extracts
from intake.research.research_rules import COARSE, anonymous, band, columns, pseudonym, safe
from intake.small_cells import LEAST
from intake.tables.data_requests import DataObjectRow, DataRequestRow
from intake.tables.research import ResearchExtractRow, ResearchPaperRow
from tests import factories
from tests.factories import NOON, Story
from tests.intake.conftest import House

TOLD = {
    "caller_name": "Bành Thị Đào",
    "call_back": "0988111222",
    "content": "=HYPERLINK bé Na bị đánh",
    "problem": "violence",
    "place_unit": "2025:04978",
    "child.1.name": "Bé Na",
    "child.1.age": "8",
    "child.1.sex": "female",
}
DAY = date(2026, 11, 20)
WHO = {"researcher": "Bà Nghiên", "institution": "Trường Y", "purpose": "Luận văn"}


def ring() -> KeyRing:
    return keyring.recording_keys(settings())


def people(house: House) -> tuple[Viewer, Viewer]:
    with transaction(house.db) as session:
        return (
            factories.person(session, Role.DEPARTMENT, name="Cao Một"),
            factories.person(session, Role.DEPARTMENT, name="Cao Hai"),
        )


def told(house: House, **changes: str) -> RecordId:
    story = Story().answered_call()
    house.apply(story)
    record = house.record_of(story)
    fields = TOLD | {name.replace("__", "."): text for name, text in changes.items()}
    with transaction(house.db) as session:
        records.autosave(session, house.lead, record, 0, fields, NOON)
        records.close(session, house.lead, record, Disposition.COUNSELING, NOON)
    return record


def made(house: House, *names: str) -> tuple[int, list[dict[str, str]], str]:
    """Its number, the rows, and all that was in the file."""
    one, two = people(house)
    with transaction(house.db) as session:
        token = f"token-{one.staff_id:020}"
        number = extracts.ask(session, one, WHO, DAY, DAY, names, token, ring(), NOON)
        extracts.decide(session, two, number, NOON, allow=True)
    research_work.make(number)
    with transaction(house.db) as session:
        text = extracts.fetch(session, one, number, "extract", ring(), NOON).decode()
    return number, list(csv.DictReader(StringIO(text))), text


ALL = tuple(columns())


def test_there_is_no_name_no_number_and_no_text_in_it(house: House) -> None:
    for _ in range(LEAST):
        told(house)
    number, rows, text = made(house, *ALL)
    assert len(rows) == LEAST
    for row in rows:
        assert {name: row[name] for name in ALL if name not in ("record", "case")} == {
            "month": "2026-11",
            "way": "phone",
            "disposition": "counseling",
            "caller_type": "",
            "problem": "violence",
            "chi": "violence",
            "online": "",
            "risk": "",
            "province": "2025:25",
            "children": "one",
            "age": "to_9",
            "sex": "female",
            "relation": "",
        }
    assert len({row["record"] for row in rows}) == LEAST
    for secret in ("Đào", "Na", "0988", "912345678", "04978", "HYPERLINK", "2026-11-20"):
        assert secret not in text
    with reading(house.db) as session:
        extract = session.get_one(ResearchExtractRow, number)
        counts = (extract.rows, extract.coarsened, extract.dropped)
        assert (extract.state, counts) == ("made", (LEAST, 0, 0))


def test_who_would_be_nearly_alone_is_made_coarser_or_left_out(house: House) -> None:
    for _ in range(LEAST):
        told(house)
    told(house, child__1__sex="male")
    number, rows, _ = made(house, "month", "province", "age", "sex")
    assert {row["sex"] for row in rows} == {"female"}
    with reading(house.db) as session:
        row = session.get_one(ResearchExtractRow, number)
        assert (row.rows, row.coarsened, row.dropped) == (LEAST, 0, 1)


def test_two_extracts_cannot_be_joined_and_records_of_one_case_can(house: House) -> None:
    record = told(house)
    with transaction(house.db) as session:
        cases.open_from_record(session, house.lead, record, NOON)
    for _ in range(LEAST):
        told(house)
    (_, first, _), (_, second, _) = made(house, "case"), made(house, "case")
    assert not {row["record"] for row in first} & {row["record"] for row in second}
    assert sorted(bool(row["case"]) for row in first) == [False] * LEAST + [True]


def test_who_asked_does_not_allow_it_and_files_do_not_stay(house: House) -> None:
    one, two = people(house)
    with transaction(house.db) as session:
        number = extracts.ask(session, one, WHO, DAY, DAY, ["way"], "t" * 20, ring(), NOON)
        assert extracts.ask(session, one, WHO, DAY, DAY, ["way"], "t" * 20, ring(), NOON) == number
        with pytest.raises(Conflict, match="same_person"):
            extracts.decide(session, one, number, NOON, allow=True)
        assert extracts.to_make(session, number) is None
        extracts.decide(session, two, number, NOON, allow=True)
        with pytest.raises(Conflict, match="state"):
            extracts.decide(session, two, number, NOON, allow=False)
        assert extracts.still_queued(session) == [number]
    research_work.make(number)
    with transaction(house.db) as session:
        made_at = session.get_one(ResearchExtractRow, number).made_at
        assert made_at
        extracts.drop_old(session, made_at + timedelta(days=13))
        assert extracts.fetch(session, one, number, "codebook", ring(), NOON)
        extracts.drop_old(session, made_at + timedelta(days=15))
        with pytest.raises(NotVisible):
            extracts.fetch(session, one, number, "extract", ring(), NOON)
        assert session.scalar(select(func.count()).select_from(ResearchPaperRow)) == 1
        kinds = select(AuditRow.act).where(AuditRow.object_kind == "research").order_by(AuditRow.id)
        assert list(session.scalars(kinds)) == ["create", "change", "change", "export"]


def test_what_is_only_for_protection_is_in_none(house: House) -> None:
    kept_out = told(house)
    for _ in range(LEAST):
        told(house)
    with transaction(house.db) as session:
        request = DataRequestRow(
            center_id=house.lead.center_id,
            asked_by="x",
            state="closed",
            way="post",
            relation="adult",
            identity="paper",
            wants=["object"],
            received_at=NOON,
            registered_by=house.lead.staff_id,
            registered_at=NOON,
            due_at=NOON,
        )
        session.add(request)
        session.flush()
        session.add(
            DataObjectRow(request_id=request.id, kind="record", object_id=kept_out, limited_at=NOON)
        )
    assert len(made(house, "way")[1]) == LEAST


def test_what_is_missing_is_said(house: House) -> None:
    one, _ = people(house)
    with transaction(house.db) as session, pytest.raises(FieldErrors) as wrong:
        extracts.ask(session, one, {}, DAY, date(2020, 1, 1), ["record"], "t" * 20, ring(), NOON)
    assert wrong.value.fields == {
        "researcher": "missing",
        "institution": "missing",
        "purpose": "missing",
        "period": "not_a_time",
        "columns": "missing",
    }


def test_every_code_of_every_column_is_in_the_codebook() -> None:
    book = list(research_work.codebook(ALL))
    assert {line[0] for line in book} == set(ALL)
    for one in columns().values():
        codes = [line[3] for line in book if line[0] == one.name]
        assert set(one.codes) <= set(codes)
        assert len(codes) == len(set(codes))
        assert (COARSE in codes) is bool(one.quasi)
        assert all(line[1] and line[2] and line[4] for line in book if line[0] == one.name)
    assert {line[3]: line[5] for line in book if line[0] == "problem" and line[3]} == {
        str(problem): str(CHI[problem]) for problem in Problem
    }


def test_a_cell_holds_a_code_a_month_or_a_pseudonym_and_nothing_else() -> None:
    for name in ALL:
        for typed in ("=1+1", "Bé Na", "0912345678", "@x", COARSE):
            assert safe(name, typed) == ""
    assert safe("month", "2026-11") == "2026-11"
    assert safe("month", "2026-11-20") == ""
    key = b"k" * 32
    assert safe("record", pseudonym(key, "record", 7)) == pseudonym(key, "record", 7)
    assert pseudonym(key, "record", 7) != pseudonym(key, "case", 7)


@pytest.mark.parametrize(
    ("birth", "age", "found"),
    [
        ("", "", ""),
        ("", "5", "to_5"),
        ("", "6", "to_9"),
        ("2016-11-20", "3", "to_12"),
        ("2016-11-21", "", "to_9"),
        ("", "18", "adult"),
        ("2027-01-01", "", ""),
    ],
)
def test_an_age_is_told_in_bands(birth: str, age: str, found: str) -> None:
    assert band(birth, age, DAY) == found


def test_no_group_that_is_left_is_smaller_than_it_may_be() -> None:
    names = ("record", "month", "province", "age", "problem")
    rows = [
        (
            f"{n}",
            f"2026-{n % 12 + 1:02}",
            ("2025:25", "2025:01")[n % 2],
            ("to_5", "to_9")[n % 7 == 0],
            "law",
        )
        for n in range(60)
    ]
    kept = anonymous(names, rows)
    alike: dict[tuple[str, ...], int] = {}
    for row in kept.rows:
        alike[row[1:4]] = alike.get(row[1:4], 0) + 1
    assert min(alike.values()) >= LEAST
    assert len(kept.rows) + kept.dropped == 60
    assert 0 < kept.coarsened < 60
    assert anonymous(("record", "problem"), [("1", "law")]).rows == [("1", "law")]

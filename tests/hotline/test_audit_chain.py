# ruff: noqa: S608  what is tampered with is named here
"""Whatever is done to what is on record is found: by whom it was sealed, and on both databases."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from hotline import alarms, audit, audit_export, audit_work
from hotline.alarm_kinds import AlarmKind
from hotline.audit import Act
from hotline.audit_chain import Head, holes, still_open
from hotline.audit_command import app
from hotline.audit_proof import Fault, Proof, prove
from hotline.audit_seals import BLOCK_ROWS, ChainCut, noted_head, seal
from hotline.db import reading, transaction
from hotline.errors import SetupError
from hotline.settings import ROOT, Settings
from tests import factories
from tests.factories import NOON

KEY = b"k" * 32


class Notary:
    """Keeps the head where no test's database is."""

    def __init__(self) -> None:
        self.head: Head | None = None

    def note(self, head: Head) -> None:
        self.head = head


class House:
    def __init__(self, db: Engine) -> None:
        self.db = db
        self.notary = Notary()
        with transaction(db) as session:
            self.an = factories.counselor(session)

    def look(self, *cases: object) -> None:
        with transaction(self.db) as session:
            for case in cases:
                audit.note(session, self.an, Act.SEE, "case", case, NOON)

    def seal(self, key: bytes = KEY, *, resume: bool = False) -> int:
        return seal(key, self.notary.head, self.notary.note, settle=lambda _: None, resume=resume)

    def prove(self, key: bytes = KEY) -> Proof:
        return prove(key, self.notary.head)

    def ids(self) -> list[int]:
        with reading(self.db) as session:
            return list(session.scalars(text("SELECT id FROM audit ORDER BY id")))

    def tamper(self, *statements: str) -> None:
        """As somebody who owns the database: no trigger holds them."""
        with self.db.execution_options(hotline_write=True).connect() as connection:
            if self.db.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            else:
                for name in connection.scalars(
                    text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                ).all():
                    connection.execute(text(f"DROP TRIGGER {name}"))
            for statement in statements:
                connection.execute(text(statement))
            connection.commit()


@pytest.fixture
def house(db: Engine) -> House:
    house = House(db)
    house.look(1, 2, 3)
    house.seal()
    house.look(4, 5, 6)
    house.seal()
    return house


def faults(proof: Proof) -> list[tuple[Fault, int, int | None]]:
    return [(each.fault, each.block, each.row) for each in proof.findings]


def test_what_was_not_touched_is_whole(house: House) -> None:
    house.look(7)
    proof = house.prove()
    assert proof.whole
    assert (proof.blocks, proof.rows, proof.unsealed) == (2, 6, 1)
    assert house.seal() == 1
    assert house.seal() == 0
    assert house.prove().rows == 7


@pytest.mark.parametrize(
    "change",
    [
        "detail = 'x'",
        "staff_id = NULL",
        "name = 'Somebody Else'",
        "role = ''",
        "login = ''",
        "act = 'list'",
        "object_kind = 'call'",
        "object_id = '9'",
        "at = '2026-01-01 00:00:00.000000+00'",
    ],
)
def test_a_changed_row_is_named(house: House, change: str) -> None:
    row = house.ids()[1]
    house.tamper(f"UPDATE audit SET {change} WHERE id = {row}")
    assert faults(house.prove()) == [(Fault.ROW_CHANGED, 1, row)]


def test_a_removed_row_is_named(house: House) -> None:
    row = house.ids()[4]
    house.tamper(f"DELETE FROM audit WHERE id = {row}")
    assert faults(house.prove()) == [(Fault.ROW_MISSING, 2, row)]


def test_the_newest_row_is_missed_too(house: House) -> None:
    row = house.ids()[-1]
    house.tamper(f"DELETE FROM audit WHERE id = {row}")
    assert faults(house.prove()) == [(Fault.ROW_MISSING, 2, row)]


def test_rows_that_change_places_are_named(house: House) -> None:
    one, other = house.ids()[1:3]
    house.tamper(
        f"UPDATE audit SET id = -1 WHERE id = {one}",
        f"UPDATE audit SET id = {one} WHERE id = {other}",
        f"UPDATE audit SET id = {other} WHERE id = -1",
    )
    assert faults(house.prove()) == [(Fault.ROW_CHANGED, 1, one), (Fault.ROW_CHANGED, 1, other)]


def test_a_row_that_was_put_in_is_named(house: House) -> None:
    first, second = house.ids()[:2]
    house.tamper(f"DELETE FROM audit WHERE id = {first}")
    assert house.prove().count == 1
    house.tamper(f"UPDATE audit SET id = -5 WHERE id = {second}")
    assert (Fault.ROW_FOREIGN, 0, -5) in faults(house.prove())


def test_a_block_made_without_the_key_is_named(house: House) -> None:
    row = house.ids()[0]
    house.tamper("DELETE FROM audit_block", f"UPDATE audit SET detail = 'x' WHERE id = {row}")
    head, house.notary.head = house.notary.head, None
    house.seal(b"w" * 32)
    house.notary.head = head
    found = faults(house.prove())
    assert (Fault.BLOCK_FORGED, 1, None) in found
    assert (Fault.CUT_OFF, 2, None) in found


@pytest.mark.parametrize("column", ["rows", "digest", "first_id", "sealed_at", "mac", "previous"])
def test_a_changed_block_is_named(house: House, column: str) -> None:
    value = {"sealed_at": "'2026-01-01 00:00:00.000000+00'"}.get(column, "'1'")
    house.tamper(f"UPDATE audit_block SET {column} = {value} WHERE number = 2")
    assert (Fault.BLOCK_FORGED, 2, None) in faults(house.prove())


def test_a_list_of_rows_that_was_changed_along_does_not_help(house: House) -> None:
    row = house.ids()[4]
    house.tamper(
        f"DELETE FROM audit WHERE id = {row}",
        "UPDATE audit_block SET leaves = (SELECT leaves FROM audit_block WHERE number = 1)"
        " WHERE number = 2",
    )
    assert (Fault.ROWS_DIFFER, 2, None) in faults(house.prove())


def test_a_block_in_the_middle_that_is_gone_is_named(house: House) -> None:
    house.look(7)
    house.seal()
    house.tamper("DELETE FROM audit_block WHERE number = 2")
    assert (Fault.BLOCK_MISSING, 2, None) in faults(house.prove())


def test_an_end_that_was_cut_off_is_noticed_and_nothing_is_sealed_over_it(house: House) -> None:
    kept = house.ids()[2]
    house.tamper("DELETE FROM audit_block WHERE number = 2", f"DELETE FROM audit WHERE id > {kept}")
    assert faults(house.prove()) == [(Fault.CUT_OFF, 2, None)]
    house.look(8)
    with pytest.raises(ChainCut):
        house.seal()
    house.seal(resume=True)
    proof = house.prove()
    assert proof.whole
    assert [block for block, _ in proof.resumed] == [2]


def test_who_put_a_backup_back_leaves_a_trace_for_ever(house: House) -> None:
    lost = house.notary.head
    assert lost is not None
    house.tamper("DELETE FROM audit_block WHERE number = 2")
    house.seal(resume=True)
    house.look(9)
    house.seal()
    assert house.prove().resumed == [(2, f"2:{lost.hash}")]


def test_many_rows_become_several_blocks(house: House) -> None:
    house.look(*range(BLOCK_ROWS + 1))
    assert house.seal() == BLOCK_ROWS + 1
    assert house.prove().blocks == 4
    assert house.prove().whole


@pytest.mark.parametrize("db", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_a_row_whose_transaction_ends_late_is_taken_into_the_next_block(
    house: House, db: Engine
) -> None:
    """SQLite has one writer at a time."""
    with transaction(db) as slow:
        audit.note(slow, house.an, Act.SEE, "case", "slow", NOON)
        slow.flush()
        house.look("quick")
        assert house.seal() == 1
    assert house.prove().whole
    assert house.prove().unsealed == 0  # behind the last block; the late one is awaited in a gap
    assert house.seal() == 1
    proof = house.prove()
    assert proof.whole
    assert proof.rows == 8
    row = house.ids()[-2]
    house.tamper(f"UPDATE audit SET detail = 'x' WHERE id = {row}")
    assert faults(house.prove()) == [(Fault.ROW_CHANGED, 4, row)]


@pytest.mark.postgresql
def test_what_appears_where_nobody_is_awaited_any_more_is_foreign(house: House, db: Engine) -> None:
    house.tamper("UPDATE audit_block SET gaps = '[]'")
    row = house.ids()[0]
    house.tamper(f"UPDATE audit SET id = {row + 1_000_000} WHERE id = {row}")
    assert (Fault.ROW_MISSING, 1, row) in faults(house.prove())
    house.seal()
    assert house.prove().count == 1  # chained now, and still missed where it was


def test_a_person_who_is_deleted_stays_named(house: House, db: Engine) -> None:
    with transaction(db) as session:
        session.execute(text("DELETE FROM staff"))
    with reading(db) as session:
        names = set(session.execute(text("SELECT login, name, role FROM audit")))
    assert names == {(house.an.login, house.an.name, "counselor")}
    assert house.prove().whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET id = id",
        "DELETE FROM {}",
    ],
)
@pytest.mark.parametrize("table", ["audit", "audit_block", "audit_check"])
def test_the_database_itself_refuses_changes(
    house: House, db: Engine, table: str, statement: str
) -> None:
    audit_work.proven(Settings())
    statement = statement.replace("id = id", "number = number") if table == "audit_block" else statement
    with pytest.raises(Exception, match="append-only"), db.begin() as connection:
        connection.execute(text(statement.format(table)))


# Taken off the host


def test_an_export_goes_on_behind_any_block_and_checks_without_the_database(house: House) -> None:
    whole = list(audit_export.lines())
    found = audit_export.check(whole, KEY)
    assert (found.blocks, found.rows, found.faults) == (2, 6, ())
    rest = list(audit_export.lines(after=1))
    assert whole[-len(rest) :] == rest
    assert audit_export.check(rest, KEY).first == 2
    assert audit_export.check(whole, b"w" * 32).faults != ()


@given(st.data())
def test_any_line_that_is_changed_left_out_or_doubled_is_noticed(data: st.DataObject) -> None:
    lines = _some_export()
    at = data.draw(st.integers(0, len(lines) - 1))
    how: Callable[[list[str]], list[str]] = data.draw(
        st.sampled_from(
            [
                lambda lines: [*lines[:at], *lines[at + 1 :]],
                lambda lines: [*lines[:at], lines[at].replace("1", "2", 1), *lines[at + 1 :]],
                lambda lines: [*lines[: at + 1], *lines[at:]],
                lambda lines: [*lines[:at], *reversed(lines[at : at + 2]), *lines[at + 2 :]],
            ]
        )
    )
    changed = how(lines)
    if changed != lines:
        assert audit_export.check(changed, KEY).faults


def _some_export() -> list[str]:
    from hotline.audit_chain import NOTHING, Block, Row, digest, mac, row_hash, row_line

    lines, previous = [], NOTHING
    for number in (1, 2):
        rows = [
            Row(id, NOON, 1, "tv1", "Án", "counselor", "see", "case", str(id), "")
            for id in (number * 2 - 1, number * 2)
        ]
        block = Block(number, NOON, rows[0].id, rows[1].id, (), 2, digest(map(row_hash, rows)), previous)
        previous = block.hash
        lines += [*map(row_line, rows), block.line]
        lines.append(json.dumps(["td111-mac-1", number, mac(block.hash, KEY)], separators=(",", ":")))
    assert audit_export.check(lines, KEY).faults == ()
    return lines


def test_the_folder_gets_what_is_new_and_a_crash_in_the_middle_heals(
    house: House, tmp_path: Path
) -> None:
    (folder := tmp_path / "off").mkdir()
    assert audit_export.append_to(folder) == 2
    assert audit_export.append_to(folder) == 0
    (file,) = folder.iterdir()
    whole = file.read_text("utf-8")
    file.write_text(whole[:-30], "utf-8")
    assert audit_export.append_to(folder) == 1
    assert file.read_text("utf-8") == whole


def test_the_procedure_of_the_handbook_proves_an_export(house: House, tmp_path: Path) -> None:
    """docs/operations.md shows a program of its own: it is run here as it stands there."""
    handbook = (ROOT / "docs/operations.md").read_text("utf-8")
    program = handbook.partition("```python\n# audit_check.py")[2].partition("```")[0]
    export = tmp_path / "export.jsonl"
    export.write_text("".join(f"{line}\n" for line in audit_export.lines()), "utf-8")
    (tmp_path / "check.py").write_text(f"#{program}", "utf-8")

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(tmp_path / "check.py"), str(export)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert run().returncode == 0, run()
    assert house.notary.head is not None
    assert house.notary.head.hash in run().stdout
    export.write_text(export.read_text("utf-8").replace('"see"', '"list"', 1), "utf-8")
    assert run().returncode == 1


def test_a_folder_with_the_export_of_another_chain_is_not_gone_on_with(
    house: House, tmp_path: Path
) -> None:
    audit_export.append_to(tmp_path)
    house.tamper("DELETE FROM audit_block WHERE number = 2")
    house.seal(resume=True)
    with pytest.raises(SetupError, match="block 2"):
        audit_export.append_to(tmp_path)


# The command and the jobs


def test_verify_says_what_is_wrong_and_where(house: House, settings: Callable[[], Settings]) -> None:
    house.tamper("DELETE FROM audit_block")
    told = CliRunner().invoke(app, ["verify"])
    assert told.exit_code == 0, told.output
    assert "6 rows in 1 blocks" in told.output
    row = house.ids()[2]
    house.tamper(f"UPDATE audit SET act = 'list' WHERE id = {row}")
    told = CliRunner().invoke(app, ["verify"])
    assert told.exit_code == 1
    assert f"row {row} (block 1): was changed" in told.output


def test_a_chain_that_does_not_verify_is_an_alarm_until_it_does(house: House, redis: str) -> None:
    house.tamper("DELETE FROM audit_block")
    audit_work.seal_new()
    row = house.ids()[2]
    house.tamper(f"UPDATE audit SET detail = 'x' WHERE id = {row}")
    audit_work.verify_all()
    with reading(house.db) as session:
        assert alarms.open_of(session, AlarmKind.AUDIT) == {"chain": "broken"}
        assert audit_work.state_of(session, NOON).findings == 1
    house.tamper(f"UPDATE audit SET detail = '' WHERE id = {row}")
    audit_work.verify_all()
    with reading(house.db) as session:
        assert alarms.open_of(session, AlarmKind.AUDIT) == {}
    house.tamper("DELETE FROM audit_block")
    with pytest.raises(ChainCut):
        audit_work.seal_new()
    with reading(house.db) as session:
        assert alarms.open_of(session, AlarmKind.AUDIT) == {"chain": "cut"}


def test_the_job_brings_the_export_along(
    house: House,
    redis: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Callable[[], Settings],
) -> None:
    house.tamper("DELETE FROM audit_block")
    monkeypatch.setenv("TONGDAI_AUDIT_FOLDER", str(tmp_path))
    used = settings()
    audit_work.seal_new()
    (file,) = tmp_path.glob("audit-*.jsonl")
    assert audit_export.check(file.read_text("utf-8").splitlines(), None).rows == 6
    head = noted_head(used)
    assert head is not None
    assert head.number == 1


# Ids that come late


@given(st.sets(st.integers(1, 60)), st.integers(1, 60))
def test_a_hole_is_what_is_not_there(ids: set[int], last: int) -> None:
    there = sorted(id for id in ids if id <= last)
    gaps = holes(there, 1, last, NOON)
    missing = {id for a, b, _ in gaps for id in range(a, b + 1)}
    assert missing == set(range(1, last + 1)) - set(there)
    filled = sorted(missing)[::2]
    left = still_open(gaps, filled, NOON)
    assert {id for a, b, _ in left for id in range(a, b + 1)} == missing - set(filled)
    assert still_open(gaps, [], NOON + timedelta(seconds=1)) == []

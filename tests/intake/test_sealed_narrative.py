"""What is told in records and cases: sealed in the database, opened with the right keys alone."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import JSON, Engine, String, inspect, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from hotline import db as database
from hotline import keyring, migrate, sealed_columns
from hotline.db import Base, reading, transaction
from hotline.errors import SetupError, Unavailable
from hotline.events import Outcome
from hotline.ids import CaseId, RecordId
from hotline.sealed import KeyUnknown, SealBroken
from hotline.settings import settings as process_settings
from intake import recording_keys, search, search_words
from intake.calls import callbacks, callers, calls_out
from intake.calls.callback_rules import Safe
from intake.calls.number_flags import NumberFlagRow
from intake.cases import case_entries, cases
from intake.records import records
from intake.searching import search_index
from intake.tables.callbacks import CallbackEventRow, CallbackRow, CallOutRow
from intake.tables.cases import CaseEventRow
from intake.tables.records import RecordRow
from intake.tables.retention import LegalHoldRow
from intake.tables.victims import VictimReferralRow
from tests.factories import NOON, Story
from tests.intake.conftest import House

ODD = ("Zyxquor", "Wolframit", "Quexla")
"""Words that are nowhere else."""
TYPED = {"content": f"{ODD[0]} đánh con", "psychologist": "1", "child.1.name": f"Bé {ODD[1]}"}


def written(house: House) -> tuple[Story, RecordId, CaseId]:
    """A record and its case, in which somebody wrote the odd words."""
    story = Story().arrived().waiting().rang().talk()
    house.apply(story)
    record_id = house.record_of(story)
    with transaction(house.db) as session:
        records.autosave(session, house.an, record_id, 0, TYPED, NOON)
        case_id = cases.open_from_record(session, house.an, record_id, NOON)
        case_entries.add(session, house.an, case_id, "note", {}, f"gặp {ODD[2]}", NOON)
    return story, record_id, case_id


def content(house: House, record_id: RecordId) -> str:
    with transaction(house.db) as session:
        return records.record(session, house.an, record_id, NOON).fields["content"]


def everything(engine: Engine) -> str:
    """Every value of every row, as a dump has it."""
    said = []
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608
                said += [
                    value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in row
                ]
    return "\n".join(said).casefold()


def test_no_word_that_was_told_is_in_a_dump(house: House) -> None:
    _, record_id, case_id = written(house)
    with transaction(house.db) as session:
        assert search.search(session, house.an, ODD[0], NOON).hits
        told = cases.case(session, house.an, case_id, NOON).events
        assert [one.text for one in told if one.kind == "note"] == [f"gặp {ODD[2]}"]
    assert content(house, record_id) == TYPED["content"]
    dump = everything(house.db)
    assert "912345678" in dump  # numbers are, and the dump is one
    assert [word for word in ODD if word.casefold() in dump] == []
    if house.db.dialect.name == "sqlite":
        file = Path(house.db.url.database or "")
        written_to = [one.read_bytes().lower() for one in file.parent.glob(f"{file.name}*")]
        told_in = [word for word in ODD for one in written_to if word.casefold().encode() in one]
        assert told_in == []


def test_what_is_changed_in_the_database_is_noticed(house: House) -> None:
    _, record_id, _ = written(house)
    with transaction(house.db) as session:
        sealed = bytes(session.execute(text("SELECT fields FROM record")).scalar_one())
        cut = sealed[:-1] + bytes([sealed[-1] ^ 1])
        session.execute(text("UPDATE record SET fields = :cut"), {"cut": cut})
    with pytest.raises(SealBroken, match=r"record\.fields"):
        content(house, record_id)
    said = CliRunner().invoke(recording_keys.app, ["check"])
    assert said.exit_code == 1
    assert f"record.fields {record_id}: damaged" in said.output
    with transaction(house.db) as session:  # what stands in another column is no answer either
        session.execute(text("UPDATE record SET fields = (SELECT changes FROM record_revision LIMIT 1)"))
    with pytest.raises(SealBroken, match=r"record\.fields"):
        content(house, record_id)


def test_the_keys_change_and_the_old_one_is_no_longer_needed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, record_id, _ = written(house)
    with reading(house.db) as session:
        before = bytes(session.execute(text("SELECT fields FROM record")).scalar_one())
    keyring.add_to_file(process_settings())
    ring = keyring.recording_keys(process_settings())
    assert recording_keys.rekey(house.db, ring).failed == {}
    newest = (process_settings().secrets_dir / "recording_keys").read_text("ascii").split()[0]
    _with_keys(monkeypatch, newest)
    assert content(house, record_id) == TYPED["content"]
    with reading(house.db) as session:  # nothing of the narrative itself was rewritten
        assert bytes(session.execute(text("SELECT fields FROM record")).scalar_one()) == before


def _with_keys(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    """As a process that starts with these keys in its settings."""
    monkeypatch.setenv("TONGDAI_RECORDING_KEYS", keys)
    process_settings.cache_clear()
    sealed_columns.forget()


def test_the_wrong_key_is_named_and_nothing_is_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, record_id, _ = written(house)
    (right,) = keyring.recording_keys(process_settings())
    _with_keys(monkeypatch, keyring.new_key())
    with pytest.raises(KeyUnknown, match=right.id):
        content(house, record_id)
    with pytest.raises(KeyUnknown, match=right.id) as refused, transaction(house.db) as session:
        session.add(CaseEventRow(kind="note", text=ODD[0]))
    assert ODD[0] not in str(refused.value)
    with pytest.raises(KeyUnknown, match=right.id):  # no second key is made beside the first
        migrate.prepare(house.db)
    monkeypatch.delenv("TONGDAI_RECORDING_KEYS")
    process_settings.cache_clear()
    sealed_columns.forget()
    assert content(house, record_id) == TYPED["content"]


def test_calls_go_on_where_there_are_no_keys(house: House) -> None:
    """The switchboard has none: what a counselor wrote meanwhile must not hold up a call."""
    story, record_id, _ = written(house)
    told = len(story.told)
    story.talk_ended().transferred("hn01", "hn02").rang("hn02", leg=2).talk("hn02", leg=2)
    key_file = process_settings().secrets_dir / "recording_keys"
    away = key_file.rename(key_file.with_name("away"))
    sealed_columns.forget()
    with transaction(house.db) as session, pytest.raises(Unavailable, match="no keys"):
        session.get_one(RecordRow, record_id)
    later = Story(story.call_id, told=story.told[told:])
    house.apply(later)
    with reading(house.db) as session:
        assert callers.known(session, {story.call_id: None}, NOON)[story.call_id].skill == "psychology"
    assert not key_file.exists()
    away.rename(key_file)
    with transaction(house.db) as session:
        assert records.record(session, house.binh, record_id, NOON).fields["content"] == TYPED["content"]
        assert search.search(session, house.binh, ODD[0], NOON).hits


def test_a_number_is_called_back_where_there_are_no_keys(house: House) -> None:
    """What was jotted down for the call, and how earlier ones ended, is closed to the switchboard."""
    house.apply(Story().arrived().waiting().ended(Outcome.ABANDONED))
    with transaction(house.db) as session:
        (task_id,) = session.scalars(select(CallbackRow.id)).all()
        callbacks.call(session, house.an, task_id, Safe.SAID_SO, ODD[0], NOON)
    key_file = process_settings().secrets_dir / "recording_keys"
    away = key_file.rename(key_file.with_name("away"))
    sealed_columns.forget()
    with transaction(house.db) as session:
        ((wanted,), _) = calls_out.claim(session, "hn", ["hn01"], NOON)
    for _ in range(2):  # told twice
        house.apply(Story(wanted.call_id).ended(Outcome.FAILED))
    away.rename(key_file)
    with reading(house.db) as session:
        assert session.scalars(select(CallOutRow.note)).all() == [ODD[0]]
        assert session.scalars(select(CallbackEventRow.note)).all() == ["", ""]  # taken, tried


def test_containers_without_keys_are_not_made_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would make a key of its own, and none could read what another wrote."""
    monkeypatch.setenv("TONGDAI_CONTAINERS", "1")
    process_settings.cache_clear()
    engine = database.make_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(SetupError, match="TONGDAI_RECORDING_KEYS"):
        migrate.prepare(engine)
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """A database of the release before, in which things were told in clear."""
    url = f"sqlite:///{tmp_path / 'older.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
        server = database.make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS older"))
            connection.execute(text("CREATE DATABASE older"))
        server.dispose()
        url = url.replace("/postgres?", "/older?")
    engine = database.make_engine(url)
    migrate.upgrade(engine, "0018")
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        off = "SET session_replication_role = replica" if request.param == "postgresql" else _OFF
        cursor.execute(off)  # whom the rows refer to does not matter here
        for statement in _OLDER:
            cursor.execute(statement)
        connection.commit()
    engine.dispose()
    return engine


_OFF = "PRAGMA foreign_keys = OFF"
_MANY = 1234
"""More than are sealed at a time."""
_TOLD = f'{{"content": "{ODD[0]}", "psychologist": "1", "caller_type": "parent"}}'
_AT = "2026-11-20 05:00:00"
_RECORD = (  # noqa: RUF100, S608
    "INSERT INTO record"
    " (id, way, form_version, owner_id, center_id, revision, state, created_at, fields)"
)
_OLDER = (
    f"{_RECORD} WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {_MANY})"  # noqa: S608
    f" SELECT i, 'phone', 1, 1, 1, 1, 'closed', '{_AT}', '{_TOLD}' FROM n",
    f"{_RECORD} VALUES (5000, 'phone', 1, 1, 1, 0, 'draft', '{_AT}', '{{}}')",
    "INSERT INTO case_event"  # noqa: S608
    " (id, case_id, kind, code, text, answers, staff_id, happened_at, entered_at)"
    f" VALUES (1, 1, 'note', '', '{ODD[2]}', '{{}}', 1, '{_AT}', '{_AT}')",
    "INSERT INTO search_doc (id, kind, ref, words)"  # noqa: S608
    f" VALUES (1, 'record', 1, '0912345678 at1x of1x r8765432190 {ODD[0].casefold()}')",
    f"INSERT INTO case_mark (mark, link_id) VALUES ('k:be {ODD[1].casefold()}', 1)",  # noqa: S608
    "INSERT INTO legal_hold (id, kind, object_id, reason, set_by, set_at)"  # noqa: S608
    f" VALUES (1, 'record', '1', '{ODD[1]}', 1, '{_AT}')",
    "INSERT INTO call_out (id, staff_id, number, safe, note, asked_at, expires_at)"  # noqa: S608
    f" VALUES (1, 1, '0912345678', 'said_so', '{ODD[0]}', '{_AT}', '{_AT}')",
    "INSERT INTO number_flag (id, number, call_id, text, set_by, set_at, until)"  # noqa: S608
    f" VALUES (1, '0912345678', 'x', '{ODD[1]}', 1, '{_AT}', '{_AT}')",
    "INSERT INTO victim_referral (id, case_id, asked_by, body, agency, contact, text, staff_id,"  # noqa: S608
    f" referred_at, entered_at) VALUES (1, 1, 'x', 'other', '{ODD[2]}', '', '', 1, '{_AT}', '{_AT}')",
)


def test_what_was_told_before_is_sealed_by_the_migration(older: Engine) -> None:
    with older.connect() as connection:
        changed = text("UPDATE case_event SET code = 'x'")
        before = connection.scalar(text("SELECT count(*) FROM record"))
    migrate.upgrade(older, "0019")  # PostgreSQL looks whom rows refer to that this transaction wrote
    migrate.prepare(older)
    with Session(older) as session:
        told = session.scalars(select(RecordRow).order_by(RecordRow.id)).all()
        assert len(told) == before == _MANY + 1
        assert {(one.fields.get("content"), one.psychologist, one.caller_type) for one in told[:-1]} == {
            (ODD[0], "1", "parent")
        }
        assert (told[-1].fields, told[-1].psychologist) == ({}, None)
        assert session.get_one(CaseEventRow, 1).text == ODD[2]
        for typed in (ODD[0], ODD[0][:3], "5678 " + ODD[0]):
            assert search_index.find(session, search_words.terms(typed), ["of1x"], 9), typed
            assert not search_index.find(session, search_words.terms(typed), ["of2x"], 9)
        hold = session.get_one(LegalHoldRow, 1)
        assert (hold.reason, hold.lifted_why) == (ODD[1], None)
        notes = [session.get_one(CallOutRow, 1).note, session.get_one(NumberFlagRow, 1).text]
        assert [*notes, session.get_one(VictimReferralRow, 1).agency] == list(ODD)
    for statement in (changed, text("UPDATE victim_referral SET body = 'x'")):
        with pytest.raises(DatabaseError, match="append-only"), older.begin() as connection:
            connection.execute(statement)
    assert migrate.differences(older) == ""
    assert [word for word in ODD if word.casefold() in everything(older)] == []
    older.dispose()
    if older.dialect.name == "sqlite":
        file = Path(older.url.database or "").read_bytes()
        assert [word for word in ODD if word.encode() in file] == []


def test_free_text_is_sealed_or_known_to_be_in_clear() -> None:
    """Who adds a column of text or JSON seals it, or says here (and in docs/security/at-rest.md of what
    tells of anybody) why not."""
    migrate.load_models()
    found = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, JSON)
        or (isinstance(column.type, String) and (column.type.length or 1000) > _SHORT)
    }
    assert found == _PLAIN.keys()


_SHORT = 160
_PLAIN = {
    **dict.fromkeys(
        (
            "audit.detail",
            "audit.name",
            "audit_block.gaps",
            "audit_block.late",
            "audit_check.told",
            "audit_finding.name",
            "audit_finding.noted_name",
            "audit_finding.rows",
            "case_plan.writers",
            "data_object.answers",
            "data_request.wants",
            "deletion.ids",
            "filled_form.carried",
            "recording.path",
            "recording_sound.silences",
            "report.idempotency_key",
            "report.refused",
            "research_extract.columns",
            "saved_filter.asked",
            "survey.definition",
            "survey_answer.answers",
        ),
        "ids, codes, names of fields",
    ),
    **dict.fromkeys(
        (
            "directory_change.reason",
            "directory_change.texts",
            "directory_entry.note",
            "directory_entry.numbers",
            "directory_entry.source",
            "office_system.url",
            "official_report.capacity",
            "official_report.circle",
            "official_report.ended_why",
            "official_report.recipients",
            "on_call_list.reason",
            "plan_delegation.reason",
            "report_schedule.capacity",
            "report_schedule.circle",
            "report_schedule.recipients",
            "staff.email",
            "staff_oidc_account.issuer",
            "staff_oidc_account.subject",
            "stated_reason.name",
        ),
        "of offices and staff",
    ),
    **dict.fromkeys(
        (
            "journal_reject.body",
            "journal_reject.error",
            "line_wish.reason",
            "offer_reason.reasons",
            "steering.reason",
            "what_if.answer",
            "what_if.question",
        ),
        "of calls and who takes them",
    ),
    "search_doc.words": "tokens: intake/search_tokens.py",
    **dict.fromkeys(("handover_link.code_hash", "staff.password_hash"), "hashed"),
}

"""On PostgreSQL the application's role works with every table and changes nothing that is on record."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hotline import audit, doctor, migrate
from hotline import db as database
from hotline.audit import Act
from hotline.audit_chain import Head
from hotline.audit_proof import prove
from hotline.audit_seals import seal
from hotline.errors import SetupError
from hotline.findings import Grade
from hotline.settings import Settings
from intake.retention import erasing
from intake.retention.retention_rules import Kept, Rule
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.records import RecordPersonRow, RecordRow
from intake.tables.therapy import TherapyMeetingRow, TherapyNoteRow, TherapyReferralRow
from intake.tables.victims import VictimReferralRow
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.postgresql
KEY = b"k" * 32


@pytest.fixture(scope="module")
def urls(postgresql_url: str) -> Iterator[tuple[str, str]]:
    """Two databases' URLs: the owner's and the application's."""
    engine = database.make_engine(postgresql_url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE ROLE desk LOGIN"))
        connection.execute(text("CREATE DATABASE two_roles"))
    owner = postgresql_url.replace("/postgres?", "/two_roles?")
    yield owner, owner.replace("//tongdai@", "//desk@")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE two_roles WITH (FORCE)"))
        connection.execute(text("DROP ROLE desk"))
    engine.dispose()


@pytest.fixture
def desk(
    urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch, settings: Callable[[], Settings]
) -> Iterator[Engine]:
    monkeypatch.setenv("TONGDAI_APPLICATION_ROLE", "desk")
    settings()
    owner, application = (database.make_engine(url) for url in urls)
    migrate.upgrade(owner)
    yield application
    application.dispose()
    owner.dispose()


def test_it_writes_reads_and_seals(desk: Engine) -> None:
    heads: list[Head] = []
    with database.transaction(desk) as session:
        audit.note(session, factories.counselor(session, "hn77"), Act.SEE, "case", 1, NOON)
    assert seal(KEY, None, heads.append, of=desk, settle=lambda _: None) == 1
    assert prove(KEY, heads[-1], desk).whole
    with database.transaction(desk) as session:
        session.execute(text("UPDATE staff SET name = name"))
        session.execute(text("DELETE FROM staff"))


@pytest.mark.parametrize("table", ["audit", "audit_block", "audit_check", "glass"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET {} = {}",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "DROP TABLE {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TRIGGER {}_no_update ON {}",
    ],
)
def test_it_can_change_nothing_that_is_on_record(desk: Engine, table: str, statement: str) -> None:
    column = "number" if table == "audit_block" else "id"
    filled = statement.format(*((table, column, column) if "SET" in statement else (table, table)))
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), desk.begin() as connection:
        connection.execute(text(filled))


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "UPDATE alembic_version SET version_num = ''",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN OLD; END $$",
    ],
)
def test_it_cannot_take_the_guards_away(desk: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), desk.begin() as connection:
        connection.execute(text(statement))


_REFERRED = {
    "asked_by": "t" * 20,
    "body": "police",
    **dict.fromkeys(("agency", "contact", "text"), ""),
    "referred_at": NOON,
    "entered_at": NOON,
}


def _closed_case(session: Session) -> int:
    by = factories.shift_lead(session)
    row = CaseRow(
        number=f"HN-{by.staff_id}",
        state="closed",
        owner_id=by.staff_id,
        opened_by=by.staff_id,
        center_id=by.center_id,
        closed_at=NOON,
        **dict.fromkeys(("received_at", "heard_at", "opened_at", "entered_at"), NOON),
    )
    session.add(row)
    session.flush()
    told = {"staff_id": by.staff_id, "happened_at": NOON, "entered_at": NOON}
    for kind in ("opened", "note"):
        session.add(CaseEventRow(case_id=row.id, kind=kind, **told))
    return row.id


def test_it_ends_a_case_by_its_certificate_and_in_no_other_way(desk: Engine) -> None:
    later = NOON + timedelta(days=60)
    with database.transaction(desk) as session:
        over, stays = _closed_case(session), _closed_case(session)
        session.get_one(CaseRow, stays).closed_at = later
        by = session.get_one(CaseRow, over).owner_id
        session.add(VictimReferralRow(case_id=over, staff_id=by, **_REFERRED))
    assert erasing.run(desk, Rule(Kept.VICTIM_CASE, "keep_victim_case_days", 30), later) == 1
    refused = r"permission denied|must be owner|append-only|not due"
    for statement in (
        "DELETE FROM case_event",
        "UPDATE case_event SET code = 'x'",
        "DELETE FROM case_plan_result",
        "INSERT INTO case_deletion (case_id, deletion_id) VALUES (1, 1)",
        "SELECT end_case(id, 1) FROM case_file WHERE erased_at IS NULL",
        "DELETE FROM victim_referral",
        "DELETE FROM therapy_note",
        "INSERT INTO therapy_deletion (referral_id, deletion_id) VALUES (1, 1)",
        "SELECT end_therapy(1, 1)",
        "CREATE OR REPLACE FUNCTION end_case(ended integer, certificate integer) RETURNS void "
        "LANGUAGE sql AS $$ DELETE FROM case_event $$",
    ):
        with pytest.raises(DBAPIError, match=refused), desk.begin() as connection:
            connection.execute(text(statement))
    with database.reading(desk) as session:
        of = select(CaseEventRow.kind).where(CaseEventRow.case_id == over)
        assert session.scalars(of).all() == ["opened"]
        assert session.scalars(select(VictimReferralRow.body)).all() == ["police"]
        left = select(CaseEventRow.kind).where(CaseEventRow.case_id == stays)
        assert set(session.scalars(left)) == {"opened", "note"}


def test_what_was_said_in_therapy_it_deletes_by_a_certificate_alone(desk: Engine) -> None:
    later = NOON + timedelta(days=60)
    with database.transaction(desk) as session:
        case = session.get_one(CaseRow, _closed_case(session))
        record = RecordRow(
            way="phone", form_version=1, owner_id=case.owner_id, center_id=case.center_id,
            state="closed", created_at=NOON, fields={},
        )  # fmt: skip
        session.add(record)
        session.flush()
        child = RecordPersonRow(record_id=record.id, about="child", position=1, fields={})
        session.add(child)
        session.flush()
        over = TherapyReferralRow(
            case_id=case.id, child_id=child.id, asked_by="t" * 20, reason="", state="ended",
            referred_by=case.owner_id, referred_at=NOON, decided_at=NOON,
        )  # fmt: skip
        session.add(over)
        session.flush()
        meeting = TherapyMeetingRow(
            referral_id=over.id, asked_by="m" * 20, kind="session", therapist_id=case.owner_id,
            starts_at=NOON, minutes=60, way="phone", place="", state="held",
            planned_by=case.owner_id, planned_at=NOON,
        )  # fmt: skip
        session.add(meeting)
        session.flush()
        note = TherapyNoteRow(
            meeting_id=meeting.id, word="w" * 20, written_by=case.owner_id, written_at=NOON,
            key_id="k", sealed=b"x",
        )  # fmt: skip
        session.add(note)
    assert erasing.run(desk, Rule(Kept.THERAPY, "keep_therapy_days", 30), later) == 1
    with database.reading(desk) as session:
        assert session.scalars(select(TherapyNoteRow.id)).all() == []
        assert session.scalars(select(TherapyReferralRow.erased_at)).all() == [later]


def test_the_owner_too_is_refused_by_the_triggers(desk: Engine, urls: tuple[str, str]) -> None:
    owner = database.make_engine(urls[0])
    with database.transaction(desk) as session:
        audit.note(session, None, Act.LOG_IN_REFUSED, "staff", 0, NOON)
    for statement in ("UPDATE audit SET detail = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(DBAPIError, match="append-only"), owner.begin() as connection:
            connection.execute(text(statement))
    owner.dispose()


def test_the_doctor_says_who_may_change_it(
    desk: Engine,
    urls: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    settings: Callable[[], Settings],
) -> None:
    told = []
    for url in urls:
        monkeypatch.setenv("TONGDAI_DATABASE_URL", url)
        database.engine.cache_clear()
        told += [one.grade for one in doctor.examine(settings()) if one.subject == "audit"]
        database.engine().dispose()
    database.engine.cache_clear()
    assert told == [Grade.ODD, Grade.GOOD]


def test_who_owns_the_tables_cannot_be_the_application(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, settings: Callable[[], Settings]
) -> None:
    monkeypatch.setenv("TONGDAI_APPLICATION_ROLE", "tongdai")
    settings()
    engine = database.make_engine(postgresql_url)
    with pytest.raises(SetupError, match="must not own"):
        migrate.upgrade(engine)
    engine.dispose()

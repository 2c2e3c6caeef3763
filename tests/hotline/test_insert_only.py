"""On PostgreSQL the application's role works with every table and changes nothing that is on record."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from hotline import audit, doctor, migrate
from hotline import db as database
from hotline.audit import Act
from hotline.audit_chain import Head
from hotline.audit_proof import prove
from hotline.audit_seals import seal
from hotline.errors import SetupError
from hotline.findings import Grade
from hotline.settings import Settings
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

"""Migrations and models agree on both databases; two upgrades at once do no harm."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, inspect, text

from hotline import db as database
from hotline import migrate
from hotline.errors import SetupError, Unavailable


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """A database in which nothing is yet."""
    if request.param == "sqlite":
        return database.make_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    url = request.getfixturevalue("postgresql_url")
    engine = database.make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS empty"))
        connection.execute(text("CREATE DATABASE empty"))
    engine.dispose()
    return database.make_engine(url.replace("/postgres?", "/empty?"))


def test_the_migrations_make_what_the_models_want(empty: Engine) -> None:
    migrate.upgrade(empty)
    assert migrate.revision_of(empty) == migrate.newest()
    assert migrate.differences(empty) == ""
    empty.dispose()


def test_an_upgrade_twice_is_one_upgrade(empty: Engine) -> None:
    migrate.upgrade(empty)
    migrate.upgrade(empty)
    assert migrate.revision_of(empty) == migrate.newest()
    empty.dispose()


def test_two_upgrades_at_once_wait_for_each_other(empty: Engine) -> None:
    url = empty.url.render_as_string(hide_password=False)
    empty.dispose()
    code = "import sys; from hotline import db, migrate; migrate.upgrade(db.make_engine(sys.argv[1]))"
    both = [
        subprocess.Popen([sys.executable, "-c", code, url], stderr=subprocess.PIPE) for _ in range(2)
    ]
    ended = [(process.communicate()[1], process.returncode) for process in both]
    assert [code for _, code in ended] == [0, 0], ended


def test_all_steps_are_one_transaction(empty: Engine) -> None:
    """Else another upgrade comes in between two of them, and does again what the first one does next."""
    tables: list[int] = []
    event.listen(empty, "commit", lambda done: tables.append(len(inspect(done).get_table_names())))
    migrate.upgrade(empty)
    with empty.connect() as connection:
        everything = len(inspect(connection).get_table_names())
    assert set(tables) <= {0, everything}
    empty.dispose()


def test_a_table_without_a_migration_is_named(tmp_path: Path) -> None:
    engine = database.make_engine(f"sqlite:///{tmp_path / 'x.db'}")
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE audit"))
        connection.execute(text("ALTER TABLE center DROP COLUMN name"))
    assert "add_table audit" in migrate.differences(engine)
    assert "add_column" in migrate.differences(engine)
    engine.dispose()


def test_a_database_from_a_newer_release_is_refused(tmp_path: Path) -> None:
    engine = database.make_engine(f"sqlite:///{tmp_path / 'x.db'}")
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SetupError, match="9999"):
        migrate.upgrade(engine)
    engine.dispose()


def test_a_database_that_does_not_answer_is_unavailable() -> None:
    engine = database.make_engine("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable):
        migrate.upgrade(engine)
    engine.dispose()

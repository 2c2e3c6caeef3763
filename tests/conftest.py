"""Fixtures for everybody: settings of its own for each test, both databases, a real Valkey.

- every test gets an empty data folder and none of the machine's `TONGDAI_*` settings;
- `db` is an engine with the migrated, empty schema, once on SQLite and once on PostgreSQL. It is also
  the process's own engine: `hotline.db.transaction()` without arguments uses it;
- `redis` is the URL of a real, empty Valkey, also set as the process's own (`hotline.bus`).
"""

import gc
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
import redis as redis_client
from sqlalchemy import Engine, event, inspect

from hotline import bus, keyring, migrate, sealed_columns
from hotline import db as database
from hotline.settings import Settings
from hotline.settings import settings as process_settings
from tests import own_valkey, postgres
from tests.chromium import Chromium
from tests.chromium import install as install_chromium

_COMPONENTS = ("postgresql", "asterisk", "browser", "compose")
"""Markers that TONGDAI_TEST_SKIP may name: parts that a machine may not be able to have."""


def _skipped() -> set[str]:
    named = {name for name in os.environ.get("TONGDAI_TEST_SKIP", "").split(",") if name}
    if unknown := named - set(_COMPONENTS):
        raise pytest.UsageError(f"TONGDAI_TEST_SKIP: {sorted(unknown)}; known: {_COMPONENTS}")
    return named


_NEEDED_BY = {"_asterisk": "asterisk", "browser": "browser", "chromium": "browser"}
"""Fixture → marker of every test that uses it, directly or not."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported meanwhile stays to the end: looking through it again and again takes seconds."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark by fixture what nobody marked, then deselect what was asked to be skipped.

    Browser tests come last: Playwright keeps an event loop running in this thread from its first test
    to the end, and nobody else could call asyncio.run. Those that build images come first: their one
    worker takes minutes over it, in which the others get on with the rest. Files of stories on a real
    Asterisk come one by one among the others, for they mostly wait: when all workers had one at a time,
    half of the machine was idle for minutes.
    """
    for item in items:
        for fixture in _NEEDED_BY.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(_NEEDED_BY[fixture])
    spread = _spread(items)
    items.sort(key=lambda item: (*_place(item), spread[item.path]))
    skipped = _skipped()
    left_out = [item for item in items if skipped & {mark.name for mark in item.iter_markers()}]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


_LONGEST = ("pages", "desk", "nothing_is_lost", "phone", "whole_path", "recordings", "wallboard")
"""Files of browser tests, the longest first: none begins when the other workers are nearly done."""


def _place(item: pytest.Item) -> tuple[int, int]:
    markers = {mark.name for mark in item.iter_markers()}
    if "browser" not in markers:
        return (0 if "compose" in markers else 1), 0
    name = item.path.stem.removeprefix("test_")
    return 2, _LONGEST.index(name) if name in _LONGEST else len(_LONGEST)


def _spread(items: Sequence[pytest.Item]) -> dict[Path, float]:
    """File → how far on it comes within its own kind, from 0 to 1: by this the kinds take turns."""
    of_kind: dict[bool, list[Path]] = {True: [], False: []}
    for item in items:
        of_kind[item.get_closest_marker("asterisk") is not None].append(item.path)
    return {path: files.index(path) / len(files) for files in of_kind.values() for path in set(files)}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nothing is left out silently."""
    if skipped := _skipped():
        left_out = len(terminalreporter.stats.get("deselected", []))
        terminalreporter.section("NOT RUN, as asked by SKIP", sep="!", red=True, bold=True)
        terminalreporter.line(f"{', '.join(sorted(skipped))}: {left_out} tests were left out")


def _forget_process_state() -> None:
    process_settings.cache_clear()
    bus.client.cache_clear()
    sealed_columns.forget()
    if database.engine.cache_info().currsize:
        database.engine().dispose()
    database.engine.cache_clear()


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[], Settings]]:
    """Settings with an empty data folder; call it after `monkeypatch.setenv("TONGDAI_…")`."""
    for name in [name for name in os.environ if name.startswith("TONGDAI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setenv("TONGDAI_DATA", str(tmp_path / "data"))
    _forget_process_state()

    def fresh() -> Settings:
        process_settings.cache_clear()
        return process_settings()

    yield fresh
    _forget_process_state()


@pytest.fixture(scope="session")
def sqlite_template() -> Iterator[Path]:
    """A migrated, empty SQLite file to copy."""
    with tempfile.TemporaryDirectory(prefix="tongdai-sqlite-") as folder:
        file = Path(folder) / "template.db"
        engine = database.make_engine(f"sqlite:///{file}")
        migrate.upgrade(engine)
        engine.dispose()
        yield file


@pytest.fixture(scope="session")
def _sqlite(sqlite_template: Path) -> Iterator[Engine]:
    engine = database.make_engine(f"sqlite:///{sqlite_template.with_name('test.db')}")
    event.listen(engine, "connect", _rows_backwards)
    yield engine
    engine.dispose()


def _rows_backwards(connection: sqlite3.Connection, _: object) -> None:
    """What asks for no order gets another than that of writing, as on PostgreSQL now and then."""
    connection.execute("PRAGMA reverse_unordered_selects=ON")


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A migrated PostgreSQL database that only the tests use."""
    with postgres.server() as url:
        engine = database.make_engine(url)
        migrate.upgrade(engine)
        engine.dispose()
        yield url


@pytest.fixture(scope="session")
def _postgresql(postgresql_url: str) -> Iterator[Engine]:
    yield (engine := database.make_engine(postgresql_url))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def db(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, settings: object
) -> Iterator[Engine]:
    """An empty, migrated database: the process's own engine.

    The engine is one for all tests: a new one would compile each statement anew, which is a fifth of
    what a test of a page or of a call costs.
    """
    engine: Engine = request.getfixturevalue(f"_{request.param}")
    url = engine.url.render_as_string(hide_password=False)
    if request.param == "sqlite":
        _copy(request.getfixturevalue("sqlite_template"), engine)
    monkeypatch.setenv("TONGDAI_DATABASE_URL", url)
    monkeypatch.setattr(database, "make_engine", {url: engine}.__getitem__)
    process_settings.cache_clear()
    sealed_columns.make_key(engine, keyring.recording_keys(process_settings()))
    yield database.engine()
    database.engine.cache_clear()
    if request.param == "postgresql":
        _empty(engine)
    else:
        engine.dispose()


def _copy(template: Path, engine: Engine) -> None:
    """A new file where the one of the test before was."""
    file = Path(engine.url.database or "")
    for old in file.parent.glob(f"{file.name}*"):
        old.unlink()
    shutil.copy(template, file)


def _empty(engine: Engine) -> None:
    """Delete every row, whatever refers to whatever."""
    emptied = [f'DELETE FROM "{table}"' for table in _tables(engine)]  # noqa: S608
    with engine.begin() as connection:
        connection.exec_driver_sql(";".join(["SET LOCAL session_replication_role = replica", *emptied]))


@cache
def _tables(engine: Engine) -> Sequence[str]:
    return [table for table in inspect(engine).get_table_names() if table != "alembic_version"]


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    """For Playwright: `executable_path=chromium.program, env={**os.environ, **chromium.env}`."""
    return install_chromium()


@pytest.fixture(scope="session")
def _valkey() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="tongdai-valkey-"))
    try:
        with own_valkey.running(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def redis(_valkey: str, monkeypatch: pytest.MonkeyPatch, settings: object) -> Iterator[str]:
    """The URL of a real, empty Valkey, which is also this process's bus."""
    monkeypatch.setenv("TONGDAI_REDIS_URL", _valkey)
    process_settings.cache_clear()
    bus.client.cache_clear()
    with redis_client.Redis.from_url(_valkey) as connection:
        connection.flushall()
    yield _valkey
    bus.client().close()

"""The command `tongdai`: quick, clear about errors, and every command of its table is there."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from hotline import cli
from hotline.settings import ROOT

_MODULES = "import sys; from hotline import cli; cli.application(sys.argv[1:]); print(*sys.modules)"


def _tongdai(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hotline.cli", *arguments],
        env={**os.environ, **(env or {})},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_overview_names_every_command() -> None:
    said = _tongdai("--help").stdout
    for name in cli.COMMANDS:
        assert f" {name} " in said


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file for each command with what its `--help` said."""
    folder = tmp_path_factory.mktemp("loaded")
    command = [sys.executable, "-m", "tests.hotline.loading", str(folder), *cli.COMMANDS]
    subprocess.run(command, cwd=ROOT, check=True)
    return folder


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_can_be_loaded(name: str, loaded: Path) -> None:
    said = (loaded / name).read_text("utf-8")
    assert said.endswith("exit code 0\n"), said
    assert "Usage" in said


def test_one_command_does_not_load_the_others() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", _MODULES, "call"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "telephony.softphone.command" in loaded
    assert {"fastapi", "sqlalchemy", "alembic", "rq"}.isdisjoint(loaded)


def test_an_error_of_ours_is_one_line() -> None:
    done = _tongdai("call", "--from", "not a number")
    assert done.returncode == 1
    assert done.stderr.startswith("tongdai: --from must be a phone number")
    assert len(done.stderr.splitlines()) == 1


def test_an_unknown_command_is_a_usage_error() -> None:
    done = _tongdai("dance")
    assert done.returncode == 2
    assert "dance" in done.stderr

"""What must hold for the checkout as such."""

import re
import subprocess
from pathlib import Path

import pytest

from dashboard.rendering import _environment
from hotline.settings import ROOT

_LOCKS = ("requirements.lock", "requirements-dev.lock", "package-lock.json")


@pytest.mark.parametrize("name", _LOCKS)
def test_a_lock_file_names_no_download_address(name: str) -> None:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    assert [line for line in lines if "://" in line or '"resolved"' in line] == []


def test_every_template_compiles() -> None:
    names = [str(file.relative_to(ROOT / "dashboard/templates")) for file in _templates()]
    assert names
    for name in names:
        _environment("vi").get_template(name)


def _templates() -> list[Path]:
    return sorted((ROOT / "dashboard/templates").rglob("*.html"))


def test_nothing_that_is_built_or_secret_is_committed() -> None:
    command = ["git", "ls-files", "-ci", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == ""


_DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_links_to_nothing_that_is_not_there(document: Path) -> None:
    links = _LINK.findall(document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []

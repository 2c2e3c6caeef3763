"""What the pages in docs/security name exists: modules, tests, and each requirement once."""

import re
from itertools import groupby
from pathlib import Path

import pytest

from hotline.settings import ROOT

PAGES = sorted((ROOT / "docs" / "security").glob("*.md"))
_ROW = re.compile(r"^\| ([0-9]+(?:\.[0-9]+){2}) \| [123] \| (\S+) \| (.*) \| (.*) \| (.*) \|$", re.M)
_PATH = re.compile(
    r"(?<![\w/.-])((?:hotline|intake|dashboard|telephony|routing|bench|tests|docs|asterisk-conf)/[\w./-]+\w)"
    r"(?:::(\w+))?"
)
_FILE = re.compile(r"`(Dockerfile|docker-compose\.yml|[\w-]+\.lock|[\w-]+lock\.json)`")
ASVS = ROOT / "docs" / "security" / "asvs.md"


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    missing = [name for name in _FILE.findall(text) if not (ROOT / name).is_file()]
    for name, test in _PATH.findall(text):
        file = ROOT / name
        if not file.exists() or (test and f"def {test}(" not in file.read_text("utf-8")):
            missing.append(f"{name}::{test}")
    assert not missing


def test_each_requirement_stands_once_and_is_one_of_four() -> None:
    rows = _ROW.findall(ASVS.read_text("utf-8"))
    numbers = [tuple(map(int, number.split("."))) for number, *_ in rows]
    assert len(numbers) == 256  # 253 of levels 1 and 2 and those of level 3 that were chosen
    assert numbers == sorted(set(numbers))
    assert {chapter for chapter, _ in groupby(numbers, key=lambda each: each[0])} == set(range(1, 18))
    assert {state for _, state, *_ in rows} <= {"met", "partly", "unmet", "n/a"}


def test_what_is_met_names_the_test_that_shows_it_or_says_that_there_is_none() -> None:
    shown = {
        number: told
        for number, state, *_, told in _ROW.findall(ASVS.read_text("utf-8"))
        if state == "met"
    }
    named = {number for number, told in shown.items() if _PATH.search(told) and "::" in told}
    untold = {number for number, told in shown.items() if told.strip() == "no test"}
    assert named | untold == shown.keys()
    assert len(untold) <= 17  # eight of them ask for a text alone


def test_what_is_not_met_says_why() -> None:
    rows = _ROW.findall(ASVS.read_text("utf-8"))
    assert not [number for number, state, _, where, _ in rows if state != "met" and not where.strip()]


def test_the_count_at_the_top_is_right() -> None:
    text = ASVS.read_text("utf-8")
    states = [state for _, state, *_ in _ROW.findall(text)]
    counted = " | ".join(str(states.count(one)) for one in ("met", "partly", "unmet", "n/a"))
    assert f"| all | {counted} |" in text

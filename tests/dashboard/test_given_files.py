"""Files that somebody sent: scanned when they are given out, kept in any case (docs/adr/0037)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hotline import audit
from hotline.db import reading
from hotline.ids import CaseId
from hotline.settings import ROOT, settings
from intake.tables.case_files import CaseAttachmentRow
from tests import fake_clamd
from tests.dashboard.conftest import Browser, Face
from tests.dashboard.test_case_timeline import PNG, _send
from tests.fake_clamd import EICAR


@pytest.fixture
def opened(face: Face) -> CaseId:
    return face.open_case(face.record_of(face.past(face.an), face.an), face.an)


@pytest.fixture
def door(face: Face, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the house's scanner is when it runs."""
    monkeypatch.setenv("TONGDAI_CLAMD", str(tmp_path / "clamd"))
    settings.cache_clear()
    yield tmp_path / "clamd"
    settings.cache_clear()


def _sent(an: Browser, case: CaseId, content: bytes) -> str:
    """The address of a file that was sent to the case."""
    assert _send(an, case, ("tay.png", content)).status_code == 303
    first = re.search(rf"/cases/{case}/files/\d+(?=\")", an.get(f"/cases/{case}").text)
    assert first
    return first[0]


def _kept(face: Face) -> int:
    with reading(face.db) as session:
        return session.scalar(select(func.count()).select_from(CaseAttachmentRow)) or 0


def test_a_harmful_file_is_kept_given_to_nobody_and_the_try_is_on_record(
    face: Face, an: Browser, opened: CaseId, door: Path
) -> None:
    with fake_clamd.running(door):
        good, harmful = _sent(an, opened, PNG), _sent(an, opened, PNG + EICAR)
        assert an.get(good).content == an.get(f"{good}/picture").content == PNG
        for way in (harmful, f"{harmful}/picture"):
            answer = an.get(way)
            assert (answer.status_code, "mã độc" in answer.text) == (403, True)
            assert EICAR not in answer.content
    assert _kept(face) == 2
    with reading(face.db) as session:
        row = audit.AuditRow
        told = session.scalars(select(row.detail).where(row.act == audit.Act.REFUSED).order_by(row.id))
        assert [detail.rpartition(" ")[2] for detail in told] == ["malware"] * 2


def test_while_the_scanner_is_away_a_file_waits_and_is_not_lost(
    face: Face, an: Browser, opened: CaseId, door: Path
) -> None:
    path = _sent(an, opened, PNG)
    answer = an.get(path)
    assert (answer.status_code, "đang đợi" in answer.text) == (503, True)
    assert PNG not in answer.content
    assert _kept(face) == 1
    with fake_clamd.running(door):
        assert an.get(path).content == PNG


def test_every_file_that_was_sent_to_us_goes_out_by_this_way() -> None:
    """Whatever fetches one, of a report, a case or the field, gives it to `given`."""
    ways = {"attachments", "case_attachments", "handover_photos"}
    for file in (ROOT / "dashboard").rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        fetches = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr == "fetch"
            and isinstance(node.value, ast.Name)
            and node.value.id in ways
        ]
        given = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "given"]
        answers = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "content"]
        assert not fetches or (given and not answers), file.name

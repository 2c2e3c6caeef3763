"""Asterisk's own warnings do not fill the disk: they are cut while it writes them."""

from pathlib import Path

from structlog.testing import capture_logs

from telephony.message_log import MessageLog
from tests.pbx import Pbx
from tests.waiting import until


def warned(pbx: Pbx, *of: str) -> None:
    """Asterisk warns of each in its turn, in several lines; those of all but the last are written."""
    for module in of:
        pbx.console(f"module load {module}")
    until(lambda: of[-1] in pbx.log.read_text("utf-8"))


def test_what_asterisk_warns_of_is_cut_while_it_writes_and_it_writes_on(pbx: Pbx) -> None:
    log = MessageLog(pbx.settings.event_log)
    warned(pbx, "res_once.so", "res_twice.so")
    size = pbx.log.stat().st_size
    assert not log.cut(size + 100_000)
    assert log.cut(size - 1)
    older = pbx.log.with_name("messages.log.1")
    assert "res_once.so" in older.read_text("utf-8")
    warned(pbx, "res_later.so", "res_last.so")
    assert "res_once.so" not in pbx.log.read_text("utf-8")
    assert b"\0" not in pbx.log.read_bytes()  # it writes at the end, wherever that is
    assert log.cut(0)
    assert "res_once.so" not in older.read_text("utf-8")  # one older file is kept


def test_what_cannot_be_cut_is_told_once_and_hurts_nobody(tmp_path: Path) -> None:
    log = MessageLog(tmp_path / "master.db")
    assert not log.cut()
    (tmp_path / "messages.log").write_text("...")
    (tmp_path / "messages.log.1").mkdir()
    with capture_logs() as said:
        assert not log.cut(0)
        assert not log.cut(0)
    assert [one["event"] for one in said] == ["message_log_not_cut"]

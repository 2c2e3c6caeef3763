"""Nothing of callers, children or staff gets into a log."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog

from hotline import log
from hotline.settings import ROOT


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    monkeypatch.setattr("sys.excepthook", None)
    log.configure("info")
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _only(lines: io.StringIO) -> dict[str, object]:
    (line,) = lines.getvalue().splitlines()
    return dict(json.loads(line))


def test_an_event_is_one_line_of_json_with_its_ids_and_counts(lines: io.StringIO) -> None:
    structlog.get_logger("telephony").info("call_ended", call="hn-1763728000.42", talked_seconds=12)
    told = _only(lines)
    assert told["event"] == "call_ended"
    assert told["call"] == "hn-1763728000.42"
    assert told["talked_seconds"] == 12
    assert told["level"] == "info"
    assert datetime.fromisoformat(str(told["timestamp"])).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("caller", "0912345678"),
        ("name", "Nguyen"),
        ("note", "em bi danh"),
        ("id", "0912345678"),
        ("phone", "+84912345678"),
        ("reason", "em bị đánh ở nhà"),
        ("kind", "two words"),
        ("code", ["0912345678", "Nguyễn Thị Đào"]),
    ],
)
def test_names_numbers_and_free_text_are_hidden(lines: io.StringIO, key: str, value: object) -> None:
    structlog.get_logger().warning("something", **{key: value})
    text = lines.getvalue()
    assert log.HIDDEN in text
    for secret in ("912345678", "Nguy", "danh", "đánh", "two words"):
        assert secret not in text


def test_a_sentence_instead_of_a_code_is_hidden(lines: io.StringIO) -> None:
    structlog.get_logger().warning("Could not save the record of Nguyễn Thị Đào")
    assert _only(lines)["event"] == log.HIDDEN


def test_an_exception_is_told_by_type_and_place_without_its_message(lines: io.StringIO) -> None:
    try:
        try:
            raise KeyError("Nguyễn Thị Đào")
        except KeyError as error:
            raise ValueError("em bị đánh, 0912345678") from error
    except ValueError:
        structlog.get_logger().exception("job_failed", job="intake.recordings.recording_work.sweep")
    told = _only(lines)
    assert str(told["exception"]).startswith("ValueError (hotline/test_log.py:")
    assert "; KeyError (" in str(told["exception"])
    assert "Đào" not in lines.getvalue()
    assert "0912345678" not in lines.getvalue()


def test_an_error_given_as_a_value_is_told_by_its_types(lines: io.StringIO) -> None:
    error = ValueError("Nguyễn Thị Đào")
    error.__cause__ = KeyError("0912345678")
    structlog.get_logger().warning("bus_away", error=error)
    assert _only(lines)["error"] == "ValueError < KeyError"


def test_libraries_go_through_the_same_filter(lines: io.StringIO) -> None:
    logger = logging.getLogger("some.library")
    logger.warning("user %s rang from %s %d times", "Nguyễn Thị Đào", "0912345678", 3)
    assert _only(lines)["event"] == "user … rang from … 3 times"


def test_an_access_line_has_neither_query_nor_address(lines: io.StringIO) -> None:
    form = '%s - "%s %s HTTP/%s" %d'
    arguments = ("10.0.0.7:5123", "GET", "/records?q=Nguyễn+0912345678", "1.1", 200)
    logging.getLogger("uvicorn.access").info(form, *arguments)
    told = _only(lines)
    assert (told["event"], told["method"], told["path"], told["status"]) == (
        "http_request",
        "GET",
        "/records",
        200,
    )
    assert "10.0.0.7" not in lines.getvalue()


def _log_calls(file: Path) -> Iterator[tuple[int, str]]:
    """(line, key) of every keyword that the file gives to a logger called `_log`."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="_log" | "log")), keywords=keywords):
                yield from ((node.lineno, word.arg) for word in keywords if word.arg)


def test_every_key_that_the_code_logs_is_on_the_list() -> None:
    """Otherwise its value would silently become "…"."""
    hidden = [
        f"{file.relative_to(ROOT)}:{line} {key}"
        for room in ("hotline", "telephony", "routing", "intake", "dashboard")
        for file in sorted((ROOT / room).rglob("*.py"))
        for line, key in _log_calls(file)
        if key not in {"exc_info", "stack_info"} and log.keys_hidden({key: None})
    ]
    assert hidden == []

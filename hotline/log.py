"""Logs: one line per event on standard error, JSON when that is not a terminal.

A log is read by people who may not read cases. So nothing of callers, children or staff gets in: an
allow-list of keys, and under those keys only codes, numbers and ids. Everything else becomes "…". An
exception is told by its type and where it happened, not by its message, which may quote a form.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from hotline.settings import settings

HIDDEN = "…"

_KEYS = """
    event level timestamp logger exception
    id call offer record case center shift staff counselor phone site job process queue revision
    error errors kind code state outcome reason cause step action method path status route command
    count lost kept dropped waiting backlog tries attempt pid exit_code signal port version
    message_type line took room ami_event ami_address address why bytes calls phones seq
"""
ALLOWED = frozenset(_KEYS.split())
"""Keys whose values are ids, codes, counts or durations. `path`: of our own pages, without a query."""

_ALLOWED_ENDINGS = ("_id", "_ids", "_ms", "_seconds", "_count", "_at", "_bytes", "_port")
_CODE = re.compile(r"[A-Za-z0-9_.:/@<>+\[\]-]{0,120}")
_PHONE_NUMBER = re.compile(r"\+?\d{7,}")
_LONG_DIGITS = re.compile(r"\+?\d[\d .]{5,}\d")
_OWN_EVENT = re.compile(r"[a-z0-9_]{1,60}")


def configure(level: str | None = None) -> None:
    """Send structlog and the standard library's logging through the same filter to standard error."""
    terminal = sys.stderr.isatty()
    shared: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tell_exception,
    ]
    structlog.configure(
        processors=[*shared, only_allowed, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.dev.ConsoleRenderer()
        if terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_read_foreign, *shared, only_allowed],
            use_get_message=False,
            pass_foreign_args=True,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel((level or settings().log_level).upper())
    for noisy in ("panoramisk", "asyncio", "alembic", "rq.worker", "rq.cron", "multipart", "urllib3"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    sys.excepthook = _on_crash


def only_allowed(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """structlog processor: hide what is not on the list, and what is no code under an allowed key."""
    own = "_record" not in event
    for key, value in event.items():
        if key.startswith("_"):
            continue
        if key == "event":
            if own and not _OWN_EVENT.fullmatch(str(value)):
                event[key] = HIDDEN
        elif key not in ALLOWED and not key.endswith(_ALLOWED_ENDINGS):
            event[key] = HIDDEN
        elif key not in ("timestamp", "exception"):
            event[key] = _clean(value)
    return event


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    if isinstance(value, BaseException):
        return " < ".join(type(link).__name__ for link in _chain(value))
    text = str(value)
    return text if _CODE.fullmatch(text) and not _PHONE_NUMBER.fullmatch(text) else HIDDEN


def _read_foreign(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """A library's record: its sentence with only codes and numbers filled in.

    uvicorn's access line → method, path without its query, status; the address is left out.
    """
    record: logging.LogRecord = event["_record"]
    given = event.pop("positional_args", None)
    filling = given if isinstance(given, tuple) else ()
    if record.name == "uvicorn.access" and len(filling) == 5:
        _address, method, path, _version, status = filling
        page = str(path).split("?", 1)[0]
        event.update(event="http_request", method=method, path=page, status=status)
        return event
    try:
        sentence = str(record.msg) % tuple(map(_clean, filling)) if filling else str(record.msg)
    except (TypeError, ValueError):
        sentence = str(record.msg)
    event["event"] = _LONG_DIGITS.sub(HIDDEN, sentence)
    return event


def _tell_exception(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """`exc_info` → `exception`: the types of the chain and where each frame was, no messages."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info if isinstance(info, BaseException) else info[1] if info else None
    if error is not None:
        event["exception"] = "; ".join(_told(error))
    return event


def _told(error: BaseException) -> list[str]:
    """Newest first: `Type (file:line function < file:line function …)`, then its cause."""
    told: list[str] = []
    for link in _chain(error):
        frames = reversed(traceback.extract_tb(link.__traceback__)[-8:])
        where = " < ".join(f"{'/'.join(f.filename.split('/')[-2:])}:{f.lineno} {f.name}" for f in frames)
        told.append(f"{type(link).__name__} ({where})")
    return told


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what caused it."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _on_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The last words of a process. A person at a terminal also sees Python's own traceback."""
    structlog.get_logger().critical("crashed", error=kind.__name__, exc_info=error)
    if sys.stderr.isatty():
        sys.__excepthook__(kind, error, trace)


def keys_hidden(event: MutableMapping[str, Any]) -> list[str]:
    """The keys of an event that the filter would hide altogether (for the tests of our own calls)."""
    return [key for key in event if key not in ALLOWED and not key.endswith(_ALLOWED_ENDINGS)]

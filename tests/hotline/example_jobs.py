"""Jobs for the worker of `test_jobs` to do."""

import os
import threading
from pathlib import Path

_IMPORTED_BY = os.getpid()


def say_who_imported(path: str) -> None:
    Path(path).write_text(str(_IMPORTED_BY), "utf-8")


def write(path: str) -> None:
    Path(path).write_text("done", "utf-8")


def fail(secret: str) -> None:
    raise ValueError(f"cannot read the record of {secret}")


def hang(path: str) -> None:
    """Write our own process id, then wait to be killed (or a minute)."""
    Path(path).write_text(str(os.getpid()), "utf-8")
    threading.Event().wait(60)


class WhenRead:
    """Its pickle makes a file as soon as it is read."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return write, (self.path,)

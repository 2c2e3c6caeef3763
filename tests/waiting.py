"""Waiting in tests: for a condition with a deadline, never for a number of seconds.

In a page too: `until(lambda: page.evaluate(…))`. Playwright's `wait_for_function` polls inside the page
by `eval`, which our Content Security Policy refuses from the second look on.
"""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], within: float = 10.0, every: float = 0.02) -> T:
    """Poll `condition` until it is true and return what it gave.

    `within` and `every` are seconds. Fails the test with the condition's name and its last value.
    """
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            name = getattr(condition, "__qualname__", repr(condition))
            raise AssertionError(f"{name} was not true within {within} s; last value: {value!r}")
        time.sleep(every)

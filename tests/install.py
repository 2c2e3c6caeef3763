"""Brings what the tests need beside Python's packages, with progress: `python -m tests.install`.

What cannot be had is said, and stops the run unless it is in TONGDAI_TEST_SKIP.
"""

import os
import sys
from collections.abc import Callable

from hotline.errors import SetupError
from tests import chromium, postgres
from tests.compose import engine

_COMPONENTS: dict[str, Callable[[], object]] = {
    "postgresql": postgres.install,
    "browser": chromium.install,
    "compose": engine.install,
}


def main() -> int:
    skipped = set(os.environ.get("TONGDAI_TEST_SKIP", "").split(","))
    missing = 0
    for name, install in _COMPONENTS.items():
        if name in skipped:
            continue
        try:
            install()
        except SetupError as error:
            sys.stderr.write(
                f"tests: {name} cannot be had: {error}\n"
                f"       to run the others without it: make test SKIP={name}\n"
            )
            missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.hotline.loading FOLDER COMMAND…`: `tongdai COMMAND --help`, each in its own fork.

What is not ours is imported once, before, for it takes a second each time. Nothing of ours is, so that
each command must be able to load by itself what it needs. FOLDER gets a file COMMAND with what it said
and ends with a line `exit code N`.
"""

import gc
import importlib
import os
import sys
from pathlib import Path

_LIBRARIES = """
    alembic.command babel.support cryptography.hazmat.primitives.ciphers.aead fastapi holidays jinja2
    numpy openpyxl panoramisk phonenumbers psycopg pwdlib pydantic_settings redis rq soundfile
    sqlalchemy.orm sse_starlette structlog typer.rich_utils uvicorn websockets
"""


def main() -> None:
    folder, *names = sys.argv[1:]
    for library in _LIBRARIES.split():
        importlib.import_module(library)
    gc.freeze()  # else each fork would look through all of it, again and again
    for name in names:
        with Path(folder, name).open("ab", buffering=0) as said:
            if (child := os.fork()) == 0:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
                assert "hotline" not in sys.modules
                importlib.import_module("hotline.cli").main([name, "--help"])
                sys.exit()
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            said.write(f"exit code {code}\n".encode())


if __name__ == "__main__":
    main()

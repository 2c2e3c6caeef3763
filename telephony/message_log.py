"""Asterisk's own warnings, `messages.log`: a stranger who knocks all day must not fill the disk.

Asterisk opens the file to append (O_APPEND), so it may be copied aside and emptied under its hands; what
it writes in that very moment is lost. One older file is kept.
"""

import os
import shutil
from pathlib import Path

import structlog

LONGEST = 20_000_000
"""Bytes. With the older one this is what its messages take of the disk at most."""
_log = structlog.get_logger()


class MessageLog:
    """That of the Asterisk whose event log lies beside it."""

    def __init__(self, event_log: Path) -> None:
        self._file = event_log.with_name("messages.log")
        self._older = self._file.with_name("messages.log.1")
        self._said = ""

    def cut(self, longest: int = LONGEST) -> bool:
        """Whether it was longer, and is empty now. What keeps us from it is logged once."""
        try:
            if not self._file.exists() or self._file.stat().st_size <= longest:
                return False
            shutil.copyfile(self._file, self._older)
            os.truncate(self._file, 0)
        except OSError as error:
            if self._said != str(error):
                self._said = str(error)
                _log.warning("message_log_not_cut", error=self._said)
            return False
        return True

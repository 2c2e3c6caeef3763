"""What a queued job is in Redis: JSON, so that nobody who reached Redis could have a worker run code.

Earlier releases let RQ pickle its jobs. Such a job that still waits when this one is put in is done all
the same: it holds texts and numbers alone, and pickle is read here without any class or function, which
is what runs code. Anything else is refused (RQ: DeserializationError, the job is among the failed).
"""

import io
import json
import pickle
from typing import Any

_PICKLED = b"\x80"
"""How every pickle of protocol 2 and above begins, and no JSON."""


class JobData:
    """A serializer as RQ wants it."""

    @staticmethod
    def dumps(data: Any) -> bytes:
        return json.dumps(data).encode()

    @staticmethod
    def loads(data: bytes) -> Any:
        """Raises ValueError or pickle.UnpicklingError for what is neither."""
        return _Plain(io.BytesIO(data)).load() if data.startswith(_PICKLED) else json.loads(data)


class _Plain(pickle.Unpickler):
    """Texts, numbers, lists and the like: they need nothing that is found by name."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError("a job holds texts and numbers alone")

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("a job holds texts and numbers alone")

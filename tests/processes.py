"""What other processes are doing, as Linux tells it."""

from pathlib import Path


def children_of(pid: int) -> dict[int, bytes]:
    """Those it has started that still run → their command lines. One that ends while we look is gone:
    between its name in the list and its command line lies time enough to die."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    commands = {int(child): _command_of(child) for child in listed}
    return {child: command for child, command in commands.items() if command}


def _command_of(pid: str) -> bytes:
    """Empty when it has ended, whether or not anybody has waited for it."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""

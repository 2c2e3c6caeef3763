"""The firewall before Asterisk, for real: in a network of our own, where there is nothing but loopback.

`unshare` (root, or a kernel that lets everybody have user namespaces), `ip` and `nft` are asked for.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from bench.hostile.system import System
from hotline.errors import SetupError
from telephony.firewall import rules

_INSIDE = "TONGDAI_HOSTILE_INSIDE"


def enter(arguments: Sequence[str]) -> None:
    """Become this very program in such a network; returns when we are in it."""
    if os.environ.get(_INSIDE):
        return
    for each in ("unshare", "ip", "nft"):
        if shutil.which(each) is None:
            raise SetupError(f"{each} is not installed: apt install util-linux iproute2 nftables")
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    os.environ[_INSIDE] = "1"
    command = ["unshare", "--net", *as_root, "sh", "-c", 'ip link set lo up && exec "$@"', "-"]
    os.execvp(command[0], [*command, sys.executable, "-m", "bench.hostile", *arguments])  # noqa: S606


def put_up(system: System, phones: Sequence[str]) -> None:
    """The rules as `tongdai pbx firewall` prints them, before this Asterisk."""
    text = rules(system.pbx.settings, phones)
    subprocess.run(["nft", "-f", "-"], input=text.encode(), check=True)


def stopped() -> int:
    """Packets that it has not let through so far."""
    said = subprocess.run(["nft", "list", "table", "inet", "tongdai"], capture_output=True, check=True)
    words = said.stdout.decode().split()
    return sum(int(words[at + 2]) for at, word in enumerate(words) if word == "counter")

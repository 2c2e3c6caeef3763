"""Ports: chosen once in a block that is free on this machine, then remembered in the data folder.

Block k of 20: web 11100+10k, AMI +1, SIP +2, Asterisk's HTTP +3, RTP 21000+500k to +499. A port that a
setting names is left alone. While `tongdai up` runs it holds its block by an abstract unix socket, which
the kernel gives back however the process ends: two copies that start at the same moment take two blocks.
"""

import json
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hotline.errors import SetupError
from hotline.settings import Settings, settings

_BLOCKS = 20
_PBX = ("ami_port", "sip_port", "pbx_http_port", "rtp_start", "rtp_end")
NAMES = ("web_port", *_PBX)


@dataclass(frozen=True, slots=True)
class Taken:
    """A block that is ours as long as `hold` stays open."""

    settings: Settings
    hold: socket.socket | None
    busy: tuple[str, ...] = ()
    """Remembered ports that somebody else has now; empty when the remembered ones were kept."""


@dataclass(frozen=True, slots=True)
class Busy:
    """A port of ours that another program has; `setting` is where it can be changed."""

    name: str
    setting: str
    port: int


def filled(of: Settings | None = None) -> Settings:
    """The settings with every port known: what a command beside `tongdai up` works with."""
    wanted = of or settings()
    remembered = kept(wanted)
    if not _open(remembered):
        return remembered
    taken = take(wanted)
    if taken.hold:
        taken.hold.close()
    return taken.settings


def kept(of: Settings) -> Settings:
    """The settings with the ports that were remembered; those of a first start stay at 0."""
    return _with(of, _remembered(of))


def take(of: Settings) -> Taken:
    """Choose the ports and hold their block: for the process that is about to start the servers.

    Remembered ports are kept while they are free. Raises SetupError when no block is free, or a port
    that a setting names is taken.
    """
    if taken := _told(of):
        raise SetupError(f"port taken: {', '.join(taken)}: stop that program or set another port")
    remembered = _remembered(of)
    if remembered and not _open(_with(of, remembered)):
        hold = _hold(remembered["block"])
        taken = _told(_with(of, remembered))
        if hold and not taken:
            return Taken(_with(of, remembered), hold)
        if hold:
            hold.close()
        taken = taken or (f"block {remembered['block']}",)
    return _choose(of, taken)


def environment(of: Settings) -> dict[str, str]:
    """The ports as `TONGDAI_*` variables, for children."""
    return {f"TONGDAI_{name.upper()}": str(getattr(of, name)) for name in NAMES}


def _choose(of: Settings, taken: tuple[str, ...]) -> Taken:
    for k in range(_BLOCKS):
        hold = _hold(k)
        if hold is None:
            continue
        chosen = _block(k)
        ours = False
        try:
            if not busy(_with(of, chosen)):
                _remember(of, chosen)
                ours = True
                return Taken(_with(of, chosen), hold, taken)
        finally:
            if not ours:
                hold.close()
    raise SetupError("no free block of ports between 11100 and 11299: set TONGDAI_WEB_PORT and others")


def _block(k: int) -> dict[str, int]:
    first, rtp = 11100 + 10 * k, 21000 + 500 * k
    ports = (first, first + 1, first + 2, first + 3, rtp, rtp + 499)
    return {"block": k, **dict(zip(NAMES, ports, strict=True))}


def _with(of: Settings, ports: dict[str, int]) -> Settings:
    """The settings with those ports that no setting names."""
    return of.model_copy(update={name: ports[name] for name in _open(of) if name in ports})


def _open(of: Settings) -> list[str]:
    """The ports that this installation needs and that no setting names."""
    names = NAMES if of.pbx == "embedded" else ("web_port",)
    return [name for name in names if getattr(of, name) == 0]


def _file(of: Settings) -> Path:
    return of.run_dir / "ports.json"


def _remembered(of: Settings) -> dict[str, int]:
    try:
        ports = json.loads(_file(of).read_text("utf-8"))
        return {name: int(ports[name]) for name in ("block", *NAMES)}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _remember(of: Settings, ports: dict[str, int]) -> None:
    try:
        of.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = _file(of).with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(ports), "utf-8")
        draft.replace(_file(of))
    except OSError as error:
        raise SetupError(f"the data folder {of.data} cannot be written: {error.strerror}") from error


def _hold(k: int) -> socket.socket | None:
    """The claim on block k, or None while another copy has it."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        claim.bind(f"\0tongdai111-ports-{k}")
    except OSError:
        claim.close()
        return None
    return claim


def busy(of: Settings) -> Sequence[Busy]:
    """The ports of ours that somebody has now; those at 0 do not count."""
    with ExitStack() as tried:
        return [
            Busy(name, setting, port)
            for name, setting, host, port, kind in _needed(of)
            if port and not tried.enter_context(_bound(host, port, kind))
        ]


def _told(of: Settings) -> tuple[str, ...]:
    """The busy ports for a person."""
    return tuple(f"{each.name} {each.port}" for each in busy(of))


def _needed(of: Settings) -> Iterator[tuple[str, str, str, int, socket.SocketKind]]:
    """(name, setting, address, port, kind) of every socket that the parts will open."""
    tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
    yield "web", "web_port", of.host, of.web_port, tcp
    if of.pbx == "external":
        return
    yield "AMI", "ami_port", of.ami_host, of.ami_port, tcp
    yield "SIP", "sip_port", of.sip_host, of.sip_port, udp
    yield "SIP", "sip_port", of.sip_host, of.sip_port, tcp
    yield "Asterisk's HTTP", "pbx_http_port", of.pbx_http_host, of.pbx_http_port, tcp
    if of.rtp_start and of.rtp_end:
        for port in range(of.rtp_start, of.rtp_end + 1):
            yield "RTP", "rtp_start", of.sip_host, port, udp


@contextmanager
def _bound(host: str, port: int, kind: socket.SocketKind) -> Iterator[bool]:
    """Whether the port could be bound. What is left of our last run (TIME_WAIT) does not count."""
    with socket.socket(socket.AF_INET, kind) as door:
        if kind is socket.SOCK_STREAM:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except OSError:
            yield False
        else:
            yield True

"""The PBX as a part of the product: Asterisk found, configured for one site, ready to be run.

    pbx.ensure_installed()             brings Asterisk when the machine has none
    pbx.prepare(settings, phones)      renders asterisk-conf/ into settings.pbx_dir
    pbx.argv(settings)                 what the supervisor runs, in the foreground
    pbx.ready(settings)                does AMI answer?
    pbx.reload_phones(settings, ...)   phones came or went

`settings` has all its ports filled in. Runs nothing for good and speaks no AMI beyond its banner.
Asterisk 22.10 stops on SIGTERM within 1 to 2.5 s; to FullyBooted it takes about half a second.
"""

import hashlib
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path

from hotline.errors import SetupError, Unavailable
from hotline.peers import Peer, other_sites, own_site
from hotline.secrets import load_or_create, write_private
from hotline.settings import ROOT, Settings
from telephony import pbx_tls, prompts
from telephony.addresses import own_addresses
from telephony.pbx_install import Installation, ensure_installed, find, wanted_modules
from telephony.phones import PhoneAccount, read_accounts, write_accounts

__all__ = [
    "PhoneAccount",
    "ami_secret",
    "argv",
    "ensure_installed",
    "prepare",
    "read_accounts",
    "ready",
    "reload_phones",
]

CONF = ROOT / "asterisk-conf"
_PLACE = re.compile(r"@([a-z_]+)@")
_ENDS_LINE = re.compile(r"(?<!\\);|\r")
_SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes, "/asterisk.ctl" included


def ami_secret(settings: Settings) -> str:
    """The AMI user's password: from the settings, else this installation's own."""
    return settings.ami_secret.get_secret_value() or load_or_create(settings, "ami")


def prepare(settings: Settings, phones: Sequence[PhoneAccount], on_call: Sequence[str] = ()) -> None:
    """Render the site's configuration and make its folders. Safe to repeat, also while it runs.

    `on_call`: numbers to ring when nobody can be reached, until a switchboard tells others.

    Raises SetupError when Asterisk is not installed.
    """
    installed = _installed()
    folder = settings.pbx_dir
    for path in (folder, _etc(settings), _run_dir(settings)):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("lib", "db", "spool", "cache", "lib/agi-bin", "lib/keys"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    settings.spool_dir.mkdir(parents=True, exist_ok=True)
    _link(folder / "lib" / "documentation", installed.documentation)
    prompts.link(settings)
    _link_modules(folder / "modules", installed)
    _make_event_log(settings.event_log)
    values = {**_values(settings), "on_call": "-".join(on_call)}
    for template in sorted((CONF / "etc").glob("*.conf")):
        write_private(_etc(settings) / template.name, _render(template, values))
    _write_phones(settings, phones)


def argv(settings: Settings) -> list[str]:
    """The command that runs the prepared Asterisk in the foreground."""
    return [*_installed().command, "-f", "-C", str(_etc(settings) / "asterisk.conf")]


def ready(settings: Settings, timeout: float = 0.5) -> bool:
    """Whether AMI answers with its banner and, when Asterisk is ours, everything is loaded.

    Asterisk 22.10: AMI answers some 0.2 s before the dialplan and the queues are there.
    """
    try:
        address = (settings.ami_host, settings.ami_port)
        with socket.create_connection(address, timeout=timeout) as door:
            door.settimeout(timeout)
            if not door.recv(64).startswith(b"Asterisk Call Manager"):
                return False
        return settings.pbx == "external" or "fully booted" in console(settings, "core waitfullybooted")
    except (OSError, Unavailable):
        return False


def reload_phones(settings: Settings, phones: Sequence[PhoneAccount]) -> None:
    """Make a running Asterisk know exactly `phones`, the prompts that were recorded, and certificates
    that are new; calls go on."""
    _write_phones(settings, phones)
    prompts.link(settings)
    console(settings, "module reload res_pjsip.so")
    if (own := own_site(settings)) and own.tls:
        _load_certificates(settings)


def _load_certificates(settings: Settings) -> None:
    """PJSIP looks by itself; AMI and HTTP only when their own file is newer (Asterisk 22.10)."""
    for name, command in (("manager", "manager reload"), ("http", "module reload http")):
        (_etc(settings) / f"{name}.conf").touch()
        console(settings, command)


def console(settings: Settings, command: str) -> str:
    """What the running Asterisk says to a console command (`asterisk -rx`: local administrator).

    Raises Unavailable when it does not run or does not know the command (it exits 0 then).
    """
    conf = str(_etc(settings) / "asterisk.conf")
    said = subprocess.run(
        [*_installed().command, "-C", conf, "-rx", command],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    if said.returncode != 0:
        raise Unavailable(
            f"Asterisk of site {settings.site} does not answer: {said.stderr.strip()[-200:]}"
        )
    if said.stdout.startswith("No such command"):
        raise Unavailable(f"Asterisk of site {settings.site} has no command {command!r}")
    return said.stdout


def _installed() -> Installation:
    if installed := find():
        return installed
    raise SetupError("Asterisk is not installed: run `make run`, or install asterisk 20 or later")


def _etc(settings: Settings) -> Path:
    return settings.pbx_dir / "etc"


def _run_dir(settings: Settings) -> Path:
    """Where the control socket lives; elsewhere when the data folder's path is too long for one."""
    own = settings.pbx_dir / "run"
    if len(bytes(own)) + len("/asterisk.ctl") <= _SOCKET_PATH_LIMIT:
        return own
    short = hashlib.sha256(bytes(own)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"tongdai-{os.getuid()}-{short}"


def _values(settings: Settings) -> Mapping[str, str]:
    outside = _outside(settings)
    peers = [peer.strip() for peer in settings.telco_peers.split(",") if peer.strip()]
    return {
        "dir": str(settings.pbx_dir.absolute()),
        "etc": str(_etc(settings).absolute()),
        "run": str(_run_dir(settings).absolute()),
        "log": str(settings.event_log.absolute().parent),
        "spool": str(settings.spool_dir.absolute()),
        "sounds": str(prompts.sounds(settings).absolute()),
        "site": settings.site,
        "ami_host": settings.ami_host,
        "ami_port": str(settings.ami_port),
        "ami_user": settings.ami_user,
        "ami_secret": ami_secret(settings),
        "ami_permit": _lines("permit", _let_in(settings)),
        "sip_host": settings.sip_host,
        "sip_port": str(settings.sip_port),
        "sip_outside": outside,
        **pbx_tls.values(settings, outside),
        "own_number": settings.own_number,
        "trafficking": _into_line(settings.trafficking_numbers),
        "partners": _into_line(settings.partner_numbers),
        "nobody_seconds": str(settings.nobody_seconds),
        "telco_matches": _lines("match", peers),
        "telco_permits": _lines("permit", peers),
        "site_trunks": _site_trunks(settings),
        "silent_browser": str(settings.silent_browser_seconds),
        "silent_phone": str(settings.silent_phone_seconds),
        "silent_phone_hold": str(10 * settings.silent_phone_seconds),
        "rtp_start": str(settings.rtp_start),
        "rtp_end": str(settings.rtp_end),
        "http_host": settings.pbx_http_host,
        "http_port": str(settings.pbx_http_port),
        "http_permits": _lines("permit", [_near(settings.pbx_http_host), *_peers(settings)]),
        "ice_candidates": _ice_candidates(settings),
    }


def _let_in(settings: Settings) -> list[str]:
    """Networks from which AMI may be spoken."""
    if ip_address(settings.ami_host).is_loopback:
        return ["127.0.0.0/8", *(peer.host for peer in other_sites(settings) if peer.tls)]
    return ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", *_peers(settings)]


def _into_line(numbers: str) -> str:
    return "\n".join(
        f"exten => _{each.strip()},1,Goto(line111,s,1)" for each in numbers.split(",") if each
    )


def _outside(settings: Settings) -> str:
    """What the transport needs behind NAT. Only this PBX's own /24 sees the address it really has."""
    if not settings.sip_external:
        return ""
    return (
        f"external_signaling_address = {settings.sip_external}\n"
        f"external_media_address = {settings.sip_external}\n"
        f"local_net = {_near(settings.sip_host)}"
    )


def _near(host: str) -> str:
    """The networks around an address of ours: all of loopback, or the /24."""
    width = 8 if ip_address(host).is_loopback else 24
    return str(ip_network(f"{host}/{width}", strict=False))


def _ice_candidates(settings: Settings) -> str:
    """What a browser is told instead of this machine's own addresses."""
    if settings.sip_external:
        return f"{settings.sip_host} => {settings.sip_external}"
    if not ip_address(settings.sip_host).is_loopback:
        return ""
    return "\n".join(f"{own} => {settings.sip_host}" for own in own_addresses())


def _site_trunks(settings: Settings) -> str:
    return "\n\n".join(
        f"[site-{peer.code}](site)\naors = site-{peer.code}\n"
        f"[site-{peer.code}]\ntype = aor\ncontact = {pbx_tls.sip_uri('', peer)}\n"
        f"{'qualify_frequency = 10' if peer.tls else ''}\n"
        f"[site-{peer.code}]\ntype = identify\nendpoint = site-{peer.code}\nmatch = {peer.host}"
        for peer in other_sites(settings)
    )


def _peers(settings: Settings) -> list[str]:
    """Addresses of the other sites: one of them has the web server that all browsers speak with."""
    return [peer.host for peer in other_sites(settings)]


def _lines(key: str, values: Iterable[str]) -> str:
    return "\n".join(f"{key} = {value}" for value in values)


def _render(template: Path, values: Mapping[str, str]) -> str:
    """Fill in every @name@ but not @@; a name nobody gives is a mistake in asterisk-conf/.

    Raises SetupError for values that would end their line or start a comment.
    """

    def fill(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise SetupError(f"{template.name} asks for {match[0]}, which telephony.pbx does not give")
        value = values[match[1]]
        if _ENDS_LINE.search(value):
            raise SetupError(
                f"{match[1]} holds a character that Asterisk's configuration cannot: {value!r}"
            )
        return value

    return _PLACE.sub(fill, template.read_text("utf-8"))


def _write_phones(settings: Settings, phones: Sequence[PhoneAccount]) -> None:
    sites = {peer.code: peer for peer in other_sites(settings)}
    blocks = [
        _remote_phone(account.phone, sites[account.phone[:2]])
        if account.phone[:2] in sites
        else _phone(account, settings)
        for account in phones
    ]
    write_private(_etc(settings) / "phones.conf", "\n".join(blocks))
    write_accounts(settings, phones)


def _phone(account: PhoneAccount, settings: Settings) -> str:
    name = account.phone
    if account.browser:
        return f"[{name}](browser-phone)\nauth = {name}\naors = {name}\n[{name}](browser-phone-aor)\n"
    return (
        f"[{name}](phone)\nauth = {name}\naors = {name}\n"
        f"[{name}](phone-auth)\nusername = {name}\npassword = {account.secret}\n"
        f"[{name}](phone-aor)\n" + (pbx_tls.shut_in_clear(name) if settings.phone_tls_obliged else "")
    )


def _remote_phone(name: str, site: Peer) -> str:
    """A phone that is registered at another site; its secret stays there."""
    return (
        f"[{name}](remote-phone)\naors = {name}\npermit = {site.host}\n"
        f"[{name}]\ntype = aor\ncontact = {pbx_tls.sip_uri(name, site)}\n"
    )


def _link(place: Path, target: Path) -> None:
    if place.is_symlink() and place.readlink() == target:
        return
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def _link_modules(folder: Path, installed: Installation) -> None:
    """Asterisk loads everything in this folder (autoload), so only what is wanted is linked here."""
    wanted = {
        file.name: file
        for file in wanted_modules((CONF / "modules.list").read_text("utf-8"), installed.modules)
    }
    if folder.is_dir() and {link.name: link.readlink() for link in folder.iterdir()} == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, file in wanted.items():
        (folder / name).symlink_to(file)


def _make_event_log(path: Path) -> None:
    """Asterisk's event log in WAL mode before Asterisk opens it.

    Asterisk 22.10 with the default journal: a reader's open transaction of ten seconds lost rows.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path)
    try:
        database.execute("PRAGMA journal_mode=WAL")
    finally:
        database.close()

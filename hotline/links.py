"""Which of an installation's own connections go over a network in clear. Pure.

Between the containers of one machine, and inside an encrypted VPN, that is as it should be: such
networks are named in TONGDAI_SHELTERED. Everything else speaks TLS (OWASP ASVS 5.0, 12.3.1), but for the
telco's line where the telco gives no other (TONGDAI_TELCO_TLS_PORT), and told. What people connect to
is not ours to say: that is the reverse proxy's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import parse_qs, urlsplit

from hotline.errors import SetupError
from hotline.findings import Finding, Grade, Patient
from hotline.peers import other_sites
from hotline.settings import Settings


@dataclass(frozen=True, slots=True)
class Link:
    """`setting`: its environment variable. `remedy`: how it is sealed; empty: only a VPN does."""

    setting: str
    host: str
    remedy: str = ""


def examine(patient: Patient) -> Iterator[Finding]:
    """The check of `tongdai doctor`. It refuses no start: a center that was set up before this setting
    serves its callers."""
    open_to_all = list(in_clear(patient.settings))
    for link in open_to_all:
        sealed = f"{link.remedy}; or " if link.remedy else ""
        yield Finding(
            Grade.ODD if patient.settings.demo else Grade.WRONG,
            "links",
            f"{link.setting}: {link.host} is spoken with in clear",
            f"{sealed}if the way there is an encrypted VPN, name its network in TONGDAI_SHELTERED",
        )
    for host in telco_in_clear(patient.settings):
        yield Finding(
            Grade.ODD,
            "links",
            f"TONGDAI_TELCO_PEERS: calls from {host} come in clear, as the telco gives them",
            "TONGDAI_TELCO_TLS_PORT if it offers TLS; if its line is leased, or an encrypted VPN, name "
            "its network in TONGDAI_SHELTERED",
        )
    if not open_to_all:
        yield Finding(
            Grade.GOOD, "links", "nothing of ours leaves this machine in clear, but into a VPN"
        )


def in_clear(of: Settings) -> Iterator[Link]:
    """Raises SetupError for TONGDAI_SHELTERED or TONGDAI_SITES that cannot be read."""
    networks, names = _sheltered(of.sheltered)
    for link in _plain(of):
        if not _is_near(link.host, networks, names):
            yield link


def telco_in_clear(of: Settings) -> Iterator[str]:
    """Addresses of the telco whose line anybody on the way may hear; none where it offers TLS."""
    if of.telco_tls_port:
        return
    networks, names = _sheltered(of.sheltered)
    for host in filter(None, (each.strip() for each in of.telco_peers.split(","))):
        if not _is_near(host.partition("/")[0], networks, names):
            yield host


def _plain(of: Settings) -> Iterator[Link]:
    """Every connection without TLS, wherever it goes."""
    database = urlsplit(of.database_url)
    asked = parse_qs(database.query)
    if database.scheme.startswith("postgresql") and asked.get("sslmode") != ["verify-full"]:
        for host in _hosts(database.hostname, asked):
            yield Link("TONGDAI_DATABASE_URL", host, "…?sslmode=verify-full&sslrootcert=<file>")
    redis = urlsplit(of.redis_url)
    if redis.scheme == "redis":
        yield Link("TONGDAI_REDIS_URL", redis.hostname or "", "rediss://…?ssl_ca_certs=<file>")
    yield Link("TONGDAI_AMI_HOST", of.ami_host)
    for peer in other_sites(of):
        if not peer.tls:
            yield Link("TONGDAI_SITES", peer.host, "tls:// before each host (docs/operations.md)")
    if of.headquarters.startswith("http://"):
        yield Link("TONGDAI_HEADQUARTERS", urlsplit(of.headquarters).hostname or "", "https://…")
    if of.clamd and not of.clamd.startswith("/"):
        yield Link("TONGDAI_CLAMD", of.clamd.rpartition(":")[0])
    if of.smtp_host and of.smtp_security == "none":
        host = of.smtp_host.rpartition(":")[0] or of.smtp_host
        yield Link("TONGDAI_SMTP_HOST", host, "TONGDAI_SMTP_SECURITY=starttls or tls")


def _hosts(named: str | None, asked: dict[str, list[str]]) -> list[str]:
    """libpq takes several hosts, and those of the query before that of the address."""
    found = ",".join(asked.get("host", [named or ""])).split(",")
    return [host.rpartition(":")[0] if host.count(":") == 1 else host for host in found]


def _is_near(host: str, networks: list[IPv4Network | IPv6Network], names: frozenset[str]) -> bool:
    """Whether nobody can listen on the way to it."""
    if host in {"", "localhost"} or host.startswith("/") or host.casefold() in names:
        return True
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    return address.is_loopback or any(address in network for network in networks)


def _sheltered(said: str) -> tuple[list[IPv4Network | IPv6Network], frozenset[str]]:
    networks: list[IPv4Network | IPv6Network] = []
    names: set[str] = set()
    for part in filter(None, (each.strip() for each in said.split(","))):
        if not part[0].isdigit() and ":" not in part:
            names.add(part.casefold())
            continue
        try:
            networks.append(ip_network(part, strict=False))
        except ValueError as error:
            raise SetupError(f"TONGDAI_SHELTERED: {part!r} is neither a network nor a name") from error
    return networks, frozenset(names)

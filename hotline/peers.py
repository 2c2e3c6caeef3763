"""The sites of this installation, as the setting `TONGDAI_SITES` names them."""

import re
from dataclasses import dataclass

from hotline.errors import SetupError
from hotline.ids import site_of
from hotline.settings import Settings

_SITE = re.compile(r"([a-z]{2})=(tls://)?([A-Za-z0-9.-]+):([0-9]{1,5}):([0-9]{1,5})(?::([0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class Peer:
    """A center's PBX. `code`: its systemname, with which its phones' names begin. `http_port`: where it
    takes the words of phones in browsers; None: there are desk phones only. `tls`: all three ports are
    of TLS, and the sound between the sites is SRTP."""

    code: str
    host: str
    sip_port: int
    ami_port: int
    http_port: int | None = None
    tls: bool = False


def every_site(settings: Settings) -> tuple[Peer, ...]:
    """As they are named, ours among them or not. Raises SetupError."""
    found = []
    for text in filter(None, (part.strip() for part in settings.sites.split(","))):
        match = _SITE.fullmatch(text)
        if match is None:
            raise SetupError(
                "TONGDAI_SITES wants sites like hn=10.1.0.5:5060:5038:8088 (code=host:SIP port:AMI port"
                ":port of phones in browsers, if any; tls:// before the host where they are ports of "
                f"TLS), separated by commas, not {text!r}"
            )
        code, tls, host, sip, ami, http = match.groups()
        found.append(Peer(code, host, int(sip), int(ami), int(http) if http else None, bool(tls)))
    if len({peer.code for peer in found}) < len(found):
        raise SetupError("TONGDAI_SITES names a site twice")
    if len({peer.tls for peer in found}) > 1:
        raise SetupError("TONGDAI_SITES has tls:// for some sites: it is for all of them or for none")
    return tuple(found)


def other_sites(settings: Settings) -> tuple[Peer, ...]:
    """Every site but our own. Raises SetupError."""
    return tuple(peer for peer in every_site(settings) if peer.code != settings.site)


def own_site(settings: Settings) -> Peer | None:
    """Where the other sites reach ours, if that is named. Raises SetupError."""
    return next((peer for peer in every_site(settings) if peer.code == settings.site), None)


def held_elsewhere(call_id: str, settings: Settings) -> bool:
    """Whether another site's PBX holds this call's caller, and so its recording. Raises SetupError."""
    return site_of(call_id) in {peer.code for peer in other_sites(settings)}

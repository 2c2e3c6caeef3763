"""What Asterisk's configuration says of TLS: between the sites (`tls://` in TONGDAI_SITES), where
TONGDAI_PHONE_TLS_PORT is set towards desk phones, and with TONGDAI_TELCO_TLS_PORT towards the telco.

Between the sites both sides show a certificate of the house's own authority, which vouches for their
addresses; phones check ours; of the telco's we check what it shows when we call there. Where a file
lacks, Asterisk starts without that door and serves the callers of its site, and nothing goes to the
other sites or the telco in clear instead: their endpoints name a transport that is not there.
"""

from collections.abc import Mapping
from pathlib import Path

from hotline.certificates import files_of
from hotline.peers import Peer, own_site
from hotline.settings import Settings

SITES = "sites"
"""Transport of the trunks."""
PHONES = "phones"
"""Transport of desk phones over TLS."""
TELCO = "telco"
"""Transport of the telco's line over TLS."""
CLEAR = "clear"
"""Domain of the transport that is not TLS, where desk phones are obliged."""


def sip_uri(user: str, peer: Peer) -> str:
    """Where another site takes calls, as a line of the configuration; `user` may be empty."""
    place = f"{user}@{peer.host}" if user else peer.host
    return f"sip:{place}:{peer.sip_port}" + ("\\;transport=tls" if peer.tls else "")


def values(settings: Settings, outside: str) -> Mapping[str, str]:
    """`outside`: what a transport needs behind NAT."""
    own = own_site(settings)
    if own is not None and not own.tls:
        own = None
    transports = []
    if own is not None:
        mutual = "verify_server = yes\nverify_client = yes\nrequire_client_cert = yes\nmethod = tlsv1_3"
        transports.append(_transport(settings, SITES, own.sip_port, mutual, outside))
    if settings.phone_tls_port:
        method = "method = tlsv1_2"
        transports.append(_transport(settings, PHONES, settings.phone_tls_port, method, outside))
    if settings.telco_tls_port:
        checked, ca = "verify_server = yes\nmethod = tlsv1_2", telco_ca(settings)
        transports.append(_transport(settings, TELCO, settings.telco_tls_port, checked, outside, ca))
    return {
        **_telco(settings),
        "tls_transports": "\n\n".join(transports),
        "site_link": f"transport = {SITES}\nmedia_encryption = sdes\nset_var = TD_SEALED=1"
        if own
        else "transport = udp",
        "phone_link": _phone_link(settings),
        "udp_domain": f"domain = {CLEAR}" if settings.phone_tls_obliged else "",
        "ami_tls": _server(settings, own.ami_port) if own else "",
        "http_tls": _server(settings, own.http_port) if own and own.http_port else "",
    }


def telco_ca(settings: Settings) -> Path:
    """The authorities that vouch for the telco."""
    return settings.certificates_dir.absolute() / "telco-ca.pem"


def _telco(settings: Settings) -> Mapping[str, str]:
    """How Asterisk speaks with the telco. Over TLS what comes in may offer SRTP or not; what goes out
    offers nothing else."""
    contact = f"contact = sip:{settings.outside}" if settings.outside else ""
    if not settings.telco_tls_port:
        return {
            "trunk_link": "transport = udp",
            "telco_link": "",
            "telco_caller": "",
            "telco_from": "telco",
            "telco_contact": contact,
        }
    return {
        "trunk_link": "media_encryption = sdes\nmedia_encryption_optimistic = yes",
        "telco_link": f"transport = {TELCO}\nmedia_encryption_optimistic = no",
        "telco_caller": "[telco-caller](trunk)\naors = telco",
        "telco_from": "telco-caller",
        "telco_contact": contact and contact + "\\;transport=tls",
    }


def _phone_link(settings: Settings) -> str:
    """How Asterisk speaks with desk phones: as each has registered, unless all are obliged."""
    if settings.phone_tls_obliged:
        return f"transport = {PHONES}\nmedia_encryption = sdes"
    if settings.phone_tls_port:
        return "media_encryption = sdes\nmedia_encryption_optimistic = yes"
    return "transport = udp"


def shut_in_clear(phone: str) -> str:
    """Who claims to be this phone over UDP is somebody who is let in from nowhere.

    Asterisk looks for user@<domain of the transport> before the user alone (22.10), and has no other way
    to let an endpoint in by one transport and not by another.
    """
    return f"[{phone}@{CLEAR}](shut)\n"


def _transport(
    settings: Settings, name: str, port: int, rules: str, outside: str, ca: Path | None = None
) -> str:
    """`ca`: who vouches for the other side, unless the house's own authority does."""
    files = files_of(settings.certificates_dir.absolute(), settings.site)
    lines = [
        f"[{name}]\ntype = transport\nprotocol = tls\nbind = {settings.sip_host}:{port}",
        f"cert_file = {files.certificate}\npriv_key_file = {files.key}\nca_list_file = {ca or files.ca}",
        rules,
        outside,
    ]
    return "\n".join(filter(None, lines))


def _server(settings: Settings, port: int) -> str:
    """Of AMI or HTTP. TLS 1.0 is off by itself (Asterisk 22)."""
    files = files_of(settings.certificates_dir.absolute(), settings.site)
    return (
        f"tlsenable = yes\ntlsbindaddr = {settings.sip_host}:{port}\n"
        f"tlscertfile = {files.certificate}\ntlsprivatekey = {files.key}\n"
        "tlsdisablev1 = yes\ntlsdisablev11 = yes"
    )

"""What Asterisk's configuration says of TLS: between the sites (`tls://` in TONGDAI_SITES) and, where
TONGDAI_PHONE_TLS_PORT is set, towards desk phones.

Between the sites both sides show a certificate of the house's own authority, which vouches for their
addresses; phones check ours. Where a file lacks, Asterisk starts without that door and serves the
callers of its site, and nothing goes to the other sites in clear instead: their endpoints name a
transport that is not there.
"""

from collections.abc import Mapping

from hotline.certificates import files_of
from hotline.peers import Peer, own_site
from hotline.settings import Settings

SITES = "sites"
"""Transport of the trunks."""


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
        transports.append(_transport(settings, "phones", settings.phone_tls_port, method, outside))
    return {
        "tls_transports": "\n\n".join(transports),
        "site_link": f"transport = {SITES}\nmedia_encryption = sdes\nset_var = TD_SEALED=1"
        if own
        else "transport = udp",
        # Without a transport of its own an endpoint is spoken to as it has registered.
        "phone_link": "media_encryption = sdes\nmedia_encryption_optimistic = yes"
        if settings.phone_tls_port
        else "transport = udp",
        "ami_tls": _server(settings, own.ami_port) if own else "",
        "http_tls": _server(settings, own.http_port) if own and own.http_port else "",
    }


def _transport(settings: Settings, name: str, port: int, rules: str, outside: str) -> str:
    files = files_of(settings.certificates_dir.absolute(), settings.site)
    lines = [
        f"[{name}]\ntype = transport\nprotocol = tls\nbind = {settings.sip_host}:{port}",
        f"cert_file = {files.certificate}\npriv_key_file = {files.key}\nca_list_file = {files.ca}",
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

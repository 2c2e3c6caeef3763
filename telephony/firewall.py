"""Rules by which the host's packet filter keeps Asterisk's doors: text for `nft -f` (nftables).

Asterisk answers whatever comes, and who asks often enough keeps it from answering children. So SIP is
taken from the telco, from the other sites and from the networks of desk phones, and from a phone no
faster than a phone speaks. The telco's calls all come from a few addresses: theirs are not counted. A
stream of sound (address, port and port) has fifty packets a second and gets four times that.

The rules look before addresses are translated, so they hold for containers too. They are a table of
their own: loaded again they replace it, `nft delete table inet tongdai` takes it away.
"""

from collections.abc import Iterable, Sequence
from ipaddress import ip_network

from hotline.errors import BadInput
from hotline.peers import other_sites, own_site
from hotline.settings import Settings

_RULES = """\
table inet tongdai
delete table inet tongdai
table inet tongdai {{
  set trusted {{ type ipv4_addr; flags interval; auto-merge; {trusted} }}
  set phones {{ type ipv4_addr; flags interval; auto-merge; {phones} }}
  set speaking {{ type ipv4_addr; flags dynamic; size 65536; timeout 1m; }}
  set streams {{ type ipv4_addr . inet_service . inet_service; flags dynamic; size 65536; timeout 1m; }}

  chain doors {{
    type filter hook prerouting priority raw; policy accept;
    udp dport {sip} jump signaling
{tls}    udp dport {sound} jump sound
  }}
  chain signaling {{
    ip saddr @trusted accept
    ip saddr != @phones counter drop
    meta nfproto ipv6 counter drop
    update @speaking {{ ip saddr limit rate over {messages}/second burst {burst} packets }} counter drop
  }}
  chain sound {{
    update @streams {{ ip saddr . udp sport . udp dport \\
      limit rate over {packets}/second burst {packets} packets }} counter drop
  }}
}}
"""
MESSAGES, BURST = 50, 200
"""Packets a second from one address, and at once: phones may share one, behind a router."""
PACKETS = 200
"""A second of one stream of sound."""


def rules(of: Settings, phones: Sequence[str]) -> str:
    """`phones`: networks of desk phones. Raises BadInput for what is no IPv4 network."""
    sealed = own_site(of)
    tls = [of.telco_tls_port, of.phone_tls_port, sealed.sip_port if sealed and sealed.tls else 0]
    peers = filter(None, (each.strip() for each in of.telco_peers.split(",")))
    return _RULES.format(
        trusted=_elements([*peers, *(peer.host for peer in other_sites(of))]),
        phones=_elements(phones),
        sip=of.sip_port,
        tls="".join(f"    tcp dport {port} jump signaling\n" for port in tls if port),
        sound=f"{of.rtp_start}-{of.rtp_end}",
        messages=MESSAGES,
        burst=BURST,
        packets=PACKETS,
    )


def _elements(networks: Iterable[str]) -> str:
    try:
        found = [ip_network(each, strict=False) for each in networks]
    except ValueError as error:
        raise BadInput(f"a firewall knows addresses and networks alone: {error}") from None
    if any(each.version != 4 for each in found):
        raise BadInput("calls and phones come over IPv4 alone")
    return f"elements = {{ {', '.join(map(str, found))} }}" if found else ""

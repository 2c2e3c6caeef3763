"""This machine's own IPv4 addresses (Linux)."""

import fcntl
import socket
import struct
from collections.abc import Iterator
from ipaddress import ip_address

_SIOCGIFADDR = 0x8915
"""netdevice(7): the address of an interface, at bytes 20 to 23 of `struct ifreq`."""


def own_addresses() -> Iterator[str]:
    """The first address of every interface that has one, loopback left out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        for _, name in socket.if_nameindex():
            try:
                found = fcntl.ioctl(door, _SIOCGIFADDR, struct.pack("256s", name.encode()))
            except OSError:  # none
                continue
            address = ip_address(found[20:24])
            if not address.is_loopback:
                yield str(address)

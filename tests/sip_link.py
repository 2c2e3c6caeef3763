"""What SIP between two sites runs over, so that it can be cut: a relay of datagrams, in a thread."""

import selectors
import socket
import threading

Address = tuple[str, int]


class SipLink:
    """Each site knows the other at a face of the link: on the other's own host, at another port. So
    calls still come from the address by which a site is known. Audio does not run over it.
    """

    def __init__(self, one: Address, two: Address) -> None:
        self._sites = {one[0]: one, two[0]: two}
        self._faces = {host: _bound(host) for host in self._sites}
        self._cut = threading.Event()
        self._end, self._told_to_end = socket.socketpair()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def port_of(self, host: str) -> int:
        """The port at which the other site reaches the one on this host."""
        port: int = self._faces[host].getsockname()[1]
        return port

    def joins(self, host: str) -> bool:
        return host in self._sites

    def cut(self) -> None:
        """Nothing gets through, and nobody is told."""
        self._cut.set()

    def mend(self) -> None:
        self._cut.clear()

    def close(self) -> None:
        self._end.close()
        self._thread.join()
        for face in (*self._faces.values(), self._told_to_end):
            face.close()

    def _carry(self) -> None:
        """What comes to the face of one site comes from the other, and goes on from the other's face."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._told_to_end, selectors.EVENT_READ)
            for host, face in self._faces.items():
                selector.register(face, selectors.EVENT_READ, host)
            while True:
                for key, _ in selector.select():
                    if key.data is None:
                        return
                    datagram = self._faces[key.data].recv(65536)
                    (beyond,) = (face for host, face in self._faces.items() if host != key.data)
                    if not self._cut.is_set():
                        beyond.sendto(datagram, self._sites[key.data])


def _bound(host: str) -> socket.socket:
    face = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    face.bind((host, 0))
    return face

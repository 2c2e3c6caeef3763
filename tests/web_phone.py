"""A phone in a browser without the browser: SIP over a WebSocket, as far as being rung."""

from typing import Protocol

from telephony.softphone.digest import authorization

_ECHOED = ("Via:", "From:", "To:", "Call-ID:", "CSeq:")


class Line(Protocol):
    """Carries whole messages."""

    def send(self, message: str, /) -> None: ...
    def recv(self, timeout: float, /) -> str | bytes: ...


def register(line: Line, account: dict[str, str], over: str = "ws") -> str:
    """What Asterisk says in the end to somebody who registers with this account of `/phone/account`."""
    status, *headers = _asks(line, account, over, 1)
    challenge = next((each for each in headers if each.startswith("WWW-Authenticate")), "")
    if challenge:
        parts = (part.split("=", 1) for part in challenge.partition("Digest ")[2].split(","))
        proof = authorization(
            {name.strip(): value.strip('"') for name, value in parts},
            user=account["phone"],
            secret=account["secret"],
            method="REGISTER",
            uri="sip:asterisk",
        )
        status = _asks(line, account, over, 2, f"Authorization: {proof}\r\n")[0]
    return status.split()[1]


def _asks(line: Line, account: dict[str, str], over: str, number: int, proof: str = "") -> list[str]:
    who = f"<sip:{account['phone']}@asterisk>"
    line.send(
        "REGISTER sip:asterisk SIP/2.0\r\n"
        f"Via: SIP/2.0/{over.upper()} a.invalid;branch=z9hG4bK{number}\r\n"
        f"From: {who};tag=1\r\nTo: {who}\r\nCall-ID: {id(line)}\r\nCSeq: {number} REGISTER\r\n"
        f"Contact: <sip:a@a.invalid;transport={over}>;expires=30\r\nMax-Forwards: 70\r\n"
        f"{proof}Content-Length: 0\r\n\r\n"
    )
    return _heard(line, "SIP/2.0").split("\r\n")


def rung(line: Line) -> str:
    """The INVITE, when it comes."""
    return _heard(line, "INVITE")


def _heard(line: Line, beginning: str) -> str:
    """What begins so; before it, Asterisk may ask whether we are there (OPTIONS)."""
    while not (said := str(line.recv(10))).startswith(beginning):
        if said.startswith("OPTIONS"):
            echoed = "".join(row + "\r\n" for row in said.split("\r\n") if row.startswith(_ECHOED))
            line.send(f"SIP/2.0 200 OK\r\n{echoed}Content-Length: 0\r\n\r\n")
    return said

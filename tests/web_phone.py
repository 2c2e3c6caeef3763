"""A phone in a browser without the browser: SIP over a WebSocket, as far as being rung."""

from websockets.sync.client import ClientConnection

from telephony.softphone.digest import authorization

_ECHOED = ("Via:", "From:", "To:", "Call-ID:", "CSeq:")


def register(line: ClientConnection, account: dict[str, str]) -> str:
    """What Asterisk says in the end to somebody who registers with this account of `/phone/account`."""
    status, *headers = _asks(line, account, 1)
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
        status = _asks(line, account, 2, f"Authorization: {proof}\r\n")[0]
    return status.split()[1]


def _asks(line: ClientConnection, account: dict[str, str], number: int, proof: str = "") -> list[str]:
    who = f"<sip:{account['phone']}@asterisk>"
    line.send(
        f"REGISTER sip:asterisk SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bK{number}\r\n"
        f"From: {who};tag=1\r\nTo: {who}\r\nCall-ID: {id(line)}\r\nCSeq: {number} REGISTER\r\n"
        f"Contact: <sip:a@a.invalid;transport=ws>;expires=30\r\nMax-Forwards: 70\r\n"
        f"{proof}Content-Length: 0\r\n\r\n"
    )
    return _heard(line, "SIP/2.0").split("\r\n")


def rung(line: ClientConnection) -> str:
    """The INVITE, when it comes."""
    return _heard(line, "INVITE")


def _heard(line: ClientConnection, beginning: str) -> str:
    """What begins so; before it, Asterisk may ask whether we are there (OPTIONS)."""
    while not (said := str(line.recv(10))).startswith(beginning):
        if said.startswith("OPTIONS"):
            echoed = "".join(row + "\r\n" for row in said.split("\r\n") if row.startswith(_ECHOED))
            line.send(f"SIP/2.0 200 OK\r\n{echoed}Content-Length: 0\r\n\r\n")
    return said

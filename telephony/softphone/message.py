"""SIP messages (RFC 3261 §7) as bytes and as text. No sockets, no time.

Header values are text made with `surrogateescape`, so that any bytes a hostile caller might send go
through unchanged in both directions.
"""

import re
from dataclasses import dataclass, field
from uuid import uuid4

from hotline.errors import BadInput

_COMPACT = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
}
_COMPACT |= {
    "c": "content-type",
    "r": "refer-to",
    "b": "referred-by",
    "k": "supported",
    "o": "event",
}
_PARAMETER = re.compile(r';\s*([A-Za-z0-9_.-]+)\s*(?:=\s*("[^"]*"|[^;,\s>]+))?')
_CHALLENGE = re.compile(r'([a-z_-]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))', re.IGNORECASE)


@dataclass(slots=True)
class Message:
    """A request (`method` set) or a response (`status` set). Header names in any case."""

    method: str = ""
    uri: str = ""
    status: int = 0
    reason: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def get(self, name: str) -> str:
        """The first header of that name, or ''."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def call_id(self) -> str:
        return self.get("Call-ID")

    @property
    def sequence(self) -> tuple[int, str]:
        """CSeq: number and method; (0, "") when there is none."""
        number, _, method = self.get("CSeq").partition(" ")
        return (int(number), method.strip()) if number.isdigit() else (0, "")

    @property
    def branch(self) -> str:
        """The transaction: the branch of the topmost Via (RFC 3261 §17.1.3)."""
        return parameter(self.get("Via"), "branch")

    def to_bytes(self) -> bytes:
        first = (
            f"{self.method} {self.uri} SIP/2.0"
            if self.method
            else f"SIP/2.0 {self.status} {self.reason}"
        )
        lines = [first, *(f"{name}: {value}" for name, value in self.headers)]
        head = "\r\n".join([*lines, f"Content-Length: {len(self.body)}", "", ""])
        return head.encode("utf-8", "surrogateescape") + self.body


def parse(data: bytes) -> Message:
    """Raises BadInput for what is not SIP. Folded lines (RFC 3261 §7.3.1) are unfolded."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "surrogateescape")).split("\r\n")
    first = lines[0].split(" ", 2)
    if len(first) != 3 or "SIP/2.0" not in (first[0], first[2]):
        raise BadInput(f"not a SIP message: {lines[0][:80]!r}")
    if first[0] == "SIP/2.0":
        if not first[1].isdigit():
            raise BadInput(f"a SIP response without status: {lines[0][:80]!r}")
        message = Message(status=int(first[1]), reason=first[2])
    else:
        message = Message(method=first[0], uri=first[1])
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            name = name.strip()
            message.headers.append((_COMPACT.get(name.lower(), name), value.strip()))
    message.headers = [pair for pair in message.headers if pair[0].lower() != "content-length"]
    message.body = body
    return message


def parameter(value: str, name: str) -> str:
    """The parameter `name` behind the address of a header value ('' when absent): `tag`, `branch`."""
    behind = value[value.rfind(">") + 1 :] if ">" in value else value
    for match in _PARAMETER.finditer(behind):
        if match[1].lower() == name.lower():
            return (match[2] or "").strip('"')
    return ""


def address(value: str) -> str:
    """The URI inside a From, To, Contact or Refer-To value."""
    if "<" in value:
        return value[value.rfind("<") + 1 :].partition(">")[0]
    return value.partition(";")[0].strip()


def user(value: str) -> str:
    """The user part of an address: the number."""
    return address(value).partition(":")[2].partition("@")[0].partition(";")[0]


def display_name(value: str) -> str:
    """The name before the address, without its quotes."""
    if "<" not in value:
        return ""
    name = value[: value.rfind("<")].strip()
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return name


def challenge(value: str) -> dict[str, str]:
    """The parts of a WWW-Authenticate or Proxy-Authenticate value, keys in lower case."""
    return {match[1].lower(): match[2] or match[3] or "" for match in _CHALLENGE.finditer(value)}


def response(request: Message, status: int, reason: str, tag: str = "") -> Message:
    """A response to `request` with the headers that must be copied (RFC 3261 §8.2.6.2)."""
    made = Message(status=status, reason=reason)
    made.headers = [("Via", via) for via in request.all("Via")]
    made.headers += [("Record-Route", route) for route in request.all("Record-Route")]
    to = request.get("To")
    if tag and status > 100 and not parameter(to, "tag"):
        to = f"{to};tag={tag}"
    made.headers += [("From", request.get("From")), ("To", to), ("Call-ID", request.call_id)]
    made.headers.append(("CSeq", request.get("CSeq")))
    return made


def token() -> str:
    """A random tag, branch part or Call-ID."""
    return uuid4().hex[:16]

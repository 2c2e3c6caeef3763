"""SIP as it should be, and with something wrong in it."""

import random

from telephony.softphone.message import token

METHODS = ("INVITE", "REGISTER", "OPTIONS", "SUBSCRIBE", "NOTIFY", "BYE", "ACK", "CANCEL", "REFER")
_SDP = (
    (b"m=audio 40000", b"m=audio -1"),
    (b"m=audio 40000", b"m=audio 99999999999999999999"),
    (b"RTP/AVP 8 101", b"RTP/AVP " + b"8 " * 3000),
    (b"a=rtpmap:8 PCMA/8000", b"a=rtpmap:8 PCMA/0\r\na=ptime:0\r\na=maxptime:-1"),
    (b"a=rtpmap:8 PCMA/8000", b"a=rtpmap:99999 PCMA/8000\r\na=fmtp:8 " + b"x" * 5000),
    (b"m=audio", b"m=audio 1 RTP/AVP 8\r\n" * 200 + b"m=audio"),
    (b"c=IN IP4 ", b"c=IN IP6 "),
    (b"c=IN IP4 ", b"c=IN IP4 999.999.999.999/"),
)


def sip(
    to: str, host: str, port: int, source: str, our_port: int, method: str = "INVITE", over: str = "UDP"
) -> bytes:
    """A whole request with an offer of sound, from a number at `source`."""
    lines = [
        f"{method} sip:{to}@{host}:{port} SIP/2.0",
        f"Via: SIP/2.0/{over} {source}:{our_port};branch=z9hG4bK{token()};rport",
        "Max-Forwards: 70",
        f"From: <sip:0912000009@{source}>;tag={token()}",
        f"To: <sip:{to}@{host}>",
        f"Call-ID: {token()}",
        f"CSeq: 1 {method}",
        f"Contact: <sip:x@{source}:{our_port}>",
        "Content-Type: application/sdp",
    ]
    body = (
        f"v=0\r\no=- 1 1 IN IP4 {source}\r\ns=-\r\nc=IN IP4 {source}\r\nt=0 0\r\n"
        "m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    )
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


def garbled_sip(dice: random.Random, sent: bytes) -> bytes:
    """The same with something wrong in it: cut, doubled, overwritten, with an absurd number or an offer
    of sound that is none."""
    lines = sent.split(b"\r\n")
    match dice.randrange(8):
        case 0:
            return sent[: dice.randrange(len(sent))]
        case 1:
            del lines[dice.randrange(len(lines))]
        case 2:
            lines.insert(dice.randrange(len(lines)), dice.choice(lines) * dice.randrange(1, 40))
        case 3:
            at = dice.randrange(len(sent))
            return sent[:at] + dice.randbytes(dice.randrange(1, 200)) + sent[at:]
        case 4:
            absurd = b"Content-Length: -9" + b"9" * dice.randrange(20)
            lines = sent.replace(b"Content-Length: ", absurd).split(b"\r\n")
        case 5:
            lines = sent.replace(*dice.choice(_SDP)).split(b"\r\n")
        case 6:
            return sent.replace(b"CSeq: 1", b"CSeq: " + b"4" * dice.randrange(1, 60))
        case _:
            return sent.replace(b"\r\n\r\n", b"\r\n" + b"X: y\r\n" * dice.randrange(1, 300) + b"\r\n", 1)
    return b"\r\n".join(lines)

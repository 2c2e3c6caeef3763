"""HTTP below the pages: requests that are no HTTP, slow ones, passwords tried one after the other."""

import asyncio
import time
from contextlib import suppress

import httpx

from bench.hostile.system import LOGIN, PASSWORD, System
from bench.hostile.verdict import Row

_HOST = b"Host: 127.0.0.1\r\n"
_ODD: tuple[bytes, ...] = (
    b"\0" * 4096,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 500,  # TLS
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n" + _HOST + b"\r\n",
    b"GET http://169.254.169.254/latest/meta-data HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"CONNECT 127.0.0.1:5038 HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"TRACE / HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: a\r\n" % each for each in range(3000)) + b"\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /static/../../etc/passwd HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /static/%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /static/..%5c..%5cetc%5cpasswd HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET //etc/passwd HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"POST /login HTTP/1.1\r\n" + _HOST + b"Content-Length: -5\r\n\r\nhello",
    b"POST /login HTTP/1.1\r\n" + _HOST + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
    b"POST /login HTTP/1.1\r\n"
    + _HOST
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    b"GET /health HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"POST /login HTTP/1.1\r\n"
    + _HOST
    + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx\r\n0\r\n\r\n",
    b"POST /login HTTP/1.1\r\n" + _HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST /login HTTP/1.1\r\n"
    + _HOST
    + b"Content-Type: multipart/form-data\r\nContent-Length: 2\r\n\r\n--",
    b"POST /login HTTP/1.1\r\n"
    + _HOST
    + b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 60\r\n\r\n"
    + b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
    + b"y" * 20,
    b"POST /login HTTP/1.1\r\n" + _HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 13\r\n\r\nlogin=%zz%&%=",
    b"POST /api/v1/reports HTTP/1.1\r\n" + _HOST + b"Content-Type: application/json\r\n"
    b"Content-Length: 20000\r\n\r\n" + b"[" * 20_000,
    b"GET /live HTTP/1.1\r\n" + _HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"GET /phone/line HTTP/1.1\r\n" + _HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Origin: http://evil.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n",
)
_SLOW = 60
"""Connections that send a byte now and then; a browser opens six."""


async def odd_requests(system: System) -> Row:
    """What is no HTTP, or two meanings at once; each on a connection of its own."""
    row = Row("http: requests that are none")
    for sent in _ODD:
        for half in (False, True):
            status, said = await _raw(system.port, sent[: len(sent) // 2] if half else sent, ends=half)
            row.answered(f"{sent[:60]!r}", status)
            if b"root:" in said:
                row.wrong.append(f"a file of the machine: {sent[:60]!r}")
    return row


async def _raw(port: int, sent: bytes, *, ends: bool) -> tuple[int, bytes]:
    """The status of the first answer; 0 when there was none, as to half a request that `ends` there."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = b""
    with suppress(OSError, TimeoutError):
        writer.write(sent)
        if ends:
            writer.write_eof()
        async with asyncio.timeout(1):
            said = await reader.read(65536)
    writer.close()
    return int(said[9:12]) if said[:5] == b"HTTP/" and said[9:12].isdigit() else 0, said


async def slow_requests(system: System) -> Row:
    """Many that never finish; everybody else is served meanwhile."""
    row = Row("http: slow requests")
    open_ones = [await asyncio.open_connection("127.0.0.1", system.port) for _ in range(_SLOW)]
    for _, writer in open_ones:
        writer.write(b"POST /login HTTP/1.1\r\n" + _HOST + b"Content-Length: 5000\r\n\r\n")
    async with system.client("owner") as client:
        for round_ in range(5):
            for _, writer in open_ones:
                writer.write(b"x")
            began = time.monotonic()
            answer = await client.get("/desk")
            took = time.monotonic() - began
            row.answered(f"the desk beside {_SLOW} slow ones", answer.status_code)
            if answer.status_code != 200 or took > 2:
                row.wrong.append(f"the desk took {took:.1f} s ({answer.status_code}) in round {round_}")
    for _, writer in open_ones:
        writer.close()
    return row


async def passwords(system: System) -> Row:
    """Somebody guesses; whose account it is still gets in from their own place, with the right one."""
    row = Row("http: passwords guessed")
    async with system.client() as client:
        headers = {"Origin": system.address}
        for number in range(30):
            form = {"login": LOGIN, "password": f"mật khẩu {number}"}
            answer = await client.post("/login", data=form, headers=headers)
            row.answered(f"try {number}", answer.status_code, must_refuse=True)
        if answer.status_code != 429:
            row.wrong.append(f"thirty tries in a row and no pause: {answer.status_code}")
        for login in ("", "a" * 5000, "' OR 1=1 --", LOGIN.upper(), f"{LOGIN}\0"):
            answer = await client.post("/login", data={"login": login, "password": "x"}, headers=headers)
            row.answered(f"login {login[:20]!r}", answer.status_code, must_refuse=True)
    elsewhere = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
    async with httpx.AsyncClient(base_url=system.address, transport=elsewhere) as own:
        form = {"login": LOGIN, "password": PASSWORD}
        answer = await own.post("/login", data=form, headers={"Origin": system.address})
        if answer.status_code != 303:
            row.wrong.append(f"the owner is locked out by the guesses: {answer.status_code}")
    return row

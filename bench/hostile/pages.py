"""The pages: every form with wild fields, every address with wild parts, forged and strangers' requests.

What the forms are is read from the pages themselves, as each person sees them.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote_from_bytes

import httpx

from bench.hostile.system import System
from bench.hostile.verdict import Row
from dashboard.app import create_app
from tests.dashboard.permissions import ROWS
from tests.dashboard.permissions_house import HOUSE_ROWS, OPEN
from tests.dashboard.test_permissions import ways_of

_MARK = "<svg/onload=alert111>"
WILD: tuple[bytes, ...] = (
    b"",
    b"\0",
    b"\xff\xfe\xed\xa0\x80",
    _MARK.encode(),
    b"' OR 1=1; DROP TABLE call --",
    b"{{7*7}}${7*7}#{7*7}<%=7*7%>",
    b'=HYPERLINK("http://evil.example","x")',
    b"../../../../etc/passwd",
    b"x\r\nSet-Cookie: forged=1\r\n\r\n",
    b"-1",
    b"9" * 30,
    b"9" * 5000,
    "²٣".encode(),
    b"1e999",
    b"2026-02-31T99:99",
    '{"a": [\u202e\ufeff'.encode(),
    b"a" * 100_000,
)
_IN_ADDRESS = (
    b"0",
    b"-1",
    b"9" * 30,
    b"1e3",
    b"\0",
    b"\xff",
    b"../../etc/passwd",
    _MARK.encode(),
    b"' OR 1=1",
)
_ENDS_THE_SESSION = re.compile(r"/(logout|hide|show|screen|live)\b")
"""And what never ends by itself; to whom is not logged in it says so in its own way (dashboard.live)."""
_WALKERS = (
    "owner", "lead", "center_lead", "department", "administrator", "auditor", "therapist", "officer",
    "guest",
)  # fmt: skip
_MOST_PAGES = 60
_MOST_SENT = 200_000
"""Bytes of one form: what is longer is refused unread."""


@dataclass(frozen=True, slots=True)
class Form:
    method: str
    action: str
    names: tuple[str, ...]


@dataclass
class _Page(HTMLParser):
    """The links and forms of one page."""

    links: set[str] = field(default_factory=set)
    forms: list[Form] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: tuple[str, str] | None = None
        self._names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.add(given.get("href", ""))
        for how in ("hx-get", "hx-post"):
            if action := given.get(how):
                self.forms.append(Form(how[3:], action, (given.get("name", "value"),)))
        if tag == "form":
            self._open, self._names = (given.get("method", "get").lower(), given.get("action", "")), []
        elif self._open and tag in {"input", "select", "textarea", "button"} and given.get("name"):
            self._names.append(given["name"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open:
            names = tuple(dict.fromkeys(name for name in self._names if name != "csrf"))
            self.forms.append(Form(*self._open, names))
            self._open = None


async def _walk(client: httpx.AsyncClient, first: Iterable[str]) -> dict[str, str]:
    """Address → page, from the first ones on, a bounded number of them; one of each kind of address."""
    pages: dict[str, str] = {}
    kinds: set[str] = set()
    waiting = list(first)
    while waiting and len(pages) < _MOST_PAGES:
        path = waiting.pop(0)
        kind = re.sub(r"\d+", "0", path.partition("?")[0])
        if kind in kinds or _ENDS_THE_SESSION.search(path):
            continue
        kinds.add(kind)
        answer = await client.get(path)
        if answer.status_code == 200 and "html" in answer.headers.get("content-type", ""):
            pages[path] = answer.text
            page = _Page()
            page.feed(answer.text)
            waiting += sorted(link for link in page.links if link.startswith("/"))
    return pages


def _first(system: System) -> list[str]:
    ways = (row.way.partition(" ") for row in (*ROWS, *HOUSE_ROWS))
    return ["/", *(path.format(**system.world.ids) for method, _, path in ways if method == "GET")]


def _body(pairs: Iterable[tuple[str, bytes]]) -> bytes:
    return "&".join(
        f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in pairs
    ).encode()


async def fields(system: System) -> Row:
    """Every form that anybody sees, sent by them with wild fields; nothing of it runs on any page."""
    row = Row("pages: wild fields in every form")
    for who in _WALKERS:
        async with system.client(who) as client:
            pages = await _walk(client, _first(system))
            forms = {
                (form.method, form.names): (form, at)
                for at, page in pages.items()
                for form in _forms(page)
            }
            for form, at in forms.values():
                action = form.action or at
                if not _ENDS_THE_SESSION.search(action):
                    await _send_wild(system, client, who, form, action, row)
            for path, page in (await _walk(client, pages)).items():
                _look_for_the_mark(row, path, page)
    return row


def _forms(text: str) -> list[Form]:
    page = _Page()
    page.feed(text)
    return page.forms


async def _send_wild(
    system: System, client: httpx.AsyncClient, who: str, form: Form, action: str, row: Row
) -> None:
    token = {"X-CSRF-Token": system.csrf(who), "Content-Type": "application/x-www-form-urlencoded"}
    room = max(1, _MOST_SENT // max(1, len(form.names)))
    for wild in WILD:
        sent = _body((name, wild[:room]) for name in form.names)
        what = f"{who}, {wild[:20]!r}"
        if form.method == "post":
            await ask(row, client, what, "POST", action, content=sent, headers=token)
        else:
            await ask(row, client, what, "GET", f"{action.partition('?')[0]}?{sent[:4000].decode()}")


async def ask(
    row: Row,
    client: httpx.AsyncClient,
    what: str,
    method: str,
    at: str,
    *,
    must_refuse: bool = False,
    **given: Any,
) -> httpx.Response | None:
    """One request, counted; `what` says in the table what it was. None: no answer came."""
    told = f"{method} {at[:120]} ({what})"
    try:
        answer = await client.request(method, at, **given)
    except httpx.TransportError as error:
        row.answered(told, 0)
        row.wrong.append(f"{error!r}: {told}")
        return None
    to_log_in = answer.headers.get("location", "") in {"/login", "/h"}
    row.answered(told, answer.status_code, must_refuse=must_refuse, refused=to_log_in)
    if answer.status_code >= 500:
        with suppress(httpx.TransportError):  # the server closes the connection behind it
            await client.get("/health")
    if "forged" in answer.cookies:
        row.wrong.append(f"a header was forged: {told}")
    if "html" in answer.headers.get("content-type", ""):
        _look_for_the_mark(row, told, answer.text)
    return answer


def _look_for_the_mark(row: Row, where: str, text: str) -> None:
    if _MARK in text:
        row.wrong.append(f"unescaped: {where}")


def _every_route() -> Iterator[tuple[str, str]]:
    for way in sorted(ways_of(create_app().routes)):
        method, _, path = way.partition(" ")
        if method != "WEBSOCKET":
            yield method, path


async def addresses(system: System) -> Row:
    """Every address that has a part to fill in, with wild parts, by who sees most."""
    row = Row("pages: wild parts in every address")
    ways = [way for way in _every_route() if "{" in way[1] and not _ENDS_THE_SESSION.search(way[1])]
    for who in ("lead", "stranger"):
        async with system.client(who) as client:
            token = {"X-CSRF-Token": system.csrf(who)}
            for method, path in ways:
                for wild in _IN_ADDRESS:
                    at = re.sub(r"\{[^}]+\}", quote_from_bytes(wild, safe=""), path)
                    await ask(row, client, who, method, at, headers=token)
    return row


async def forged(system: System) -> Row:
    """Every change, asked for by who is logged in without the token of their forms, or with another."""
    row = Row("pages: forged requests (CSRF)")
    for who in ("owner", "lead", "administrator"):
        async with system.client(who) as client:
            for method, path in _every_route():
                if method == "GET" or f"{method} {path}" in OPEN:
                    continue
                at = _filled(system, path)
                for headers in ({}, {"X-CSRF-Token": "x" * 32}):
                    await ask(row, client, who, method, at, must_refuse=True, headers=headers)
    return row


async def strangers(system: System) -> Row:
    """Every address for somebody who is not logged in, or has a cookie of their own making."""
    row = Row("pages: without a session")
    async with system.client() as client:
        for method, path in _every_route():
            at = _filled(system, path)
            if f"{method} {path}" in OPEN:
                continue
            for cookie in ("", "x", "%00", "a" * 3000, "' OR 1=1 --"):
                headers = {"Cookie": f"tongdai-{system.port}={cookie}"} if cookie else {}
                await ask(row, client, cookie[:9], method, at, must_refuse=True, headers=headers)
    return row


def _filled(system: System, path: str) -> str:
    """An address of something that is there."""

    def part(found: re.Match[str]) -> str:
        return str(system.world.ids.get(found[1].removesuffix("_id"), "1"))

    return re.sub(r"\{(\w+)[^}]*\}", part, path)

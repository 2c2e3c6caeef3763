"""One request: who asks, in which language, in one transaction, with signals after the commit.

`Asking` is the one dependency of every endpoint. The transaction is opened by the endpoint itself with
`with asked.work() as work:` and not by a yield-dependency: enter, endpoint and exit then run in one
thread (the SQLite writer's lock belongs to a thread), no request can hold the lock while it waits for
a free thread, and the commit is over before the response begins.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import compare_digest
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Form, Path, Request
from sqlalchemy.orm import Session

from dashboard import browsers
from dashboard.cookies import device_cookie, language_cookie, session_cookie
from dashboard.i18n import Language, language
from hotline import audit, bus, db, sessions, throttle
from hotline.access import BEHIND_GLASS, PROVED, Action, Glass, Viewer, by_rules, may
from hotline.clock import utc_now
from hotline.errors import HotlineError, NotAllowed, NotVisible
from hotline.log_in_tries import Origin
from hotline.secrets import hashed
from hotline.sessions import LogIn, Stage
from hotline.settings import settings
from intake.calls import shift_work

DRAFT = r"^[\d-]{0,40}$"
"""The browser's word for what was typed into a form and is kept there (frontend/drafts.ts)."""
_NAMED = {
    "reference": "handover",
    "form_id": "filled_form",
    "photo_id": "handover_photo",
    "system_id": "office_system",
    "import_id": "directory_import",
    "referral_id": "therapy",
    "meeting_id": "therapy_meeting",
    "extract_id": "research",
    "hold_id": "legal_hold",
}
"""Name in an address → kind of object, where it is not the name without `_id`."""
_ID = re.compile(r"[!-~]{1,150}")
Whose = Callable[[Session, str, datetime], LogIn | None]
_SAFE = frozenset({"GET", "HEAD"})
_SEARCH = "/search"
_LOOKED_AT, _BY_ITSELF = "/wallboard/figures", "/hide/idle"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class NotLoggedIn(HotlineError):
    """Nobody is logged in here, or the session has run out (HTTP 401)."""


class Unproved(NotLoggedIn):
    """The log-in still lacks its second factor (HTTP 401)."""


class ProofNeeded(HotlineError):
    """The password was given too long ago for this (HTTP 403). `typed`: the form that was sent with the
    token `csrf`, for it is sent again afterwards."""

    def __init__(self, typed: Sequence[tuple[str, str]], csrf: str) -> None:
        super().__init__("the password is asked for again")
        self.typed, self.csrf = tuple(typed), csrf


class Hidden(HotlineError):
    """The person has hidden the screen of this session (HTTP 423)."""


class TooFast(HotlineError):
    """More was opened in this session within a minute than a person reads (HTTP 429)."""


class Forged(HotlineError):
    """A change was asked for without the token of this session (HTTP 403)."""


@dataclass(slots=True)
class Work:
    """The running transaction of one request. `signals` go out after the commit."""

    session: Session
    viewer: Viewer
    csrf: str
    now: datetime
    draft_key: str = ""
    """See `sessions.LogIn`; empty while the screen is hidden."""
    stage: Stage = Stage.DONE
    proved: bool = False
    """Their password was given not long ago."""
    glass: Glass | None = None
    """What is open to them in an emergency. `viewer` has it only in what reads such things: nobody
    writes or takes anything out through it."""
    made_up: bool = False
    """What there is to see is: every page says so."""
    has_passkey: bool = False
    began_at: datetime = field(default_factory=utc_now)
    """When they logged in."""
    signals: list[bus.Signal] = field(default_factory=list)

    def signal(self, signals: Sequence[bus.Signal]) -> None:
        self.signals.extend(signals)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    request: Request
    token: str | None
    csrf: str
    """The token that a changing request carried; checked when the work begins."""
    language: Language
    typed: tuple[tuple[str, str], ...] = ()
    """The fields of a form, but for its files and its token."""

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a part of a page."""
        headers = self.request.headers
        return headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in headers

    @property
    def address(self) -> str:
        """Where it came from; empty when the server does not know."""
        return self.request.client.host if self.request.client else ""

    @property
    def origin(self) -> Origin:
        """From where they log in."""
        headers, cookies = self.request.headers, self.request.cookies
        device = cookies.get(device_cookie(), "")
        return Origin(self.address, device, browsers.named(headers.get("User-Agent", "")))

    @contextmanager
    def work(
        self,
        need: Action | None = None,
        *,
        write: bool = True,
        while_hidden: bool = False,
        while_unproved: bool = False,
    ) -> Iterator[Work]:
        """The transaction of a logged-in person; signals are published after its commit.

        `need` is the right without which the page does not exist for the viewer. Give `write=False`
        for a page that records nothing, not even that it was seen, and `while_hidden=True` for what
        shows nothing, or keeps what was typed; `while_unproved=True` for what a log-in needs that lacks
        its second factor. Raises NotLoggedIn, Unproved, Forged, Hidden, NotVisible, TooFast.
        """
        self._require_a_persons_pace()
        unit = db.transaction if write else db.reading
        work, noted = None, False
        try:
            with unit() as session:
                work, seen_at = self._begin(session, while_hidden, while_unproved)
                if need not in BEHIND_GLASS.values():
                    work.viewer = by_rules(work.viewer)
                noted = self._is_the_persons and work.now - seen_at >= sessions.NOTED
                if noted and write:
                    sessions.touch(session, self.token or "", work.now)
                if need is not None and not may(work.viewer, need):
                    raise NotVisible(need)
                if need in PROVED:
                    self.require_proof(work)
                yield work
        except (NotVisible, NotAllowed):
            if work is not None:
                self.refused(work)
            raise
        if noted and not write:
            with db.transaction() as session:
                sessions.touch(session, self.token or "", work.now)
        bus.publish(work.signals)

    def require_proof(self, work: Work) -> None:
        """Raises ProofNeeded."""
        if not work.proved:
            raise ProofNeeded(self.typed, self.csrf)

    def _require_a_persons_pace(self) -> None:
        """Before any transaction, for it asks Redis. Counted are the search and what has an address of
        its own (a case, a call, a file); not lists, which pages ask for themselves. Raises TooFast."""
        path, of = self.request.url.path, settings()
        opens = self.request.method in _SAFE and bool(self.request.path_params)
        if not self.token or not of.looks_per_minute or not (opens or path == _SEARCH):
            return
        if throttle.wait(f"looks.{hashed(self.token)[:32]}", of.looks_per_minute):
            raise TooFast

    def refused(self, work: Work, why: str = "") -> None:
        """On record, in a transaction of its own: that of what was refused is over, or rolled back."""
        kind, id = _asked_for(self.request)
        route = getattr(self.request.scope.get("route"), "path", "")
        detail = f"{self.request.method} {route} {why}".strip()[:200]
        with db.transaction() as session:
            audit.note(session, work.viewer, audit.Act.REFUSED, kind, id, work.now, detail)

    @property
    def _is_the_persons(self) -> bool:
        """Whether a person does this: a page by itself only asks for parts of itself anew. A wallboard
        on a wall has nobody at its keys, and is looked at all the same."""
        path = self.request.url.path
        if path in {_LOOKED_AT, _BY_ITSELF}:
            return path == _LOOKED_AT
        return self.request.method not in _SAFE or (
            not self.is_fragment and self.request.headers.get("Sec-Fetch-Dest") == "document"
        )

    def _begin(
        self, session: Session, while_hidden: bool, while_unproved: bool
    ) -> tuple[Work, datetime]:
        """And when its person was last seen to do something."""
        now = utc_now()
        login = alive(session, self.token, now)
        if login is None:
            raise NotLoggedIn
        if self.request.method not in _SAFE and not compare_digest(
            self.csrf.encode(), login.csrf.encode()
        ):
            raise Forged
        if login.stage and not while_unproved:
            raise Unproved
        if login.hidden and not while_hidden:
            raise Hidden
        draft_key = "" if login.hidden or login.stage else login.draft_key
        proved = now - login.proved_at < timedelta(minutes=settings().proof_minutes)
        who = login.viewer
        work = Work(
            session, who, login.csrf, now, draft_key, login.stage, proved, who.glass, login.made_up,
            login.has_passkey,
            login.began_at,
        )  # fmt: skip
        return work, login.last_seen_at


def alive(
    session: Session, token: str | None, now: datetime, whose: Whose = sessions.current
) -> LogIn | None:
    """Whose session this is, unless it has run out or lain idle. A talk is no idleness: nobody is logged
    out in it, nor at once after it, when they have listened for an hour and typed nothing."""
    login = whose(session, token, now) if token else None
    if login is None:
        return None
    since = now - timedelta(minutes=settings().idle_minutes)
    if login.last_seen_at > since or shift_work.talked_since(session, login.viewer.staff_id, since):
        return login
    return None


def _asked_for(request: Request) -> tuple[str, str]:
    """Kind and id of what the address names: of /cases/7/files/3 it is the case, of /search the page."""
    for name, value in request.scope.get("path_params", {}).items():
        kind, id = _NAMED.get(name, name.removesuffix("_id")), str(value)
        return kind[:32], id if _ID.fullmatch(id) else "?"
    return "page", str(getattr(request.scope.get("route"), "path", ""))[:150]


async def asked(request: Request) -> Asked:
    """What the request carried, before anything is looked up."""
    csrf = await _given_csrf(request)
    return replace(without_its_form(request), csrf=csrf, typed=await _typed(request))


def without_its_form(request: Request) -> Asked:
    """For an answer to a request that may not even be readable."""
    return Asked(
        request=request,
        token=request.cookies.get(session_cookie()),
        csrf="",
        language=language(request.cookies.get(language_cookie())),
    )


async def _given_csrf(request: Request) -> str:
    if request.method in _SAFE:
        return ""
    if header := request.headers.get("X-CSRF-Token"):
        return header
    if request.headers.get("Content-Type", "").startswith(_FORMS):
        return str((await request.form()).get("csrf", ""))
    return ""


async def _typed(request: Request) -> tuple[tuple[str, str], ...]:
    if request.method in _SAFE or not request.headers.get("Content-Type", "").startswith(_FORMS):
        return ()
    form = await request.form()
    return tuple(
        (name, value) for name, value in form.multi_items() if isinstance(value, str) and name != "csrf"
    )


def require_same_origin(request: Request) -> None:
    """Refuse a form that another site sent (for the log-in, which has no session's token yet).

    Our referrer policy makes browsers send `Origin: null`; then Sec-Fetch-Site alone decides.
    """
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", "null")
    foreign = origin != "null" and urlsplit(origin).netloc != request.headers.get("Host")
    if site not in {"same-origin", "none"} or foreign:
        raise Forged


Asking = Annotated[Asked, Depends(asked)]
Id = Annotated[int, Path(ge=0, le=2**31 - 1)]
"""A row's number in an address; what no row can have is not found."""
OtherId = Annotated[int, Form(ge=0, le=2**31 - 1)]
"""A row's number in a form."""
MaybeId = Annotated[int | None, Form(ge=0, le=2**31 - 1)]


def typed_number(typed: str) -> int:
    """Of a form's field; 0, which no row has, for what is no number or none that a column holds."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0


LINE_ID = r"^[!-~]{1,150}$"
"""A call's id: as long as Asterisk makes them, printable ASCII."""
LineId = Annotated[str, Path(pattern=LINE_ID)]
"""In an address."""
LineIdField = Annotated[str, Form(pattern=LINE_ID)]
"""In a form."""


def ours(address: str) -> str:
    """A path on this site: a browser takes `//` and `/\\` for another one."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"

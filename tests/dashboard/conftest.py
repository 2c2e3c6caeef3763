"""Somebody in front of the application: a client that is logged in, without the cost of argon2."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from hashlib import sha256
from itertools import count

import pytest
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import Engine

from dashboard.app import create_app
from dashboard.cookies import session_cookie
from hotline.access import Role, Viewer
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import CaseId, RecordId
from hotline.sessions import SessionRow
from intake.calls import calls
from intake.cases import cases
from intake.records import records
from routing import availability
from routing.choices import Choice
from tests import factories
from tests.factories import Story

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette asks for httpx2, which is httpx under a new name
    from fastapi.testclient import TestClient

CSRF = "a-token-that-forms-carry"
_TOKENS = count(1)


@cache
def _app() -> FastAPI:
    """One for all tests: each would spend half a second on its routes, and it keeps nothing itself."""
    return create_app()


@dataclass
class Browser:
    """One person's browser. `post` carries the token that our pages put into every form."""

    client: TestClient
    viewer: Viewer

    @property
    def token(self) -> str:
        """Of its session's cookie."""
        token: str = self.client.cookies[session_cookie()]
        return token

    @token.setter
    def token(self, token: str) -> None:
        self.client.cookies.set(session_cookie(), token, domain="testserver.local")

    def get(self, path: str, *, fragment: bool = False) -> Response:
        answer: Response = self.client.get(path, headers=_headers(fragment), follow_redirects=False)
        return answer

    def post(self, path: str, data: dict[str, str] | None = None, *, fragment: bool = False) -> Response:
        headers = {**_headers(fragment), "X-CSRF-Token": CSRF}
        answer: Response = self.client.post(
            path, data=data or {}, headers=headers, follow_redirects=False
        )
        return answer

    def save(self, record: int, revision: int, changes: dict[str, str], tab: str = "one") -> Response:
        body = {"base_revision": revision, "tab": tab, "changes": changes}
        headers = {"X-CSRF-Token": CSRF, "Accept": "application/json"}
        answer: Response = self.client.post(f"/records/{record}/autosave", json=body, headers=headers)
        return answer


def _headers(fragment: bool) -> dict[str, str]:
    return {"Accept": "text/html", **({"HX-Request": "true"} if fragment else {})}


@dataclass
class Face:
    """A small hotline and browsers for its people."""

    db: Engine
    an: Viewer
    binh: Viewer
    lead: Viewer
    far_lead: Viewer
    admin: Viewer
    auditor: Viewer
    center_lead: Viewer
    department: Viewer
    officer: Viewer
    therapist: Viewer
    clients: list[TestClient] = field(default_factory=list)

    def stranger(self) -> TestClient:
        client = TestClient(_app(), raise_server_exceptions=False)
        self.clients.append(client)
        return client

    def app(self) -> FastAPI:
        return _app()

    def browser(self, viewer: Viewer) -> Browser:
        client = self.stranger()
        browser = Browser(client, viewer)
        browser.token = self.token(viewer)
        return browser

    def token(self, viewer: Viewer) -> str:
        """Of a new session of theirs."""
        token = f"token-{next(_TOKENS)}"
        now = utc_now()
        with transaction(self.db) as session:
            session.add(
                SessionRow(
                    token_hash=sha256(token.encode()).hexdigest(),
                    lasting_hash=sha256(token.encode()).hexdigest(),
                    staff_id=viewer.staff_id,
                    csrf=CSRF,
                    created_at=now,
                    expires_at=now + timedelta(hours=1),
                    last_seen_at=now,
                    proved_at=now,
                )
            )
        return token

    def tell(self, story: Story) -> Story:
        for event in story.told:
            with transaction(self.db) as session:
                calls.apply(session, event)
        story.told.clear()
        return story

    def answered(self, viewer: Viewer, number: str | None = "0912345678") -> Story:
        """A call that this counselor, who is available, talks in now."""
        self.choose(viewer, Choice.AVAILABLE)
        story = Story(number=number, at=utc_now() - timedelta(seconds=30))
        return self.tell(story.arrived().waiting().rang(viewer.phone or "").talk(viewer.phone or ""))

    def past(self, viewer: Viewer, number: str | None = "0912345678", hours: float = 1) -> Story:
        story = Story(number=number, at=utc_now() - timedelta(hours=hours))
        return self.tell(story.answered_call(viewer.phone or ""))

    def record_of(self, story: Story, viewer: Viewer) -> RecordId:
        with transaction(self.db) as session:
            found = records.record_of_call(session, viewer, story.call_id, utc_now())
        assert found is not None
        return found.id

    def open_case(self, record: RecordId, viewer: Viewer) -> CaseId:
        with transaction(self.db) as session:
            return cases.open_from_record(session, viewer, record, utc_now())

    def choose(self, viewer: Viewer, choice: Choice) -> None:
        with transaction(self.db) as session:
            availability.choose(session, None, viewer.staff_id, choice, utc_now())


@pytest.fixture
def face(db: Engine, redis: str) -> Iterator[Face]:
    now = utc_now()
    with transaction(db) as session:
        hanoi = factories.center(session)
        danang = factories.center(session, "DN", "Đà Nẵng")
        made = Face(
            db,
            an=factories.person(session, phone="hn01", at=hanoi, name="Nguyễn Thị An"),
            binh=factories.person(session, phone="hn02", at=hanoi, name="Trần Văn Bình"),
            lead=factories.person(session, Role.SHIFT_LEAD, at=hanoi, name="Lê Thị Lan"),
            far_lead=factories.person(session, Role.SHIFT_LEAD, at=danang, name="Võ Văn Nam"),
            admin=factories.person(session, Role.ADMINISTRATOR, at=hanoi, name="Phan Quản"),
            auditor=factories.person(session, Role.AUDITOR, at=hanoi, name="Hà Kiểm"),
            center_lead=factories.person(session, Role.CENTER_LEAD, at=hanoi, name="Đỗ Thị Mai"),
            department=factories.person(session, Role.DEPARTMENT, at=hanoi, name="Cao Văn Cục"),
            officer=factories.person(
                session, Role.COMMUNE_OFFICER, at=hanoi, name="Bùi Thị Xã", unit="2025:04978"
            ),
            therapist=factories.person(session, Role.THERAPIST, at=hanoi, name="Tạ Văn Liệu"),
        )
        for viewer in (made.an, made.binh):
            factories.on_duty(session, viewer.staff_id, now)
    yield made
    for client in made.clients:
        client.close()


@pytest.fixture
def an(face: Face) -> Browser:
    return face.browser(face.an)

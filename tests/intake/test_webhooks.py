"""Webhooks to offices: signed, tried again, never into our own network."""

import hmac
import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import Engine, select

from hotline import keyring
from hotline.db import reading, transaction
from hotline.errors import BadInput, NotVisible
from hotline.findings import Grade, Patient
from hotline.sealed import Key
from hotline.settings import Settings
from intake.handovers import doctor, handover_views, office_systems, webhook_rules, webhooks
from intake.handovers.handover_states import State
from intake.tables.offices import OfficeSystemRow, WebhookRow
from tests.factories import NOON
from tests.intake.test_case_handovers import KIM_BOI, send_one, town_of


@pytest.mark.parametrize(
    "url",
    [
        "http://office.example/111",
        "ftp://office.example",
        "https://user@office.example",
        "https://office.example/#x",
        "https://",
        "//office.example",
        "https://office.example:99999",
        "http://127.0.0.1:80/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::ffff:10.0.0.1]/",
    ],
)
def test_an_address_is_https_and_no_other(url: str) -> None:
    with pytest.raises(BadInput, match="url"):
        webhook_rules.target(url, loopback=False)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["192.168.1.1"],
        ["169.254.169.254"],
        ["::1"],
        ["fd00::1"],
        ["::ffff:10.0.0.1"],
        ["224.0.0.1"],
        ["8.8.8.8", "10.0.0.1"],
        [],
    ],
)
def test_a_name_never_leads_into_our_network(addresses: list[str]) -> None:
    assert webhook_rules.usable(addresses, loopback=False) is None


def test_public_addresses_are_used_and_loopback_only_where_allowed() -> None:
    assert webhook_rules.usable(["8.8.8.8", "2001:4860:4860::8888"], loopback=False) == "8.8.8.8"
    assert webhook_rules.usable(["127.0.0.1"], loopback=True) == "127.0.0.1"
    assert webhook_rules.usable(["10.0.0.1"], loopback=True) is None
    assert webhook_rules.target("https://office.example/a?b=c", loopback=False) == (
        "https",
        "office.example",
        443,
        "/a?b=c",
    )


def test_the_signature_is_that_of_standard_webhooks() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    told = webhook_rules.headers("msg_1", NOON, secret, b'{"test": 2432232314}')
    signed = f"msg_1.{int(NOON.timestamp())}.".encode() + b'{"test": 2432232314}'
    expected = hmac.new(b64decode(secret.removeprefix("whsec_")), signed, sha256).digest()
    assert told["webhook-signature"] == f"v1,{b64encode(expected).decode()}"


def test_the_first_tries_come_soon_and_there_is_a_last() -> None:
    waits = [webhook_rules.wait_after(tries) for tries in range(1, len(webhook_rules.WAITS) + 2)]
    assert waits[0] == timedelta(seconds=30)
    assert waits[-1] is None
    assert waits[:-1] == sorted(waits[:-1], key=lambda wait: wait or timedelta())


class Office(HTTPServer):
    """An office's program: answers with these statuses, then with 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/111"


class _Handler(BaseHTTPRequestHandler):
    server: Office

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): text for name, text in self.headers.items()}, body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not into the test's output."""


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office()
    thread = threading.Thread(target=made.serve_forever, args=(0.02,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_a_message_is_tried_until_it_arrives_and_then_no_more(
    db: Engine, redis: str, office: Office, settings: Callable[[], Settings]
) -> None:
    ring = keyring.recording_keys(settings())
    with transaction(db) as session:
        town = town_of(session)
        reference = send_one(session, town)
        assert office_systems.tell(session, reference, webhooks.SENT, NOON) is None  # no program yet
        made = office_systems.make(session, "UBND xã", KIM_BOI, office.url, ring, NOON, loopback=True)
        message = office_systems.tell(session, reference, webhooks.SENT, NOON)
    assert message is not None
    office.statuses = [500, 302]
    now = NOON
    for outcome, state in (("500", State.SENT), ("302", State.SENT), ("200", State.DELIVERED)):
        webhooks.deliver_now(db, message, now, loopback=True)
        webhooks.deliver_now(db, message, now, loopback=True)  # queued twice: too soon for another try
        with reading(db) as session:
            row = session.get_one(WebhookRow, message)
            (view,) = handover_views.of_case(session, town.an, town.case)
            assert (row.outcome, view.state) == (outcome, state)
            now = row.next_at
    webhooks.deliver_now(db, message, now, loopback=True)
    assert len(office.got) == 3
    assert len({headers["webhook-id"] for headers, _ in office.got}) == 1
    headers, body = office.got[-1]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = b64decode(made.secret.removeprefix("whsec_"))
    expected = b64encode(hmac.new(key, signed, sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    told = json.loads(body)
    assert told.keys() == {"type", "timestamp", "data"}
    assert told["data"] == {"reference": reference}


def test_a_message_goes_nowhere_private_and_nowhere_after_revoking(
    db: Engine, redis: str, office: Office, settings: Callable[[], Settings]
) -> None:
    ring = keyring.recording_keys(settings())
    with transaction(db) as session:
        town = town_of(session)
        reference = send_one(session, town)
        made = office_systems.make(session, "A", KIM_BOI, office.url, ring, NOON, loopback=True)
        assert made.secret.encode() not in session.scalars(select(OfficeSystemRow.sealed)).one()
        message = office_systems.tell(session, reference, webhooks.SENT, NOON)
    assert message is not None
    webhooks.deliver_now(db, message, NOON, loopback=False)
    with transaction(db) as session:
        assert session.get_one(WebhookRow, message).outcome == "address"
        office_systems.revoke(session, made.system.id, NOON)
        assert office_systems.of_key(session, made.key) is None
    webhooks.deliver_now(db, message, NOON + timedelta(hours=1), loopback=True)
    with reading(db) as session:
        row = session.get_one(WebhookRow, message)
        assert (row.outcome, row.ended_at is not None) == ("revoked", True)
    assert office.got == []
    newer = [Key(b"3" * 32), *ring]
    assert office_systems.SEALED.rekey(db, newer) == (1, {})
    assert office_systems.SEALED.check(db, newer[:1]) == (1, {})


def test_the_doctor_tells_of_offices_that_cannot_be_reached(
    db: Engine, redis: str, office: Office, settings: Callable[[], Settings]
) -> None:
    of = settings()
    patient = Patient(of.model_copy(update={"webhooks_to_loopback": True}), running=1)
    assert list(doctor.examine(patient)) == []
    with transaction(db) as session:
        ring = keyring.recording_keys(of)
        made = office_systems.make(session, "A", KIM_BOI, office.url, ring, NOON, loopback=True)
    (good,) = doctor.examine(patient)
    assert (good.grade, good.said) == (Grade.GOOD, "1 reached, 0 messages wait")
    assert office.got == [], "nothing is sent"
    (private,) = doctor.examine(Patient(of, running=1))
    assert (private.grade, f"{made.system.id} (address)" in private.said) == (Grade.WRONG, True)
    office.server_close()
    (cut,) = doctor.examine(patient)
    assert (cut.grade, f"{made.system.id} (network)" in cut.said) == (Grade.WRONG, True)


def test_what_cannot_be_an_office_is_said(db: Engine, settings: Callable[[], Settings]) -> None:
    ring = keyring.recording_keys(settings())
    with transaction(db) as session:
        for name, unit, url, why in (
            ("", KIM_BOI, "https://a.example", "name"),
            ("A", "2024:05065", "https://a.example", "unit"),
            ("A", KIM_BOI, "http://a.example", "url"),
        ):
            with pytest.raises(BadInput, match=why):
                office_systems.make(session, name, unit, url, ring, NOON)
        with pytest.raises(NotVisible):
            office_systems.revoke(session, 99, NOON)

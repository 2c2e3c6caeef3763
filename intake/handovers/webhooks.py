"""Carries messages to the programs of offices: once for each try, with back-off, and on record.

A job after the commit tries at once; the sweep of each minute takes up what is due, also what a worker
has lost. Nothing is followed: no redirect, no proxy, no address that the name did not give first.
"""

import ssl
from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import create_connection, getaddrinfo, socket

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hotline import jobs, keyring
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import BadInput
from hotline.settings import settings
from intake.handovers import office_systems, webhook_rules
from intake.handovers.handover_answers import By, delivered
from intake.tables.handovers import HandoverRow
from intake.tables.offices import OfficeSystemRow, WebhookRow

_log = structlog.get_logger()

JOB = "intake.handovers.webhooks.deliver"
SENT = "handover.sent"
_SECONDS = 10
_AT_ONCE = 100


def sweep() -> None:
    """Job (cron): queue what is due."""
    with reading() as session:
        due = select(WebhookRow.id).where(WebhookRow.ended_at.is_(None), WebhookRow.next_at <= utc_now())
        ids = session.scalars(due.order_by(WebhookRow.next_at).limit(_AT_ONCE)).all()
    jobs.enqueue_all([(JOB, each) for each in ids])


def deliver(webhook_id: int) -> None:
    """Job: try this message, if it is still to be delivered."""
    deliver_now(None, webhook_id, utc_now(), loopback=settings().webhooks_to_loopback)


def deliver_now(engine: Engine | None, webhook_id: int, now: datetime, *, loopback: bool) -> None:
    """One try. The row is claimed before and settled after: the network is waited for in no transaction,
    and two workers never send the same try."""
    with transaction(engine) as session:
        claimed = _claim(session, webhook_id, now)
    if claimed is None:
        return
    url, message_id, secret, content = claimed
    headers = webhook_rules.headers(message_id, now, secret, content)
    outcome = post(url, headers, content, loopback=loopback)
    with transaction(engine) as session:
        _settle(session, webhook_id, outcome, now)
    _log.info("webhook", id=message_id, outcome=outcome)


def _claim(session: Session, webhook_id: int, now: datetime) -> tuple[str, str, str, bytes] | None:
    row = session.get(WebhookRow, webhook_id, with_for_update=True)
    if row is None or row.ended_at is not None or row.next_at > now:
        return None
    system = session.get_one(OfficeSystemRow, row.system_id)
    handover = session.get_one(HandoverRow, row.handover_id)
    if system.revoked_at is not None:
        row.ended_at, row.outcome = now, "revoked"
        return None
    row.tries += 1
    wait = webhook_rules.wait_after(row.tries)
    row.next_at = now + (wait or webhook_rules.WAITS[-1])
    secret = office_systems.secret_of(session, system.id, keyring.recording_keys(settings()))
    content = webhook_rules.body(row.event, handover.reference, row.made_at)
    return system.url, row.message_id, secret, content


def _settle(session: Session, webhook_id: int, outcome: str, now: datetime) -> None:
    row = session.get_one(WebhookRow, webhook_id, with_for_update=True)
    row.outcome = outcome
    if outcome.startswith("2"):
        row.ended_at = now
        handover = session.get_one(HandoverRow, row.handover_id, with_for_update=True)
        system = session.get_one(OfficeSystemRow, row.system_id)
        delivered(session, handover, By(system.name), now)
    elif webhook_rules.wait_after(row.tries) is None or outcome == "410":
        row.ended_at = now  # 410 Gone: the receiver wants no more (Standard Webhooks)


def post(url: str, headers: Mapping[str, str], content: bytes, *, loopback: bool) -> str:
    """The HTTP status, or why there was none: `address` (not of the public network), `network`."""
    made, path = _line_to(url, loopback=loopback)
    if made is None:
        return path
    try:
        made.request("POST", path, body=content, headers=dict(headers))
        return str(made.getresponse().status)
    except (OSError, HTTPException):
        return "network"
    finally:
        made.close()


def unreached(url: str, *, loopback: bool) -> str:
    """Why nothing would get there, as `post` says it; empty when it answers. Nothing is sent."""
    made, why = _line_to(url, loopback=loopback)
    if made is None:
        return why
    try:
        made.connect()
    except OSError:
        return "network"
    finally:
        made.close()
    return ""


def _line_to(url: str, *, loopback: bool) -> tuple[HTTPConnection | None, str]:
    """Not connected yet, and the path; None, and why there is none."""
    try:
        scheme, host, port, path = webhook_rules.target(url, loopback=loopback)
        found = [str(each[4][0]) for each in getaddrinfo(host, port, type=1)]
    except BadInput:
        return None, "address"
    except OSError:
        return None, "network"
    address = webhook_rules.usable(found, loopback=loopback)
    if address is None:
        return None, "address"
    of = _Pinned if scheme == "https" else _PlainPinned
    return of(host, port, address), path


class _PlainPinned(HTTPConnection):
    """Connects to the address that was looked at, whatever the name says a moment later."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=_SECONDS)
        self._address = address

    def connect(self) -> None:
        self.sock = create_connection((self._address, self.port), _SECONDS)


class _Pinned(HTTPSConnection):
    """The same, with the certificate checked against the name."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=_SECONDS)
        self._address = address

    def connect(self) -> None:
        raw: socket = create_connection((self._address, self.port), _SECONDS)
        self.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=self.host)

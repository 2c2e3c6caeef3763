"""Sending the e-mails that a room keeps until they are sent: which are due, what each says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import structlog
from sqlalchemy.orm import Session

from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import Unavailable
from hotline.mail import Post, post
from hotline.settings import Settings

_log = structlog.get_logger()


class Mail(Protocol):
    """One that was taken to be sent."""

    @property
    def id(self) -> int: ...

    @property
    def to(self) -> str: ...


M = TypeVar("M", bound=Mail)


@dataclass(frozen=True, slots=True)
class Outbox(Generic[M]):
    """E-mails of one kind. `name`: before their number, by which a server knows one that comes again.
    `written`: subject and text, given the address of the web server."""

    name: str
    waiting: Callable[[Session, datetime], Sequence[int]]
    take: Callable[[Session, int, datetime], M | None]
    sent: Callable[[Session, int, datetime], None]
    failed: Callable[[Session, int, datetime], int]
    written: Callable[[M, str], tuple[str, str]]


def send(outbox: Outbox[M], of: Settings) -> None:
    """All that are due. Safe to run twice at once; what is not taken by the server is tried again."""
    with reading() as session:
        ids = outbox.waiting(session, utc_now())
    if not ids:
        return
    try:
        with post(of) as open_post:
            for mail_id in ids:
                _send(outbox, open_post, mail_id, of)
    except Unavailable as error:
        _log.warning("mail_server_away", error=error, waiting=len(ids))


def _send(outbox: Outbox[M], open_post: Post, mail_id: int, of: Settings) -> None:
    with transaction() as session:
        mail = outbox.take(session, mail_id, utc_now())
    if mail is None:
        return
    subject, text = outbox.written(mail, of.address)
    try:
        open_post.send(mail.to, subject, text, f"{outbox.name}-{mail.id}")
    except Unavailable as error:
        with transaction() as session:
            tries = outbox.failed(session, mail_id, utc_now())
        _log.warning("mail_not_sent", id=mail_id, tries=tries, error=error)
        return
    with transaction() as session:
        outbox.sent(session, mail_id, utc_now())

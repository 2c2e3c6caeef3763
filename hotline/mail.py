"""E-mails to staff, over SMTP (RFC 5321). They carry ids and links; who follows a link must log in.

Raises Unavailable for a server that does not take one; smtplib's errors end here.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.message import EmailMessage

from hotline.errors import Unavailable
from hotline.settings import Settings

_SECONDS = 20
_LONGEST_WAIT = timedelta(hours=2)
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class Post:
    """An open connection to the server."""

    def __init__(self, server: smtplib.SMTP, sender: str) -> None:
        self._server = server
        self._sender = sender

    def send(self, to: str, subject: str, text: str, message_id: str) -> None:
        """`message_id`: the same for the same e-mail however often it is tried, so that a second copy
        can be known for one. Raises Unavailable."""
        message = EmailMessage()
        message["From"], message["To"] = self._sender, to
        message["Subject"] = subject
        message["Message-ID"] = f"<{message_id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            self._server.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            with suppress(smtplib.SMTPException, OSError):
                self._server.rset()
            raise Unavailable(f"SMTP: {type(error).__name__}") from None


@contextmanager
def post(of: Settings) -> Iterator[Post]:
    """Connect as the settings say. Raises Unavailable."""
    try:
        server = _connected(of)
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(f"SMTP: {type(error).__name__}") from None
    try:
        yield Post(server, of.smtp_sender)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()


def _connected(of: Settings) -> smtplib.SMTP:
    host, _, port = of.smtp_host.partition(":")
    number = int(port or _PORTS[of.smtp_security])
    if of.smtp_security == "tls":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, number, timeout=_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, number, timeout=_SECONDS)
    try:
        if of.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if of.smtp_user:
            server.login(of.smtp_user, of.smtp_password.get_secret_value())
    except (smtplib.SMTPException, OSError):
        server.close()
        raise
    return server


def wait_after(tries: int) -> timedelta:
    """Before an e-mail that was tried so often is tried again."""
    return min(_LONGEST_WAIT, timedelta(minutes=2 ** min(tries, 10)))

"""What an e-mail is made of."""

import smtplib
from typing import Any

import pytest

from hotline.mail import Post


class Server(smtplib.SMTP):
    """Takes whatever it is given, without a network."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []

    def send_message(self, msg: Any, *_: Any, **__: Any) -> dict[str, tuple[int, bytes]]:
        self.sent.append(msg.as_string())
        return {}


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("an@example.vn\nBcc: x@example.com", "Ca quá hạn"),
        ("an@example.vn", "Ca quá hạn\r\nBcc: x@example.com"),
    ],
)
def test_no_line_can_be_put_into_its_head(to: str, subject: str) -> None:
    server = Server()
    with pytest.raises(ValueError, match=r"newline|linefeed|CR or LF"):
        Post(server, "111@example.vn").send(to, subject, "Xem ca.", "1")
    assert server.sent == []
    Post(server, "111@example.vn").send("an@example.vn", "Ca quá hạn", "Xem\nBcc: x", "1")
    assert "Bcc" not in server.sent[0].partition("\n\n")[0]

"""What stands before every page."""

import asyncio

from starlette.types import Message, Receive, Scope, Send

from dashboard.guard import BodyLimit


def test_half_a_form_never_reaches_a_page() -> None:
    """The line went away in mid-upload; the second file of two would be missing."""
    came = iter(
        (
            {"type": "http.request", "body": b"csrf=x&note=The child is s", "more_body": True},
            {"type": "http.disconnect"},
        )
    )
    reached: list[Message] = []

    async def page(_scope: Scope, receive: Receive, _send: Send) -> None:
        reached.append(await receive())

    async def receive() -> Message:
        return next(came)

    async def send(message: Message) -> None:
        reached.append(message)

    scope = {"type": "http", "method": "POST", "path": "/cases/1/notes"}
    asyncio.run(BodyLimit(page)(scope, receive, send))
    assert reached == []

"""A call that this side places."""

import asyncio

from hotline.errors import BadInput, Unavailable
from telephony.softphone import sdp
from telephony.softphone.call import Call, Ending, Owner
from telephony.softphone.digest import authorization
from telephony.softphone.message import Message, address, challenge, token
from telephony.softphone.sound import Sound


class OutgoingCall(Call):
    """`from_` is the whole From value without tag, exactly as it is to go on the wire."""

    def __init__(
        self,
        owner: Owner,
        sound: Sound,
        *,
        to: str,
        from_: str,
        secret: str = "",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        try:
            from_.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise BadInput(f"this From cannot be sent: {error}") from None
        host = f"{owner.server[0]}:{owner.server[1]}"
        super().__init__(
            owner,
            sound,
            call_id=token(),
            ours=f"{from_};tag={token()}",
            theirs=f"<sip:{to}@{host}>",
        )
        self._remote = f"sip:{to}@{host}"
        self._secret = secret
        self._headers = headers
        self._given_up = False

    async def begin(self) -> None:
        """Send the INVITE; what comes of it happens to `rang`, `answered`, `ended`."""
        body = await self._open_audio()
        self.begun.now()
        self._spawn(asyncio.create_task(self._run(body)))

    async def _run(self, body: bytes) -> None:
        try:
            final = await self._invite_once(body, ())
            if final.status in (401, 407) and self._secret and not self._given_up:
                self._sequence += 1
                final = await self._invite_once(body, (self._authorization(final),))
        except Unavailable:
            self.status = 408
            self._end(Ending.REFUSED)
            return
        self.status = final.status
        if final.status < 300:
            await self._connected(final)
        else:
            self._end(Ending.CANCELED if self._given_up else Ending.REFUSED)

    async def _invite_once(self, body: bytes, extra: tuple[tuple[str, str], ...]) -> Message:
        invite = self._request("INVITE", *self._session_headers(), *self._headers, *extra)
        invite.body = body
        self._invite = invite
        return await self.owner.wire.request(invite, self.owner.server, self._provisional)

    def _authorization(self, refused: Message) -> tuple[str, str]:
        asked = "WWW-Authenticate" if refused.status == 401 else "Proxy-Authenticate"
        name = "Authorization" if refused.status == 401 else "Proxy-Authorization"
        value = authorization(
            challenge(refused.get(asked)),
            user=self.owner.identity,
            secret=self._secret,
            method="INVITE",
            uri=self._remote,
        )
        return name, value

    def _provisional(self, message: Message) -> None:
        if message.status in (180, 183):
            self._theirs = message.get("To")  # with its tag, for who transfers to a phone that rings
            self.rang.now()
        if media := sdp.read(message.body):
            self.audio.send_to(media)
        if self._given_up:
            self._cancel()

    async def _connected(self, final: Message) -> None:
        self._theirs = final.get("To")
        self._remote = address(final.get("Contact")) or self._remote
        self._ack(final)
        self.answered.now()
        self.audio.send_to(sdp.read(final.body))
        if self._given_up:  # our CANCEL crossed the answer
            await self.hang_up()

    async def _give_up(self) -> None:
        """CANCEL; allowed only after a provisional response (RFC 3261 §9.1), so maybe later."""
        self._given_up = True
        if self.rang or self.status or self._proceeding():
            self._cancel()

    def _proceeding(self) -> bool:
        return self._invite is not None and self.owner.wire.proceeding(self._invite)

    def _cancel(self) -> None:
        invite = self._invite
        if invite is None:
            return
        cancel = Message(method="CANCEL", uri=invite.uri)
        cancel.headers = [(name, invite.get(name)) for name in ("Via", "From", "To", "Call-ID")]
        cancel.headers += [("Max-Forwards", "70"), ("CSeq", f"{invite.sequence[0]} CANCEL")]
        self._spawn(asyncio.create_task(self._send_cancel(cancel)))

    async def _send_cancel(self, cancel: Message) -> None:
        try:
            await self.owner.wire.request(cancel, self.owner.server)
        except Unavailable:
            self._end(Ending.CANCELED)

"""A call that rings on this side."""

import asyncio

from telephony.softphone import sdp
from telephony.softphone.call import Call, Ending, Owner
from telephony.softphone.message import Message, address, token, user
from telephony.softphone.sound import Sound
from telephony.softphone.wire import Address


class IncomingCall(Call):
    """Rings from the start (180); then `answer`, `decline`, or the caller gives up."""

    def __init__(self, owner: Owner, sound: Sound, invite: Message, source: Address) -> None:
        ours = f"{invite.get('To')};tag={token()}"
        super().__init__(owner, sound, call_id=invite.call_id, ours=ours, theirs=invite.get("From"))
        self._remote = address(invite.get("Contact")) or self._remote
        self._invite = invite
        self._source = source
        self.begun.now()

    @property
    def invite(self) -> Message:
        assert self._invite is not None
        return self._invite

    @property
    def dialled(self) -> str:
        """The number that was rung."""
        return user(f"<{self.invite.uri}>")

    def ring(self) -> None:
        """Say 180 Ringing."""
        self.owner.wire.respond(self.invite, self._source, 180, "Ringing", tag=self.tags[0])
        self.rang.now()

    async def answer(self) -> None:
        """Pick up. Does nothing when the caller has given up already."""
        if self.ended or self.answered:
            return
        self.answered.now()
        body = await self._open_audio()
        if self.ended:
            self.audio.stop()
            return
        self.audio.send_to(sdp.read(self.invite.body))
        wire, tag = self.owner.wire, self.tags[0]
        headers = self._session_headers()
        data = wire.respond(self.invite, self._source, 200, "OK", tag=tag, headers=headers, body=body)
        self.status = 200
        self._spawn(asyncio.create_task(self._until_acked(data)))

    async def _until_acked(self, data: bytes) -> None:
        if not await self.owner.wire.repeat(data, self._source, self._acked):
            await self.hang_up()

    def decline(self, status: int = 603) -> None:
        """603 Decline, 486 Busy Here, or any other refusal."""
        if self.ended or self.answered:
            return
        reason = {603: "Decline", 486: "Busy Here", 480: "Temporarily Unavailable"}.get(status, "No")
        self.status = status
        data = self.owner.wire.respond(self.invite, self._source, status, reason, tag=self.tags[0])
        self._end(Ending.REFUSED)
        self._acked = asyncio.Event()
        self._spawn(asyncio.create_task(self.owner.wire.repeat(data, self._source, self._acked)))

    def on_cancel(self, request: Message, source: Address) -> None:
        """The PBX takes the ringing back (RFC 3261 §9.2)."""
        wire = self.owner.wire
        wire.respond(request, source, 200, "OK", tag=self.tags[0])
        if self.answered or self.ended:
            return
        self.reason_header = request.get("Reason")
        wire.respond(self.invite, self._source, 487, "Request Terminated", tag=self.tags[0])
        self._end(Ending.CANCELED)

    async def _give_up(self) -> None:
        self.decline()

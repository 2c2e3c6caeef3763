"""What Asterisk says is true right now: its channels and the state of its phones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telephony.ami import Ami, first
from telephony.callbook import ChannelSnapshot
from telephony.messages import channel_snapshot


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`devices`: phone → device state (`NOT_INUSE`, `UNAVAILABLE` …). `orphans`: unique ids of counselor
    legs still ringing for a caller who is gone."""

    channels: Sequence[ChannelSnapshot]
    devices: Mapping[str, str]
    orphans: Sequence[str]


async def read_snapshot(ami: Ami) -> Snapshot:
    """Ask for everything. Raises AmiError. Asterisk 22: 2.6 ms with six channels."""
    channels = [channel_snapshot(each) for each in await ami.listing("CoreShowChannels")]
    devices = {
        first(each, "device").removeprefix("PJSIP/"): first(each, "state")
        for each in await ami.listing("DeviceStateList")
        if first(each, "device").startswith("PJSIP/")
    }
    alive = {channel.uniqueid for channel in channels}
    orphans = [
        channel.uniqueid
        for channel in channels
        if channel.td_offer and channel.td_call and channel.td_call not in alive
    ]
    return Snapshot(channels, devices, orphans)

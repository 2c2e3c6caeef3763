"""Reading the headers of one AMI message, however this version of Asterisk spells them. Pure.

Header names are compared in lower case; a repeated header is a list, of which the first counts, except
for channel variables; `<unknown>`, `(null)` and empty all mean that nothing was said.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from hotline.errors import BadInput
from telephony.vocabulary import STATE_RING, STATE_RINGING, STATE_UP, ChannelFacts

Headers = Mapping[str, str | list[str]]
Plain = Mapping[str, str | list[str]]
"""Headers by lower-case name."""
_T = TypeVar("_T")

_NOTHING = frozenset({"", "<unknown>", "(null)", "<null>", "none", "unknown", "n/a"})
_NOTHING_LONGEST = max(map(len, _NOTHING))
_DIGITS = {str(number): number for number in range(10)}
_STATES = {
    "down": 0,
    "rsrvd": 1,
    "offhook": 2,
    "dialing": 3,
    "ring": STATE_RING,
    "ringing": STATE_RINGING,
    "up": STATE_UP,
    "busy": 7,
    "dialing offhook": 8,
    "pre-ring": 9,
}
_FIELDS = (
    "uniqueid",
    "channel",
    "channelstate",
    "channelstatedesc",
    "calleridnum",
    "exten",
    "context",
    "linkedid",
    "chanvariable",
)
_NAMES: dict[str, tuple[str, ...]] = {}
"""Prefix → the names of `_FIELDS` under it, so that they are joined once and not in each message."""


class MalformedMessage(BadInput):
    """An AMI message that names no event, or an event that lacks what it cannot do without."""


def plain(headers: Headers) -> Plain:
    """Header names in lower case: every version of Asterisk spells some of them differently."""
    return {key.lower(): value for key, value in headers.items()}


def plain_value(value: object) -> str | None:
    """A header's first value without its padding; None for all of Asterisk's ways to say nothing."""
    if value.__class__ is not str:
        if isinstance(value, list):
            value = value[0] if value else None
        if value is None:
            return None
    text = str(value).strip()
    return None if len(text) <= _NOTHING_LONGEST and text.lower() in _NOTHING else text


def text(headers: Plain, *names: str) -> str | None:
    """The first of these headers that says something."""
    for name in names:
        value = headers.get(name)
        if value is not None:
            said = plain_value(value)
            if said is not None:
                return said
    return None


def need(value: _T | None, what: str, headers: Plain) -> _T:
    """The value, or a MalformedMessage that says what is missing from which event."""
    if value is None:
        raise MalformedMessage(f"{text(headers, 'event')} without {what}")
    return value


def facts(headers: Plain, prefix: str = "") -> ChannelFacts | None:
    """The channel that the headers with this prefix describe; None when there is none."""
    names = _NAMES.get(prefix)
    if names is None:
        names = _NAMES[prefix] = tuple(prefix + field for field in _FIELDS)
    get = headers.get
    uid = plain_value(get(names[0]))
    name = plain_value(get(names[1]))
    if uid is None and name is None:
        return None
    variables = get(names[8])
    if variables is None and name is not None:
        variables = get(f"chanvariable({name.lower()})")
    call, offer = (None, None) if variables is None else our_variables(variables)
    return ChannelFacts(
        uid or "",
        name or "",
        state_number(get(names[2]), get(names[3])),
        plain_value(get(names[4])),
        plain_value(get(names[5])),
        plain_value(get(names[6])),
        plain_value(get(names[7])),
        call,
        offer,
    )


def named(headers: Plain, channel: Sequence[str], uid: Sequence[str]) -> ChannelFacts | None:
    """A channel given only by name and Uniqueid, under irregular header names."""
    found_uid, found_name = text(headers, *uid), text(headers, *channel)
    if found_uid is None and found_name is None:
        return None
    return ChannelFacts(found_uid or "", found_name or "")


def channel(headers: Plain, prefix: str = "") -> ChannelFacts:
    """The channel, or a MalformedMessage."""
    return need(facts(headers, prefix), "a channel", headers)


def state_number(number: object, description: object) -> int | None:
    """ChannelState, or what ChannelStateDesc calls it when there is no number."""
    if isinstance(number, str) and number in _DIGITS:
        return _DIGITS[number]
    said = plain_value(number)
    if said is not None and said.isdecimal():
        return int(said)
    described = plain_value(description) or said
    return None if described is None else _STATES.get(described.lower())


def our_variables(value: object) -> tuple[str | None, str | None]:
    """TD_CALL and TD_OFFER out of one or many `ChanVariable: NAME=value` headers."""
    call = offer = None
    for entry in value if isinstance(value, list) else (value,):
        said = str(entry)
        if said.startswith("TD_CALL="):
            call = plain_value(said[8:])
        elif said.startswith("TD_OFFER="):
            offer = plain_value(said[9:])
    return call, offer

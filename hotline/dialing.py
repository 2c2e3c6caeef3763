"""What we dial: a phone of the house by its name, a Vietnamese number outside. Pure.

The dialplan refuses everything else by itself (asterisk-conf/etc/extensions.conf, contexts from-phone
and telco-out); here it is known before anybody is told that somebody will be rung.
"""

import re

_PHONE = re.compile(r"[a-z]{2}[0-9]{2}")
_SUBSCRIBER = re.compile(r"0[35789][0-9]{8}|02[0-9]{9}")
EMERGENCY = frozenset({"113", "114", "115"})
"""Police, fire brigade, ambulance."""
_CALLER_ID = re.compile(r"[^0-9+]")


def is_phone(name: str) -> bool:
    """A phone of the house: two letters of its site and two digits, like `hn01`."""
    return _PHONE.fullmatch(name) is not None


def is_subscriber(number: str) -> bool:
    """A mobile, or a landline with its area code, as it is dialled: `0912345678`."""
    return _SUBSCRIBER.fullmatch(number) is not None


def caller_id(text: str | None) -> str:
    """The digits and `+` of what somebody says their number is, at most 24: fit for any header."""
    return _CALLER_ID.sub("", (text or "")[:24])

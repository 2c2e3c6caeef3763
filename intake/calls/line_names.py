"""What the line calls its channels, phones and offers, cut to what their columns hold.

Rows and events are compared by these, so whoever writes one and whoever looks for it cuts alike.
"""

from intake.numbers import clean
from intake.tables.calls import CHANNEL_LENGTH, OFFER_ID_LENGTH, PHONE_LENGTH


def channel(said: str) -> str:
    return clean(said, CHANNEL_LENGTH)


def phone(said: str) -> str:
    return clean(said, PHONE_LENGTH)


def offer_id(said: str | None) -> str | None:
    """None when the line named none."""
    return clean(said, OFFER_ID_LENGTH) if said else None

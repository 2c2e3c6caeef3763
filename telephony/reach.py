"""Which phones can be rung, and what their owners become by it. Pure."""

from datetime import datetime

from hotline.ids import Phone
from routing.choices import Choice


class Reach:
    """`since` is always when a phone's owner chose last what they are."""

    def __init__(self) -> None:
        self._unplugged: set[str] = set()
        self._failed_at: dict[str, datetime] = {}
        self._there_at: dict[str, datetime] = {}

    def told(self, phone: str, at: datetime, *, there: bool) -> bool:
        """Asterisk says that a phone came or went; False: that is nothing new."""
        if there:
            self._there_at[phone] = at
        if there is not (phone in self._unplugged) and phone not in self._failed_at:
            return False
        (self._unplugged.discard if there else self._unplugged.add)(phone)
        self._failed_at.pop(phone, None)
        return True

    def failed(self, phone: Phone, at: datetime) -> None:
        """It could not be rung; which says nothing of a phone that Asterisk has seen since."""
        if self._there_at.get(phone, at) <= at:
            self._failed_at[phone] = at

    def has(self, phone: Phone, since: datetime) -> bool:
        """Registered; and no offer has failed on it since its owner last said to be available."""
        failed_at = self._failed_at.get(phone)
        return phone not in self._unplugged and (failed_at is None or failed_at < since)

    def correction(self, phone: Phone, choice: Choice, since: datetime) -> Choice | None:
        """Who is available but has no phone is told so; whose phone is back is available again."""
        if choice is Choice.AVAILABLE and not self.has(phone, since):
            return Choice.PHONE_AWAY
        lost = phone in self._unplugged or phone in self._failed_at
        return Choice.AVAILABLE if choice is Choice.PHONE_AWAY and not lost else None

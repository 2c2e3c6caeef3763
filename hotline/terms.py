"""Why somebody who leads orders something, in their own words, and for how long. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from hotline.errors import BadInput

LONGEST_REASON = 200
"""Characters."""


@dataclass(frozen=True, slots=True)
class Term:
    """`lasts` None: as long as what is ordered does by itself, where it may."""

    reason: str = ""
    lasts: timedelta | None = None

    def told(self) -> str:
        """The reason on one line. Raises BadInput for one that is too long."""
        reason = " ".join(self.reason.split())
        if len(reason) > LONGEST_REASON:
            raise BadInput("reason")
        return reason


ANY = Term()

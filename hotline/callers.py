"""What may be known of a caller before anybody speaks with them: codes and ids, never content. Pure."""

from dataclasses import dataclass

from hotline.ids import StaffId


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a caller's number from before; a number is not a person.

    `language`: ISO 639 code, "" when unknown or Vietnamese. `counselor`: who spoke with them within the
    hour, or has their open case. `lowered`: a shift lead has found it a nuisance, for the time being.
    """

    language: str = ""
    counselor: StaffId | None = None
    urgent_case: bool = False
    promised: bool = False
    rang_again: bool = False
    lowered: bool = False
    skill: str = ""
    """What whoever passed the caller on says they need (`hotline.lines.Skill`)."""
    spoken: bool = False
    """A counselor has spoken with them in this very call."""
    lost: StaffId | None = None
    """Whose phone has fallen silent in it, last of all."""


NOTHING_KNOWN = Known()

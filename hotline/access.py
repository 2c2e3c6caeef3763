"""Who may do what: one pure table, role × action → scope. Deny by default.

A scope is turned into a query condition by the room that owns the rows (`intake` for calls, records and
cases), so that lists, searches, counts and single look-ups all pass the same gate. An administrator runs
the system and sees no child's data. NĐ 56/2017 Art. 24 and 33 ask for need-to-know.
"""

from dataclasses import dataclass
from enum import StrEnum

from hotline.ids import CenterId, Phone, StaffId


class Role(StrEnum):
    COUNSELOR = "counselor"
    SHIFT_LEAD = "shift_lead"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Action(StrEnum):
    TAKE_CALLS = "take_calls"
    READ_CALL = "read_call"
    READ_HISTORY = "read_history"
    """That this number rang before, when and how it ended: possibilities, not content."""
    READ_RECORD = "read_record"
    WRITE_RECORD = "write_record"
    PLAY_RECORDING = "play_recording"
    READ_CASE = "read_case"
    WRITE_CASE = "write_case"
    CALL_BACK = "call_back"
    """See the numbers that are owed a call, take one, ring it."""
    GIVE_UP_CALLBACK = "give_up_callback"
    TAKE_REPORTS = "take_reports"
    """See that reports of the app and the web form wait, and make one's own record of one."""
    SEE_WALLBOARD = "see_wallboard"
    SEE_STAFFING = "see_staffing"
    """The forecast of calls and who is missing when; ask what would be if."""
    STEER_COUNSELORS = "steer_counselors"
    """Set another counselor's availability, put them into another queue."""
    STEER_CENTERS = "steer_centers"
    """Close and open centers, set after how long their callers go elsewhere."""
    WRITE_TO_DESKS = "write_to_desks"
    EDIT_ON_CALL = "edit_on_call"
    """See and change whose mobiles are rung when nobody can be reached."""
    SEE_ROSTER = "see_roster"
    EDIT_ROSTER = "edit_roster"
    SUPERVISE = "supervise"
    """Listen to a running talk, whisper to its counselor, join it."""
    TAKE_NOTE_OF_ALARMS = "take_note_of_alarms"
    LOWER_NUISANCES = "lower_nuisances"
    """Let the calls of a nuisance number wait a little longer, for some hours."""
    READ_AUDIT = "read_audit"
    MANAGE_STAFF = "manage_staff"


class Scope(StrEnum):
    """How far an allowed action reaches."""

    NONE = "none"
    OWN = "own"
    """What the viewer took, wrote or owns."""
    CENTER = "center"
    """OWN, and what belongs to the viewer's center."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person a query is made for. Every query that returns rows takes one."""

    staff_id: StaffId
    login: str
    name: str
    role: Role
    center_id: CenterId
    phone: Phone | None = None
    language: str = "vi"
    phone_in_browser: bool = False


_RULES: dict[Role, dict[Action, Scope]] = {
    Role.COUNSELOR: {
        Action.TAKE_CALLS: Scope.OWN,
        Action.READ_CALL: Scope.OWN,
        Action.READ_HISTORY: Scope.ALL,
        Action.READ_RECORD: Scope.OWN,
        Action.WRITE_RECORD: Scope.OWN,
        Action.PLAY_RECORDING: Scope.OWN,
        Action.READ_CASE: Scope.OWN,
        Action.WRITE_CASE: Scope.OWN,
        Action.CALL_BACK: Scope.CENTER,
        Action.TAKE_REPORTS: Scope.ALL,
        Action.SEE_ROSTER: Scope.CENTER,
    },
    Role.SHIFT_LEAD: {
        Action.READ_CALL: Scope.CENTER,
        Action.READ_HISTORY: Scope.ALL,
        Action.READ_RECORD: Scope.CENTER,
        Action.WRITE_RECORD: Scope.CENTER,
        Action.PLAY_RECORDING: Scope.CENTER,
        Action.READ_CASE: Scope.CENTER,
        Action.WRITE_CASE: Scope.CENTER,
        Action.CALL_BACK: Scope.CENTER,
        Action.GIVE_UP_CALLBACK: Scope.CENTER,
        Action.TAKE_REPORTS: Scope.ALL,
        Action.SEE_WALLBOARD: Scope.ALL,
        Action.SEE_STAFFING: Scope.ALL,
        Action.STEER_COUNSELORS: Scope.CENTER,
        Action.STEER_CENTERS: Scope.ALL,
        Action.WRITE_TO_DESKS: Scope.ALL,
        Action.EDIT_ON_CALL: Scope.CENTER,
        Action.SEE_ROSTER: Scope.ALL,
        Action.EDIT_ROSTER: Scope.CENTER,
        Action.SUPERVISE: Scope.CENTER,
        Action.TAKE_NOTE_OF_ALARMS: Scope.CENTER,
        Action.LOWER_NUISANCES: Scope.CENTER,
    },
    Role.AUDITOR: {Action.READ_AUDIT: Scope.ALL},
    Role.ADMINISTRATOR: {
        Action.MANAGE_STAFF: Scope.ALL,
        Action.SEE_STAFFING: Scope.ALL,
        Action.EDIT_ON_CALL: Scope.ALL,
        Action.SEE_ROSTER: Scope.ALL,
        Action.EDIT_ROSTER: Scope.ALL,
        Action.SEE_WALLBOARD: Scope.ALL,
        Action.TAKE_NOTE_OF_ALARMS: Scope.ALL,
    },
}


def scope(viewer: Viewer, action: Action) -> Scope:
    """How far `action` reaches for `viewer`; NONE when no rule says otherwise."""
    return _RULES.get(viewer.role, {}).get(action, Scope.NONE)


def may(viewer: Viewer, action: Action) -> bool:
    """Whether the viewer may do it at all, to anything."""
    return scope(viewer, action) is not Scope.NONE


def reaches(viewer: Viewer, action: Action, *, owner: StaffId | None, center: CenterId | None) -> bool:
    """Whether `action` reaches one thing with this owner and center."""
    match scope(viewer, action):
        case Scope.ALL:
            return True
        case Scope.CENTER:
            return owner == viewer.staff_id or center == viewer.center_id
        case Scope.OWN:
            return owner == viewer.staff_id
    return False

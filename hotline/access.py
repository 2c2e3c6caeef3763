"""Who may do what: one pure table, role × action → scope. Deny by default.

A scope is turned into a query condition by the room that owns the rows (`intake` for calls, records and
cases), so that lists, searches, counts and single look-ups all pass the same gate. An administrator runs
the system and sees no child's data. NĐ 56/2017 Art. 24 and 33 ask for need-to-know.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from hotline.ids import CenterId, Phone, StaffId


class Role(StrEnum):
    COUNSELOR = "counselor"
    SHIFT_LEAD = "shift_lead"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    CENTER_LEAD = "center_lead"
    """Leads a center: answers for its cases, takes no calls."""
    DEPARTMENT = "department"
    """Cục Bà mẹ và Trẻ em: sees all cases and writes in none."""
    PROVINCE_OFFICER = "province_officer"
    """Of a Sở Y tế."""
    COMMUNE_OFFICER = "commune_officer"
    """Người làm công tác bảo vệ trẻ em cấp xã."""
    THERAPIST = "therapist"
    THERAPY_HEAD = "therapy_head"
    """Heads the therapy unit, and may treat children as well."""


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
    READ_STRICT = "read_strict"
    """Have the documents of a case that are for few eyes (NĐ 56/2017 Đ24.3). OWN: whose case it is now,
    and who had the document made."""
    HAND_CASE_ON = "hand_case_on"
    """Give a case to another owner."""
    REFUSE_CASE = "refuse_case"
    """End a case before it has a plan. Never its owner alone: a second pair of eyes looks."""
    APPROVE_PLAN = "approve_plan"
    """Be named to approve the plan of a case, and stand in for who is named."""
    SET_CASE_LIMITS = "set_case_limits"
    """Change within how long a unit's steps must be done."""
    EXPORT_CASES = "export_cases"
    """Take a list of cases out of the house as a sheet."""
    SEE_SPECIAL_FIGURES = "see_special_figures"
    """How many victims of trafficking there were: counts, nobody's name."""
    SEE_FIGURES = "see_figures"
    """The hotline's figures of any period: counts, none of which tells of one child. Which rows a figure
    counts is shown as far as the viewer may see them anyway."""
    EXPORT_FIGURES = "export_figures"
    """Take a report of these figures out of the house."""
    TREAT = "treat"
    """See the children who are referred to the therapy unit, take them, plan and hold their meetings,
    and read and write what is said there: nobody else does."""
    SEE_THERAPY_FIGURES = "see_therapy_figures"
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
    EDIT_RAPID_TEAM = "edit_rapid_team"
    """Say who goes out tonight when a child is in danger."""
    SEE_ROSTER = "see_roster"
    EDIT_ROSTER = "edit_roster"
    SUPERVISE = "supervise"
    """Listen to a running talk, whisper to its counselor, join it."""
    TAKE_NOTE_OF_ALARMS = "take_note_of_alarms"
    LOWER_NUISANCES = "lower_nuisances"
    """Let the calls of a nuisance number wait a little longer, for some hours."""
    READ_AUDIT = "read_audit"
    MANAGE_STAFF = "manage_staff"
    SEE_DIRECTORY = "see_directory"
    """Offices of communes and provinces, and who is on duty there."""
    EDIT_DIRECTORY = "edit_directory"
    MANAGE_OFFICES = "manage_offices"
    """Offices whose own program takes handovers: their keys, and the log of messages to them."""
    HANDLE_DATA_REQUESTS = "handle_data_requests"
    """Register what people ask of what is kept about them, find and decide it, hand the answer over."""
    APPROVE_DATA_REQUESTS = "approve_data_requests"
    """See these requests, and say yes to an answer that another decided."""
    HOLD_DATA = "hold_data"
    """Keep a case, record or call, which one may read, from being deleted, and let it go again."""
    EXPORT_RESEARCH = "export_research"
    """Ask for an extract without names for research, allow what a colleague asked for, fetch it."""
    READ_OFFICIAL_REPORTS = "read_official_reports"
    """See the house's own reports that are numbered, and fetch what is in force."""
    DRAFT_OFFICIAL_REPORTS = "draft_official_reports"
    """Order a report, see drafts, say what is ordered by itself and who is told."""
    SIGN_OFFICIAL_REPORTS = "sign_official_reports"
    """Be named to sign a report that another drafted."""
    RUN_SURVEYS = "run_surveys"
    """Open and close a survey among the children who call, and see what they said: counts."""
    ANSWER_HANDOVER = "answer_handover"
    """See what was handed to one's unit, accept or refuse it, and report on it. The case itself stays
    with the hotline: its records, files and forms tell who told it (NĐ 56/2017 Đ24)."""
    BREAK_GLASS = "break_glass"
    """Open one case or record that no rule opens, in an emergency, by its number and for a reason: to be
    read, for a short time, by this person alone. Never who told it, its recording, forms or documents;
    the auditor and the leads of its center are told at once."""


PROVED = frozenset(
    {
        Action.MANAGE_STAFF,
        Action.MANAGE_OFFICES,
        Action.EXPORT_CASES,
        Action.EXPORT_FIGURES,
        Action.EXPORT_RESEARCH,
        Action.SIGN_OFFICIAL_REPORTS,
        Action.BREAK_GLASS,
    }
)
"""Whoever does this has given their password not long ago: who finds a screen open does not."""


class Scope(StrEnum):
    """How far an allowed action reaches."""

    NONE = "none"
    OWN = "own"
    """What the viewer took, wrote or owns."""
    CENTER = "center"
    """OWN, and what belongs to the viewer's center."""
    PLACE = "place"
    """OWN, and what happened, or whose child lives, in the viewer's administrative unit."""
    ALL = "all"


class Thing(StrEnum):
    """What can be opened by breaking the glass."""

    CASE = "case"
    RECORD = "record"


BEHIND_GLASS: Mapping[Thing, Action] = {
    Thing.CASE: Action.READ_CASE,
    Thing.RECORD: Action.READ_RECORD,
}
"""The one action that such a thing is open to then."""


@dataclass(frozen=True, slots=True)
class Glass:
    """The one thing that somebody has opened in an emergency, until when. `number`: what people call it.
    `reason_id`: of what they said (`hotline.stated_reasons`)."""

    id: int
    thing: Thing
    thing_id: int
    number: str
    reason_id: int
    until_at: datetime


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
    unit: str = ""
    """An officer's commune or province, by its id (`hotline.units`); Scope.PLACE is what was handed to
    it."""
    glass: Glass | None = None
    """What is open to them beyond the rules, as of this request."""


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
        Action.READ_STRICT: Scope.OWN,
        Action.HAND_CASE_ON: Scope.OWN,
        Action.CALL_BACK: Scope.CENTER,
        Action.TAKE_REPORTS: Scope.ALL,
        Action.SEE_ROSTER: Scope.CENTER,
        Action.SEE_DIRECTORY: Scope.ALL,
        Action.BREAK_GLASS: Scope.ALL,
    },
    Role.SHIFT_LEAD: {
        Action.READ_CALL: Scope.CENTER,
        Action.READ_HISTORY: Scope.ALL,
        Action.READ_RECORD: Scope.CENTER,
        Action.WRITE_RECORD: Scope.CENTER,
        Action.PLAY_RECORDING: Scope.CENTER,
        Action.READ_CASE: Scope.CENTER,
        Action.WRITE_CASE: Scope.CENTER,
        Action.READ_STRICT: Scope.CENTER,
        Action.HAND_CASE_ON: Scope.CENTER,
        Action.REFUSE_CASE: Scope.CENTER,
        Action.APPROVE_PLAN: Scope.CENTER,
        Action.EXPORT_CASES: Scope.CENTER,
        Action.SEE_FIGURES: Scope.ALL,
        Action.EXPORT_FIGURES: Scope.ALL,
        Action.CALL_BACK: Scope.CENTER,
        Action.GIVE_UP_CALLBACK: Scope.CENTER,
        Action.TAKE_REPORTS: Scope.ALL,
        Action.SEE_WALLBOARD: Scope.ALL,
        Action.SEE_STAFFING: Scope.ALL,
        Action.STEER_COUNSELORS: Scope.CENTER,
        Action.STEER_CENTERS: Scope.ALL,
        Action.WRITE_TO_DESKS: Scope.ALL,
        Action.EDIT_ON_CALL: Scope.CENTER,
        Action.EDIT_RAPID_TEAM: Scope.CENTER,
        Action.SEE_ROSTER: Scope.ALL,
        Action.EDIT_ROSTER: Scope.CENTER,
        Action.SUPERVISE: Scope.CENTER,
        Action.TAKE_NOTE_OF_ALARMS: Scope.CENTER,
        Action.LOWER_NUISANCES: Scope.CENTER,
        Action.SEE_DIRECTORY: Scope.ALL,
        Action.EDIT_DIRECTORY: Scope.ALL,
        Action.BREAK_GLASS: Scope.ALL,
    },
    Role.AUDITOR: {
        Action.READ_AUDIT: Scope.ALL,
        Action.SEE_FIGURES: Scope.ALL,
        Action.READ_OFFICIAL_REPORTS: Scope.ALL,
    },
    Role.ADMINISTRATOR: {
        Action.MANAGE_STAFF: Scope.ALL,
        Action.MANAGE_OFFICES: Scope.ALL,
        Action.SEE_STAFFING: Scope.ALL,
        Action.EDIT_ON_CALL: Scope.ALL,
        Action.SEE_ROSTER: Scope.ALL,
        Action.EDIT_ROSTER: Scope.ALL,
        Action.SEE_WALLBOARD: Scope.ALL,
        Action.SET_CASE_LIMITS: Scope.ALL,
        Action.TAKE_NOTE_OF_ALARMS: Scope.ALL,
        Action.SEE_DIRECTORY: Scope.ALL,
        Action.EDIT_DIRECTORY: Scope.ALL,
    },
    Role.CENTER_LEAD: {
        Action.READ_CALL: Scope.CENTER,
        Action.READ_HISTORY: Scope.ALL,
        Action.READ_RECORD: Scope.CENTER,
        Action.PLAY_RECORDING: Scope.CENTER,
        Action.READ_CASE: Scope.CENTER,
        Action.WRITE_CASE: Scope.CENTER,
        Action.READ_STRICT: Scope.CENTER,
        Action.HAND_CASE_ON: Scope.CENTER,
        Action.REFUSE_CASE: Scope.CENTER,
        Action.APPROVE_PLAN: Scope.CENTER,
        Action.EXPORT_CASES: Scope.CENTER,
        Action.SEE_FIGURES: Scope.ALL,
        Action.EXPORT_FIGURES: Scope.ALL,
        Action.SEE_SPECIAL_FIGURES: Scope.ALL,
        Action.SEE_THERAPY_FIGURES: Scope.ALL,
        Action.SET_CASE_LIMITS: Scope.CENTER,
        Action.HANDLE_DATA_REQUESTS: Scope.CENTER,
        Action.HOLD_DATA: Scope.CENTER,
        Action.APPROVE_DATA_REQUESTS: Scope.CENTER,
        Action.READ_OFFICIAL_REPORTS: Scope.ALL,
        Action.DRAFT_OFFICIAL_REPORTS: Scope.ALL,
        Action.SIGN_OFFICIAL_REPORTS: Scope.ALL,
        Action.RUN_SURVEYS: Scope.ALL,
        Action.SEE_WALLBOARD: Scope.ALL,
        Action.SEE_STAFFING: Scope.ALL,
        Action.EDIT_ON_CALL: Scope.CENTER,
        Action.EDIT_RAPID_TEAM: Scope.CENTER,
        Action.SEE_ROSTER: Scope.ALL,
        Action.TAKE_NOTE_OF_ALARMS: Scope.CENTER,
        Action.SEE_DIRECTORY: Scope.ALL,
        Action.EDIT_DIRECTORY: Scope.ALL,
        Action.BREAK_GLASS: Scope.ALL,
    },
    Role.DEPARTMENT: {
        Action.READ_CASE: Scope.ALL,
        Action.EXPORT_CASES: Scope.ALL,
        Action.SEE_FIGURES: Scope.ALL,
        Action.EXPORT_FIGURES: Scope.ALL,
        Action.SEE_SPECIAL_FIGURES: Scope.ALL,
        Action.SEE_THERAPY_FIGURES: Scope.ALL,
        Action.SET_CASE_LIMITS: Scope.ALL,
        Action.APPROVE_DATA_REQUESTS: Scope.ALL,
        Action.EXPORT_RESEARCH: Scope.ALL,
        Action.RUN_SURVEYS: Scope.ALL,
        Action.READ_OFFICIAL_REPORTS: Scope.ALL,
        Action.HOLD_DATA: Scope.ALL,
        Action.EDIT_RAPID_TEAM: Scope.ALL,
        Action.SEE_WALLBOARD: Scope.ALL,
        Action.SEE_DIRECTORY: Scope.ALL,
    },
    Role.PROVINCE_OFFICER: {Action.ANSWER_HANDOVER: Scope.PLACE},
    Role.COMMUNE_OFFICER: {Action.ANSWER_HANDOVER: Scope.PLACE},
    Role.THERAPIST: {Action.TREAT: Scope.OWN},
    Role.THERAPY_HEAD: {Action.TREAT: Scope.ALL, Action.SEE_THERAPY_FIGURES: Scope.ALL},
}


def scope(viewer: Viewer, action: Action) -> Scope:
    """How far `action` reaches for `viewer`; NONE when no rule says otherwise."""
    return _RULES.get(viewer.role, {}).get(action, Scope.NONE)


def may(viewer: Viewer, action: Action) -> bool:
    """Whether the viewer may do it at all, to anything."""
    return scope(viewer, action) is not Scope.NONE


def roles_that_may(action: Action) -> frozenset[Role]:
    """Whose members may do it to anything at all."""
    return frozenset(role for role, rules in _RULES.items() if action in rules)


def reaches(viewer: Viewer, action: Action, *, owner: StaffId | None, center: CenterId | None) -> bool:
    """Whether `action` reaches one thing with this owner and center. A thing's place is not known here:
    PLACE reaches what is the viewer's own."""
    match scope(viewer, action):
        case Scope.ALL:
            return True
        case Scope.CENTER:
            return owner == viewer.staff_id or center == viewer.center_id
        case Scope.OWN | Scope.PLACE:
            return owner == viewer.staff_id
    return False


def opened(viewer: Viewer, action: Action) -> int:
    """The id of the one thing that `action` reaches although no rule says so; 0, which no row has."""
    glass = viewer.glass
    if glass is None or BEHIND_GLASS[glass.thing] is not action or not may(viewer, Action.BREAK_GLASS):
        return 0
    return glass.thing_id


def by_rules(viewer: Viewer) -> Viewer:
    """The same person with nothing open to them but what the rules open."""
    return replace(viewer, glass=None)

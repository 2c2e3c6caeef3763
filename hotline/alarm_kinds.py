"""What an alarm can be about. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class AlarmKind(StrEnum):
    RECORDING = "recording"
    """A call's recording is missing, broken or late. `subject`: the call's id; `reason`: its state."""
    DISK = "disk"
    """A disk is nearly full. `subject`: what is on it; `reason`: tenths of a GB that are free."""
    SHIFT = "shift"
    """The shift that is on has not come. `subject`: the center's code; `reason`: `nobody`, `too_few`."""
    WAITING = "waiting"
    """Somebody waits longer than the limit. `subject`: the PBX that holds them; `reason`: `long`."""
    ANSWER_RATE = "answer_rate"
    """Too few calls of the last hour were answered. `subject`: `house`; `reason`: the percentage."""
    SITE = "site"
    """A PBX cannot be reached. `subject`: its code; `reason`: `lost`."""
    MISSED = "missed"
    """A counselor let two calls in a row ring. `subject`: the staff id; `reason`: `twice`."""
    REPORT = "report"
    """A report nobody has taken. `subject`: its reference; `reason`: `danger` (a child is said to be in
    danger now), later `unheard` (still nobody). `inbox`, `long`: others wait too long."""
    HANDOVER = "handover"
    """A commune has not answered in time. `subject`: the handover's reference; `reason`: `unanswered`,
    then `heard` (its duty number has taken note)."""

    AUDIT = "audit"
    """The audit chain does not verify. `subject`: `chain`; `reason`: `broken`, or `cut` when its newest
    part is missing and so nothing more is sealed. `certificates`, both: certificates of deletion and
    the audit do not say the same."""
    GLASS = "glass"
    """Somebody has opened, in an emergency, what no rule opens to them (`hotline.broken_glass`).
    `subject`: case or record, its id, the person's, the glass's (`case-12-7-3`); `reason`: the code of
    what they said."""
    CASE = "case"
    """A deadline of a case has passed. `subject`: the case's id, with `-center` behind it when who leads
    the center is to know; `reason`: `ring`, or `late` where nobody is rung for it."""

    DATA_REQUEST = "data_request"
    """A request about one's data is not answered. `subject`: its id; `reason`: `soon` (its last day),
    `late`, `long` (a day late)."""
    MAIL = "mail"
    """E-mails about reports cannot be sent. `subject`: `reports`; `reason`: `unsent`."""


LASTING = frozenset(
    {
        AlarmKind.DISK,
        AlarmKind.SHIFT,
        AlarmKind.SITE,
        AlarmKind.ANSWER_RATE,
        AlarmKind.REPORT,
        AlarmKind.AUDIT,
        AlarmKind.CASE,
        AlarmKind.HANDOVER,
        AlarmKind.DATA_REQUEST,
        AlarmKind.MAIL,
    }
)
"""Shown until they are over, also when somebody has taken note: they get worse by themselves."""
RINGING: Mapping[AlarmKind, frozenset[str]] = {
    AlarmKind.SHIFT: frozenset({"nobody"}),
    AlarmKind.WAITING: frozenset({"long"}),
    AlarmKind.SITE: frozenset({"lost"}),
    AlarmKind.REPORT: frozenset({"unheard"}),
    AlarmKind.RECORDING: frozenset({"no_file", "gone", "late"}),
    AlarmKind.ANSWER_RATE: frozenset(),
    AlarmKind.CASE: frozenset({"ring"}),
    AlarmKind.HANDOVER: frozenset({"unanswered"}),
}
"""For these the leads' phones are rung until somebody has taken note: kind → reasons, none for any. Each
kind has its prompt, `alarm_KIND` (asterisk-conf/sounds)."""


def rings(kind: AlarmKind, reason: str) -> bool:
    """Whether somebody is rung for it."""
    reasons = RINGING.get(kind)
    return reasons is not None and (not reasons or reason in reasons)

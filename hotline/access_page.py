"""Writes the rules of `hotline.access` into docs/security/access.md.

    python -m hotline.access_page

A test compares the page with the rules. What an action means is its own docstring in `hotline.access`;
why a rule is as it is, where a law or a decision of ours says so, stands here.
"""

import ast
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from hotline import access
from hotline.access import Action, Role, Scope, Viewer, scope
from hotline.ids import CenterId, StaffId
from hotline.settings import ROOT

PAGE = ROOT / "docs" / "security" / "access.md"
GROUNDS: Mapping[Action, str] = {
    Action.READ_CASE: "NĐ 56/2017 Đ24, Đ33; the Department supervises (Đ22)",
    Action.WRITE_CASE: "NĐ 56/2017 Đ22: 111 checks, transfers, advises, follows",
    Action.READ_STRICT: "NĐ 56/2017 Đ24.3; ADR 17",
    Action.REFUSE_CASE: "a second pair of eyes; ADR 19",
    Action.APPROVE_PLAN: "NĐ 56/2017 Đ22–33; ADR 19",
    Action.SET_CASE_LIMITS: "within what NĐ 56/2017 allows; docs/case-states.md",
    Action.READ_RECORD: "NĐ 56/2017 Đ24: intake is confidential",
    Action.WRITE_RECORD: "NĐ 56/2017 Đ24",
    Action.READ_CALL: "NĐ 56/2017 Đ24, Đ33 (phone)",
    Action.READ_HISTORY: "possibilities, never content: a number is no person",
    Action.PLAY_RECORDING: "NĐ 56/2017 Đ33 (a voice is a feature); ADR 6, 10",
    Action.EXPORT_CASES: "NĐ 56/2017 Đ24; each export is on record",
    Action.SEE_FIGURES: "NĐ 56/2017 Đ22.8; small cells suppressed",
    Action.EXPORT_FIGURES: "NĐ 56/2017 Đ22.8, Đ24.3; each export is on record",
    Action.SEE_SPECIAL_FIGURES: "NĐ 162/2025; small cells suppressed, ADR 23",
    Action.TREAT: "NĐ 56/2017 Đ24, Đ33: need-to-know; ADR 22",
    Action.SEE_THERAPY_FIGURES: "counts, small cells suppressed; ADR 22",
    Action.ANSWER_HANDOVER: "NĐ 56/2017 Đ22, Đ24: transfer of what the office needs; ADR 20",
    Action.CALL_BACK: "ADR 7",
    Action.SUPERVISE: "ADR 16; each is on record",
    Action.STEER_CENTERS: "ADR 16",
    Action.STEER_COUNSELORS: "ADR 16",
    Action.BREAK_GLASS: "a child in danger; ADR 28",
    Action.HANDLE_DATA_REQUESTS: "Luật 91/2025: answered in 2 working days; ADR 29",
    Action.APPROVE_DATA_REQUESTS: "ADR 29: a second pair of eyes",
    Action.EXPORT_RESEARCH: "ADR 29: no names, and a second pair of eyes",
    Action.READ_OFFICIAL_REPORTS: "NĐ 56/2017 Đ24.3: a level and a circle of readers; ADR 34",
    Action.SIGN_OFFICIAL_REPORTS: "a second pair of eyes; ADR 34",
    Action.HOLD_DATA: "ADR 26: what a court or the police needs is not deleted",
    Action.READ_AUDIT: "Luật 91/2025: who looked is answerable",
}
"""Where nothing stands the rule is ours: who needs it for their work and nobody else."""
_SHOWN: Mapping[Scope, str] = {
    Scope.NONE: "",
    Scope.OWN: "own",
    Scope.CENTER: "center",
    Scope.PLACE: "place",
    Scope.ALL: "all",
}
_FIELDS = (
    (
        "who told it (name, how to reach them)",
        "on the record: who reads the record, but not who opened it by breaking the glass. Never in a "
        "case, its timeline, plan, search among cases, "
        "handover, packet or message to an office. Once they wish not to be known, masked in every "
        "revision and found by nobody; on a statutory form only with consent (NĐ 56/2017 Đ24)",
        "`intake/forms/informants.py`, `intake/handovers/handover_packets.py`, "
        "`intake/documents/filled_forms.py`",
    ),
    (
        "caller's number",
        "whole on the page of one call, of its record and of one number to call back, for who opens it "
        "and may read the call; for who is in the call, and who has taken the number to call it back. "
        "In every list, on a case's page, in what the search finds and on the board of running calls "
        "its last three digits, by which who may not read the call finds no case; in lists and "
        "exports of cases, plans, forms, packets, therapy and on the wallboard none",
        "`intake/numbers.py` (`masked`), asked by `intake/calls/live_calls.py`, "
        "`intake/calls/call_views.py`, `intake/records/record_views.py`, `intake/cases/case_views.py`, "
        "`intake/calls/callback_views.py`, `intake/search.py`; `intake/searching/search_index.py`",
    ),
    (
        "recording",
        "who has `play_recording` on that call, and who has to call back hears the message left for it",
        "`intake/recordings/recordings.py`",
    ),
    (
        "narrative of a record",
        "who has `read_record`; a case shows what was told without who told it",
        "`intake/visibility.py`, `intake/cases/case_views.py`",
    ),
    (
        "what is said in therapy",
        "the child's therapist of today and the head of the unit; sealed",
        "`intake/therapy/therapy_notes.py`",
    ),
    (
        "strict documents",
        "whose case it is now, who had the document made, the leads of its center",
        "`intake/documents/documents.py`",
    ),
    (
        "the house's own reports",
        "drafts: who leads a center; numbered: the department, too; strict: drafter, signer, named "
        "readers; files of withdrawn ones: drafter and signer; the auditor all of them",
        "`intake/official_reports/official_reports.py`",
    ),
    (
        "figures of trafficking and therapy",
        "counts below five are suppressed with what would let them be reckoned",
        "`intake/small_cells.py`",
    ),
)
_OWN = (
    "what the viewer took, wrote or owns: calls in which they talked or whose offer rings at their "
    "phone, records they own or in whose call they talked, cases they hold or opened, children in "
    "their charge"
)
_PAGE = """\
# Who may do what

Written by `python -m hotline.access_page` from the rules in `hotline/access.py`; not by hand.
Deny by default: an empty field is no. Address by address: [routes.md](routes.md).

## How far a right reaches

| word | reaches |
| --- | --- |
| own | {own} |
| center | own, and what belongs to the viewer's center |
| place | what was handed over to the viewer's commune or province and is not over |
| all | everything |

The scope becomes a condition of the query in the room that owns the rows (`intake/visibility.py`),
so that lists, single look-ups, searches, counts, exports, recordings and files pass one gate. Live
events carry ids and codes alone; the page then asks under the viewer's rights. What a viewer may
not see and what does not exist both answer 404.

## Roles

{roles}

Interpreters are no role: they are collaborators with a phone and no account (`hotline/interpreters.py`).
They hear the talk that they are called into and see nothing of what is written. A guest who was sent a
handover by a link, and an office's own program with a key, have no account either: each reaches the one
handover, or those of its unit.

## Rules

{matrix}

## What each action is, and why

{actions}

## Fields that are narrower than their page

| field | who sees it | where it is decided |
| --- | --- | --- |
{fields}
"""


def page() -> str:
    """The whole page."""
    return _PAGE.format(
        own=_OWN,
        fields="\n".join(f"| {' | '.join(each)} |" for each in _FIELDS),
        roles="\n".join(_roles()),
        matrix="\n".join(_matrix()),
        actions="\n".join(_actions()),
    )


def _roles() -> Iterator[str]:
    said = _said("Role")
    for role in Role:
        yield f"- `{role}`{': ' + said[role.name] if role.name in said else ''}"


def _matrix() -> Iterator[str]:
    yield "| action | " + " | ".join(role.replace("_", " ") for role in Role) + " |"
    yield "| --- " * (len(Role) + 1) + "|"
    for action in Action:
        reach = (_SHOWN[scope(_somebody(role), action)] for role in Role)
        yield f"| {action} | {' | '.join(reach)} |"


def _actions() -> Iterator[str]:
    yield "| action | what it is | ground |"
    yield "| --- | --- | --- |"
    said = _said("Action")
    for action in Action:
        yield f"| {action} | {said.get(action.name, '')} | {GROUNDS.get(action, '')} |"


def _somebody(role: Role) -> Viewer:
    return Viewer(StaffId(1), "", "", role, CenterId(1))


def _said(name: str) -> dict[str, str]:
    """Member → its docstring, on one line: they are in the source alone."""
    tree = ast.parse(Path(access.__file__).read_text("utf-8"))
    body = next(one.body for one in tree.body if isinstance(one, ast.ClassDef) and one.name == name)
    said = {}
    for member, text in pairwise(body):
        match member, text:
            case ast.Assign(targets=[ast.Name(id=key)]), ast.Expr(value=ast.Constant(value=str(words))):
                said[key] = " ".join(words.split())
    return said


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

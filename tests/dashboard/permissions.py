"""Who reaches which thing of a case, by which address: the table that `test_permissions` walks.

`may` names everybody of `permission_world` who gets through; everybody else is told that there is no
such thing. What is sent is empty or may be sent again and again, so that the order of the rows matters
only at the end. `tells`: a word that must stand on the page; without it somebody who sees the page does
not see the thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

HOUSE = frozenset({"lead", "center_lead"})
"""Who leads the center that the case belongs to."""
WORKS = HOUSE | {"owner", "opener"}
"""Who writes in the case: whose it is, who opened it, who leads there."""
READS = WORKS | {"department"}
LEADS = HOUSE | {"far_lead", "far_center_lead"}
COUNSELORS = frozenset({"owner", "opener", "colleague", "far_counselor"})
TREATS = frozenset({"therapist", "therapy_head"})
"""Who has the child in their charge, and who heads the unit."""
UNIT = TREATS | {"other_therapist"}
CASE_PAGES = COUNSELORS | LEADS | {"department"}
"""Who has lists of cases at all, of their own or of others."""
TELLER = frozenset({"opener", "lead", "center_lead"})
"""Who talked with who told it, and who leads there: to nobody else are they known."""
HERE = frozenset({"officer", "province"})
"""Officers of the commune, and of its province."""
AUDITS = frozenset({"auditor"})
RUNS = frozenset({"administrator"})
NOBODY: frozenset[str] = frozenset()
SETS_LIMITS = frozenset({"center_lead", "far_center_lead", "department", "administrator"})
EDITS_DIRECTORY = LEADS | {"administrator"}
SEES_DIRECTORY = COUNSELORS | LEADS | {"department", "administrator"}
DATA_HANDLED = frozenset({"center_lead"})
"""Who leads the center that was asked."""
DEPARTMENT = frozenset({"department"})
DATA_SEEN = DATA_HANDLED | {"department"}
FIGURES = LEADS | DEPARTMENT | AUDITS
HOLDER = frozenset({"far_counselor"})
"""Of the case that was sent by a link, which belongs to a center that is not theirs."""


@dataclass(frozen=True, slots=True)
class Row:
    thing: str
    way: str
    """Method and address; names in braces are those of `World.ids`."""
    may: frozenset[str]
    data: Mapping[str, str] = field(default_factory=dict)
    tells: str = ""
    brings: bool = False
    """A file comes with it."""


_HOLD = {"kind": "case", "named": "0", "reason": "x"}
_WHOSE = {"whose": "{case_record}-{child}"}
_TOKEN = {"token": "t" * 20}

_LONG = {"level": "strict", "signer": "x" * 121}
_REPORT = {"id": "w1", "situation": "none", "doing": "none"}
_REFERRED = _TOKEN | {"body": "police", "agency": "Công an", "contact": "Ông Bình"}
_BECAME = {"outcome": "taken_up", "told_by": "Ông Bình", "text": "x"}
_DONE = {"outcome": "done", "result": "x"}
_RENEWED = {"answer.days": "1", "answer.decision_number": "1"}
_REVISION = {"revision": "1"}
_OPEN = {"new": "1", "on": "record"}
_PURPOSE = {"reason": "report", "words": "số liệu của tháng"}
_REFUSED = {"answer": "refused", "why": ""}

ROWS = (
    # -- the case and what is in it ------------------------------------------------------------
    Row("case", "GET /cases/{case}", READS, tells="{number}"),
    Row("case", "GET /cases", READS, tells="{number}"),
    Row("case", "GET /cases/{sent}", HOUSE | HOLDER | {"department"}),
    Row("case", "POST /cases/{case}/steps/verify", WORKS),
    Row("case", "POST /cases/{case}/steps/refuse", WORKS),
    Row("case", "POST /cases/{case}/owner", HOUSE | {"owner"}),
    Row("case", "POST /cases/assign", LEADS),
    Row("late cases", "GET /cases/late", COUNSELORS | LEADS),
    Row("deadline", "POST /cases/{case}/note-alarm", WORKS),
    Row("record", "GET /records/{case_record}", TELLER, tells="{case_record}"),
    Row("record", "GET /records/{case_record}/guidance", TELLER),
    Row("record", "POST /records/{case_record}/case", TELLER - {"center_lead"}, _OPEN),
    Row("call", "GET /calls/{case_call}", TELLER),
    Row("child", "POST /cases/{case}/children/{child}/same", WORKS, {"other": "{child}"}),
    Row("child", "POST /cases/{case}/children/{child}/apart", WORKS),
    Row("informant", "GET /records/{case_record}", TELLER, tells="Bành Thị Đào"),
    Row("informant", "GET /cases/{case}", NOBODY, tells="Bành Thị Đào"),
    Row("informant", "GET /field/{case_ref}", NOBODY, tells="Đào"),
    Row("informant", "GET /h/case", NOBODY, tells="Đào"),
    Row("informant", "GET /api/v1/handovers/{case_ref}", NOBODY, tells="Đào"),
    Row("informant", "GET /forms/{form}", NOBODY, tells="Đào"),
    Row("informant", "GET /cases/{case}/plan", NOBODY, tells="Đào"),
    Row("caller's number", "GET /cases/{case}", NOBODY, tells="0912 345 678"),
    Row("caller's number", "GET /cases/{case}", READS, tells="***678"),
    *(
        Row("caller's number", way, NOBODY, tells=digits)
        for way in (
            "GET /cases",
            "GET /cases/{case}/plan",
            "GET /forms/{form}",
            "GET /therapy/children/{therapy}",
            "GET /field/{case_ref}",
            "GET /h/case",
            "GET /api/v1/handovers/{case_ref}",
        )
        for digits in ("345 678", "345678")
    ),
    Row("caller's number", "POST /search", NOBODY, {"q": "be na"}, "0912 345 678"),
    Row(
        "caller's number",
        "POST /search",
        READS - {"department"} | HOLDER,
        {"q": "be na"},
        "***678",
    ),
    Row("search", "POST /search", READS - {"department"}, {"q": "be na"}, "{number}"),
    Row("timeline entry", "GET /cases/{case}", READS, tells="Đã gọi lại."),
    Row("timeline entry", "POST /cases/{case}/notes", WORKS, {"note": "x"}),
    Row("timeline entry", "GET /cases/{case}/entries/new", WORKS),
    Row("timeline entry", "POST /cases/{case}/entries", WORKS, {"kind": "note", "text": "x"}),
    Row("timeline entry", "GET /cases/{case}/entries/{entry}/correct", WORKS),
    Row("timeline entry", "POST /cases/{case}/entries/{entry}/correct", WORKS),
    Row("separation", "POST /cases/{case}/separations/{separation}/renew", WORKS, _RENEWED),
    Row("separation", "POST /cases/{case}/separations/{separation}/end", WORKS),
    Row("file", "GET /cases/{case}/files/{file}", READS),
    Row("file", "GET /cases/{case}/purpose", READS, tells="{case}/purpose"),
    Row("file", "POST /cases/{case}/purpose", READS, {"reason": "oversight"}),
    Row("file", "GET /cases/{case}/files/{file}/picture", READS),
    Row("file", "POST /cases/{case}/files", WORKS),
    Row("emergency call", "POST /cases/{case}/ring", WORKS - {"center_lead"}),
    Row("emergency", "POST /cases/{case}/emergency/police_told", WORKS),
    Row("rapid team", "GET /rapid-team", LEADS | {"department"}),
    Row(
        "rapid team",
        "POST /rapid-team/{center}",
        HOUSE | {"department"},
        {"who": "{staff}", "number": "1"},
    ),
    Row("referral", "POST /cases/{case}/referrals", WORKS, _REFERRED),
    Row("referral", "POST /cases/{case}/referrals/{referral}/result", WORKS, _BECAME),
    Row("figures", "GET /figures", FIGURES),
    Row("figures", "GET /figures/rows?table=cases&code=total", FIGURES - AUDITS),
    Row("figures", "GET /figures/rows?table=ways&code=total", LEADS),
    Row("figures", "GET /figures/export", FIGURES - AUDITS),
    Row("figures", "POST /figures/export", FIGURES - AUDITS, _PURPOSE | {"kind": "json"}),
    Row("figures", "GET /figures/trafficking", SETS_LIMITS - {"administrator"}),
    Row(
        "figures",
        "GET /figures/trafficking/rows?part=cases&code=total",
        SETS_LIMITS - {"administrator"},
    ),
    Row(
        "figures",
        "GET /figures/trafficking/rows?part=calls&code=answered",
        frozenset({"center_lead", "far_center_lead"}),
    ),
    # -- therapy: what a child says there is nobody else's -------------------------------------
    Row("therapy", "POST /cases/{case}/therapy", WORKS, _TOKEN | {"child": "{child}"}),
    Row("therapy", "GET /therapy", UNIT),
    Row("therapy", "GET /therapy", TREATS, tells="Bé Na"),
    Row("therapy", "GET /therapy/children/{therapy}", TREATS),
    Row("therapy", "POST /therapy/children/{therapy}/release", TREATS),
    Row("therapy meeting", "GET /therapy/meetings/{meeting}", TREATS),
    Row("therapy meeting", "POST /therapy/meetings/{meeting}/state", TREATS),
    Row("therapy note", "GET /therapy/meetings/{meeting}", TREATS, tells="Em kể chuyện"),
    Row("therapy note", "POST /therapy/meetings/{meeting}/notes", TREATS, _TOKEN),
    Row("therapy note", "GET /cases/{case}", NOBODY, tells="Em kể chuyện"),
    Row("figures", "GET /figures/therapy", SETS_LIMITS - {"administrator"} | {"therapy_head"}),
    Row(
        "figures",
        "GET /figures/therapy/rows?year=2026&part=missed",
        SETS_LIMITS - {"administrator"} | {"therapy_head"},
    ),
    # -- requests about personal data ----------------------------------------------------------
    Row("data request", "GET /data-requests", DATA_SEEN | {"far_center_lead"}),
    Row("data request", "GET /data-requests", DATA_SEEN, tells="/data-requests/{data_request}"),
    Row("data request", "GET /data-requests/late", DATA_SEEN | {"far_center_lead"}),
    Row("data request", "POST /data-requests", LEADS - {"lead", "far_lead"}, {"token": "t" * 20}),
    Row("data request", "GET /data-requests/{data_request}", DATA_SEEN, tells="Nguyễn Văn Hỏi"),
    Row("data request", "POST /data-requests/{data_request}/find", DATA_HANDLED, {"q": "be na"}),
    Row("data request", "POST /data-requests/{data_request}/objects", DATA_HANDLED, _WHOSE),
    Row("data request", "POST /data-requests/{data_request}/objects/{data_object}", DATA_HANDLED),
    Row("data request", "POST /data-requests/{data_request}/submit", DATA_HANDLED),
    Row("data request", "POST /data-requests/{data_request}/send-back", DATA_SEEN),
    Row("data request", "POST /data-requests/{data_request}/approve", DATA_SEEN),
    Row("data request", "POST /data-requests/{data_request}/deliver", DATA_HANDLED),
    Row("data request", "GET /data-requests/{data_request}/answer/pdf", DATA_HANDLED),
    Row("legal hold", "GET /holds", DATA_SEEN | {"far_center_lead"}),
    Row("legal hold", "GET /holds", DATA_SEEN, tells="{number}"),
    Row("legal hold", "POST /holds", DATA_SEEN | {"far_center_lead"}, _HOLD),
    Row("legal hold", "POST /holds/{hold}/lift", DATA_SEEN),
    Row("research", "GET /research", DEPARTMENT, tells="Trường Y"),
    Row("research", "POST /research", DEPARTMENT, {"token": "r" * 20}),
    Row("research", "POST /research/{extract}/allow", DEPARTMENT),
    Row("research", "POST /research/{extract}/refuse", DEPARTMENT),
    Row("research", "GET /research/{extract}/codebook", DEPARTMENT),
    # -- a case that was merged into it --------------------------------------------------------
    Row("merge", "POST /cases/{case}/merge", WORKS, {"number": "2026-HN-999999", "why": "x"}),
    Row("merge", "POST /cases/{merged}/unmerge", WORKS),
    Row("merge", "POST /cases/{case}/records/{merged_record}/apart", WORKS),
    Row("merge", "GET /cases/{merged}", READS),
    Row("merge", "GET /cases/{merged}/files/{merged_file}", READS),
    # -- plan ----------------------------------------------------------------------------------
    Row("plan", "GET /cases/{case}/plan", READS, tells="Trạm y tế xã"),
    Row("plan", "POST /cases/{case}/plan", WORKS),
    Row("plan", "POST /cases/{case}/plan/2/decision", HOUSE, {"decision": "returned"}),
    Row("action", "POST /cases/{case}/plan/actions/{action}", WORKS, _DONE),
    Row("delegation", "GET /delegations", LEADS),
    Row("delegation", "POST /delegations", LEADS),
    Row("limits", "GET /case-limits", SETS_LIMITS),
    Row("limits", "POST /case-limits/review", SETS_LIMITS - {"far_center_lead"}, {"center": "{center}"}),
    # -- forms and documents -------------------------------------------------------------------
    Row("filled form", "GET /forms/{form}", READS),
    Row("filled form", "POST /forms/{form}", WORKS, {"base_revision": "0"}),
    Row("filled form", "POST /cases/{case}/forms", WORKS, _TOKEN | {"code": "none"}),
    Row("filled form", "POST /cases/{case}/quick-report", WORKS, {"token": "q" * 20}),
    Row("document", "GET /documents/{strict}", READS),
    Row("document", "GET /documents/{confidential}/pdf", READS),
    Row("document", "GET /documents/{strict}/pdf", WORKS - {"opener"}),
    Row("document", "POST /forms/{form}/documents", WORKS, _TOKEN | _LONG),
    Row("document", "POST /documents/{strict}/withdraw", WORKS),
    Row("document", "POST /documents/{strict}/again", WORKS),
    # -- handovers -----------------------------------------------------------------------------
    Row("handover", "GET /cases/{case}/handover", WORKS),
    Row("packet", "POST /cases/{case}/handover/preview", WORKS),
    Row("packet", "GET /field/{case_ref}", HERE, tells="Bé Na"),
    Row("packet", "GET /h/case", frozenset({"guest"}), tells="Bé Na"),
    Row("packet", "GET /api/v1/handovers/{case_ref}", frozenset({"office"}), tells="Bé Na"),
    Row("handover", "POST /cases/{case}/handover", WORKS, {"seen": "x"}),
    Row("handover", "GET /handovers/{case_ref}", WORKS),
    Row("handover", "GET /field", HERE, tells="{case_ref}"),
    Row("handover", "POST /field/{case_ref}/accept", HERE),
    Row("handover", "POST /field/{case_ref}/report", HERE),
    Row("handover", "POST /h/case/report", frozenset({"guest"})),
    Row("handover", "POST /api/v1/handovers/{case_ref}/reports", frozenset({"office"}), _REPORT),
    Row("handover", "POST /api/v1/handovers/{case_ref}/answer", frozenset({"office"}), _REFUSED),
    Row("photo", "GET /handovers/photos/{photo}", READS),
    Row("photo", "POST /field/photo", HERE, {"reference": "{case_ref}"}, brings=True),
    Row("photo", "POST /h/photo", frozenset({"guest"}), brings=True),
    Row("office system", "GET /offices", RUNS),
    Row("office system", "GET /offices/{office}", RUNS),
    Row("office system", "POST /offices", RUNS),
    # -- what is on record: ids of objects and names of staff ----------------------------------
    Row("audit", "GET /audit", AUDITS),
    Row("audit", "GET /audit/findings/{finding}", AUDITS),
    Row("audit", "POST /audit/findings/{finding}", AUDITS, {"outcome": "asked"}),
    Row("audit", "GET /audit/reasons/{reason}", AUDITS),
    Row("audit", "POST /audit/places", AUDITS, {"who": "x", "unit": "y"}),
    # -- directory, filters, export ------------------------------------------------------------
    Row("directory entry", "GET /directory", SEES_DIRECTORY),
    Row("directory entry", "GET /directory/entries/{directory}", SEES_DIRECTORY),
    Row("directory entry", "GET /directory/list.csv", EDITS_DIRECTORY),
    Row("directory entry", "POST /directory/entries", EDITS_DIRECTORY),
    Row("directory entry", "POST /directory/entries/{directory}", EDITS_DIRECTORY, _REVISION),
    Row("directory import", "POST /directory/import", EDITS_DIRECTORY, brings=True),
    Row("directory import", "GET /directory/imports/{import}", EDITS_DIRECTORY),
    Row("saved filter", "GET /cases", frozenset({"owner"}), tells="Sáng thứ hai"),
    Row("saved filter", "POST /cases/filters", CASE_PAGES),
    Row("export", "GET /cases/export", LEADS | {"department"}),
    Row("export", "POST /cases/export", LEADS | {"department"}, _PURPOSE),
    Row("caller's number", "POST /cases/export", NOBODY, _PURPOSE, "345 678"),
    # -- what changes something for those after it: a new link, and the guest's opens nothing ---
    Row("delegation", "POST /delegations/{delegation}/end", frozenset({"lead"})),
    Row("saved filter", "POST /cases/filters/{filter}/forget", CASE_PAGES),
    Row("directory import", "POST /directory/imports/{import}/apply", EDITS_DIRECTORY),
    Row(
        "directory entry",
        "POST /directory/entries/{directory}/remove",
        LEADS | {"administrator"},
        _REVISION,
    ),
    Row("rapid team", "POST /rapid-team/lists/{team}/undo", HOUSE | {"department"}),
    Row("office system", "POST /offices/{office}/messages/{message}/again", RUNS),
    Row("link", "POST /handovers/{sent_ref}/link", HOUSE | HOLDER),
    Row("link", "POST /h/case/accept", NOBODY),
    Row("link", "POST /h/case/refuse", NOBODY),
    Row("link", "POST /handovers/{sent_ref}/revoke", HOUSE | HOLDER),
    Row("audit", "POST /audit/places/{own_place}/drop", AUDITS),
    Row("handover", "POST /field/{case_ref}/refuse", HERE),
    Row("handover", "POST /handovers/{case_ref}/withdraw", WORKS),
    Row("office system", "POST /offices/{office}/revoke", RUNS),
)

KEPT_IN: Mapping[str, str] = {
    "case_file": "case",
    "case_attachment": "file",
    "case_call": "emergency call",
    "case_deletion": "case",
    "therapy_deletion": "therapy",
    "case_event": "timeline entry",
    "case_mail": "late cases",
    "case_mark": "search",
    "case_merge": "merge",
    "case_plan": "plan",
    "case_plan_action": "action",
    "case_plan_result": "action",
    "case_record": "record",
    "case_warning": "deadline",
    "document": "document",
    "document_file": "document",
    "filled_form": "filled form",
    "filled_form_rejected": "filled form",
    "filled_form_revision": "filled form",
    "handover": "handover",
    "handover_event": "handover",
    "handover_link": "link",
    "handover_photo": "photo",
    "separation": "separation",
    "therapy_meeting": "therapy meeting",
    "therapy_note": "therapy note",
    "therapy_referral": "therapy",
    "victim_referral": "referral",
    "victim_referral_result": "referral",
    "webhook": "office system",
}
"""Each table with rows of a case → what they are called above."""

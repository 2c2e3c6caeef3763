"""Who reaches what is not of a case: desk, calls, recordings, reports, shifts, by which address.

Rows as in `permissions`, walked in the same world after those. Where a thing stands in the address it is
a real one (`permission_world`): a call of the opener's with its recording, a number that rang in vain, a
report with a file. A change is sent so that it passes the form's own checks: a wrong form is told before
it is known whose it is.
"""

from tests.dashboard.permissions import COUNSELORS, HOUSE, LEADS, NOBODY, RUNS, TELLER, Row

DESK = COUNSELORS
HANOI = frozenset({"owner", "opener", "colleague", "lead"})
"""Who calls back for the center."""
RINGS = COUNSELORS | {"lead", "far_lead"}
"""Who writes records, or calls back, at all."""
SHIFT_LEADS = frozenset({"lead", "far_lead"})
LEAD = frozenset({"lead"})
BOARD = LEADS | {"department", "administrator"}
STAFFING = LEADS | {"administrator"}
ROSTER = COUNSELORS | LEADS | {"administrator"}
PLANS = frozenset({"lead", "administrator"})
"""Who writes the roster of Hà Nội."""
WRITES_REPORTS = frozenset({"center_lead", "far_center_lead"})
READS_REPORTS = WRITES_REPORTS | {"department", "auditor"}
OPENER = frozenset({"opener"})
SURVEYS = WRITES_REPORTS | {"department"}
WROTE = frozenset({"opener", "lead"})

_CALL = {"call": "{case_call}"}
_ORDER = {"minutes": "30", "reason": "x"}
_WHAT_IF = {
    "day": "{today}",
    "calls": "100",
    "counselors": "0",
    "overflow": "5",
    "wrap_up": "30",
    "limit": "15",
}
_MONTH = {"center": "HN", "month": "2026-11"}

HOUSE_ROWS = (
    # -- the desk ------------------------------------------------------------------------------
    Row("desk", "GET /desk", DESK),
    Row("desk", "GET /desk/line", DESK),
    Row("desk", "GET /desk/queue", DESK),
    Row("desk", "GET /desk/inbox", DESK),
    Row("desk", "POST /desk/messages/{desk_message}/read", DESK),
    Row("record", "GET /desk/record/{case_record}", OPENER, tells="Bé Na"),
    Row("availability", "POST /desk/availability", DESK, {"choice": "away", "why": "meeting"}),
    Row("availability", "POST /desk/rest/longer", DESK),
    Row("availability", "POST /desk/rest/end", DESK),
    Row("talk", "POST /desk/interpreter", NOBODY, _CALL | {"interpreter": "1"}),
    Row("talk", "POST /desk/interpreter/leave", NOBODY, _CALL),
    Row("talk", "GET /desk/colleagues?call={case_call}", DESK),
    Row("talk", "POST /desk/colleague", NOBODY, _CALL | {"colleague": "{staff}"}),
    Row("talk", "POST /desk/colleague/leave", NOBODY, _CALL),
    Row("talk", "POST /desk/yes-no", DESK, _CALL | {"question": "x"}),
    Row("phone", "GET /phone/account", NOBODY),
    Row("phone", "GET /phone/colleagues", NOBODY),
    # -- calls, numbers, recordings ------------------------------------------------------------
    Row("call", "GET /calls", COUNSELORS | LEADS),
    Row("call", "GET /calls", TELLER, tells="{case_call}"),
    Row("caller's number", "GET /calls", NOBODY, tells="0912 345 678"),
    Row("caller's number", "GET /calls", TELLER, tells="***678"),
    Row("caller's number", "GET /calls/{case_call}", TELLER, tells="0912 345 678"),
    Row("caller's number", "GET /records/{case_record}", TELLER, tells="0912 345 678"),
    *(
        Row("caller's number", way, NOBODY, tells=digits)
        for way in ("GET /wallboard", "GET /wallboard/board", "GET /wallboard/staff/{staff}")
        for digits in ("345 678", "654 321")
    ),
    Row("nuisance", "POST /nuisances/{nuisance}/lift", LEAD),
    Row("nuisance", "POST /calls/{case_call}/lower", LEAD, {"hours": "1"}),
    Row("number's flag", "POST /calls/{case_call}/flags", WROTE, {"days": "7", "text": "x"}),
    Row("number's flag", "POST /calls/{case_call}/flags/{flag}/lift", WROTE),
    # -- asking children -----------------------------------------------------------------------
    Row("survey", "GET /surveys", SURVEYS),
    Row("survey", "POST /surveys", SURVEYS),
    Row("survey", "GET /surveys/{survey}", SURVEYS),
    Row("survey", "POST /surveys/{survey}/close", SURVEYS),
    Row("survey", "GET /surveys/{survey}/export", SURVEYS),
    Row("survey", "POST /surveys/{survey}/export", SURVEYS, {"reason": "report", "words": "gửi Cục"}),
    Row("survey", "GET /surveys/ask/{case_call}", OPENER),
    Row("survey", "POST /surveys/ask/{case_call}", OPENER, {"consent": "no"}),
    Row("survey", "POST /surveys/answers/{case_call}", OPENER, {"stop": "1"}),
    Row("recording", "GET /recordings/{case_call}", TELLER),
    Row("recording", "GET /recordings/{case_call}/hear", TELLER),
    Row("recording", "GET /recordings/{case_call}/original", TELLER),
    Row("callback", "GET /callbacks", RINGS),
    Row("callback", "GET /callbacks", HANOI, tells="/callbacks/{callback}"),
    Row("caller's number", "GET /callbacks", NOBODY, tells="0987 654 321"),
    Row("caller's number", "GET /callbacks", HANOI, tells="***321"),
    Row("caller's number", "GET /callbacks/{callback}", WROTE, tells="0987 654 321"),
    Row("caller's number", "GET /callbacks/{callback}", HANOI - WROTE, tells="***321"),
    Row("callback", "GET /callbacks/list", RINGS),
    Row("callback", "GET /callbacks/{callback}", HANOI),
    Row("callback", "GET /callbacks/{callback}/call", HANOI),
    Row("callback", "POST /callbacks/{callback}/call", HANOI),
    Row("callback", "POST /callbacks/{callback}/take", HANOI),
    Row("callback", "POST /callbacks/{callback}/postpone", HANOI),
    Row("callback", "POST /callbacks/{callback}/give-back", HANOI),
    Row("callback", "POST /callbacks/{callback}/finish", LEAD, {"how": "given_up", "note": "x"}),
    Row("call to the outside", "GET /call-out", RINGS),
    Row("call to the outside", "POST /call-out", RINGS),
    # -- records -------------------------------------------------------------------------------
    Row("record", "POST /records/{case_record}/autosave", WROTE, {"base_revision": "0"}),
    Row("record", "POST /records/{case_record}/close", WROTE, {"disposition": "silent", "on": "record"}),
    Row("record", "POST /records/{case_record}/reopen", WROTE, {"on": "record"}),
    Row("glass", "GET /glass", COUNSELORS | LEADS),
    Row("glass", "POST /glass", COUNSELORS | LEADS),
    Row("glass", "POST /glass/end", NOBODY),
    Row("search", "GET /search", COUNSELORS | LEADS),
    Row("places", "POST /places", RINGS),
    # -- reports -------------------------------------------------------------------------------
    Row("report", "GET /inbox", RINGS),
    Row("report", "GET /inbox/waiting", RINGS),
    Row("report", "GET /inbox/new", RINGS),
    Row("report", "POST /inbox/new", RINGS, {"way": "zalo", "token": "w" * 20}),
    Row("report", "POST /inbox/{report_waits}/take", RINGS),
    Row("report", "POST /inbox/{report}/give-back", OPENER, {"why": "no_time"}),
    Row("report", "GET /inbox/{report}/attachments/1", TELLER),
    Row("report", "POST /records/{report_record}/arrival", RINGS, {"way": "zalo"}),
    Row("report", "POST /api/v1/reports", NOBODY, {"x": "x"}),
    # -- the house's own reports ---------------------------------------------------------------
    Row("official report", "GET /official-reports", READS_REPORTS, tells="01/BC-TĐ111"),
    Row("official report", "POST /official-reports", WRITES_REPORTS, {"token": "o" * 20}),
    Row("official report", "GET /official-reports/{official_report}", READS_REPORTS),
    Row("official report", "GET /official-reports/{official_report}/pdf", READS_REPORTS),
    Row("official report", "POST /official-reports/{official_report}/sign", WRITES_REPORTS),
    Row("official report", "POST /official-reports/{official_report}/send-back", WRITES_REPORTS),
    Row("official report", "POST /official-reports/{official_report}/withdraw", WRITES_REPORTS),
    Row("official report", "POST /official-reports/{official_report}/again", WRITES_REPORTS),
    Row("schedule of reports", "GET /report-schedule", WRITES_REPORTS),
    Row("schedule of reports", "POST /report-schedule/monthly", WRITES_REPORTS),
    # -- the house -----------------------------------------------------------------------------
    Row("wallboard", "GET /wallboard", BOARD),
    Row("wallboard", "GET /wallboard/board", BOARD),
    Row("wallboard", "GET /wallboard/figures", BOARD),
    Row("wallboard", "GET /wallboard/figures/offered", BOARD),
    Row("alarm", "POST /alarms/report/{report_reference}/note", STAFFING),
    Row("supervision", "POST /wallboard/supervise", NOBODY, _CALL | {"wanted": "listen", "reason": "x"}),
    Row("supervision", "POST /wallboard/supervise/stay", SHIFT_LEADS),
    Row("supervision", "POST /wallboard/supervise/leave", SHIFT_LEADS),
    Row("supervision", "POST /wallboard/supervise/give-back", SHIFT_LEADS),
    Row("order", "GET /wallboard/staff/{staff}", LEAD),
    Row("order", "POST /wallboard/staff/{staff}/state", LEAD, _ORDER | {"choice": "away"}),
    Row("order", "POST /wallboard/staff/{staff}/move", LEAD, _ORDER | {"center": "{far_center}"}),
    Row("order", "GET /wallboard/centers/{center}", SHIFT_LEADS),
    Row("order", "POST /wallboard/centers/{center}/limit", SHIFT_LEADS, _ORDER | {"seconds": "9"}),
    Row("order", "POST /wallboard/centers/{center}/close", SHIFT_LEADS, _ORDER),
    Row("order", "POST /wallboard/orders/{order}/undo", SHIFT_LEADS),
    Row("message", "POST /wallboard/messages", SHIFT_LEADS, {"text": "x", "minutes": "5"}),
    Row("message", "POST /wallboard/messages/{desk_message}/take-back", SHIFT_LEADS),
    Row("staffing", "GET /staffing", STAFFING),
    Row("staffing", "POST /staffing/what-if", STAFFING, _WHAT_IF),
    Row("on call", "GET /on-call", STAFFING),
    Row("on call", "POST /on-call/{center}", HOUSE | {"administrator"}),
    Row("on call", "POST /on-call/lists/{list}/undo", HOUSE | {"administrator"}),
    # -- accounts ------------------------------------------------------------------------------
    Row("account", "GET /staff", RUNS),
    Row("account", "GET /staff/new", RUNS),
    Row("account", "GET /staff/{staff}", RUNS),
    Row("account", "POST /staff", RUNS),
    Row("account", "POST /staff/find", RUNS),
    Row("account", "POST /staff/{staff}", RUNS),
    Row("invitation", "POST /staff/{staff}/invitation", RUNS, {"known_by": "in_person"}),
    # -- the roster ----------------------------------------------------------------------------
    Row("roster", "GET /roster", ROSTER),
    Row("roster", "GET /roster/export", ROSTER),
    Row("roster", "POST /roster/day", PLANS, {"who": "{staff}", "day": "{today}"}),
    Row("roster", "POST /roster/fill", PLANS, _MONTH),
    Row("swap", "POST /roster/swaps", DESK, {"give": "2026-11-20 x", "take": "{staff} 2026-11-20 x"}),
    Row("swap", "POST /roster/swaps/{swap}/approve", PLANS),
    Row("swap", "POST /roster/swaps/{swap}/agree", frozenset({"colleague"})),
    Row("swap", "POST /roster/swaps/{swap}/refuse", PLANS | {"colleague"}),
    Row("swap", "POST /roster/swaps/{swap}/withdraw", OPENER),
    Row("feed", "POST /roster/feed", DESK),
    Row("feed", "POST /roster/feed/close", DESK),
)

OPEN = {
    "GET /": "the way to one's own page, or to the log-in",
    "GET /login": "the log-in",
    "POST /login": "the log-in",
    "POST /logout": "ends one's own session",
    "POST /screen": "language and colors of one's own screen",
    "GET /welcome": "a page without content, for everybody who is logged in",
    "POST /hide": "hides one's own screen",
    "POST /hide/idle": "hides one's own screen",
    "GET /hidden": "one's own hidden screen, without content",
    "POST /switch": "ends one's own session",
    "POST /show": "one's own password or passkey",
    "GET /second-factor": "asks for one's own code",
    "POST /second-factor": "one's own code",
    "POST /second-factor/begin": "one's own second factor",
    "POST /second-factor/confirm": "one's own second factor",
    "POST /second-factor/codes": "one's own recovery codes, for a code",
    "POST /second-factor/remove": "one's own second factor, for a code",
    "POST /login/passkey/ask": "asks for a passkey: the log-in",
    "POST /login/passkey": "the log-in",
    "GET /login/oidc": "the way to the log-in of the ministry",
    "GET /login/oidc/back": "the log-in",
    "POST /second-factor/passkey": "one's own passkey",
    "POST /passkeys/ask": "asks for one's own passkey",
    "POST /passkeys/new": "one's own passkeys, after the password",
    "POST /passkeys": "one's own passkeys, after the password",
    "POST /passkeys/{passkey_id}/remove": "one's own passkeys, after the password",
    "GET /prove": "asks for one's own password again",
    "POST /prove": "one's own password again",
    "GET /glass/over": "whether one's own glass is still open",
    "GET /account": "one's own log-ins, by browser and address",
    "POST /account/places/{place}/end": "one's own log-in",
    "POST /account/places/end-others": "one's own log-ins",
    "POST /account/password": "one's own password",
    "POST /here": "that somebody sits at one's own page",
    "GET /live": "ids and codes of one's own desk, after the rights of the viewer",
    "GET /h": "the door of a link; its token is the right",
    "POST /h": "the door of a link; its token is the right",
    "GET /invitation": "the way into one's own account; its token is the right",
    "POST /invitation": "the way into one's own account; its token is the right",
    "GET /health": "that the process answers",
    "GET /api/v1/openapi.json": "how programs talk with us; no data",
    "GET /roster/feed/{token}.ics": "one's own shifts; the token is the right",
}
"""Doors that are no role's: what stands behind them."""
ONCE = {
    "POST /h/hide": "test_a_guests_page_hides_itself_and_the_code_brings_it_back",
    "POST /staff/{staff_id}/leave": "test_nobody_else_has_these_pages",
    "POST /staff/{staff_id}/log-out": "test_nobody_else_has_these_pages",
    "POST /staff/{staff_id}/lost-phone": "test_nobody_else_has_these_pages",
    "POST /staff/{staff_id}/ministry-account": "test_nobody_else_has_these_pages",
    "POST /staff/{staff_id}/return": "test_nobody_else_has_these_pages",
    "GET /staffing/what-if/{what_if_id}": "test_a_campaign_is_tried_out_by_a_worker",
    "POST /roster/template": "test_only_who_leads_the_center_fills_and_brings_a_sheet",
    "POST /roster/import": "test_only_who_leads_the_center_fills_and_brings_a_sheet",
    "WEBSOCKET /phone/line": "test_only_who_has_the_phone_here_has_a_line",
}
"""What this walk cannot send, and the test in tests/dashboard that shows who may."""

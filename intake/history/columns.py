"""The columns of a made-up year that get values (`intake.history.year_rows`); all others are empty."""

from collections.abc import Mapping

from intake.searching.search_index import SearchRow
from intake.tables.calls import CallRow, OfferRow, TalkRow
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordPersonRow, RecordRow
from intake.tables.victims import VictimReferralRow

_CALL = (
    "id", "channel", "number", "dialled", "outbound", "internal", "arrived_at", "waiting_at",
    "answered_at", "ended_at", "line", "outcome", "cause", "counselor_id", "center_id",
)  # fmt: skip
_OFFER = (
    "id", "offer_id", "call_id", "channel", "phone", "part", "staff_id", "rang_at", "ended_at",
    "outcome", "cause",
)  # fmt: skip
_TALK = (
    "id", "call_id", "channel", "phone", "part", "offer_id", "staff_id", "began_at", "ended_at", "lost",
)  # fmt: skip
_RECORD = (
    "id", "call_id", "way", "received_at", "form_version", "owner_id", "center_id", "revision", "state",
    "disposition", "created_at", "closed_at", "fields", "language", "problem", "caller_type",
)  # fmt: skip
_PERSON = ("id", "record_id", "about", "position", "fields")
_DOCUMENT = ("kind", "ref", "words")
_CASE = (
    "id", "number", "state", "place", "trafficking", "adults", "owner_id", "opened_by", "center_id",
    "received_at", "heard_at", "opened_at", "entered_at", "due_at", "closed_at",
)  # fmt: skip
_LINK = ("id", "case_id", "home_id", "record_id", "joined_at", "joined_by")
_EVENT = ("id", "case_id", "kind", "code", "text", "answers", "staff_id", "happened_at", "entered_at")
_VICTIMS = (
    "id", "case_id", "asked_by", "body", "agency", "contact", "text", "staff_id", "referred_at",
    "entered_at",
)  # fmt: skip
TABLES: Mapping[type, tuple[str, ...]] = {
    CallRow: _CALL,
    OfferRow: _OFFER,
    TalkRow: _TALK,
    RecordRow: _RECORD,
    RecordPersonRow: _PERSON,
    SearchRow: _DOCUMENT,
    CaseRow: _CASE,
    CaseRecordRow: _LINK,
    CaseEventRow: _EVENT,
    VictimReferralRow: _VICTIMS,
}
"""In the order in which they refer to each other."""
NUMBERED = tuple(
    table for table, columns in TABLES.items() if columns[0] == "id" and table is not CallRow
)

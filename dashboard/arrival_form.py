"""The fields that say how and when something came in: from the form to a value and back. Pure."""

from collections.abc import Mapping
from datetime import datetime

from dashboard.formats import moment_field, typed_moment
from hotline.errors import BadInput, FieldErrors
from intake.forms.taxonomy import Way
from intake.records.record_views import Arrival


def read(way: str, received_at: str, happened_at: str) -> Arrival:
    """What was typed. Raises FieldErrors with the codes of `intake.records.arrivals.check`."""
    wrong: dict[str, str] = {}
    times: dict[str, datetime | None] = {}
    for name, text in (("received_at", received_at), ("happened_at", happened_at)):
        try:
            times[name] = typed_moment(text)
        except BadInput:
            wrong[name] = "not_a_time"
    received = times.get("received_at")
    if received is None:
        wrong["received_at"] = "not_a_time"
    if way not in set(Way):
        wrong["way"] = "not_a_choice"
    if wrong or received is None:
        raise FieldErrors(wrong)
    return Arrival(Way(way), received, times["happened_at"])


def given(arrival: Arrival) -> Mapping[str, str]:
    """What the fields hold, on Vietnam's clock."""
    happened = moment_field(arrival.happened_at) if arrival.happened_at else ""
    received = moment_field(arrival.received_at)
    return {"way": arrival.way, "received_at": received, "happened_at": happened}

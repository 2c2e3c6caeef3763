"""Calls that last for a day or cross midnight, as real traces with their clock moved."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hotline.clock import HANOI
from telephony import messages
from telephony.replay import as_json, replay, spells

CAPTURES = Path(__file__).parents[1] / "captures"
NEW_YEAR = datetime(2027, 1, 1, tzinfo=HANOI)
LINES = sorted(path.stem for path in CAPTURES.glob("line_*.jsonl"))


def told(name: str, moved: Callable[[float], float]) -> list[dict[str, Any]]:
    """The trace's calls, with each instant (epoch seconds) moved."""
    lines = []
    for line in (CAPTURES / f"{name}.jsonl").read_text("utf-8").splitlines():
        said = json.loads(line)
        said["Timestamp"] = f"{moved(float(said['Timestamp'])):.6f}"
        lines.append(json.dumps(said))
    reports = replay(lines, lambda *fault: pytest.fail(str(fault)))
    return [as_json(report) | spells(report) for report in reports]


def instants(name: str, *events: str) -> list[float]:
    """When these events happened first; all events when none is named."""
    said = [json.loads(line) for line in (CAPTURES / f"{name}.jsonl").read_text("utf-8").splitlines()]
    if not events:
        return [float(each["Timestamp"]) for each in said]
    return [
        next(float(each["Timestamp"]) for each in said if each["Event"] == event) for event in events
    ]


def without_times(calls: list[dict[str, Any]]) -> object:
    """What is told, instants left out and lengths kept to the millisecond."""
    plain = json.loads(json.dumps(calls))
    for call in plain:
        for key in ("queued_at", "answered_at", "ended_at"):
            call[key] = call[key] is not None
        for spell in (*call["talks"], *call["holds"], *call["supervision"]):
            del spell["began_at"]
            spell["seconds"] = round(spell["seconds"], 2)
    return plain


@pytest.mark.parametrize("name", LINES)
def test_the_new_year_begins_in_the_midst_and_nothing_else_changes(name: str) -> None:
    all_of_it = instants(name)
    middle = (all_of_it[0] + all_of_it[-1]) / 2
    moved = told(name, lambda at: at - middle + NEW_YEAR.timestamp())
    assert without_times(moved) == without_times(told(name, lambda at: at))
    ended = [datetime.fromisoformat(str(call["ended_at"])) for call in moved]
    assert max(ended) > NEW_YEAR


def test_a_call_of_24_hours_one_of_them_on_hold() -> None:
    held_at, resumed_at, last = instants("line_hold", "Hold", "Unhold", "HangupRequest")

    def stretched(at: float) -> float:
        hours = 22 if at >= last else 2 if at >= resumed_at else 1 if at >= held_at else 0
        return at + timedelta(hours=hours + (2 if at >= last else 0)).total_seconds()

    (call,) = told("line_hold", stretched)
    assert call["outcome"] == "answered"
    (talk,), (hold,) = call["talks"], call["holds"]
    assert talk["seconds"] == pytest.approx(24 * 3600, abs=1)
    assert hold["seconds"] == pytest.approx(3600, abs=1)


def test_a_channel_that_is_older_than_a_day() -> None:
    row = messages.channel_snapshot({"Channel": "PJSIP/telco-1", "Duration": "25:00:01"})
    assert row.duration == timedelta(hours=25, seconds=1)
    assert datetime(2026, 11, 22, tzinfo=UTC) - row.duration < datetime(2026, 11, 21, tzinfo=UTC)

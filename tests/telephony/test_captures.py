"""Calls recorded on a real Asterisk (see tests/captures/README.md), replayed."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotline.events import (
    CallArrived,
    CallBackAsked,
    CallEnded,
    CallerWaiting,
    CallEvent,
    CallHeld,
    CallResumed,
    MessageLeft,
)
from telephony import messages
from telephony.callbook import Callbook
from telephony.channels import resource
from telephony.replay import as_json, replay, spells

CAPTURES = Path(__file__).parents[1] / "captures"
EXPECTED: dict[str, list[dict[str, object]]] = json.loads(
    (CAPTURES / "expected.json").read_text("utf-8")
)


def told(lines: list[str]) -> list[dict[str, object]]:
    faults: list[tuple[int, str]] = []
    reports = replay(lines, lambda number, fault: faults.append((number, fault)))
    assert faults == []
    return [as_json(report) for report in reports]


def test_every_capture_has_an_expectation() -> None:
    assert {file.stem for file in CAPTURES.glob("*.jsonl")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_real_asterisk_tells_it_so(name: str) -> None:
    lines = (CAPTURES / f"{name}.jsonl").read_text("utf-8").splitlines()
    assert told(lines) == EXPECTED[name]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_event_twice_tells_the_same(name: str) -> None:
    lines = (CAPTURES / f"{name}.jsonl").read_text("utf-8").splitlines()
    assert told([line for line in lines for _ in range(2)]) == EXPECTED[name]


def test_all_captures_in_one_trace() -> None:
    """Interleaved line by line: calls do not mix. Uniqueids and names differ by capture."""
    lines: list[list[str]] = []
    for number, name in enumerate(sorted(EXPECTED)):
        text = (CAPTURES / f"{name}.jsonl").read_text("utf-8")
        text = text.replace('"hn-', f'"site{number}-').replace("from-phone-0", f"from-phone-{number}0")
        text = text.replace("=hn-", f"=site{number}-")
        for phone in ("hn01", "hn02", "hn03", "hn04", "telco"):
            text = text.replace(f"PJSIP/{phone}-", f"PJSIP/s{number}{phone}-")
        lines.append(text.splitlines())
    mixed = [each[row] for row in range(max(map(len, lines))) for each in lines if row < len(each)]
    expected = sum((len(calls) for calls in EXPECTED.values()), 0)
    assert len(told(mixed)) == expected
    assert all(call["ended_at"] for call in told(mixed))


def events(name: str) -> list[CallEvent]:
    book, seen = Callbook(), list[CallEvent]()
    for line in (CAPTURES / f"{name}.jsonl").read_text("utf-8").splitlines():
        said = json.loads(line)
        event = messages.parse(said)
        assert event is not None
        seen += book.fold(event, datetime.fromtimestamp(float(said["Timestamp"]), UTC))
    return seen


@pytest.mark.parametrize(
    ("name", "key"), [("line_called_back", CallBackAsked), ("line_message", MessageLeft)]
)
def test_which_key_a_waiting_caller_pressed(name: str, key: type[CallEvent]) -> None:
    """The caller waits on all the while."""
    told = [type(event) for event in events(name)]
    assert told == [CallArrived, CallerWaiting, key, CallEnded]


def spells_of(name: str) -> dict[str, list[tuple[object, ...]]]:
    """Of the caller's call: phone, as what, and seconds."""
    lines = (CAPTURES / f"{name}.jsonl").read_text("utf-8").splitlines()
    (report,) = replay(lines, lambda *fault: pytest.fail(str(fault)))
    return {
        kind: [
            (resource(each["channel"]), each.get("part", each.get("mode")), each["seconds"])
            for each in found
        ]
        for kind, found in spells(report).items()
    }


def test_who_talked_as_what_and_how_long_with_an_interpreter() -> None:
    told_so = spells_of("line_interpreter")
    (counselor, interpreter) = told_so["talks"]
    assert counselor[:2] == ("hn01", "counselor")
    assert interpreter[:2] == ("telco", "interpreter")
    assert 0 < float(str(interpreter[2])) < float(str(counselor[2]))
    assert told_so["holds"] == told_so["supervision"] == []


def test_left_with_the_interpreter_the_caller_waited_and_talked_again() -> None:
    assert [each[:2] for each in spells_of("line_interpreter_left")["talks"]] == [
        ("hn01", "counselor"),
        ("telco", "interpreter"),
        ("hn01", "counselor"),
    ]


def test_supervision_is_no_talk_until_the_lead_joins() -> None:
    told_so = spells_of("line_supervised")
    assert [each[:2] for each in told_so["supervision"]] == [
        ("hn09", "listen"),
        ("hn09", "whisper"),
        ("hn09", "listen"),
    ]
    assert [each[:2] for each in told_so["talks"]] == [("hn01", "counselor"), ("hn09", "supervisor")]


def test_how_long_on_hold() -> None:
    ((phone, _, seconds),) = spells_of("line_hold")["holds"]
    assert phone == "hn01"
    assert 0 < float(str(seconds)) < 5


def test_who_held_whom_and_how_long() -> None:
    seen = events("line_hold")
    held, resumed = (each for each in seen if isinstance(each, CallHeld | CallResumed))
    assert isinstance(held, CallHeld)
    assert isinstance(resumed, CallResumed)
    assert held.channel == resumed.channel
    assert held.channel.startswith("PJSIP/hn01-")
    assert held.at < resumed.at

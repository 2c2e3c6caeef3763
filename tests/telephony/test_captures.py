"""Calls recorded on a real Asterisk (see tests/captures/README.md), replayed."""

import json
import re
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
from telephony.replay import as_json, replay_together, spells

CAPTURES = Path(__file__).parents[1] / "captures"
EXPECTED: dict[str, list[dict[str, object]]] = json.loads(
    (CAPTURES / "expected.json").read_text("utf-8")
)


def recorded(name: str) -> list[list[str]]:
    """The trace of this story; of one in several centers that of each Asterisk, NAME.SITE.jsonl."""
    files = sorted(CAPTURES.glob(f"{name}.jsonl")) or sorted(CAPTURES.glob(f"{name}.*.jsonl"))
    return [file.read_text("utf-8").splitlines() for file in files]


def told(traces: list[list[str]]) -> list[dict[str, object]]:
    faults: list[tuple[int, int, str]] = []
    reports = replay_together(traces, lambda *fault: faults.append(fault))
    assert faults == []
    return [as_json(report) for report in reports]


def test_every_capture_has_an_expectation() -> None:
    assert {file.name.partition(".")[0] for file in CAPTURES.glob("*.jsonl")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_real_asterisk_tells_it_so(name: str) -> None:
    assert told(recorded(name)) == EXPECTED[name]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_nobody_who_is_there_is_taken_for_gone(name: str) -> None:
    for lines in recorded(name):
        book = Callbook()
        for line in lines:
            event = messages.parse(json.loads(line))
            assert event is not None
            book.fold(event, datetime.now(UTC))
            assert not book.ghosts()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_event_twice_tells_the_same(name: str) -> None:
    twice = [[line for line in lines for _ in range(2)] for lines in recorded(name)]
    assert told(twice) == EXPECTED[name]


def test_all_captures_in_one_trace() -> None:
    """Interleaved line by line: calls do not mix. Uniqueids and names differ by capture."""
    lines: list[list[str]] = []
    for number, trace in enumerate(trace for name in sorted(EXPECTED) for trace in recorded(name)):
        text = "\n".join(trace).replace("from-phone-0", f"from-phone-{number}0")
        text = re.sub('(["=])(hn|dn|ag)-', rf"\1site{number}\2-", text)
        lines.append(re.sub("PJSIP/(?=[a-z])", f"PJSIP/s{number}", text).splitlines())
    mixed = [each[row] for row in range(max(map(len, lines))) for each in lines if row < len(each)]
    expected = sum((len(calls) for calls in EXPECTED.values()), 0)
    assert len(told([mixed])) == expected
    assert all(call["ended_at"] for call in told([mixed]))


def events(name: str) -> list[CallEvent]:
    book, seen = Callbook(), list[CallEvent]()
    (lines,) = recorded(name)
    for line in lines:
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
    """Of the first caller's call: phone, as what, and seconds."""
    reports = replay_together(recorded(name), lambda *fault: pytest.fail(str(fault)))
    report = next(report for report in reports if report.caller.startswith("PJSIP/telco"))
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


def test_who_talked_where_and_held_how_long_when_other_centers_took_part() -> None:
    overflow, blind, attended = (
        spells_of(name) for name in ("sites_overflow", "sites_blind", "sites_attended")
    )
    assert [each[0] for each in overflow["talks"]] == ["ag03", "hn01"]
    assert [each[0] for each in blind["talks"]] == ["hn01", "dn02"]
    assert [each[0] for each in attended["talks"]] == ["ag03", "ag04"]
    for told_so in (overflow, blind, attended):
        ((phone, _, held),) = told_so["holds"]
        (first, _, talked), second = told_so["talks"]
        assert phone == first
        assert 0 < float(str(held)) < float(str(talked))
        assert float(str(second[2])) > 0


@pytest.mark.parametrize(("name", "site"), [("sites_overflow", "ag"), ("sites_blind", "dn")])
def test_a_call_is_none_of_the_center_that_only_helps_out(name: str, site: str) -> None:
    assert told([(CAPTURES / f"{name}.{site}.jsonl").read_text("utf-8").splitlines()]) == []

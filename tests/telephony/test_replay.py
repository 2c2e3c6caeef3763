"""`tongdai replay`: broken traces, open calls, times."""

import json
from pathlib import Path

import pytest

from telephony.replay import command
from tests.telephony import told
from tests.telephony.trace import Trace

KEYS = [
    "caller", "caller_number", "dialled", "answered_by", "talked_to", "transfers", "outcome",
    "hangup_cause", "queued_at", "answered_at", "ended_at",
]  # fmt: skip


def write(tmp_path: Path, *lines: str) -> Path:
    trace = tmp_path / "trace.jsonl"
    trace.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return trace


def test_one_line_for_each_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command([write(tmp_path, *told.two_at_once().lines())])
    out, err = capsys.readouterr()
    calls = [json.loads(line) for line in out.splitlines()]
    assert [list(call) for call in calls] == [KEYS, KEYS]
    assert err == ""


def test_empty_trace_prints_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command([write(tmp_path)])
    assert capsys.readouterr() == ("", "")


def test_broken_lines_are_named_and_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = ["{", "[1]", '{"Channel": "x"}', '{"Event": "Hangup"}', '"text"', '{"Event": null}']
    fine = ["", '{"Response": "Success"}', "\ufeff" + '{"Event": "VarSet"}']
    trace = write(tmp_path, *broken, *fine, *told.direct().lines())
    with pytest.raises(SystemExit) as stop:
        command([trace])
    out, err = capsys.readouterr()
    assert stop.value.code == 1
    assert len(out.splitlines()) == 1
    assert [line.split(":")[1] for line in err.splitlines()] == ["1", "2", "3", "4", "5", "6"]
    assert "not JSON" in err
    assert "not a JSON object but list" in err
    assert "neither an Event nor a Response header" in err
    assert "Hangup without a channel" in err


def test_trace_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        command([tmp_path / "none.jsonl"])
    assert stop.value.code == 1
    assert "cannot be read" in capsys.readouterr().err


def test_call_still_open_at_the_end_is_told_as_far_as_known() -> None:
    talking, waiting = Trace(), Trace("hn-1")
    caller = talking.rings_111()
    talking.pulls(talking.offers(caller, "PJSIP/hn01-00000002", "offer-1"), caller)
    waiting.rings_111()
    assert [talking.told_one()[key] for key in ("outcome", "ended_at", "hangup_cause")] == [
        "answered",
        None,
        None,
    ]
    assert [waiting.told_one()[key] for key in ("outcome", "ended_at", "hangup_cause")] == [None] * 3


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("Timestamp", "1795248000.250000", "2026-11-21T08:00:00.250000+00:00"),
        ("timestamp", 1795248000, "2026-11-21T08:00:00+00:00"),
        ("Timestamp", "2026-11-21T15:00:00+07:00", "2026-11-21T08:00:00+00:00"),
        ("EventTime", "2026-11-21 08:00:00", "2026-11-21T08:00:00+00:00"),
        ("Timestamp", "yesterday", None),
        ("Timestamp", "1e99", None),
        ("Timestamp", "", None),
    ],
)
def test_times_as_the_trace_gives_them(header: str, value: object, expected: str | None) -> None:
    trace = told.direct()
    for headers in trace.events:
        del headers["Timestamp"]
        headers[header] = value  # type: ignore[assignment]
    call = trace.told_one()
    assert call["ended_at"] == call["answered_at"] == expected


def test_restart_of_asterisk_ends_its_calls() -> None:
    for restart in ({"Event": "Shutdown"}, {"Event": "FullyBooted", "Uptime": "1"}):
        trace, later = told.direct(), Trace("hn-1795250001")
        del trace.events[-4:]
        trace.events.append({**restart, "Timestamp": "1795250000.0"})
        caller = later.rings_111()
        leg = later.offers(caller, "PJSIP/hn01-00000002", "offer-1")
        later.pulls(leg, caller)
        later.hangs_up(leg, caller)
        trace.events += later.events
        first, second = trace.told()
        assert first["outcome"] == "answered"
        assert first["ended_at"] is not None
        assert second["answered_by"] == "PJSIP/hn01-00000002"


def test_waiting_caller_whom_a_restart_cut_off_did_not_give_up() -> None:
    trace = Trace()
    trace.rings_111()
    trace.says("Shutdown")
    assert trace.told_one()["outcome"] == "failed"


def test_login_is_no_restart() -> None:
    """FullyBooted comes at each login too; without its uptime only silence afterwards is telling."""
    went_on, silent = told.direct(), told.direct()
    booted = {"Event": "FullyBooted", "Status": "Fully Booted"}
    went_on.events.insert(9, dict(booted))
    assert went_on.told_one()["outcome"] == "answered"
    del silent.events[5:]
    silent.events.append({**booted, "Timestamp": "1795250000.0"})
    call = silent.told_one()
    assert (call["outcome"], call["ended_at"]) == ("failed", "2026-11-21T08:33:20+00:00")
    fresh = told.direct()
    fresh.events.insert(9, {**booted, "Uptime": "99999", "Timestamp": "1795250000.0"})
    assert fresh.told_one()["outcome"] == "answered"


@pytest.mark.parametrize("number", ["anonymous", "<unknown>", "Restricted", ""])
def test_withheld_number_is_none(number: str) -> None:
    trace = Trace()
    caller = trace.dials_in("PJSIP/telco-00000001", number=number)
    trace.hangs_up(caller)
    assert trace.told_one()["caller_number"] is None


def test_number_that_the_dialplan_sets_before_dialling_counts() -> None:
    trace = Trace()
    caller = trace.dials_in("SIP/account-00000001", number="account", exten="200")
    caller.number = "201"
    trace.says("NewCallerid", caller.headers())
    phone = trace.dials(caller, "SIP/b-00000002")
    caller.number = "999"
    trace.says("NewCallerid", caller.headers())
    trace.talk(caller, phone)
    trace.hangs_up(caller, phone)
    assert trace.told_one()["caller_number"] == "201"

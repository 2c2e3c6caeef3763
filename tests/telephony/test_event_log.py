"""Rows as Asterisk 22.10 wrote them for real calls, shortened."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from hotline.events import (
    CallArrived,
    CallBackAsked,
    CallEnded,
    CallEvent,
    MessageLeft,
    Mode,
    Outcome,
    PhoneRang,
    PhoneStopped,
    SupervisionBegan,
    SupervisionEnded,
    TalkBegan,
    TalkEnded,
)
from telephony.event_log import LoggedCall, LogRow, calls

CALL = "hn-1795294554.0"
CALLER = "PJSIP/telco-00000000"
OFFER = "offer-1e25f1c4"
LEG = "PJSIP/hn01-00000001"


def log(*rows: tuple[str, float, str, str, str, str, str]) -> list[LogRow]:
    """Rows of (type, second, uniqueid, linkedid, channel, call, extra)."""
    return [
        LogRow(seq, kind, f"{1795294554 + at:.6f}", uid, linked, name, "0912345678", "111", extra, call)
        for seq, (kind, at, uid, linked, name, call, extra) in enumerate(rows, 1)
    ]


ANSWERED = log(
    ("CHAN_START", 0.5, CALL, CALL, CALLER, "", ""),
    ("CHAN_START", 0.6, OFFER, OFFER, LEG, "", ""),
    ("ANSWER", 0.8, OFFER, OFFER, LEG, CALL, ""),
    ("ANSWER", 0.8, CALL, CALL, CALLER, CALL, ""),
    ("BRIDGE_ENTER", 0.9, CALL, CALL, CALLER, CALL, ""),
    ("BRIDGE_ENTER", 0.9, OFFER, CALL, LEG, CALL, ""),
    ("BRIDGE_EXIT", 1.8, CALL, CALL, CALLER, CALL, ""),
    ("BRIDGE_EXIT", 1.8, OFFER, CALL, LEG, CALL, ""),
    ("HANGUP", 1.9, CALL, CALL, CALLER, CALL, '{"hangupcause":16}'),
    ("CHAN_END", 1.9, CALL, CALL, CALLER, CALL, ""),
    ("HANGUP", 1.9, OFFER, CALL, LEG, CALL, '{"hangupcause":16}'),
    ("CHAN_END", 1.9, OFFER, CALL, LEG, CALL, ""),
)


def test_what_the_caller_asked_for_while_they_waited() -> None:
    """The dialplan's own events (CELGenUserEvent) come under their own names."""
    call = the_call(
        log(
            ("CHAN_START", 0.5, CALL, CALL, CALLER, "", ""),
            ("CallBackAsked", 2.0, CALL, CALL, CALLER, CALL, ""),
            ("MessageLeft", 4.0, CALL, CALL, CALLER, CALL, ""),
            ("HANGUP", 9.0, CALL, CALL, CALLER, CALL, '{"hangupcause":16}'),
            ("CHAN_END", 9.0, CALL, CALL, CALLER, CALL, ""),
        )
    )
    assert story(call) == [CallArrived, CallBackAsked, MessageLeft, CallEnded]
    assert call.outcome is Outcome.ABANDONED


def the_call(rows: Sequence[LogRow]) -> LoggedCall:
    (call,) = calls(rows)
    return call


def story(call: LoggedCall) -> list[type[CallEvent]]:
    return [type(event) for event in call.events if type(event).__name__ != "CallerWaiting"]


def end(call: LoggedCall) -> CallEnded:
    last = call.events[-1]
    assert isinstance(last, CallEnded)
    return last


def test_answered_through_an_offer() -> None:
    call = the_call(ANSWERED)
    assert story(call) == [CallArrived, PhoneRang, TalkBegan, TalkEnded, CallEnded]
    assert (end(call).outcome, end(call).cause) == (Outcome.ANSWERED, 16)
    rang = call.events[2]
    assert isinstance(rang, PhoneRang)
    assert (rang.phone, rang.offer_id, rang.call_id) == ("hn01", OFFER, CALL)


def test_a_phone_that_fell_silent_ended_its_talk() -> None:
    ended = (event for event in the_call(ANSWERED).events if isinstance(event, TalkEnded))
    assert not next(ended).lost
    silent = [
        row._replace(extra='{"hangupcause":44}') if row.uniqueid == OFFER and row.extra else row
        for row in ANSWERED
    ]
    ended = (event for event in the_call(silent).events if isinstance(event, TalkEnded))
    assert next(ended).lost


def test_a_leg_that_outlives_the_caller_hides_no_outcome() -> None:
    """Whose BRIDGE_EXIT is written after the caller's CHAN_END, by some milliseconds."""
    rows = [row for row in ANSWERED if (row.eventtype, row.uniqueid) != ("BRIDGE_EXIT", OFFER)]
    late = log(("BRIDGE_EXIT", 1.95, OFFER, CALL, LEG, CALL, ""))
    call = the_call([*rows, *late])
    assert isinstance(call.events[-1], TalkEnded)
    assert call.outcome is Outcome.ANSWERED


def test_answered_by_the_fallback_queue_whose_legs_carry_no_call_id() -> None:
    leg = "hn-1795294555.5"
    call = the_call(
        log(
            ("CHAN_START", 0, CALL, CALL, CALLER, "", ""),
            ("APP_START", 4, CALL, CALL, CALLER, CALL, ""),
            ("CHAN_START", 4, leg, CALL, "PJSIP/hn02-00000004", "", ""),
            ("BRIDGE_ENTER", 4.3, leg, CALL, "PJSIP/hn02-00000004", "", ""),
            ("BRIDGE_EXIT", 5.3, leg, CALL, "PJSIP/hn02-00000004", "", ""),
            ("CHAN_END", 5.3, leg, CALL, "PJSIP/hn02-00000004", "", ""),
            ("HANGUP", 5.4, CALL, CALL, CALLER, CALL, '{"hangupcause":16}'),
            ("CHAN_END", 5.4, CALL, CALL, CALLER, CALL, ""),
        )
    )
    assert story(call) == [CallArrived, PhoneRang, TalkBegan, TalkEnded, CallEnded]
    assert end(call).outcome is Outcome.ANSWERED


def test_declined_and_then_the_caller_gives_up() -> None:
    call = the_call(
        log(
            ("CHAN_START", 0, CALL, CALL, CALLER, "", ""),
            ("CHAN_START", 0.3, OFFER, OFFER, LEG, "", ""),
            ("HANGUP", 0.4, OFFER, OFFER, LEG, CALL, '{"hangupcause":21}'),
            ("CHAN_END", 0.4, OFFER, OFFER, LEG, CALL, ""),
            ("HANGUP", 1, CALL, CALL, CALLER, CALL, '{"hangupcause":127}'),
            ("CHAN_END", 1, CALL, CALL, CALLER, CALL, ""),
        )
    )
    assert story(call) == [CallArrived, PhoneRang, PhoneStopped, CallEnded]
    stopped = call.events[3]
    assert isinstance(stopped, PhoneStopped)
    assert stopped.outcome is Outcome.REJECTED
    assert (end(call).outcome, end(call).cause) == (Outcome.ABANDONED, 127)


@pytest.mark.parametrize("rows", range(1, len(ANSWERED)))
def test_a_log_cut_off_by_a_crash_tells_what_it_knows(rows: int) -> None:
    for call in calls(ANSWERED[:rows]):
        assert call.call_id == CALL
        assert call.ended == (rows >= 10)
        assert call.talked == (rows >= 6)


def test_a_leg_without_its_caller_is_no_call() -> None:
    assert calls([row for row in ANSWERED if row.uniqueid != CALL]) == []


@pytest.mark.parametrize("extra", ["", "{}", "not json", '{"hangupcause":"x"}', "[]"])
def test_a_hangup_without_a_cause_is_cause_zero(extra: str) -> None:
    call = the_call(
        log(
            ("CHAN_START", 0, CALL, CALL, CALLER, "", ""),
            ("HANGUP", 1, CALL, CALL, CALLER, CALL, extra),
            ("CHAN_END", 1, CALL, CALL, CALLER, CALL, ""),
        )
    )
    assert end(call).cause == 0


OUT = "hn-1795294554.out1e25f1c4"
OUTSIDE = "PJSIP/telco-00000002"


def called_out(*rows: tuple[str, float, str, str, str, str, str]) -> LoggedCall:
    return the_call(log(("CHAN_START", 0.0, OUT, OUT, LEG, "", ""), *rows))


def test_a_call_from_the_desk_is_told_as_ours_and_never_waits() -> None:
    call = called_out(
        ("ANSWER", 1.0, OUT, OUT, LEG, OUT, ""),
        ("CHAN_START", 1.1, "hn-1795294554.7", OUT, OUTSIDE, "", ""),
        ("ANSWER", 2.0, "hn-1795294554.7", OUT, OUTSIDE, OUT, ""),
        ("BRIDGE_ENTER", 2.0, OUT, OUT, LEG, OUT, ""),
        ("BRIDGE_ENTER", 2.0, "hn-1795294554.7", OUT, OUTSIDE, OUT, ""),
        ("BRIDGE_EXIT", 9.0, "hn-1795294554.7", OUT, OUTSIDE, OUT, ""),
        ("CHAN_END", 9.0, "hn-1795294554.7", OUT, OUTSIDE, OUT, ""),
        ("HANGUP", 9.1, OUT, OUT, LEG, OUT, '{"hangupcause":16}'),
        ("CHAN_END", 9.1, OUT, OUT, LEG, OUT, ""),
    )
    arrived = call.events[0]
    assert isinstance(arrived, CallArrived)
    assert (arrived.outbound, arrived.channel) == (True, LEG)
    assert [type(event) for event in call.events] == [
        CallArrived, PhoneRang, TalkBegan, TalkEnded, CallEnded,
    ]  # fmt: skip
    assert end(call).outcome is Outcome.ANSWERED


def test_whom_the_desk_rang_goes_on_with_the_call_when_the_counselor_passed_them_on() -> None:
    call = called_out(
        ("ANSWER", 1.0, OUT, OUT, LEG, OUT, ""),
        ("CHAN_START", 1.1, "hn-1795294554.7", OUT, OUTSIDE, "", ""),
        ("BRIDGE_ENTER", 2.0, OUT, OUT, LEG, OUT, ""),
        ("BRIDGE_ENTER", 2.0, "hn-1795294554.7", OUT, OUTSIDE, OUT, ""),
        ("BLINDTRANSFER", 3.0, OUT, OUT, LEG, OUT, ""),
        ("BRIDGE_EXIT", 3.0, "hn-1795294554.7", OUT, OUTSIDE, OUT, ""),
        ("BRIDGE_EXIT", 3.0, OUT, OUT, LEG, OUT, ""),
        ("CHAN_END", 3.0, OUT, OUT, LEG, OUT, ""),
        ("CHAN_START", 4.0, OFFER, OUT, "PJSIP/hn02-00000003", "", ""),
        ("BRIDGE_ENTER", 5.0, OFFER, OUT, "PJSIP/hn02-00000003", OUT, ""),
        ("BRIDGE_ENTER", 5.0, "hn-1795294554.7", OUT, OUTSIDE, OUT, ""),
        ("BRIDGE_EXIT", 9.0, "hn-1795294554.7", OUT, OUTSIDE, OUT, ""),
        ("BRIDGE_EXIT", 9.0, OFFER, OUT, "PJSIP/hn02-00000003", OUT, ""),
        ("HANGUP", 9.1, "hn-1795294554.7", OUT, OUTSIDE, OUT, '{"hangupcause":16}'),
        ("CHAN_END", 9.1, "hn-1795294554.7", OUT, OUTSIDE, OUT, ""),
    )
    talks = [each for each in call.events if isinstance(each, TalkBegan | TalkEnded)]
    began = call.events[0].at
    assert [(each.phone, (each.at - began).total_seconds()) for each in talks] == [
        ("telco", 2), ("telco", 3), ("hn02", 5), ("hn02", 9),
    ]  # fmt: skip
    assert end(call).at - began == timedelta(seconds=9.1)
    assert (end(call).outcome, end(call).cause) == (Outcome.ANSWERED, 16)


@pytest.mark.parametrize(("cause", "outcome"), [(17, Outcome.BUSY), (16, Outcome.NO_ANSWER)])
def test_why_nobody_outside_answered(cause: int, outcome: Outcome) -> None:
    call = called_out(
        ("ANSWER", 1.0, OUT, OUT, LEG, OUT, ""),
        ("CHAN_START", 1.1, "hn-1795294554.7", OUT, OUTSIDE, "", ""),
        ("HANGUP", 3.0, "hn-1795294554.7", OUT, OUTSIDE, OUT, f'{{"hangupcause":{cause}}}'),
        ("CHAN_END", 3.0, "hn-1795294554.7", OUT, OUTSIDE, OUT, ""),
        ("HANGUP", 3.1, OUT, OUT, LEG, OUT, '{"hangupcause":0}'),
        ("CHAN_END", 3.1, OUT, OUT, LEG, OUT, ""),
    )
    assert end(call).outcome is outcome


@pytest.mark.parametrize(("cause", "outcome"), [(21, Outcome.REJECTED), (0, Outcome.NO_ANSWER)])
def test_a_counselor_who_does_not_pick_up_their_own_phone(cause: int, outcome: Outcome) -> None:
    call = called_out(
        ("HANGUP", 3.0, OUT, OUT, LEG, OUT, f'{{"hangupcause":{cause}}}'),
        ("CHAN_END", 3.0, OUT, OUT, LEG, OUT, ""),
    )
    assert [type(event) for event in call.events] == [CallArrived, CallEnded]
    assert end(call).outcome is outcome


def test_a_shift_lead_listened_whispered_and_joined() -> None:
    """Their leg has no account code; the dialplan writes down whose call it attends."""
    leg, lead = "supervisor-77aa", "PJSIP/hn09-00000002"
    said = f'{{"extra":"{CALL}"}}'
    watched = log(
        ("CHAN_START", 1.0, leg, leg, lead, "", ""),
        ("ANSWER", 1.1, leg, leg, lead, "", ""),
        ("Supervised", 1.2, leg, leg, lead, "", said),
        ("Supervised", 1.3, leg, leg, lead, "", said),
        ("BRIDGE_ENTER", 1.4, leg, CALL, lead, "", ""),
        ("BRIDGE_EXIT", 1.5, leg, CALL, lead, "", ""),
        ("Supervised", 1.6, leg, CALL, lead, "", said),
        ("HANGUP", 1.7, leg, CALL, lead, "", '{"hangupcause":16}'),
        ("CHAN_END", 1.7, leg, CALL, lead, "", ""),
    )
    modes = iter(["listen", "whisper", "listen"])
    rows = [row._replace(exten=next(modes)) if row.eventtype == "Supervised" else row for row in watched]
    call = the_call([*ANSWERED, *rows])
    about = [event for event in call.events if getattr(event, "phone", "") == "hn09"]
    assert [type(event) for event in about] == [
        SupervisionBegan,
        SupervisionEnded,
        SupervisionBegan,
        SupervisionEnded,
        TalkBegan,
        TalkEnded,
        SupervisionBegan,
        SupervisionEnded,
    ]
    began = [event for event in about if isinstance(event, SupervisionBegan)]
    assert [event.mode for event in began] == [Mode.LISTEN, Mode.WHISPER, Mode.LISTEN]
    assert {(event.call_id, event.offer_id) for event in began} == {(CALL, leg)}
    assert call.outcome is Outcome.ANSWERED

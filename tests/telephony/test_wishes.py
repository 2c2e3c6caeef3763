"""Whom a wish is about, and when a caller must be taken back."""

from datetime import UTC, datetime

import pytest

from hotline.errors import BadInput
from hotline.ids import CallId, OfferId, Phone
from telephony import actions
from telephony.legs import LiveCall, LivePhone
from telephony.wishes import counselor_of, is_left

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def leg(phone: str, offer: str | None = None) -> LivePhone:
    return LivePhone(phone, f"PJSIP/{phone}-1", OfferId(offer) if offer else None, NOON)


COUNSELOR, INTERPRETER = leg("hn01", "offer-1"), leg("telco", "interpreter-1")
LEAD, OUTSIDE = leg("hn91", "supervisor-1"), leg("telco")


def call(*talking: LivePhone, ringing: tuple[LivePhone, ...] = (), outbound: bool = False) -> LiveCall:
    channel = "PJSIP/hn01-1" if outbound else "PJSIP/telco-1"
    return LiveCall(CallId("hn-1.1"), channel, None, "111", NOON, None, ringing, talking, NOON, outbound)


@pytest.mark.parametrize(
    ("live", "left"),
    [
        (call(INTERPRETER), True),
        (call(COUNSELOR, INTERPRETER), False),
        (call(COUNSELOR), False),
        (call(), False),
        (call(LEAD, INTERPRETER), False),
        (call(OUTSIDE, INTERPRETER), False),
        (call(INTERPRETER, ringing=(leg("hn02"),)), False),
        (call(INTERPRETER, ringing=(leg("hn91", "supervisor-2"),)), True),
        (call(INTERPRETER, outbound=True), False),
    ],
)
def test_a_caller_is_left_when_only_an_interpreter_hears_them(live: LiveCall, left: bool) -> None:
    assert is_left(live) is left


@pytest.mark.parametrize(
    ("live", "channel"),
    [
        (call(INTERPRETER, COUNSELOR), "PJSIP/hn01-1"),
        (call(LEAD, INTERPRETER), None),
        (call(OUTSIDE), None),
        (call(OUTSIDE, outbound=True), "PJSIP/hn01-1"),
        (call(outbound=True), None),
    ],
)
def test_who_hears_a_whisper_is_never_outside(live: LiveCall, channel: str | None) -> None:
    assert counselor_of(live) == channel


def test_what_may_be_dialled() -> None:
    assert actions.phone(Phone("hn31")) == "PJSIP/hn31"
    assert actions.outside("0912345678") == "PJSIP/0912345678@telco"
    for number in ("", "111", "+84912345678", "0012025550123", "0912345678@evil", "091234567\r"):
        with pytest.raises(BadInput):
            actions.outside(number)

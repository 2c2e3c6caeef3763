"""Never a bare hang-up: every way of a caller goes on until they ring off or have talked."""

import re

import pytest

from hotline.dialing import EMERGENCY, is_phone, is_subscriber
from hotline.settings import ROOT
from tests.telephony.dialplan import Dialplan, Place

TEXT = (ROOT / "asterisk-conf" / "etc" / "extensions.conf").read_text("utf-8")


def dead_ends(text: str) -> dict[Place, str]:
    """For callers who dial in, and for those whom a counselor transfers to anything a phone can dial."""
    plan = Dialplan(text)
    midst = Place("from-phone", "_[a-z][a-z]XX", 1)  # in the Dial of the counselor whose place they take
    return plan.dead_ends([*plan.entries("from-telco"), *plan.entries("from-phone"), midst])


def test_no_way_of_a_caller_ends() -> None:
    assert dead_ends(TEXT) == {}


def test_callers_get_to_every_context_of_theirs() -> None:
    """The walk goes everywhere: without the contexts it walks through, it would find nothing wrong."""
    plan = Dialplan(TEXT)
    for context in ("line111", "hold111", "hold111-message", "hold111-on-call", "hold111-keys"):
        assert dead_ends(TEXT.replace(f"[{context}]", "[nowhere]")), context
    assert {"failsafe111", "telco-dial", "recording"} <= plan.contexts.keys()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("same => n,Set(TD_MUSIC=left)\n same => n,Goto(hold111,s,music)", "same => n,Hangup()"),
        (" same => n(pulled),Wait(2)\n same => n,Goto(s,1)\n", " same => n(pulled),Wait(2)\n"),
        ("exten => i,1,Goto(s,wait)", "exten => i,1,Congestion(5)"),
        ("?hold111,s,music:next)", "?hold111,s,musik:next)"),
        ("same => n,Dial(PJSIP/${EXTEN}@telco,30)\n same => n,Goto(hold111,s,1)", "same => n,Busy(5)"),
    ],
)
def test_a_way_that_ends_is_found(old: str, new: str) -> None:
    assert old in TEXT
    assert dead_ends(TEXT.replace(old, new))


def dials(context: str, number: str) -> bool:
    """Whether an extension of this context takes the number."""
    patterns = [exten for exten in Dialplan(TEXT).contexts[context] if exten.startswith("_")]
    assert patterns
    forms = [each[1:].replace("*", r"\*").replace("X", "[0-9]") for each in patterns]
    return any(re.fullmatch(form, number) for form in forms)


@pytest.mark.parametrize(
    "number",
    [
        "0312345678", "0512345678", "0712345678", "0812345678", "0912345678", "0112345678",
        "091234567", "09123456789", "02438561234", "0243856123", "024385612345", "01234567890",
        "113", "114", "115", "112", "116", "111", "1900545415", "+84912345678", "",
    ],
)  # fmt: skip
def test_what_we_take_for_a_number_outside_is_what_the_dialplan_lets_pass(number: str) -> None:
    ours = is_subscriber(number) or number in EMERGENCY
    assert ours is dials("telco-out", number) is dials("to-home", number)


@pytest.mark.parametrize("name", ["hn01", "ag99", "hn1", "hn001", "HN01", "h101", "0912"])
def test_what_we_take_for_a_phone_is_what_the_dialplan_can_ring(name: str) -> None:
    assert is_phone(name) is dials("from-phone", name)

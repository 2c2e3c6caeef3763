"""Which sites there are, and what belongs to which."""

import time

import pytest

from hotline.errors import SetupError
from hotline.ids import CallId
from hotline.peers import Peer, other_sites
from hotline.settings import Settings
from telephony.ami import Address
from telephony.site import STALE_SECONDS, Site, Sites
from tests.telephony.trace import Trace

SITES = "hn=10.1.0.5:5060:5038, dn=10.2.0.5:5061:5039, ag=10.3.0.5:5060:5038:8088"


def site(code: str, *, fresh: bool = True) -> Site:
    made = Site(code, Address("127.0.0.1", 1, "", ""))
    made.in_step, made.last_beat = fresh, time.monotonic()
    return made


def test_our_own_site_is_none_of_the_others() -> None:
    assert other_sites(Settings(site="hn", sites=SITES)) == (
        Peer("dn", "10.2.0.5", 5061, 5039),
        Peer("ag", "10.3.0.5", 5060, 5038, 8088),
    )
    assert other_sites(Settings(site="hn")) == ()


def test_all_sites_speak_tls_or_none_does() -> None:
    sealed = "hn=tls://10.1.0.5:5061:5039,dn=tls://dn.example:5061:5039:8089"
    assert other_sites(Settings(site="hn", sites=sealed)) == (
        Peer("dn", "dn.example", 5061, 5039, 8089, tls=True),
    )
    with pytest.raises(SetupError, match="for all of them or for none"):
        other_sites(Settings(site="hn", sites=f"{sealed},ag=10.3.0.5:5060:5038"))


@pytest.mark.parametrize(
    "wrong", ["dn", "dn=10.2.0.5", "Đà=1.2.3.4:1:2", "dn=a:1:2:", "dn=a:1:2,dn=b:1:2", "dn=tls:a:1:2"]
)
def test_sites_that_nobody_could_reach_are_refused(wrong: str) -> None:
    with pytest.raises(SetupError, match="TONGDAI_SITES"):
        other_sites(Settings(site="hn", sites=wrong))


def test_a_call_and_a_phone_say_where_they_are_at_home() -> None:
    hn, ag = site("hn"), site("ag")
    sites = Sites([hn, ag])
    assert (sites.of_call("ag-1763712000.1"), sites.of_phone("ag03")) == (ag, ag)
    assert (sites.of_call("hn-1763712000.1"), sites.of_phone("dn03")) == (hn, hn)


def test_nothing_is_done_for_callers_of_a_site_that_is_cut_off() -> None:
    """Its callers are served there; what we know of them may be long over."""
    hn, ag = site("hn"), site("ag", fresh=False)
    for each in (hn, ag):
        trace = Trace(f"{each.code}-1763712000")
        trace.rings_111()
        trace.folded(each.book)
    assert list(Sites([hn, ag]).waiting()) == ["hn-1763712000.1"]
    assert Sites([hn, ag]).fresh
    assert not Sites([ag]).fresh


def test_a_phone_that_stirred_is_asked_anew_and_all_when_a_site_is_cut() -> None:
    hn, ag = site("hn"), site("ag")
    sites = Sites([hn, ag])
    assert sites.phones_stirred() is None  # nothing is known yet
    assert sites.phones_stirred() == set()
    trace = Trace("ag-1763712000")
    trace.appears("PJSIP/ag03-00000001", number="ag03", exten="111")
    trace.folded(ag.book)
    assert sites.phones_stirred() == {"ag03"}
    assert [sites.vacant(each) for each in ("ag03", "ag04", "hn01")] == [False, True, True]
    ag.in_step = False
    assert sites.phones_stirred() is None
    assert [sites.vacant(each) for each in ("ag04", "hn01")] == [False, True]


def test_what_rings_at_a_site_that_is_gone_rings_for_nobody() -> None:
    hn, ag, dn = site("hn"), site("ag", fresh=False), site("dn", fresh=False)
    sites = Sites([hn, ag, dn])
    call = CallId("hn-1763712000.1")
    assert not sites.rings_for_nobody(call, "ag03")  # a fresh look at it is being taken
    ag.last_beat -= STALE_SECONDS
    dn.last_beat = 0.0  # never followed: perhaps in a moment
    assert sites.rings_for_nobody(call, "ag03")
    assert not sites.rings_for_nobody(call, "hn01")
    assert not sites.rings_for_nobody(call, "dn02")
    assert not sites.rings_for_nobody(CallId("ag-1763712000.1"), "ag03")


def test_a_leg_that_passes_through_another_site_is_no_call_there() -> None:
    """Not even one that is given up before the dialplan has said whose call it is."""
    there = site("ag")
    trace = Trace("ag-1763712000")
    trunk = trace.appears(
        "PJSIP/site-hn-00000001", number="0912345678", exten="ag03", context="from-site"
    )
    trace.hangs_up(trunk)
    assert trace.folded(there.book) == []


def test_a_leg_that_reaches_a_phone_here_keeps_the_phone_busy_and_is_no_call() -> None:
    there = site("ag")
    trace = Trace("ag-1763712000")
    trunk = trace.appears(
        "PJSIP/site-hn-00000001", number="0912345678", exten="ag03", context="from-site"
    )
    trunk.call = "hn-1763712000.1"
    trace.state(trunk, 4)
    phone = trace.dials(trunk, "PJSIP/ag03-00000002")
    trace.answers(phone)
    bridge = trace.talk(phone, trunk)
    told = trace.folded(there.book)
    assert "ag03" in there.book.phones_in_use
    trace.events.clear()
    trace.leaves(bridge, phone, trunk)
    trace.hangs_up(phone, trunk)
    assert (told, trace.folded(there.book)) == ([], [])

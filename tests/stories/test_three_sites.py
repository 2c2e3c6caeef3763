"""Three centers with one switchboard: who answers where, what a cut link costs, where sound lies."""

from array import array
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hotline import bus
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.events import Outcome, TransferKind
from hotline.terms import Term
from intake.recordings.recordings import RecordingState
from routing import steering
from telephony.shipping import ship
from telephony.softphone.sound import share
from tests.pbx import CALLER_TONE, phone_tone, soon
from tests.stories.country import (
    Country,
    SitePbx,
    built,
    rings_in_a_browser,
    rung_by,
    taped,
    three_pbxs,
    told,
)
from tests.stories.house import empty_database
from tests.stories.telling import (
    asks,
    conversation,
    hear_each_other,
    hears,
    leaves_to_who_declines,
    offers,
    spans,
    who,
)


@pytest.fixture(scope="module")
def pbxs() -> Iterator[dict[str, SitePbx]]:
    with three_pbxs() as sites:
        yield sites


@pytest.fixture
def country(
    pbxs: dict[str, SitePbx],
    sqlite_template: Path,
    redis: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Country]:
    """As a parameter: the centers that the switchboard knows beside Hà Nội."""
    with (
        empty_database(sqlite_template, tmp_path) as engine,
        built(pbxs, engine, redis, tmp_path) as made,
    ):
        for site in made.wires.keys() - getattr(request, "param", made.wires.keys()):
            del made.wires[site]
        monkeypatch.setenv("TONGDAI_SITES", made.reached)
        yield made


@taped("sites_overflow")
async def test_nobody_is_free_here_and_a_counselor_of_another_center_answers(country: Country) -> None:
    """Overflow; hold and a transfer back to Hà Nội are told of the one call, held at Hà Nội."""
    there = await country.sits_at("ag")
    caller = await country.pbx.call("0912000001")
    ringing = await there.rang()
    assert ringing.number == "0912000001"
    await ringing.answer()
    await hear_each_other(caller, ringing)
    await soon(lambda: len(country.calls()[0].talks) == 1)
    here = await country.sits_at("hn")
    await ringing.hold()
    await soon(lambda: country.calls()[0].held > timedelta())
    await ringing.resume()
    await ringing.refer("hn01")
    back = await here.rang()
    await back.answer()
    await hear_each_other(caller, back)
    await soon(lambda: len(country.calls()[0].talks) == 2)
    await caller.hang_up()
    (call,) = await country.ended(1)
    assert (call.call_id[:3], call.outcome) == ("hn-", Outcome.ANSWERED)
    assert who(country, call) == [country.number_at("ag"), 1]
    assert [transfer.kind for transfer in call.transfers] == [TransferKind.BLIND]


@pytest.mark.parametrize("country", [{"ag"}], indirect=True)
@told
async def test_of_two_centers_the_other_answers(country: Country) -> None:
    there = await country.sits_at("ag")
    caller, ringing = await conversation(country, there)
    await hear_each_other(caller, ringing)
    await caller.hang_up()
    (call,) = await country.ended(1)
    assert offers(call) == [("ag03", Outcome.ANSWERED)]


@told
async def test_nobody_sits_here_and_whoever_sits_elsewhere_is_waited_for(country: Country) -> None:
    """They talk just now: no mobile on call is rung for the caller, no message asked for."""
    country.pbx.console("dialplan set global TD_NOBODY_SECONDS 0")
    try:
        there = await country.sits_at("ag")
        caller, talking = await conversation(country, there)
        waiting = await country.pbx.call("0912000010")
        await hears(waiting, "heard")  # what comes after the greeting and the music
        await talking.hang_up()
        ringing = await rung_by(there, "0912000010")
        await ringing.answer()
        await hear_each_other(waiting, ringing)
        await caller.ended.within(3)
        await waiting.hang_up()
        assert [offers(call) for call in await country.ended(2)] == [[("ag03", Outcome.ANSWERED)]] * 2
    finally:
        seconds = country.pbx.settings.nobody_seconds
        country.pbx.console(f"dialplan set global TD_NOBODY_SECONDS {seconds}")


@taped("sites_blind")
async def test_a_counselor_passes_a_caller_on_to_another_center(country: Country) -> None:
    """Who talked with whom, how long, how long on hold and why it ended is told by Hà Nội alone."""
    here, there = await country.sits_at("hn"), await country.sits_at("dn")
    caller, talking = await conversation(country, here)
    await talking.hold()
    await soon(lambda: country.calls()[0].held > timedelta())
    assert await talking.refer("dn02") == 202
    taken = await there.rang()
    assert taken.number == "0912000001"
    await taken.answer()
    await hear_each_other(caller, taken)
    await talking.ended.within(3)
    await soon(lambda: len(country.calls()[0].talks) == 2)
    await taken.hang_up()
    await caller.ended.within(3)
    (call,) = await country.ended(1)
    assert (call.call_id[:3], call.outcome, call.cause) == ("hn-", Outcome.ANSWERED, 16)
    assert who(country, call) == [1, country.number_at("dn")]
    (transfer,) = call.transfers
    assert (transfer.kind, transfer.dialled) == (TransferKind.BLIND, "dn02")
    first, second = call.talks
    assert first.ended_at is not None
    (hold,) = call.holds
    assert hold.counselor == first.counselor
    assert timedelta() < call.held < call.talked
    assert call.talked == spans(call) - (second.began_at - first.ended_at)


@told
async def test_the_callers_of_a_closed_center_ring_at_another_though_somebody_sits_there(
    country: Country,
) -> None:
    term = Term("mất điện", timedelta(hours=1))
    with transaction(country.db) as session:
        signals = steering.close(session, country.lead, country.lead.center_id, term, utc_now())
    bus.publish(signals)
    await country.sits_at("hn")
    there = await country.sits_at("ag")
    caller = await country.pbx.call("0912000009")
    ringing = await there.rang()
    await ringing.answer()
    await hear_each_other(caller, ringing)
    await caller.hang_up()
    (call,) = await country.ended(1)
    assert offers(call) == [("ag03", Outcome.ANSWERED)]


@told
async def test_a_site_whose_link_is_cut_serves_its_callers_and_its_calls_reach_the_database_later(
    country: Country,
) -> None:
    """Neither AMI nor the database is within its reach; its log is shipped when they are."""
    there = await country.sits_at("ag")
    site = country.sites["ag"]
    await country.cut("ag")
    caller = await site.call("0912000002")
    ringing = await there.rang(within=8)
    await ringing.answer()
    await hear_each_other(caller, ringing)
    here = await country.sits_at("hn")
    served = await country.pbx.call("0912000003")
    at_home = await here.rang()
    await at_home.answer()
    await hear_each_other(served, at_home)
    await served.hang_up()
    await caller.hang_up()
    assert [call.call_id[:2] for call in await country.ended(1)] == ["hn"]
    await country.mend("ag")
    country.start_part("ag", "ship")
    await soon(lambda: len(country.calls()) == 2, within=20)
    country.end("ag ship")
    assert ship(country.db, site.settings, ()) == 0  # all of it is there
    late, home = sorted(await country.ended(2), key=lambda call: call.call_id)
    assert (late.call_id[:2], late.outcome) == ("ag", Outcome.ANSWERED)
    assert who(country, late) == [country.number_at("ag")]
    assert home.outcome is Outcome.ANSWERED


@told
async def test_a_site_that_dies_is_left_out_and_callers_elsewhere_reach_others(country: Country) -> None:
    """The phone that rings just now is at that site: nobody waits until its time is over."""
    dying = await country.sits_at("ag")
    there = await country.sits_at("dn")
    caller = await country.pbx.call("0912000004")
    await dying.rang()
    country.sites["ag"].kill()
    try:
        ringing = await there.rang(within=7)
        await ringing.answer()
        await hear_each_other(caller, ringing)
        await caller.hang_up()
        (call,) = await country.ended(1)
        assert (call.call_id[:2], call.outcome) == ("hn", Outcome.ANSWERED)
        assert who(country, call) == [country.number_at("dn")]
    finally:
        country.sites["ag"].start()


@told
async def test_the_other_center_declines_and_the_next_is_rung(country: Country) -> None:
    """Which center it was, and that it was declined, is told of the call; its record goes with it."""
    first, second = await country.sits_at("ag"), await country.sits_at("dn")
    caller = await country.pbx.call("0912000005")
    declined = await rung_by(first, "0912000005")
    await soon(lambda: bool(country.calls() and country.calls()[0].record_id))
    record = country.calls()[0].record_id
    declined.decline()
    ringing = await second.rang()
    await ringing.answer()
    await hear_each_other(caller, ringing)
    await ringing.hang_up()
    (call,) = await country.ended(1)
    assert offers(call) == [("ag03", Outcome.REJECTED), ("dn02", Outcome.ANSWERED)]
    assert (call.outcome, call.record_id) == (Outcome.ANSWERED, record)


@told
async def test_what_a_center_records_is_heard_at_headquarters_though_they_share_no_disk(
    country: Country,
) -> None:
    """Its raw files stay on its own disk until headquarters has the recording."""
    country.start_part("hn", "receive")
    there = await country.sits_at("dn")
    caller = await country.sites["dn"].call("0912000006")
    ringing = await there.rang()
    await ringing.answer()
    await hear_each_other(caller, ringing)
    spool = country.sites["dn"].settings.spool_dir
    await soon(lambda: len(country.calls()) == 1)
    said_here = spool / f"{country.calls()[0].call_id}-out.wav"
    await soon(lambda: said_here.exists() and said_here.stat().st_size > 8000)  # half a second
    await caller.hang_up()
    (call,) = await country.ended(1)
    assert call.call_id[:2] == "dn"
    assert any(spool.glob(f"{call.call_id}*"))
    assert not any(country.pbx.settings.spool_dir.glob(f"{call.call_id}*"))
    country.start_part("dn", "deliver")
    await soon(lambda: not any(spool.glob(f"{call.call_id}*")), within=15)
    assert country.recording(call.call_id).state is RecordingState.READY
    said = country.heard(call.call_id).samples.T
    tones = (CALLER_TONE, phone_tone(there.identity))
    for side, tone in zip(said, tones, strict=True):
        assert share(array("h", side.tolist()), tone) > 0.5


@taped("sites_attended")
async def test_a_counselor_of_another_center_asks_a_colleague_there_who_takes_the_caller(
    country: Country,
) -> None:
    """An attended transfer that the caller's own Asterisk sees nothing of. Who gave the caller away is
    free for the next one."""
    first = await country.sits_at("ag")
    caller = await country.pbx.call("0912000007")
    ringing = await first.rang()
    await ringing.answer()
    await hear_each_other(caller, ringing)
    await soon(lambda: len(country.calls()[0].talks) == 1)
    colleague = await country.phone_at("ag", 4)
    asking, asked = await asks(ringing, colleague)
    await asked.answer()
    await soon(lambda: asking.audio.hears(phone_tone(colleague.identity)))
    assert await ringing.refer_to_call(asking) == 202
    await soon(lambda: caller.audio.hears(phone_tone(colleague.identity)))
    await soon(lambda: len(country.calls()[0].talks) == 2)
    next_caller = await country.pbx.call("0912000008")
    await first.rang()
    await next_caller.hang_up()
    await caller.hang_up()
    call, consultation, _ = await country.ended(3)
    assert consultation.internal
    first_talk, second_talk = call.talks
    assert (first_talk.phone, second_talk.phone) == ("ag03", "ag04")
    assert first_talk.ended_at == second_talk.began_at
    assert second_talk.ended_at is not None
    assert [(each.kind, each.dialled) for each in call.transfers] == [(TransferKind.ATTENDED, "ag04")]
    assert call.held > timedelta()
    assert all(hold.ended_at and hold.ended_at <= second_talk.began_at for hold in call.holds)


@taped("sites_blonde")
async def test_a_counselor_of_another_center_transfers_while_the_colleague_there_still_rings(
    country: Country,
) -> None:
    """The talk is over when the counselor leaves, not when the colleague picks up."""
    first, colleague = await country.sits_at("ag"), await country.phone_at("ag", 4)
    caller, talking = await conversation(country, first)
    asking, asked = await asks(talking, colleague)
    await asking.rang.within(3)
    assert await talking.refer_to_call(asking) == 202
    await soon(lambda: country.calls()[0].talks[0].ended_at is not None)
    await asked.answer()
    await soon(lambda: caller.audio.hears(phone_tone(colleague.identity)))
    await soon(lambda: len(country.calls()[0].talks) == 2)
    await caller.hang_up()
    call, consultation = await country.ended(2)
    assert consultation.internal
    first_talk, second_talk = call.talks
    assert (first_talk.phone, second_talk.phone) == ("ag03", "ag04")
    assert first_talk.ended_at is not None
    assert first_talk.ended_at < second_talk.began_at
    assert [(each.kind, each.dialled) for each in call.transfers] == [(TransferKind.BLONDE, "ag04")]


@taped("sites_blonde_refused")
async def test_a_colleague_there_declines_such_a_transfer_and_the_caller_waits_at_home_again(
    country: Country,
) -> None:
    first, colleague = await country.sits_at("ag"), await country.phone_at("ag", 4)
    caller, talking = await conversation(country, first)
    await leaves_to_who_declines(caller, talking, first, colleague)
    await soon(lambda: len(country.calls()[0].talks) == 2)
    await caller.hang_up()
    call, consultation = await country.ended(2)
    assert consultation.internal
    assert [talk.phone for talk in call.talks] == ["ag03", "ag03"]
    assert [(each.kind, each.dialled) for each in call.transfers] == [(TransferKind.BLONDE, "ag04")]


@told
async def test_a_phone_at_another_center_falls_silent_and_the_caller_waits_at_home_again(
    country: Country,
) -> None:
    """Also one that a counselor there left them to while it rang."""
    with country.sites["ag"].impatient():
        first, colleague = await country.sits_at("ag"), await country.phone_at("ag", 4)
        left, talking = await conversation(country, first, "0912000001")
        asking, asked = await asks(talking, colleague)
        await asking.rang.within(3)
        await talking.refer_to_call(asking)
        await talking.ended.within(3)
        await asked.answer()
        await soon(lambda: left.audio.hears(phone_tone(colleague.identity)))
        caller, _ = await conversation(country, first, "0912000002")
        for phone in (first, colleague):
            phone.unplug()
        for each in (left, caller):
            await hears(each, "lost")
            await each.hang_up()
    ended = [call for call in await country.ended(3) if not call.internal]
    assert [call.talks[-1].phone for call in ended] == ["ag04", "ag03"]
    assert [call.talks[-1].lost for call in ended] == [True, True]


@told
async def test_a_landline_tells_its_region_whose_counselors_are_rung_first(country: Country) -> None:
    """A number of TP. Hồ Chí Minh at the PBX of Hà Nội, where somebody has been free for longer."""
    await country.sits_at("hn")
    there = await country.sits_at("ag")
    caller = await country.pbx.call("02838234567")
    ringing = await there.rang()
    await ringing.answer()
    await hear_each_other(caller, ringing)
    await caller.hang_up()
    (call,) = await country.ended(1)
    assert call.offers[0].reasons == ("longest_waiting", "longest_free", "region")


@told
async def test_a_phone_in_a_browser_at_another_center_is_rung(country: Country) -> None:
    await rings_in_a_browser(country)

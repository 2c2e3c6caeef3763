"""The router's rules with real callers: what it knows of a number changes who is served, and by whom."""

from datetime import timedelta

from hotline import bus
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.lines import CalledLine
from hotline.terms import Term
from intake.calls import reasons
from routing import set_states, steering
from routing.choices import Choice
from routing.values import Post
from tests.pbx import soon
from tests.stories.conftest import told
from tests.stories.house import House
from tests.stories.telling import hear_each_other


@told
async def test_who_rang_off_and_rings_again_comes_first_and_reaches_the_same_counselor(
    house: House,
) -> None:
    """The one counselor on duty talks while two wait: the one who came later is known from before."""
    (phone,) = await house.on_duty(1)
    given_up = await house.pbx.call("0912000012")
    (await phone.rang()).decline()
    await given_up.hang_up()
    await house.ended(1)
    await house.available(1)
    first = await house.pbx.call("0912000011")
    talk = await phone.rang()
    await talk.answer()
    await hear_each_other(first, talk)
    looks = house.times_looked_up()
    stranger = await house.pbx.call("0912000013")
    await soon(lambda: house.times_looked_up() == looks + 1)
    again = await house.pbx.call("0912000012")
    await soon(lambda: house.times_looked_up() == looks + 2)
    await talk.hang_up()
    ringing = await phone.rang()
    assert ringing.number == "0912000012"
    await ringing.answer()
    await hear_each_other(again, ringing)
    await house.answered(2)
    call = house.calls()[-1]
    with reading(house.db) as session:
        why = reasons.why_here(session, call.call_id, house.counselors[0].staff_id)
    assert why == ("rang_again", "longest_free")
    await stranger.hang_up()
    await ringing.hang_up()
    calls = await house.ended(4)
    assert calls[-1].offers[0].reasons == why


@told
async def test_who_rings_again_within_the_hour_reaches_the_same_counselor(house: House) -> None:
    """Though somebody else has been free longer."""
    phone, _ = await house.on_duty(1, 2)
    caller = await house.pbx.call("0912000021")
    talk = await phone.rang()
    await talk.answer()
    await hear_each_other(caller, talk)
    await caller.hang_up()
    await house.ended(1)
    again = await house.pbx.call("0912000021")
    ringing = await phone.rang()
    await ringing.answer()
    await hear_each_other(again, ringing)
    await again.hang_up()
    calls = await house.ended(2)
    assert calls[-1].offers[0].reasons == ("longest_waiting", "same_counselor")


@told
async def test_nobody_routes_and_the_fallback_rings_who_is_preferred_first(house: House) -> None:
    """The first has been put on another line by the shift lead: rung second, and still rung."""
    moved, own = await house.on_duty(1, 2)
    with transaction(house.db) as session:
        who, post = house.counselors[0].staff_id, Post(line=CalledLine.TRAFFICKING)
        term = Term("", timedelta(hours=1))
        signals = steering.move(session, house.lead, who, post, term, utc_now())
    bus.publish(signals)
    await soon(lambda: "penalty 1" in house.pbx.console("queue show failsafe111"))
    house.kill()
    caller = await house.pbx.call("0912000031")
    ringing = await own.rang(within=8)
    await ringing.answer()
    await hear_each_other(caller, ringing)
    second = await house.pbx.call("0912000032")
    (await moved.rang(within=8)).decline()
    await second.hang_up()
    await caller.hang_up()


@told
async def test_whom_a_lead_sends_on_a_break_is_rung_when_its_time_is_over(house: House) -> None:
    (phone,) = await house.on_duty(1)
    an = house.counselors[0].staff_id
    term = Term("giao ban", timedelta(seconds=2))
    with transaction(house.db) as session:
        signals = set_states.set_state(session, house.lead, an, Choice.BREAK, term, utc_now())
    bus.publish(signals)
    await soon(lambda: house.queue_members() == set())
    caller = await house.pbx.call("0912000071")
    ringing = await phone.rang(within=10)  # the switchboard looks each 5 s whose time is over
    assert house.choice_of(1) is Choice.AVAILABLE
    await caller.hang_up()
    await ringing.ended.within(3)
    await house.ended(1)

"""The router's rules with real callers: what it knows of a number changes who is served, and by whom."""

from hotline.db import reading
from intake import reasons
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
    stranger = await house.pbx.call("0912000013")
    await soon(lambda: len(house.calls()) == 3)
    again = await house.pbx.call("0912000012")
    await soon(lambda: len(house.calls()) == 4)
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

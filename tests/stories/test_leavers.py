"""Somebody leaves for good: their desk phone is nobody's from that moment on."""

from collections.abc import Iterator

import pytest

from hotline import accounts, bus
from hotline.access import Role
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.errors import Unavailable
from hotline.events import Outcome
from hotline.ids import CenterId, Phone
from routing import people
from telephony.softphone import SoftPhone
from tests.pbx import soon
from tests.stories.house import House
from tests.stories.tape import taped
from tests.stories.telling import conversation, hear_each_other


@pytest.fixture(autouse=True)
def _lets_in_the_phones_of_the_next_story(house: House) -> Iterator[None]:
    """A switchboard does so only a moment after it is in step."""
    yield
    house.pbx.console("database deltree credentials")


def leave(house: House, *numbers: int) -> None:
    """An administrator presses the button for each."""
    with transaction(house.db) as session:
        signals = [
            signal
            for number in numbers
            for signal in people.leave(
                session, house.lead, house.counselors[number - 1].staff_id, utc_now()
            )
        ]
    bus.publish(signals)


async def is_let_in(phone: SoftPhone) -> bool:
    try:
        await phone.register()
    except Unavailable as refused:
        return "does not let" not in str(refused)
    return True


@taped()
async def test_the_phone_of_who_has_left_is_shut_at_once_and_a_talk_goes_on(house: House) -> None:
    (first,) = await house.on_duty(1)
    second, third = await house.phone(2), await house.phone(3)
    caller, talking = await conversation(house, first)
    asking = await third.dial("hn02")
    rung = await second.rang()
    leave(house, 1, 2)
    await rung.ended.within(2)
    await asking.ended.within(2)
    await soon(lambda: "hn02" not in house.pbx.console("pjsip show contacts"), within=2)
    assert not await is_let_in(second)
    again = await third.dial("hn02")
    await again.ended.within(3)
    with pytest.raises(TimeoutError):
        await second.rang(within=0.2)
    tried = await second.dial("hn03")
    await tried.ended.within(3)
    with pytest.raises(TimeoutError):
        await third.rang(within=0.2)
    await hear_each_other(caller, talking)
    await caller.hang_up()
    await talking.ended.within(3)
    assert not await is_let_in(first)
    calls = await house.ended(3)
    assert [call.outcome for call in calls if not call.internal] == [Outcome.ANSWERED]


@taped()
async def test_whose_the_phone_is_next_has_it_as_it_was(house: House) -> None:
    phone = await house.phone(2)
    leave(house, 2)
    await soon(lambda: "hn02" not in house.pbx.console("pjsip show contacts"), within=2)
    assert not await is_let_in(phone)
    with transaction(house.db) as session:
        center = CenterId(house.lead.center_id)
        who = accounts.Draft("chi", "Lê Thị Chi", Role.COUNSELOR, center, Phone("hn02"))
        accounts.add(session, house.lead, who, utc_now())
    bus.publish([bus.Signal(bus.STAFF, "phone", "0")])
    await soon(lambda: "hn02" not in house.pbx.console("database show credentials"))
    assert await is_let_in(phone)

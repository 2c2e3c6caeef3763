"""Two switchboards, one lease: the standby takes over when the active one dies or hangs."""

import asyncio
import signal

import pytest

from hotline.events import Outcome
from telephony.ami import Address, connected, first
from telephony.lease import LOOK_SECONDS, OWNER, TERM_SECONDS, Lease
from telephony.softphone import SoftPhone
from tests.pbx import Pbx
from tests.stories.conftest import told
from tests.stories.house import House


async def served(house: House, phone: SoftPhone, number: str) -> None:
    """A call that the switchboard routes, to its end."""
    before = len(house.calls())
    caller = await house.pbx.call(number)
    await (await phone.rang()).answer()
    await house.answered(before + 1)
    assert house.calls()[-1].offers[-1].offer_id is not None  # not the fallback's doing
    await caller.hang_up()
    await house.ended(before + 1)


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
def test_the_standby_takes_over(house: House, fault: signal.Signals) -> None:
    @told
    async def story(house: House) -> None:
        (phone,) = await house.on_duty(1)
        house.start("standby", says="ami_connected")
        await served(house, phone, "0912000001")
        assert house.times_in_step() == 1  # the standby stands by

        house.signal(fault)
        await house.until_in_step_again(1)
        await served(house, phone, "0912000002")

        if fault is signal.SIGSTOP:
            house.signal(signal.SIGCONT)  # comes back, finds another in charge
            await served(house, phone, "0912000003")
            assert house.times_in_step() == 2
        assert all(call.outcome is Outcome.ANSWERED for call in house.calls())

    story(house)


def test_a_heartbeat_that_looks_young_is_missed_as_soon_as_any(pbx: Pbx) -> None:
    """EPOCH has whole seconds: by it alone this one would be too old only after 3 to 4 s.

    Looks are counted, not seconds: on a busy machine each takes longer, and fewer are needed.
    """
    own = pbx.settings
    address = Address(own.ami_host, own.ami_port, own.ami_user, own.ami_secret.get_secret_value())

    async def looks() -> int:
        async with connected(address) as ami:
            epoch = int(first(await ami.action("Getvar", Variable="EPOCH"), "value"))
            await ami.action("Setvar", Variable=OWNER, Value="dead")
            await ami.action("Setvar", Variable="TD_HEARTBEAT", Value=str(epoch + 1))
            standby, looked = Lease(ami, "standby"), 1
            while not await standby.hold():
                await asyncio.sleep(LOOK_SECONDS)
                looked += 1
            await ami.action("Setvar", Variable=OWNER, Value="")
            return looked

    assert 1 < asyncio.run(looks()) < (TERM_SECONDS + 1) / LOOK_SECONDS

"""A caller is transferred to a number outside: the police, a commune officer's mobile."""

import pytest

from hotline.events import Outcome, TransferKind
from telephony.softphone.call import Call
from tests.pbx import CALLER_TONE, OUTSIDE_TONE, soon
from tests.stories.house import House
from tests.stories.tape import taped
from tests.stories.telling import conversation, hear_each_other, offers, owner, spans, who

OFFICER = "0987654321"


@taped("line_outside")
async def test_blind_transfer_to_the_outside(house: House) -> None:
    telco = await house.outside()
    (phone,) = await house.on_duty(1)
    caller, talking = await conversation(house, phone)
    assert await talking.refer(OFFICER) == 202
    officer = await telco.rang()
    assert (officer.dialled, officer.number, officer.name) == (OFFICER, "111", "")
    await officer.answer()
    await talking.ended.within(3)
    await soon(lambda: caller.audio.hears(OUTSIDE_TONE))
    await soon(lambda: officer.audio.hears(CALLER_TONE))
    await soon(lambda: len(house.calls()[0].talks) == 2)
    await officer.hang_up()
    await caller.ended.within(3)
    (call,) = await house.ended(1)
    assert (call.outcome, who(house, call), owner(house)) == (Outcome.ANSWERED, [1, None], 1)
    assert [talk.phone for talk in call.talks] == ["hn01", "telco"]
    (transfer,) = call.transfers
    assert (transfer.kind, transfer.dialled) == (TransferKind.BLIND, OFFICER)
    assert spans(call) > call.talked


@pytest.mark.parametrize("refusal", [486, 603])
def test_busy_or_declined_outside_the_caller_comes_back_to_the_line(house: House, refusal: int) -> None:
    @taped("line_outside_busy" if refusal == 486 else "")
    async def story(house: House) -> None:
        telco = await house.outside()
        (phone,) = await house.on_duty(1)
        caller, talking = await conversation(house, phone)
        await talking.refer(OFFICER)
        (await telco.rang()).decline(refusal)
        await talking.ended.within(3)
        again = await phone.rang()
        await again.answer()
        await hear_each_other(caller, again)
        await soon(lambda: len(house.calls()[0].talks) == 2)
        await caller.hang_up()
        (call,) = await house.ended(1)
        assert (call.outcome, who(house, call)) == (Outcome.ANSWERED, [1, 1])
        assert offers(call)[1] == ("telco", Outcome.BUSY if refusal == 486 else Outcome.REJECTED)

    story(house)


@taped()
async def test_no_number_but_those_of_the_list_is_ever_dialled(house: House) -> None:
    telco = await house.outside()
    (phone,) = await house.on_duty(1)
    caller, talking = await conversation(house, phone)
    refused = ["0012025550123", "+84987654321", "1900545415", "18001567", "09876543210", "098765432"]
    for number in refused:
        await talking.refer(number)
    await soon(lambda: len([each for each in talking.transfer_progress if " 404 " in each]) == 6)
    await hear_each_other(caller, talking)
    direct: Call = await phone.dial(OFFICER)  # a counselor by themselves: not from the phone
    await direct.ended.within(3)
    assert not direct.answered
    assert telco.history == []
    await caller.hang_up()
    call, dialled = await house.ended(2)
    assert (who(house, call), call.transfers) == ([1], ())
    assert (dialled.internal, dialled.outcome) == (True, Outcome.REJECTED)

"""The disk that calls are recorded on is full: calls go on, and what was not recorded is an alarm."""

import pytest

from hotline import alarms
from hotline.alarm_kinds import AlarmKind
from hotline.db import reading
from intake import recording_work
from intake.calls import CallView
from intake.recording_work import GRACE
from intake.recordings import RecordingState
from telephony.softphone import Caller, SoftPhone
from tests.pbx import CALLER_TONE, phone_tone, soon
from tests.stories.conftest import told
from tests.stories.house import House


@pytest.fixture(autouse=True)
def worker(house: House, monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    """This process does the worker's job for the house."""
    from hotline.settings import settings as process_settings

    monkeypatch.setenv("TONGDAI_SPOOL", str(house.pbx.settings.spool_dir))
    process_settings.cache_clear()


async def talk(house: House, phone: SoftPhone, number: str) -> Caller:
    """Caller and counselor hear each other."""
    caller = await house.pbx.call(number)
    ringing = await phone.rang()
    await ringing.answer()
    await caller.answered.within(3)
    await hear_each_other(caller, phone)
    return caller


async def hear_each_other(caller: Caller, phone: SoftPhone) -> None:
    await soon(lambda: caller.audio.hears(phone_tone(phone.identity)))
    await soon(lambda: phone.history[-1].audio.hears(CALLER_TONE))


def came_out(house: House, call: CallView) -> RecordingState | None:
    """What the worker makes of the recording, a while after the call."""
    assert call.ended_at is not None
    return recording_work.finish_one(house.db, call.call_id, call.ended_at + 2 * GRACE)


@told
async def test_a_full_disk_costs_recordings_and_no_call(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    before = await talk(house, first, "0912000001")
    with house.pbx.full_disk():
        meanwhile = await talk(house, second, "0912000002")
        await hear_each_other(before, first)
        await meanwhile.hang_up()
        await soon(lambda: second.history[-1].ended)
    after = await talk(house, second, "0912000003")
    await hear_each_other(before, first)
    for caller in (before, after):
        await caller.hang_up()
    calls = {call.number: call for call in await house.ended(3)}
    lost, kept = calls["+84912000002"], calls["+84912000003"]
    assert [call.outcome for call in calls.values()] == ["answered"] * 3
    assert came_out(house, kept) is RecordingState.READY
    assert came_out(house, lost) in {RecordingState.MISSING, RecordingState.BROKEN}
    with reading(house.db) as session:
        found = alarms.of(session, AlarmKind.RECORDING, lost.call_id)
        sounding = [alarm.subject for alarm in alarms.present(session, house.lead)]
    assert found is not None
    assert sounding == [lost.call_id]

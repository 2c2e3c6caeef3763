"""The disk that calls are recorded on is full: calls go on, and what was not recorded is an alarm."""

import pytest

from hotline import alarms
from hotline.alarm_kinds import AlarmKind
from hotline.db import reading
from intake.calls.calls import CallView
from intake.recordings import recording_work
from intake.recordings.recording_work import GRACE
from intake.recordings.recordings import RecordingState
from tests.pbx import soon
from tests.stories.conftest import told
from tests.stories.house import House
from tests.stories.telling import conversation, hear_each_other


@pytest.fixture(autouse=True)
def worker(house: House, monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    """This process does the worker's job for the house."""
    from hotline.settings import settings as process_settings

    monkeypatch.setenv("TONGDAI_SPOOL", str(house.pbx.settings.spool_dir))
    process_settings.cache_clear()


def came_out(house: House, call: CallView) -> RecordingState | None:
    """What the worker makes of the recording, a while after the call."""
    assert call.ended_at is not None
    return recording_work.finish_one(house.db, call.call_id, call.ended_at + 2 * GRACE)


@told
async def test_a_full_disk_costs_recordings_and_no_call(house: House) -> None:
    first, second = await house.on_duty(1, 2)
    before, talking = await conversation(house, first, "0912000001")
    with house.pbx.full_disk():
        meanwhile, _ = await conversation(house, second, "0912000002")
        await hear_each_other(before, talking)
        await meanwhile.hang_up()
        await soon(lambda: second.history[-1].ended)
    after, _ = await conversation(house, second, "0912000003")
    await hear_each_other(before, talking)
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

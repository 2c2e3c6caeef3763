"""The police are rung from the page of a case."""

from hotline import bus
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.events import Outcome
from intake.cases import cases, emergency, timeline
from intake.cases.timeline import Group
from intake.records import records
from tests.pbx import OUTSIDE_TONE, phone_tone, soon
from tests.stories.house import House
from tests.stories.tape import taped
from tests.stories.telling import conversation

POLICE = "02183999111"


@taped()
async def test_the_police_are_rung_from_the_case_and_the_call_stands_on_its_timeline(
    house: House,
) -> None:
    (phone,) = await house.on_duty(1)
    caller, _ = await conversation(house, phone, "0912000001")
    await caller.hang_up()
    (first,) = await house.ended(1)
    telco, viewer = await house.outside(), house.counselors[0]
    with transaction(house.db) as session:
        record = records.record_of_call(session, viewer, first.call_id, utc_now())
        assert record is not None
        told = {"risk": "emergency"}
        records.autosave(session, viewer, record.id, record.revision, told, utc_now())
        case_id = cases.open_from_record(session, viewer, record.id, utc_now())
        signals = emergency.ring(session, viewer, case_id, "Công an xã", POLICE, utc_now())
    bus.publish(signals)
    mine = await phone.rang()
    mine.audio.sequence = 15000
    await mine.answer()
    theirs = await telco.rang()
    assert (theirs.dialled, theirs.number) == (POLICE, "111")
    await theirs.answer()
    await soon(lambda: mine.audio.hears(OUTSIDE_TONE))
    await soon(lambda: theirs.audio.hears(phone_tone("hn01")))
    await theirs.hang_up()
    await house.ended(2)
    with transaction(house.db) as session:
        case = cases.case(session, viewer, case_id, utc_now())
        rung = emergency.calls_of(session, [case_id])
        made = timeline.page(session, viewer, case, group=Group.CALL, wished=rung).entries[0].call
    assert made is not None
    assert (made.whom, made.outcome, made.outbound) == ("Công an xã", Outcome.ANSWERED, True)
    assert made.talked is not None
    assert made.talked.total_seconds() > 0
    recording = house.pbx.settings.spool_dir / f"{made.call_id}-in.wav"
    await soon(lambda: recording.exists() and recording.stat().st_size > 1000)

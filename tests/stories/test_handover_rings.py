"""A commune does not answer: its duty number is really rung, and the lead knows of it."""

from datetime import timedelta

from hotline import alarms
from hotline.alarm_kinds import AlarmKind
from hotline.clock import utc_now
from hotline.db import reading, transaction
from intake.calls import calls
from intake.cases import cases
from intake.directory import directory, directory_entries
from intake.handovers import case_handovers, handover_care
from intake.handovers.case_handovers import Draft, Limits
from intake.handovers.handover_views import Way
from intake.records import records
from tests.factories import Story
from tests.pbx import PROMPT_TONES, soon
from tests.stories.conftest import told
from tests.stories.house import House

KIM_BOI, DUTY = "2025:04978", "0987654321"
NOW = Limits(timedelta(), timedelta())


def handed_over(house: House) -> str:
    """A case that was handed over a moment ago, and had to be answered by now."""
    an, now = house.counselors[0], utc_now()
    with transaction(house.db) as session:
        office = {"unit": KIM_BOI, "kind": "duty", "name": "Trực ban", "numbers": DUTY}
        directory_entries.add(session, house.lead, directory.contact(office), now)
        story = Story(at=now - timedelta(minutes=5)).answered_call()
        for event in story.told:
            calls.apply(session, event)
        record = records.record_of_call(session, an, story.call_id, now)
        assert record is not None
        case = cases.open_from_record(session, an, record.id, now)
        draft = Draft(KIM_BOI, "Chị Hoa", Way.LINK, "Bé bị đánh.", "")
        seen = case_handovers.prepare(session, an, case, draft).digest
        return case_handovers.send(session, an, case, draft, seen, NOW, now)[0]


def standing(house: House) -> dict[str, str]:
    with reading(house.db) as session:
        return alarms.open_of(session, AlarmKind.HANDOVER)


@told
async def test_nobody_answers_a_handover_and_its_duty_number_is_rung(house: House) -> None:
    telco = await house.outside()
    reference = handed_over(house)
    handover_care.watch_all(house.db, utc_now())
    call = await telco.rang(within=15)
    assert call.dialled == DUTY
    assert standing(house) == {reference: "unanswered"}
    await call.answer()
    await soon(lambda: call.audio.hears(PROMPT_TONES["alarm_handover"], 0.3))
    call.audio.press("1")
    await soon(lambda: standing(house) == {reference: "heard"})  # heard is not accepted
    with reading(house.db) as session:
        assert [one.reason for one in alarms.present(session, house.lead)] == ["heard"]

"""What the router is told of a waiting caller's number."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hotline import interpreters
from hotline.access import Viewer
from hotline.callers import Known
from hotline.db import transaction
from hotline.errors import BadInput, NotAllowed, NotVisible
from hotline.events import CounselorChosen, Outcome
from hotline.ids import CallId, OfferId
from intake.calls import callers, calls, line_wishes, nuisances, reasons, shift_work
from intake.cases import cases
from intake.forms.taxonomy import Disposition
from intake.numbers import normal
from intake.records import records
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.queries import counted

LATER = NOON + timedelta(minutes=10)
NEW = CallId("hn-1763614999.1")


def known(house: House, number: str | None = "0912345678", call: CallId = NEW) -> Known:
    """As it is looked up for this caller; for a new call the same is remembered."""
    with transaction(house.db) as session:
        found = callers.known(session, {call: number}, LATER)[call]
        if number is not None and call == NEW:
            kept = callers.remembered(session, LATER).get(normal(number) or "", Known())
            assert replace(kept, language=found.language) == found
            assert kept.language in ("", found.language)
    return found


def write(house: House, who: Viewer, story: Story, **fields: str) -> None:
    record = house.record_of(story)
    with transaction(house.db) as session:
        records.autosave(session, who, record, 0, fields, NOON)


def test_nothing_is_known_of_a_number_that_rings_first_or_is_withheld(house: House) -> None:
    assert known(house) == known(house, None) == Known()


def test_who_spoke_with_this_number_within_the_hour(house: House) -> None:
    house.apply(Story().answered_call("hn02"))
    assert known(house, "+84912345678").counselor == house.binh.staff_id
    with transaction(house.db) as session:
        late = callers.known(session, {NEW: "0912345678"}, NOON + timedelta(hours=2))
    assert late[NEW].counselor is None


def test_who_passes_a_caller_on_does_not_get_them_back(house: House) -> None:
    story = Story().arrived().waiting().rang().talk().talk_ended()
    house.apply(story)
    assert known(house, call=story.call_id).counselor is None


def test_a_number_that_rang_off_and_rings_again(house: House) -> None:
    house.apply(Story().arrived().waiting().ended(Outcome.ABANDONED))
    assert known(house) == Known(rang_again=True)


def test_a_number_that_we_promised_to_call(house: House) -> None:
    house.apply(Story().arrived().waiting().asks_to_be_called().ended(Outcome.ABANDONED))
    assert known(house).promised


def test_an_open_case_and_whether_the_child_is_in_danger(house: House) -> None:
    story = Story(at=NOON - timedelta(days=3)).answered_call("hn02")
    house.apply(story)
    with transaction(house.db) as session:
        cases.open_from_record(session, house.binh, house.record_of(story), NOON)
    assert known(house) == Known(counselor=house.binh.staff_id)
    with transaction(house.db) as session:
        record = records.record_of_call(session, house.binh, story.call_id, NOON)
        assert record is not None
        records.autosave(session, house.binh, record.id, record.revision, {"risk": "emergency"}, NOON)
    assert known(house) == Known(counselor=house.binh.staff_id, urgent_case=True)


def test_the_language_that_was_written_down_of_this_number(house: House) -> None:
    story = Story(at=NOON - timedelta(days=30)).answered_call("hn02")
    house.apply(story)
    write(house, house.binh, story, language="hmn")
    assert known(house).language == "hmn"
    with transaction(house.db) as session:
        assert callers.remembered(session, LATER)["+84912345678"].language == "hmn"


def test_the_language_that_is_remembered_is_the_newest_that_still_stands(house: House) -> None:
    first, second = (Story(at=NOON - timedelta(days=days)).answered_call("hn02") for days in (9, 2))
    for story, language in ((first, "khm"), (second, "hmn")):
        house.apply(story)
        write(house, house.binh, story, language=language)
    assert _remembered(house) == "hmn"
    record = house.record_of(second)
    for revision, language, stands in ((1, "vi", ""), (2, "", "khm")):
        with transaction(house.db) as session:
            records.autosave(session, house.binh, record, revision, {"language": language}, NOON)
        assert _remembered(house) == known(house).language == stands


def _remembered(house: House) -> str:
    """Of all numbers at once, without a look into what was written."""
    with transaction(house.db) as session, counted(house.db) as statements:
        found = callers.remembered(session, LATER)["+84912345678"].language
    assert not [sent for sent in statements.sent if "fields" in sent and "case_file" not in sent]
    return found


def test_the_language_that_was_written_down_before_a_withheld_number_was_passed_on(
    house: House,
) -> None:
    story = Story(number=None).arrived().waiting().rang().talk()
    house.apply(story)
    write(house, house.an, story, language="khm")
    assert known(house, None, story.call_id).language == "khm"


def test_that_a_psychologist_is_needed_is_said_of_this_call_alone(house: House) -> None:
    story = Story().arrived().waiting().rang().talk()
    house.apply(story)
    write(house, house.an, story, psychologist="1")
    assert known(house, call=story.call_id).skill == "psychology"
    assert known(house).skill == ""


@pytest.mark.parametrize(("languages", "told"), [(["hmn"], "hmn"), (["tyz", "nut"], "")])
def test_an_interpreter_of_one_language_shows_it(house: House, languages: list[str], told: str) -> None:
    story = Story().arrived().waiting().rang().talk()
    house.apply(story)
    with transaction(house.db) as session:
        who = interpreters.add(
            session, name="Vàng Thị Dợ", languages=languages, center=house.an.center_id, reached="hn31"
        )
        line_wishes.ask_interpreter(session, house.an, story.call_id, who.id, NOON)
    assert known(house).language == told


def test_who_waits_together_is_looked_up_together_and_nobody_is_taken_for_another(house: House) -> None:
    spoke = Story(number="0912000001").answered_call("hn02")
    written = Story(number=None).arrived().waiting().rang().talk()
    house.apply(spoke)
    house.apply(written)
    write(house, house.binh, spoke, language="hmn")
    write(house, house.an, written, language="khm")
    alone: dict[CallId, str | None] = {CallId("hn-1.1"): "0912000001", written.call_id: None}
    crowd = alone | {CallId(f"hn-2.{each}"): f"091300{each:04}" for each in range(40)}
    took = []
    for callers_now in (alone, crowd):
        with counted(house.db) as statements, transaction(house.db) as session:
            found = callers.known(session, callers_now, LATER)
        took.append(len(statements))
        assert found[CallId("hn-1.1")] == Known(language="hmn", counselor=house.binh.staff_id)
        assert found[written.call_id] == Known(language="khm", spoken=True)
    assert {found[each] for each in crowd.keys() - alone.keys()} == {Known()}
    assert took[0] == took[1] < 10


# -- nuisances -------------------------------------------------------------------------------------


@pytest.fixture
def prank(house: House) -> Story:
    story = Story().answered_call()
    house.apply(story)
    with transaction(house.db) as session:
        records.close(session, house.an, house.record_of(story), Disposition.PRANK, NOON)
    return story


def test_a_shift_lead_lowers_a_number_for_some_hours_and_lifts_it(house: House, prank: Story) -> None:
    with transaction(house.db) as session:
        before = nuisances.review(session, house.lead, prank.call_id, NOON)
        nuisances.lower(session, house.lead, prank.call_id, 1, NOON)
    assert before is not None
    assert (before.calls, before.pranks, before.lowered) == (1, 1, None)
    assert known(house).lowered
    assert not known(house, "0912345679").lowered
    with transaction(house.db) as session:
        hour = NOON + timedelta(hours=1)
        assert not callers.known(session, {NEW: "0912345678"}, hour)[NEW].lowered
        (found,) = nuisances.lowered_now(session, house.lead, LATER)
        assert (found.set_by, found.until) == (house.lead.name, hour)
        nuisances.lift(session, house.lead, found.id, LATER)
    assert not known(house).lowered


def test_lowered_again_counts_from_then(house: House, prank: Story) -> None:
    with transaction(house.db) as session:
        nuisances.lower(session, house.lead, prank.call_id, 24, NOON)
        nuisances.lower(session, house.lead, prank.call_id, 1, NOON)
        assert len(nuisances.lowered_now(session, house.lead, NOON)) == 1


def test_only_a_shift_lead_who_may_read_the_call_decides(house: House, prank: Story) -> None:
    with transaction(house.db) as session:
        assert nuisances.review(session, house.an, prank.call_id, NOON) is None
        with pytest.raises(NotAllowed):
            nuisances.lower(session, house.an, prank.call_id, 1, NOON)
        with pytest.raises(NotVisible):
            nuisances.lower(session, house.far_lead, prank.call_id, 1, NOON)
        with pytest.raises(BadInput):
            nuisances.lower(session, house.lead, prank.call_id, 100, NOON)
        nuisances.lower(session, house.lead, prank.call_id, 1, NOON)
        (found,) = nuisances.lowered_now(session, house.lead, NOON)
        assert nuisances.lowered_now(session, house.far_lead, NOON) == []
        refused: list[tuple[Viewer, type[Exception]]] = [
            (house.an, NotAllowed),
            (house.far_lead, NotVisible),
        ]
        for who, why in refused:
            with pytest.raises(why):
                nuisances.lift(session, who, found.id, NOON)


def test_whose_phone_fell_silent_is_known_while_nobody_has_talked_since(house: House) -> None:
    story = Story().arrived().waiting().rang().talk().talk_ended(lost=True).waiting()
    house.apply(story)
    house.apply(story)  # told twice
    found = known(house, call=story.call_id)
    assert (found.spoken, found.lost) == (True, house.an.staff_id)
    with transaction(house.db) as session:
        (mine,) = calls.recent(session, house.an, NOON)
        assert calls.call(session, house.lead, story.call_id, LATER).talks[0].lost
        (theirs,) = calls.in_scope(session, house.lead, NOON)
    assert mine.lost_at == story.at - timedelta(seconds=2)
    assert theirs.lost_at is None
    house.apply(story.rang("hn02").talk("hn02").talk_ended("hn02").waiting())
    assert known(house, call=story.call_id).lost is None


# -- why, and what was done ------------------------------------------------------------------------


def test_why_it_rang_here_is_kept_with_the_offer(house: House) -> None:
    story = Story().arrived().waiting()
    offer = OfferId(f"offer-{story.call_id}-hn01-1")
    story._tell(CounselorChosen(story.call_id, story.at, offer, house.an.staff_id, "promised trained"))
    house.apply(story.rang())
    house.apply(story)  # told twice
    with transaction(house.db) as session:
        shown = calls.call(session, house.lead, story.call_id, LATER)
        assert [each.reasons for each in shown.offers] == [("promised", "trained")]
        assert reasons.why_here(session, story.call_id, house.an.staff_id) == ("promised", "trained")
        assert reasons.why_here(session, story.call_id, house.binh.staff_id) == ()


def test_calls_and_talking_time_since_the_shift_began(house: House) -> None:
    house.apply(Story(at=NOON - timedelta(hours=9)).answered_call())
    house.apply(Story().answered_call(talk_seconds=59))
    house.apply(Story(at=NOON + timedelta(minutes=5)).arrived().waiting().rang().talk())
    with transaction(house.db) as session:
        done = shift_work.since(session, NOON - timedelta(hours=1), LATER)
    assert done.keys() == {house.an.staff_id}
    assert done[house.an.staff_id].calls == 2
    talked = timedelta(seconds=60) + LATER - (NOON + timedelta(minutes=5, seconds=3))
    assert abs(done[house.an.staff_id].talked - talked) < timedelta(milliseconds=5)


def test_a_mean_talk_is_known_after_some(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shift_work, "LEAST_TALKS", 2)
    house.apply(Story(at=NOON - timedelta(days=2)).answered_call(talk_seconds=600))
    house.apply(Story().answered_call(talk_seconds=40))
    house.apply(Story(at=NOON + timedelta(minutes=5)).arrived().waiting().rang().talk())
    with transaction(house.db) as session:
        assert shift_work.mean_talk(session, NOON) is None
    house.apply(Story(at=NOON + timedelta(minutes=1)).answered_call(talk_seconds=80))
    with transaction(house.db) as session:
        mean = shift_work.mean_talk(session, NOON)
    assert mean is not None
    assert abs(mean - timedelta(seconds=61)) < timedelta(seconds=1.1)


def test_the_languages_of_those_who_wait(house: House) -> None:
    before = Story().answered_call()
    house.apply(before)
    write(house, house.an, before, language="hmn")
    again, other = Story(at=LATER).arrived(), Story(number="0987654321", at=LATER).arrived()
    house.apply(again)
    house.apply(other)
    with transaction(house.db) as session:
        ids = [again.call_id, other.call_id]
        assert callers.languages(session, ids, LATER) == {again.call_id: "hmn"}

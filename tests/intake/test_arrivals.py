"""A record of what came in by another way than a call: written, found, escalated like a call's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from hotline import audit
from hotline.db import reading, transaction
from hotline.errors import BadInput, Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.ids import RecordId
from intake import search
from intake.cases import cases
from intake.forms.taxonomy import Disposition, Way
from intake.records import arrivals, records
from intake.records.record_views import Arrival
from tests.factories import NOON
from tests.intake.conftest import House

LETTER = Arrival(Way.OFFICIAL_LETTER, NOON - timedelta(hours=10), NOON - timedelta(days=3))


def opened(house: House, arrival: Arrival = LETTER, page: str = "page-word-1") -> RecordId:
    with transaction(house.db) as session:
        return arrivals.open_by_hand(session, house.an, arrival, page, NOON)


def test_from_the_page_to_the_case_like_a_record_of_a_call(house: House) -> None:
    record_id = opened(house)
    with transaction(house.db) as session:
        records.autosave(session, house.an, record_id, 0, {"content": "Đơn của bà Lò Thị Dung"}, NOON)
        view = records.record(session, house.an, record_id, NOON)
        assert (view.arrival, view.call_id, view.editable) == (LETTER, None, True)
        (mine,) = records.unfinished(session, house.an)
        assert (mine.id, mine.way, mine.at) == (record_id, Way.OFFICIAL_LETTER, LETTER.received_at)
        (hit,) = search.search(session, house.an, "lo thi dung", NOON).hits
        assert (hit.record_id, hit.way, hit.at) == (record_id, Way.OFFICIAL_LETTER, LETTER.received_at)
        case_id = cases.open_from_record(session, house.an, record_id, NOON)
        case = cases.case(session, house.an, case_id, NOON)
        assert (case.received_at, case.arrival) == (LETTER.received_at, LETTER)
    with reading(house.db) as session:
        acts = session.scalars(
            select(audit.AuditRow.act)
            .where(audit.AuditRow.object_kind == "record", audit.AuditRow.object_id == str(record_id))
            .order_by(audit.AuditRow.id)
        ).all()
    assert {"create", "change", "see", "close"} <= set(acts)


def test_sent_twice_it_is_one_record(house: House) -> None:
    first = opened(house)
    assert opened(house) == first
    assert opened(house, page="page-word-2") != first
    with transaction(house.db) as session:  # the same word of somebody else's page is another record
        other = arrivals.open_by_hand(session, house.binh, LETTER, "page-word-1", NOON)
    assert other != first


def test_whose_it_is_and_who_lists_it(house: House) -> None:
    record_id = opened(house)
    with transaction(house.db) as session:
        since = NOON - timedelta(days=30)
        for viewer, seen in ((house.an, 1), (house.binh, 0), (house.lead, 1), (house.far_lead, 0)):
            lines = arrivals.received(session, viewer, since, NOON)
            assert [line.id for line in lines] == [record_id] * seen
        with pytest.raises(NotVisible):
            records.record(session, house.binh, record_id, NOON)
        with pytest.raises(NotAllowed):
            arrivals.open_by_hand(session, house.admin, LETTER, "page-word-1", NOON)


@pytest.mark.parametrize(
    ("arrival", "wrong"),
    [
        (replace(LETTER, way=Way.PHONE), {"way": "not_a_choice"}),
        (replace(LETTER, received_at=NOON + timedelta(minutes=1)), {"received_at": "not_a_time"}),
        (replace(LETTER, happened_at=NOON - timedelta(hours=9)), {"happened_at": "after_receipt"}),
        (replace(LETTER, happened_at=datetime(1, 1, 1, tzinfo=UTC)), {"happened_at": "not_a_time"}),
    ],
)
def test_times_that_cannot_be(house: House, arrival: Arrival, wrong: dict[str, str]) -> None:
    with pytest.raises(FieldErrors) as caught:
        opened(house, arrival)
    assert caught.value.fields == wrong
    opened(house, replace(LETTER, happened_at=None))  # nobody needs to know when it happened


def test_a_correction_is_a_revision_until_a_case_counts_from_it(house: House) -> None:
    record_id = opened(house)
    mended = replace(LETTER, way=Way.POST, happened_at=None)
    with transaction(house.db) as session:
        arrivals.correct(session, house.an, record_id, mended, NOON)
        arrivals.correct(session, house.an, record_id, mended, NOON)
        assert records.record(session, house.an, record_id, NOON).arrival == mended
        (change,) = records.history(session, house.lead, record_id, NOON)
        assert change.fields["way"] == ("official_letter", "post")
        assert change.fields.keys() == {"way", "happened_at"}
        cases.open_from_record(session, house.an, record_id, NOON)
        with pytest.raises(Conflict):
            arrivals.correct(session, house.an, record_id, LETTER, NOON)


def test_it_cannot_be_silent(house: House) -> None:
    record_id = opened(house)
    with transaction(house.db) as session:
        with pytest.raises(BadInput):
            records.close(session, house.an, record_id, Disposition.SILENT, NOON)
        closed = records.close(session, house.an, record_id, Disposition.INFORMATION, NOON)
        assert closed.state == "closed"

"""A report that a program sent: kept once, taken by one, a record from then on."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hotline import alarms, keyring
from hotline.access import Viewer
from hotline.alarm_kinds import AlarmKind
from hotline.audit import Act, AuditRow
from hotline.db import reading, transaction
from hotline.errors import Conflict, NotAllowed, NotVisible
from hotline.ids import RecordId
from hotline.sealed import Key
from hotline.settings import settings
from intake import search
from intake.forms.taxonomy import Disposition, Way, WhyBack
from intake.records import arrivals, records
from intake.reports import api_clients, attachments, report_care, report_returns, reports
from intake.reports.api_clients import ApiClient
from intake.reports.reports import Accepted, KeyReused, Submitted
from intake.tables.reports import ReportAttachmentRow, ReportRow
from tests.factories import NOON
from tests.intake.conftest import House

PICTURE = b"\xff\xd8\xff" + bytes(range(256)) * 600
"""More than two sealed chunks."""
SENT = Submitted(
    idempotency_key="one",
    body_hash="a" * 64,
    happened_at=NOON - timedelta(hours=2),
    in_danger=False,
    fields={"content": "Cháu Lò Văn Pó bị đánh", "call_back": "0987 654 321", "child.2.name": "Pó"},
    files=(PICTURE, b"<html>", b""),
)


@pytest.fixture
def app(house: House) -> ApiClient:
    with transaction(house.db) as session:
        return api_clients.make(session, "Ứng dụng 111", Way.APP, 60, NOON)[0]


def accept(house: House, app: ApiClient, sent: Submitted = SENT) -> Accepted:
    with transaction(house.db) as session:
        ring = keyring.recording_keys(settings())
        return reports.accept(session, app, sent, ring, NOON)[0]


def only(house: House, viewer: Viewer) -> int:
    with transaction(house.db) as session:
        (one,) = reports.waiting(session, viewer)
        return one.id


def take(house: House, viewer: Viewer, report: int) -> RecordId:
    with transaction(house.db) as session:
        return reports.take(session, viewer, report, NOON + timedelta(minutes=5))[0]


def test_the_same_request_is_kept_once_and_another_under_its_key_not_at_all(
    house: House, app: ApiClient
) -> None:
    first = accept(house, app)
    assert first.stored == {1: "image/jpeg"}
    assert first.refused == {2: "type_not_allowed", 3: "empty"}
    assert accept(house, app) == first
    with pytest.raises(KeyReused):
        accept(house, app, replace(SENT, body_hash="b" * 64))
    with transaction(house.db) as session:
        web, _ = api_clients.make(session, "Trang web", Way.WEB, 60, NOON)
    assert accept(house, web).reference != first.reference  # a key is one client's
    with ThreadPoolExecutor(4) as pool:
        many = list(
            pool.map(lambda _: accept(house, app, replace(SENT, idempotency_key="two")), range(4))
        )
    assert len({one.reference for one in many}) == 1
    with reading(house.db) as session:
        assert session.scalar(select(func.count()).select_from(ReportRow)) == 3


def test_until_it_is_taken_people_see_only_that_it_waits(house: House, app: ApiClient) -> None:
    old, danger = (
        accept(house, app),
        accept(house, app, replace(SENT, idempotency_key="two", in_danger=True)),
    )
    with transaction(house.db) as session:
        for viewer in (house.an, house.far, house.lead):
            there = reports.waiting(session, viewer)
            assert [one.reference for one in there] == [danger.reference, old.reference]
        assert reports.waiting(session, house.admin) == []
        assert reports.standing(session) == reports.Standing(2, NOON, 1)
        assert alarms.open_of(session, AlarmKind.REPORT) == {danger.reference: "danger"}
        ring = keyring.recording_keys(settings())
        with pytest.raises(NotVisible):
            attachments.fetch(session, house.lead, there[0].id, 1, ring, NOON)
        with pytest.raises(NotAllowed):
            reports.take(session, house.admin, there[0].id, NOON)
    assert take(house, house.an, there[0].id)
    with transaction(house.db) as session:
        assert alarms.open_of(session, AlarmKind.REPORT) == {}


def test_taken_it_is_a_record_that_holds_what_was_sent(house: House, app: ApiClient) -> None:
    told = accept(house, app)
    report = only(house, house.an)
    record_id = take(house, house.an, report)
    assert take(house, house.an, report) == record_id  # pressed twice
    with transaction(house.db) as session:
        view = records.record(session, house.an, record_id, NOON)
        assert view.fields == SENT.fields
        assert view.arrival is not None
        assert (view.arrival.way, view.arrival.received_at) == (Way.APP, NOON)
        assert view.arrival.happened_at == SENT.happened_at
        assert view.editable
        for words in (told.reference, "lo van po", "0987654321"):
            (hit,) = search.search(session, house.an, words, NOON).hits
            assert hit.record_id == record_id
        (line,) = arrivals.received(session, house.lead, NOON - timedelta(days=1), NOON)
        assert (line.id, line.owner.id if line.owner else 0) == (record_id, house.an.staff_id)
        sent = reports.of_record(session, record_id)
        assert sent is not None
        assert (sent.client, sent.fields, sent.refused) == ("Ứng dụng 111", SENT.fields, told.refused)


def test_given_back_it_waits_again_and_the_next_goes_on_with_what_was_written(
    house: House, app: ApiClient
) -> None:
    accept(house, app, replace(SENT, in_danger=True))
    report = only(house, house.an)
    record_id = take(house, house.an, report)
    later = NOON + timedelta(minutes=9)
    with transaction(house.db) as session:
        records.autosave(session, house.an, record_id, 0, {"advice": "Gọi cô giáo"}, later)
    with transaction(house.db) as session, pytest.raises(NotVisible):
        report_returns.give_back(session, house.binh, report, WhyBack.OTHER, later)
    with transaction(house.db) as session:
        report_returns.give_back(session, house.an, report, WhyBack.OTHER, later)
    with transaction(house.db) as session:
        (waits,) = reports.waiting(session, house.binh)
        assert (waits.since, waits.given_back) == (NOON, (house.an.staff_id, WhyBack.OTHER))
        assert alarms.open_of(session, AlarmKind.REPORT)
        assert records.unfinished(session, house.an) == []
        assert not arrivals.received(session, house.lead, NOON - timedelta(days=1), later)
        noted = session.scalars(
            select(AuditRow.detail).where(AuditRow.act == Act.GIVE_BACK).order_by(AuditRow.id)
        ).all()
        assert noted == [f"report {report} other"]
    with transaction(house.db) as session, pytest.raises(NotVisible):
        report_returns.give_back(session, house.an, report, WhyBack.OTHER, later)
    assert take(house, house.binh, report) == record_id
    with transaction(house.db) as session:
        view = records.record(session, house.binh, record_id, later)
        assert view.fields == {**SENT.fields, "advice": "Gọi cô giáo"}
        assert view.owner.id == house.binh.staff_id
        records.close(session, house.binh, record_id, Disposition.COUNSELING, later)
        assert alarms.open_of(session, AlarmKind.REPORT) == {}
    with transaction(house.db) as session, pytest.raises(Conflict):
        report_returns.give_back(session, house.binh, report, WhyBack.UNTOLD, later)


def test_two_counselors_at_once_one_gets_it(house: House, app: ApiClient) -> None:
    accept(house, app)
    report = only(house, house.an)

    def tried(viewer: Viewer) -> str:
        try:
            take(house, viewer, report)
        except Conflict as conflict:
            return str(conflict)
        return "got it"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(tried, (house.an, house.binh, house.far))) == ["got it", "taken", "taken"]
    with reading(house.db) as session:
        found = session.scalars(select(ReportRow)).one()
        assert found.record_id is not None


def test_a_file_is_sealed_and_given_to_whom_may_read_the_record(house: House, app: ApiClient) -> None:
    accept(house, app)
    report = only(house, house.an)
    take(house, house.an, report)
    ring = keyring.recording_keys(settings())
    with transaction(house.db) as session:
        row = session.scalars(select(ReportAttachmentRow)).one()
        assert PICTURE[:32] not in row.sealed
        for viewer in (house.an, house.lead):
            file = attachments.fetch(session, viewer, report, 1, ring, NOON)
            assert (file.kind, file.content) == ("image/jpeg", PICTURE)
        for viewer in (house.binh, house.far_lead, house.admin):
            with pytest.raises(NotVisible):
                attachments.fetch(session, viewer, report, 1, ring, NOON)
    newer = (Key(b"n" * 32), *ring)
    assert attachments.SEALED.rekey(house.db, newer) == (1, {})
    assert attachments.SEALED.rekey(house.db, newer) == (0, {})
    assert attachments.SEALED.check(house.db, newer[:1]) == (1, {})
    (broken,) = attachments.SEALED.check(house.db, ring)[1].values()
    assert "no key" in broken


def test_a_key_opens_only_its_client_and_nothing_once_revoked(house: House) -> None:
    with transaction(house.db) as session:
        made, key = api_clients.make(session, "Ứng dụng 111", Way.APP, 60, NOON)
        assert api_clients.of_key(session, key) == made
        assert api_clients.of_key(session, key + "x") is None
        api_clients.revoke(session, made.id, NOON)
        assert api_clients.of_key(session, key) is None
        with pytest.raises(NotVisible):
            api_clients.revoke(session, 999, NOON)


def test_one_that_waits_too_long_is_an_alarm_until_it_is_taken(house: House, app: ApiClient) -> None:
    def told(minutes: int, limit: timedelta = timedelta(minutes=15)) -> dict[str, str]:
        report_care.watch_all(house.db, limit, timedelta(), NOON + timedelta(minutes=minutes))
        with reading(house.db) as session:
            return alarms.open_of(session, AlarmKind.REPORT)

    accept(house, app)
    assert told(15) == {}
    assert told(60, timedelta()) == {}
    assert told(16) == {"inbox": "long"}
    take(house, house.an, only(house, house.an))
    assert told(17) == {}


def test_a_child_in_danger_whom_nobody_takes_rings_the_lead(house: House, app: ApiClient) -> None:
    told = accept(house, app, replace(SENT, in_danger=True))
    accept(house, app, replace(SENT, idempotency_key="two"))
    ring = timedelta(minutes=2)

    def rings(minutes: int, ring: timedelta = ring) -> list[str]:
        report_care.watch_all(house.db, timedelta(), ring, NOON + timedelta(minutes=minutes))
        with reading(house.db) as session:
            return [subject for _, subject in alarms.ringing(session, None, NOON)]

    assert rings(2) == []
    assert rings(9, timedelta()) == []
    assert rings(3) == [told.reference]
    with transaction(house.db) as session:
        alarms.take_note(session, house.lead, AlarmKind.REPORT, told.reference, NOON)
    assert rings(4) == []

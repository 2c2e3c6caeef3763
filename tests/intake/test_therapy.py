"""The therapy unit: who takes a child, what is planned and owed, and who reads what was said."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from hotline.access import Action, Role, Viewer, may, roles_that_may
from hotline.audit import AuditRow
from hotline.db import reading, transaction
from hotline.errors import Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.ids import CaseId
from hotline.sealed import Key
from intake import recording_keys
from intake.cases import cases
from intake.cases.case_views import CaseView
from intake.tables.therapy import TherapyMeetingRow, TherapyNoteRow, TherapyReferralRow
from intake.therapy import (
    therapy_counts,
    therapy_meetings,
    therapy_notes,
    therapy_referrals,
    therapy_rules,
)
from intake.therapy.therapy_rules import Charge, Debt, Held, Kind, Meeting, Owed, Standing, Way
from tests import factories
from tests.factories import NOON
from tests.intake.conftest import House
from tests.intake.test_joining import opened, told
from tests.queries import counted

LATER = NOON + timedelta(hours=1)
MONDAY = date(2026, 11, 16)
RING = (Key(b"k" * 32),)
ON_PAPER = {"kind": "session", "minutes": "60", "way": "in_person", "place": "Phòng 2"}
SAID = "Em kể chuyện ở nhà bác"


@dataclass(frozen=True)
class Unit:
    """A child of An's case waits for the unit; Liệu and Dung treat, Hà heads them."""

    house: House
    lieu: Viewer
    dung: Viewer
    ha: Viewer
    case_id: CaseId
    referral: int

    def accepted(self) -> int:
        with transaction(self.house.db) as session:
            therapy_referrals.accept(
                session, self.lieu, self.referral, self.lieu.staff_id, Charge.FREE_VICTIM, NOON
            )
        return self.referral

    def planned(self, at: datetime, kind: str = "session", by: Viewer | None = None) -> int:
        with transaction(self.house.db) as session:
            token = f"{at.isoformat()}-{kind}"[:40]
            told_ = ON_PAPER | {"kind": kind}
            therapy_meetings.plan(session, by or self.lieu, self.referral, told_, at, token, NOON)
            return session.scalars(select(TherapyMeetingRow.id).filter_by(asked_by=token)).one()

    def settle(self, meeting: int, state: str, reason: str = "", now: datetime = LATER) -> None:
        with transaction(self.house.db) as session:
            therapy_meetings.settle(session, self.lieu, meeting, state, reason, now)

    def write(
        self, meeting: int, what: str = SAID, word: str = "w" * 20, corrects: int | None = None
    ) -> None:
        with transaction(self.house.db) as session:
            therapy_notes.write(session, self.lieu, meeting, what, word, RING, LATER, corrects)

    def read(self, meeting: int, by: Viewer) -> list[therapy_notes.Note]:
        with transaction(self.house.db) as session:
            return list(therapy_notes.notes(session, by, meeting, RING, LATER))

    def owed(self, by: Viewer, now: datetime = LATER) -> list[Owed]:
        with transaction(self.house.db) as session:
            return [debt.what for debt, _ in therapy_meetings.owed(session, by, now)]


def _case(house: House, case_id: CaseId) -> CaseView:
    with transaction(house.db) as session:
        return cases.case(session, house.an, case_id, LATER)


def _refer(house: House, case_id: CaseId, token: str = "t" * 20, by: Viewer | None = None) -> int:
    with transaction(house.db) as session:
        shown = cases.case(session, house.an, case_id, NOON)
        child = shown.children[0].id
        therapy_referrals.refer(session, by or house.an, shown, child, "Em mất ngủ", token, NOON)
        return session.scalars(select(TherapyReferralRow.id).filter_by(asked_by=token)).one()


@pytest.fixture
def unit(house: House) -> Unit:
    with transaction(house.db) as session:
        lieu, dung = (factories.person(session, Role.THERAPIST) for _ in range(2))
        ha = factories.person(session, Role.THERAPY_HEAD)
    case_id = opened(house, told(house, {"child.1.name": "Bé Na", "child.1.age": "9"}))
    return Unit(house, lieu, dung, ha, case_id, _refer(house, case_id))


def _meeting(number: int, hours: float, state: Held, *, written: bool = False) -> Meeting:
    at = NOON + timedelta(hours=hours)
    return Meeting(number, 1, Kind.SESSION, at, 60, state, written)


def test_what_is_owed_is_said_once_and_only_while_it_is() -> None:
    nothing = [
        _meeting(1, -9, Held.HELD, written=True),
        _meeting(2, -5, Held.MISSED),
        _meeting(3, -0.5, Held.PLANNED),  # it goes on
        _meeting(4, 50, Held.PLANNED),
    ]
    assert therapy_rules.owed({1}, nothing, NOON) == []
    several = [
        _meeting(1, -9, Held.HELD),
        _meeting(2, -5, Held.PLANNED),
        _meeting(3, -2, Held.MISSED),
    ]
    found = [
        (debt.what, debt.meeting.id if debt.meeting else 0)
        for debt in therapy_rules.owed({1, 2}, several, NOON)
    ]
    assert found == [
        (Owed.UNWRITTEN, 1),
        (Owed.UNTOLD, 2),
        (Owed.NO_NEW_DATE, 3),
        (Owed.NO_MEETING, 0),
    ]
    over = therapy_rules.owed(set(), several, NOON)  # the treatment has ended
    assert [debt.what for debt in over] == [Owed.UNWRITTEN, Owed.UNTOLD]
    assert therapy_rules.owed({7}, (), NOON) == [Debt(Owed.NO_MEETING, 7, None)]


@given(st.integers(-300, 300), st.integers(15, 240), st.integers(15, 240))
def test_two_meetings_overlap_both_ways_or_not_at_all(apart: int, first: int, second: int) -> None:
    other = NOON + timedelta(minutes=apart)
    one_way = therapy_rules.overlaps([(NOON, first)], other, second)
    assert one_way is therapy_rules.overlaps([(other, second)], NOON, first)
    assert one_way is (-second < apart < first)


def test_a_child_waits_for_the_unit_and_is_taken_once(unit: Unit) -> None:
    assert _refer(unit.house, unit.case_id) == unit.referral  # sent twice
    with pytest.raises(Conflict, match="referred"):
        _refer(unit.house, unit.case_id, "another-page-of-the-case")
    with reading(unit.house.db) as session:
        (waiting,) = therapy_referrals.referrals(session, unit.dung, Standing.WAITING)
    assert (waiting.child["name"], waiting.reason) == ("Bé Na", "Em mất ngủ")
    with pytest.raises(FieldErrors), transaction(unit.house.db) as session:
        therapy_referrals.accept(session, unit.lieu, unit.referral, unit.lieu.staff_id, "", NOON)
    with pytest.raises(NotAllowed), transaction(unit.house.db) as session:
        therapy_referrals.accept(
            session, unit.lieu, unit.referral, unit.dung.staff_id, Charge.PAID, NOON
        )
    unit.accepted()
    with pytest.raises(NotVisible), transaction(unit.house.db) as session:
        therapy_referrals.accept(
            session, unit.dung, unit.referral, unit.dung.staff_id, Charge.PAID, NOON
        )
    with pytest.raises(Conflict, match="decided"), transaction(unit.house.db) as session:
        therapy_referrals.refuse(session, unit.ha, unit.referral, "đủ người", NOON)
    told_ = [(event.kind, event.code) for event in _case(unit.house, unit.case_id).events]
    assert {("therapy", "referred"), ("therapy", "accepted")} <= set(told_)


def test_a_refusal_says_why_and_another_referral_may_follow(unit: Unit) -> None:
    with pytest.raises(FieldErrors), transaction(unit.house.db) as session:
        therapy_referrals.refuse(session, unit.lieu, unit.referral, " ", NOON)
    with transaction(unit.house.db) as session:
        therapy_referrals.refuse(session, unit.lieu, unit.referral, "Cần khám bệnh trước", NOON)
    case = _case(unit.house, unit.case_id)
    assert "Cần khám bệnh trước" in [event.text for event in case.events]
    assert _refer(unit.house, unit.case_id, "after-the-examination") != unit.referral


def test_meetings_are_planned_without_overlap_and_told_of_when_they_were(unit: Unit) -> None:
    unit.accepted()
    assert unit.owed(unit.lieu) == [Owed.NO_MEETING]
    first = unit.planned(NOON)
    with pytest.raises(FieldErrors) as caught:
        unit.planned(NOON + timedelta(minutes=30), "assessment")
    assert caught.value.fields == {"starts_at": "overlaps"}
    with pytest.raises(FieldErrors) as caught, transaction(unit.house.db) as session:
        therapy_meetings.plan(session, unit.lieu, unit.referral, {"minutes": "5"}, None, "x" * 20, NOON)
    assert caught.value.fields.keys() == {"kind", "way", "minutes", "starts_at"}
    tomorrow = unit.planned(NOON + timedelta(days=1))
    with pytest.raises(FieldErrors):
        unit.settle(tomorrow, "held")
    with pytest.raises(FieldErrors):
        unit.settle(tomorrow, "canceled")
    unit.settle(tomorrow, "canceled", "Em thi học kỳ")
    after = LATER + timedelta(hours=2)
    assert unit.owed(unit.lieu, after) == [Owed.UNTOLD, Owed.NO_NEW_DATE]
    unit.settle(first, "held", now=after)
    assert unit.owed(unit.lieu, after) == [Owed.UNWRITTEN, Owed.NO_NEW_DATE]
    unit.write(first)
    assert unit.owed(unit.lieu, after) == [Owed.NO_NEW_DATE]
    assert unit.owed(unit.dung, after) == []
    assert unit.owed(unit.ha, after) == [Owed.NO_NEW_DATE]
    with pytest.raises(Conflict, match="told"):
        unit.settle(first, "missed", "nhầm")


def test_what_was_said_is_read_by_the_therapist_and_the_head_alone(unit: Unit) -> None:
    unit.accepted()
    meeting = unit.planned(NOON)
    with pytest.raises(Conflict, match="not_held"):
        unit.write(meeting)
    unit.settle(meeting, "held")
    for _ in range(2):
        unit.write(meeting)  # sent twice
    for reader in (unit.lieu, unit.ha):
        assert [note.text for note in unit.read(meeting, reader)] == [SAID]
    house = unit.house
    others = [house.an, house.lead, house.admin, house.far_lead, unit.dung]
    with transaction(house.db) as session:
        others += [
            factories.person(session, role)
            for role in Role
            if role not in {Role.THERAPIST, Role.THERAPY_HEAD}
        ]
    for stranger in others:
        with pytest.raises(NotVisible):
            unit.read(meeting, stranger)
    with transaction(house.db) as session:
        therapy_referrals.hand_on(session, unit.ha, unit.referral, unit.dung.staff_id, LATER)
    assert [note.text for note in unit.read(meeting, unit.dung)] == [SAID]
    with pytest.raises(NotVisible):
        unit.read(meeting, unit.lieu)
    with reading(house.db) as session:
        looks = session.scalars(
            select(AuditRow.staff_id)
            .where(AuditRow.object_kind == "therapy_note", AuditRow.act == "see")
            .order_by(AuditRow.id)
        ).all()
    assert looks == [unit.lieu.staff_id, unit.ha.staff_id, unit.dung.staff_id]


def test_a_correction_supersedes_and_nothing_is_written_over(unit: Unit) -> None:
    unit.accepted()
    meeting = unit.planned(NOON)
    unit.settle(meeting, "held")
    unit.write(meeting)
    (first,) = unit.read(meeting, unit.lieu)
    unit.write(meeting, "Em kể chuyện ở nhà cô", "v" * 20, first.id)
    (now,) = unit.read(meeting, unit.lieu)
    assert (now.text, [old.text for old in now.before]) == ("Em kể chuyện ở nhà cô", [SAID])
    with pytest.raises(Conflict, match="corrected"):
        unit.write(meeting, "khác", "u" * 20, first.id)
    for change in (
        "DELETE FROM therapy_note",
        "UPDATE therapy_note SET written_by = 1, word = 'x'",
        "UPDATE therapy_note SET sealed = sealed || sealed",
    ):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction(unit.house.db) as session,
        ):
            session.execute(text(change))


def test_the_database_shows_nothing_of_it_and_its_keys_can_be_changed(unit: Unit) -> None:
    unit.accepted()
    meeting = unit.planned(NOON)
    unit.settle(meeting, "held")
    unit.write(meeting)
    with reading(unit.house.db) as session:
        (row,) = session.scalars(select(TherapyNoteRow)).all()
        assert SAID.encode() not in row.sealed
        assert SAID.encode()[:8] not in row.sealed
        words = session.execute(text("SELECT words FROM search_doc")).scalars().all()
    assert not any("ke" in said.split() and "bac" in said.split() for said in words)
    newer = (Key(b"n" * 32), *RING)
    assert therapy_notes.SEALED in recording_keys._IN_SQL
    assert therapy_notes.SEALED.rekey(unit.house.db, newer) == (1, {})
    assert therapy_notes.SEALED.check(unit.house.db, newer[:1]) == (1, {})
    assert [note.text for note in unit.read(meeting, unit.lieu)] == [None]  # the old key alone


def test_the_case_sees_that_meetings_take_place_and_what_is_released(unit: Unit) -> None:
    unit.accepted()
    held = unit.planned(NOON, "assessment")
    unit.planned(NOON + timedelta(days=7))
    unit.settle(held, "held")
    unit.write(held)
    case = _case(unit.house, unit.case_id)
    with reading(unit.house.db) as session:
        (shown,) = therapy_referrals.of_case(session, case, LATER)
    assert (shown.child, shown.held, shown.missed) == ("Bé Na", {Kind.ASSESSMENT: 1, Kind.SESSION: 0}, 0)
    assert (shown.last_at, shown.next_at) == (NOON, NOON + timedelta(days=7))
    assert SAID not in repr(shown)
    with transaction(unit.house.db) as session:
        therapy_referrals.release(session, unit.lieu, unit.referral, "Em cần thêm 6 buổi", LATER)
    case = _case(unit.house, unit.case_id)
    assert ("conclusion", "Em cần thêm 6 buổi") in [(each.code, each.text) for each in case.events]
    with transaction(unit.house.db) as session:
        therapy_referrals.end(session, unit.lieu, unit.referral, "Em đã ổn", LATER)
        states = session.scalars(select(TherapyMeetingRow.state).order_by(TherapyMeetingRow.id)).all()
    assert states == [Held.HELD, Held.CANCELED]


def test_nobody_outside_refers_plans_or_sees(unit: Unit) -> None:
    house = unit.house
    assert roles_that_may(Action.TREAT) == {Role.THERAPIST, Role.THERAPY_HEAD}
    for role in (Role.THERAPIST, Role.THERAPY_HEAD):
        with transaction(house.db) as session:
            assert not may(factories.person(session, role), Action.READ_CASE)
    for stranger in (house.an, house.lead, house.admin):
        with pytest.raises(NotVisible), transaction(house.db) as session:
            therapy_referrals.referral(session, stranger, unit.referral, NOON)
        with pytest.raises(NotVisible):
            unit.planned(NOON, by=stranger)
    second = opened(house, told(house, {"child.1.name": "Bé Bi"}))
    for stranger in (house.binh, house.far_lead, unit.lieu):
        with pytest.raises(NotVisible):
            _refer(house, second, "by-a-stranger-it-comes", stranger)
    unit.accepted()
    with pytest.raises(NotVisible), transaction(house.db) as session:
        therapy_referrals.referral(session, unit.dung, unit.referral, NOON)


def test_a_week_shows_each_day_its_meetings_in_the_same_few_statements(unit: Unit) -> None:
    unit.accepted()
    counts = []
    for hours in (0, 2):
        unit.planned(NOON + timedelta(hours=hours))
        unit.planned(NOON + timedelta(days=1, hours=hours))
        with transaction(unit.house.db) as session, counted(unit.house.db) as statements:
            found = therapy_meetings.week(session, unit.lieu, MONDAY, NOON)
        counts.append(len(statements))
        with reading(unit.house.db) as session, counted(unit.house.db) as statements:
            therapy_meetings.owed(session, unit.lieu, LATER)
        counts.append(len(statements))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 6
    assert [len(lines) for lines in found.values()] == [0, 0, 0, 0, 2, 2, 0]
    line = found[date(2026, 11, 20)][0]
    assert (line.child, line.way, line.place) == ("Bé Na", Way.IN_PERSON, "Phòng 2")
    with transaction(unit.house.db) as session:
        theirs = therapy_meetings.week(session, unit.dung, MONDAY, NOON)
    assert not any(theirs.values())


def test_a_year_is_counted_by_month_and_a_child_once(unit: Unit) -> None:
    unit.accepted()
    november = [NOON + timedelta(days=each) for each in range(-7, 1)]
    for at, state in zip(november, ("held", "held", "missed", "canceled"), strict=False):
        unit.settle(unit.planned(at), state, "vì ốm" if state == "canceled" else "")
    unit.settle(unit.planned(datetime(2026, 2, 28, 17, 30, tzinfo=UTC), "assessment"), "held")
    with transaction(unit.house.db) as session, counted(unit.house.db) as statements:
        year = therapy_counts.year(session, unit.ha, 2026, NOON)
    assert len(statements) <= 2
    march, told_ = year.months[2], year.months[10]  # 00:30 on the first of March in Vietnam
    assert (march.assessments, march.sessions, march.children) == (1, 0, 1)
    assert (told_.sessions, told_.missed, told_.canceled, told_.free) == (2, 1, 1, 1)
    assert (year.whole.assessments, year.whole.sessions, year.whole.children) == (1, 2, 1)
    with transaction(unit.house.db) as session:
        outside = factories.person(session, Role.DEPARTMENT)
        shown = therapy_counts.year(session, outside, 2026, NOON)
    assert (shown.whole.children, shown.whole.free, shown.whole.sessions) == (None, None, 2)
    assert [one.children for one in shown.months] == [0, 0, None, *[0] * 7, None, 0]
    for stranger in (unit.lieu, unit.house.an, unit.house.lead, unit.house.admin):
        with pytest.raises(NotAllowed), transaction(unit.house.db) as session:
            therapy_counts.year(session, stranger, 2026, NOON)

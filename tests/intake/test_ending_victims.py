"""Victims' cases and children's treatment when their time is over: no word is left, all is counted."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hotline.access import Role
from hotline.db import reading, transaction
from hotline.errors import NotVisible
from hotline.ids import CaseId
from intake.cases import joining
from intake.documents import filled_forms
from intake.recordings.recordings import RecordingState
from intake.retention import certificates, erasing, legal_holds
from intake.retention.legal_holds import Held
from intake.retention.retention_rules import Kept
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.recordings import RecordingRow
from intake.tables.records import RecordRow
from intake.tables.retention import DeletionRow, TherapyDeletionRow
from intake.tables.therapy import TherapyNoteRow, TherapyReferralRow
from intake.tables.victims import VictimReferralRow, VictimResultRow
from intake.therapy import therapy_counts, therapy_meetings, therapy_notes, therapy_referrals
from intake.therapy.therapy_rules import Standing
from intake.victims import trafficking_figures, victim_referrals
from intake.victims.trafficking_figures import Part
from tests import factories
from tests.factories import NOON
from tests.intake.conftest import House
from tests.intake.test_ending_cases import Killed, where_is
from tests.intake.test_joining import opened, told
from tests.intake.test_retention import LATER, case_of, rule, talk, written
from tests.intake.test_therapy import LATER as SOON
from tests.intake.test_therapy import RING, Unit, unit  # noqa: F401 (a fixture)
from tests.intake.test_trafficking import TODAY

WORD = "Tuyêtmật"
_SEVEN = {f"child.{number}.name": WORD for number in range(1, 8)}
_SOLD = _SEVEN | {"problem": "trafficking", "child.1.age": "24", "child.2.birth_date": "2010-05-01"}


def victims_case(house: House) -> CaseId:
    """Seven were sold; of five only the name is known. One referral came to a result."""
    case = opened(house, told(house, _SOLD))
    with transaction(house.db) as session:
        form = filled_forms.open_form(session, house.an, case, "trafficking", None, "f" * 20, NOON)
        typed = {"purpose": "labor", "destination": "outside"}
        assert not filled_forms.save(session, house.an, form, 0, typed, NOON).errors
        made = {"body": "police", "agency": WORD, "contact": WORD, "text": WORD}
        victim_referrals.refer(session, house.an, case, made, "t" * 20, NOON)
        (referral,) = session.scalars(select(VictimReferralRow.id)).all()
        came = {"outcome": "rescued", "told_by": WORD, "text": WORD}
        victim_referrals.tell_result(session, house.an, case, referral, came, NOON)
        over(session, case)
    return case


def over(session: Session, case: CaseId) -> None:
    """The case is closed, and nobody writes or talks any more."""
    row = session.get_one(CaseRow, case)
    row.state, row.closed_at, row.due_at = "closed", NOON, None
    session.execute(update(RecordRow).values(state="closed", closed_at=NOON))
    session.execute(update(CallRow).where(CallRow.ended_at.is_(None)).values(ended_at=NOON))
    session.execute(update(RecordingRow).values(state=RecordingState.MISSING))


def published(house: House) -> trafficking_figures.Figures:
    with transaction(house.db) as session:
        seen = factories.person(session, Role.DEPARTMENT)
        return trafficking_figures.figures(session, seen, TODAY, TODAY, LATER)


def ended(house: House, kept: Kept) -> int:
    return erasing.run(house.db, rule(kept), LATER)


def test_no_word_of_victims_is_left_and_the_published_figures_are_as_before(house: House) -> None:
    case = victims_case(house)
    before = published(house)
    ages, purposes = before.people[Part.AGES], before.people[Part.PURPOSES]
    assert (ages.total, purposes.cells["labor"], before.cases) == (7, 7, 1)
    assert (before.referrals["police"], before.outcomes["rescued"]) == (1, 1)
    assert {"victim_referral.agency", "victim_referral_result.text"} <= where_is(house, WORD)
    assert ended(house, Kept.CASE) == 0
    assert ended(house, Kept.VICTIM_CASE) == 1
    assert where_is(house, WORD) == set()
    assert published(house) == before
    with reading(house.db) as session:
        assert session.get_one(CaseRow, case).erased_at == LATER
        (certificate,) = certificates.everything(session)
        assert (certificate.kind, list(certificate.ids)) == ("victim_case", [str(case)])
    assert ended(house, Kept.VICTIM_CASE) == 0


def test_killed_in_the_middle_nothing_of_the_victims_is_half_gone(house: House) -> None:
    victims_case(house)
    before = where_is(house, WORD)

    def kill(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO victim_referral_result"):
            raise Killed

    event.listen(house.db, "before_cursor_execute", kill)
    try:
        with pytest.raises(Killed):
            ended(house, Kept.VICTIM_CASE)
    finally:
        event.remove(house.db, "before_cursor_execute", kill)
    with reading(house.db) as session:
        assert where_is(house, WORD) == before
        assert session.scalars(select(DeletionRow)).all() == []
        assert len(session.scalars(select(VictimResultRow)).all()) == 1
    assert ended(house, Kept.VICTIM_CASE) == 1


def test_what_was_merged_with_a_victims_case_is_one_and_a_hold_keeps_both(house: House) -> None:
    """Another's period must not delete what is kept of victims."""
    into = case_of(house, written(house, talk(house, sound=False), None))
    one = opened(house, told(house, {"problem": "trafficking", "child.1.name": "Hoa"}))
    with transaction(house.db) as session:
        joining.merge(session, house.lead, one, into, "một vụ", NOON)
        over(session, into)
        number = session.get_one(CaseRow, one).number
        hold = legal_holds.put(session, house.lead, Held.CASE, number, "Tòa hỏi", None, NOON)
    assert [ended(house, kept) for kept in (Kept.CASE, Kept.VICTIM_CASE)] == [0, 0]
    with transaction(house.db) as session:
        legal_holds.lift(session, house.lead, hold, "xong", NOON)
    assert [ended(house, kept) for kept in (Kept.CASE, Kept.VICTIM_CASE)] == [0, 2]


def treated(unit: Unit) -> int:  # noqa: F811
    """Of whom something was said in a meeting; the treatment is over."""
    unit.accepted()
    meeting = unit.planned(NOON - timedelta(days=1))
    unit.settle(meeting, "held")
    unit.write(meeting)
    with transaction(unit.house.db) as session:
        therapy_referrals.end(session, unit.lieu, unit.referral, WORD, SOON)
    return meeting


def closed(unit: Unit) -> None:  # noqa: F811
    with transaction(unit.house.db) as session:
        over(session, unit.case_id)


def test_a_treatment_ends_after_its_case_and_before_it_is_deleted(unit: Unit) -> None:  # noqa: F811
    house, meeting = unit.house, treated(unit)
    assert ended(house, Kept.THERAPY) == 0  # the case is open
    closed(unit)
    assert ended(house, Kept.CASE) == 0  # what is kept of the treatment keeps the case
    with transaction(house.db) as session:
        before = therapy_counts.year(session, unit.ha, 2026, LATER)
    assert before.whole.sessions == 1
    assert ended(house, Kept.THERAPY) == 1
    with transaction(house.db) as session:
        assert therapy_counts.year(session, unit.ha, 2026, LATER) == before
        assert session.scalars(select(TherapyNoteRow)).all() == []
        row = session.get_one(TherapyReferralRow, unit.referral)
        assert (row.reason, row.decision, row.state, row.erased_at) == ("", "", "ended", LATER)
        for seen in (unit.lieu, unit.ha):
            assert therapy_referrals.referrals(session, seen, Standing.ENDED) == []
            assert therapy_meetings.of_child(session, seen, unit.referral) == []
            with pytest.raises(NotVisible):
                therapy_notes.notes(session, seen, meeting, RING, LATER)
    assert where_is(house, "Phòng 2") == set()
    assert [ended(house, kept) for kept in (Kept.THERAPY, Kept.CASE)] == [0, 1]
    assert where_is(house, WORD) == set()  # also why it ended, on the timeline


@pytest.mark.parametrize("kind", [Held.CASE, Held.RECORD])
def test_a_hold_keeps_the_treatment(unit: Unit, kind: Held) -> None:  # noqa: F811
    treated(unit)
    closed(unit)
    with transaction(unit.house.db) as session:
        number = session.get_one(CaseRow, unit.case_id).number
        record = session.execute(text("SELECT min(id) FROM record")).scalar_one()
        named = number if kind is Held.CASE else str(record)
        legal_holds.put(session, unit.house.lead, kind, named, "Tòa hỏi", None, NOON)
    assert ended(unit.house, Kept.THERAPY) == 0


def test_who_waits_or_is_treated_is_never_due(unit: Unit) -> None:  # noqa: F811
    closed(unit)
    assert ended(unit.house, Kept.THERAPY) == 0
    unit.accepted()
    assert [ended(unit.house, kept) for kept in (Kept.THERAPY, Kept.CASE)] == [0, 0]


def test_nobody_else_deletes_what_was_said_or_referred(unit: Unit) -> None:  # noqa: F811
    """Not with a ledger that names another, nor with a certificate of what is not due."""
    treated(unit)
    closed(unit)
    case = victims_case(unit.house)
    for statement in (
        "DELETE FROM therapy_note",
        "DELETE FROM victim_referral_result",
        "DELETE FROM victim_referral",
    ):
        with pytest.raises(DBAPIError, match="append-only"), transaction(unit.house.db) as session:
            session.execute(text(statement))
    naming = text("INSERT INTO therapy_deletion (referral_id, deletion_id) VALUES (:of, :by)")
    for kept, state in ((Kept.CASE, "ended"), (Kept.THERAPY, "accepted")):
        with transaction(unit.house.db) as session:
            made = certificates.write(session, rule(kept), [str(unit.referral)], 0, LATER)
            session.execute(update(TherapyReferralRow).values(state=state))
        with pytest.raises(DBAPIError, match="not due"), transaction(unit.house.db) as session:
            session.execute(naming, {"of": unit.referral, "by": made})
    with transaction(unit.house.db) as session:
        session.execute(update(TherapyReferralRow).values(state="ended"))
    assert ended(unit.house, Kept.THERAPY) == 1
    for statement in ("UPDATE therapy_deletion SET deletion_id = 1", "DELETE FROM therapy_deletion"):
        with pytest.raises(DBAPIError, match="append-only"), transaction(unit.house.db) as session:
            session.execute(text(statement))
    with reading(unit.house.db) as session:
        assert session.scalars(select(TherapyDeletionRow.referral_id)).all() == [unit.referral]
        assert session.get_one(CaseRow, case).erased_at is None


@pytest.mark.parametrize("db", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_a_note_that_is_being_written_goes_with_the_others(unit: Unit) -> None:  # noqa: F811
    """Or else it would stay where nobody reaches it. On SQLite one writes at a time."""
    meeting = treated(unit)
    closed(unit)
    with ThreadPoolExecutor(1) as pool:
        with transaction(unit.house.db) as session:
            therapy_notes.write(session, unit.lieu, meeting, "muộn", "x" * 20, RING, LATER)
            run = pool.submit(ended, unit.house, Kept.THERAPY)
            with pytest.raises(TimeoutError):
                run.result(0.5)
        assert run.result(10) == 1
    with reading(unit.house.db) as session:
        assert session.scalars(select(TherapyNoteRow.id)).all() == []
    with pytest.raises(NotVisible), transaction(unit.house.db) as session:
        therapy_notes.write(session, unit.lieu, meeting, "quá muộn", "y" * 20, RING, LATER)

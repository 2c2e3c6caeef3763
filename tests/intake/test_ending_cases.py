"""A case whose time is over: no word of it is left, it is counted as before; only so is it deleted."""

from datetime import timedelta

import pytest
from sqlalchemy import LargeBinary, event, func, select, text
from sqlalchemy.exc import DBAPIError

from hotline.access import Role
from hotline.db import Base, reading, transaction
from hotline.errors import NotVisible
from hotline.ids import CallId, CaseId
from hotline.keyring import recording_keys
from hotline.settings import settings
from intake.cases import case_attachments, case_entries, cases, joining
from intake.documents import document_files, documents, filled_forms
from intake.documents.documents import Setting
from intake.handovers import office_systems
from intake.retention import certificates, erasing, legal_holds
from intake.retention.legal_holds import Held
from intake.retention.retention_rules import Kept
from intake.searching.search_index import CASE, SearchRow
from intake.statistics import periods, report
from intake.tables.case_files import CaseAttachmentRow
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.documents import DocumentFileRow, DocumentRow
from intake.tables.handovers import HandoverEventRow, HandoverRow
from intake.tables.records import RecordRow
from intake.tables.retention import CaseDeletionRow, DeletionRow
from intake.tables.therapy import TherapyReferralRow
from intake.visibility import reachable_handovers
from tests import factories, plans
from tests.factories import NOON
from tests.intake.conftest import House
from tests.intake.test_retention import LATER, case_of, files, rule, talk, written

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
WORD = "Tuyêtmật"
"""Is in everything that is told here."""
_LEFT = {"audit", "staff", "legal_hold"}


def told_case(house: House, word: str = WORD) -> CaseId:
    """Closed, with an entry, a file, a plan and its result, a form on paper, and a handover."""
    ring = recording_keys(settings())
    case = case_of(house, written(house, talk(house), None))
    with transaction(house.db) as session:
        case_entries.add(session, house.an, case, "note", {}, word, NOON)
        case_attachments.add(session, house.an, case, [(f"{word}.png", PNG)], word, ring, NOON)
        session.get_one(CaseRow, case).state = "planning"
        plans.submit(session, house.an, case, NOON)
        plans.decide(session, house.lead, case, "approved", NOON)
        plans.tell_results(session, house.an, case, NOON)
        form = filled_forms.open_form(session, house.an, case, "reception", None, f"f{case}" * 8, NOON)
        paper = documents.order(session, house.an, form, Setting(), f"d{case}" * 8, settings(), NOON)
        document_files.keep(session, paper, {"pdf": b"%PDF", "docx": b"PK"}, ring, NOON)
        sent = HandoverRow(
            reference=f"H-{case}",
            case_id=case,
            center_id=house.an.center_id,
            unit_id="2025:04978",
            province_id="2025:25",
            recipient=word,
            way="link",
            urgent=True,
            packet={"request": word},
            state="accepted",
            sent_by=house.an.staff_id,
            sent_at=NOON,
            due_at=NOON,
            rings_at=NOON,
            answered_at=NOON,
        )
        session.add(sent)
        session.flush()
        session.add(HandoverEventRow(handover_id=sent.id, at=NOON, kind="accept", text=word))
        close(house, session.get_one(CaseRow, case))
    return case


def close(_house: House, row: CaseRow) -> None:
    row.state, row.closed_at, row.due_at = "closed", NOON, None


def ended(house: House) -> int:
    return erasing.run(house.db, rule(Kept.CASE), LATER)


def where_is(house: House, *words: str) -> set[str]:
    """Columns in which one of these words stands."""
    found = set()
    with reading(house.db) as session:
        for table in Base.metadata.sorted_tables:
            for column in table.c:
                if table.name in _LEFT or isinstance(column.type, LargeBinary):
                    continue
                values = "\n".join(str(one) for one in session.scalars(select(column)))
                found |= {f"{table.name}.{column.name}" for word in words if word in values}
    return found


def test_no_word_of_an_ended_case_is_left_and_the_figures_are_as_before(house: House) -> None:
    case = told_case(house)
    with transaction(house.db) as session:
        officer = factories.person(session, Role.COMMUNE_OFFICER, unit="2025:04978")
    office = office_systems.OfficeSystem(1, "", officer.unit, "", NOON, None)
    handed = select(HandoverRow.id).where(reachable_handovers(officer))
    words = (WORD, "Bà Tư", "Bé Na", "0912345678", "Bác sĩ Hoa", "hết sợ", "Đã làm")
    year = periods.year(2026)
    with reading(house.db) as session:
        assert len(session.scalars(handed).all()) == 1
        before = report.figures(session, year, LATER)
        call = session.scalars(select(RecordRow.call_id)).one()
        assert (
            erasing.preview(session, settings().model_copy(update={"keep_case_days": 365}), LATER)[
                list(Kept).index(Kept.CASE)
            ].count
            == 1
        )
    assert {"case_event.text", "case_plan_result.text", "handover.packet"} <= where_is(house, *words)
    assert ended(house) == 1
    assert where_is(house, *words) == set()
    assert not files(house, CallId(call or ""))
    with reading(house.db) as session:
        assert report.figures(session, year, LATER) == before
        row = session.get_one(CaseRow, case)
        assert (row.erased_at, row.place, row.commune, row.province) == (LATER, "", None, "2025:25")
        for gone in (CaseAttachmentRow, DocumentFileRow, HandoverEventRow):
            assert session.scalar(select(func.count()).select_from(gone)) == 0
        assert session.scalars(select(SearchRow).where(SearchRow.kind == CASE)).all() == []
        assert session.scalars(select(DocumentRow.symbol)).one()
        assert {one.kind for one in session.scalars(select(CaseEventRow))} <= {"opened", "step"}
        assert session.scalars(select(CaseDeletionRow.case_id)).all() == [case]
        (certificate,) = certificates.everything(session)
        assert (certificate.kind, list(certificate.ids), certificate.files) == ("case", [str(case)], 1)
        assert certificate.faults == ()
        with pytest.raises(NotVisible):
            cases.case(session, house.lead, case, LATER)
        with pytest.raises(NotVisible):
            office_systems.received(session, office, f"H-{case}")
        assert session.scalars(handed).all() == []
    assert ended(house) == 0


def test_what_was_merged_goes_with_its_case_or_not_at_all(house: House) -> None:
    into, one = (case_of(house, written(house, talk(house, sound=False), None)) for _ in range(2))
    with transaction(house.db) as session:
        joining.merge(session, house.lead, one, into, "một vụ", NOON)
        close(house, session.get_one(CaseRow, into))
        session.get_one(CaseRow, one).closed_at = LATER
    assert ended(house) == 0
    with transaction(house.db) as session:
        session.get_one(CaseRow, one).closed_at = NOON
        number = session.get_one(CaseRow, one).number
        hold = legal_holds.put(session, house.lead, Held.CASE, number, "Tòa hỏi", None, NOON)
    assert ended(house) == 0
    with transaction(house.db) as session:
        legal_holds.lift(session, house.lead, hold, "xong", NOON)
    assert ended(house) == 2
    with reading(house.db) as session:
        assert session.scalars(select(RecordRow.erased_at)).all() == [LATER, LATER]
        assert set(session.scalars(select(CaseDeletionRow.case_id))) == {into, one}


@pytest.mark.parametrize("kind", [Held.CASE, Held.RECORD, Held.CALL])
def test_a_hold_on_a_case_or_on_what_is_in_it_keeps_it(house: House, kind: Held) -> None:
    case = told_case(house)
    with transaction(house.db) as session:
        record = session.scalars(select(RecordRow)).one()
        named = {
            Held.CASE: session.get_one(CaseRow, case).number,
            Held.RECORD: str(record.id),
            Held.CALL: record.call_id or "",
        }
        hold = legal_holds.put(session, house.lead, kind, named[kind], "Công an hỏi", None, NOON)
    assert ended(house) == 0
    assert "case_event.text" in where_is(house, WORD)
    with transaction(house.db) as session:
        legal_holds.lift(session, house.lead, hold, "xong", NOON)
    assert ended(house) == 1


def test_cases_that_are_open_young_of_trafficking_or_with_therapy_stay(house: House) -> None:
    still, young, sold, treated = (
        case_of(house, written(house, talk(house, sound=False), None)) for _ in range(4)
    )
    with transaction(house.db) as session:
        for case in (young, sold, treated):
            close(house, session.get_one(CaseRow, case))
        session.get_one(CaseRow, young).closed_at = LATER - timedelta(days=1)
        session.get_one(CaseRow, sold).trafficking = True
        child = session.scalar(text("SELECT min(id) FROM record_person"))
        session.add(
            TherapyReferralRow(
                case_id=treated,
                child_id=child,
                asked_by="t" * 20,
                reason="sợ",
                state="ended",
                referred_by=house.an.staff_id,
                referred_at=NOON,
            )
        )
    assert ended(house) == 0
    with reading(house.db) as session:
        assert session.get_one(CaseRow, still).erased_at is None


class Killed(BaseException):
    pass


def test_a_run_that_is_killed_in_the_middle_leaves_nothing_half(house: House) -> None:
    """Killed when its timeline and papers were gone and its own row was to be written."""
    told_case(house)
    before = where_is(house, WORD)

    def kill(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE case_file SET"):
            raise Killed

    event.listen(house.db, "before_cursor_execute", kill)
    try:
        with pytest.raises(Killed):
            ended(house)
    finally:
        event.remove(house.db, "before_cursor_execute", kill)
    with reading(house.db) as session:
        assert where_is(house, WORD) == before
        assert session.scalars(select(DeletionRow)).all() == []
        assert session.scalars(select(CaseDeletionRow)).all() == []
    assert ended(house) == 1
    assert where_is(house, WORD) == set()


def test_nobody_else_changes_the_timeline_or_the_ledger(house: House) -> None:
    """Neither of the case that stays nor with the ledger naming another."""
    told_case(house)
    assert ended(house) == 1
    told_case(house, "khác")
    for statement in (
        "DELETE FROM case_event",
        "UPDATE case_event SET code = 'x'",
        "DELETE FROM case_plan_result",
        "UPDATE case_plan_result SET outcome = 'x'",
        "UPDATE case_deletion SET deletion_id = 1",
        "DELETE FROM case_deletion",
    ):
        with pytest.raises(DBAPIError, match="append-only"), transaction(house.db) as session:
            session.execute(text(statement))


def test_the_ledger_names_no_case_that_is_not_certified_closed_and_free(house: House) -> None:
    first = told_case(house)
    assert ended(house) == 1
    case = told_case(house)
    with reading(house.db) as session:
        certificate = session.scalars(select(DeletionRow.id)).one()
    assert first != case
    naming = text("INSERT INTO case_deletion (case_id, deletion_id) VALUES (:case, :by)")
    with pytest.raises(DBAPIError, match="not due"), transaction(house.db) as session:
        session.execute(naming, {"case": case, "by": certificate})
    for held in (False, True):
        with transaction(house.db) as session:
            made = certificates.write(session, rule(Kept.CASE), [str(case)], 0, LATER)
            row = session.get_one(CaseRow, case)
            row.closed_at = NOON if held else None
            if held:
                legal_holds.put(session, house.lead, Held.CASE, row.number, "Tòa hỏi", None, NOON)
        with pytest.raises(DBAPIError, match="not due"), transaction(house.db) as session:
            session.execute(naming, {"case": case, "by": made})

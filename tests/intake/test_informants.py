"""Who told it and wishes not to be known any more: nowhere to be read, and the evidence is untouched."""

import pytest
from sqlalchemy import select

from hotline import keyring
from hotline.access import Role, Viewer
from hotline.db import reading, transaction
from hotline.errors import Conflict, NotVisible
from hotline.ids import CaseId, RecordId
from hotline.settings import settings
from intake import search
from intake.cases import case_owners, cases
from intake.documents import document_files, documents, filled_forms
from intake.documents.documents import Level, Setting
from intake.forms.informants import MASK
from intake.handovers import case_handovers
from intake.records import records
from intake.tables.documents import FormRejectedRow
from intake.tables.records import RecordRevisionRow
from tests import factories
from tests.factories import NOON, Story
from tests.intake.conftest import House

TOLD = {"caller_name": "Bà Đào", "call_back": "sau 21 giờ", "content": "Cô Đào thấy bé bị đánh"}
SAID = {"informant_agreed": "1", "informant_name": "Bà Đào"}


@pytest.fixture
def record(house: House) -> RecordId:
    story = Story().answered_call()
    house.apply(story)
    made = house.record_of(story)
    _write(house, made, 0, TOLD, "one")
    return made


@pytest.fixture
def opened(house: House, record: RecordId) -> CaseId:
    with transaction(house.db) as session:
        return cases.open_from_record(session, house.an, record, NOON)


def _write(house: House, record: RecordId, base: int, typed: dict[str, str], tab: str) -> None:
    with transaction(house.db) as session:
        records.autosave(session, house.an, record, base, typed, NOON, tab)


def _history(house: House, record: RecordId) -> list[tuple[str, str]]:
    with transaction(house.db) as session:
        found = records.history(session, house.an, record, NOON)
    return [one.fields["caller_name"] for one in found if "caller_name" in one.fields]


def test_what_a_record_told_before_the_wish_is_masked_and_not_found(
    house: House, record: RecordId
) -> None:
    _write(house, record, 0, {"caller_name": "Bà Mận"}, "two")  # lost to the first, and kept beside it
    assert _history(house, record) == [("", "Bà Đào")]
    _write(house, record, 1, {"caller_name": "", "anonymous": "1"}, "one")
    assert _history(house, record) == [(MASK, ""), ("", MASK)]
    with transaction(house.db) as session:
        seen = records.record(session, house.an, record, NOON)
        assert [one.value for one in seen.rejected] == [MASK]
        assert not search.search(session, house.an, "21 giờ", NOON).hits
        kept = session.scalars(select(RecordRevisionRow).order_by(RecordRevisionRow.number)).first()
        assert kept is not None
        assert kept.changes["caller_name"] == ["", "Bà Đào"]
    _write(house, record, 2, {"anonymous": ""}, "one")
    assert _history(house, record) == [("Bà Đào", ""), ("", "Bà Đào")]
    with transaction(house.db) as session:
        assert search.search(session, house.an, "21 giờ", NOON).hits


def test_a_name_that_was_taken_back_is_still_blotted_out_of_what_a_commune_gets(
    house: House, record: RecordId, opened: CaseId
) -> None:
    _write(house, record, 1, {"caller_name": "", "anonymous": "1"}, "one")
    with transaction(house.db) as session:
        told = case_handovers.told_by_records(session, house.an, opened)
    assert told == f"{MASK} thấy bé bị đánh"


def _form(house: House, case: CaseId) -> int:
    with transaction(house.db) as session:
        form = filled_forms.open_form(session, house.an, case, "reception", None, "a" * 16, NOON)
        filled_forms.save(session, house.an, form, 0, SAID, NOON)
    return form


def _document(house: House, form: int, level: Level, token: str = "d") -> int:
    with transaction(house.db) as session:
        setting = Setting(level=level)
        made = documents.order(session, house.an, form, setting, token * 16, settings(), NOON)
        files = {"pdf": b"%PDF", "docx": b"PK"}
        document_files.keep(session, made, files, keyring.recording_keys(settings()), NOON)
    return made


def _fetch(house: House, document: int, by: Viewer) -> bytes:
    with transaction(house.db) as session:
        ring = keyring.recording_keys(settings())
        return document_files.fetch(session, by, document, "pdf", ring, NOON).content


def test_consent_that_was_withdrawn_stays_so_and_takes_its_documents_back(
    house: House, opened: CaseId
) -> None:
    form = _form(house, opened)
    document = _document(house, form, Level.CONFIDENTIAL)
    assert _fetch(house, document, house.lead) == b"%PDF"
    with transaction(house.db) as session:
        queued = documents.order(session, house.an, form, Setting(), "q" * 16, settings(), NOON)
        clash = {"informant_name": "Bà Mận", "informant_agreed": "1"}
        assert filled_forms.save(session, house.lead, form, 0, clash, NOON).clashes
        filled_forms.save(session, house.an, form, 1, {"informant_agreed": ""}, NOON)
        assert session.scalar(select(FormRejectedRow.id)) is None
    with transaction(house.db) as session:
        # a page that was opened before, and sends all that it holds
        late = SAID | {"informant_phone": "0912345678", "family": "ở với bà"}
        filled_forms.save(session, house.lead, form, 1, late, NOON)
        shown = filled_forms.filled_form(session, house.lead, form, NOON)
        assert (shown.values.get("family"), set(shown.values) & set(SAID)) == ("ở với bà", set())
        assert "informant_phone" not in shown.values
        order = document_files.to_make(session, queued)
        assert order is not None
        assert "informant_name" not in order.values
        assert documents.document(session, house.an, document)[0].consent_gone
    for viewer in (house.an, house.lead):
        with pytest.raises(Conflict):
            _fetch(house, document, viewer)
    plain = _document(house, form, Level.CONFIDENTIAL, "n")
    assert _fetch(house, plain, house.lead) == b"%PDF"


def test_a_strict_document_is_for_fewer_than_its_case(house: House, opened: CaseId) -> None:
    """Đ24.3. An opened the case and had one made, Bình holds it now; the department reads the case."""
    with transaction(house.db) as session:
        department = factories.person(session, Role.DEPARTMENT, at=factories.center(session))
        case_owners.hand_on(session, house.lead, opened, house.binh.staff_id, "nghỉ", NOON)
    form = _form(house, opened)
    strict = _document(house, form, Level.STRICT)
    for viewer in (house.an, house.binh, house.lead):
        assert _fetch(house, strict, viewer) == b"%PDF"
    with transaction(house.db) as session:
        assert filled_forms.filled_form(session, department, form, NOON).id == form
        assert not documents.of_form(session, department, form)[0].within_reach
    for viewer in (department, house.far, house.far_lead):
        with pytest.raises(NotVisible):
            _fetch(house, strict, viewer)
    assert _fetch(house, _document(house, form, Level.CONFIDENTIAL, "c"), department) == b"%PDF"
    with transaction(house.db) as session:
        quick = filled_forms.open_form(session, house.lead, opened, "quick_report", None, "q" * 16, NOON)
        made = documents.order(
            session, house.binh, quick, Setting(level=Level.STRICT), "k" * 16, settings(), NOON
        )
        ring = keyring.recording_keys(settings())
        document_files.keep(session, made, {"pdf": b"%PDF"}, ring, NOON)
    assert _fetch(house, made, department) == b"%PDF"  # it is written for them
    with pytest.raises(NotVisible):
        _fetch(house, made, house.an)  # who opened the case, and neither holds it nor had it made
    with reading(house.db) as session:
        assert documents.of_form(session, house.binh, quick)[0].within_reach

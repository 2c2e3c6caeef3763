"""Statutory forms of a case: opened, written by several, made into documents."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from hotline import keyring
from hotline.access import Viewer
from hotline.audit import Act, AuditRow
from hotline.db import reading, transaction
from hotline.errors import BadInput, Conflict, FieldErrors, NotVisible
from hotline.ids import CaseId
from hotline.sealed import SealBroken
from hotline.settings import settings
from intake import recording_keys
from intake.cases import cases, joining
from intake.documents import document_files, documents, filled_forms
from intake.documents.documents import DocumentView, Setting, State
from intake.documents.filled_forms import FilledForm, SavedForm
from intake.records import records
from intake.tables.documents import DocumentFileRow, FormRejectedRow, FormRevisionRow
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.queries import counted

LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def opened(house: House) -> CaseId:
    return _case(house, {"child.1.name": "Bé Na", "child.2.name": "Bé Bo", "caller_name": "Bà Tư"})


def _case(house: House, typed: dict[str, str]) -> CaseId:
    story = Story().answered_call()
    house.apply(story)
    record = house.record_of(story)
    with transaction(house.db) as session:
        records.autosave(session, house.an, record, 0, typed, NOON)
        return cases.open_from_record(session, house.an, record, NOON)


def _open(
    house: House, case: CaseId, code: str = "reception", token: str = "a" * 16, child: int = 0
) -> int:
    with transaction(house.db) as session:
        shown = cases.case(session, house.an, case, NOON)
        child_id = shown.children[child].id
        return filled_forms.open_form(session, house.an, case, code, child_id, token, NOON)


def _see(house: House, form: int, by: Viewer | None = None) -> FilledForm:
    with transaction(house.db) as session:
        return filled_forms.filled_form(session, by or house.an, form, LATER)


def _save(
    house: House, form: int, base: int, typed: dict[str, str], by: Viewer | None = None
) -> SavedForm:
    with transaction(house.db) as session:
        return filled_forms.save(session, by or house.an, form, base, typed, LATER)


def _order(house: House, form: int, token: str = "d" * 16) -> int:
    with transaction(house.db) as session:
        return documents.order(session, house.an, form, Setting("", "An"), token, settings(), LATER)


def _make(house: House, document: int, content: bytes = b"%PDF made") -> None:
    with transaction(house.db) as session:
        assert document_files.to_make(session, document) is not None
        ring = keyring.recording_keys(settings())
        document_files.keep(session, document, {"pdf": content, "docx": b"PK"}, ring, LATER)


def _document(house: House, document: int) -> DocumentView:
    with reading(house.db) as session:
        return documents.document(session, house.an, document)[0]


def test_a_form_is_opened_once_with_what_is_known_of_its_child(house: House, opened: CaseId) -> None:
    form = _open(house, opened, child=1)
    assert _open(house, opened, child=0) == form
    shown = _see(house, form)
    assert shown.child is not None
    assert (shown.child.name, shown.values["child_name"], shown.values["through"]) == (
        "Bé Bo",
        "Bé Bo",
        "phone",
    )
    assert shown.carried == shown.values.keys()
    assert "Bà Tư" not in str(shown.values)
    assert shown.editable
    assert _save(house, form, 0, {"child_name": "Bùi Bo", "through": "phone"}).revision == 1
    shown = _see(house, form)
    assert "child_name" not in shown.carried
    assert "through" in shown.carried


def test_two_who_write_at_once_lose_nothing(house: House, opened: CaseId) -> None:
    form = _open(house, opened)
    assert _save(house, form, 0, {"family": "ở với bà", "caregiver": "bà nội"}).clashes == {}
    again = _save(house, form, 0, {"family": "ở với bà", "caregiver": "bà nội"})  # the answer was lost
    assert (again.revision, again.clashes) == (1, {})
    saved = _save(
        house, form, 0, {"family": "ở với mẹ", "caregiver": "", "condition": "tay sưng"}, house.lead
    )
    clash = saved.clashes["family"]
    assert (clash.theirs, clash.yours, clash.who.id) == ("ở với bà", "ở với mẹ", house.an.staff_id)
    assert saved.clashes.keys() == {"family"}  # the caregiver was not touched on that page
    shown = _see(house, form)
    assert (shown.values["family"], shown.values["condition"]) == ("ở với bà", "tay sưng")
    with reading(house.db) as session:
        kept = filled_forms.rejected(session, form)
        assert [(one.field, one.value, one.reason) for one in kept] == [
            ("family", "ở với mẹ", "conflict")
        ]
        numbers = session.scalars(select(FormRevisionRow.number).order_by(FormRevisionRow.number)).all()
    assert numbers == [1, 2]
    assert _save(house, form, 2, {"family": "ở với mẹ"}, house.lead).clashes == {}


def test_one_wrong_field_does_not_keep_the_others_out(house: House, opened: CaseId) -> None:
    form = _open(house, opened)
    saved = _save(house, form, 0, {"birth_date": "hè 2017", "father_age": "41", "nonsense": "x"})
    assert saved.errors == {"birth_date": "not_a_date", "nonsense": "unknown_field"}
    assert _see(house, form).values["father_age"] == "41"
    with reading(house.db) as session:
        assert {one.value for one in filled_forms.rejected(session, form)} == {"hè 2017", "x"}
    with pytest.raises(BadInput):
        _save(house, form, 99, {})


def test_who_told_it_is_kept_only_while_they_agree(house: House, opened: CaseId) -> None:
    form = _open(house, opened)
    saved = _save(house, form, 0, {"informant_agreed": "", "informant_name": "Bà Tư"})
    assert saved.errors == {"informant_name": "needs_consent"}
    with reading(house.db) as session:
        assert session.scalar(select(FormRejectedRow.id)) is None
    saved = _save(house, form, 0, {"informant_agreed": "1", "informant_name": "Bà Tư"})
    assert _see(house, form).values["informant_name"] == "Bà Tư"
    _save(house, form, saved.revision, {"informant_agreed": ""})
    assert "informant_name" not in _see(house, form).values


def test_forms_and_documents_are_for_those_of_the_case(house: House, opened: CaseId) -> None:
    form = _open(house, opened)
    document = _order(house, form)
    _make(house, document)
    ring = keyring.recording_keys(settings())
    for stranger in (house.binh, house.far, house.far_lead, house.admin):
        for refused in (
            lambda s, by: filled_forms.filled_form(s, by, form, LATER),
            lambda s, by: filled_forms.save(s, by, form, 0, {"family": "x"}, LATER),
            lambda s, by: filled_forms.open_form(s, by, opened, "plan", None, "p" * 16, LATER),
            lambda s, by: documents.order(s, by, form, Setting(), "o" * 16, settings(), LATER),
            lambda s, by: documents.withdraw(s, by, document, "sai", LATER),
            lambda s, by: document_files.fetch(s, by, document, "pdf", ring, LATER),
        ):
            with transaction(house.db) as session, pytest.raises(NotVisible):
                refused(session, stranger)
    with transaction(house.db) as session:
        file = document_files.fetch(session, house.lead, document, "pdf", ring, LATER)
    assert (file.content, file.name) == (b"%PDF made", f"2026-HN-000001-reception-{document}.pdf")
    with reading(house.db) as session:
        seen = session.execute(
            select(AuditRow.act, AuditRow.staff_id, AuditRow.detail)
            .where(AuditRow.object_kind == "document")
            .order_by(AuditRow.id)
        ).all()
    assert seen[-1] == (Act.SEE, house.lead.staff_id, "pdf")


def test_a_document_says_what_was_saved_when_it_was_ordered(house: House, opened: CaseId) -> None:
    form = _open(house, opened)
    _save(house, form, 0, {"family": "ở với bà"})
    document = _order(house, form)
    assert _order(house, form) == document  # pressed twice
    _save(house, form, 1, {"family": "ở với mẹ"})
    with reading(house.db) as session:
        order = document_files.to_make(session, document)
    assert order is not None
    assert (order.values["family"], order.symbol, order.setting.signer) == (
        "ở với bà",
        "01/BC-TĐ111-HN",
        "An",
    )
    assert _document(house, document).state is State.QUEUED
    _make(house, document)
    shown = _document(house, document)
    assert (shown.state, shown.form_revision) == (State.READY, 1)
    assert [(one.kind, one.sha256) for one in shown.files] == [
        ("pdf", sha256(b"%PDF made").hexdigest()),
        ("docx", sha256(b"PK").hexdigest()),
    ]


def test_numbers_run_by_kind_and_year_and_never_twice(house: House, opened: CaseId) -> None:
    form, plan = _open(house, opened), _open(house, opened, "plan", "p" * 16)
    decision = _open(house, opened, "separation", "s" * 16)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: _order(house, form, f"{n:016}"), range(4)))
    symbols = {_document(house, one).symbol for one in made}
    assert symbols == {f"0{n}/BC-TĐ111-HN" for n in range(1, 5)}
    assert _document(house, _order(house, plan, "k" * 16)).symbol == "01/KH-TĐ111-HN"
    assert _document(house, _order(house, decision, "q" * 16)).symbol == "....../QĐ-UBND"


def test_a_withdrawn_document_stays_on_record_and_is_given_out_no_more(
    house: House, opened: CaseId
) -> None:
    document = _order(house, _open(house, opened))
    _make(house, document)
    with transaction(house.db) as session, pytest.raises(FieldErrors):
        documents.withdraw(session, house.an, document, "  ", LATER)
    for why in ("nhầm tên trẻ", "lần sau"):
        with transaction(house.db) as session:
            documents.withdraw(session, house.an, document, why, LATER)
    assert _document(house, document).withdrawn_why == "nhầm tên trẻ"
    with transaction(house.db) as session:
        told = [
            one for one in cases.case(session, house.an, opened, LATER).events if one.kind == "document"
        ]
    assert [(one.code, one.text, one.answers["symbol"]) for one in reversed(told)] == [
        ("ordered", "", "01/BC-TĐ111-HN"),
        ("withdrawn", "nhầm tên trẻ", "01/BC-TĐ111-HN"),
    ]
    with transaction(house.db) as session, pytest.raises(Conflict):
        document_files.fetch(
            session, house.an, document, "pdf", keyring.recording_keys(settings()), LATER
        )


def test_a_document_that_failed_says_so_and_is_made_again_under_its_number(
    house: House, opened: CaseId
) -> None:
    document = _order(house, _open(house, opened))
    with transaction(house.db) as session:
        document_files.failed(session, document, "not_made", LATER)
        assert document_files.still_queued(session, LATER + timedelta(hours=1)) == []
    assert _document(house, document).state is State.FAILED
    with transaction(house.db) as session:
        documents.again(session, house.an, document, LATER)
        assert document_files.still_queued(session, LATER + timedelta(hours=1)) == [document]
    _make(house, document)
    assert _document(house, document).symbol == "01/BC-TĐ111-HN"
    with transaction(house.db) as session, pytest.raises(Conflict):
        documents.again(session, house.an, document, LATER)


def test_files_are_sealed_and_follow_a_new_key(house: House, opened: CaseId) -> None:
    document = _order(house, _open(house, opened))
    _make(house, document)
    with reading(house.db) as session:
        row = session.get_one(DocumentFileRow, (document, "pdf"))
        assert b"%PDF" not in row.sealed
    assert document_files.SEALED.check(house.db, keyring.recording_keys(settings())) == (2, {})
    keyring.add_to_file(settings())
    ring = keyring.recording_keys(settings())
    assert recording_keys.rekey(house.db, ring) == recording_keys.Rekeyed(2, {})
    assert document_files.SEALED.check(house.db, ring[:1]) == (2, {})
    with transaction(house.db) as session:
        row = session.get_one(DocumentFileRow, (document, "pdf"))
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    with transaction(house.db) as session, pytest.raises(SealBroken):
        document_files.fetch(session, house.an, document, "pdf", ring, LATER)
    whole, wrong = document_files.SEALED.check(house.db, ring)
    assert (whole, list(wrong)) == (1, [f"document/{document}/pdf"])


def test_the_forms_of_a_merged_case_are_read_and_written_where_it_stands(
    house: House, opened: CaseId
) -> None:
    form = _open(house, opened)
    other = _case(house, {"child.1.name": "Bé Na"})
    with transaction(house.db) as session:
        joining.merge(session, house.an, opened, other, "cùng một vụ", LATER)
    assert _see(house, form).case_id == other
    assert _save(house, form, 0, {"family": "ở với bà"}).revision == 1
    with reading(house.db) as session:
        assert [one.id for one in filled_forms.of_cases(session, [other, opened])] == [form]


def test_a_list_of_forms_asks_no_more_for_more_of_them(house: House, opened: CaseId) -> None:
    def asked() -> int:
        with reading(house.db) as session, counted(house.db) as statements:
            filled_forms.of_cases(session, [opened])
            documents.of_cases(session, house.an, [opened])
        return len(statements)

    _order(house, _open(house, opened))
    few = asked()
    for n in range(3):
        _order(house, _open(house, opened, token=f"{n:016}"), f"x{n:015}")
    assert asked() == few <= 4

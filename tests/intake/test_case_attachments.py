"""Files of cases: judged by content, called by a harmless name, sealed, given out by right."""

import pytest
from sqlalchemy import select

from hotline import audit, keyring
from hotline.db import reading, transaction
from hotline.errors import FieldErrors, NotVisible
from hotline.ids import CaseId
from hotline.sealed import Key, KeyRing
from hotline.settings import settings
from intake.cases import case_attachments, cases
from intake.reports import attachment_names, attachments
from intake.tables.case_files import CaseAttachmentRow
from tests.factories import NOON, Story
from tests.intake.conftest import House

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture" * 40
PDF = b"%PDF-1.7\n" + b"a paper" * 40


@pytest.fixture
def opened(house: House) -> CaseId:
    story = Story().answered_call()
    house.apply(story)
    with transaction(house.db) as session:
        return cases.open_from_record(session, house.an, house.record_of(story), NOON)


def _add(house: House, case_id: CaseId, *files: tuple[str, bytes]) -> dict[str, attachments.Refused]:
    with transaction(house.db) as session:
        ring = keyring.recording_keys(settings())
        return case_attachments.add(session, house.an, case_id, files, "Ảnh ở trạm y tế", ring, NOON)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("vết thương.JPG", "vết thương.png"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\ảnh\\tay.png", "tay.png"),
        ("đơn.pdf.exe", "đơn pdf.png"),
        ("ảnh\u202egnp.exe", "ảnhgnp.png"),
        (".htaccess", "htaccess.png"),
        ('a<b>"c"|d?.png', "a b c d.png"),
        ("", "2026-1.png"),
        ("x" * 300 + ".png", "x" * 100 + ".png"),
    ],
)
def test_a_name_is_made_harmless_and_ends_as_the_file_is(name: str, called: str) -> None:
    assert attachment_names.cleaned(name, "image/png", "2026-1") == called


def test_what_can_be_taken_in_is_and_the_rest_is_said_by_name(house: House, opened: CaseId) -> None:
    refused = _add(
        house,
        opened,
        ("tay.png", PNG),
        ("chương trình.pdf", b"MZ\x90\x00"),
        ("trống.png", b""),
        ("to.png", PNG + bytes(attachments.LARGEST)),
        ("đơn.png", PDF),
    )
    assert refused == {
        "chương trình.pdf": "type_not_allowed",
        "trống.png": "empty",
        "to.png": "too_large",
    }
    with reading(house.db) as session:
        files = case_attachments.of_case(session, house.an, opened)
        rows = session.execute(select(CaseAttachmentRow.sealed)).scalars().all()
    assert [(one.name, one.kind) for one in files] == [
        ("đơn.pdf", "application/pdf"),
        ("tay.png", "image/png"),
    ]
    assert not any(b"a picture" in row or b"a paper" in row for row in rows), "sealed at rest"
    with pytest.raises(FieldErrors):
        _add(house, opened)


def test_what_a_page_sends_again_is_kept_once_and_another_file_is_another(
    house: House, opened: CaseId
) -> None:
    ring = keyring.recording_keys(settings())
    for name, content in (
        ("tay.png", PNG),
        ("tay.png", PNG),
        ("tay.png", PNG + b"!"),
        ("chân.png", PNG),
    ):
        with transaction(house.db) as session:
            case_attachments.add(session, house.an, opened, [(name, content)], "", ring, NOON, "1-2-3")
    with reading(house.db) as session:
        names = [one.name for one in case_attachments.of_case(session, house.an, opened)]
    assert names == ["chân.png", "tay.png", "tay.png"]


def test_a_file_is_fetched_by_right_and_on_record(house: House, opened: CaseId) -> None:
    _add(house, opened, ("tay.png", PNG))
    ring = keyring.recording_keys(settings())
    with transaction(house.db) as session:
        (file,) = case_attachments.of_case(session, house.lead, opened)
        whole = case_attachments.fetch(session, house.lead, opened, file.id, ring, NOON)
    assert (whole.name, whole.content) == ("tay.png", PNG)
    with reading(house.db) as session:
        noted = session.scalars(
            select(audit.AuditRow.staff_id)
            .where(audit.AuditRow.object_kind == "case_file")
            .order_by(audit.AuditRow.id)
        ).all()
        assert noted == [house.an.staff_id, house.lead.staff_id]
        assert case_attachments.of_case(session, house.far_lead, opened) == []
    for viewer, case_id in ((house.far_lead, opened), (house.lead, CaseId(opened + 1))):
        with transaction(house.db) as session, pytest.raises(NotVisible):
            case_attachments.fetch(session, viewer, case_id, file.id, ring, NOON)


def test_a_file_and_its_entry_are_there_together_or_not_at_all(house: House, opened: CaseId) -> None:
    def add_and_die() -> None:
        with transaction(house.db) as session:
            ring = keyring.recording_keys(settings())
            case_attachments.add(session, house.an, opened, [("tay.png", PNG)], "", ring, NOON)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_and_die()
    with transaction(house.db) as session:
        assert case_attachments.of_case(session, house.an, opened) == []
        events = cases.case(session, house.an, opened, NOON).events
        assert [one.kind for one in events] == ["opened"]


def test_files_change_their_key_with_the_recordings(house: House, opened: CaseId) -> None:
    old: KeyRing = keyring.recording_keys(settings())
    _add(house, opened, ("tay.png", PNG))
    ring = [Key(b"n" * 32), *old]
    assert case_attachments.SEALED.rekey(house.db, ring) == (1, {})
    assert case_attachments.SEALED.rekey(house.db, ring) == (0, {})
    assert case_attachments.SEALED.check(house.db, ring[:1]) == (1, {})

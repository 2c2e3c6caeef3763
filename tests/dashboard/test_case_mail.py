"""E-mails about late cases, on a real SMTP server: once each, tried again, and without any name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select, update

from dashboard import case_mail
from hotline import doctor, staff
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.findings import Grade
from hotline.ids import CaseId
from hotline.settings import Settings
from intake.cases import case_mails, case_warnings, cases
from intake.tables.cases import CaseRow
from intake.tables.flow import CaseMailRow
from tests.dashboard.conftest import Browser, Face


@dataclass
class Mailbox:
    """What the server took; `refuses`: so many times it says to try later."""

    taken: list[Envelope] = field(default_factory=list)
    refuses: int = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.refuses:
            self.refuses -= 1
            return "451 try later"
        self.taken.append(envelope)
        return "250 OK"

    def texts(self) -> list[str]:
        read = [
            message_from_bytes(each.original_content or b"", policy=policy.default)
            for each in self.taken
        ]
        return [f"{one['Subject']}\n{one.get_content()}" for one in read]


class _AnyPort(Controller):
    """Learns its port from the system before it looks whether it answers."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch, settings: Callable[[], Settings]) -> Iterator[Mailbox]:
    kept = Mailbox()
    server = _AnyPort(kept, hostname="127.0.0.1", port=0)
    server.start()
    monkeypatch.setenv("TONGDAI_SMTP_HOST", f"127.0.0.1:{server.port}")
    monkeypatch.setenv("TONGDAI_SMTP_SECURITY", "none")
    monkeypatch.setenv("TONGDAI_SMTP_SENDER", "111@tongdai.example")
    monkeypatch.setenv("TONGDAI_PUBLIC_URL", "https://111.example")
    settings()
    yield kept
    server.stop()


@pytest.fixture
def late(face: Face, an: Browser) -> CaseId:
    """A case whose lead was told an hour ago; its owner and the lead have addresses."""
    record = face.record_of(face.past(face.an), face.an)
    an.save(record, 0, {"place": "thôn Bãi", "child.1.name": "Bé Na"})
    case = face.open_case(record, face.an)
    with transaction(face.db) as session:
        staff.put_email(session, face.an.login, "an@tongdai.example")
        staff.put_email(session, face.lead.login, "lan@tongdai.example")
        session.execute(update(CaseRow).values(due_at=utc_now() - timedelta(minutes=15)))
    return case


def _rows(face: Face) -> list[CaseMailRow]:
    with reading(face.db) as session:
        return list(session.scalars(select(CaseMailRow).order_by(CaseMailRow.id)))


def test_who_is_told_is_written_to_once_with_a_link_and_no_name(
    face: Face, mailbox: Mailbox, late: CaseId
) -> None:
    for _ in range(2):
        case_warnings.watch(face.db, utc_now(), writes=True)
        case_mail.sweep()
    assert [each.rcpt_tos for each in mailbox.taken] == [["an@tongdai.example"], ["lan@tongdai.example"]]
    owner, lead = mailbox.texts()
    assert "đã quá hạn" in owner
    assert "cần trưởng ca" in lead
    for text in (owner, lead):
        assert f"https://111.example/cases/{late}" in text
        for secret in ("Bé Na", "thôn Bãi", "0912345678", "Nguyễn Thị An", "Chuyển tin"):
            assert secret not in text


def test_a_server_that_refuses_is_tried_again_later(face: Face, mailbox: Mailbox, late: CaseId) -> None:
    mailbox.refuses = 1
    case_warnings.watch(face.db, utc_now(), writes=True)
    case_mail.sweep()
    assert [row.sent_at is None for row in _rows(face)] == [True, False]
    case_mail.sweep()
    assert len(mailbox.taken) == 1, "not at once"
    with transaction(face.db) as session:
        session.execute(
            update(CaseMailRow).where(CaseMailRow.sent_at.is_(None)).values(next_at=utc_now())
        )
    case_mail.sweep()
    assert [each.rcpt_tos for each in mailbox.taken] == [["lan@tongdai.example"], ["an@tongdai.example"]]
    assert [(row.tries, row.next_at) for row in _rows(face)] == [(2, None), (1, None)]


def test_what_is_done_meanwhile_is_not_written_of(face: Face, mailbox: Mailbox, late: CaseId) -> None:
    case_warnings.watch(face.db, utc_now(), writes=True)
    given = {"recipient": "xã", "acknowledged_by": "Ông Hạnh"}
    with transaction(face.db) as session:
        cases.complete_step(session, face.an, late, "report_to_commune", given, utc_now())
    case_mail.sweep()
    assert mailbox.taken == []
    assert [row.next_at for row in _rows(face)] == [None, None]


def test_one_that_another_worker_has_taken_is_left_to_it(
    face: Face, mailbox: Mailbox, late: CaseId
) -> None:
    case_warnings.watch(face.db, utc_now(), writes=True)
    first = _rows(face)[0].id
    with transaction(face.db) as session:
        assert case_mails.take(session, first, utc_now()) is not None
    with transaction(face.db) as session:
        assert case_mails.take(session, first, utc_now()) is None
    case_mail.sweep()
    assert [each.rcpt_tos for each in mailbox.taken] == [["lan@tongdai.example"]]


def test_after_so_many_tries_it_is_given_up(face: Face, late: CaseId) -> None:
    case_warnings.watch(face.db, utc_now(), writes=True)
    first = _rows(face)[0].id
    for tries in range(1, case_mails.TRIES + 1):
        with transaction(face.db) as session:
            session.execute(update(CaseMailRow).values(next_at=utc_now()))
            assert case_mails.take(session, first, utc_now()) is not None
            assert case_mails.failed(session, first, utc_now()) == tries
    assert _rows(face)[0].next_at is None


def test_without_a_server_nothing_is_written_and_the_doctor_says_so(
    face: Face, late: CaseId, settings: Callable[[], Settings]
) -> None:
    case_warnings.sweep()
    assert _rows(face) == []
    (found,) = [one for one in doctor.examine(settings()) if one.subject == "e-mail"]
    assert (found.grade, "TONGDAI_SMTP_HOST" in found.advice) == (Grade.ODD, True)


def test_the_doctor_tries_the_server(mailbox: Mailbox, settings: Callable[[], Settings]) -> None:
    def said(of: Settings) -> Grade:
        return next(one.grade for one in doctor.examine(of) if one.subject == "e-mail")

    assert said(settings()) is Grade.GOOD
    assert said(settings().model_copy(update={"smtp_host": "127.0.0.1:1"})) is Grade.WRONG
    assert said(settings().model_copy(update={"smtp_sender": ""})) is Grade.WRONG

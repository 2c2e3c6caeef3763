"""E-mails about reports, on a real SMTP server: once each, with a link and nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dashboard import official_report_mail, official_report_work
from hotline import alarms, staff
from hotline.alarm_kinds import AlarmKind
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.settings import settings
from intake.official_reports import report_mails
from intake.official_reports.report_rules import State
from intake.tables.official_reports import OfficialReportMailRow, OfficialReportRow
from tests.dashboard.test_case_mail import Mailbox, mailbox
from tests.dashboard.test_official_reports import House, house, scheduled

__all__ = ["house", "mailbox"]


@pytest.fixture
def readers(house: House) -> dict[str, str]:
    """Signer and a named reader have addresses; the other named reader has none."""
    told = {
        "signer": (house.signer.viewer.login, "ky@tongdai.example"),
        "department": (house.face.department.login, "cuc@boyte.example"),
    }
    with transaction(house.face.db) as session:
        for login, address in told.values():
            staff.put_email(session, login, address)
    return {name: address for name, (_, address) in told.items()}


def _sweep(times: int = 1) -> None:
    for _ in range(times):
        official_report_mail.sweep()


def _later(house: House, **changed: object) -> None:
    """The unsent ones are due again."""
    with transaction(house.face.db) as session:
        unsent = OfficialReportMailRow.next_at.is_not(None)
        session.execute(update(OfficialReportMailRow).where(unsent).values(next_at=utc_now(), **changed))


def _alarm(house: House) -> dict[str, str]:
    with reading(house.face.db) as session:
        return alarms.open_of(session, AlarmKind.MAIL)


def test_from_the_schedule_to_the_readers_with_a_link_and_nothing_else(
    house: House, mailbox: Mailbox, readers: dict[str, str]
) -> None:
    scheduled(house, "monthly", reader=str(house.face.department.staff_id), days=40)
    official_report_work.sweep()
    with reading(house.face.db) as session:
        newest = select(OfficialReportRow.id).order_by(OfficialReportRow.since.desc())
        report = session.scalars(newest).first()
    assert report is not None
    official_report_work.make(report)
    _sweep(2)
    assert [one.rcpt_tos for one in mailbox.taken] == [[readers["signer"]]]
    assert house.sign(report) == 303
    official_report_work.make(report)
    official_report_work.make(report)
    _sweep(2)
    assert [one.rcpt_tos for one in mailbox.taken] == [[readers["signer"]], [readers["department"]]]
    to_sign, issued = mailbox.texts()
    assert "chờ ký" in to_sign
    assert "báo cáo số 01/BC-TĐ111 đã ban hành" in issued
    for text in (to_sign, issued):
        assert f"https://111.example/official-reports/{report}" in text
        for secret in ("Mai Thị Ký", "Cao Văn Cục", "0912345678", "Content-Disposition"):
            assert secret not in text
    assert b"application/" not in b"".join(one.original_content or b"" for one in mailbox.taken)


def test_who_was_told_is_told_when_it_is_withdrawn(
    house: House, mailbox: Mailbox, readers: dict[str, str]
) -> None:
    report = house.issued(reader=str(house.face.department.staff_id))
    _sweep()
    why = {"why": "Sai số liệu"}
    assert house.signer.post(f"/official-reports/{report}/withdraw", why).status_code == 303
    _sweep(2)
    assert [one.rcpt_tos[0] for one in mailbox.taken] == [readers["department"]] * 2
    assert "đã thu hồi" in mailbox.texts()[1]
    assert "Sai số liệu" not in mailbox.texts()[1]


def test_a_server_that_refuses_is_tried_again_and_becomes_an_alarm_until_it_takes_it(
    house: House, mailbox: Mailbox, readers: dict[str, str]
) -> None:
    mailbox.refuses = 2
    house.drafted()
    _sweep()
    assert (_alarm(house), mailbox.taken) == ({}, [])
    _later(house, created_at=utc_now() - timedelta(minutes=16))
    _sweep()
    assert _alarm(house) == {"reports": "unsent"}
    _sweep()
    assert mailbox.taken == [], "not at once"
    _later(house)
    _sweep()
    assert (len(mailbox.taken), _alarm(house)) == (1, {})


def test_a_server_that_is_away_is_an_alarm_too(
    house: House, mailbox: Mailbox, readers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house.drafted()
    _later(house, created_at=utc_now() - timedelta(minutes=16))
    monkeypatch.setenv("TONGDAI_SMTP_HOST", "127.0.0.1:1")
    settings.cache_clear()
    _sweep()
    assert _alarm(house) == {"reports": "unsent"}


def test_what_is_not_news_any_more_is_not_written(
    house: House, mailbox: Mailbox, readers: dict[str, str]
) -> None:
    report = house.drafted(reader=str(house.face.department.staff_id))
    assert house.sign(report) == 303, "before the e-mail went out that asks for it"
    _sweep()
    official_report_work.make(report)
    with transaction(house.face.db) as session:
        session.execute(update(OfficialReportRow).values(state=State.WITHDRAWN))
    _sweep()
    assert mailbox.taken == []


def test_one_that_another_worker_has_taken_is_left_to_it(
    house: House, mailbox: Mailbox, readers: dict[str, str]
) -> None:
    house.drafted()
    with transaction(house.face.db) as session:
        (first,) = report_mails.waiting(session, utc_now())
        assert report_mails.take(session, first, utc_now()) is not None
    _sweep()
    assert mailbox.taken == []


def test_without_a_server_nothing_waits_and_the_page_says_so(house: House) -> None:
    house.issued(reader=str(house.face.department.staff_id))
    with reading(house.face.db) as session:
        assert session.scalars(select(OfficialReportMailRow)).all() == []
    assert "Chưa cài máy chủ thư" in house.drafter.get("/report-schedule").text

"""Reports of the house: drafted, signed by another, numbered, kept as signed, withdrawn."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from itertools import count

import docx as python_docx
import pytest
from sqlalchemy import Engine, event, func, select, update

from dashboard import official_report_work
from hotline import keyring
from hotline.access import Role, Viewer
from hotline.audit import AuditRow
from hotline.clock import local, utc_now
from hotline.db import reading, transaction
from hotline.sealed import SealBroken, sealed_bytes
from hotline.settings import settings
from intake.official_reports import report_files, report_schedule
from intake.official_reports.official_reports import Letter
from intake.official_reports.report_rules import Kind, State
from intake.official_reports.report_schedule import Planned
from intake.statistics import periods
from intake.tables.official_reports import OfficialReportFileRow, OfficialReportRow, ReportScheduleRow
from tests import factories
from tests.dashboard import papers
from tests.dashboard.conftest import Browser, Face
from tests.factories import Story
from tests.queries import counted

_TOKENS = count()


@dataclass
class House:
    """Who drafts, who signs, and the calls of last month."""

    face: Face
    drafter: Browser
    signer: Browser

    def call(self) -> None:
        self.face.tell(Story(at=_last_month().starts_at + timedelta(days=3)).answered_call("hn01"))

    def order(self, **changed: str) -> int:
        sent = {
            "token": f"{next(_TOKENS):020}",
            "of": f"monthly {_last_month().since}",
            "approver": str(self.signer.viewer.staff_id),
            "level": "internal",
            **changed,
        }
        answer = self.drafter.post("/official-reports", sent)
        assert answer.status_code == 303, answer.text
        return int(answer.headers["location"].rpartition("/")[2])

    def drafted(self, **changed: str) -> int:
        report = self.order(**changed)
        official_report_work.make(report)
        return report

    def issued(self, **changed: str) -> int:
        report = self.drafted(**changed)
        assert self.sign(report) == 303
        official_report_work.make(report)
        return report

    def row(self, report: int) -> OfficialReportRow:
        with reading(self.face.db) as session:
            return session.get_one(OfficialReportRow, report)

    def sign(self, report: int, by: Browser | None = None) -> int:
        digest = {"digest": self.row(report).digest}
        return (by or self.signer).post(f"/official-reports/{report}/sign", digest).status_code

    def files(self, report: int) -> list[str]:
        with reading(self.face.db) as session:
            kinds = select(OfficialReportFileRow.kind).where(OfficialReportFileRow.report_id == report)
            return sorted(session.scalars(kinds))


def _last_month() -> periods.Period:
    today = local(utc_now()).date()
    return periods.month(today.year, today.month).before()


@pytest.fixture
def house(face: Face) -> House:
    with transaction(face.db) as session:
        second = factories.person(session, Role.CENTER_LEAD, name="Mai Thị Ký")
    made = House(face, face.browser(face.center_lead), face.browser(second))
    made.call()
    return made


def _words(content: bytes) -> str:
    document = python_docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def test_one_drafts_another_signs_and_what_was_signed_is_printed(house: House) -> None:
    report = house.drafted(
        circle="Lãnh đạo Bộ", recipients="Bộ Y tế\nVăn phòng Chính phủ", capacity="Giám đốc"
    )
    page = house.signer.get(f"/official-reports/{report}").text
    digest = house.row(report).digest
    assert "chờ ký" in page
    assert digest in page
    draft = house.signer.get(f"/official-reports/{report}/draft")
    assert draft.content.startswith(b"%PDF")
    assert "du-thao" in draft.headers["content-disposition"]
    house.call()  # what comes to light later changes nothing that was frozen
    assert house.sign(report) == 303
    assert house.signer.get(f"/official-reports/{report}/pdf").status_code == 404
    official_report_work.make(report)
    row = house.row(report)
    assert (row.state, row.symbol, row.digest) == (State.ISSUED, "01/BC-TĐ111", digest)
    department = house.face.browser(house.face.department)
    words = _words(department.get(f"/official-reports/{report}/docx").content)
    for told in (
        "Số: 01/BC-TĐ111",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Mức độ bảo mật: Lưu hành nội bộ",
        "Phạm vi lưu hành: Lãnh đạo Bộ",
        "- Bộ Y tế;",
        "GIÁM ĐỐC",
        "Mai Thị Ký",
    ):
        assert told in words, told
    assert "DỰ THẢO" not in words
    assert "Tổng số\n1\n" in words
    assert department.get(f"/official-reports/{report}/pdf").content.startswith(b"%PDF")
    assert department.get(f"/official-reports/{report}/frozen").status_code == 404
    with reading(house.face.db) as session:
        acts = session.scalars(
            select(AuditRow.act).where(AuditRow.object_kind == "official_report").order_by(AuditRow.id)
        ).all()
    assert {"create", "see", "change"} <= set(acts)


def test_nobody_signs_their_own_nor_without_being_named_nor_what_they_did_not_see(house: House) -> None:
    own = {"of": f"monthly {_last_month().since}", "token": "o" * 20}
    answer = house.drafter.post(
        "/official-reports", own | {"approver": str(house.drafter.viewer.staff_id)}
    )
    assert (answer.status_code, "không tự ký được" in answer.text) == (422, True)
    report = house.drafted()
    with transaction(house.face.db) as session:
        third = factories.person(session, Role.CENTER_LEAD, name="Vũ Ba")
    for who in (house.drafter, house.face.browser(third)):
        assert house.sign(report, who) == 409
    old = house.signer.post(f"/official-reports/{report}/sign", {"digest": "0" * 64})
    assert (old.status_code, "Trang này cũ" in old.text) == (409, True)
    assert house.row(report).number is None
    assert house.signer.post(f"/official-reports/{report}/send-back", {}).status_code == 422
    back = {"why": "Thiếu số liệu tháng"}
    assert house.signer.post(f"/official-reports/{report}/send-back", back).status_code == 303
    assert house.sign(report) == 409
    assert "Thiếu số liệu tháng" in house.drafter.get(f"/official-reports/{report}").text
    assert house.row(house.issued()).symbol == "01/BC-TĐ111", "a draft uses up no number"


def test_a_withdrawn_one_keeps_its_number_and_is_for_its_authors_and_the_auditor(house: House) -> None:
    report = house.issued()
    others = [house.face.browser(who) for who in (house.face.department, house.face.auditor)]
    assert [one.get(f"/official-reports/{report}/pdf").status_code for one in others] == [200, 200]
    why = {"why": "Sai số liệu tháng 2"}
    assert others[0].post(f"/official-reports/{report}/withdraw", why).status_code == 404
    assert house.drafter.post(f"/official-reports/{report}/withdraw", why).status_code == 303
    got = [
        one.get(f"/official-reports/{report}/pdf").status_code
        for one in (*others, house.drafter, house.signer)
    ]
    assert got == [404, 200, 200, 200]
    kept = house.drafter.get(f"/official-reports/{report}/pdf")
    assert "thu-hoi" in kept.headers["content-disposition"]
    assert house.drafter.get(f"/official-reports/{report}/docx").status_code == 404, "bears no stamp"
    printed = papers.text(kept.content)
    for told in ("Báo cáo số 01/BC-TĐ111", why["why"], house.row(report).digest):
        assert told in printed
    assert printed.count("ĐÃ THU HỒI") == len(papers.pages(kept.content)) + 1, "on each, and above"
    assert house.files(report) == ["docx", "draft", "frozen", "pdf"], "what was issued stays"
    page = others[0].get(f"/official-reports/{report}").text
    assert "01/BC-TĐ111" in page
    assert "Sai số liệu tháng 2" in page
    assert house.row(house.issued()).symbol == "02/BC-TĐ111"


def test_a_strict_one_is_for_its_readers_and_no_draft_is_for_others(house: House) -> None:
    with transaction(house.face.db) as session:
        other = factories.person(session, Role.DEPARTMENT, name="Cao Hai")
    named, not_named = (house.face.browser(who) for who in (house.face.department, other))
    strict = {"level": "strict", "reader": str(named.viewer.staff_id)}
    report = house.drafted(**strict)
    assert named.get(f"/official-reports/{report}").status_code == 404, "a draft"
    house.sign(report)
    official_report_work.make(report)
    assert named.get(f"/official-reports/{report}/pdf").status_code == 200
    for path in ("", "/pdf"):
        assert not_named.get(f"/official-reports/{report}{path}").status_code == 404
    assert "01/BC" not in not_named.get("/official-reports").text
    assert "01/BC" in named.get("/official-reports").text


def test_what_is_wrong_with_an_order_is_said_and_what_cannot_be_counted(house: House) -> None:
    today = local(utc_now()).date().isoformat()
    for changed, says in (
        ({"of": "span", "first": today, "last": today}, "chưa kết thúc"),
        ({"of": "span", "first": today, "last": "2020-01-01"}, "Cần hai ngày"),
        ({"of": "monthly x"}, "Cần hai ngày"),
        ({"approver": ""}, "Cần điền"),
        ({"circle": "x" * 301}, "Dài quá"),
    ):
        sent = {"token": "w" * 20, "of": f"monthly {_last_month().since}", **changed}
        answer = house.drafter.post("/official-reports", sent)
        assert (answer.status_code, says in answer.text) == (422, True), changed
    report = house.drafted(of="span", first="2011-01-01", last="2011-02-01")
    assert "Không có số liệu nào" in house.drafter.get(f"/official-reports/{report}").text
    house.face.tell(Story(at=_last_month().starts_at.replace(year=2011)).answered_call("hn01"))
    assert house.drafter.post(f"/official-reports/{report}/again").status_code == 303
    assert house.row(report).state == State.ORDERED


class Killed(BaseException):
    """The worker ends here; BaseException, as no handler of ours may save it."""


@pytest.fixture
def deadly(db: Engine) -> Iterator[list[str]]:
    """The process ends when it writes the file of this kind for the first time."""
    kinds: list[str] = []

    def before(_conn: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "INSERT INTO official_report_file" in statement and kinds and kinds[0] in str(parameters):
            kinds.pop()
            raise Killed

    event.listen(db, "before_cursor_execute", before)
    yield kinds
    event.remove(db, "before_cursor_execute", before)


def test_a_worker_that_is_killed_half_way_loses_nothing_and_does_nothing_twice(
    house: House, deadly: list[str]
) -> None:
    report = house.order()
    for kind, state, kept in (
        ("draft", State.ORDERED, []),
        ("docx", State.SIGNED, ["draft", "frozen"]),
    ):
        deadly.append(kind)
        with pytest.raises(Killed):
            official_report_work.make(report)
        assert (house.row(report).state, house.files(report)) == (state, kept)
        with reading(house.face.db) as session:
            later = utc_now() + timedelta(minutes=12)
            assert report_files.lost(session, utc_now()) == []
            assert report_files.lost(session, later) == [report], "the sweep finds it"
        official_report_work.make(report)
        if state is State.ORDERED:
            assert house.sign(report) == 303
    official_report_work.make(report)
    assert house.files(report) == ["docx", "draft", "frozen", "pdf"]
    assert (house.row(report).state, house.row(report).number) == (State.ISSUED, 1)


def _at_once(*work: Callable[[], object]) -> list[object]:
    with ThreadPoolExecutor(len(work)) as pool:
        return [one.result() for one in [pool.submit(each) for each in work]]


def test_two_workers_and_two_signatures_at_once_make_one_of_each(house: House) -> None:
    first, second = house.order(), house.order(level="public")
    _at_once(*(lambda one=one: official_report_work.make(one) for one in (first, first, second)))
    digest = house.row(first).digest
    got = _at_once(*(lambda one=one: house.sign(one) for one in (first, first, second)))
    assert sorted(got) == [303, 303, 409]  # type: ignore[type-var]
    _at_once(*(lambda one=one: official_report_work.make(one) for one in (first, first, second)))
    assert {house.row(one).number for one in (first, second)} == {1, 2}
    for one in (first, second):
        assert house.files(one) == ["docx", "draft", "frozen", "pdf"]
    assert house.row(first).digest == digest


def test_an_order_that_is_sent_twice_at_once_is_one(house: House) -> None:
    for n in range(3):
        once = {"token": f"{n:x>20}"}
        assert len(set(_at_once(*[lambda: house.order(**once)] * 3))) == 1  # noqa: B023


def test_what_is_not_what_was_signed_is_not_printed(house: House) -> None:
    report = house.drafted()
    house.sign(report)
    ring = keyring.recording_keys(settings())
    with transaction(house.face.db) as session:
        session.execute(
            update(OfficialReportFileRow)
            .where(OfficialReportFileRow.kind == "frozen")
            .values(sealed=sealed_bytes(b"{}", ring, f"official_report/{report}/frozen"))
        )
    with pytest.raises(SealBroken):
        official_report_work.make(report)
    assert house.row(report).state == State.SIGNED


def scheduled(house: House, kind: str, reader: str = "", days: int = 80) -> None:
    """Switched on so many days ago."""
    sent = {"running": "1", "approver": str(house.signer.viewer.staff_id), "level": "internal"}
    answer = house.drafter.post(f"/report-schedule/{kind}", sent | {"reader": reader})
    assert answer.status_code == 303
    with transaction(house.face.db) as session:
        session.execute(update(ReportScheduleRow).values(since_at=utc_now() - timedelta(days=days)))


def test_two_crons_at_once_order_each_period_once_and_catch_up(house: House) -> None:
    scheduled(house, "monthly")
    _at_once(*([official_report_work.sweep] * 4))
    official_report_work.sweep()
    with reading(house.face.db) as session:
        rows = session.scalars(select(OfficialReportRow).order_by(OfficialReportRow.since)).all()
        many = session.scalar(select(func.count()).select_from(OfficialReportRow))
    assert 2 <= len(rows) <= 3, "months that ended since then"
    assert many == len({row.since for row in rows})
    assert {row.drafted_by for row in rows} == {None}
    page = house.drafter.get("/official-reports").text
    assert page.count("theo lịch") == many


def test_a_schedule_is_changed_on_its_page(house: House) -> None:
    department = house.face.department
    sent = {
        "running": "1",
        "approver": str(house.signer.viewer.staff_id),
        "level": "strict",
        "reader": str(department.staff_id),
    }
    assert house.drafter.post("/report-schedule/annual", {"running": "1"}).status_code == 422
    assert house.drafter.post("/report-schedule/annual", sent).status_code == 303
    assert house.drafter.post("/report-schedule/span", sent).status_code == 422
    with reading(house.face.db) as session:
        annual = next(one for one in report_schedule.planned(session) if one.kind is Kind.ANNUAL)
    signer, letter = house.signer.viewer.staff_id, Letter()
    assert (annual.running, annual.approver) == (True, signer)
    assert (annual.readers, annual.letter.level) == (frozenset({department.staff_id}), "strict")
    with transaction(house.face.db) as session:
        off = Planned(Kind.ANNUAL, False, letter, signer)
        report_schedule.change(session, house.drafter.viewer, off, utc_now())
        assert report_schedule.order_due(session, utc_now() + timedelta(days=400)) == []
    assert "tắt" in house.drafter.get("/report-schedule").text


def test_the_list_asks_the_database_a_fixed_number_of_times(house: House) -> None:
    house.issued()
    with counted(house.face.db) as few:
        house.drafter.get("/official-reports")
    for _ in range(3):
        house.drafted()
    with counted(house.face.db) as many:
        house.drafter.get("/official-reports")
    assert len(many) == len(few)


def viewers(face: Face) -> list[Viewer]:
    return [face.an, face.lead, face.admin, face.therapist, face.officer]


def test_nobody_else_has_it(house: House) -> None:
    report = house.issued()
    for who in viewers(house.face):
        browser = house.face.browser(who)
        assert browser.get("/official-reports").status_code == 404
        assert browser.get(f"/official-reports/{report}/pdf").status_code == 404
        assert browser.get("/report-schedule").status_code == 404

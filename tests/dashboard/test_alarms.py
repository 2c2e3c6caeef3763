"""What the wallboard says of each alarm, and what its page can sound."""

from dataclasses import dataclass

import pytest

from hotline import alarms
from hotline.alarm_kinds import RINGING, AlarmKind
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.settings import ROOT
from tests.dashboard.conftest import Face


@dataclass(frozen=True, slots=True)
class Case:
    kind: AlarmKind
    subject: str
    reason: str
    says: str


CASES = (
    Case(AlarmKind.WAITING, "hn", "long", "Có người chờ hơn 60 giây mà chưa ai nghe."),
    Case(AlarmKind.ANSWER_RATE, "house", "61", "Một giờ qua chỉ nghe được 61 % cuộc gọi đến."),
    Case(AlarmKind.SITE, "dn", "lost", "Mất liên lạc với máy chủ thoại DN."),
    Case(AlarmKind.REPORT, "TB-22222-33333", "danger", "Tin báo: trẻ đang nguy hiểm."),
    Case(AlarmKind.AUDIT, "certificates", "certificates", "Chứng nhận xóa dữ liệu không khớp"),
    Case(AlarmKind.CASE, "7-center", "ring", "Đã quá lâu: lãnh đạo trung tâm cần biết."),
    Case(AlarmKind.GLASS, "case-7-{an}-1", "child_in_danger", "Mở khẩn cấp: Nguyễn Thị An."),
    Case(AlarmKind.MAIL, "reports", "unsent", "Thư báo có báo cáo không gửi được."),
    Case(AlarmKind.MISSED, "{an}", "twice", "Nguyễn Thị An lỡ hai cuộc liền."),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_an_alarm_says_what_is_wrong_until_somebody_looks_into_it(face: Face, case: Case) -> None:
    subject = case.subject.format(an=face.an.staff_id)
    with transaction(face.db) as session:
        alarms.sound(session, case.kind, subject, case.reason, None, utc_now())
    lead = face.browser(face.lead)
    text = lead.get("/wallboard/board", fragment=True).text
    assert case.says in text
    assert f'data-alarm="{case.kind} {subject}"' in text
    assert "data-alarm" not in lead.post(f"/alarms/{case.kind}/{subject}/note", fragment=True).text


def test_every_alarm_that_rings_has_its_prompt() -> None:
    prompts = {file.stem for file in (ROOT / "asterisk-conf" / "sounds" / "vi111").glob("*.wav")}
    assert {f"alarm_{kind}" for kind in RINGING} <= prompts

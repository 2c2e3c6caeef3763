"""Offices with a program of their own: made and revoked by administrators, and a log."""

import re
from datetime import timedelta

from sqlalchemy import select

from hotline.audit import AuditRow
from hotline.clock import utc_now
from hotline.db import reading, transaction
from intake.handovers import case_handovers, office_systems, webhook_log
from intake.records import records
from intake.tables.offices import WebhookRow
from tests.dashboard.conftest import Browser, Face
from tests.intake.test_case_handovers import DRAFT, KIM_BOI, LIMITS
from tests.queries import counted

OFFICE = {"name": "UBND xã Kim Bôi", "unit": "Xã Kim Bôi, Phú Thọ", "url": "https://office.example/111"}


def _message(face: Face, system_id: int, **stands: object) -> int:
    """One that was sent to it, as it stands now."""
    record = face.record_of(face.past(face.an), face.an)
    with transaction(face.db) as session:
        told = {"risk": "emergency", "place_unit": KIM_BOI, "child.1.name": "Bé Na"}
        records.autosave(session, face.an, record, 0, told, utc_now())
    case = face.open_case(record, face.an)
    with transaction(face.db) as session:
        seen = case_handovers.prepare(session, face.an, case, DRAFT).digest
        reference, _ = case_handovers.send(session, face.an, case, DRAFT, seen, LIMITS, utc_now())
        message = office_systems.tell(session, reference, "handover.sent", utc_now())
        assert message is not None
        row = session.get_one(WebhookRow, message)
        for name, value in stands.items():
            setattr(row, name, value)
        assert row.system_id == system_id
        return message


def _made(admin: Browser) -> tuple[int, str]:
    page = admin.post("/offices", OFFICE)
    assert page.status_code == 200, page.text
    (key,) = re.findall(r"td111_[\w-]+", page.text)
    (number,) = set(re.findall(r"/offices/(\d+)/revoke", page.text))
    return int(number), key


def test_an_office_is_made_its_key_shown_once_and_revoked(face: Face) -> None:
    admin = face.browser(face.admin)
    for name, wrong, said in (
        ("url", "http://10.0.0.1/x", "Cần địa chỉ https"),
        ("unit", "Huyện Kim Bôi, Hòa Bình", "Cần một xã hay tỉnh"),
        ("unit", "VN", "Cần một xã hay tỉnh"),
        ("name", " ", "Cần tên cơ quan"),
    ):
        page = admin.post("/offices", {**OFFICE, name: wrong})
        assert (page.status_code, said in page.text) == (422, True)
    system, key = _made(admin)
    again = admin.get(f"/offices/{system}").text
    assert key not in again
    assert "whsec_" not in again
    assert admin.post(f"/offices/{system}/revoke").status_code == 303
    with reading(face.db) as session:
        assert office_systems.of_key(session, key) is None
        done = select(AuditRow.act, AuditRow.staff_id).where(AuditRow.object_kind == "office_system")
        assert session.execute(done.order_by(AuditRow.id)).all() == [
            ("create", face.admin.staff_id),
            ("close", face.admin.staff_id),
        ]
    assert face.browser(face.lead).get(f"/offices/{system}").status_code == 404


def test_what_did_not_arrive_is_in_the_log_and_can_be_sent_again(face: Face) -> None:
    admin = face.browser(face.admin)
    system, _ = _made(admin)
    now = utc_now()
    lost = _message(face, system, tries=11, outcome="503", ended_at=now)
    page = admin.get(f"/offices/{system}").text
    assert "HTTP 503" in page
    assert "đã thôi gửi" in page
    for hidden in ("Bé Na", "td111_", "whsec_"):
        assert hidden not in page
    assert "không đến 1" in admin.get("/offices").text
    assert face.browser(face.an).post(f"/offices/{system}/messages/{lost}/again").status_code == 404
    assert admin.post(f"/offices/{system + 1}/messages/{lost}/again").status_code == 404
    assert admin.post(f"/offices/{system}/messages/{lost}/again").status_code == 303
    with reading(face.db) as session:
        row = session.get_one(WebhookRow, lost)
        assert (row.ended_at, row.tries) == (None, 11)
        assert row.next_at - now < timedelta(minutes=1)
        assert webhook_log.standings(session)[system] == webhook_log.Standing(waiting=1, lost=0)
    admin.post(f"/offices/{system}/revoke")
    assert admin.post(f"/offices/{system}/messages/{lost}/again").status_code == 409


def test_the_log_asks_the_same_however_long_it_is(face: Face) -> None:
    admin = face.browser(face.admin)
    system, _ = _made(admin)
    _message(face, system)
    with counted(face.db) as few:
        admin.get(f"/offices/{system}")
    with transaction(face.db) as session:
        first = session.scalars(select(WebhookRow)).one()
        told = {"system_id": system, "handover_id": first.handover_id, "event": first.event}
        times = {"made_at": first.made_at, "next_at": first.next_at}
        session.add_all(WebhookRow(message_id=f"msg_{n}", **told, **times) for n in range(30))
    with counted(face.db) as many:
        admin.get(f"/offices/{system}")
    assert len(many) == len(few) <= 4

"""The therapy unit on the screen: from the case to the unit, and what comes back."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from hotline.access import Role, Viewer
from hotline.clock import local, utc_now
from hotline.db import reading, transaction
from tests import factories
from tests.dashboard.conftest import Browser, Face

_SAID = "Em sợ về nhà <b>buổi tối</b>"
_DAY = (local(utc_now()) - timedelta(days=9)).date().isoformat()
_PLAN = {
    "token": "p" * 20,
    "kind": "session",
    "starts_at": f"{_DAY}T09:00",
    "minutes": "60",
    "way": "online",
}


@pytest.fixture
def head(face: Face) -> Viewer:
    with transaction(face.db) as session:
        return factories.person(session, Role.THERAPY_HEAD, name="Hồ Thị Trưởng")


@pytest.fixture
def case(face: Face, an: Browser) -> int:
    record = face.record_of(face.past(face.an), face.an)
    assert an.save(record, 0, {"child.1.name": "Bé Na", "child.1.age": "9"}).status_code == 200
    return face.open_case(record, face.an)


def _referred(an: Browser, case: int, token: str = "t" * 20) -> None:
    (child,) = set(re.findall(r'id="child-(\d+)"', an.get(f"/cases/{case}").text))
    told = {"child": child, "token": token, "reason": ""}
    assert an.post(f"/cases/{case}/therapy", told).status_code == 422
    told["reason"] = "Em mất ngủ từ hôm đó"
    assert an.post(f"/cases/{case}/therapy", told).status_code == 303


def test_a_child_goes_to_the_unit_and_a_conclusion_comes_back(
    face: Face, an: Browser, head: Viewer, case: int
) -> None:
    _referred(an, case)
    therapist = face.browser(face.therapist)
    week = therapist.get("/therapy").text
    assert "Bé Na" in week
    (child,) = set(re.findall(r"/therapy/children/\d+", week))
    page = therapist.get(child).text
    assert "Em mất ngủ từ hôm đó" in page
    wrong = therapist.post(f"{child}/accept", {"therapist": str(face.therapist.staff_id)})
    assert wrong.status_code == 422
    accepted = {"therapist": str(face.therapist.staff_id), "charge": "free_victim"}
    assert therapist.post(f"{child}/accept", accepted).status_code == 303
    assert "chưa hẹn buổi nào" in therapist.get("/therapy").text
    wrong = therapist.post(f"{child}/plan", {**_PLAN, "minutes": "3", "place": "Phòng 2"})
    assert (wrong.status_code, 'value="Phòng 2"' in wrong.text) == (422, True)
    assert therapist.post(f"{child}/plan", _PLAN).status_code == 303
    (meeting,) = set(re.findall(r"/therapy/meetings/\d+", therapist.get(f"/therapy?day={_DAY}").text))
    assert "Đã qua giờ" in therapist.get("/therapy").text
    early = therapist.post(f"{meeting}/notes", {"token": "n" * 20, "note.text": _SAID})
    assert (early.status_code, "Em sợ về nhà" in early.text) == (409, True)
    assert therapist.post(f"{meeting}/state", {"state": "held"}).status_code == 303
    told = {"token": "n" * 20, "note.text": _SAID, "draft": "7-1"}
    assert therapist.post(f"{meeting}/notes", told).headers["location"].endswith("?taken=7-1")
    for reader in (therapist, face.browser(head)):
        assert "Em sợ về nhà &lt;b&gt;" in reader.get(meeting).text
    for stranger in (face.an, face.lead, face.center_lead, face.department, face.admin, face.auditor):
        browser = face.browser(stranger)
        assert [browser.get(path).status_code for path in (meeting, child)] == [404, 404]
    with reading(face.db) as session:
        kept = session.execute(text("SELECT sealed FROM therapy_note")).scalar_one()
    assert "Em sợ".encode() not in bytes(kept)
    assert therapist.post(f"{child}/release", {"reason": "Cần thêm 6 buổi"}).status_code == 303
    shown = an.get(f"/cases/{case}").text
    for told_ in ("Cần thêm 6 buổi", "Đang trị liệu", "1 buổi trị liệu", "Tạ Văn Liệu"):
        assert told_ in shown
    assert "Em sợ" not in shown


def test_the_figures_are_those_of_a_year(face: Face, head: Viewer) -> None:
    browser = face.browser(head)
    page = browser.get("/figures/therapy?year=2026").text
    assert page.count('<th scope="row">') == 13
    assert browser.get("/figures/trafficking").status_code == 404
    assert "/figures/trafficking" in face.browser(face.department).get("/figures/therapy").text

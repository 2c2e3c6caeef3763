"""The emergency path on a case's page."""

import re
from datetime import timedelta

import pytest

from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import CaseId
from intake.calls import calls_out
from intake.cases import emergency
from intake.directory import directory_entries
from intake.directory.directory import Contact, Kind
from intake.tables.callbacks import CallOutRow
from intake.tables.cases import CaseRow
from tests.dashboard.conftest import Browser, Face


@pytest.fixture
def opened(face: Face, an: Browser) -> CaseId:
    record = face.record_of(face.past(face.an), face.an)
    told = {"risk": "emergency", "place_unit": "Xã Kim Bôi, huyện Kim Bôi, Hòa Bình"}
    assert an.save(record, 0, told).status_code == 200
    case_id = face.open_case(record, face.an)
    with transaction(face.db) as session:
        row = session.get_one(CaseRow, case_id)
        assert row.commune is not None
        police = Contact(row.commune, Kind.POLICE, "Công an xã Kim Bôi", ("+842183999111",))
        team = Contact("VN", Kind.RAPID_TEAM, "Nhóm CRRT", ("+84912000111",))
        directory_entries.put_made_up(session, [police, team], utc_now())
    return case_id


def test_police_is_rung_by_one_press_and_the_call_stands_on_the_timeline(
    face: Face, an: Browser, opened: CaseId
) -> None:
    page = an.get(f"/cases/{opened}").text
    for name in ("Công an xã Kim Bôi", "Nhóm CRRT"):
        assert f'name="whom" value="{name}"' in page
    pressed = {"whom": "Công an xã Kim Bôi", "number": "+842183999111"}
    assert an.post(f"/cases/{opened}/ring", pressed).status_code == 303
    again = an.post(f"/cases/{opened}/ring", pressed)
    assert (again.status_code, "Máy của bạn đang gọi" in again.text) == (409, True)
    with transaction(face.db) as session:
        (made,), _ = calls_out.claim(session, "hn", {"hn01"}, utc_now())
        assert emergency.calls_of(session, [opened]) == {made.call_id: "Công an xã Kim Bôi"}
    calls = an.get(f"/cases/{opened}?show=call").text
    assert re.search(rf'href="/calls/{made.call_id}">Gọi Công an xã Kim Bôi</a>', calls)


def test_a_number_is_typed_when_the_directory_has_none_and_a_wrong_one_is_said(
    face: Face, an: Browser, opened: CaseId
) -> None:
    wrong = an.post(f"/cases/{opened}/ring", {"whom": "Trạm y tế", "number": "0044 1"})
    assert wrong.status_code == 422
    assert 'value="Trạm y tế"' in wrong.text
    assert an.post(f"/cases/{opened}/ring", {"whom": "", "number": "113"}).status_code == 422
    assert an.post(f"/cases/{opened}/ring", {"whom": "Công an", "number": "113"}).status_code == 303
    other = face.browser(face.binh).post(f"/cases/{opened}/ring", {"whom": "Công an", "number": "113"})
    assert other.status_code == 404
    with transaction(face.db) as session:
        session.query(CallOutRow).one().expires_at = utc_now() - timedelta(minutes=1)
    assert "chưa gọi được" in an.get(f"/cases/{opened}").text


def test_what_is_done_is_told_with_its_time_and_told_again_both_stay(
    an: Browser, opened: CaseId
) -> None:
    path = f"/cases/{opened}/emergency"
    assert an.post(f"{path}/police_told", {"note": "gặp trực ban"}).status_code == 303
    assert an.post(f"{path}/police_told", {"note": "gặp ông Hạnh"}).status_code == 303
    late = an.post(f"{path}/child_safe", {"happened_at": "2999-01-01T00:00"})
    assert (late.status_code, "lúc đã qua" in late.text) == (422, True)
    assert an.post(f"{path}/nothing", {}).status_code == 404
    page = an.get(f"/cases/{opened}").text
    assert page.count("gặp ông Hạnh") == 2, "in the list and on the timeline"
    assert page.count("gặp trực ban") == 1
    assert "Làm báo cáo nhanh" in page


def test_a_case_of_no_emergency_has_no_such_path(face: Face, an: Browser) -> None:
    case_id = face.open_case(face.record_of(face.past(face.an), face.an), face.an)
    assert "urgent-title" not in an.get(f"/cases/{case_id}").text


def test_the_rapid_team_of_tonight_is_rung_from_the_case(
    face: Face, an: Browser, opened: CaseId
) -> None:
    """The lead of the center and the department say who is in it, and nobody else."""
    here, far = f"/rapid-team/{face.lead.center_id}", f"/rapid-team/{face.far_lead.center_id}"
    typed = {"who": str(face.binh.staff_id), "number": "0987654321", "hours": "12"}
    for viewer, path, status in (
        (face.an, here, 404),
        (face.admin, here, 404),
        (face.far_lead, here, 404),
        (face.lead, far, 404),
        (face.lead, here, 303),
        (face.department, here, 303),
    ):
        assert face.browser(viewer).post(path, typed).status_code == status
    assert "/on-call" not in face.browser(face.department).get("/rapid-team").text
    page = an.get(f"/cases/{opened}").text
    team, other = (page.index(f'name="whom" value="{name}"') for name in ("Trần Văn Bình", "Nhóm CRRT"))
    assert team < other
    pressed = {"whom": "Trần Văn Bình", "number": "+84987654321"}
    assert f'value="{pressed["number"]}"' in page
    assert an.post(f"/cases/{opened}/ring", pressed).status_code == 303
    assert 'value="0987654321"' not in face.browser(face.lead).get("/on-call").text
    lead = face.browser(face.lead)
    (undo,) = re.findall(r'action="(/rapid-team/lists/\d+/undo)"', lead.get("/rapid-team").text)
    assert face.browser(face.far_lead).post(undo).status_code == 404
    assert lead.post(undo).status_code == 303
    assert "Trần Văn Bình" in lead.get(f"/cases/{opened}").text  # the list that was set before stands

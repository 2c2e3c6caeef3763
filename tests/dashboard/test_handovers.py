"""A case goes to its commune: from the case's page, to an officer's phone, with an account or a link."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select
from starlette.routing import BaseRoute

from dashboard.app import create_app
from dashboard.cookies import guest_cookie
from hotline.audit import AuditRow
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.ids import CaseId
from intake.directory import directory, directory_entries
from intake.records import records
from tests.dashboard.conftest import CSRF, Browser, Face
from tests.queries import counted

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

KIM_BOI = "2025:04978"
TOLD = {
    "caller_name": "Nguyễn Thị Đào",
    "place_unit": KIM_BOI,
    "content": "Chị Đào kể bé bị đánh.",
    "risk": "emergency",
    "child.1.name": "Bé Na",
}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 300_000


@pytest.fixture
def case(face: Face) -> CaseId:
    record = face.record_of(face.past(face.an), face.an)
    with transaction(face.db) as session:
        records.autosave(session, face.an, record, 0, TOLD, utc_now())
        duty = {"unit": KIM_BOI, "kind": "duty", "name": "Trực ban", "numbers": "0977777777"}
        directory_entries.add(session, face.lead, directory.contact(duty), utc_now())
    return face.open_case(record, face.an)


def _hidden(html: str) -> dict[str, str]:
    """The form that sends what the preview shows."""
    form = html[html.index('/handover">') :]
    found = re.findall(
        r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[: form.index("</form")]
    )
    return {name: text for name, text in found if name != "csrf"}


def _send(an: Browser, case: CaseId, way: str = "link") -> str:
    draft = {"unit": KIM_BOI, "recipient": "Chị Hoa", "way": way, "summary": "Chị Đào kể", "request": ""}
    shown = an.post(f"/cases/{case}/handover/preview", draft)
    assert shown.status_code == 200, shown.text
    answer = an.post(f"/cases/{case}/handover", _hidden(shown.text))
    assert answer.status_code == (200 if way == "link" else 303), answer.text
    return str(answer.text)


def handed_over(an: Browser, case: CaseId, request: str = "") -> None:
    draft = {"unit": KIM_BOI, "recipient": "Chị Hoa", "way": "link", "summary": "Kể", "request": request}
    shown = an.post(f"/cases/{case}/handover/preview", draft)
    assert an.post(f"/cases/{case}/handover", _hidden(shown.text)).status_code == 200


def _link(page: str) -> tuple[str, str]:
    token, code = re.search(r"/h\?k=([\w-]+)", page), re.search(r"tabular\">(\d{3} \d{3})", page)
    assert token
    assert code
    return token[1], code[1]


def _let_in(face: Face, page: str) -> "TestClient":
    token, code = _link(page)
    phone = face.stranger()
    answer = phone.post("/h", data={"k": token, "code": code}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/h/case")
    return phone


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return found[1]


def test_the_sender_sees_exactly_what_goes_and_who_is_on_duty(an: Browser, case: CaseId) -> None:
    form = an.get(f"/cases/{case}/handover").text
    assert "0977 777 777" in form
    assert "••• kể bé bị đánh." in form
    shown = an.post(
        f"/cases/{case}/handover/preview",
        {
            "unit": KIM_BOI,
            "recipient": "Chị Hoa",
            "way": "link",
            "summary": "Chị Đào kể",
            "request": "Đi",
        },
    ).text
    packet = shown[shown.index('class="packet"') :]
    packet = packet[: packet.index("</section")]
    assert "••• kể" in packet
    assert "Bé Na" in packet
    assert "Đào" not in packet
    wrong = an.post(f"/cases/{case}/handover", {**_hidden(shown), "seen": "0" * 64})
    assert "Phiếu vừa được sửa" in wrong.text
    empty = an.post(
        f"/cases/{case}/handover/preview", {"unit": KIM_BOI, "recipient": "A", "way": "link"}
    )
    assert (empty.status_code, "Cần tóm tắt" in empty.text) == (422, True)


def test_the_quick_report_goes_with_the_case_unless_the_sender_leaves_it_out(
    face: Face, an: Browser, case: CaseId
) -> None:
    asks = "Kèm báo cáo nhanh"
    assert asks not in an.get(f"/cases/{case}/handover").text
    made = an.post(f"/cases/{case}/quick-report", {"token": "q" * 20})
    form = made.headers["location"].partition("#")[0]
    typed = {"base_revision": "0", "f.events": "Chị Đào báo lúc 20 giờ", "f.proposals": "Đưa bé đi khám"}
    assert an.post(form, typed).status_code == 303
    assert asks in an.get(f"/cases/{case}/handover").text
    draft = {"unit": KIM_BOI, "recipient": "Chị Hoa", "way": "link", "summary": "Bé bị đánh"}
    without = an.post(f"/cases/{case}/handover/preview", draft).text
    assert "Đưa bé đi khám" not in without
    shown = an.post(f"/cases/{case}/handover/preview", {**draft, "report": "1"}).text
    sent = an.post(f"/cases/{case}/handover", _hidden(shown))
    page = _let_in(face, sent.text).get("/h/case").text
    assert "Đưa bé đi khám" in page
    assert "••• báo lúc 20 giờ" in page
    assert "Đào" not in page


def test_an_officer_without_an_account_opens_the_link_with_the_code(
    face: Face, an: Browser, case: CaseId
) -> None:
    sent = _send(an, case)
    token, code = _link(sent)
    phone = face.stranger()
    door = phone.get(f"/h?k={token}")
    assert door.status_code == 200
    for secret in ("Bé Na", "Chị Hoa", "Kim Bôi", "2026-HN"):
        assert secret not in door.text
    assert "Mã chưa đúng" in phone.post("/h", data={"k": token, "code": "x"}).text
    phone.post("/h", data={"k": token, "code": code})
    page = phone.get("/h/case")
    assert "Bé Na" in page.text
    assert "<title>Tổng đài 111</title>" in page.text
    assert len(page.content) < 50_000
    elsewhere = face.stranger()
    assert elsewhere.post("/h", data={"k": token, "code": code}).status_code == 403
    assert elsewhere.get("/h/case").status_code == 404
    assert token not in an.get(f"/cases/{case}").text


def test_they_accept_and_report_in_three_taps_and_the_hotline_sees_it(
    face: Face, an: Browser, case: CaseId
) -> None:
    phone = _let_in(face, _send(an, case))
    csrf = _csrf(phone.get("/h/case").text)
    assert phone.post("/h/case/accept").status_code == 403  # without our token
    phone.post("/h/case/accept", data={"csrf": csrf})
    told = {"csrf": csrf, "situation": "safe", "doing": "visited", "word": "w1"}
    assert phone.post("/h/case/report", data={**told, "doing": ""}).status_code == 422
    assert phone.post("/h/case/report", data=told).status_code == 200
    assert phone.post("/h/case/report", data=told).status_code == 200  # the phone was not sure
    sent = phone.post("/h/photo", data={"csrf": csrf, "word": "w2"}, files={"file": ("x", PNG)})
    assert sent.status_code == 200
    wrong = phone.post("/h/photo", data={"csrf": csrf, "word": "w3"}, files={"file": ("x.png", b"MZ")})
    assert (wrong.status_code, "Chỉ gửi được ảnh" in wrong.text) == (422, True)
    shown = an.get(f"/cases/{case}").text
    assert "Xã đã nhận" in shown
    assert shown.count("Trẻ an toàn · Đã đến tận nơi") == 3  # newest, in its history, on the spine
    assert "Xã đã nhận · Trẻ an toàn · Đã đến tận nơi" in an.get("/cases").text
    picture = re.search(r"/handovers/photos/\d+", shown)
    assert picture
    assert an.get(picture[0]).content == PNG
    assert face.browser(face.binh).get(picture[0]).status_code == 404
    assert 'steps/assess_risk"' in shown  # the report to the commune is acknowledged


def test_a_guests_page_hides_itself_and_the_code_brings_it_back(
    face: Face, an: Browser, case: CaseId
) -> None:
    sent = _send(an, case)
    token, code = _link(sent)
    phone = _let_in(face, sent)
    page = phone.get("/h/case").text
    assert 'data-hide-after="10" data-hide-to="/h/hide" data-hidden="/h"' in page
    csrf = _csrf(page)
    secret = phone.cookies.get(guest_cookie())
    assert phone.post("/h/hide").status_code == 403  # without our token
    headers = {"X-CSRF-Token": csrf}
    assert phone.post("/h/hide", headers=headers).status_code == 204
    assert phone.post("/h/hide", headers=headers).status_code == 204  # another tab
    kept = phone.cookies.get(guest_cookie())
    assert secret
    assert kept
    assert secret not in kept
    for hidden in (phone.get("/h/case"), phone.get("/h"), phone.get(f"/h?k={token}")):
        assert "Trang đang che" in hidden.text
        assert "Bé Na" not in hidden.text
    report = {"csrf": csrf, "situation": "safe", "doing": "visited", "word": "w1"}
    assert "Trang đang che" in phone.post("/h/case/report", data=report).text
    wrong = "000 000" if code != "000 000" else "111 111"
    assert phone.post("/h", data={"code": wrong}).status_code == 403
    shown = phone.post("/h", data={"code": code})
    assert "Bé Na" in shown.text
    assert _csrf(shown.text) == csrf  # what was kept in the phone still opens
    phone.post("/h/hide", headers=headers)
    for _ in range(5):
        assert phone.post("/h", data={"code": wrong}).status_code == 403
    gone = phone.post("/h", data={"code": code})
    assert (gone.status_code, "Bé Na" in gone.text) == (403, False)
    with reading(face.db) as session:
        query = select(AuditRow.act).where(AuditRow.object_kind == "handover_link")
        acts = session.scalars(query.order_by(AuditRow.id)).all()
    refused = ["log_in_refused"]
    hidden_twice = ["hide_screen", *refused, "show_screen", "hide_screen", *refused * 5]
    assert acts == ["create", "log_in", *hidden_twice]


def test_the_code_given_again_brings_another_secret_also_to_who_did_not_hear_of_it(
    face: Face, an: Browser, case: CaseId
) -> None:
    sent = _send(an, case)
    _, code = _link(sent)
    phone = _let_in(face, sent)
    secret = phone.cookies[guest_cookie()]
    headers = {"X-CSRF-Token": _csrf(phone.get("/h/case").text)}
    phone.post("/h/hide", headers=headers)
    unheard = face.stranger()  # the same phone, to which no answer came
    unheard.cookies.update(phone.cookies)
    phone.post("/h", data={"code": code})
    for old in (secret, unheard.cookies[guest_cookie()]):
        thief = face.stranger()
        thief.cookies.set(guest_cookie(), old)
        assert "Bé Na" not in thief.get("/h/case").text
    assert "Bé Na" in phone.get("/h/case").text
    assert "Bé Na" in unheard.post("/h", data={"code": code}).text
    assert unheard.cookies[guest_cookie()] != phone.cookies[guest_cookie()]
    assert "Bé Na" not in phone.get("/h/case").text


def test_a_link_that_was_withdrawn_opens_nothing(face: Face, an: Browser, case: CaseId) -> None:
    phone = _let_in(face, _send(an, case))
    reference = re.search(r"/handovers/(BG-\w+-\w+)/withdraw", an.get(f"/cases/{case}").text)
    assert reference
    assert an.post(f"/handovers/{reference[1]}/withdraw", {"reason": "nhầm xã"}).status_code == 303
    gone = phone.get("/h/case")
    assert (gone.status_code, "không mở được nữa" in gone.text) == (404, True)
    assert phone.cookies.get(guest_cookie()) is not None  # the cookie is there, and of no use
    assert an.get(f"/handovers/{reference[1]}").headers["location"] == f"/cases/{case}"


def test_an_officer_with_an_account_has_the_same_page(face: Face, an: Browser, case: CaseId) -> None:
    officer = face.browser(face.officer)
    assert "Không có ca nào" in officer.get("/field").text
    _send(an, case, "account")
    listed = officer.get("/field").text
    assert "KHẨN CẤP" in listed
    assert "Bé Na" not in listed
    link = re.search(r"/field/BG-\w+-\w+", listed)
    assert link
    page = link[0]
    shown = officer.get(page)
    assert "Bé Na" in shown.text
    for one in (shown.text, listed):
        assert 'data-hide-after="10" data-hide-to="/hide/idle" data-hidden="/hidden"' in one
    assert len(shown.content) < 50_000
    assert officer.post(f"{page}/refuse", {"why": ""}).status_code == 422
    assert officer.post(f"{page}/accept").status_code == 303
    assert officer.post(f"{page}/report", {"situation": "at_risk", "doing": "police"}).status_code == 303
    assert "Trẻ còn nguy cơ" in officer.get("/field").text
    refused = officer.client.post(
        "/field/photo",
        data={"csrf": CSRF, "reference": page.rpartition("/")[2], "word": "w"},
        files={"file": ("x", b"")},
    )
    assert (refused.status_code, "Tệp trống" in refused.text) == (422, True)
    far = face.browser(face.far_lead)
    assert far.get(page).status_code == 404


def _routes(part: BaseRoute) -> Sequence[APIRoute]:
    """Of one router that the application has taken in."""
    router = getattr(part, "original_router", None)
    return [one for one in router.routes if isinstance(one, APIRoute)] if router else []


def test_the_case_itself_stays_with_the_hotline(face: Face, an: Browser, case: CaseId) -> None:
    """Whatever pages a case has: its records, files and forms tell who told it."""
    _send(an, case, "account")
    officer = face.browser(face.officer)
    routes = [one for part in create_app().routes for one in _routes(part)]
    asked = {
        route.path.replace("{case_id}", str(case)) for route in routes if "GET" in (route.methods or ())
    }
    about_cases = {path for path in asked if path.startswith(("/cases", "/records", "/search"))}
    paths = {re.sub(r"\{\w+\}", "1", path) for path in about_cases}
    assert {"/cases", f"/cases/{case}", "/search"} <= paths
    assert {officer.get(path).status_code for path in paths} <= {404, 422}


def test_the_officers_list_asks_as_much_for_ten_as_for_one(
    face: Face, an: Browser, case: CaseId
) -> None:
    officer = face.browser(face.officer)
    _send(an, case, "account")
    officer.get("/field")
    with counted(face.db) as one:
        officer.get("/field")
    for _ in range(5):
        record = face.record_of(face.past(face.an), face.an)
        with transaction(face.db) as session:
            records.autosave(session, face.an, record, 0, TOLD, utc_now())
        _send(an, face.open_case(record, face.an), "account")
    officer.get("/field")
    with counted(face.db) as six:
        officer.get("/field")
    assert len(six) == len(one) <= 4

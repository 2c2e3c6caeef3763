"""The page of extracts for research: asked for by one, allowed by another, fetched as CSV."""

from dashboard import research_work
from hotline.access import Role
from hotline.clock import local, utc_now
from hotline.db import transaction
from tests import factories
from tests.dashboard.conftest import CSRF, Browser, Face


def ask(browser: Browser, **changed: object) -> int:
    today = local(utc_now()).date().isoformat()
    data: dict[str, object] = {
        "token": "t" * 20,
        "researcher": "Bà Nghiên",
        "institution": "Trường Y",
        "purpose": "Luận văn",
        "first": today,
        "last": today,
        "column": ["month", "problem"],
        **changed,
    }
    answer = browser.client.post(
        "/research", data=data, headers={"X-CSRF-Token": CSRF}, follow_redirects=False
    )
    return int(answer.status_code)


def test_an_extract_on_its_way_through_two_pairs_of_hands(face: Face) -> None:
    with transaction(face.db) as session:
        second = factories.person(session, Role.DEPARTMENT, name="Vũ Hai")
    one, other = face.browser(face.department), face.browser(second)
    assert ask(one, purpose="", column=[]) == 422
    assert (ask(one), ask(one)) == (303, 303)
    assert "không tự cho phép được" in one.get("/research").text
    number = int(one.get("/research").text.split("Bản trích số ")[1].split()[0])
    assert one.post(f"/research/{number}/allow").status_code == 409
    assert other.post(f"/research/{number}/allow").status_code == 303
    assert one.get(f"/research/{number}/extract").status_code == 404
    research_work.make(number)
    assert one.get(f"/research/{number}/extract").text == "record,month,problem\r\n"
    book = one.get(f"/research/{number}/codebook").text
    assert "problem,Vấn đề chính,record.fields.problem,violence,Bạo lực" in book
    assert one.get(f"/research/{number}/told").status_code == 404
    assert "Tải được trong 14 ngày" in one.get("/research").text


def test_nobody_but_the_department_has_it(face: Face) -> None:
    for who in (face.center_lead, face.lead, face.admin, face.auditor, face.an):
        assert face.browser(who).get("/research").status_code == 404

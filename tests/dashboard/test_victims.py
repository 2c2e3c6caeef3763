"""Anti-trafficking on the screen: a case of victims of any age, referrals, figures."""

import re

import pytest

from tests.dashboard.conftest import Browser, Face

_GROWN_UP = {
    "problem": "trafficking",
    "child.1.name": "Chị Hoa",
    "child.1.age": "24",
    "place": "Mộc Bài",
}
_TO_POLICE = {"token": "t" * 20, "body": "police", "agency": "Công an Tây Ninh", "contact": "Đại úy Lộc"}


@pytest.fixture
def case(face: Face, an: Browser) -> int:
    record = face.record_of(face.past(face.an), face.an)
    assert an.save(record, 0, _GROWN_UP).status_code == 200
    return face.open_case(record, face.an)


def test_a_victim_is_called_one_and_no_article_is_claimed(an: Browser, case: int) -> None:
    page = an.get(f"/cases/{case}").text
    for shown in ("Phòng, chống mua bán người", "Báo cơ quan tiếp nhận nạn nhân", "không có trẻ em"):
        assert shown in page
    assert "Đ26.1" not in page
    assert "<h2>Nạn nhân</h2>" in page
    assert re.findall(r'<option value="(\w+)">', page.partition("new-form")[2])[0] == "trafficking"
    offered = an.post(f"/cases/{case}/forms", {"token": "f" * 20, "code": "trafficking"})
    form = an.get(offered.headers["location"]).text
    assert "của Tổng đài" in form
    assert 'value="Chị Hoa"' not in form  # of nobody in particular until somebody is chosen


def test_a_referral_is_told_and_what_was_typed_outlives_a_mistake(an: Browser, case: int) -> None:
    wrong = an.post(f"/cases/{case}/referrals", {**_TO_POLICE, "contact": "", "takes_over": "1"})
    assert wrong.status_code == 422
    assert 'value="Công an Tây Ninh"' in wrong.text
    assert wrong.text.count("Cần điền mục này.") == 2  # who, and why they take over
    assert an.post(f"/cases/{case}/referrals", _TO_POLICE).status_code == 303
    page = an.get(f"/cases/{case}").text
    assert "người nhận: Đại úy Lộc" in page
    (result,) = re.findall(r"/referrals/\d+/result", page)
    told = {"outcome": "rescued", "told_by": "Đại úy Lộc", "happened_at": "2999-01-01T00:00"}
    assert "phải là lúc đã qua" in an.post(f"/cases/{case}{result}", told).text
    assert an.post(f"/cases/{case}{result}", {**told, "happened_at": ""}).status_code == 303
    assert "Kết quả chuyển tuyến: Đã giải cứu" in an.get(f"/cases/{case}").text


def test_figures_are_of_the_days_asked_for_and_hide_few_people(
    face: Face, an: Browser, case: int
) -> None:
    assert an.post(f"/cases/{case}/referrals", _TO_POLICE).status_code == 303
    department = face.browser(face.department)
    page = department.get("/figures/trafficking").text
    assert "dưới 5" in page
    assert "Chị Hoa" not in page
    row = r"Công an</th><td class=\"tabular\">(?:<a href=\"([^\"]*)\">)?(\d+)"
    ((address, many),) = re.findall(row, page)
    assert many == "1"
    assert f'href="/cases/{case}"' in department.get(address.replace("&amp;", "&")).text
    past = department.get("/figures/trafficking?first=2020-01-01&last=2019-01-01").text
    assert "01/01/2019 đến 01/01/2020" in past
    assert re.findall(row, past) == [("", "0")]


def test_a_grown_up_victim_is_a_caller_by_one_press(face: Face, an: Browser) -> None:
    face.answered(face.an)
    assert '<input type="radio" name="caller_type" value="victim"' in an.get("/desk").text

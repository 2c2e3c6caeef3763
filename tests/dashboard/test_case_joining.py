"""Several reports of one incident on the case's page."""

import re

import pytest

from hotline.ids import CaseId, RecordId
from tests.dashboard.conftest import Browser, Face

one_database = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
"""The rows are looked at on both in tests/intake; here it is about the pages."""


def told(face: Face, browser: Browser, number: str, **typed: str) -> RecordId:
    record = face.record_of(face.past(browser.viewer, number), browser.viewer)
    changes = {name.replace("__", "."): text for name, text in typed.items()}
    assert browser.save(record, 0, changes).status_code == 200
    return record


@pytest.fixture
def two(face: Face, an: Browser) -> tuple[CaseId, CaseId]:
    """Two cases about one child, told by two callers."""
    first = told(face, an, "0912345678", child__1__name="Bé Na", caller_name="Bà Tư")
    second = told(face, an, "0988777666", child__1__name="Na", content="bé ngồi ngoài sân")
    return face.open_case(first, face.an), face.open_case(second, face.an)


def number_of(text: str) -> str:
    found = re.search(r"2\d{3}-HN-\d{6}", text)
    assert found is not None
    return found[0]


@one_database
def test_cases_are_merged_their_child_is_one_and_all_of_it_is_undone(
    face: Face, an: Browser, two: tuple[CaseId, CaseId]
) -> None:
    kept, gone = two
    number = number_of(an.get(f"/cases/{gone}").text)
    answer = an.post(f"/cases/{kept}/merge", {"number": number.lower(), "why": ""})
    assert answer.status_code == 409
    assert "Cần ghi lý do." in answer.text
    assert f'value="{number.lower()}"' in answer.text
    missing = an.post(f"/cases/{kept}/merge", {"number": "2026-HN-999999", "why": "một vụ"})
    assert "Không tìm thấy ca có số này" in missing.text
    assert an.post(f"/cases/{kept}/merge", {"number": number, "why": "một vụ"}).status_code == 303
    merged, text = an.get(f"/cases/{gone}").text, an.get(f"/cases/{kept}").text
    assert f'href="/cases/{kept}"' in merged
    assert "/steps/" not in merged
    assert "Bà Tư" not in text
    for said in (number, "một vụ", "bé ngồi ngoài sân", "***666", "Trẻ 2"):
        assert said in text
    one, other = re.findall(r'id="child-(\d+)"', text)
    assert an.post(f"/cases/{kept}/children/{one}/same", {"other": other}).status_code == 303
    assert "Không phải trẻ này" in an.get(f"/cases/{kept}").text
    assert an.post(f"/cases/{kept}/children/{other}/apart").status_code == 303
    assert an.post(f"/cases/{kept}/children/{other}/apart").status_code == 409
    assert an.post(f"/cases/{gone}/unmerge", {"why": "hai vụ khác nhau"}).status_code == 303
    assert "Trẻ 2" not in an.get(f"/cases/{kept}").text
    assert "/steps/" in an.get(f"/cases/{gone}").text


@one_database
def test_what_is_not_mine_to_write_cannot_be_joined(
    face: Face, an: Browser, two: tuple[CaseId, CaseId]
) -> None:
    kept, gone = two
    number = number_of(an.get(f"/cases/{gone}").text)
    binh = face.browser(face.binh)
    for path, data in (
        ("merge", {"number": number, "why": "x"}),
        ("unmerge", {"why": "x"}),
        ("records/1/apart", {"why": "x"}),
        ("children/1/same", {"other": "2"}),
        ("children/1/apart", {}),
    ):
        assert binh.post(f"/cases/{kept}/{path}", data).status_code == 404
        assert an.client.post(f"/cases/{kept}/{path}", data=data).status_code == 403


@one_database
def test_what_may_be_the_same_is_shown_before_a_case_is_opened(face: Face, an: Browser) -> None:
    first = told(face, an, "0912345678", child__1__name="Bùi Thị Na")
    path = f"/records/{first}/case"
    assert "Đã lập ca" in an.post(path, fragment=True).text  # nothing is like it
    binh = face.browser(face.binh)
    second = told(face, binh, "0988777666", child__1__name="na bui thi")
    path = f"/records/{second}/case"
    shown = binh.post(path, {"on": "desk"}, fragment=True)
    assert shown.headers["HX-Retarget"] == "#candidates"
    assert "trùng tên trẻ" in shown.text
    number = number_of(shown.text)
    for secret in ("Bùi", "Na<", "Nguyễn Thị An", "/cases/"):
        assert secret not in shown.text
    case = re.search(r'"join": "(\d+)"', shown.text)
    assert case is not None
    joined = binh.post(path, {"join": case[1]}, fragment=True)
    assert f"Đã ghép phiếu vào ca {number}" in joined.text
    assert f'data-record="{second}"' in joined.text  # the writing goes on
    assert number in binh.get(f"/records/{second}").text
    assert binh.get(f"/cases/{case[1]}").status_code == 404
    assert "tin mới" in an.get("/desk").text
    assert "***666" in an.get(f"/cases/{case[1]}").text
    assert "tin mới" not in an.get("/desk").text


@one_database
def test_one_press_more_opens_a_new_case_all_the_same(face: Face, an: Browser) -> None:
    face.open_case(told(face, an, "0912345678"), face.an)
    second = told(face, an, "0912345678")
    shown = an.post(f"/records/{second}/case", {"on": "record"}, fragment=True)
    assert "cùng số điện thoại" in shown.text
    assert 'data-key="C"' in shown.text
    opened = an.post(f"/records/{second}/case", {"on": "record", "new": "1"}, fragment=True)
    assert opened.headers["HX-Redirect"].startswith("/cases/")

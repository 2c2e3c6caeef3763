"""The search page: what it finds, for whom, and that a name never gets into an address."""

from hotline.clock import utc_now
from hotline.db import transaction
from intake.records import records
from tests.dashboard.conftest import Browser, Face


def tell(face: Face) -> int:
    record = face.record_of(face.past(face.an), face.an)
    with transaction(face.db) as session:
        told = {"child.1.name": "Nguyễn Thị Đào", "content": "ở với bà <ngoại> Đào"}
        records.autosave(session, face.an, record, 0, told, utc_now())
    return record


def test_finds_without_marks_and_shows_where(face: Face, an: Browser) -> None:
    record = tell(face)
    page = an.post("/search", {"q": "dao thi"}).text
    assert f'href="/records/{record}"' in page
    assert "Nguyễn <mark>Thị</mark> Đào" in page
    assert "<title>Tìm" in page
    part = an.post("/search", {"q": "ngoai"}, fragment=True).text
    assert "bà &lt;<mark>ngoại</mark>&gt;" in part
    assert "<main" not in part


def test_nothing_is_found_for_others(face: Face) -> None:
    tell(face)
    assert "Không tìm thấy" in face.browser(face.binh).post("/search", {"q": "dao"}).text


def test_a_name_in_an_address_is_not_searched_for(face: Face, an: Browser) -> None:
    tell(face)
    page = an.get("/search?q=dao%20thi").text
    assert "dao thi" not in page
    assert "<mark>" not in page


def test_the_last_ones_typed_are_in_the_box_as_they_were(an: Browser) -> None:
    assert 'value="Trẻ &#34;A&#34;"' in an.post("/search", {"q": 'Trẻ "A"'}).text

"""Beside the form: notes by problem and age, addresses by place, from files that can be replaced."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dashboard import texts
from dashboard.guidance import beside
from hotline.errors import SetupError
from hotline.settings import settings
from hotline.units import NEW, OLD, Level, all_units, now
from intake.forms.places import label
from tests.dashboard.conftest import Browser, Face

TODAY = date(2026, 11, 22)


def said(**fields: str) -> str:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    found = beside(named, TODAY)
    return "\n".join(line for note in (*found.notes, *found.general) for line in note.lines)


def provinces(place: str) -> list[str]:
    return [one.name for one in beside({"place": place}, TODAY).provinces]


def test_notes_are_those_of_the_problems_and_the_childrens_ages() -> None:
    assert "có thể để trống" in said()
    assert "12 giờ" not in said(problem="law")
    assert "12 giờ" in said(problem="law", problems="neglect violence")
    assert "Trẻ nhỏ" in said(child__1__age="12", child__2__age="6")
    assert "Trẻ nhỏ" not in said(child__1__age="12", offender__1__age="6")
    assert "Trẻ nhỏ" not in said(child__1__birth_date="2019-11-22", child__1__age="3")
    assert "Trẻ nhỏ" in said(child__1__birth_date="2019-11-23")
    assert "từ 18 tuổi" in said(child__1__age="40")


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("xã Kim Bôi, Hòa Bình", ["Phú Thọ"]),
        ("kim boi, hoa binh cũ, nay là PHÚ THỌ", ["Phú Thọ"]),
        ("giáp Đắk Nông và Bình Phước", ["Lâm Đồng", "Đồng Nai"]),
        ("Tp Hồ Chí Minh", ["TP. Hồ Chí Minh"]),
        ("xã Kim Bôi", []),
    ],
)
def test_a_place_is_recognized_by_its_new_and_its_old_province(place: str, found: list[str]) -> None:
    assert provinces(place) == found


def test_an_old_unit_is_in_the_province_of_today_and_told_to_be_old() -> None:
    fields = {
        "place_unit": "2024:19138",
        "child.1.address_unit": "2025:18547",
        "child.2.address_unit": "bến xe",
    }
    found = beside(fields, TODAY)
    assert [one.name for one in found.provinces] == ["Hà Tĩnh", "Quảng Trị"]
    assert found.old_units == ("2024:19138",)


def test_every_province_has_its_address_once() -> None:
    names = [one.name for one in texts.addresses().provinces]
    provinces = [one for one in all_units().values() if (one.era, one.level) == (NEW, Level.PROVINCE)]
    assert sorted(names) == sorted(label(one) for one in provinces)


def test_every_old_province_is_found_in_the_one_it_is_part_of_now() -> None:
    names = {one.name: {one.name, *one.also} for one in texts.addresses().provinces}
    for one in all_units().values():
        if (one.era, one.level) == (OLD, Level.PROVINCE):
            assert set(label(one).split(" - ")) <= names[label(now(one)[0])]


def test_the_panel_follows_what_is_saved(face: Face, an: Browser) -> None:
    talk = face.answered(face.an)
    record = face.record_of(talk, face.an)
    assert "có thể để trống" in an.get("/desk").text
    an.save(record, 0, {"problem": "violence", "place": "Kim Bôi, Hòa Bình"})
    panel = an.get(f"/records/{record}/guidance", fragment=True).text
    assert "trong 12 giờ" in panel
    assert "Sở Y tế Phú Thọ" in panel
    assert "chờ Tổng đài duyệt" in panel
    assert face.browser(face.binh).get(f"/records/{record}/guidance").status_code == 404


@pytest.fixture
def own_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of the hotline's own, which is the setting `texts`."""
    cached = (settings, texts.yes_no, texts.guidance, texts.addresses)
    monkeypatch.setenv("TONGDAI_TEXTS", str(tmp_path))
    for one in cached:
        one.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    for one in cached:
        one.cache_clear()


def test_the_hotlines_own_file_takes_the_place_of_ours_and_a_wrong_one_is_told(
    own_texts: Path,
) -> None:
    file = own_texts / "yes_no.toml"
    file.write_text('version = 7\nquestions = ["Em có nghe không?"]', "utf-8")
    assert (texts.yes_no().version, texts.yes_no().questions) == (7, ("Em có nghe không?",))
    assert texts.guidance().version == 1
    texts.yes_no.cache_clear()
    file.write_text("version = 8", "utf-8")
    with pytest.raises(SetupError, match=r"yes_no\.toml"):
        texts.yes_no()

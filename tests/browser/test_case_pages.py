"""The pages of cases and handovers: axe finds nothing by light or in the dark, nothing is too wide."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import complaints, complaints_in_the_dark
from tests.browser.case_scenes import fill
from tests.browser.conftest import DESK, Pages

PHONE = {"width": 390, "height": 844}
LOOKED_AT = (
    "case-taken",
    "plan-decide",
    "directory-wrong",
    "field-open",
    "field-accepted",
)
"""One of each kind."""


@pytest.mark.browser
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_axe_finds_nothing_on_them_and_a_phone_shows_them_whole(pages: Pages) -> None:
    scenes, found = fill(pages.house.world), dict[str, list[str]]()
    for who, paths in scenes.of_people(pages.house.world):
        wanted = {name: path for name, path in paths.items() if name in LOOKED_AT}
        if not wanted:
            continue
        page = pages.log_in(who, color_scheme="light", reduced_motion="reduce")
        for name, path in wanted.items():
            page.set_viewport_size(DESK)  # type: ignore[arg-type]
            page.goto(f"{pages.house.address}{path}")
            expect(page.locator("#main")).to_be_visible()
            found[name] = complaints(page)
            found[f"{name}, dark"] = complaints_in_the_dark(page)
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
                found[f"{name}, phone"] = ["too wide"]
    assert len(found) >= 2 * len(LOOKED_AT)
    assert {name: said for name, said in found.items() if said} == {}

"""axe-core, asked about a page as it is now."""

from playwright.sync_api import Page

from hotline.settings import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


_OF_COLORS = ("color-contrast", "link-in-text-block")
"""The only rules that ask how something is painted, of those that `complaints` asks for."""


def complaints(page: Page) -> list[str]:
    """What axe finds wrong, however little, as `rule: element`."""
    page.evaluate(AXE.read_text("utf-8"))
    return _run(page, {"resultTypes": ["violations"]})


def complaints_in_the_dark(page: Page) -> list[str]:
    """Of a page of which `complaints` was asked: what is wrong with its other theme alone."""
    page.emulate_media(color_scheme="dark")
    found = _run(page, {"resultTypes": ["violations"], "runOnly": _OF_COLORS})
    page.emulate_media(color_scheme="light")
    return found


def _run(page: Page, options: dict[str, object]) -> list[str]:
    found = page.evaluate("(options) => axe.run(document, options)", options)
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]

"""Every figure on the pages of figures leads to what it counts. Those of other pages that by design do
not are listed in docs/adr/0032-figures-and-their-rows.md."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from hotline.audit import AuditRow
from hotline.db import reading, transaction
from intake.history.loading import make_of
from intake.statistics.tables import Table
from tests import factories
from tests.dashboard.conftest import Browser, Face
from tests.intake.test_history import NOW, SMALL

PAGES = (
    "/figures?kind=year&year=2019",
    "/figures?kind=quarter&year=2019&quarter=4",
    "/figures?kind=month&year=2019&month=10",
    "/figures?kind=days&first=2019-09-05&last=2019-11-20",
    "/figures/trafficking?first=2019-01-01&last=2019-12-31",
    "/figures/therapy?year=2019",
)
pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
_NUMBER = re.compile(r"\s*(?:<a href=\"([^\"]*)\">)?\s*([\d.:,]+)(?: %| ngày)?\s*(?:</a>)?\s*")


@pytest.fixture
def lead(face: Face) -> Browser:
    """Of a center, which has had a small year, with enough counselors to tell of their load."""
    with transaction(face.db) as session:
        for number in range(3, 8):
            factories.counselor(session, f"hn0{number}", factories.center(session))
    make_of(face.db, SMALL, 7, NOW)
    return face.browser(face.center_lead)


def figures(page: str) -> Iterator[tuple[str | None, str]]:
    """Address and number of those of the period itself: the others are another report's."""
    for row in re.findall(r"<tr[ >].*?</tr>|<dd>.*?</dd>|<h2>.*?</h2>", page, re.S):
        cells = re.findall(r'<t[dh] class="tabular[^>]*>(.*?)</td>', row, re.S) or [
            re.sub(r"<h2>.*?<span class=\"count\">|</?dd[^>]*>|</span>|</h2>", "", row, flags=re.S)
        ]
        is_compared = "tabular end" in row
        for cell in cells[:1] if is_compared else cells:
            found = _NUMBER.fullmatch(cell)
            if found is not None:
                yield found[1] and unescape(found[1]), found[2]


@pytest.mark.parametrize("address", PAGES)
def test_every_figure_leads_to_what_it_counts(lead: Browser, address: str) -> None:
    found = list(figures(lead.get(address).text))
    assert len(found) > 20
    assert [many for at, many in found if at is None and many.strip("0")] == []


def test_the_rows_are_as_many_as_the_figure_says(lead: Browser, face: Face) -> None:
    for address, part in ((PAGES[4], "contacts"), (PAGES[5], "sessions")):
        found = [(at, many) for at, many in figures(lead.get(address).text) if at and part in at]
        assert found
        for at, many in found:
            page = lead.get(at).text
            told = [int(one) for one in re.findall(r"<dd>(\d+)</dd>", page)]
            assert (told[0], told[1] + told[2]) == (int(many), int(many))
    with reading(face.db) as session:
        kinds = {"trafficking_figures", "therapy_figures"}
        looks = session.query(AuditRow).filter(AuditRow.object_kind.in_(kinds), AuditRow.act == "list")
        assert looks.count() > 4


def test_what_is_no_figure_is_not_found(lead: Browser) -> None:
    for address in (
        "/figures/trafficking/rows?part=horses&code=total",
        "/figures/trafficking/rows?part=sexes&code=horses",
        "/figures/therapy/rows?year=2019&part=horses",
        "/figures/therapy/rows?year=2019&month=2&part=free",
        f"/figures/rows?kind=year&year=2019&table={Table.THERAPY}&code=free",
    ):
        assert lead.get(address).status_code == 404, address

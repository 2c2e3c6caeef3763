"""Where what there is to see is made up, every page and paper says so."""

from dataclasses import replace

from dashboard.form_paper import paper
from dashboard.letterhead import MADE_UP
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.made_up import MadeUpYearRow
from hotline.settings import settings
from tests.dashboard.conftest import Browser, Face
from tests.dashboard.papers import PAPERS
from tests.queries import counted

SAID = "Số liệu mô phỏng"


def test_every_page_says_that_the_data_are_made_up_and_asks_no_more_for_it(
    face: Face, an: Browser
) -> None:
    lead = face.browser(face.lead)
    assert SAID not in an.get("/desk").text
    with counted(face.db) as before:
        lead.get("/wallboard")
    with transaction(face.db) as session:
        session.add(MadeUpYearRow(year=2019, seed=1, made_at=utc_now(), calls=0, records=0, cases=0))
    with counted(face.db) as after:
        assert SAID in lead.get("/wallboard").text
    assert len(after) == len(before)
    for path in ("/desk", "/calls", "/search", "/account"):
        assert SAID in an.get(path).text, path


def test_a_paper_of_a_made_up_case_says_so_in_its_head() -> None:
    order = PAPERS["reception"]
    assert MADE_UP not in paper(order, settings()).head.reading
    assert MADE_UP in paper(replace(order, made_up=True), settings()).head.reading

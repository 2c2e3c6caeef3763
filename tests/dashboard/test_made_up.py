"""Where what there is to see is made up, every page and paper says so."""

import re
from dataclasses import replace

from dashboard import packet_paper, research_work
from dashboard.form_paper import paper
from dashboard.letterhead import MADE_UP
from hotline.access import Role
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.made_up import MadeUpYearRow
from hotline.settings import settings
from intake.data_requests.answers import AnswerText
from tests import factories
from tests.dashboard.conftest import Browser, Face
from tests.dashboard.papers import PAPERS
from tests.dashboard.test_research import ask
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


def test_an_answer_about_data_that_are_made_up_says_so_in_its_head() -> None:
    answer = AnswerText("Bà Tư", "2026-11-20", "2026-11-20T05:00:00+00:00", ("know",), "", (), ())
    papers = [packet_paper.paper(answer, 1, "Hà Nội", settings(), made_up=so) for so in (False, True)]
    assert [MADE_UP in one.head.reading for one in papers] == [False, True]


def test_an_extract_of_made_up_data_says_so_in_its_codebook_and_its_name(face: Face) -> None:
    with transaction(face.db) as session:
        second = factories.person(session, Role.DEPARTMENT)
        session.add(MadeUpYearRow(year=2019, seed=1, made_at=utc_now(), calls=0, records=0, cases=0))
    one, other = face.browser(face.department), face.browser(second)
    assert ask(one) == 303
    (number,) = set(re.findall(r"/research/(\d+)/allow", other.get("/research").text))
    assert other.post(f"/research/{number}/allow").status_code == 303
    research_work.make(int(number))
    book = one.get(f"/research/{number}/codebook")
    assert MADE_UP in book.text.splitlines()[1]
    assert "mo-phong" in book.headers["content-disposition"]

"""The day's figures on the wallboard: what they say, and how they are made."""

import re
from datetime import timedelta

from dashboard import sparkline
from hotline.clock import day_began, utc_now
from hotline.events import Outcome
from intake.calls.kpis import Tally
from tests.dashboard.conftest import Face
from tests.factories import Story
from tests.queries import counted


def shown(face: Face) -> dict[str, str]:
    """Figure → what it says of the whole hotline."""
    text = face.browser(face.lead).get("/wallboard/figures", fragment=True).text
    return dict(re.findall(r'data-figure="(\w+)".*?class="kpi-whole">([^<]*)<', text, re.DOTALL))


def test_a_quiet_day_has_no_rates(face: Face) -> None:
    found = shown(face)
    assert (found["offered"], found["answer_rate"], found["speed_of_answer"]) == ("0", "–", "–")


def test_today_is_told_as_the_whole_and_by_center(face: Face) -> None:
    began = day_began(utc_now())
    for _ in range(3):
        face.tell(Story(at=began, pause=timedelta()).answered_call("hn01", talk_seconds=0))
    lost = Story(at=began, pause=timedelta()).arrived().waiting().later(9)
    face.tell(Story(at=began - timedelta(hours=2)).answered_call())
    face.tell(lost.leaves_a_message().ended(Outcome.ABANDONED))
    found = shown(face)
    assert (found["offered"], found["answered"], found["abandoned"]) == ("4", "3", "0")
    assert (found["answer_rate"], found["service_level"], found["callbacks"]) == (
        "75,0 %",
        "75,0 %",
        "1",
    )


def test_a_figures_course_over_the_day_as_bars() -> None:
    day = [Tally(), Tally(answered=2, in_time=1), Tally(answered=4, in_time=4, abandoned=4)]
    ground = f"V{sparkline.HEIGHT - 1:.1f}"
    bars = [bar.partition("h")[0] for bar in sparkline.sparkline(day, "answered").split("z")]
    assert bars == [f"M0.15 16{ground}", "M1.15 16V7.5", "M2.15 16V0.0", ""]
    rates = [bar.partition("h")[0] for bar in sparkline.sparkline(day, "answer_rate").split("z")]
    assert rates == ["M1.15 16V0.0", "M2.15 16V7.5", ""]  # of the whole, and nothing where nothing was
    assert sparkline.sparkline([Tally(longest_wait=timedelta())], "longest_wait").count(ground) == 1
    assert sparkline.sparkline([], "offered") == ""


def test_the_days_course_is_drawn_under_the_figures_of_calls(face: Face) -> None:
    face.past(face.an, hours=0.01)
    text = face.browser(face.lead).get("/wallboard/figures", fragment=True).text
    assert text.count('<svg viewBox="0 0 24 16"') == len(sparkline.OF_CALLS)
    assert text.count('<path d="M') >= 5


def test_each_figure_says_how_it_is_made(face: Face) -> None:
    face.past(face.an, hours=0.01)
    lead = face.browser(face.lead)
    text = lead.get("/wallboard/figures/service_level", fragment=True).text
    assert "Mức chờ: 15 giây." in text
    assert "Hà Nội" in text
    assert "Đà Nẵng" in text
    for code in shown(face):
        assert lead.get(f"/wallboard/figures/{code}", fragment=True).status_code == 200
    assert lead.get("/wallboard/figures/happiness", fragment=True).status_code == 404


def test_the_figures_cost_the_same_whatever_the_day_was_like(face: Face) -> None:
    lead = face.browser(face.lead)
    with counted(face.db) as before:
        lead.get("/wallboard/figures", fragment=True)
    for _ in range(3):
        face.past(face.an, hours=0.01)
    with counted(face.db) as after:
        lead.get("/wallboard/figures", fragment=True)
    assert len(after) == len(before) <= 10

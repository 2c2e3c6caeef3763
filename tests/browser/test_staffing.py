"""A shift lead tries out a campaign: the page waits for the worker by itself and shows what it found."""

import re

from playwright.sync_api import expect

from hotline.db import transaction
from routing import what_ifs
from tests import factories
from tests.browser.conftest import Pages


def test_a_campaign_is_tried_out(pages: Pages) -> None:
    with transaction() as session:
        factories.past_days(session, weeks=8, calls=2)
    lead = pages.log_in(pages.house.world.lead)
    lead.goto(f"{pages.house.address}/staffing")
    expect(lead.get_by_role("img")).to_be_visible()
    lead.get_by_label("Cuộc gọi, % so với dự báo").fill("300")
    lead.get_by_role("button", name=re.compile("Chạy thử")).click()
    waiting = lead.locator("#what-if-answer [hx-get]")
    expect(waiting).to_contain_text("Đang chạy thử")
    asked = (waiting.get_attribute("hx-get") or "").rpartition("/")[2]
    what_ifs.run(int(asked))  # as a worker does
    row = lead.locator("#what-if-answer tbody tr").first
    expect(row).to_contain_text("Cuộc gọi")
    planned, changed = (int(text) for text in row.locator("td.end").all_inner_texts())
    assert 2.4 < changed / planned < 3.6

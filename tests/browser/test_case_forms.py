"""Long forms in a browser, statutory ones and plans: what was typed outlives the page, the network and
the server.
"""

import pytest
from playwright.sync_api import Error, expect

from hotline.clock import utc_now
from hotline.db import transaction
from intake.cases import cases
from intake.documents import filled_forms
from intake.plans import case_plans
from intake.records import records
from tests.browser import world
from tests.browser.conftest import Pages

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("db", ["sqlite"], indirect=True)]


def test_what_was_typed_into_a_form_outlives_its_page(pages: Pages) -> None:
    who, now = pages.house.world.counselor, utc_now()
    told = world.past_call(who, "0912345678", now, 30)
    with transaction() as session:
        record = records.record_of_call(session, who, told.call_id, now)
        assert record is not None
        case = cases.open_from_record(session, who, record.id, now)
        form = filled_forms.open_form(session, who, case, "review", None, "f" * 16, now)
    address = f"{pages.house.address}/forms/{form}"
    page = pages.log_in(who)
    page.goto(address)
    page.fill("[name='f.child_name']", "Bùi Thị Na")
    page.check("[name='f.outcome'][value=stable]", force=True)
    page.goto(f"{pages.house.address}/cases/{case}")
    page.goto(address)
    expect(page.locator("#notices")).to_contain_text("khôi phục")
    expect(page.locator("[name='f.child_name']")).to_have_value("Bùi Thị Na")
    page.fill("[name='f.assessor']", "Hoàng Thị Dung")
    page.context.set_offline(True)
    with pytest.raises(Error):
        page.goto(address)
    page.context.set_offline(False)
    with transaction() as session:  # somebody else meanwhile
        other = {"child_name": "Bùi Na"}
        filled_forms.save(session, pages.house.world.lead, form, 0, other, utc_now())
    page.goto(address)
    expect(page.locator("[name='f.assessor']")).to_have_value("Hoàng Thị Dung")
    page.get_by_role("button", name="Lưu mẫu").click()
    expect(page.locator(".field-problem")).to_contain_text("“Bùi Na”")
    expect(page.locator("[name='f.child_name']")).to_have_value("Bùi Thị Na")
    page.get_by_role("button", name="Lưu mẫu").click()
    expect(page.locator("main .problem")).to_have_count(0)
    page.goto(address)
    expect(page.locator("form[data-adopted]")).to_be_visible()
    expect(page.locator("#notices")).not_to_contain_text("khôi phục")
    with transaction() as session:
        values = filled_forms.filled_form(session, who, form, utc_now()).values
    assert (values["child_name"], values["assessor"], values["outcome"]) == (
        "Bùi Thị Na",
        "Hoàng Thị Dung",
        "stable",
    )


def test_what_was_typed_into_a_plan_outlives_its_page_until_it_is_saved(pages: Pages) -> None:
    who, now = pages.house.world.counselor, utc_now()
    told = world.past_call(who, "0912345679", now, 30)
    with transaction() as session:
        record = records.record_of_call(session, who, told.call_id, now)
        assert record is not None
        case = cases.open_from_record(session, who, record.id, now)
    address = f"{pages.house.address}/cases/{case}/plan"
    what, due = (f"[name='plan.action.1.{name}']" for name in ("what", "due"))
    page = pages.log_in(who)
    page.goto(address)
    page.fill(what, "Đưa bé đi khám")
    page.goto(f"{pages.house.address}/cases/{case}")
    page.goto(address)
    expect(page.locator(what)).to_have_value("Đưa bé đi khám")
    page.fill("[name='plan.action.1.cost']", "một triệu")
    page.get_by_role("button", name="Lưu bản soạn").click()
    expect(page.locator(".field-problem")).to_have_count(1)
    page.goto(address)  # nothing was saved, and nothing is lost
    expect(page.locator(what)).to_have_value("Đưa bé đi khám")
    page.fill("[name='plan.action.1.cost']", "1000000")
    page.get_by_role("button", name="Lưu bản soạn").click()
    expect(page.locator("main[data-taken]")).to_be_visible()
    page.fill(due, "2026-12-31")
    page.fill(due, "")
    page.goto(address)
    expect(page.locator("form[data-adopted]")).to_be_visible()
    expect(page.locator("#notices")).not_to_contain_text("khôi phục")
    with transaction() as session:
        kept = case_plans.plans(session, who, case, utc_now()).latest
    assert kept is not None
    assert [(one.what, one.cost) for one in kept.content.actions] == [("Đưa bé đi khám", 1_000_000)]

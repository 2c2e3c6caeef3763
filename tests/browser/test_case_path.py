"""A case from its record to its end: counselor, an officer on a phone, who approves, the department."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from hotline.access import Role, Viewer
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import CaseId
from hotline.staff import StaffRow, viewer_of
from intake.records import records
from intake.tables.cases import CaseRow
from tests.browser import world
from tests.browser.conftest import Pages
from tests.plans import WHOLE

KIM_BOI, PHU_THO = "2025:04978", "2025:25"
PHONE = {"width": 360, "height": 640}
TOLD = {
    "place_unit": KIM_BOI,
    "child.1.name": "Bé Na",
    "caller_name": "Bành Thị Đào",
    "content": "Bé bị đánh, đang ở nhà bà.",
}


def _officer(like: Viewer, role: Role, unit: str) -> Viewer:
    """With an account, and the password of everybody here."""
    with transaction() as session:
        known = session.get_one(StaffRow, like.staff_id)
        row = StaffRow(
            login=f"cb-{unit[-5:]}".replace(":", "-"),
            name="Bùi Thị Hoa",
            role=role,
            center_id=known.center_id,
            languages="vi",
            interface_language="vi",
            password_hash=known.password_hash,
            active=True,
            unit_id=unit,
        )
        session.add(row)
        session.flush()
        return viewer_of(row)


def _step(page: Page, **answers: str) -> None:
    """The case's next step, as the form of its page asks it."""
    form = page.locator("form.step")
    for name, text in answers.items():
        field = form.locator(f"[name='answer.{name}']")
        if field.first.get_attribute("type") == "radio":
            form.locator(f"[name='answer.{name}'][value='{text}']").check(force=True)
        else:
            field.fill(text)
    with page.expect_navigation():
        form.get_by_role("button", name="Xong bước này").click()


@pytest.mark.browser
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_a_case_goes_its_whole_way(pages: Pages) -> None:
    people, address = pages.house.world, pages.house.address
    heads = world.viewers(["lt01", "cb01"])
    call = world.past_call(people.counselor, "0353777018", utc_now() - timedelta(minutes=5))
    with transaction() as session:
        record = records.record_of_call(session, people.counselor, call.call_id, utc_now())
        assert record is not None
        records.autosave(session, people.counselor, record.id, 0, TOLD, utc_now())

    counselor = pages.log_in(people.counselor)
    counselor.goto(f"{address}/records/{record.id}")
    counselor.keyboard.press("c")
    counselor.wait_for_url("**/cases/*")
    case = int(re.findall(r"/cases/(\d+)", counselor.url)[0])
    here = f"{address}/cases/{case}"
    officer = _officer(people.counselor, Role.COMMUNE_OFFICER, KIM_BOI)
    province = _officer(people.counselor, Role.PROVINCE_OFFICER, PHU_THO)

    number = _handed_over(counselor, here)
    phone = pages.log_in_to(pages.context(viewport=PHONE, has_touch=True), officer)
    _taken_on(phone, address, number)
    counselor.goto(here)
    expect(counselor.locator("h1")).to_contain_text("Đang đánh giá")  # the commune has acknowledged
    _step(counselor, conclusion="plan")
    _step(counselor, finding="high", verified_by="Bà Hoa")
    expect(counselor.locator("h1")).to_contain_text("lập kế hoạch")

    _written_by_two(pages, counselor, f"{here}/plan")
    counselor.locator("[name=approver_id]").select_option(str(heads[0].staff_id))
    with counselor.expect_navigation():
        counselor.get_by_role("button", name="Lưu và trình phê duyệt").click()
    head = pages.log_in(heads[0])
    head.goto(f"{here}/plan")
    head.locator("[name=decision][value=approved]").check(force=True)
    with head.expect_navigation():
        head.get_by_role("button", name="Gửi trả lời").click()
    _carried_out(counselor, here)

    for tap in ("Trẻ an toàn", "Đã đến tận nơi", "3. Gửi 111"):
        phone.get_by_text(tap, exact=True).click()
    expect(phone.get_by_text("Đã gửi 111")).to_be_visible()
    counselor.reload()
    expect(counselor.locator("body")).to_contain_text("Trẻ an toàn")
    _step(counselor, review="stable")
    _watched_to_the_end(counselor, here, CaseId(case))
    _seen_from_above(pages, heads[1], province, address, case, number)


def _handed_over(counselor: Page, here: str) -> str:
    """Gives the case's number."""
    counselor.goto(f"{here}/handover")
    counselor.fill("[name=recipient]", "Chị Hoa")
    counselor.locator("[name=way][value=account]").check(force=True)
    counselor.get_by_role("button", name="Xem đúng những gì sẽ gửi").click()
    counselor.get_by_role("button", name="Gửi đi").click()
    expect(counselor.locator("body")).to_contain_text("Chị Hoa")
    return str(counselor.locator(".next .eyebrow").inner_text())


def _taken_on(phone: Page, address: str, number: str) -> None:
    phone.goto(f"{address}/field")
    phone.get_by_role("link", name=re.compile(number)).click()
    expect(phone.locator("body")).to_contain_text("Bé Na")
    expect(phone.locator("body")).not_to_contain_text("Đào")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    phone.get_by_text("Tôi nhận ca này", exact=True).click()
    expect(phone.locator("[data-report]")).to_be_visible()


def _written_by_two(pages: Pages, counselor: Page, plan: str) -> None:
    """Both have the empty plan open; the second to save is told, and keeps what was typed."""
    lead = pages.log_in(pages.house.world.lead)
    what = counselor.locator("[name='plan.action.1.what']")
    for page in (counselor, lead):
        page.goto(plan)
    lead.fill("[name='plan.action.1.what']", "Đưa bé đi khám")
    lead.get_by_role("button", name="Lưu bản soạn").click()
    expect(lead.locator("main[data-taken]")).to_be_visible()
    for name, text in WHOLE.items():
        field = counselor.locator(f"[name='plan.{name}']")
        if name.endswith(".work"):
            field.select_option(text)
        else:
            field.fill(text)
    counselor.get_by_role("button", name="Lưu bản soạn").click()
    expect(counselor.locator("main")).to_contain_text("Đưa bé đi khám")
    expect(what).to_have_value(WHOLE["action.1.what"])
    counselor.get_by_role("button", name="Lưu bản soạn").click()
    expect(counselor.locator("main[data-taken]")).to_be_visible()


def _carried_out(counselor: Page, here: str) -> None:
    """Not before each action has its result, which the page says."""
    counselor.goto(here)
    lacking = counselor.locator(".next .lacking")
    expect(lacking).to_contain_text("kết quả của mọi hoạt động trong kế hoạch")
    _step(counselor, done="Bé ở với bà, đi học lại")
    expect(counselor.locator("h1")).to_contain_text("thực hiện")
    for position in range(2):
        counselor.goto(f"{here}/plan")
        form = counselor.locator("form[action*='/plan/actions/']").nth(position)
        form.evaluate("form => { form.closest('details').open = true }")
        form.locator("[name=outcome][value=done]").check(force=True)
        form.locator("[name=result]").fill("Đã làm")
        with counselor.expect_navigation():
            form.get_by_role("button", name="Ghi kết quả").click()
    counselor.goto(here)
    expect(lacking).to_have_count(0)
    _step(counselor, done="Bé ở với bà, đi học lại")
    expect(counselor.locator("h1")).to_contain_text("rà soát")


def _watched_to_the_end(counselor: Page, here: str, case: CaseId) -> None:
    expect(counselor.locator("h1")).to_contain_text("Theo dõi")
    _step(counselor, review="stable")
    expect(counselor.locator(".next")).to_contain_text("theo dõi đủ 3 tháng")
    with transaction() as session:
        session.get_one(CaseRow, case).entered_at -= timedelta(days=100)
    counselor.goto(here)
    _step(counselor, review="stable")
    expect(counselor.locator(".next")).to_contain_text("Ca đã kết thúc")


def _seen_from_above(
    pages: Pages, department: Viewer, province: Viewer, address: str, case: int, number: str
) -> None:
    """The department reads the case, the province what was handed to it; neither writes in it."""
    above = pages.log_in(department)
    above.goto(f"{address}/cases?over=1")
    above.get_by_role("link", name=re.compile(number)).first.click()
    expect(above.locator(".next")).to_contain_text("Ca đã kết thúc")
    expect(above.locator("body")).not_to_contain_text("Bành Thị Đào")
    expect(above.locator("main form[method=post]")).to_have_count(0)
    beside = pages.log_in_to(pages.context(viewport=PHONE, has_touch=True), province)
    beside.goto(f"{address}/field")
    expect(beside.get_by_role("link", name=re.compile(number))).to_contain_text("Trẻ an toàn")
    refused = beside.goto(f"{address}/cases/{case}")
    assert refused is not None
    assert refused.status == 404

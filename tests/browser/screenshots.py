"""Pictures for the README, with made-up people and calls: `python -m tests.browser.screenshots`.

With SHOTS=FOLDER every page is pictured there, in light and dark, on a desk's screen and a phone's.
"""

import base64
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select, update

from dashboard import official_report_work, texts
from hotline import audit, audit_findings, audit_work, keyring, staff
from hotline.access import Role
from hotline.audit import Act
from hotline.audit_patterns import REFUSALS
from hotline.clock import local, utc_now
from hotline.db import transaction
from hotline.ids import CaseId, RecordId
from hotline.settings import ROOT, settings
from hotline.staff import StaffRow
from intake import odd_looks
from intake.cases import cases
from intake.data_requests import data_requests, objects
from intake.data_requests.data_requests import Asking
from intake.forms.taxonomy import Disposition
from intake.official_reports import official_reports, report_schedule
from intake.official_reports.official_reports import Letter
from intake.official_reports.report_rules import Kind
from intake.official_reports.report_schedule import Planned
from intake.records import records
from intake.research import extracts
from intake.retention import legal_holds
from intake.retention.legal_holds import Held
from intake.statistics.periods import Period
from intake.surveys import asking as survey_asking
from intake.surveys import surveys
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.recordings import RecordingRow
from intake.tables.records import RecordPersonRow
from routing import availability
from routing.choices import Choice, Why
from tests import factories
from tests.browser import case_scenes, world
from tests.browser.conftest import DESK, Pages

_ALL = os.environ.get("SHOTS", "")
"""A folder for every picture of every page, for a look at all of them."""
PHONE = {"width": 390, "height": 844}
_README = {
    "desk-ringing-light": "desk-ringing",
    "desk-writing-dark": "desk-writing-dark",
    "wallboard-light": "wallboard",
    "case-light": "case",
    "case-phone-light": "case-phone",
}
_STORY = {
    "caller_type": "neighbor",
    "anonymous": "1",
    "call_back": "Chỉ gọi sau 21 giờ, xưng là bạn cũ",
    "child.1.name": "Bé Na",
    "child.1.age": "8",
    "child.1.sex": "female",
    "child.1.condition": "Bầm ở tay, sợ người lớn",
    "child.2.name": "Em của Na",
    "child.2.age": "5",
    "child.2.sex": "male",
    "place_unit": "Xã Kim Bôi, huyện Kim Bôi, Hòa Bình",
    "place": "Thôn Bãi, cạnh nhà văn hóa",
    "offender.1.described": "Cha dượng, thường uống rượu buổi tối",
    "offender.1.relation": "step_parent",
    "offender.1.nearness": "here",
    "problem": "violence",
    "risk": "emergency",
    "content": (
        "Cô hàng xóm nghe tiếng khóc nhiều tối liền. Tối nay thấy bé Na đứng ngoài sân, tay bầm, "
        "nói là bị cha dượng đánh. Mẹ đi làm ca đêm, 6 giờ sáng mới về."
    ),
    "advice": "Đưa hai bé sang nhà cô ngay nếu an toàn, không đối đầu với cha dượng.",
    "referral": "Công an xã Kim Bôi; cán bộ trẻ em xã.",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to see."""

    case_id: CaseId
    record_id: RecordId


def _fill(pages: Pages) -> Scene:
    """An ordinary evening: calls behind us, a case that is moving, colleagues at work."""
    people = pages.house.world
    now = utc_now()
    short = (
        (Disposition.SILENT, "0328456117", 6),
        (Disposition.PRANK, "0977120345", 21),
        (Disposition.INFORMATION, "0243869245", 38),
        (Disposition.WRONG_NUMBER, None, 55),
        (Disposition.THANKS, "0912345678", 71),
    )
    for disposition, number, minutes in short:
        _closed(pages, number, minutes, disposition)
    world.past_call(people.counselor, "0866904512", now - timedelta(minutes=12), 180)
    told = world.past_call(people.counselor, "0353777018", now - timedelta(minutes=95), 660)
    with transaction() as session:
        viewer = people.counselor
        found = records.record_of_call(session, viewer, told.call_id, now)
        assert found is not None
        records.autosave(session, viewer, found.id, found.revision, _STORY, now - timedelta(minutes=90))
        opened = now - timedelta(minutes=84)
        case_id = cases.open_from_record(session, viewer, found.id, opened)
        steps = {"recipient": "UBND xã Kim Bôi, trực ban", "acknowledged_by": "Ông Bùi Văn Hạnh"}
        cases.complete_step(
            session, viewer, case_id, "report_to_commune", steps, now - timedelta(minutes=61)
        )
        cases.add_note(
            session,
            viewer,
            case_id,
            "Công an xã đã đến nhà. Hai bé đang ở nhà cô hàng xóm, đã ăn và ngủ.",
            now - timedelta(minutes=40),
            now - timedelta(minutes=44),
        )
    for number, minutes in (("0353777018", 34), ("0977120345", 12), ("0243869245", 6), (None, 20)):
        world.tell(world.lost(number, timedelta(minutes=minutes)))
    world.tell(world.lost("0977120345", timedelta(minutes=4)))
    _staff_the_board(pages)
    with transaction() as session:
        session.execute(delete(RecordingRow))  # none of them was recorded, which would be an alarm
    return Scene(case_id, found.id)


def _closed(pages: Pages, number: str | None, minutes: int, disposition: Disposition) -> None:
    viewer = pages.house.world.counselor
    told = world.past_call(viewer, number, utc_now() - timedelta(minutes=minutes), 20)
    with transaction() as session:
        found = records.record_of_call(session, viewer, told.call_id, utc_now())
        assert found is not None
        records.close(session, viewer, found.id, disposition, utc_now())


def _staff_the_board(pages: Pages) -> None:
    now = utc_now()
    with transaction() as session:
        everybody = availability.everybody(session, now)
        here = [one.staff.login for one in everybody if one.on_duty(now)]
    choices = (Choice.AVAILABLE, Choice.AVAILABLE, Choice.BREAK, Choice.AVAILABLE, Choice.MISSED)
    for number, viewer in enumerate(world.viewers(here)):
        choice = choices[number % len(choices)]
        why = Why.MEAL if choice is Choice.BREAK else ""
        world.choose(viewer, choice, timedelta(minutes=3 + 7 * number), why)
    talkers = [viewer for viewer in world.viewers(here) if viewer != pages.house.world.counselor][:3]
    for number, viewer in enumerate(talkers):
        told = world.story(ago=timedelta(minutes=2 + 3 * number)).arrived().waiting()
        world.tell(told.later(6).rang(viewer.phone or "").later(4).talk(viewer.phone or ""))
    for seconds in (48, 31, 9):
        world.tell(world.story(ago=timedelta(seconds=seconds)).arrived().waiting())


def _shots(pages: Pages, folder: Path) -> Iterator[tuple[Page, Path]]:
    scene = _fill(pages)
    people, address = pages.house.world, pages.house.address
    ringing = world.story("0353777018", ago=timedelta(seconds=7)).arrived().waiting()
    world.tell(ringing.rang(people.counselor.phone or ""))
    for theme in ("light", "dark"):
        for size_name, size in (("", DESK), ("phone-", PHONE)):
            options = {"color_scheme": theme, "viewport": size, "reduced_motion": "reduce"}
            end = f"{size_name}{theme}"
            anonymous = pages.watched(pages.context(**options))
            anonymous.goto(f"{address}/login")
            yield anonymous, folder / f"login-{end}"
            page = pages.log_in(people.counselor, **options)
            expect(page.locator("[data-pop]")).to_be_visible()
            yield page, folder / f"desk-ringing-{end}"
            page.goto(f"{address}/desk?record={scene.record_id}")
            yield page, folder / f"desk-writing-{end}"
            for path in (
                f"records/{scene.record_id}",
                f"cases/{scene.case_id}",
                "cases",
                "calls",
                "call-out",
                "callbacks",
            ):
                page.goto(f"{address}/{path}")
                name = path.split("/")[0].removesuffix("s" if "/" in path else "")
                yield page, folder / f"{name}-{end}"
            page.goto(f"{address}/search")
            page.get_by_role("searchbox").fill("be na kim boi")
            page.keyboard.press("Enter")
            expect(page.locator(".hits li").first).to_be_visible()
            yield page, folder / f"search-{end}"
            page.keyboard.press("F9")
            expect(page.locator("#curtain")).to_be_visible()
            yield page, folder / f"curtain-{end}"
            page.fill("#curtain [name=password]", world.PASSWORD)
            page.keyboard.press("Enter")
            expect(page.locator("#curtain")).to_be_hidden()
            page.goto(f"{address}/callbacks")
            page.locator(".owed-table a.button").first.click()
            expect(page.locator(".ask")).to_be_visible()
            yield page, folder / f"callback-{end}"
            lead = pages.log_in(people.lead, **options)
            expect(lead.locator(".tile").first).to_be_visible()
            expect(lead.locator("[data-figure]").first).to_be_visible()
            yield lead, folder / f"wallboard-{end}"
    world.tell(ringing.ended())
    page = pages.log_in(people.colleague)
    yield page, folder / "desk-shift-light"


def _case_shots(pages: Pages, folder: Path) -> Iterator[tuple[Page, Path]]:
    """The pages of cases in every state, and those of whoever receives them."""
    people, address = pages.house.world, pages.house.address
    scenes = case_scenes.fill(people)
    for theme in ("light", "dark"):
        for size_name, size in (("", DESK), ("phone-", PHONE)):
            options = {"color_scheme": theme, "viewport": size, "reduced_motion": "reduce"}
            end = f"{size_name}{theme}"
            for who, paths in scenes.of_people(people):
                page = pages.log_in(who, **options)
                for name, path in paths.items():
                    page.goto(f"{address}{path}")
                    yield page, folder / f"{name}-{end}"
            door = pages.watched(pages.context(**options))
            door.goto(f"{address}/h?k={scenes.door.token}")
            yield door, folder / f"door-{end}"
            door.goto(f"{address}/h?k=nothing")
            yield door, folder / f"door-shut-{end}"


@pytest.mark.browser
@pytest.mark.skipif(not _ALL, reason="only for a look: SHOTS=FOLDER")
def test_take_screenshots_of_cases(pages: Pages) -> None:
    folder = Path(_ALL)
    folder.mkdir(parents=True, exist_ok=True)
    for page, file in _case_shots(pages, folder):
        page.screenshot(path=f"{file}.png", full_page="phone" in file.name)


@pytest.mark.browser
@pytest.mark.skipif(not _ALL, reason="only for a look: SHOTS=FOLDER")
def test_take_screenshots_of_the_audit(pages: Pages) -> None:
    folder, people, now = Path(_ALL), pages.house.world, utc_now()
    folder.mkdir(parents=True, exist_ok=True)
    _fill(pages)
    with transaction() as session:
        for number in range(REFUSALS):
            at = now - timedelta(hours=2)
            asked = "GET /cases/{case_id}"
            audit.note(session, people.counselor, Act.REFUSED, "case", number, at, asked)
        audit.note(session, people.lead, Act.EXPORT, "case", "list", now, "120 state=assessing")
        audit_findings.put_place(session, people.auditor, people.counselor.login, "2025:04978", now)
    audit_work.seal_new()
    audit_work.verify_all()
    odd_looks.look_over(utc_now())
    for theme in ("light", "dark"):
        for size_name, size in (("", DESK), ("phone-", PHONE)):
            options = {"color_scheme": theme, "viewport": size, "reduced_motion": "reduce"}
            page = pages.log_in(people.auditor, **options)
            for name, path in (
                ("", "audit"),
                ("-object", "audit?kind=case&id=1"),
                ("-finding", "audit/findings/1"),
            ):
                page.goto(f"{pages.house.address}/{path}")
                page.screenshot(path=folder / f"audit{name}-{size_name}{theme}.png", full_page=True)


@pytest.mark.browser
@pytest.mark.skipif(not _ALL, reason="only for a look: SHOTS=FOLDER")
def test_take_screenshots_of_privacy(pages: Pages) -> None:
    """Requests about personal data, legal holds, extracts for research; each with its form open."""
    folder, now = Path(_ALL), utc_now()
    folder.mkdir(parents=True, exist_ok=True)
    scene, ring = _fill(pages), keyring.recording_keys(settings())
    told = {
        "name": "Nguyễn Thị Na",
        "words": "Em muốn biết 111 giữ gì về em.",
        "contact": "na@example.vn",
    }
    asking = Asking("email", "child", "", "electronic", ["know", "copy", "erase"], told)
    with transaction() as session:
        center = staff.centers(session)[0]
        lead = factories.person(session, Role.CENTER_LEAD, at=center, name="Đỗ Thị Mai")
        known = session.get_one(StaffRow, pages.house.world.lead.staff_id)
        session.get_one(StaffRow, lead.staff_id).password_hash = known.password_hash
        one = data_requests.register(session, lead, asking, center.id, "d" * 20, now, ring, now)
        child = session.scalar(
            select(RecordPersonRow.id).where(
                RecordPersonRow.record_id == scene.record_id,
                RecordPersonRow.about == "child",
                RecordPersonRow.position == 1,
            )
        )
        objects.choose(session, lead, one, scene.record_id, child, now)
        cut = factories.person(session, Role.DEPARTMENT, at=center, name="Cao Văn Cục")
        session.get_one(StaffRow, cut.staff_id).password_hash = known.password_hash
        case = session.get_one(CaseRow, scene.case_id).number
        legal_holds.put(session, lead, Held.CASE, case, "Tòa án nhân dân tỉnh cần", None, now)
        said = {"researcher": "Bà Nghiên", "institution": "Trường Y", "purpose": "Luận văn"}
        today = local(now).date()
        extracts.ask(session, cut, said, today, today, ["month", "age"], "r" * 20, ring, now)
    shown = (
        (lead, "data-request-list", "data-requests"),
        (lead, "data-request", f"data-requests/{one}"),
        (lead, "holds", "holds"),
        (cut, "research", "research"),
    )
    for theme, size_name, size in (("light", "", DESK), ("dark", "phone-", PHONE)):
        options = {"color_scheme": theme, "viewport": size, "reduced_motion": "reduce"}
        browsers = {who: pages.log_in(who, **options) for who in (lead, cut)}
        for who, name, path in shown:
            page = browsers[who]
            page.goto(f"{pages.house.address}/{path}")
            if name != "data-request":
                page.locator("details.panel > summary").click()
            page.screenshot(path=folder / f"{name}-{size_name}{theme}.png", full_page=True)


@pytest.mark.browser
@pytest.mark.skipif(not _ALL, reason="only for a look: SHOTS=FOLDER")
def test_take_screenshots_of_accounts(pages: Pages) -> None:
    """The staff, one of them with all that can be done, somebody new, one's own account, the page of a
    new passkey, log-in and proof."""
    folder = Path(_ALL)
    folder.mkdir(parents=True, exist_ok=True)
    one = pages.house.world.counselor.staff_id
    at = pages.house.address.replace("127.0.0.1", "localhost")  # where there are passkeys
    for theme, size_name, size in (
        ("light", "", DESK),
        ("dark", "", DESK),
        ("light", "phone-", PHONE),
        ("dark", "phone-", PHONE),
    ):
        page = pages.watched(pages.context(color_scheme=theme, viewport=size, reduced_motion="reduce"))

        def shot(name: str, page: Page = page, end: str = f"{size_name}{theme}") -> None:
            page.screenshot(path=folder / f"{name}-{end}.png", full_page=True)

        page.goto(f"{at}/login")
        shot("login")
        page.fill("[name=login]", pages.house.world.administrator.login)
        page.fill("[name=password]", world.PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "/login" not in address)
        for name, path in (
            ("staff", "staff"),
            ("staff-new", "staff/new"),
            ("staff-member", f"staff/{one}"),
            ("account", "account"),
            ("prove", "prove?back=/staff"),
        ):
            page.goto(f"{at}/{path}")
            for summary in page.locator("details.panel > summary").all():
                summary.click()
            shot(name)
        page.goto(f"{at}/account")
        page.get_by_role("button", name="Thêm khóa đăng nhập").click()
        expect(page.get_by_role("button", name="Tạo khóa")).to_be_visible()
        shot("passkey-new")


@pytest.mark.browser
@pytest.mark.skipif(not _ALL, reason="only for a look: SHOTS=FOLDER")
def test_take_screenshots_of_official_reports(pages: Pages) -> None:
    """One of each state, for who drafts, who signs and the Department; and the schedule."""
    folder, now = Path(_ALL), utc_now()
    folder.mkdir(parents=True, exist_ok=True)
    _fill(pages)
    with transaction() as session:
        known = session.get_one(StaffRow, pages.house.world.lead.staff_id)
        center = staff.centers(session)[0]
        lead, signer, cut = (
            factories.person(session, role, at=center, name=name)
            for role, name in (
                (Role.CENTER_LEAD, "Đỗ Thị Mai"),
                (Role.CENTER_LEAD, "Mai Thị Ký"),
                (Role.DEPARTMENT, "Cao Văn Cục"),
            )
        )
        for one in (lead, signer, cut):
            session.get_one(StaffRow, one.staff_id).password_hash = known.password_hash
        readers, sent = [cut.staff_id], [lead.staff_id, signer.staff_id]
        letter = Letter(circle="Lãnh đạo Bộ Y tế", recipients="Bộ Y tế", capacity="Giám đốc")
        session.execute(update(CallRow).values(arrived_at=now - timedelta(days=40)))
        days = Period(local(now).date() - timedelta(days=60), local(now).date())
        made = [
            official_reports.order(session, lead, kind, days, letter, sent[1], readers, f"{n:020}", now)
            for n, kind in enumerate((Kind.SPAN, Kind.MONTHLY, Kind.QUARTERLY, Kind.ANNUAL))
        ]
        plan = Planned(Kind.MONTHLY, True, letter, sent[1], frozenset(readers))
        report_schedule.change(session, lead, plan, now)
    for number in made[1:]:
        official_report_work.make(number)
    for number in made[2:]:
        with transaction() as session:
            digest = official_reports.report(session, signer, number).digest
            official_reports.sign(session, signer, number, digest, settings(), now)
        official_report_work.make(number)
    with transaction() as session:
        official_reports.withdraw(session, lead, made[3], "Thiếu tháng 12", now, mails=False)
    shown = (
        (lead, "reports", "official-reports"),
        (signer, "report-drafted", f"official-reports/{made[1]}"),
        (cut, "report-issued", f"official-reports/{made[2]}"),
        (lead, "report-withdrawn", f"official-reports/{made[3]}"),
        (lead, "report-schedule", "report-schedule"),
    )
    for theme, size_name, size in (("light", "", DESK), ("dark", "phone-", PHONE)):
        options = {"color_scheme": theme, "viewport": size, "reduced_motion": "reduce"}
        browsers = {who: pages.log_in(who, **options) for who in (lead, signer, cut)}
        for who, name, path in shown:
            page = browsers[who]
            page.goto(f"{pages.house.address}/{path}")
            if name in ("reports", "report-drafted"):
                page.locator("details.panel > summary").click()
            page.screenshot(path=folder / f"{name}-{size_name}{theme}.png", full_page=True)


@pytest.mark.browser
@pytest.mark.skipif(not _ALL, reason="only for a look: SHOTS=FOLDER")
def test_take_screenshots_of_surveys(pages: Pages) -> None:
    """What a counselor reads and asks, and what who leads sees of many children and of none."""
    folder, now = Path(_ALL), utc_now()
    folder.mkdir(parents=True, exist_ok=True)
    asks, ages = pages.house.world.counselor, ("7-10", "11-14", "15-17")
    calls = [world.past_call(asks, f"09{n:08}", now - timedelta(minutes=5), 120) for n in range(4)]
    with transaction() as session:
        known = session.get_one(StaffRow, pages.house.world.lead.staff_id)
        center = staff.centers(session)[0]
        lead = factories.person(session, Role.CENTER_LEAD, at=center, name="Đỗ Thị Mai")
        session.get_one(StaffRow, lead.staff_id).password_hash = known.password_hash
        opened = surveys.put_in_use(session, lead, texts.survey(), now)
    for n in range(120):
        said = {
            "listened": [str(1 + n % 5)],
            "again": ["yes" if n % 7 else "no"],
            "heard_from": ["school"],
        }
        with transaction() as session:
            survey_asking.keep(
                session, opened, f"{n:032x}", ages[n % 3], ("male", "female")[n % 2], said, now
            )
    for k, (theme, size_name, size) in enumerate((("light", "", DESK), ("dark", "phone-", PHONE))):
        options = {"color_scheme": theme, "viewport": size, "reduced_motion": "reduce"}
        page = pages.log_in(asks, **options)
        page.goto(f"{pages.house.address}/surveys/ask/{calls[k].call_id}")
        page.screenshot(path=folder / f"survey-consent-{size_name}{theme}.png", full_page=True)
        for label in ("Đồng ý", "Nữ"):
            page.get_by_label(label, exact=True).check()
        page.get_by_label("Trẻ bao nhiêu tuổi").fill("12")
        page.get_by_role("button", name="Tiếp").click()
        page.get_by_label("Thầy cô, trường học").check()
        page.screenshot(path=folder / f"survey-questions-{size_name}{theme}.png", full_page=True)
        page.get_by_role("button", name="Lưu và cảm ơn trẻ").click()
        expect(page.get_by_text("Đã lưu câu trả lời")).to_be_visible()
        page.screenshot(path=folder / f"survey-over-{size_name}{theme}.png", full_page=True)
        with transaction() as session:
            if k:
                surveys.end(session, lead, opened, now)
        page = pages.log_in(lead, **options)
        for name, path in (("surveys", "surveys"), ("survey", f"surveys/{opened}")):
            page.goto(f"{pages.house.address}/{path}")
            page.screenshot(path=folder / f"{name}-{size_name}{theme}.png", full_page=True)


@pytest.mark.browser
def test_take_screenshots(pages: Pages) -> None:
    folder = Path(_ALL or ROOT / "docs" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    for page, file in _shots(pages, folder):
        page.wait_for_load_state("networkidle" if "login" in file.name else "load")
        if _ALL:
            page.screenshot(path=f"{file}.png")
        elif file.name in _README:
            (folder / f"{_README[file.name]}.webp").write_bytes(_webp(page, page.screenshot()))


def _webp(page: Page, png: bytes) -> bytes:
    """The same picture at a third of the size, made by the browser itself on an empty page."""
    canvas = page.context.new_page()
    address = canvas.evaluate(
        """async png => {
          const bytes = await fetch(`data:image/png;base64,${png}`);
          const picture = await createImageBitmap(await bytes.blob());
          const canvas = Object.assign(document.createElement('canvas'),
            {width: picture.width, height: picture.height});
          canvas.getContext('2d').drawImage(picture, 0, 0);
          return canvas.toDataURL('image/webp', 0.86);
        }""",
        base64.b64encode(png).decode(),
    )
    canvas.close()
    return base64.b64decode(address.partition(",")[2])


if __name__ == "__main__":
    there = "-Wignore::pytest.PytestAssertRewriteWarning"  # imported by this very module
    sys.exit(pytest.main([__file__, "-q", "-k", "sqlite", "-p", "no:cacheprovider", there]))

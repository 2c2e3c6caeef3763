"""Cases in every state, as made-up people have left them, for pictures and for axe."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline import keyring, staff
from hotline.access import Role, Viewer
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import CaseId
from hotline.settings import settings
from hotline.staff import StaffRow, viewer_of
from intake.cases import case_entries, cases, emergency, joining
from intake.directory import directory_command, directory_entries
from intake.documents import filled_forms
from intake.handovers import (
    case_handovers,
    handover_answers,
    handover_links,
    handover_photos,
    office_systems,
)
from intake.handovers.case_handovers import Draft, Limits
from intake.handovers.handover_answers import Report
from intake.handovers.handover_links import Made
from intake.handovers.handover_views import Way
from intake.plans import case_plans
from intake.records import records
from tests.browser import world
from tests.browser.world import World
from tests.plans import WHOLE

KIM_BOI = "2025:04978"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
TOLD = {
    "caller_type": "neighbor",
    "caller_name": "Nguyễn Thị Đào",
    "child.1.name": "Bùi Thị Bé Na",
    "child.1.age": "8",
    "child.1.sex": "female",
    "child.1.condition": "Bầm ở tay, sợ người lớn",
    "place_unit": "Xã Kim Bôi, huyện Kim Bôi, Hòa Bình",
    "place": "Thôn Bãi, cạnh nhà văn hóa",
    "offender.1.described": "Cha dượng, thường uống rượu buổi tối",
    "offender.1.relation": "step_parent",
    "problem": "violence",
    "risk": "emergency",
    "content": "Hàng xóm nghe tiếng khóc nhiều tối liền; tối nay bé đứng ngoài sân, tay bầm.",
}
_STEPS: Mapping[str, Mapping[str, str]] = {
    "report_to_commune": {"recipient": "UBND xã Kim Bôi", "acknowledged_by": "Ông Bùi Văn Hạnh"},
    "assess_risk": {"conclusion": "emergency"},
    "take_emergency_measure": {
        "kind": "separation",
        "days": "12",
        "decision_number": "12/QĐ-UBND",
        "measure": "Đưa hai bé sang nhà bà ngoại",
        "agency": "UBND xã Kim Bôi",
    },
    "verify": {"finding": "high", "verified_by": "Chị Hà Thị Hoa"},
}


@dataclass(frozen=True, slots=True)
class Scenes:
    """Where each page is; by name. `officer`: of the commune that everything was handed to."""

    counselor: Mapping[str, str]
    lead: Mapping[str, str]
    administrator: Mapping[str, str]
    field: Mapping[str, str]
    officer: Viewer
    door: Made

    def of_people(self, people: World) -> Iterator[tuple[Viewer, Mapping[str, str]]]:
        """Who logs in, and the pages they look at."""
        yield people.counselor, self.counselor
        yield people.lead, self.lead
        yield people.administrator, self.administrator
        yield self.officer, self.field


class Scenery:
    """Makes one thing after the other."""

    def __init__(self, people: World) -> None:
        self.people = people
        self.an = people.counselor
        self.now = utc_now()
        self._numbers = iter(range(100, 999))

    def before(self, **long: float) -> datetime:
        return self.now - timedelta(**long)

    def case(self, steps: int = 0, minutes: float = 480, **told: str) -> CaseId:
        """Opened so long ago; it has come so many steps on its way."""
        number = told.pop("number", f"0353777{next(self._numbers)}")
        began = self.before(minutes=minutes + 15)
        story = world.past_call(self.an, number, began, 300)
        with transaction() as session:
            found = records.record_of_call(session, self.an, story.call_id, self.now)
            assert found is not None
            records.autosave(session, self.an, found.id, 0, {**TOLD, **told}, began)
            case = cases.open_from_record(session, self.an, found.id, self.before(minutes=minutes))
            for place, (step, answers) in enumerate(list(_STEPS.items())[:steps]):
                at = self.before(minutes=minutes - 20 * (place + 1))
                cases.complete_step(session, self.an, case, step, answers, at)
        return case

    def handed_over(self, case: CaseId, way: Way, minutes: float) -> str:
        draft = Draft(KIM_BOI, "Chị Hà Thị Hoa", way, "Bé bị cha dượng đánh nhiều tối liền.", "")
        limit = Limits(timedelta(minutes=30), timedelta(minutes=10))
        with transaction() as session:
            seen = case_handovers.prepare(session, self.an, case, draft).digest
            at = self.before(minutes=minutes)
            return case_handovers.send(session, self.an, case, draft, seen, limit, at)[0]

    def accepted(self, reference: str, officer: Viewer) -> None:
        """And told of from the field."""
        by = handover_answers.by_account(officer)
        ring = keyring.recording_keys(settings())
        with transaction() as session:
            row = handover_answers.mine(session, officer, reference, lock=True)
            handover_answers.opened(session, row, by, self.before(minutes=20))
            handover_answers.accept(session, row, by, self.before(minutes=19))
            told = Report("safe", "visited", "Bé đang ở với bà ngoại, đã ăn và ngủ.", "one")
            handover_answers.report(session, row, by, told, self.before(minutes=8))
            handover_photos.add(session, row, by, PNG, "two", ring, self.before(minutes=7))

    def planned(self, approver: Viewer | None) -> CaseId:
        case = self.case(4, minutes=3 * 24 * 60)
        with transaction() as session:
            base = case_plans.plans(session, self.an, case, self.now).base
            case_plans.save(session, self.an, case, WHOLE, base, self.before(minutes=50))
            if approver is not None:
                at = self.before(minutes=40)
                case_plans.submit(session, self.an, case, base[0], approver.staff_id, "", at)
        return case

    def form(self, case: CaseId, form: str) -> int:
        with transaction() as session:
            child = cases.case(session, self.an, case, self.now).children[0].id
            token = f"{next(self._numbers):016x}"
            return filled_forms.open_form(session, self.an, case, form, child, token, self.now)


def fill(people: World) -> Scenes:
    """Everything that the pages of cases can show."""
    make = Scenery(people)
    an, now = make.an, make.now
    officer = _officer(people)
    with transaction() as session:
        directory_entries.put_made_up(session, directory_command.made_up(), now)
        entry = directory_entries.around(session, KIM_BOI)[0].id
        wrong = directory_entries.bring(session, people.lead, _LIST.encode(), now)
        right = directory_entries.bring(session, people.lead, _LIST.replace("; 12", "").encode(), now)
        ring = keyring.recording_keys(settings())
        url = "https://phan-mem.kimboi.example/111"
        office = office_systems.make(session, "UBND xã Kim Bôi", KIM_BOI, url, ring, now).system.id
    received = make.case(minutes=6)
    late = make.case(1, minutes=14 * 60)
    protecting = make.case(2, minutes=55)
    verifying = make.case(3, minutes=300)
    with transaction() as session:
        visit = {"visited_by": "Chị Hoa", "visit_place": "Nhà bà ngoại", "alone": "alone"}
        case_entries.add(session, an, protecting, "visit", visit, "Bé nói muốn ở với bà.", now)
        emergency.tell(session, an, protecting, "police_told", "Trực ban Công an xã", now)
    sent = make.case(minutes=50)
    make.handed_over(sent, Way.ACCOUNT, 45)
    taken = make.case(minutes=70)
    reference = make.handed_over(taken, Way.ACCOUNT, 60)
    make.accepted(reference, officer)
    linked = make.handed_over(make.case(minutes=20), Way.LINK, 12)
    waiting = make.handed_over(make.case(minutes=16), Way.ACCOUNT, 5)
    with transaction() as session:
        door = handover_links.make(session, an, linked, now)
    merged, into = make.case(minutes=40, number="0866904512"), make.case(minutes=90, number="0866904512")
    with transaction() as session:
        joining.merge(session, an, merged, into, "Cùng một vụ, hai người báo", now)
    drafted, submitted = make.planned(None), make.planned(people.lead)
    with transaction() as session:
        assert office_systems.tell(session, linked, "handover.sent", now) is not None
    form = make.form(verifying, "initial_assessment")
    report = make.form(verifying, "reception")
    return Scenes(
        counselor={
            "case-received": f"/cases/{received}",
            "case-late": f"/cases/{late}",
            "case-protecting": f"/cases/{protecting}",
            "case-verifying": f"/cases/{verifying}",
            "case-sent": f"/cases/{sent}",
            "case-taken": f"/cases/{taken}",
            "case-merged": f"/cases/{merged}",
            "case-into": f"/cases/{into}",
            "case-approving": f"/cases/{submitted}",
            "plan-draft": f"/cases/{drafted}/plan",
            "plan-submitted": f"/cases/{submitted}/plan",
            "entry": f"/cases/{protecting}/entries/new?kind=visit",
            "form": f"/forms/{form}",
            "form-report": f"/forms/{report}",
            "cases": "/cases",
            "handover": f"/cases/{verifying}/handover",
            "directory": f"/directory?unit={KIM_BOI}",
            "directory-none": "/directory?unit=khong co dau",
            "directory-choices": "/directory?unit=kim bôi",
            "missing": "/cases/999999",
        },
        lead={
            "case-lead": f"/cases/{late}",
            "plan-decide": f"/cases/{submitted}/plan",
            "cases-lead": "/cases",
            "delegations": "/delegations",
            "directory-lead": f"/directory?unit={KIM_BOI}",
            "directory-entry": f"/directory/entries/{entry}",
            "directory-wrong": f"/directory/imports/{wrong}",
            "directory-import": f"/directory/imports/{right}",
        },
        administrator={
            "case-limits": "/case-limits",
            "offices": "/offices",
            "office": f"/offices/{office}",
        },
        field={
            "field-list": "/field",
            "field-accepted": f"/field/{reference}",
            "field-open": f"/field/{waiting}",
        },
        officer=officer,
        door=door,
    )


_LIST = (
    "unit,kind,name,numbers,hours,note\r\n"
    "2025:04978,officer,Hà Thị Hoa,0912 345 678,T2-T6 07:30-17:00,Nghỉ thứ sáu\r\n"
    "2025:04978,duty,Trực ban đêm UBND (giả lập),0977 120 345; 12,17:00-07:30,\r\n"
    "2025:25,shelter,Nhà Bình Yên,02103 846 111,,\r\n"
)


def _officer(people: World) -> Viewer:
    """Of the commune that everything is handed to, with the others' password."""
    with transaction() as session:
        made = staff.add(
            session,
            login="cx01",
            name="Hà Thị Hoa",
            role=Role.COMMUNE_OFFICER,
            center=people.counselor.center_id,
            password=world.PASSWORD,
            unit_id=KIM_BOI,
        )
        row = session.get_one(StaffRow, made.id)
        return viewer_of(row)

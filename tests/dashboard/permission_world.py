"""One of each thing that a case is made of, and somebody of each role, place and relation to it.

The case was opened by a counselor of Hà Nội from a call, given to another, and lies in Kim Bôi. Another
case was merged into it, a third was sent to a guest by a link.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dashboard import texts
from dashboard.cookies import guest_cookie, session_cookie
from hotline import audit_findings, keyring, on_call, stated_reasons
from hotline.access import Role, Viewer
from hotline.audit import AuditRow
from hotline.audit_findings import AuditFindingRow, OwnPlaceRow
from hotline.audit_patterns import Found, Odd
from hotline.clock import local, utc_now
from hotline.db import Base, transaction
from hotline.ids import CaseId
from hotline.sealed import KeyRing, sealed_bytes
from hotline.settings import settings
from intake.cases import (
    case_attachments,
    case_entries,
    case_lists,
    case_owners,
    cases,
    joining,
    separations,
)
from intake.cases.case_filters import CaseFilter
from intake.cases.flow import State
from intake.data_requests import data_requests, objects, papers
from intake.data_requests.data_requests import Asking
from intake.directory import directory, directory_entries, directory_lists
from intake.documents import document_files, documents, filled_forms
from intake.documents.documents import Level, Setting
from intake.handovers import (
    case_handovers,
    handover_answers,
    handover_links,
    handover_photos,
    office_systems,
)
from intake.handovers.case_handovers import Draft
from intake.handovers.handover_answers import by_account
from intake.handovers.handover_care import limits
from intake.handovers.handover_views import Way
from intake.plans import case_plans, plan_delegations
from intake.records import records
from intake.research import extracts
from intake.retention import legal_holds
from intake.retention.legal_holds import Held
from intake.surveys import surveys
from intake.tables.case_files import CaseAttachmentRow
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.data_requests import DataObjectRow
from intake.tables.directory import DirectoryEntryRow
from intake.tables.flow import SeparationRow
from intake.tables.handovers import HandoverPhotoRow
from intake.tables.joins import SavedFilterRow
from intake.tables.plans import PlanActionRow, PlanDelegationRow
from intake.tables.records import RecordPersonRow
from intake.tables.research import ResearchPaperRow
from intake.tables.surveys import SurveyAskedRow
from intake.tables.therapy import TherapyMeetingRow, TherapyReferralRow
from intake.tables.victims import VictimReferralRow
from intake.therapy import therapy_meetings, therapy_notes, therapy_referrals
from intake.therapy.therapy_rules import Charge
from intake.victims import victim_referrals
from tests import factories, plans
from tests.dashboard import permission_house
from tests.dashboard.conftest import CSRF, Face

KIM_BOI, NEXT, PHU_THO = "2025:04978", "2025:05014", "2025:25"
"""A commune, another of its province, the province."""
FAR, FAR_PROVINCE = "2025:00004", "2025:01"
INFORMANT = "Bành Thị Đào"
TOLD = {
    "caller_name": INFORMANT,
    "place_unit": KIM_BOI,
    "content": "Cô hàng xóm kể bé bị đánh.",
    "risk": "emergency",
    "problem": "trafficking",
    "child.1.name": "Bé Na",
    "child.2.name": "Bé Bo",
}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
ROLES: Mapping[str, tuple[Role, str, str]] = {
    "owner": (Role.COUNSELOR, "HN", ""),
    "opener": (Role.COUNSELOR, "HN", ""),
    "colleague": (Role.COUNSELOR, "HN", ""),
    "far_counselor": (Role.COUNSELOR, "DN", ""),
    "lead": (Role.SHIFT_LEAD, "HN", ""),
    "far_lead": (Role.SHIFT_LEAD, "DN", ""),
    "center_lead": (Role.CENTER_LEAD, "HN", ""),
    "far_center_lead": (Role.CENTER_LEAD, "DN", ""),
    "department": (Role.DEPARTMENT, "HN", ""),
    "administrator": (Role.ADMINISTRATOR, "HN", ""),
    "auditor": (Role.AUDITOR, "HN", ""),
    "therapist": (Role.THERAPIST, "HN", ""),
    "other_therapist": (Role.THERAPIST, "HN", ""),
    "therapy_head": (Role.THERAPY_HEAD, "HN", ""),
    "officer": (Role.COMMUNE_OFFICER, "HN", KIM_BOI),
    "next_officer": (Role.COMMUNE_OFFICER, "HN", NEXT),
    "far_officer": (Role.COMMUNE_OFFICER, "HN", FAR),
    "placeless_officer": (Role.COMMUNE_OFFICER, "HN", ""),
    "province": (Role.PROVINCE_OFFICER, "HN", PHU_THO),
    "far_province": (Role.PROVINCE_OFFICER, "HN", FAR_PROVINCE),
}
"""Who → role, center, unit."""
OTHERS: Mapping[str, str] = {"guest": "/h/", "office": "/api/", "far_office": "/api/"}
"""Without an account: by a link, by a program with a key. Elsewhere they are strangers, and so are all
others at these addresses."""
PEOPLE = (*ROLES, *OTHERS, "stranger")


def asks(who: str, path: str) -> bool:
    """Whether it is worth asking in their name."""
    doors = set(OTHERS.values())
    if who in OTHERS:
        return path.startswith(OTHERS[who])
    return who in {"owner", "officer", "stranger"} or not any(map(path.startswith, doors))


@dataclass
class Person:
    """Somebody in front of the application."""

    face: Face
    viewer: Viewer | None = None
    key: str = ""
    device: str = ""
    csrf: str = ""

    def __post_init__(self) -> None:
        """Asked in one event loop: a thread for each of 2,500 requests would cost more than they do."""
        token = self.face.token(self.viewer) if self.viewer else ""
        cookies = {session_cookie(): token} if token else {}
        cookies |= {guest_cookie(): self.device} if self.device else {}
        to = ASGITransport(self.face.app())
        self._client = AsyncClient(transport=to, base_url="http://testserver", cookies=cookies)

    async def ask(self, method: str, path: str, data: Mapping[str, str], *, brings: bool) -> Response:
        headers = {"Accept": "application/json", "X-CSRF-Token": self.csrf or CSRF}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        if path.startswith("/api/"):
            return await self._client.request(method, path, json=dict(data) or None, headers=headers)
        if path.endswith("/autosave"):
            typed = {**data, "tab": "x", "changes": {}}
            return await self._client.request(method, path, json=typed, headers=headers)
        return await self._client.request(
            method,
            path,
            data=dict(data) if method == "POST" else None,
            files={"file": ("anh.png", PNG, "image/png")} if brings else None,
            headers=headers,
        )


@dataclass
class World:
    """`ids`: what stands in addresses, by name."""

    people: Mapping[str, Person]
    ids: Mapping[str, object]


def build(face: Face) -> World:
    seen = {who: _staff(face, *told) for who, told in ROLES.items()}
    made: dict[str, object] = {}
    with transaction(face.db) as session:
        keys = {
            who: office_systems.make(session, who, unit, "https://a.example", _ring(), utc_now()).key
            for who, unit in (("office", KIM_BOI), ("far_office", FAR))
        }
    for name in ("case", "merged", "sent"):
        story = face.past(seen["opener"])
        made[f"{name}_call"] = story.call_id
        made[f"{name}_record"] = record = face.record_of(story, seen["opener"])
        with transaction(face.db) as session:
            records.autosave(session, seen["opener"], record, 0, TOLD, utc_now())
        made[name] = face.open_case(record, seen["opener"])
    for fill in (_merge, _write, _plan, _paper, _hand_over, _treat, _ask_for_data, _around):
        with transaction(face.db) as session:
            fill(session, seen, made)
    permission_house.furnish(face, seen, made, _ring())
    people = {who: Person(face, viewer) for who, viewer in seen.items()}
    people["guest"] = Person(face, device=str(made.pop("device")), csrf=str(made.pop("guest_csrf")))
    people |= {who: Person(face, key=key) for who, key in keys.items()}
    people["stranger"] = Person(face)
    return World(people, made)


def _staff(face: Face, role: Role, center: str, unit: str) -> Viewer:
    with transaction(face.db) as session:
        at = factories.center(session, center, {"HN": "Hà Nội", "DN": "Đà Nẵng"}[center])
        count = session.scalar(select(func.count()).select_from(Base.metadata.tables["staff"])) or 0
        phone = f"{center.lower()}{count:02}" if role is Role.COUNSELOR else None
        viewer = factories.person(session, role, at=at, phone=phone, unit=unit)
        if role is Role.COUNSELOR:
            factories.on_duty(session, viewer.staff_id, utc_now())
    return viewer


def _ring() -> KeyRing:
    return keyring.recording_keys(settings())


def _merge(session: Session, seen: Mapping[str, Viewer], made: dict[str, object]) -> None:
    case, merged, now = _case(made), CaseId(int(str(made["merged"]))), utc_now()
    case_attachments.add(session, seen["opener"], merged, [("cu.png", PNG)], "", _ring(), now)
    joining.merge(session, seen["lead"], merged, case, "một vụ", now)
    case_owners.hand_on(session, seen["lead"], case, seen["owner"].staff_id, "nghỉ", now)
    third = session.get_one(CaseRow, made["sent"])
    third.owner_id = third.opened_by = seen["far_counselor"].staff_id
    made["merged_file"] = _last(session, CaseAttachmentRow)
    made["number"] = session.get_one(CaseRow, case).number
    made["sent_number"] = third.number


def _case(made: Mapping[str, object]) -> CaseId:
    return CaseId(int(str(made["case"])))


def _last(session: Session, row: type[Base]) -> int:
    return int(session.scalar(select(func.max(row.__table__.c.id))) or 0)


def _write(session: Session, seen: Mapping[str, Viewer], made: dict[str, object]) -> None:
    case, owner, now = _case(made), seen["owner"], utc_now()
    case_attachments.add(session, owner, case, [("anh.png", PNG)], "", _ring(), now)
    made["file"] = _last(session, CaseAttachmentRow)
    case_entries.add(session, owner, case, "note", {}, "Đã gọi lại.", now)
    made["entry"] = _last(session, CaseEventRow)
    separations.begin(session, session.get_one(CaseRow, case), 5, now)
    made["separation"] = _last(session, SeparationRow)
    children = select(RecordPersonRow.id).where(RecordPersonRow.record_id == made["case_record"])
    made["child"], made["other_child"] = session.scalars(children.order_by(RecordPersonRow.id)).all()
    told = {"body": "police", "agency": "Công an huyện", "contact": "Ông Bình"}
    victim_referrals.refer(session, owner, case, told, "v" * 20, now, None)
    made["referral"] = _last(session, VictimReferralRow)
    case_lists.save(session, owner, "Sáng thứ hai", CaseFilter(mine=True))
    made["filter"] = _last(session, SavedFilterRow)
    _found_odd(session, made, seen, now)


def _found_odd(
    session: Session, made: dict[str, object], seen: Mapping[str, Viewer], now: datetime
) -> None:
    """Something an auditor looks at: the owner's first row, and a commune of theirs."""
    row = select(AuditRow.id).where(AuditRow.staff_id == seen["owner"].staff_id).limit(1)
    who, rows = seen["owner"], tuple(session.scalars(row))
    found = Found(Odd.REFUSALS, who.staff_id, "", "", now, 10, rows)
    audit_findings.keep(session, [found])
    made["finding"] = _last(session, AuditFindingRow)
    words = "Mất liên lạc với em."
    made["reason"] = stated_reasons.state(session, who, "child_in_danger", words, _ring(), now)
    audit_findings.put_place(session, seen["auditor"], who.login, KIM_BOI, now)
    made["own_place"] = _last(session, OwnPlaceRow)


def _plan(session: Session, seen: Mapping[str, Viewer], made: dict[str, object]) -> None:
    """One is in force, the next waits for the lead."""
    case, owner, lead, now = _case(made), seen["owner"], seen["lead"], utc_now()
    session.get_one(CaseRow, case).state = State.PLANNING
    plans.submit(session, owner, case, now)
    plans.decide(session, seen["center_lead"], case, "approved", now)
    made["action"] = _last(session, PlanActionRow)
    case_plans.save(session, owner, case, plans.WHOLE, (2, 0), now)
    case_plans.submit(session, owner, case, 2, lead.staff_id, "", now)
    until = now + timedelta(hours=1)
    plan_delegations.give(session, lead, seen["center_lead"].staff_id, now, until, "họp", now)
    made["delegation"] = _last(session, PlanDelegationRow)


def _paper(session: Session, seen: Mapping[str, Viewer], made: dict[str, object]) -> None:
    case, owner, now = _case(made), seen["owner"], utc_now()
    made["form"] = form = filled_forms.open_form(session, owner, case, "reception", None, "f" * 16, now)
    for level in Level:
        setting = Setting(level=level)
        made[level] = one = documents.order(
            session, owner, form, setting, level[:6] * 4, settings(), now
        )
        document_files.keep(session, one, {"pdf": b"%PDF", "docx": b"PK"}, _ring(), now)


def _hand_over(session: Session, seen: Mapping[str, Viewer], made: dict[str, object]) -> None:
    now = utc_now()
    for name, way, by in (("case", Way.ACCOUNT, "owner"), ("sent", Way.LINK, "far_counselor")):
        case, viewer = CaseId(int(str(made[name]))), seen[by]
        unit = KIM_BOI if way is Way.ACCOUNT else FAR
        draft = Draft(unit, "Chị Hoa", way, "Bé bị đánh", "")
        digest = case_handovers.prepare(session, viewer, case, draft).digest
        made[f"{name}_ref"] = reference = case_handovers.send(
            session, viewer, case, draft, digest, limits(settings()), now
        )[0]
    row = handover_answers.mine(session, seen["officer"], str(made["case_ref"]), lock=True)
    by_officer = by_account(seen["officer"])
    handover_answers.opened(session, row, by_officer, now)
    handover_answers.accept(session, row, by_officer, now)
    handover_photos.add(session, row, by_officer, PNG, "w", _ring(), now)
    made["photo"] = _last(session, HandoverPhotoRow)
    link = handover_links.make(session, seen["far_counselor"], reference, now)
    made["device"] = device = handover_links.enter(session, link.token, True, now)
    assert device
    guest = handover_links.guest(session, device, now)
    assert guest
    made["guest_csrf"] = guest.csrf


def _treat(session: Session, seen: Mapping[str, Viewer], made: dict[str, object]) -> None:
    """A child of the case is in the therapist's charge, and has told them something."""
    owner, therapist, now = seen["owner"], seen["therapist"], utc_now()
    shown, child = cases.case(session, owner, _case(made), now), int(str(made["child"]))
    therapy_referrals.refer(session, owner, shown, child, "sợ ngủ", "c" * 20, now)
    made["therapy"] = referral = _last(session, TherapyReferralRow)
    charge = next(iter(Charge))
    therapy_referrals.accept(session, therapist, referral, therapist.staff_id, charge, now)
    told = {"kind": "session", "minutes": "30", "way": "in_person", "place": "Phòng 2"}
    began = now - timedelta(hours=2)
    therapy_meetings.plan(session, therapist, referral, told, began, "m" * 20, now)
    made["meeting"] = meeting = _last(session, TherapyMeetingRow)
    therapy_meetings.settle(session, therapist, meeting, "held", "", now)
    therapy_notes.write(session, therapist, meeting, "Em kể chuyện ở nhà.", "n" * 20, _ring(), now)


def _ask_for_data(session: Session, seen: Mapping[str, Viewer], made: dict[str, object]) -> None:
    """Somebody asks what is kept of the child; an answer lies there before it was decided."""
    lead, now = seen["center_lead"], utc_now()
    told = {"name": "Nguyễn Văn Hỏi", "words": "Cho tôi biết 111 giữ gì."}
    asking = Asking("email", "child", "", "paper", ["know"], told)
    made["data_request"] = one = data_requests.register(
        session, lead, asking, lead.center_id, "d" * 20, now, _ring(), now
    )
    record, child = int(str(made["case_record"])), int(str(made["child"]))
    objects.choose(session, lead, one, record, child, now)
    made["data_object"] = _last(session, DataObjectRow)
    papers.put(session, one, "pdf", b"%PDF", _ring(), now)
    reason = "Tòa án yêu cầu"
    made["hold"] = legal_holds.put(session, lead, Held.CASE, str(made["number"]), reason, None, now)
    told = {"researcher": "Bà Nghiên", "institution": "Trường Y", "purpose": "Luận văn"}
    today, columns = local(now).date(), ["month", "problem"]
    made["extract"] = extract = extracts.ask(
        session, seen["department"], told, today, today, columns, "e" * 20, _ring(), now
    )
    sealed = sealed_bytes(b"column", _ring(), f"research/{extract}/codebook")
    session.add(
        ResearchPaperRow(extract_id=extract, kind="codebook", key_id=_ring()[0].id, sealed=sealed)
    )


def _around(session: Session, seen: Mapping[str, Viewer], made: dict[str, object]) -> None:
    now = utc_now()
    made["survey"] = survey = surveys.put_in_use(session, seen["center_lead"], texts.survey(), now)
    session.add(
        SurveyAskedRow(
            call_id=str(made["case_call"]),
            survey_id=survey,
            staff_id=seen["opener"].staff_id,
            at=now,
            state="begun",
        )
    )
    duty = {"unit": KIM_BOI, "kind": "duty", "name": "Trực ban", "numbers": "0977777777"}
    directory_entries.add(session, seen["lead"], directory.contact(duty), now)
    made["directory"] = _last(session, DirectoryEntryRow)
    made["import"] = directory_entries.bring(session, seen["lead"], directory_lists.blank(), now)
    made["office"] = 1
    made["message"] = office_systems.tell(session, str(made["case_ref"]), "handover.sent", now)
    on_call.put(
        session,
        seen["lead"].center_id,
        [(seen["lead"].staff_id, "0900000111")],
        now,
        team=on_call.Team.RAPID,
    )
    made["team"] = session.scalar(select(func.max(on_call.OnCallListRow.id)))
    made["center"] = seen["lead"].center_id
    made["staff"] = seen["colleague"].staff_id

"""Handing a case to a commune: what is sent, who sees it, who answers, and what when nobody does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hotline import alarms, keyring
from hotline.access import Role, Viewer
from hotline.alarm_kinds import AlarmKind
from hotline.db import reading, transaction
from hotline.errors import BadInput, Conflict, FieldErrors, NotVisible
from hotline.ids import CaseId, CenterId
from hotline.sealed import Key
from hotline.settings import Settings
from intake import search
from intake.calls import calls
from intake.cases import cases, flow
from intake.directory import directory, directory_entries
from intake.handovers import (
    case_handovers,
    handover_answers,
    handover_care,
    handover_links,
    handover_photos,
    handover_views,
)
from intake.handovers.case_handovers import Draft, Limits
from intake.handovers.handover_answers import Report, by_account
from intake.handovers.handover_states import State
from intake.handovers.handover_views import HandoverView, Standing, Way
from intake.records import records
from intake.tables.cases import CaseEventRow
from intake.tables.handovers import HandoverLinkRow, HandoverPhotoRow, HandoverRow
from tests import factories
from tests.factories import NOON, Story

KIM_BOI, PHU_THO, ELSEWHERE = "2025:04978", "2025:25", "2025:00004"
LIMITS = Limits(ordinary=timedelta(minutes=30), urgent=timedelta(minutes=10))
DRAFT = Draft(KIM_BOI, "Cán bộ trẻ em", Way.ACCOUNT, "Bé bị đánh.", "Đến nhà ngay")
LATER = NOON + timedelta(minutes=11)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@dataclass
class Town:
    """A case of An's, the officer of its commune, of its province, and of another commune."""

    an: Viewer
    lead: Viewer
    officer: Viewer
    province: Viewer
    far: Viewer
    case: CaseId

    def officers(self) -> Sequence[Viewer]:
        return self.officer, self.province, self.far


def town_of(session: Session) -> Town:
    an = factories.counselor(session)
    story = Story().answered_call()
    for event in story.told:
        calls.apply(session, event)
    record = records.record_of_call(session, an, story.call_id, NOON)
    assert record is not None
    told = {"risk": "emergency", "place_unit": KIM_BOI, "caller_name": "Cô Đào", "child.1.name": "Bé Na"}
    records.autosave(session, an, record.id, 0, told, NOON, tab="one")
    return Town(
        an=an,
        lead=factories.shift_lead(session),
        officer=factories.person(session, Role.COMMUNE_OFFICER, name="Chị Hoa", unit=KIM_BOI),
        province=factories.person(session, Role.PROVINCE_OFFICER, unit=PHU_THO),
        far=factories.person(session, Role.COMMUNE_OFFICER, unit=ELSEWHERE),
        case=cases.open_from_record(session, an, record.id, NOON),
    )


def send_one(session: Session, town: Town, draft: Draft = DRAFT, now: datetime = NOON) -> str:
    seen = case_handovers.prepare(session, town.an, town.case, draft).digest
    return case_handovers.send(session, town.an, town.case, draft, seen, LIMITS, now)[0]


def _open(session: Session, viewer: Viewer, reference: str, now: datetime = NOON) -> HandoverView:
    row = handover_answers.mine(session, viewer, reference, lock=True)
    return handover_answers.opened(session, row, by_account(viewer), now)


def _accept(session: Session, town: Town, reference: str) -> HandoverRow:
    _open(session, town.officer, reference)
    row = handover_answers.mine(session, town.officer, reference, lock=True)
    handover_answers.accept(session, row, by_account(town.officer), NOON)
    return row


def _seen(session: Session, viewer: Viewer) -> dict[str, int]:
    """How much each gate lets through: the case itself stays with the hotline."""
    return {
        "list": len(cases.cases(session, viewer, NOON)),
        "search": len(search.search(session, viewer, "be na", NOON).hits),
        "handovers": len(handover_views.listed(session, viewer)),
    }


def test_officers_see_what_was_handed_to_their_unit_and_nothing_else(db: Engine) -> None:
    with transaction(db) as session:
        town = town_of(session)
        nothing = {"list": 0, "search": 0, "handovers": 0}
        assert [_seen(session, each) for each in town.officers()] == [nothing] * 3
        reference = send_one(session, town)
        handed = {"list": 0, "search": 0, "handovers": 1}
        assert [_seen(session, each) for each in town.officers()] == [handed, handed, nothing]
        for stranger in (town.far, replace(town.officer, unit=""), town.lead):
            with pytest.raises(NotVisible):
                handover_answers.mine(session, stranger, reference)
        with pytest.raises(NotVisible):
            handover_views.of_case(session, town.far, town.case)
        case_handovers.withdraw(session, town.an, reference, "nhầm xã", NOON)
        assert [_seen(session, each) for each in town.officers()] == [nothing] * 3


def test_what_is_sent_is_what_the_sender_has_seen(db: Engine) -> None:
    with transaction(db) as session:
        town = town_of(session)
        seen = case_handovers.prepare(session, town.an, town.case, DRAFT)
        assert (seen.place_unit, seen.children, "Đào" in str(seen)) == (
            KIM_BOI,
            ({"name": "Bé Na"},),
            False,
        )
        other = replace(DRAFT, summary="Khác")
        with pytest.raises(Conflict, match="packet"):
            case_handovers.send(session, town.an, town.case, other, seen.digest, LIMITS, NOON)
        for wrong, why in (
            (replace(DRAFT, unit_id="2024:05065"), "unit"),
            (replace(DRAFT, recipient=" "), "recipient"),
            (replace(DRAFT, summary=""), "summary"),
        ):
            with pytest.raises(BadInput, match=why):
                case_handovers.prepare(session, town.an, town.case, wrong)
        with pytest.raises(NotVisible):
            case_handovers.prepare(session, town.officer, town.case, DRAFT)


def test_an_acceptance_completes_the_report_to_the_commune(db: Engine) -> None:
    with transaction(db) as session:
        town = town_of(session)
        reference = send_one(session, town)
        row = handover_answers.mine(session, town.officer, reference, lock=True)
        with pytest.raises(Conflict):
            handover_answers.accept(session, row, by_account(town.officer), NOON)
        assert cases.case(session, town.an, town.case, NOON).state is flow.State.RECEIVED
        _accept(session, town, reference)
        case = cases.case(session, town.an, town.case, NOON)
        assert case.state is flow.State.ASSESSING
        step = next(event for event in case.events if event.kind == "step")
        assert step.answers["acknowledged_by"] == "Chị Hoa"
        view = handover_views.of_case(session, town.an, town.case)[0]
        assert [event.kind for event in view.events] == ["open", "accept"]
        told = [event.code for event in case.events if event.kind == "handover"]
        assert sorted(told) == ["accepted", "sent"]


def test_a_refusal_says_why_and_leaves_the_step_open(db: Engine) -> None:
    with transaction(db) as session:
        town = town_of(session)
        reference = send_one(session, town)
        _open(session, town.officer, reference)
        row, by = handover_answers.mine(session, town.officer, reference), by_account(town.officer)
        for why, note, wrong in (
            ("", "", "missing"),
            ("x", "", "not_a_choice"),
            ("other", "", "missing"),
        ):
            with pytest.raises(FieldErrors, match=wrong):
                handover_answers.refuse(session, row, by, why, note, NOON)
        handover_answers.refuse(session, row, by, "not_here", "", NOON)
        assert cases.case(session, town.an, town.case, NOON).state is flow.State.RECEIVED
        with pytest.raises(NotVisible):
            handover_answers.mine(session, town.officer, reference)  # need-to-know is over


def test_a_report_that_is_sent_again_is_one_report(db: Engine) -> None:
    with transaction(db) as session:
        town = town_of(session)
        row = _accept(session, town, send_one(session, town))
        by = by_account(town.officer)
        told = Report("safe", "visited", "Bé ở với bà.", "word-1")
        handover_answers.report(session, row, by, told, NOON)
        handover_answers.report(session, row, by, told, NOON)
        view = handover_views.of_case(session, town.an, town.case)[0]
        assert view.reported == ("safe", "visited")
        assert [event.kind for event in view.events] == ["open", "accept", "report"]
        newest = handover_views.standing_of(session, [town.case], LATER)[town.case]
        assert newest == Standing(State.ACCEPTED, False, ("safe", "visited"))
        with pytest.raises(FieldErrors):
            handover_answers.report(session, row, by, Report("", "flew", "", "word-2"), NOON)


def test_a_photo_is_judged_by_its_content_and_sealed(
    db: Engine, settings: Callable[[], Settings]
) -> None:
    ring = keyring.recording_keys(settings())
    with transaction(db) as session:
        town = town_of(session)
        row, by = _accept(session, town, send_one(session, town)), by_account(town.officer)
        for content, why in (
            (b"", "empty"),
            (b"MZ...", "type_not_allowed"),
            (b"OggS", "type_not_allowed"),
        ):
            with pytest.raises(BadInput, match=why):
                handover_photos.add(session, row, by, content, "w", ring, NOON)
        for _ in range(2):
            handover_photos.add(session, row, by, PNG, "word-1", ring, NOON)
        (kept,) = session.scalars(select(HandoverPhotoRow))
        assert PNG not in kept.sealed
        found = handover_photos.fetch(session, town.an, kept.id, ring, NOON)
        assert (found.content, found.kind) == (PNG, "image/png")
        photo = kept.id
        with pytest.raises(NotVisible):
            handover_photos.fetch(session, town.far, kept.id, ring, NOON)
    newer = [Key(b"2" * 32), *ring]
    assert handover_photos.SEALED.rekey(db, newer) == (1, {})
    assert handover_photos.SEALED.rekey(db, newer) == (0, {})
    assert handover_photos.SEALED.check(db, newer[:1]) == (1, {})
    with transaction(db) as session:
        assert handover_photos.fetch(session, town.an, photo, newer[:1], NOON).content == PNG


def test_a_later_handover_supersedes_what_was_not_accepted(db: Engine) -> None:
    with transaction(db) as session:
        town = town_of(session)
        first = send_one(session, town)
        second = send_one(session, town, replace(DRAFT, unit_id=ELSEWHERE))
        states = {
            each.reference: each.state for each in handover_views.of_case(session, town.an, town.case)
        }
        assert states == {first: State.SUPERSEDED, second: State.SENT}
        assert handover_views.listed(session, town.officer) == []
        assert [one.reference for one in handover_views.listed(session, town.far)] == [second]


def test_what_nobody_answers_rings_the_duty_number_and_comes_back(db: Engine, redis: str) -> None:
    with transaction(db) as session:
        town = town_of(session)
        duty = {"unit": PHU_THO, "kind": "duty", "name": "Trực tỉnh", "numbers": "0912345678"}
        directory_entries.add(session, town.lead, directory.contact(duty), NOON)
        reference = send_one(session, town)
    handover_care.watch_all(db, NOON + timedelta(minutes=9))
    with reading(db) as session:
        assert alarms.open_of(session, AlarmKind.HANDOVER) == {}
    handover_care.watch_all(db, LATER)
    center = CenterId(town.an.center_id)
    with transaction(db) as session:
        assert alarms.ringing(session, center, LATER) == [(AlarmKind.HANDOVER, reference)]
        assert handover_care.duty_numbers(session, reference, LATER) == ["0912345678"]
        handover_care.heard(session, reference, "0912345678", LIMITS, LATER)
        assert alarms.ringing(session, center, LATER) == []
        assert [one.reason for one in alarms.present(session, town.lead)] == ["heard"]
    for minutes in (1, 11):  # heard, and still nobody has answered
        handover_care.watch_all(db, LATER + timedelta(minutes=minutes))
    with transaction(db) as session:
        spine = session.scalars(select(CaseEventRow).where(CaseEventRow.code == "rung")).all()
        assert [(one.happened_at, one.answers["by"]) for one in spine] == [(LATER, "0912345678")]
        assert alarms.open_of(session, AlarmKind.HANDOVER) == {reference: "unanswered"}
        _accept(session, town, reference)
        assert alarms.open_of(session, AlarmKind.HANDOVER) == {}


def test_a_link_opens_in_one_browser_with_the_code_and_no_more(db: Engine) -> None:
    with transaction(db) as session:
        town = town_of(session)
        reference = send_one(session, town, replace(DRAFT, way=Way.LINK))
        old = handover_links.make(session, town.an, reference, NOON)
        made = handover_links.make(session, town.an, reference, NOON)
        assert not handover_links.reached(session, old.token, NOON)  # a new one closes the old one
        assert handover_links.reached(session, made.token, NOON)
        kept = session.scalars(select(HandoverLinkRow).order_by(HandoverLinkRow.id.desc())).first()
        assert kept is not None
        assert made.token not in str(vars(kept))
        assert made.code not in kept.code_hash
        code_hash = handover_links.may_try(session, made.token, NOON)
        assert code_hash is not None
        assert handover_links.right(f" {made.code[:3]} {made.code[3:]} ", code_hash)
        assert not handover_links.right("12345x", code_hash)
        assert handover_links.enter(session, made.token, False, NOON) is None
        device = handover_links.enter(session, made.token, True, NOON)
        assert device is not None
        guest = handover_links.guest(session, device, NOON)
        assert guest is not None
        assert handover_links.may_try(session, made.token, NOON) is None  # another browser
        assert handover_links.guest(session, made.token, NOON) is None
        assert handover_links.guest(session, device, NOON + handover_links.LIFETIME) is None
        case_handovers.withdraw(session, town.an, reference, "nhầm", NOON)
        assert handover_links.guest(session, device, NOON) is None


def test_a_code_is_tried_a_few_times_only(db: Engine) -> None:
    with transaction(db) as session:
        town = town_of(session)
        made = handover_links.make(session, town.an, send_one(session, town), NOON)
        for _ in range(handover_links.TRIES):
            assert handover_links.may_try(session, made.token, NOON) is not None
            handover_links.enter(session, made.token, False, NOON)
        assert handover_links.may_try(session, made.token, NOON) is None
        assert handover_links.enter(session, made.token, True, NOON) is None

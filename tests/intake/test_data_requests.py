"""A request about personal data, from its registration to the answer, and what must never be in one."""

import json
from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from hotline import alarms, keyring
from hotline.access import Role, Viewer
from hotline.alarm_kinds import AlarmKind
from hotline.audit import AuditRow
from hotline.db import reading, transaction
from hotline.errors import BadInput, Conflict, FieldErrors, NotVisible
from hotline.ids import RecordId
from hotline.sealed import KeyRing
from hotline.settings import settings
from intake.cases import cases
from intake.data_requests import answers, data_requests, objects, papers, request_care
from intake.data_requests.answers import AnswerText
from intake.data_requests.data_requests import Asking
from intake.forms.taxonomy import Disposition
from intake.recordings import recording_work
from intake.records import records
from intake.retention import erasing, legal_holds
from intake.retention.legal_holds import Held
from intake.retention.retention_rules import Kept, Rule
from intake.tables.data_requests import DataObjectRow, DataPaperRow, DataRequestRow
from intake.tables.records import RecordPersonRow, RecordRow
from tests import factories
from tests.factories import NOON, Story
from tests.intake.conftest import House

TOLD = {
    "caller_type": "neighbor",
    "caller_name": "Bành Thị Đào",
    "call_back": "0988111222",
    "content": "Cô Đào kể: bé Na Nguyễn bị đánh, Bé Bo chứng kiến. Số 0912345678.",
    "child.1.name": "Na Nguyễn",
    "child.1.birth_date": "2015-02-03",
    "child.1.school": "Trường Hoa Sen",
    "child.2.name": "Bé Bo",
    "child.2.school": "Trường Mầm Non Xanh",
    "offender.1.described": "Lò Văn Tám",
    "offender.1.relation": "neighbor",
}
ALONE = {name: text for name, text in TOLD.items() if not name.startswith("child.2")}
OTHERS = ("Đào", "0988111222", "912345678", "Bé Bo", "Mầm Non Xanh", "Lò Văn Tám", "neighbor")
ALL = ("know", "copy", "correct", "erase", "restrict")


class Requests:
    """A center with two who lead it, the department, and a record of a neighbor's call."""

    def __init__(self, house: House) -> None:
        self.house, self.db = house, house.db
        with transaction(self.db) as session:
            hanoi = factories.center(session)
            self.center = hanoi.id
            self.lead = factories.person(session, Role.CENTER_LEAD, at=hanoi)
            self.other = factories.person(session, Role.CENTER_LEAD, at=hanoi)
            self.department = factories.person(session, Role.DEPARTMENT, at=hanoi)
            danang = factories.center(session, "DN", "Đà Nẵng")
            self.far = factories.person(session, Role.CENTER_LEAD, at=danang)
        self.record = self.told(TOLD)

    @property
    def ring(self) -> KeyRing:
        return keyring.recording_keys(settings())

    def told(self, fields: dict[str, str], *, closed: bool = True) -> RecordId:
        story = Story().answered_call()
        self.house.apply(story)
        recording_work.finish_one(self.db, story.call_id, story.at + timedelta(days=1))
        record = self.house.record_of(story)
        with transaction(self.db) as session:
            records.autosave(session, self.house.lead, record, 0, fields, NOON)
            if closed:
                records.close(session, self.house.lead, record, Disposition.COUNSELING, NOON)
        return record

    def child(self, record: RecordId, position: int = 1) -> int:
        with reading(self.db) as session:
            found = session.scalar(
                select(RecordPersonRow.id).where(
                    RecordPersonRow.record_id == record,
                    RecordPersonRow.position == position,
                    RecordPersonRow.about == "child",
                )
            )
        assert found is not None
        return found

    def register(
        self,
        *wants: str,
        relation: str = "child",
        says: str = "",
        identity: str = "paper",
        token: str = "t" * 20,
    ) -> int:
        told = {"name": "Nguyễn Văn Hỏi", "contact": "hoi@example.vn", "words": "Cho tôi xem."}
        asking = Asking("email", relation, says, identity, wants or ("copy",), told)
        with transaction(self.db) as session:
            return data_requests.register(
                session, self.lead, asking, self.center, token, NOON, self.ring, NOON
            )

    def chosen(self, request: int, person: int | None, record: RecordId | None = None) -> list[int]:
        with transaction(self.db) as session:
            objects.choose(session, self.lead, request, record or self.record, person, NOON)
        with reading(self.db) as session:
            return [one.id for one in objects.of_request(session, request)]

    def decide(self, request: int, one: int, **told: str) -> None:
        said = {name.replace("_ground", ".ground"): text for name, text in told.items()}
        with transaction(self.db) as session:
            objects.decide(session, self.lead, request, one, said, self.ring, NOON)

    def refused(self, request: int, one: int, **told: str) -> dict[str, str]:
        with pytest.raises(FieldErrors) as wrong:
            self.decide(request, one, **told)
        return wrong.value.fields

    def submit(self, request: int, refused_as: str = "") -> AnswerText:
        with transaction(self.db) as session:
            answers.submit(session, self.lead, request, refused_as, settings(), self.ring, NOON)
        with reading(self.db) as session:
            return answers.read(papers.words(session, request, papers.ANSWER, self.ring))

    def approve(self, request: int, by: Viewer | None = None) -> None:
        with transaction(self.db) as session:
            data_requests.approve(session, by or self.other, request, NOON)

    def deliver(self, request: int) -> None:
        with transaction(self.db) as session:
            answers.keep(session, request, {"pdf": b"%PDF", "docx": b"PK"}, self.ring, NOON)
        with transaction(self.db) as session:
            data_requests.deliver(session, self.lead, request, "post", "Chị Hỏi", self.ring, NOON)

    def draft(self, request: int) -> str:
        with reading(self.db) as session:
            (text,) = objects.drafts(session, objects.of_request(session, request)).values()
        return text


@pytest.fixture
def asked(house: House) -> Requests:
    return Requests(house)


def everything(answer: AnswerText) -> str:
    return json.dumps(asdict(answer), ensure_ascii=False)


def test_a_child_gets_its_own_data_and_nothing_of_who_told_or_of_another_child(asked: Requests) -> None:
    request = asked.register("know", "copy")
    (one,) = asked.chosen(request, asked.child(asked.record))
    draft = asked.draft(request)
    assert "bé Na Nguyễn bị đánh" in draft
    assert not any(secret in draft for secret in OTHERS)
    raw = TOLD["content"]
    wrong = asked.refused(request, one, know="give", copy="give", excerpt=raw)
    assert wrong == {"excerpt": "tells_others"}
    asked.decide(request, one, know="give", copy="give", excerpt=draft)
    answer = asked.submit(request)
    (entry,) = answer.entries
    assert entry.own == {
        "name": "Na Nguyễn",
        "birth_date": "2015-02-03",
        "school": "Trường Hoa Sen",
    }
    assert (entry.excerpt, entry.kept, entry.period) == (draft, ["record", "call"], "record")
    assert not any(secret in everything(answer) for secret in OTHERS)


def test_who_called_gets_how_they_were_written_down_and_nothing_of_any_child(asked: Requests) -> None:
    request = asked.register("copy", relation="adult")
    (one,) = asked.chosen(request, None)
    asked.decide(request, one, copy="give")
    answer = asked.submit(request)
    assert answer.entries[0].own == {
        "caller_type": "neighbor",
        "caller_name": "Bành Thị Đào",
        "call_back": "0988111222",
        "number": "+84912345678",
    }
    told = everything(answer)
    for child in ("Na Nguyễn", "Bé Bo", "Hoa Sen", "bị đánh", "Tám"):
        assert child not in told


def test_a_parent_who_is_accused_gets_nothing_though_the_child_is_small(asked: Requests) -> None:
    record = asked.told({**TOLD, "offender.1.relation": "parent"})
    request = asked.register("know", "copy", "erase", relation="parent", says="young")
    (one,) = asked.chosen(request, asked.child(record), record)
    wrong = asked.refused(request, one, know="give", copy="part", copy_ground="others", erase="erase")
    assert wrong == {"know": "barred", "copy": "barred", "erase": "barred"}
    with reading(asked.db) as session:
        assert not objects.drafts(session, objects.of_request(session, request))
    asked.decide(
        request,
        one,
        know="refuse",
        know_ground="endangers",
        copy="refuse",
        copy_ground="informant",
        erase="refuse",
        erase_ground="duty",
    )
    answer = asked.submit(request)
    assert (answer.entries, answer.refused) == ((), ["duty"])
    assert "Na Nguyễn" not in everything(answer)
    with pytest.raises(BadInput):
        asked.chosen(asked.register(relation="parent", says="agrees", token="u" * 20), None)


def test_nobody_approves_what_they_decided_themselves(asked: Requests) -> None:
    request = asked.register("know")
    (one,) = asked.chosen(request, asked.child(asked.record))
    with pytest.raises(FieldErrors):
        asked.submit(request)
    asked.decide(request, one, know="give")
    with pytest.raises(Conflict, match="state"):
        asked.approve(request)
    asked.submit(request)
    with pytest.raises(Conflict, match="same_person"):
        asked.approve(request, asked.lead)
    with pytest.raises(Conflict, match="state"):
        asked.decide(request, one, know="give")
    for stranger in (asked.far, asked.house.lead, asked.house.admin, asked.house.an):
        with pytest.raises(NotVisible):
            asked.approve(request, stranger)
    asked.approve(request, asked.department)
    with reading(asked.db) as session:
        shown = data_requests.everything(session, asked.lead, NOON)[0]
        assert (shown.state, shown.approved_by.id if shown.approved_by else 0) == (
            "approved",
            asked.department.staff_id,
        )


def test_what_is_sent_back_is_open_again_and_its_answer_gone(asked: Requests) -> None:
    request = asked.register("know")
    asked.submit(request)
    with transaction(asked.db) as session:
        data_requests.send_back(session, asked.other, request, "Tìm thêm số cũ", asked.ring, NOON)
    with reading(asked.db) as session:
        said = papers.all_words(session, request, asked.ring)
        assert said["back"] == "Tìm thêm số cũ"
        assert "answer" not in said
    assert asked.submit(request).entries == ()


def test_it_is_handed_over_once_there_is_something_to_hand_and_ends_the_alarm(asked: Requests) -> None:
    request = asked.register("know")
    with reading(asked.db) as session:
        owed = session.get_one(DataRequestRow, request).due_at
    seen = []
    for hours in (-17, -1, 1, 25):
        request_care.watch_all(asked.db, owed + timedelta(hours=hours))
        with reading(asked.db) as session:
            seen.append(alarms.open_of(session, AlarmKind.DATA_REQUEST).get(str(request)))
    assert seen == [None, "soon", "late", "long"]
    asked.submit(request, "identity")
    asked.approve(request)
    with transaction(asked.db) as session, pytest.raises(Conflict, match="not_made"):
        data_requests.deliver(session, asked.lead, request, "post", "Chị Hỏi", asked.ring, NOON)
    with reading(asked.db) as session:
        assert answers.still_queued(session) == [request]
        assert answers.to_make(session, request, asked.ring) is not None
    asked.deliver(request)
    with reading(asked.db) as session:
        assert not alarms.open_of(session, AlarmKind.DATA_REQUEST)
        assert answers.still_queued(session) == []
        assert answers.to_make(session, request, asked.ring) is None
        file = answers.fetch(session, asked.lead, request, "pdf", asked.ring, NOON)
        assert file.content == b"%PDF"


def test_a_record_of_two_children_is_not_erased_for_one_nor_for_who_called(asked: Requests) -> None:
    request = asked.register("erase")
    (one,) = asked.chosen(request, asked.child(asked.record))
    assert asked.refused(request, one, erase="erase") == {"erase": "of_others"}
    request = asked.register("erase", relation="adult", token="u" * 20)
    (one,) = asked.chosen(request, None, asked.told(ALONE))
    assert asked.refused(request, one, erase="erase") == {"erase": "of_others"}


def test_no_copy_of_what_is_not_even_told(asked: Requests) -> None:
    request = asked.register("know", "copy")
    (one,) = asked.chosen(request, asked.child(asked.record))
    told = {"know": "refuse", "know_ground": "endangers", "copy": "part", "copy_ground": "others"}
    assert asked.refused(request, one, **told) == {"copy": "unknown"}


def test_what_is_erased_goes_through_retention_with_its_certificate(asked: Requests) -> None:
    request, record = asked.register("erase"), asked.told(ALONE)
    (one,) = asked.chosen(request, asked.child(record), record)
    with transaction(asked.db) as session:
        held = legal_holds.put(
            session, asked.house.admin, Held.RECORD, str(record), "tòa án", None, NOON
        )
    assert asked.refused(request, one, erase="erase") == {"erase": "held"}
    with transaction(asked.db) as session:
        legal_holds.lift(session, asked.house.admin, held, "xong", NOON)
    asked.decide(request, one, erase="erase")
    asked.submit(request)
    rule = Rule(Kept.ASKED, "", 0)
    assert erasing.run(asked.db, rule, NOON + timedelta(days=1)) == 0
    asked.approve(request)
    later = NOON + timedelta(days=1)
    with transaction(asked.db) as session:  # somebody adds a child meanwhile
        added = RecordPersonRow(record_id=record, about="child", position=2, fields={"name": "Bo"})
        session.add(added)
        session.flush()
        another = added.id
    assert erasing.run(asked.db, rule, later) == 0
    with transaction(asked.db) as session:
        session.delete(session.get_one(RecordPersonRow, another))
    assert erasing.run(asked.db, rule, later) == 1
    assert erasing.run(asked.db, rule, later) == 0
    with reading(asked.db) as session:
        row = session.get_one(RecordRow, record)
        assert (row.erased_at, row.fields) == (later, {"caller_type": "neighbor"})


def test_a_record_of_a_case_a_draft_and_what_nobody_corrected_are_told_apart(asked: Requests) -> None:
    draft = asked.told(TOLD, closed=False)
    request = asked.register(*ALL)
    (one,) = asked.chosen(request, asked.child(draft), draft)
    asks = {"know": "give", "copy": "part", "copy_ground": "others", "restrict": "limit"}
    wrong = asked.refused(request, one, **asks, correct="corrected", erase="erase")
    assert wrong == {"erase": "not_closed"}
    with transaction(asked.db) as session:
        session.execute(update(DataRequestRow).values(received_at=NOON + timedelta(seconds=1)))
    wrong = asked.refused(request, one, **asks, correct="corrected", erase="erase")
    assert wrong == {"correct": "not_corrected", "erase": "not_closed"}
    with transaction(asked.db) as session:
        cases.open_from_record(session, asked.house.lead, asked.record, NOON)
    both = asked.chosen(request, asked.child(asked.record))
    assert len(both) == 3
    for each in both[1:]:
        assert asked.refused(request, each, **asks, correct="corrected", erase="erase")["erase"] == (
            "in_case"
        )


def test_an_answered_request_is_emptied_when_its_time_is_over(asked: Requests) -> None:
    request = asked.register("know", "restrict")
    (one,) = asked.chosen(request, asked.child(asked.record))
    asked.decide(request, one, know="give", restrict="limit")
    asked.submit(request)
    asked.approve(request)
    with reading(asked.db) as session:
        assert session.get_one(DataObjectRow, one).limited_at == NOON
    asked.deliver(request)
    rule, later = Rule(Kept.DATA_REQUEST, "keep_data_request_days", 365), NOON + timedelta(days=366)
    assert erasing.run(asked.db, rule, NOON + timedelta(days=364)) == 0
    with transaction(asked.db) as session:
        held = legal_holds.put(
            session, asked.house.admin, Held.DATA_REQUEST, str(request), "khiếu nại", None, NOON
        )
    assert erasing.run(asked.db, rule, later) == 0
    with transaction(asked.db) as session:
        legal_holds.lift(session, asked.house.admin, held, "xong", NOON)
    assert erasing.run(asked.db, rule, later) == 1
    with reading(asked.db) as session:
        for gone in (DataPaperRow, DataObjectRow):
            assert not session.scalar(select(func.count()).select_from(gone))
        assert data_requests.request(session, asked.lead, request, later).erased_at == later


def test_what_people_wrote_is_in_no_row_in_the_clear_and_every_step_is_on_record(
    asked: Requests,
) -> None:
    request = asked.register("copy")
    (one,) = asked.chosen(request, asked.child(asked.record))
    asked.decide(request, one, copy="give", excerpt="Em bị đánh.")
    asked.submit(request)
    asked.approve(request)
    asked.deliver(request)
    with reading(asked.db) as session:
        tables = (DataRequestRow.__table__, DataObjectRow.__table__, DataPaperRow.__table__)
        stored = str([session.execute(select(table)).all() for table in tables])
        for text in ("Nguyễn Văn Hỏi", "hoi@example.vn", "Cho tôi xem", "Em bị đánh", "Chị Hỏi"):
            assert text not in stored
            assert text.encode() not in b"".join(session.scalars(select(DataPaperRow.sealed)))
        acts = session.execute(
            select(AuditRow.act, AuditRow.detail)
            .where(AuditRow.object_kind == "data_request")
            .order_by(AuditRow.id)
        ).all()
    assert acts == [
        ("create", "copy"),
        ("change", "submitted"),
        ("change", "approved"),
        ("close", "post"),
    ]

"""What is kept for how long: due, held, deleted with its files, and certified. Counted stays counted."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hotline import alarms, cli
from hotline.alarm_kinds import AlarmKind
from hotline.audit import AuditRow
from hotline.db import reading, transaction
from hotline.errors import BadInput, NotVisible, SetupError
from hotline.events import Outcome
from hotline.findings import Grade, Patient
from hotline.ids import CallId, CaseId, RecordId
from hotline.keyring import recording_keys
from hotline.settings import settings
from intake.calls import calls
from intake.cases import cases
from intake.forms.forms import About
from intake.forms.taxonomy import Disposition, Way
from intake.recordings import recording_work, recordings
from intake.recordings.recording_files import Part, file_of
from intake.recordings.recordings import RecordingState
from intake.records import records
from intake.reports import api_clients, reports
from intake.reports.reports import Submitted
from intake.retention import certificates, emptying, erasing, legal_holds
from intake.retention import doctor as retention_doctor
from intake.retention.certificates import Fault
from intake.retention.legal_holds import Held
from intake.retention.retention_rules import Kept, Rule, counted, counted_person, digest, rules
from intake.searching.search_index import RECORD, SearchRow
from intake.tables.callbacks import CallbackRow
from intake.tables.calls import CallRow, TransferRow
from intake.tables.cases import CaseRow
from intake.tables.recordings import RecordingRow
from intake.tables.records import RecordPersonRow, RecordRevisionRow, RecordRow
from intake.tables.reports import ReportAttachmentRow, ReportRow
from intake.tables.retention import DeletionRow
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.intake.test_recordings import tone

YEAR = timedelta(days=365)
_COLUMNS = ("at", "kind", "rule", "before", "ids", "files")
_NEWEST = select(AuditRow.object_kind).order_by(AuditRow.id.desc())
LATER = NOON + YEAR + timedelta(days=2)
TOLD = {
    "caller_name": "Bà Tư",
    "content": "Bé Na bị đánh.",
    "problem": "violence",
    "place_unit": "2025:04978",
    "child.1.name": "Bé Na",
    "child.1.sex": "female",
    "child.1.age": "7",
    "child.1.birth_date": "2019-02-03",
}


def rule(kept: Kept, days: int = 365) -> Rule:
    return Rule(kept, f"keep_{kept}_days", days)


def talk(house: House, *, sound: bool = True) -> CallId:
    """A call of An's that is over, with its recording; without sound it is missing."""
    story = Story().answered_call(talk_seconds=1)
    house.apply(story)
    if sound:
        for side in ("in", "out"):
            tone(settings().spool_dir / f"{story.call_id}-{side}.wav", 400, 2)
    recording_work.finish_one(house.db, story.call_id, story.at + timedelta(days=1))
    return story.call_id


def written(
    house: House, call_id: CallId, disposition: Disposition | None = Disposition.COUNSELING
) -> RecordId:
    """What An wrote in that call, closed."""
    with transaction(house.db) as session:
        found = records.record_of_call(session, house.an, call_id, NOON)
        assert found is not None
        records.autosave(session, house.an, found.id, 0, TOLD, NOON)
        if disposition:
            records.close(session, house.an, found.id, disposition, NOON)
    return found.id


def case_of(house: House, record: RecordId, *, closed: bool = False) -> CaseId:
    with transaction(house.db) as session:
        case = cases.open_from_record(session, house.an, record, NOON)
        if closed:
            session.execute(update(CaseRow).where(CaseRow.id == case).values(closed_at=NOON))
    return case


def files(house: House, call_id: CallId) -> list[Path]:
    """Those that are there."""
    with reading(house.db) as session:
        row = session.get_one(RecordingRow, call_id)
        path = row.path or f"2026/11/20/{call_id}"
    return [file_of(path, part) for part in Part if file_of(path, part).exists()]


def ids(house: House) -> list[tuple[str, list[str]]]:
    with reading(house.db) as session:
        return [(one.kind, list(one.ids)) for one in certificates.everything(session)]


def in_search(session: Session) -> int:
    of_record = SearchRow.kind == RECORD
    return session.scalar(select(func.count()).select_from(SearchRow).where(of_record)) or 0


def run(house: House, *kept: Kept) -> list[int]:
    return [erasing.run(house.db, rule(one), LATER) for one in kept or tuple(Kept)]


def test_nothing_is_deleted_as_long_as_nobody_set_a_period(house: House) -> None:
    call = talk(house)
    written(house, call)
    with reading(house.db) as session:
        standing = erasing.preview(session, settings(), LATER)
    assert [(one.rule.days, one.count) for one in standing] == [(0, 0)] * len(Kept)
    assert [erasing.run(house.db, one.rule, LATER) for one in standing] == [0] * len(Kept)
    assert len(files(house, call)) == 2


def test_a_record_whose_time_is_over_tells_nothing_and_is_still_counted(house: House) -> None:
    call = talk(house)
    record = written(house, call)
    of = settings().model_copy(update={"keep_record_days": 365})
    with reading(house.db) as session:
        counts = {one.rule.kept: one.count for one in erasing.preview(session, of, LATER)}
        assert in_search(session)
    assert counts == {kept: int(kept is Kept.RECORD) for kept in Kept}
    assert len(files(house, call)) == 2
    assert run(house) == [int(kept is Kept.RECORD) for kept in Kept]
    assert not files(house, call)
    with reading(house.db) as session:
        row, child = session.get_one(RecordRow, record), session.scalars(select(RecordPersonRow)).one()
        assert row.fields == {"problem": "violence", "place_unit": "2025:25"}
        assert child.fields == {"sex": "female", "age": "7"}
        assert (row.disposition, row.problem, row.erased_at) == ("counseling", "violence", LATER)
        assert session.scalar(select(func.count()).select_from(RecordRevisionRow)) == 0
        assert not in_search(session)
        told = session.get_one(CallRow, call)
        assert (told.number, told.answered_at is None, told.erased_at) == (None, False, LATER)
        sound = session.get_one(RecordingRow, call)
        assert (sound.state, sound.path, sound.duration_ms is None) == ("erased", None, False)
        shown = calls.call(session, house.an, call, LATER).recording
        assert shown is not None
        assert shown.state is RecordingState.ERASED
        view = records.record(session, house.an, record, LATER)
        assert (view.erased_at, view.editable) == (LATER, False)
    with pytest.raises(NotVisible), transaction(house.db) as session:
        records.autosave(session, house.an, record, 1, {"content": "x"}, LATER)
    assert ids(house) == [("record", [str(record)])]
    assert run(house) == [0] * len(Kept)


def test_a_transfer_no_longer_tells_to_whom(house: House) -> None:
    call = Story().answered_call().transferred("hn01", "Local/0912345678@telco-dial-00000001;1")
    house.apply(call)
    with transaction(house.db) as session:
        emptying.calls(session, [call.call_id], LATER)
    with reading(house.db) as session:
        (row,) = session.scalars(select(TransferRow))
        assert (row.kind, row.by.startswith("PJSIP/hn01-"), row.to, row.dialled) == (
            "blind",
            True,
            "",
            "",
        )
        assert calls.call(session, house.an, call.call_id, LATER).transfers[0].to == ""


def test_what_was_told_nothing_in_goes_by_a_period_of_its_own(house: House) -> None:
    silent, lost = talk(house, sound=False), Story()
    record = written(house, silent, Disposition.SILENT)
    house.apply(lost.arrived().waiting().rang().stopped().ended(Outcome.ABANDONED))
    assert run(house, Kept.RECORD, Kept.SILENT, Kept.CALL) == [0, 1, 1]
    assert ids(house) == [("silent", [str(record)]), ("call", [lost.call_id])]
    with reading(house.db) as session:
        assert session.scalars(select(CallRow.number)).all() == [None, None]
        assert session.scalars(select(CallbackRow.number)).all() == ["+84912345678"]  # still owed


def test_what_is_unfinished_too_young_or_of_a_case_stays(house: House) -> None:
    draft, young, case = (talk(house, sound=False) for _ in range(3))
    written(house, draft, None)
    with transaction(house.db) as session:
        fresh = update(RecordRow).where(RecordRow.id == written(house, young))
        session.execute(fresh.values(closed_at=LATER - timedelta(days=1)))
    case_of(house, written(house, case, None), closed=True)
    assert run(house, Kept.RECORD, Kept.SILENT, Kept.CALL) == [0, 0, 0]
    assert ids(house) == []


def test_recordings_of_a_case_stay_as_long_as_it_is_open_and_then_by_its_own_period(
    house: House,
) -> None:
    still, over, alone = talk(house), talk(house), talk(house)
    case_of(house, written(house, still, None))
    case_of(house, written(house, over, None), closed=True)
    written(house, alone)
    assert run(house, Kept.RECORDING, Kept.CASE_RECORDING) == [1, 1]
    assert ids(house) == [("recording", [alone]), ("case_recording", [over])]
    assert [len(files(house, one)) for one in (still, over, alone)] == [2, 0, 0]


@pytest.mark.parametrize("kind", [Held.CASE, Held.RECORD, Held.CALL])
def test_a_hold_keeps_a_thing_and_what_hangs_on_it_until_it_ends(house: House, kind: Held) -> None:
    call = talk(house)
    record = written(house, call, None if kind is Held.CASE else Disposition.COUNSELING)
    named = {Held.RECORD: str(record), Held.CALL: call}
    if kind is Held.CASE:
        case = case_of(house, record, closed=True)
        with reading(house.db) as session:
            named[kind] = session.get_one(CaseRow, case).number
    with transaction(house.db) as session:
        until = LATER + timedelta(days=1)
        asked = (session, house.lead, kind, named[kind])
        legal_holds.put(*asked, "Tòa án yêu cầu", until, NOON)
        number = legal_holds.put(*asked, "Công an yêu cầu", None, NOON)
        assert session.scalars(_NEWEST).first() == "legal_hold"
        with pytest.raises(BadInput):
            legal_holds.put(*asked, " ", None, NOON)
        with pytest.raises(NotVisible):
            legal_holds.put(session, house.lead, kind, "0", "x", None, NOON)
    assert run(house) == [0] * len(Kept)
    assert len(files(house, call)) == 2
    with transaction(house.db) as session:
        legal_holds.lift(session, house.lead, number, "Tòa đã xử", LATER)
    assert run(house) == [0] * len(Kept)  # the other still stands
    ended = [erasing.run(house.db, rule(one), until + timedelta(days=1)) for one in Kept]
    assert sum(ended) == (2 if kind is Held.CASE else 1)  # its recording, and then itself
    assert not files(house, call)


def test_a_run_that_is_killed_leaves_nothing_half(house: House) -> None:
    """Killed when recordings were let go and one file was gone: nobody plays them, nothing says that
    they are deleted, and the next night goes on."""
    calls_ = [talk(house) for _ in range(3)]
    written(house, calls_[0])
    erasing._begin(house.db, rule(Kept.RECORDING), LATER, None, 2)
    files(house, min(calls_))[0].unlink()
    assert ids(house) == []
    with reading(house.db) as session:
        may = recordings.which_may_be_played(session, house.lead, calls_)
    assert may == {max(calls_)}
    assert erasing.run(house.db, rule(Kept.RECORDING), LATER, at_once=2) == 3
    assert [len(files(house, one)) for one in calls_] == [0, 0, 0]
    assert [len(told) for _, told in ids(house)] == [2, 1]
    assert run(house, Kept.RECORD) == [1]


def test_a_file_that_the_disk_does_not_give_up_keeps_its_record_for_the_next_night(
    house: House,
) -> None:
    stuck, free = talk(house), talk(house)
    records_ = {one: written(house, one) for one in (stuck, free)}
    file = files(house, stuck)[0]
    file.unlink()
    file.mkdir()
    assert run(house, Kept.RECORD) == [1]
    assert ids(house) == [("record", [str(records_[free])])]
    file.rmdir()
    assert run(house, Kept.RECORD) == [1]


def test_a_certificate_cannot_be_changed_and_would_show_it(house: House) -> None:
    for _ in range(2):
        written(house, talk(house, sound=False))
        run(house, Kept.RECORD)
    with reading(house.db) as session:
        first, second = certificates.everything(session)
    assert (first.faults, second.faults) == ((), ())
    assert (first.rule, first.before) == ("keep_record_days=365", LATER - YEAR)
    for statement in ("UPDATE deletion SET files = 7", "DELETE FROM deletion"):
        with pytest.raises(DBAPIError), transaction(house.db) as session:
            session.execute(text(statement))
    told = (second.at, second.kind, second.rule, second.before)
    assert digest(first.digest, *told, second.ids, 0) == second.digest
    assert digest(first.digest, *told, ["1"], 0) != second.digest
    assert digest("", *told, second.ids, 0) != second.digest


def test_a_certificate_that_is_forged_or_taken_away_is_named(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    """As who may write to the database could add one, and its owner take one away."""
    for _ in range(2):
        written(house, talk(house, sound=False))
        run(house, Kept.RECORD)
    certificates.watch(house.db, LATER)
    with transaction(house.db) as session:
        assert alarms.open_of(session, AlarmKind.AUDIT) == {}
        first, second = session.scalars(select(DeletionRow).order_by(DeletionRow.id)).all()
        told = (LATER, "record", "keep_record_days=365", LATER - YEAR, ["77"], 0)
        columns = dict(zip(_COLUMNS, told, strict=True))
        forged = DeletionRow(digest=digest(second.digest, *told), **columns)
        session.add(forged)
        session.flush()
        number, taken = forged.id, first.id
        unguarded = {
            "sqlite": "DROP TRIGGER deletion_no_delete",
            "postgresql": "SET LOCAL session_replication_role = replica",
        }
        session.execute(text(unguarded[session.get_bind().dialect.name]))
        session.execute(text("DELETE FROM deletion WHERE id = :id"), {"id": taken})
    with reading(house.db) as session:
        assert certificates.missing(session) == [taken]
        found = {one.id: one.faults for one in certificates.everything(session)}
        assert found == {second.id: (Fault.CHANGED,), number: (Fault.UNNOTED,)}
    certificates.watch(house.db, LATER)
    with reading(house.db) as session:
        assert alarms.open_of(session, AlarmKind.AUDIT) == {"certificates": "certificates"}
    with pytest.raises(SystemExit) as ended:
        cli.main(["retention", "certificates"])
    assert ended.value.code == 1
    said = capsys.readouterr().out
    assert re.search(rf"\n +{taken} MISSING\n", said)
    assert re.search(rf"\n +{number} .*  UNNOTED\n", said)


def test_a_report_goes_with_its_record(house: House) -> None:
    with transaction(house.db) as session:
        client, _ = api_clients.make(session, "Ứng dụng 111", Way.APP, 60, NOON)
        fields = {"content": "Em sợ", "problem": "violence", "child.1.name": "Na", "child.1.age": "9"}
        sent = Submitted("one", "a" * 64, None, False, fields, (b"\x89PNG\r\n\x1a\n" + b"0" * 40,))
        reports.accept(session, client, sent, recording_keys(settings()), NOON)
        row = session.scalars(select(ReportRow)).one()
        record, _ = reports.take(session, house.an, row.id, NOON)
        records.close(session, house.an, record, Disposition.COUNSELING, NOON)
    assert run(house, Kept.RECORD) == [1]
    with reading(house.db) as session:
        assert session.scalars(select(ReportRow.fields)).one() == {
            "problem": "violence",
            "child.1.age": "9",
        }
        assert not session.scalars(select(ReportAttachmentRow.id)).all()


def test_periods_are_none_or_long_enough() -> None:
    with pytest.raises(SetupError, match="TONGDAI_KEEP_CALL_DAYS"):
        rules(dict.fromkeys(Kept, 0) | {Kept.CALL: 29})
    assert [one.days for one in rules(dict.fromkeys(Kept, 30))] == [30] * len(Kept)


def test_what_is_counted_tells_of_nobody() -> None:
    old = {"place_unit": "Xóm Đình, nhà ông Sáu", "anonymous": "1", "content": "x", "gone": "x"}
    assert counted(4, None, old) == {"anonymous": "1"}
    told = {"described": "ông Sáu", "relation": "father", "age": "40", "whereabouts": "ở nhà"}
    assert counted(4, About.OFFENDER, told) == {"relation": "father", "age": "40"}


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"birth_date": "2019-02-03"}, {"age": "7"}),
        ({"birth_date": "2019-12-01", "age": "9"}, {"age": "6"}),
        ({"age": "9", "name": "Bé Na"}, {"age": "9"}),
        ({"ethnicity": "KINH"}, {"ethnicity": "Kinh"}),
        ({"ethnicity": "Ba Na"}, {"ethnicity": "khác"}),
    ],
)
def test_the_age_and_the_people_that_are_published_stay(
    fields: dict[str, str], left: dict[str, str]
) -> None:
    """Of a date of birth, and of the name of a small people, nothing else does."""
    assert counted_person(4, About.CHILD, fields, date(2026, 11, 20)) == left


def test_the_command_previews_holds_runs_and_shows(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record = written(house, talk(house, sound=False))
    with transaction(house.db) as session:
        for row in (CallRow, RecordRow):
            end = {"ended_at": NOON - YEAR} if row is CallRow else {"closed_at": NOON - YEAR}
            session.execute(update(row).values(end))
    monkeypatch.setenv("TONGDAI_KEEP_RECORD_DAYS", "90")
    settings.cache_clear()

    def said(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            cli.main(["retention", *arguments])
        assert not ended.value.code
        return capsys.readouterr().out

    why = ("--reason", "Công an hỏi", "--by", house.lead.login)
    assert re.search(r"\nrecord +90 days +1  TONGDAI_KEEP_RECORD_DAYS\n", said("preview"))
    assert re.search(r"\ntherapy +no period: kept +0  TONGDAI_KEEP_THERAPY_DAYS\n", said("preview"))
    held = re.match(r"hold (\d+): record", said("hold", "record", str(record), *why))
    assert held
    assert re.search(r"\nrecord +90 days +0 ", said("preview"))
    assert "Công an hỏi" in said("holds")
    said("lift", held[1], *why)
    assert "record: 1\n" in said("run")
    assert "keep_record_days=90" in said("certificates")


def test_the_doctor_names_what_has_no_period() -> None:
    of = settings().model_copy(update={"keep_record_days": 365, "demo": False})
    (found,) = retention_doctor.examine(Patient(of, 0))
    assert (found.grade, "therapy, case, victim_case" in found.said) == (Grade.ODD, True)
    assert "record," not in found.said.replace("case_record", "")
    assert "TONGDAI_KEEP_VICTIM_CASE_DAYS" in (found.advice or "")
    periods = {f"keep_{kept}_days": 365 for kept in Kept}
    (found,) = retention_doctor.examine(Patient(of.model_copy(update=periods), 0))
    assert found.grade is Grade.GOOD
    with pytest.raises(SetupError, match="TONGDAI_KEEP_CASE_DAYS"):
        list(retention_doctor.examine(Patient(of.model_copy(update={"keep_case_days": 3}), 0)))

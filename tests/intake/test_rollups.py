"""Roll-ups: a report is the same with and without them, whatever is changed, whenever."""

import threading
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, event, func, select, update
from sqlalchemy.orm import Session
from typer import Typer
from typer.testing import CliRunner

from hotline.calendar import start_of
from hotline.clock import local
from hotline.db import reading, transaction
from intake.forms.taxonomy import Disposition
from intake.history.loading import make_of
from intake.history.published import Figures as Published
from intake.retention import emptying
from intake.statistics import counted_rows, periods, rollup_command, rollups
from intake.statistics.periods import Period
from intake.statistics.report import figures
from intake.statistics.rollup_proof import differences
from intake.statistics.tables import Figures, Table
from intake.tables.calls import CallRow, TalkRow
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.joins import CaseRecordRow, SameChildRow
from intake.tables.records import RecordPersonRow, RecordRow
from intake.tables.rollups import RollupMarkRow, RollupRow
from tests.intake.test_history import NOW, SMALL, house
from tests.queries import counted

__all__ = ["house"]
TODAY = date(2020, 3, 1)
LATER = start_of(date(2020, 2, 1))
ODD = Period(date(2019, 3, 5), date(2019, 11, 20))


@pytest.fixture
def year(house: Engine) -> Engine:
    """A small 2019, all of it rolled up."""
    make_of(house, SMALL, 7, NOW)
    build(house)
    return house


def build(of: Engine) -> None:
    rollups.build(of, rollups.stale(of, TODAY))


def told(of: Engine, period: Period) -> Figures:
    with reading(of) as session:
        found = figures(session, period, NOW)
    assert found is not None
    return found


def loads_of(of: Engine) -> list[Mapping[str, int]]:
    """What the load is made of; of so few counselors a report tells nothing."""
    with reading(of) as session:
        together = rollups.tallied(session, periods.year(2019)).together
    return [together[table] for table in (Table.LOAD_CALLS, Table.LOAD_TALK, Table.LOAD_WRAP_UP)]


def test_a_report_is_the_same_with_and_without_roll_ups(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    spans = (periods.year(2019), periods.month(2019, 2), ODD)
    plain = [told(house, one) for one in spans]
    build(house)
    with counted(house) as statements:
        assert [told(house, one) for one in spans] == plain
    from_rows = [one for one in statements.sent if "hour" in one]
    assert from_rows == []
    assert rollups.stale(house, TODAY) == []
    assert list(differences(house, TODAY)) == []


def _way(session: Session) -> RecordRow:
    """A consultation by phone of which no case came."""
    query = (
        select(RecordRow)
        .join(CallRow)
        .where(
            RecordRow.disposition == Disposition.COUNSELING,
            CallRow.line == "child",
            CallRow.arrived_at < LATER,
        )
    )
    return session.scalars(query.order_by(RecordRow.id).limit(1)).one()


def _another_disposition(session: Session) -> None:
    _way(session).disposition = Disposition.PRANK


def _another_caller(session: Session) -> None:
    row = _way(session)
    row.fields = {**row.fields, "caller_type": "official"}


def _another_caller_by_hand(session: Session) -> None:
    of = _way(session).id
    session.execute(update(RecordRow).where(RecordRow.id == of).values(caller_type="teacher"))


def _another_child(session: Session) -> None:
    for child in session.scalars(
        select(RecordPersonRow).where(RecordPersonRow.record_id == _way(session).id)
    ):
        child.fields = {**child.fields, "sex": "unknown"}


def _no_child(session: Session) -> None:
    session.execute(delete(RecordPersonRow).where(RecordPersonRow.record_id == _way(session).id))


def _another_outcome(session: Session) -> None:
    session.execute(update(CallRow).where(CallRow.id == _way(session).call_id).values(answered_at=None))


def _another_day(session: Session) -> None:
    row = session.get_one(CallRow, _way(session).call_id)
    row.arrived_at = LATER


def _no_record(session: Session) -> None:
    _no_child(session)
    session.delete(_way(session))


def _time_is_over(session: Session) -> None:
    emptying.records(session, [_way(session).id], NOW)


def _came_by_post_later(session: Session) -> None:
    query = select(RecordRow).where(RecordRow.way == "post").order_by(RecordRow.id).limit(1)
    row = session.scalars(query).one()
    row.received_at = LATER


def _case(session: Session) -> CaseRow:
    """One that is counted among those of the child line."""
    first = counted_rows.cases(periods.year(2019)).order_by(CaseRow.id).limit(1)
    return session.get_one(CaseRow, session.execute(first).one().id)


def _another_state(session: Session) -> None:
    _case(session).state = "referred"


def _another_day_of_a_case(session: Session) -> None:
    row = _case(session)
    row.received_at = row.heard_at = LATER


def _a_step_is_corrected(session: Session) -> None:
    """Entries are only added: the one that corrects says that it was done in another minute."""
    query = select(CaseEventRow).where(
        CaseEventRow.case_id == _case(session).id, CaseEventRow.code == "report_to_commune"
    )
    one = session.scalars(query).one()
    session.add(
        CaseEventRow(
            case_id=one.case_id,
            kind=one.kind,
            code=one.code,
            staff_id=one.staff_id,
            happened_at=one.happened_at + timedelta(minutes=61),
            entered_at=NOW,
            corrects_id=one.id,
        )
    )


def _first_record(session: Session) -> CaseRecordRow:
    query = select(CaseRecordRow).where(CaseRecordRow.case_id == _case(session).id)
    return session.scalars(query).one()


def _another_problem_of_a_case(session: Session) -> None:
    session.get_one(RecordRow, _first_record(session).record_id).problem = "other"


def _another_line_of_a_case(session: Session) -> None:
    """Its call came on one day, the case is counted for another."""
    call = session.get_one(RecordRow, _first_record(session).record_id).call_id
    assert call is not None
    session.get_one(CallRow, call).line = "trafficking"


def _apart_from_its_case(session: Session) -> None:
    link = _first_record(session)
    link.left_at, link.left_by = NOW, link.joined_by


def _one_more_child(session: Session) -> None:
    record = _first_record(session).record_id
    session.add(RecordPersonRow(record_id=record, about="child", position=9, fields={"name": "Na"}))


def _that_is_another_one(session: Session) -> None:
    link, person = _first_record(session), RecordPersonRow
    query = select(person.id).where(person.record_id == link.record_id).order_by(person.position)
    first, *_, last = session.scalars(query).all()
    same = SameChildRow(person_id=last, same_as_id=first, marked_at=NOW, marked_by=link.joined_by)
    session.add(same)


def _no_talk(session: Session) -> None:
    talk = TalkRow
    session.execute(
        delete(talk).where(talk.staff_id == select(func.min(talk.staff_id)).scalar_subquery())
    )


def _a_longer_talk(session: Session) -> None:
    for talk in session.scalars(select(TalkRow)):
        talk.ended_at = talk.began_at + timedelta(hours=1)


def _closed_at_once(session: Session) -> None:
    by_phone = select(CallRow.ended_at).where(CallRow.id == RecordRow.call_id).scalar_subquery()
    session.execute(update(RecordRow).where(RecordRow.call_id.is_not(None)).values(closed_at=by_phone))


CHANGES = (
    _another_disposition, _another_caller, _another_caller_by_hand, _another_child, _no_child,
    _another_outcome, _another_day, _no_record, _time_is_over, _came_by_post_later,
    _another_state, _a_step_is_corrected, _another_problem_of_a_case, _one_more_child,
    _that_is_another_one,
    _another_day_of_a_case, _another_line_of_a_case, _apart_from_its_case,
    _a_longer_talk, _closed_at_once, _no_talk,
)  # fmt: skip


def test_what_is_changed_later_changes_the_report(year: Engine) -> None:
    for change in CHANGES:
        before, loads = told(year, periods.year(2019)), loads_of(year)
        with transaction(year) as session:
            change(session)
        assert rollups.stale(year, TODAY), change
        after = told(year, periods.year(2019))
        if change is not _time_is_over:
            assert (after, loads_of(year)) != (before, loads), change
        if change is _another_disposition:
            kinds = [one[Table.KINDS].rows["counseling"] for one in (before, after)]
            pranks = [one[Table.CLOSED].rows.get("prank", 0) for one in (before, after)]
            assert (kinds[1] - kinds[0], pranks[1] - pranks[0]) == (-1, 1)
            assert after[Table.WAYS].total == 59
        build(year)
        assert told(year, periods.year(2019)) == after, change
        assert list(differences(year, TODAY)) == [], change

    _a_call_in_the_last_instant_of_a_day_is_of_that_day(year)


def _a_call_in_the_last_instant_of_a_day_is_of_that_day(year: Engine) -> None:
    last = date(2019, 7, 1)
    with transaction(year) as session:
        one = session.scalars(select(CallRow).order_by(CallRow.id).limit(1)).one()
        one.arrived_at = start_of(last) + timedelta(days=1, microseconds=-100)
    plain = told(year, Period(last, last + timedelta(days=1)))
    assert plain[Table.HOURS].rows["23"] >= 1
    build(year)
    assert told(year, Period(last, last + timedelta(days=1))) == plain
    assert list(differences(year, TODAY)) == []


def test_a_year_loaded_in_bulk_marks_its_days(year: Engine) -> None:
    """One mark a day and month of loading, not one a row."""
    make_of(year, Published(2018, calls=300, consultations=20), 7, NOW)
    with reading(year) as session:
        assert len(session.scalars(select(RollupMarkRow.id)).all()) < 3 * 366
    assert told(year, periods.year(2018))[Table.CALLS].total == 300
    rollups.sweep()
    assert not {day for day in rollups.stale(year, TODAY) if day.year == 2018}
    assert told(year, periods.year(2018))[Table.CALLS].total == 300
    assert list(differences(year, date(2019, 1, 1))) == []


def test_what_is_committed_while_a_day_is_rolled_up_is_not_lost(year: Engine) -> None:
    """Before and after the day's rows are counted; on SQLite the change waits until that is done."""
    for consulted, when in ((59, "DELETE FROM rollup_mark"), (58, "DELETE FROM rollup ")):
        _change_when_it_is_sent(year, when, consulted)


def _change_when_it_is_sent(year: Engine, when: str, consulted: int) -> None:
    with transaction(year) as session:
        _another_caller(session)
    (day,) = rollups.stale(year, TODAY)

    def edit() -> None:
        with transaction(year) as session:
            _another_disposition(session)

    meanwhile = threading.Thread(target=edit)

    def begin(_c: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if sql.startswith(when) and not meanwhile.ident:
            meanwhile.start()
            if year.dialect.name == "postgresql":
                meanwhile.join()

    event.listen(year, "after_cursor_execute", begin)
    rollups.build(year, [day])
    event.remove(year, "after_cursor_execute", begin)
    meanwhile.join()
    assert rollups.stale(year, TODAY) == [day]
    assert told(year, periods.year(2019))[Table.WAYS].total == consulted
    build(year)
    assert told(year, periods.year(2019))[Table.WAYS].total == consulted
    assert list(differences(year, TODAY)) == []


def _row(session: Session, span: str, first: date) -> RollupRow:
    return session.scalars(select(RollupRow).filter_by(span=span, first=first)).one()


def _inject(of: Engine, span: str, first: date) -> None:
    with transaction(of) as session:
        row = _row(session, span, first)
        calls = row.counts["calls"]
        row.counts = {**row.counts, "calls": {**calls, "answered": calls.get("answered", 0) + 5}}


def test_the_command_names_a_wrong_number_and_mends_it(year: Engine) -> None:
    app = Typer()
    app.command()(rollup_command.command)

    def run(*told: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, told)
        return done.exit_code, done.output

    with reading(year) as session:
        first = session.scalars(select(CallRow.arrived_at).order_by(CallRow.arrived_at).limit(1)).one()
        calls = _row(session, "month", date(2019, 5, 1)).counts["calls"]["answered"]
    _inject(year, "day", local(first).date())
    _inject(year, "month", date(2019, 5, 1))
    code, said = run("--verify")
    assert code == 1
    assert f"day {local(first).date()}: calls answered: rolled up" in said
    assert f"month 2019-05-01: calls answered: rolled up {calls + 5}, counted {calls}" in said
    assert "2 counts are wrong" in said
    assert run("--anew")[0] == 0
    assert run("--verify")[0] == 0


def test_today_and_what_older_code_counted_are_counted_from_rows(year: Engine) -> None:
    plain = told(year, periods.year(2019))
    with transaction(year) as session:
        session.execute(update(RollupRow).values(rules="older", counts={"calls": {"answered": 1}}))
    assert told(year, periods.year(2019)) == plain
    rollups.build(year, rollups.stale(year, date(2019, 12, 31)))
    row = RollupRow
    with reading(year) as session:
        query = select(row.span, func.max(row.first)).where(row.rules != "older").group_by(row.span)
        last = {one.span: one[1] for one in session.execute(query)}
    assert last == {"day": date(2019, 12, 30), "month": date(2019, 11, 1)}
    assert told(year, periods.year(2019)) == plain
    assert list(differences(year, date(2019, 12, 31))) == []

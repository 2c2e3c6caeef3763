from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hotline.access import Role, Viewer
from hotline.audit import AuditRow
from hotline.db import reading, transaction
from hotline.errors import FieldErrors, NotAllowed
from hotline.ids import CaseId
from hotline.units import all_units
from intake.cases import case_bulk, case_filters, case_lists, cases, joining
from intake.cases.case_filters import CaseFilter, Mark
from intake.cases.case_lists import CasePage
from intake.cases.flow import State
from intake.forms.taxonomy import Risk
from intake.tables.cases import CaseRow
from tests import factories
from tests.factories import NOON
from tests.intake.conftest import House
from tests.intake.test_joining import opened, told
from tests.queries import counted

KIM_BOI, CAO_PHONG = "2024:05065", "2025:05089"
_FILTERS = st.builds(
    CaseFilter,
    mine=st.booleans(),
    over=st.booleans(),
    overdue=st.booleans(),
    trafficking=st.booleans(),
    center=st.sampled_from(["", "HN", "AG"]),
    unit=st.sampled_from(["", *list(all_units())[::2000]]),
    state=st.none() | st.sampled_from(State),
    risk=st.none() | st.sampled_from(Risk),
)


@given(_FILTERS)
def test_a_filter_is_read_as_it_was_written(asked: CaseFilter) -> None:
    assert case_filters.read(case_filters.told(asked)) == asked
    assert asked.narrows == (case_filters.written(asked) != "")


@given(
    st.dictionaries(st.sampled_from(["mine", "unit", "state", "risk", "center"]), st.text(max_size=9))
)
def test_what_cannot_be_used_is_left_out(given: dict[str, str]) -> None:
    assert case_filters.read({**given, "after": "x"}).overdue is False


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(0, 10**9)
)
def test_the_end_of_a_page_is_read_as_it_was_written(at: datetime, number: int) -> None:
    mark = Mark(at.replace(tzinfo=UTC), number)
    assert case_filters.mark(str(mark)) == mark
    for text in ("", "x_1", "20260101T000000.000000_", "20260101T000000.000000_x", "_1"):
        assert case_filters.mark(text) is None


def _page(house: House, by: Viewer, after: Mark | None = None, **asked: Any) -> CasePage:
    with reading(house.db) as session:
        return case_lists.page(session, by, CaseFilter(**asked), after, NOON)


def _ids(house: House, by: Viewer, **asked: Any) -> list[int]:
    return [line.id for line in _page(house, by, **asked).lines]


def _set(house: House, case_id: CaseId, **values: Any) -> None:
    with transaction(house.db) as session:
        row = session.get_one(CaseRow, case_id)
        for name, value in values.items():
            setattr(row, name, value)


@pytest.fixture
def three(house: House) -> list[CaseId]:
    """An's in Kim Bôi, an emergency and late; Bình's in Cao Phong; one of Đà Nẵng."""
    typed: tuple[dict[str, str], ...] = (
        {"place_unit": KIM_BOI, "risk": "emergency"},
        {"place_unit": CAO_PHONG},
        {},
    )
    owners = ((house.an, "hn01"), (house.binh, "hn02"), (house.far, "dn01"))
    made = [
        opened(house, told(house, fields, phone=phone), who)
        for fields, (who, phone) in zip(typed, owners, strict=True)
    ]
    for hours, case_id in enumerate(made):
        _set(house, case_id, due_at=NOON + timedelta(hours=hours - 1, minutes=30))
    return made


def test_a_list_is_narrowed_by_what_is_asked(house: House, three: list[CaseId]) -> None:
    mine, colleague, far = three
    assert _ids(house, house.lead) == [mine, colleague]
    assert _ids(house, house.an) == [mine]
    assert _ids(house, house.far) == [far]
    assert _ids(house, house.lead, overdue=True) == [mine]
    assert _ids(house, house.lead, risk=Risk.EMERGENCY) == [mine]
    assert _ids(house, house.lead, mine=True) == []
    assert _ids(house, house.lead, unit="2025:04978") == [mine]  # the commune of today
    assert _ids(house, house.lead, unit=KIM_BOI) == [mine]  # what it was
    assert _ids(house, house.lead, unit="2025:25") == [mine, colleague]  # the province
    assert _ids(house, house.lead, unit="2025:01") == []
    assert _ids(house, house.lead, center="DN") == []
    assert _ids(house, house.lead, state=State.PLANNING) == []
    with transaction(house.db) as session:
        department = factories.person(session, Role.DEPARTMENT)
    assert _ids(house, department) == three
    assert _ids(house, department, center="DN") == [far]


def test_closed_ones_come_last_closed_first_and_merged_ones_are_in_the_other(
    house: House, three: list[CaseId]
) -> None:
    for hours, case_id in enumerate(three):
        _set(house, case_id, closed_at=NOON + timedelta(hours=hours), state=State.CLOSED)
    assert _ids(house, house.lead) == []
    assert _ids(house, house.lead, over=True) == [three[1], three[0]]
    _set(house, three[0], closed_at=None, state=State.RECEIVED)
    with transaction(house.db) as session:
        joining.merge(session, house.lead, three[1], three[0], "một vụ", NOON)
    assert _ids(house, house.lead, over=True) == []
    assert _ids(house, house.lead) == [three[0]]


def test_pages_follow_each_other_without_a_gap(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [opened(house, told(house, {})) for _ in range(7)]
    for place, case_id in enumerate(made):
        _set(house, case_id, due_at=NOON + timedelta(hours=place // 3))
    monkeypatch.setattr(case_lists, "PAGE", 3)
    for over in (False, True):
        if over:
            for place, case_id in enumerate(made):
                _set(house, case_id, closed_at=NOON - timedelta(hours=place // 3))
        first = _page(house, house.an, over=over)
        second = _page(house, house.an, first.following, over=over)
        third = _page(house, house.an, second.following, over=over)
        assert (first.count, second.count, third.following) == (7, 7, None)
        read = [line.id for each in (first, second, third) for line in each.lines]
        assert sorted(read) == made
        assert read[:1] == [made[2] if over else made[0]]


def test_a_page_takes_the_same_few_statements_however_long_it_is(house: House) -> None:
    counts = []
    for _ in range(2):
        opened(house, told(house, {}))
        opened(house, told(house, {}))
        with counted(house.db) as statements:
            _page(house, house.lead, center="HN", overdue=True)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 3


def test_a_sheet_is_for_who_may_and_on_record(house: House, three: list[CaseId]) -> None:
    asked = CaseFilter(risk=Risk.EMERGENCY)
    with transaction(house.db) as session:
        lines, whole = case_lists.export(session, house.lead, asked, 7, NOON)
        assert ([one.line.id for one in lines], whole) == ([three[0]], True)
        assert (lines[0].commune, lines[0].province) == ("2025:04978", "2025:25")
        detail = session.scalars(select(AuditRow.detail).where(AuditRow.act == "export")).one()
        assert detail == "1 risk=emergency reason 7"
        for who in (house.an, house.admin):
            with pytest.raises(NotAllowed):
                case_lists.export(session, who, asked, 7, NOON)


def test_a_filter_is_kept_by_its_owner_under_its_name(house: House) -> None:
    late, urgent = CaseFilter(overdue=True), CaseFilter(risk=Risk.EMERGENCY, unit=KIM_BOI)
    with transaction(house.db) as session:
        case_lists.save(session, house.lead, " của  tôi ", late)
        case_lists.save(session, house.lead, "của tôi", urgent)
        case_lists.save(session, house.an, "An", late)
        (kept,) = case_lists.saved(session, house.lead)
        assert (kept.name, kept.filter) == ("của tôi", urgent)
        case_lists.forget(session, house.an, kept.id)
        assert case_lists.saved(session, house.lead) == [kept]
        case_lists.forget(session, house.lead, kept.id)
        assert case_lists.saved(session, house.lead) == []
        for name, code in (("", "missing"), ("x" * 61, "too_long")):
            with pytest.raises(FieldErrors) as wrong:
                case_lists.save(session, house.lead, name, late)
            assert wrong.value.fields == {"name": code}
        for number in range(case_lists.KEPT_MOST):
            case_lists.save(session, house.lead, str(number), late)
        with pytest.raises(FieldErrors, match="too_many"):
            case_lists.save(session, house.lead, "one more", late)


def test_many_are_given_at_once_and_it_is_told_which_are_not(house: House, three: list[CaseId]) -> None:
    mine, colleague, far = three
    over = opened(house, told(house, {}))
    _set(house, over, state=State.CLOSED, closed_at=NOON)
    with transaction(house.db) as session:
        ids = [mine, colleague, far, over, CaseId(999)]
        done = case_bulk.hand_on(session, house.lead, ids, house.binh.staff_id, "hết ca", NOON)
    assert (done.to.id, done.done) == (house.binh.staff_id, 2)
    assert [(one.id, one.why) for one in done.refused] == [
        (far, "not_visible"),
        (over, "over"),
        (CaseId(999), "not_visible"),
    ]
    assert [bool(one.number) for one in done.refused] == [False, True, False]
    assert _ids(house, house.binh, mine=True) == [mine, colleague]
    with transaction(house.db) as session:
        (event, *_) = cases.case(session, house.lead, mine, NOON).events
        assert (event.kind, event.text) == ("handed_on", "hết ca")
        events = cases.case(session, house.lead, colleague, NOON).events
        assert [one.kind for one in events] == ["opened"]  # it was theirs already
        give = partial(case_bulk.hand_on, session, now=NOON)
        for who in (house.an, house.far_lead):
            with pytest.raises((NotAllowed, FieldErrors)):
                give(who, [mine], house.an.staff_id, "x")
        with pytest.raises(FieldErrors) as wrong:
            give(house.lead, [], house.far.staff_id, " ")
        assert wrong.value.fields == {"cases": "missing", "to": "missing", "reason": "missing"}
        with pytest.raises(FieldErrors, match="too_many"):
            give(house.lead, [CaseId(n) for n in range(201)], house.an.staff_id, "x")

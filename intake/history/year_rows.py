"""The rows of a made-up year, a month at a time.

What belongs to a call is written as the fold and the desk write it (`intake.calls`, `intake.records`),
but by `hotline.bulk`; cases get their search documents and marks from `intake.searching` itself. Left
out of these years: recordings, revisions of records, call-backs, plans and papers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from hotline import bulk, sealed_columns
from hotline.events import Outcome
from hotline.ids import Part
from hotline.lines import CalledLine
from intake.forms import forms
from intake.forms.forms import About
from intake.forms.taxonomy import Disposition, Problem, Way
from intake.forms.trafficking import Body
from intake.history import people
from intake.history.columns import NUMBERED, TABLES
from intake.history.lives import Life, life
from intake.history.moments import arrivals, office_hours, share
from intake.history.people import SAID, Numbers
from intake.history.published import Trafficking
from intake.history.therapy_years import load_therapy
from intake.history.year_plan import Plan
from intake.searching import search_index
from intake.tables.calls import CallRow, OfferRow, TalkRow
from intake.tables.cases import CaseCounterRow, CaseEventRow, CaseRow
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordPersonRow, RecordRow
from intake.tables.victims import VictimReferralRow

PREFIX = "made-up-"
"""What the ids of such calls begin with."""
_SHORT_TALK, _LONG_TALK, _PATIENCE = 45.0, 720.0, 40.0
"""Seconds, means of exponential distributions. Assumed."""
_CONSULTED = frozenset({Disposition.INFORMATION, Disposition.COUNSELING, Disposition.ESCALATED})
_FORM = forms.CURRENT.version
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Counselor:
    staff_id: int
    phone: str
    center_id: int
    center_code: str


@dataclass(frozen=True, slots=True)
class Made:
    calls: int
    records: int
    cases: int


@dataclass
class Year:
    """What is being written. Decks are shuffled once, so that each month has of everything."""

    session: Session
    plan: Plan
    chance: Random
    now: datetime
    staff: Sequence[Counselor]
    rows: dict[type, list[bulk.Row]] = field(init=False)
    ids: dict[type, int] = field(init=False)
    first: dict[type, int] = field(init=False)

    def __post_init__(self) -> None:
        of = self.plan
        self.rows = {table: [] for table in TABLES}
        self.ids = {table: bulk.next_id(self.session, table) for table in NUMBERED}
        self.first = dict(self.ids)
        self._search_key = sealed_columns.search_key(self.session)
        self._calls = 0
        self._numbers = Numbers(self.chance)
        self._spoken: list[Disposition | None] = self._deck({None: of.unanswered, **of.spoken})
        self._written = self._deck(of.written)
        self._problems: list[Problem | None] = self._deck(of.problems)
        self._counseled: list[Problem] = self._deck(of.counseled)
        self._trafficked = self._deck(_kinds(of.trafficking))
        self._children = self._families()
        self._cases: dict[str, int] = {}

    def _deck(self, of: Mapping[Any, int]) -> list[Any]:
        deck = [each for each, many in of.items() for _ in range(many)]
        self.chance.shuffle(deck)
        return deck

    def _families(self) -> list[int]:
        """Children of each case."""
        cases = sum(self.plan.problems.values())
        deck = [1] * cases
        for _ in range(self.plan.children - cases):
            deck[self.chance.randrange(cases)] += 1
        return deck

    @property
    def made(self) -> Made:
        given = {table: self.ids[table] - self.first[table] for table in (RecordRow, CaseRow)}
        return Made(self._calls, given[RecordRow], given[CaseRow])

    def month(self, month: int) -> None:
        of = self.plan
        for at in arrivals(self.chance, of.year, month, of.months[month - 1]):
            self._call(at, self._spoken.pop(), CalledLine.CHILD)
        for at in office_hours(self.chance, of.year, month, share(len(self._written), month)):
            self._contact(at, *self._written.pop())
        for at in arrivals(self.chance, of.year, month, share(len(self._trafficked), month)):
            self._call(at, self._trafficked.pop(), CalledLine.TRAFFICKING)
        cases = [row[0] for row in self.rows[CaseRow]]
        for table, columns in TABLES.items():
            bulk.load(self.session, table, columns, self.rows[table])
            self.rows[table].clear()
        search_index.write_cases(self.session, cases)

    def end(self) -> None:
        for code, last in self._cases.items():
            center = next(one.center_id for one in self.staff if one.center_code == code)
            self.session.add(CaseCounterRow(center_id=center, year=self.plan.year, last=last))
        if self.plan.therapy is not None:
            cases = self.first[CaseRow], self.ids[CaseRow]
            load_therapy(self.session, self.plan.therapy, self.plan.year, self.chance, cases)
        for table in self.ids:
            bulk.ids_were_given(self.session, table)

    def _next(self, table: type) -> int:
        self.ids[table] += 1
        return self.ids[table] - 1

    def _call(self, at: datetime, kind: Disposition | None, line: CalledLine) -> None:
        chance = self.chance
        self._calls += 1
        call_id = f"{PREFIX}{int(at.timestamp())}.{self._calls}"
        one = self.staff[int(chance.random() * len(self.staff))]
        waited = _SECOND * (2 + 6 * chance.random())
        number = self._numbers.next()
        channel = f"made-up/{self._calls}"
        if kind is None:
            ended = at + waited + _SECOND * chance.expovariate(1 / _PATIENCE)
            self.rows[CallRow].append(
                (call_id, channel, number, "111", False, False, at, at, None, ended, line,
                 Outcome.ABANDONED, 16, None, one.center_id)
            )  # fmt: skip
            return
        answered = at + waited
        mean = _LONG_TALK if kind in _CONSULTED else _SHORT_TALK
        ended = answered + _SECOND * (1 + chance.expovariate(1 / mean))
        phone = f"PJSIP/{one.phone}"
        offer = f"made-up-{self._calls}"
        self.rows[CallRow].append(
            (call_id, channel, number, "111", False, False, at, at, answered, ended, line,
             Outcome.ANSWERED, 16, one.staff_id, one.center_id)
        )  # fmt: skip
        self.rows[OfferRow].append(
            (self._next(OfferRow), offer, call_id, phone, one.phone, Part.COUNSELOR, one.staff_id, at,
             answered, Outcome.ANSWERED, 0)
        )  # fmt: skip
        self.rows[TalkRow].append(
            (self._next(TalkRow), call_id, phone, one.phone, Part.COUNSELOR, offer, one.staff_id,
             answered, ended, False)
        )  # fmt: skip
        self._record(kind, Way.PHONE, call_id, at, ended, one, number, line)

    def _contact(self, at: datetime, way: Way, kind: Disposition) -> None:
        one = self.staff[int(self.chance.random() * len(self.staff))]
        self._record(kind, way, None, at, at + 20 * _SECOND, one, None, CalledLine.CHILD)

    def _record(
        self,
        kind: Disposition,
        way: Way,
        call_id: str | None,
        at: datetime,
        ended: datetime,
        one: Counselor,
        number: str | None,
        line: CalledLine,
    ) -> None:
        chance = self.chance
        record_id = self._next(RecordRow)
        fields: dict[str, str] = {}
        if kind in _CONSULTED:
            fields = people.record(chance, kind, self._problem(kind, line), at)
        closed = ended + _SECOND * (5 + chance.expovariate(1 / (240 if kind in _CONSULTED else 10)))
        self.rows[RecordRow].append(
            (record_id, call_id, way, None if call_id else at, _FORM, one.staff_id, one.center_id, 0,
             "closed", kind, at, closed, fields, None, fields.get("problem"), fields.get("caller_type"))
        )  # fmt: skip
        told = list(self._told(record_id, kind, line))
        words = search_index.words_of(
            _FORM, fields, told, number, one.staff_id, one.center_id, self._search_key
        )
        self.rows[search_index.SearchRow].append((search_index.RECORD, record_id, words))
        if kind is Disposition.ESCALATED:
            if line is CalledLine.TRAFFICKING:
                self._refer(closed, one)
            self._case(record_id, at, closed, one, life(chance, closed, fields["risk"], self.now))

    def _problem(self, kind: Disposition, line: CalledLine) -> Problem | None:
        if line is CalledLine.TRAFFICKING:
            return Problem.TRAFFICKING
        if kind is Disposition.COUNSELING:
            return self._counseled.pop()
        return self._problems.pop() if kind is Disposition.ESCALATED else None

    def _told(self, record_id: int, kind: Disposition, line: CalledLine) -> Iterator[Mapping[str, str]]:
        """The children of a record."""
        if kind is Disposition.INFORMATION or kind not in _CONSULTED:
            return
        many = 1
        if kind is Disposition.ESCALATED and line is CalledLine.CHILD:
            many = self._children.pop()
        for position in range(1, many + 1):
            fields = people.child(self.chance)
            self.rows[RecordPersonRow].append(
                (self._next(RecordPersonRow), record_id, About.CHILD, position, fields)
            )
            yield fields

    def _refer(self, at: datetime, one: Counselor) -> None:
        """The victims of the case that comes next were passed on."""
        referral = self._next(VictimReferralRow)
        self.rows[VictimReferralRow].append(
            (referral, self.ids[CaseRow], f"made-up-{referral}", Body.POLICE, SAID, SAID, SAID,
             one.staff_id, at, at)
        )  # fmt: skip

    def _case(self, record_id: int, at: datetime, opened: datetime, one: Counselor, lived: Life) -> None:
        case_id = self._next(CaseRow)
        number = self._cases[one.center_code] = self._cases.get(one.center_code, 0) + 1
        entered = lived.done[-1].at if lived.done else opened
        self.rows[CaseRow].append(
            (case_id, f"{self.plan.year}-{one.center_code.upper()}-{number:06d}", lived.state, "", False,
             False, one.staff_id, one.staff_id, one.center_id, at, at, opened, entered, lived.due_at,
             entered if lived.due_at is None else None)
        )  # fmt: skip
        self.rows[CaseRecordRow].append(
            (self._next(CaseRecordRow), case_id, case_id, record_id, opened, one.staff_id)
        )
        spine: list[tuple[str, str, Mapping[str, str], datetime]] = [("opened", "", {}, opened)]
        spine += [("step", done.step, done.answers, done.at) for done in lived.done]
        for kind, code, answers, when in spine:
            event = self._next(CaseEventRow)
            self.rows[CaseEventRow].append(
                (event, case_id, kind, code, "", dict(answers), one.staff_id, when, when)
            )


def _kinds(of: Trafficking | None) -> Mapping[Disposition, int]:
    if of is None:
        return {}
    return {
        Disposition.INFORMATION: of.information,
        Disposition.COUNSELING: of.counseling,
        Disposition.ESCALATED: of.referred,
    }

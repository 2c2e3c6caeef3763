"""The rows of the calls that one round of events is about: each kind read once, all of it written once.

The fold works on a `Sheet`: one call with its rows as they will stand in SQL after the round, the new
ones too. In a rush a round is about dozens of calls and costs hardly more statements than about one.
Whoever must ask SQL itself in the midst of a round has what was made so far written first
(`Round.written`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, defer

from hotline import on_call, staff
from hotline.db import Base
from hotline.ids import StaffId
from hotline.staff import StaffView
from intake.searching import search_index
from intake.tables.callbacks import CallbackCallRow, CallbackRow
from intake.tables.calls import (
    CallRow,
    HoldRow,
    KeyRow,
    OfferReasonRow,
    OfferRow,
    SupervisionRow,
    TalkRow,
    TransferRow,
)
from intake.tables.recordings import RecordingRow
from intake.tables.records import RecordRow

SAME = timedelta(seconds=1)
"""The live feed and Asterisk's event log date one fact up to this far apart."""
Kept = TypeVar(
    "Kept",
    OfferRow,
    OfferReasonRow,
    TalkRow,
    HoldRow,
    SupervisionRow,
    TransferRow,
    KeyRow,
    RecordRow,
    RecordingRow,
    CallbackCallRow,
)


@cache
def _query(kind: type[Any]) -> Select[Any]:
    """The rows of a kind that `calls` have: made once, as that takes longer than to ask. What a record
    tells stays shut: the switchboard, which has no key for it, must get on without."""
    query = select(kind).where(kind.call_id.in_(bindparam("calls", expanding=True)))
    query = query.order_by(*kind.__table__.primary_key)
    if kind is not RecordRow:
        return query
    return query.with_for_update(key_share=True).options(defer(RecordRow.fields, raiseload=True))


class Round:
    """Some calls of one transaction. `known` are in SQL, `made` are new, in the session and not flushed;
    `phones` and `numbers` (in normal form) will be asked for: so each question is put once for all."""

    def __init__(
        self,
        session: Session,
        known: Sequence[CallRow],
        made: Sequence[CallRow] = (),
        *,
        phones: Iterable[str] = (),
        numbers: Iterable[str] = (),
    ) -> None:
        self._session = session
        self._sheets = {call.id: Sheet(call, self) for call in (*known, *made)}
        self._known = self._sheets.keys() - {call.id for call in made}
        self._rows: dict[type[Any], defaultdict[str, list[Any]]] = {}
        self._new: list[Base] = []
        self._phones, self._people = set(phones), dict[str, StaffView | None]()
        self._numbers, self._owed = set(numbers), dict[str, bool]()
        self._new_records: list[RecordRow] = []
        self._changed_records: list[RecordRow] = []

    def sheet(self, call_id: str) -> "Sheet":
        return self._sheets[call_id]

    def rows(self, kind: type[Kept], call_id: str | None) -> list[Kept]:
        """What this call has of a kind, in the order in which it was made. Records stay locked."""
        if kind not in self._rows:
            self._rows[kind] = defaultdict(list)
            if self._known:
                for row in self._session.scalars(_query(kind), {"calls": sorted(self._known)}):
                    self._rows[kind][row.call_id or ""].append(row)
        return self._rows[kind][call_id or ""]

    def add(self, row: Kept) -> None:
        """A new row; it comes into the session when it is written, after its call."""
        self.rows(type(row), row.call_id).append(row)
        self._new.append(row)

    def at_phone(self, phone: str) -> StaffView | None:
        """Who answers on this phone, if anybody does."""
        if phone not in self._people:
            wanted = {phone, *self._phones} - self._people.keys()
            found = staff.by_phones(self._session, wanted)
            self._people |= {each: found.get(each) for each in wanted}
        return self._people[phone]

    def on_call(self, offer_id: str | None) -> StaffView | None:
        """Whose mobile was rung with this offer id; None when it is no such offer."""
        return on_call.rung_for(self._session, offer_id)

    def member(self, staff_id: StaffId) -> StaffView:
        return staff.one(self._session, staff_id)

    def may_be_owed(self, number: str) -> bool:
        """False: no call-back is open for this number."""
        if number not in self._owed:
            calls = {sheet.call.number for sheet in self._sheets.values() if sheet.call.number}
            wanted = {number, *calls, *self._numbers} - self._owed.keys()
            query = select(CallbackRow.open_number).where(CallbackRow.open_number.in_(sorted(wanted)))
            owed = set(self._session.scalars(query))
            self._owed |= {each: each in owed for each in wanted}
        return self._owed[number]

    def note_owed(self, number: str) -> None:
        """A call-back was opened in this round."""
        self._owed[number] = True

    def index(self, record: RecordRow) -> None:
        """Who may read this record has changed: its search document is written at the end."""
        if record not in self._new_records and record not in self._changed_records:
            made = record in self._new
            (self._new_records if made else self._changed_records).append(record)

    def written(self) -> Session:
        """The session, for a question about rows that may have changed in this round."""
        self._session.flush()
        if self._new:
            self._session.add_all(self._new)
            self._new.clear()
            self._session.flush()
        return self._session

    def write(self) -> None:
        """Put everything into SQL, search documents last."""
        session = self.written()
        for record in self._new_records:
            sheet = self._sheets[record.call_id or ""]
            talkers = {talk.staff_id for talk in sheet.talks if talk.staff_id}
            search_index.add_record(session, record, sheet.call.number, talkers)
        search_index.write_readers(session, self._changed_records)
        session.flush()


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One call and all that belongs to it."""

    call: CallRow
    round: Round

    @property
    def offers(self) -> list[OfferRow]:
        """The phones rung, in order."""
        return sorted(self.round.rows(OfferRow, self.call.id), key=lambda row: row.rang_at)

    @property
    def reasons(self) -> list[OfferReasonRow]:
        """Why phones were rung."""
        return self.round.rows(OfferReasonRow, self.call.id)

    @property
    def talks(self) -> list[TalkRow]:
        """The spells of talk, in order."""
        return sorted(self.round.rows(TalkRow, self.call.id), key=lambda row: row.began_at)

    @property
    def holds(self) -> list[HoldRow]:
        """The spells on hold, in order."""
        return sorted(self.round.rows(HoldRow, self.call.id), key=lambda row: row.began_at)

    @property
    def supervisions(self) -> list[SupervisionRow]:
        """The spells of supervision, in order."""
        return sorted(self.round.rows(SupervisionRow, self.call.id), key=lambda row: row.began_at)

    @property
    def transfers(self) -> list[TransferRow]:
        return sorted(self.round.rows(TransferRow, self.call.id), key=lambda row: row.at)

    @property
    def record(self) -> RecordRow | None:
        return next(iter(self.round.rows(RecordRow, self.call.id)), None)

    @property
    def counted(self) -> CallbackCallRow | None:
        """The call-back that this call went into."""
        return next(iter(self.round.rows(CallbackCallRow, self.call.id)), None)

    @property
    def recording(self) -> RecordingRow | None:
        return next(iter(self.round.rows(RecordingRow, self.call.id)), None)

    def add(self, row: Kept) -> None:
        self.round.add(row)


def sheet_of(session: Session, call: CallRow) -> Sheet:
    """One call that is in SQL."""
    return Round(session, [call]).sheet(call.id)

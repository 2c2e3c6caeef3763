"""A month of one center's roster: seen by who works in it, written by who leads it.

Every change of a counselor's day says what the day was when it was looked at, so that two people never
overwrite each other unseen. What is longer ago than `CLOSED` is history and stays as it is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit, bus, staff
from hotline.access import Action, Role, Viewer, reaches
from hotline.calendar import DAY, days
from hotline.clock import local
from hotline.errors import BadInput, Conflict, NotVisible
from hotline.ids import CenterId, StaffId
from hotline.staff import Center, StaffRow, StaffView
from routing import planning, roster
from routing.planning import Breach, Entry, Kind, Manning, Template
from routing.shifts import by_code

CLOSED = timedelta(days=7)
"""So long after a shift it can still be put right."""
_AROUND = timedelta(days=8)
"""Days before and after a month that the Labor Code's bounds reach into."""

Day = frozenset[tuple[str, Kind]]
"""What one person does on one day: shift and kind."""
FREE: Day = frozenset()


@dataclass(frozen=True, slots=True)
class Month:
    """`entries`: by person and day. `manning`: by day and shift. `breaches`: what the Labor Code does
    not allow, by person and day. `closed_before`: days before it cannot be changed any more."""

    center: Center
    first: date
    days: Sequence[date]
    people: Sequence[StaffView]
    entries: Mapping[tuple[StaffId, date], Sequence[Entry]]
    manning: Mapping[tuple[date, str], Manning]
    breaches: Mapping[tuple[StaffId, date], Breach]
    template: Template
    today: date
    closed_before: date

    @property
    def gaps(self) -> Sequence[Manning]:
        """Shifts below their minimum, from today on."""
        return [each for each in self.manning.values() if each.missing and each.day >= self.today]

    def day_of(self, who: StaffId, day: date) -> Day:
        return frozenset((each.shift, each.kind) for each in self.entries.get((who, day), ()))

    def shifts_of(self, who: StaffId) -> int:
        return sum(each.works for day in self.days for each in self.entries.get((who, day), ()))


def center_for(session: Session, viewer: Viewer, code: str, need: Action) -> Center:
    """The center of this code, the viewer's own for none. Raises NotVisible."""
    for center in staff.centers(session):
        wanted = center.code.lower() == code.lower() if code else center.id == viewer.center_id
        if wanted and reaches(viewer, need, owner=None, center=center.id):
            return center
    raise NotVisible("roster")


def centers_for(session: Session, viewer: Viewer) -> Sequence[Center]:
    """Centers whose roster this viewer may see."""
    return [
        center
        for center in staff.centers(session)
        if reaches(viewer, Action.SEE_ROSTER, owner=None, center=center.id)
    ]


def days_of_month(first: date) -> Sequence[date]:
    return list(days(first.replace(day=1), next_month(first)))


def next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def month(session: Session, center: Center, first: date, now: datetime) -> Month:
    """The caller has checked that the viewer may see this center's roster."""
    shown = days_of_month(first)
    people = _people(session, center.id)
    around = _entries(session, people, shown)
    entries: dict[tuple[StaffId, date], list[Entry]] = {}
    for entry in around:
        if shown[0] <= entry.day <= shown[-1]:
            entries.setdefault((entry.staff_id, entry.day), []).append(entry)
    template = roster.template_of(session, center.id)
    return Month(
        center=center,
        first=shown[0],
        days=shown,
        people=people,
        entries=entries,
        manning=planning.manning(around, template, shown),
        breaches=planning.breaches(around),
        template=template,
        today=local(now).date(),
        closed_before=_closed_before(now),
    )


def _people(session: Session, center: CenterId) -> Sequence[StaffView]:
    everybody = staff.everybody(session, Role.COUNSELOR)
    return [person for person in everybody if person.center.id == center]


def _entries(session: Session, people: Collection[StaffView], shown: Sequence[date]) -> Sequence[Entry]:
    """Theirs of these days and as far around as the Labor Code's bounds reach."""
    ids = {person.id for person in people}
    found = roster.entries(session, shown[0] - _AROUND, shown[-1] + _AROUND)
    return [entry for entry in found if entry.staff_id in ids]


def _closed_before(now: datetime) -> date:
    return local(now - CLOSED).date()


def set_day(
    session: Session,
    viewer: Viewer,
    staff_id: StaffId,
    day: date,
    was: Day | None,
    to: Day,
    now: datetime,
) -> Sequence[bus.Signal]:
    """Make this what the person does on that day. `was`: what it was when looked at, None: whatever.

    Raises NotVisible, Conflict (it is something else by now), BadInput (`closed`, `twice`).
    """
    person = staff.one(session, staff_id)
    may = reaches(viewer, Action.EDIT_ROSTER, owner=None, center=person.center.id)
    if not may or person.role is not Role.COUNSELOR:
        raise NotVisible("roster")
    session.execute(select(StaffRow.id).where(StaffRow.id == staff_id).with_for_update())
    there = roster.entries(session, day, day, staff_id)
    is_now = frozenset((each.shift, each.kind) for each in there)
    if was is not None and is_now != was:
        raise Conflict("roster")
    if is_now != to and day < _closed_before(now):
        raise BadInput("closed")
    if len({shift for shift, _ in to}) < len(to):
        raise BadInput("twice")
    signals: list[bus.Signal] = []
    for shift, _ in {one for one in is_now if one[0] not in {shift for shift, _ in to}}:
        signals += roster.take_off(session, viewer, staff_id, by_code(shift).on(day), now)
    for shift, kind in to - is_now:
        signals += roster.put(session, viewer, staff_id, by_code(shift).on(day), kind, now)
    session.flush()
    return signals


def fill(
    session: Session, viewer: Viewer, center: Center, first: date, now: datetime
) -> tuple[int, Sequence[bus.Signal]]:
    """Plan what is missing in the days of this month that are still to come; returns how many entries.

    The caller has checked that the viewer may edit this center's roster.
    """
    people = _people(session, center.id)
    shown = days_of_month(first)
    coming = [day for day in shown if day > local(now).date()]
    template = roster.template_of(session, center.id)
    there = _entries(session, people, shown)
    planned = planning.fill(coming, template, [person.id for person in people], there)
    for entry in planned:
        roster.add(session, viewer, entry, now)
    session.flush()
    note = f"{shown[0].isoformat()[:7]} {len(planned)}"
    audit.note(session, viewer, audit.Act.CREATE, "roster_plan", center.id, now, note)
    signals = [bus.Signal(bus.STAFF, "roster"), bus.Signal(bus.BOARD, "availability")]
    return len(planned), signals if planned else []


def coming_days(now: datetime, many: int = 62) -> tuple[date, date]:
    """From today on, for whoever looks at their own shifts."""
    today = local(now).date()
    return today, today + many * DAY

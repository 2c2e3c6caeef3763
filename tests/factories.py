"""People and calls for tests, made quickly and with sensible defaults."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from hotline import events, staff
from hotline.access import Role, Viewer
from hotline.calendar import DAY, HALF_HOURS, days, start_of
from hotline.clock import local, utc_now
from hotline.events import CallEvent, Outcome, TransferKind
from hotline.ids import CallId, OfferId, StaffId
from hotline.staff import Center, StaffRow, viewer_of
from intake.calls.call_counts import CallHalfHourRow
from routing import availability, roster
from routing.planning import Entry, Kind
from routing.shifts import SHIFTS

_NUMBERS = count(1)
NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
"""A Friday, 12:00 in Vietnam."""


def center(session: Session, code: str = "HN", name: str = "Hà Nội") -> Center:
    """The center of this code, made when it is not there yet."""
    found = next((one for one in staff.centers(session) if one.code == code), None)
    return found or staff.add_center(session, code, name)


def person(
    session: Session,
    role: Role = Role.COUNSELOR,
    *,
    phone: str | None = None,
    at: Center | None = None,
    name: str = "Nguyễn Thị An",
    unit: str = "",
) -> Viewer:
    """A member of staff, with a hash that no password fits (argon2 would make every test slow)."""
    row = StaffRow(
        login=f"tv{next(_NUMBERS):05d}",
        name=name,
        role=role,
        center_id=(at or center(session)).id,
        phone=phone,
        languages="vi",
        interface_language="vi",
        password_hash="none",
        active=True,
        unit_id=unit,
    )
    session.add(row)
    session.flush()
    return viewer_of(row)


def counselor(session: Session, phone: str = "hn01", at: Center | None = None) -> Viewer:
    return person(session, Role.COUNSELOR, phone=phone, at=at)


def on_duty(session: Session, staff_id: StaffId, now: datetime) -> None:
    """Takes calls (away at first) and is on every shift of these days, also when one ends in a test."""
    availability.enroll(session, staff_id, now)
    today = local(now).date()
    for day in days(today - DAY, today + 2 * DAY):
        for shift in SHIFTS:
            planned = Entry(day, shift.code, staff_id, Kind.PLANNED)
            roster.add(session, None, planned, now)
    session.flush()


def shift_lead(session: Session, at: Center | None = None, phone: str | None = None) -> Viewer:
    return person(session, Role.SHIFT_LEAD, phone=phone, at=at, name="Trần Văn Bình")


def administrator(session: Session) -> Viewer:
    return person(session, Role.ADMINISTRATOR, name="Lê Thị Cúc")


def two_centers(session: Session) -> dict[str, Viewer]:
    """An, Bình and their lead at Hà Nội, Nam at Đà Nẵng."""
    hanoi, danang = center(session), center(session, "DN", "Đà Nẵng")
    return {
        "an": counselor(session, "hn01", hanoi),
        "binh": counselor(session, "hn02", hanoi),
        "nam": counselor(session, "dn01", danang),
        "lead": shift_lead(session, hanoi),
    }


@dataclass
class Story:
    """Tells one call: each method is one event, `pause` seconds after the one before."""

    call_id: CallId = field(default_factory=lambda: CallId(f"hn-1763614800.{next(_NUMBERS)}"))
    number: str | None = "0912345678"
    at: datetime = NOON
    pause: timedelta = timedelta(seconds=1)
    told: list[CallEvent] = field(default_factory=list)

    def _tell(self, event: CallEvent) -> "Story":
        self.told.append(event)
        self.at += self.pause
        return self

    def later(self, seconds: float) -> "Story":
        self.at += timedelta(seconds=seconds)
        return self

    def arrived(self) -> "Story":
        channel = f"PJSIP/trunk-{self.call_id}"
        return self._tell(events.CallArrived(self.call_id, self.at, channel, self.number, "111"))

    def waiting(self) -> "Story":
        return self._tell(events.CallerWaiting(self.call_id, self.at))

    def chosen(self, staff_id: StaffId, phone: str = "hn01", leg: int = 1) -> "Story":
        offer = self._offer(phone, leg)
        return self._tell(events.CounselorChosen(self.call_id, self.at, offer, staff_id, "longest_free"))

    def rang(self, phone: str = "hn01", leg: int = 1) -> "Story":
        return self._tell(
            events.PhoneRang(self.call_id, self.at, _leg(phone, leg), phone, self._offer(phone, leg))
        )

    def stopped(
        self, phone: str = "hn01", outcome: Outcome = Outcome.NO_ANSWER, cause: int = 19, leg: int = 1
    ) -> "Story":
        channel, offer = _leg(phone, leg), self._offer(phone, leg)
        return self._tell(
            events.PhoneStopped(self.call_id, self.at, channel, phone, outcome, cause, offer)
        )

    def talk(self, phone: str = "hn01", leg: int = 1) -> "Story":
        return self._tell(
            events.TalkBegan(self.call_id, self.at, _leg(phone, leg), phone, self._offer(phone, leg))
        )

    def talk_ended(self, phone: str = "hn01", leg: int = 1, *, lost: bool = False) -> "Story":
        return self._tell(events.TalkEnded(self.call_id, self.at, _leg(phone, leg), phone, lost))

    def held(self, phone: str = "hn01", leg: int = 1) -> "Story":
        return self._tell(events.CallHeld(self.call_id, self.at, _leg(phone, leg)))

    def resumed(self, phone: str = "hn01", leg: int = 1) -> "Story":
        return self._tell(events.CallResumed(self.call_id, self.at, _leg(phone, leg)))

    def transferred(self, by: str, to: str, kind: TransferKind = TransferKind.BLIND) -> "Story":
        return self._tell(events.CallTransferred(self.call_id, self.at, kind, _leg(by, 1), to))

    def supervised(self, mode: events.Mode, phone: str = "hn09", offer: str = "supervisor-1") -> "Story":
        offer_id = OfferId(offer)
        return self._tell(
            events.SupervisionBegan(self.call_id, self.at, _leg(phone, 1), phone, mode, offer_id)
        )

    def supervision_ended(self, phone: str = "hn09") -> "Story":
        return self._tell(events.SupervisionEnded(self.call_id, self.at, _leg(phone, 1), phone))

    def beside(self, offer: str, phone: str = "telco", *, talk: bool = False) -> "Story":
        """The phone of an interpreter or supervisor rings, or they begin to talk."""
        made = events.TalkBegan if talk else events.PhoneRang
        return self._tell(made(self.call_id, self.at, _leg(phone, 1), phone, OfferId(offer)))

    def asks_to_be_called(self) -> "Story":
        return self._tell(events.CallBackAsked(self.call_id, self.at))

    def leaves_a_message(self) -> "Story":
        return self._tell(events.MessageLeft(self.call_id, self.at))

    def presses(self, key: str) -> "Story":
        return self._tell(events.KeyPressed(self.call_id, self.at, key))

    def ended(self, outcome: Outcome = Outcome.ANSWERED, cause: int = 16) -> "Story":
        return self._tell(events.CallEnded(self.call_id, self.at, outcome, cause))

    def answered_call(self, phone: str = "hn01", talk_seconds: float = 60) -> "Story":
        """The whole of an ordinary call."""
        self.arrived().waiting().rang(phone).talk(phone).later(talk_seconds)
        return self.talk_ended(phone).ended()

    def _offer(self, phone: str, leg: int) -> OfferId:
        return OfferId(f"offer-{self.call_id}-{phone}-{leg}")


def _leg(phone: str, leg: int) -> str:
    return f"PJSIP/{phone}-{leg:08x}"


def past_days(session: Session, weeks: int, calls: int, *, synthetic: bool = False) -> None:
    """So many calls in every half hour until today, each a minute long; one in ten hung up."""
    today = local(utc_now()).date()
    session.add_all(
        CallHalfHourRow(
            starts_at=start_of(day, slot),
            offered=calls,
            answered=calls - calls // 10,
            abandoned=calls // 10,
            talk_seconds=(calls - calls // 10) * 60,
            wait_seconds=calls // 10 * 120,
            synthetic=synthetic,
        )
        for day in days(today - timedelta(weeks=weeks), today)
        for slot in range(HALF_HOURS)
    )

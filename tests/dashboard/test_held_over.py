"""Past the end of a shift the desk says whether calls still come."""

from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from dashboard import desk_view
from dashboard.asking import Work
from hotline.clock import HANOI
from hotline.db import transaction
from routing import availability, roster
from routing.choices import Choice
from routing.planning import HOLIDAY, Kind, Strength
from routing.shifts import MORNING, NIGHT, SHIFTS
from tests import factories

DAY = date(2026, 12, 1)
END = datetime(2026, 12, 1, 14, tzinfo=HANOI)
MINUTE = timedelta(minutes=1)


def test_the_desk_says_whether_calls_come_after_the_end_of_the_shift(db: Engine) -> None:
    with transaction() as session:
        an, binh = factories.counselor(session), factories.counselor(session, "hn02")
        for who in (an, binh):
            availability.enroll(session, who.staff_id, END - timedelta(hours=9))
        roster.put(session, None, an.staff_id, MORNING.on(DAY), Kind.PLANNED, END)
        roster.put(session, None, binh.staff_id, MORNING.on(DAY - timedelta(days=1)), Kind.PLANNED, END)
        roster.put(session, None, binh.staff_id, NIGHT.on(DAY), Kind.PLANNED, END)

        def told(now: datetime) -> tuple[bool, bool]:
            shown = desk_view.line(Work(session, an, "", now))
            return shown.on_shift, shown.stays

        assert told(END + MINUTE) == (False, False)  # nobody has said how many must be there
        every = {(kind, s.code): Strength(1, 1) for kind in range(HOLIDAY + 1) for s in SHIFTS}
        roster.put_template(session, None, an.center_id, every, END)
        assert told(END - MINUTE) == (True, False)
        assert told(END) == (False, True)
        assert told(END + timedelta(hours=2)) == (False, False)
        roster.put(session, None, binh.staff_id, SHIFTS[1].on(DAY), Kind.EXTRA, END)
        availability.choose(session, None, binh.staff_id, Choice.AVAILABLE, END)
        session.flush()
        assert told(END + MINUTE) == (False, False)

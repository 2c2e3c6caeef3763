"""What a counselor chose for a shift that is over does not stand until the next one."""

from datetime import timedelta

from sqlalchemy import Engine

from hotline import bus
from hotline.db import transaction
from routing import availability, roster
from routing.choices import Choice
from routing.going_home import send_home
from routing.planning import Kind
from routing.shifts import MORNING
from tests import factories
from tests.factories import NOON

DUTY = MORNING.on(NOON.date())


def test_who_went_home_is_away_and_chooses_anew(db: Engine) -> None:
    evening = DUTY.ends + timedelta(hours=3)
    with transaction() as session:
        an, binh = factories.counselor(session), factories.counselor(session, "hn02")
        for who, chose_at in ((an, DUTY.starts), (binh, evening)):
            availability.enroll(session, who.staff_id, DUTY.starts)
            roster.put(session, None, who.staff_id, DUTY, Kind.PLANNED, NOON)
            availability.choose(session, who, who.staff_id, Choice.AVAILABLE, chose_at)
        assert send_home(session, DUTY.ends) == []
        signals = send_home(session, evening)
        assert {signal.topic for signal in signals} == {bus.STAFF, bus.BOARD, bus.desk(an.staff_id)}
        assert send_home(session, evening) == []
        chosen = {each.staff.id: each.choice for each in availability.everybody(session, evening)}
    assert chosen == {an.staff_id: Choice.AWAY, binh.staff_id: Choice.AVAILABLE}

"""An alarm sounds once, reaches whom it concerns, and says who looks into it."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from hotline import alarms, bus
from hotline.access import Viewer
from hotline.alarm_kinds import AlarmKind
from hotline.alarms import Alarm
from hotline.audit import Act, AuditRow
from hotline.db import reading, transaction
from hotline.errors import NotVisible
from hotline.ids import CenterId
from tests import factories
from tests.factories import NOON

CALL = "hn-1700000000.1"
LATER = NOON + timedelta(minutes=5)
TOLD = [bus.Signal(bus.BOARD, "alarm")]
RINGS = bus.Signal(bus.STAFF, "alarm")


@pytest.fixture
def people(db: Engine) -> dict[str, Viewer]:
    with transaction(db) as session:
        hanoi, danang = factories.center(session), factories.center(session, "DN", "Đà Nẵng")
        return {
            "lead": factories.shift_lead(session, hanoi),
            "far_lead": factories.shift_lead(session, danang),
            "admin": factories.administrator(session),
            "counselor": factories.counselor(session, "hn01", hanoi),
        }


def sound(
    db: Engine, center: CenterId | None, kind: AlarmKind = AlarmKind.RECORDING
) -> list[bus.Signal]:
    with transaction(db) as session:
        return alarms.sound(session, kind, CALL, "one_side", center, NOON)


def end(db: Engine) -> list[bus.Signal]:
    with transaction(db) as session:
        return alarms.end(session, AlarmKind.RECORDING, CALL, LATER)


def take_note(db: Engine, viewer: Viewer, kind: AlarmKind = AlarmKind.RECORDING) -> list[bus.Signal]:
    with transaction(db) as session:
        return alarms.take_note(session, viewer, kind, CALL, LATER)


def present(db: Engine, viewer: Viewer) -> list[Alarm]:
    with reading(db) as session:
        return list(alarms.present(session, viewer))


def test_it_sounds_once_and_reaches_whom_it_concerns(db: Engine, people: dict[str, Viewer]) -> None:
    assert sound(db, people["lead"].center_id) == TOLD
    assert sound(db, people["lead"].center_id) == []
    seen = {name: len(present(db, viewer)) for name, viewer in people.items()}
    assert seen == {"lead": 1, "far_lead": 0, "admin": 1, "counselor": 0}


def test_the_house_s_alarms_reach_every_lead(db: Engine, people: dict[str, Viewer]) -> None:
    sound(db, None, AlarmKind.DISK)
    seen = {name: len(present(db, viewer)) for name, viewer in people.items()}
    assert seen == {"lead": 1, "far_lead": 1, "admin": 1, "counselor": 0}


def test_who_takes_note_is_named_once_and_on_record(db: Engine, people: dict[str, Viewer]) -> None:
    sound(db, people["lead"].center_id)
    assert take_note(db, people["lead"]) == TOLD
    assert take_note(db, people["admin"]) == []
    assert present(db, people["lead"]) == []
    with reading(db) as session:
        found = alarms.of(session, AlarmKind.RECORDING, CALL)
        rows = session.scalars(
            select(AuditRow).where(AuditRow.act == Act.TAKE_NOTE).order_by(AuditRow.id)
        ).all()
    assert found is not None
    assert (found.noted_by, found.noted_at) == (people["lead"].name, LATER)
    assert [(row.staff_id, row.object_id, row.detail) for row in rows] == [
        (people["lead"].staff_id, CALL, "one_side")
    ]


def test_what_lasts_is_shown_with_the_name_of_who_looks_into_it(
    db: Engine, people: dict[str, Viewer]
) -> None:
    sound(db, None, AlarmKind.DISK)
    take_note(db, people["admin"], AlarmKind.DISK)
    assert [alarm.noted_by for alarm in present(db, people["lead"])] == [people["admin"].name]


@pytest.mark.parametrize("who", ["far_lead", "counselor"])
def test_others_cannot_take_note(db: Engine, people: dict[str, Viewer], who: str) -> None:
    sound(db, people["lead"].center_id)
    with pytest.raises(NotVisible):
        take_note(db, people[who])


def test_what_is_over_is_over_and_may_come_again(db: Engine, people: dict[str, Viewer]) -> None:
    assert end(db) == []
    sound(db, people["lead"].center_id)
    take_note(db, people["lead"])
    assert (end(db), end(db)) == (TOLD, [])
    assert take_note(db, people["lead"]) == []
    assert sound(db, people["lead"].center_id) == TOLD
    assert [alarm.noted_by for alarm in present(db, people["lead"])] == [None]


def test_who_was_rung_takes_note_at_the_phone_and_nobody_is_rung_again(db: Engine) -> None:
    with transaction() as session:
        hanoi = factories.center(session)
        on_call = factories.counselor(session)
        assert alarms.sound(session, AlarmKind.SHIFT, "HN", "too_few", hanoi.id, NOON) == TOLD
        assert alarms.ringing(session, hanoi.id, NOON) == []
        assert alarms.sound(session, AlarmKind.SHIFT, "HN", "nobody", hanoi.id, NOON) == [RINGS]
        assert alarms.sound(session, AlarmKind.SHIFT, "HN", "nobody", hanoi.id, NOON) == []
        assert alarms.ringing(session, hanoi.id, NOON) == [(AlarmKind.SHIFT, "HN")]
        assert alarms.open_of(session, AlarmKind.SHIFT) == {"HN": "nobody"}
        assert alarms.answer(session, on_call.staff_id, AlarmKind.SHIFT, "HN", NOON)
        assert alarms.answer(session, on_call.staff_id, AlarmKind.SHIFT, "HN", NOON) == []
        assert alarms.ringing(session, hanoi.id, NOON) == []
        (shown,) = alarms.present(session, factories.shift_lead(session))
        assert shown.noted_by == on_call.name


def test_the_switchboard_hears_at_once_of_what_must_ring_unless_somebody_looks_into_it(
    db: Engine,
) -> None:
    with transaction() as session:
        factories.center(session)
        lead = factories.shift_lead(session)

        def sound(subject: str, reason: str) -> list[bus.Signal]:
            return alarms.sound(session, AlarmKind.REPORT, subject, reason, None, NOON)

        assert sound("TB-1", "danger") == TOLD
        assert sound("TB-1", "unheard") == [RINGS]
        assert sound("TB-2", "unheard") == [*TOLD, RINGS]
        assert sound("TB-3", "danger") == TOLD
        alarms.take_note(session, lead, AlarmKind.REPORT, "TB-3", NOON)
        assert sound("TB-3", "unheard") == []


def test_of_many_missing_recordings_one_rings_and_none_while_somebody_looks_into_it(
    db: Engine,
) -> None:
    with transaction() as session:
        hanoi = factories.center(session)
        lead = factories.shift_lead(session, hanoi)

        def missing(number: int, reason: str = "no_file") -> list[bus.Signal]:
            at, subject = NOON + timedelta(seconds=number), f"hn-1700000000.{number}"
            return alarms.sound(session, AlarmKind.RECORDING, subject, reason, hanoi.id, at)

        def rung(minutes: float = 1) -> list[str]:
            now = NOON + timedelta(minutes=minutes)
            return [subject for _, subject in alarms.ringing(session, hanoi.id, now)]

        assert missing(1, "one_side") == TOLD
        assert rung() == []
        assert missing(2) == missing(3, "late") == [*TOLD, RINGS]
        assert rung() == ["hn-1700000000.2"]
        alarms.answer(session, lead.staff_id, AlarmKind.RECORDING, "hn-1700000000.2", NOON)
        assert (rung(59), rung(61)) == ([], ["hn-1700000000.3"])


def test_too_few_answered_calls_ring_once_however_the_share_changes(db: Engine) -> None:
    with transaction() as session:
        factories.center(session)

        def share(percent: str) -> list[bus.Signal]:
            return alarms.sound(session, AlarmKind.ANSWER_RATE, "house", percent, None, NOON)

        assert (share("65"), share("61")) == ([*TOLD, RINGS], [])
        assert alarms.ringing(session, None, NOON) == [(AlarmKind.ANSWER_RATE, "house")]

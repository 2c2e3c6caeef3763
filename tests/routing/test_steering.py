"""What shift leads order: in force for a time, undone, on record, given to the policy as one value."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from hotline import bus
from hotline.access import Viewer
from hotline.audit import AuditRow
from hotline.db import reading, transaction
from hotline.errors import BadInput, Conflict, NotAllowed, NotVisible
from hotline.lines import CalledLine
from hotline.terms import Term
from routing import steering
from routing.steering import Kind, Order
from routing.values import Post, Steering
from tests import factories
from tests.factories import NOON

HOUR = Term("mất điện", timedelta(hours=1))
LATER = NOON + timedelta(minutes=10)
USUAL = timedelta(seconds=20)


@pytest.fixture
def people(db: Engine) -> dict[str, Viewer]:
    with transaction(db) as session:
        hanoi, danang = factories.center(session), factories.center(session, "DN", "Đà Nẵng")
        return {
            "an": factories.counselor(session, "hn01", hanoi),
            "lead": factories.shift_lead(session, hanoi),
            "far_lead": factories.shift_lead(session, danang),
            "admin": factories.administrator(session),
        }


def policy(db: Engine, now: object = LATER) -> Steering:
    with reading(db) as session:
        return steering.steering(session, now, USUAL)  # type: ignore[arg-type]


def orders(db: Engine) -> list[Order]:
    with reading(db) as session:
        return steering.in_force(session, LATER)


def limit(db: Engine, lead: Viewer, seconds: int, term: Term = HOUR) -> list[bus.Signal]:
    with transaction(db) as session:
        span = timedelta(seconds=seconds)
        return list(steering.set_limit(session, lead, lead.center_id, span, term, NOON))


def close(db: Engine, lead: Viewer, term: Term = HOUR) -> None:
    with transaction(db) as session:
        steering.close(session, lead, lead.center_id, term, NOON)


def move(db: Engine, lead: Viewer, whom: Viewer, post: Post) -> list[bus.Signal]:
    with transaction(db) as session:
        return list(steering.move(session, lead, whom.staff_id, post, HOUR, NOON))


def undo(db: Engine, lead: Viewer) -> list[bus.Signal]:
    with transaction(db) as session:
        newest = steering.in_force(session, LATER)[0]
        return list(steering.undo(session, lead, newest.id, LATER))


def test_without_orders_the_policy_has_its_usual_limit(db: Engine, people: dict[str, Viewer]) -> None:
    assert policy(db) == Steering(limit=USUAL)


def test_the_newest_limit_counts_and_undoing_brings_back_the_one_before(
    db: Engine, people: dict[str, Viewer]
) -> None:
    told = limit(db, people["lead"], 60)
    limit(db, people["far_lead"], 5)
    limit(db, people["lead"], 30)
    assert {signal.topic for signal in told} == {bus.STAFF, bus.BOARD}
    assert policy(db).limits == {"hn": timedelta(seconds=30), "dn": timedelta(seconds=5)}
    undo(db, people["lead"])
    assert policy(db).limit_of("hn") == timedelta(seconds=60)


def test_an_order_ends_by_itself(db: Engine, people: dict[str, Viewer]) -> None:
    close(db, people["lead"])
    assert policy(db).closed == {"hn"}
    assert policy(db, NOON + timedelta(hours=1)) == Steering(limit=USUAL)


def test_a_closed_center_says_why_who_and_until_when_and_is_opened_by_undoing(
    db: Engine, people: dict[str, Viewer]
) -> None:
    close(db, people["lead"])
    (order,) = orders(db)
    assert (order.kind, order.reason, order.by.id) == (Kind.CLOSED, "mất điện", people["lead"].staff_id)
    assert order.expires_at == NOON + timedelta(hours=1)
    assert undo(db, people["far_lead"])
    assert policy(db).closed == frozenset()
    with reading(db) as session:
        rows = session.execute(select(AuditRow.act, AuditRow.staff_id).order_by(AuditRow.id)).all()
    assert [tuple(row) for row in rows] == [
        ("steer", people["lead"].staff_id),
        ("undo", people["far_lead"].staff_id),
    ]


def test_closing_needs_a_reason_and_one_center_stays_open(db: Engine, people: dict[str, Viewer]) -> None:
    with pytest.raises(BadInput):
        close(db, people["lead"], Term("  ", timedelta(hours=1)))
    close(db, people["lead"])
    with pytest.raises(Conflict):
        close(db, people["far_lead"])


def test_a_counselor_is_moved_and_told(db: Engine, people: dict[str, Viewer]) -> None:
    an = people["an"]
    told = move(db, people["lead"], an, Post("dn"))
    assert bus.desk(an.staff_id) in {signal.topic for signal in told}
    assert policy(db).moved == {an.staff_id: Post("dn")}
    move(db, people["lead"], an, Post(line=CalledLine.TRAFFICKING))
    assert policy(db).moved == {an.staff_id: Post(line=CalledLine.TRAFFICKING)}
    undo(db, people["lead"])
    assert policy(db).moved == {an.staff_id: Post("dn")}


def test_who_may_not_steer(db: Engine, people: dict[str, Viewer]) -> None:
    with pytest.raises(NotAllowed):
        close(db, people["an"])
    with pytest.raises(NotAllowed):
        limit(db, people["admin"], 5)
    with pytest.raises(NotVisible):
        move(db, people["far_lead"], people["an"], Post("dn"))
    move(db, people["lead"], people["an"], Post("dn"))
    for name in ("far_lead", "an", "admin"):
        with pytest.raises(NotVisible):
            undo(db, people[name])


@pytest.mark.parametrize("lasts", [timedelta(), timedelta(hours=25)])
def test_nothing_lasts_for_ever(db: Engine, people: dict[str, Viewer], lasts: timedelta) -> None:
    with pytest.raises(BadInput):
        limit(db, people["lead"], 5, Term("", lasts))


def test_a_limit_or_a_place_that_there_is_not(db: Engine, people: dict[str, Viewer]) -> None:
    for seconds in (-1, 3600):
        with pytest.raises(BadInput):
            limit(db, people["lead"], seconds)
    for post in (Post(), Post("xx")):
        with pytest.raises(BadInput):
            move(db, people["lead"], people["an"], post)

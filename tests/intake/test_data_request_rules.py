"""Who may be told what of a child's data, and by when: the tables, row by row."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from intake.data_requests.packet_masks import MASK, Known, mask, tells
from intake.data_requests.request_rules import (
    DECISIONS,
    MOVES,
    Asker,
    ChildSays,
    Decision,
    Ground,
    Identity,
    Late,
    Relation,
    State,
    Want,
    check,
    due,
    late,
)
from intake.forms.taxonomy import Relation as Offender

FRIDAY = datetime(2026, 12, 4, 5, 0, tzinfo=UTC)
DAO = Known(("Bành Thị Đào",), ("Đào",))


def asker(
    relation: Relation = Relation.ADULT,
    says: ChildSays | None = None,
    identity: Identity = Identity.PAPER,
    *offenders: Offender,
) -> Asker:
    return Asker(relation, says, identity, offenders)


@pytest.mark.parametrize(
    ("came", "owed"),
    [
        (FRIDAY, "2026-12-08 16:59"),
        (datetime(2026, 12, 5, 3, 0, tzinfo=UTC), "2026-12-08 16:59"),
        (datetime(2026, 12, 7, 1, 0, tzinfo=UTC), "2026-12-09 16:59"),
        (datetime(2027, 2, 4, 3, 0, tzinfo=UTC), "2027-02-12 16:59"),
    ],
    ids=["friday", "saturday", "monday", "tet"],
)
def test_an_answer_is_owed_on_the_second_working_day(came: datetime, owed: str) -> None:
    assert f"{due(came):%Y-%m-%d %H:%M}" == owed


def test_it_is_told_on_the_last_day_when_it_is_over_and_a_day_after() -> None:
    last = due(FRIDAY)
    hour = timedelta(hours=1)
    told = [late(last, last + hours * hour) for hours in (-17, -15, 1, 23, 25)]
    assert told == [None, Late.SOON, Late.LATE, Late.LATE, Late.LONG]


def test_every_wish_can_be_refused_with_a_ground_and_nothing_is_given_with_one() -> None:
    for want, decisions in DECISIONS.items():
        assert decisions[Decision.REFUSE]
        for decision, ground in product(Decision, (None, *Ground)):
            wrong = check(want, decision, ground, asker())
            if decision not in decisions:
                assert wrong == "not_a_choice"
            else:
                assert wrong == (None if ground in (decisions[decision] or (None,)) else "ground")


@pytest.mark.parametrize(
    ("who", "barred"),
    [
        (asker(), False),
        (asker(Relation.CHILD), False),
        (asker(Relation.CHILD, None, Identity.NOT_SHOWN), True),
        (asker(Relation.PARENT, ChildSays.AGREES), False),
        (asker(Relation.GUARDIAN, ChildSays.YOUNG), False),
        (asker(Relation.PARENT, ChildSays.REFUSES), True),
        (asker(Relation.PARENT, ChildSays.NOT_ASKED), True),
        (asker(Relation.REPRESENTATIVE), True),
        (asker(Relation.PARENT, ChildSays.AGREES, Identity.PAPER, Offender.TEACHER), False),
        (asker(Relation.PARENT, ChildSays.AGREES, Identity.PAPER, Offender.PARENT), True),
        (asker(Relation.GUARDIAN, ChildSays.YOUNG, Identity.PAPER, Offender.CAREGIVER), True),
        (asker(Relation.CHILD, None, Identity.PAPER, Offender.PARENT), False),
    ],
)
def test_who_is_told_nothing_of_a_child(who: Asker, barred: bool) -> None:
    assert who.barred is barred
    for want in (Want.KNOW, Want.COPY):
        assert check(want, Decision.GIVE, None, who) == ("barred" if barred else None)
        assert check(want, Decision.REFUSE, Ground.ENDANGERS, who) is None
    assert check(Want.ERASE, Decision.ERASE, None, who) == ("barred" if barred else None)


def test_nothing_leaves_but_through_a_second_person() -> None:
    before = {to: state for state, deeds in MOVES.items() for to in deeds.values()}
    assert before[State.CLOSED] is State.APPROVED
    assert before[State.APPROVED] is State.SUBMITTED


@pytest.mark.parametrize(
    ("text", "known", "left"),
    [
        ("Bà Bành Thị Đào gọi.", DAO, "Bà ••• gọi."),
        ("ba banh  thi dao goi", DAO, "ba ••• goi"),
        ("Cô Đào gọi, đào hoa nở.", DAO, "Cô ••• gọi, đào hoa nở."),
        ("Bé Bo và bé Bông", Known(("Bé Bo",)), "••• và bé Bông"),
        ("gọi 0912 345.678 nhé, 12/BC", Known(), "gọi ••• nhé, 12/BC"),
        ("CCCD 001234567890", Known(), "CCCD •••"),
        ("Bị đánh ngày 20/11/2026.", Known(("", "•")), "Bị đánh ngày 20/11/2026."),
    ],
)
def test_known_people_and_numbers_are_covered(text: str, known: Known, left: str) -> None:
    assert mask(text, known) == left
    assert tells(text, known) is (MASK in left)
    assert not tells(left, known)

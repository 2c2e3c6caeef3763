"""A word to every desk: shown until it is read or over."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from hotline import bus, desk_messages
from hotline.access import Viewer
from hotline.db import reading, transaction
from hotline.errors import BadInput, NotAllowed, NotVisible
from hotline.ids import CenterId
from tests import factories
from tests.factories import NOON

HOUR = timedelta(hours=1)
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def people(db: Engine) -> dict[str, Viewer]:
    with transaction(db) as session:
        return factories.two_centers(session)


def send(db: Engine, viewer: Viewer, text: str, center: CenterId | None = None) -> list[bus.Signal]:
    with transaction(db) as session:
        return list(desk_messages.send(session, viewer, text, center, HOUR, NOON))


def seen(db: Engine, who: Viewer, minutes: float = 5) -> list[str]:
    with reading(db) as session:
        now = NOON + timedelta(minutes=minutes)
        return [one.text for one in desk_messages.unread(session, who, now)]


def first(db: Engine) -> desk_messages.DeskMessage:
    with reading(db) as session:
        return desk_messages.standing(session, LATER)[0]


def test_every_desk_shows_it_until_it_is_read_there(db: Engine, people: dict[str, Viewer]) -> None:
    assert [one.topic for one in send(db, people["lead"], " Họp  lúc 13 giờ ")] == [bus.BOARD]
    assert [seen(db, who) for who in people.values()] == [["Họp lúc 13 giờ"]] * 4
    with transaction(db) as session:
        told = desk_messages.read(session, people["an"], first(db).id, LATER)
        assert desk_messages.read(session, people["an"], first(db).id, LATER) == []
    assert [one.topic for one in told] == [bus.desk(people["an"].staff_id), bus.BOARD]
    assert (seen(db, people["an"]), seen(db, people["binh"])) == ([], ["Họp lúc 13 giờ"])
    assert first(db).read == 1


def test_one_center_s_message_is_not_the_others(db: Engine, people: dict[str, Viewer]) -> None:
    send(db, people["lead"], "Mất điện lúc 15 giờ", people["lead"].center_id)
    assert (len(seen(db, people["an"])), seen(db, people["nam"])) == (1, [])
    assert first(db).center == "Hà Nội"


def test_it_goes_by_itself_or_is_taken_back(db: Engine, people: dict[str, Viewer]) -> None:
    send(db, people["lead"], "Một")
    assert seen(db, people["an"], minutes=60) == []
    known = first(db).id
    with transaction(db) as session:
        assert desk_messages.take_back(session, people["lead"], known, LATER)
        assert desk_messages.take_back(session, people["lead"], known, LATER) == []
    assert seen(db, people["an"], minutes=6) == []


def test_who_may_not_and_what_cannot_be(db: Engine, people: dict[str, Viewer]) -> None:
    with pytest.raises(NotAllowed):
        send(db, people["an"], "Xin chào")
    for text in ("", "  ", "x" * 301):
        with pytest.raises(BadInput):
            send(db, people["lead"], text)
    send(db, people["lead"], "Một")
    known = first(db).id
    with transaction(db) as session:
        with pytest.raises(NotVisible):
            desk_messages.take_back(session, people["an"], known, LATER)
        with pytest.raises(NotVisible):
            desk_messages.read(session, people["an"], 999, LATER)

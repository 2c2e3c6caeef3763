import pytest
from sqlalchemy import Engine

from hotline import interpreters
from hotline.db import transaction
from hotline.errors import BadInput
from tests import factories


def test_added_listed_and_removed(db: Engine) -> None:
    with transaction(db) as session:
        here = factories.center(session).id
        outside = interpreters.add(
            session, name=" Giàng  A Tủa ", languages=["hmn", "hmn"], center=here, reached="0912 345 678"
        )
        inside = interpreters.add(
            session, name="Thạch Sô Phia", languages=["khm", "en"], center=here, reached="hn31"
        )
    assert (outside.name, outside.languages) == ("Giàng A Tủa", ("hmn",))
    assert (outside.phone, outside.number) == (None, "0912345678")
    assert (inside.phone, inside.number) == ("hn31", None)
    with transaction(db) as session:
        interpreters.remove(session, outside.id)
    with transaction(db) as session:
        assert interpreters.everybody(session) == [inside]
        assert interpreters.one(session, outside.id) == outside


@pytest.mark.parametrize(
    ("languages", "reached"),
    [
        (["vi"], "hn31"),
        ([], "hn31"),
        (["hmn"], "111"),
        (["hmn"], "+84912345678"),
        (["hmn"], "1900123456"),
    ],
)
def test_what_cannot_be_rung_or_spoken_is_refused(
    db: Engine, languages: list[str], reached: str
) -> None:
    with transaction(db) as session:
        center = factories.center(session).id
        with pytest.raises(BadInput):
            interpreters.add(session, name="A", languages=languages, center=center, reached=reached)

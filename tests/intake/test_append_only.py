"""What stands on a case's timeline is kept by the database itself."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from hotline.db import transaction
from intake.cases import cases
from tests.factories import NOON, Story
from tests.intake.conftest import House


@pytest.mark.parametrize("change", ["UPDATE case_event SET text = 'x'", "DELETE FROM case_event"])
def test_the_database_refuses_to_change_the_timeline(house: House, change: str) -> None:
    story = Story().answered_call()
    house.apply(story)
    record = house.record_of(story)
    with transaction(house.db) as session:
        case_id = cases.open_from_record(session, house.an, record, NOON)
    with pytest.raises(DatabaseError, match="append-only"), transaction(house.db) as session:
        session.execute(text(change))
    with transaction(house.db) as session:
        assert [one.kind for one in cases.case(session, house.an, case_id, NOON).events] == ["opened"]

"""A small hotline: one center with two counselors, a lead, and a second center."""

from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from hotline.access import Viewer
from hotline.db import transaction
from hotline.ids import RecordId
from intake.calls import calls
from intake.records import records
from tests import factories
from tests.factories import NOON, Story


@dataclass(frozen=True)
class House:
    db: Engine
    an: Viewer
    binh: Viewer
    lead: Viewer
    far: Viewer
    """A counselor of Đà Nẵng."""
    far_lead: Viewer
    admin: Viewer

    def apply(self, story: Story) -> list[calls.Applied]:
        """Everything told so far, one transaction per event, as the switchboard does."""
        done = []
        for event in story.told:
            with transaction(self.db) as session:
                done.append(calls.apply(session, event))
        return done

    def record_of(self, story: Story) -> RecordId:
        with transaction(self.db) as session:
            found = records.record_of_call(session, self.lead, story.call_id, NOON)
        assert found is not None
        return found.id


@pytest.fixture
def house(db: Engine) -> House:
    with transaction(db) as session:
        hanoi = factories.center(session)
        danang = factories.center(session, "DN", "Đà Nẵng")
        return House(
            db,
            an=factories.counselor(session, "hn01", hanoi),
            binh=factories.counselor(session, "hn02", hanoi),
            lead=factories.shift_lead(session, hanoi),
            far=factories.counselor(session, "dn01", danang),
            far_lead=factories.shift_lead(session, danang),
            admin=factories.administrator(session),
        )

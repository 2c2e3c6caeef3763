"""The made-up past (`intake.history`) under the benchmarks of reports, lists, search and forecasts."""

import time
from dataclasses import dataclass

from sqlalchemy import Engine, func, select, text

from hotline.access import Role, Viewer
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.synthetic import SEED
from intake.history.loading import LAST, make
from intake.tables.calls import CallRow
from tests import factories


@dataclass(frozen=True, slots=True)
class People:
    counselors: list[Viewer]
    lead: Viewer
    department: Viewer


def staffed(engine: Engine) -> People:
    """Three centers with eleven counselors each, a therapist, and who reads more."""
    with transaction(engine) as session:
        centers = [factories.center(session, code) for code in ("HN", "DN", "AG")]
        counselors = [
            factories.counselor(session, f"{center.code.lower()}{number:02}", center)
            for center in centers
            for number in range(11)
        ]
        factories.person(session, Role.THERAPIST, at=centers[0])
        lead = factories.shift_lead(session, centers[0])
        return People(counselors, lead, factories.person(session, Role.DEPARTMENT, at=centers[0]))


def fill(engine: Engine, years: int) -> People:
    """The last years that can be made up, each told with its seconds."""
    people = staffed(engine)
    for year in range(LAST - years + 1, LAST + 1):
        began = time.perf_counter()
        make(engine, year, SEED, utc_now())
        print(f"  {year} loaded in {time.perf_counter() - began:.0f} s", flush=True)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE"))
    with reading(engine) as session:
        print(f"  calls: {session.scalar(select(func.count()).select_from(CallRow))}")
    return people

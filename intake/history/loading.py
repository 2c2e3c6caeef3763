"""A made-up year into the database: in one transaction, so that it is there or it is not."""

from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hotline.access import Role
from hotline.db import transaction
from hotline.errors import Conflict, SetupError
from hotline.made_up import MadeUpYearRow
from hotline.staff import CenterRow, StaffRow
from intake.calls import call_counts
from intake.history.published import PUBLISHED, Figures
from intake.history.year_plan import Plan, plan
from intake.history.year_rows import Counselor, Made, Year
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.records import RecordRow

FIRST, LAST = 2005, 2024
"""Years that can be made: of later ones too little has been published."""


def make(
    engine: Engine | None,
    year: int,
    seed: int,
    now: datetime,
    told: Callable[[int], None] = lambda _: None,
) -> Made:
    """Write one year. `told` hears each month that is done.

    Raises Conflict (`real_data`) where anything real is, (`made_before`) for a year that is there, and
    SetupError for a year that cannot be made or a house with nobody in it.
    """
    if not FIRST <= year <= LAST:
        raise SetupError(f"only the years {FIRST} to {LAST} can be made up")
    return make_of(engine, PUBLISHED.get(year, Figures(year)), seed, now, told)


def make_of(
    engine: Engine | None,
    figures: Figures,
    seed: int,
    now: datetime,
    told: Callable[[int], None] = lambda _: None,
    planned: Callable[[Figures], Plan] = plan,
) -> Made:
    """The same for any figures; `planned` shares them out."""
    with transaction(engine) as session:
        _refuse_real_data(session)
        if session.get(MadeUpYearRow, figures.year) is not None:
            raise Conflict("made_before")
        writing = Year(session, planned(figures), Random(f"{seed} {figures.year}"), now, _staff(session))  # noqa: S311
        for month in range(1, 13):
            writing.month(month)
            told(month)
        writing.end()
        made = writing.made
        session.add(
            MadeUpYearRow(
                year=figures.year,
                seed=seed,
                made_at=now,
                calls=made.calls,
                records=made.records,
                cases=made.cases,
            )
        )
        call_counts.roll_up_year(session, figures.year)
    return made


def _refuse_real_data(session: Session) -> None:
    calls, records, cases = session.execute(
        select(
            func.coalesce(func.sum(MadeUpYearRow.calls), 0),
            func.coalesce(func.sum(MadeUpYearRow.records), 0),
            func.coalesce(func.sum(MadeUpYearRow.cases), 0),
        )
    ).one()
    for row, made in ((CallRow, calls), (RecordRow, records), (CaseRow, cases)):
        if session.scalar(select(func.count()).select_from(row)) != made:
            raise Conflict("real_data")


def _staff(session: Session) -> Sequence[Counselor]:
    query = (
        select(StaffRow.id, StaffRow.phone, CenterRow.id, CenterRow.code)
        .join(CenterRow, CenterRow.id == StaffRow.center_id)
        .where(StaffRow.role == Role.COUNSELOR, StaffRow.phone.is_not(None))
        .order_by(StaffRow.id)
    )
    found = [
        Counselor(id, phone or "", center, code) for id, phone, center, code in session.execute(query)
    ]
    if not found:
        raise SetupError("there is no counselor with a phone: make the people first (tongdai seed)")
    return found

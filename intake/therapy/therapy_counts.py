"""How much therapy there was, by month: what the hotline publishes of its unit. Nobody is named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Action, Viewer, may
from hotline.calendar import start_of
from hotline.clock import local
from hotline.errors import NotAllowed
from intake.small_cells import LEAST, breakdown
from intake.tables.therapy import TherapyMeetingRow, TherapyReferralRow
from intake.therapy.therapy_rules import FREE, Held, Kind


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a month, or of the year. `children`: who had a meeting that was held, each once; `free`: of
    them those who are treated free of charge. Outside the unit None where they are so few that one of
    them could be told (`intake.small_cells`)."""

    assessments: int
    sessions: int
    children: int | None
    free: int | None
    missed: int
    canceled: int


@dataclass(frozen=True, slots=True)
class Year:
    """`months`: the twelve, January first. A child of several months is counted in each, and once in
    `whole`."""

    months: Sequence[Figures]
    whole: Figures


def year(session: Session, viewer: Viewer, number: int, now: datetime) -> Year:
    """In one statement; audited. Raises NotAllowed."""
    if not may(viewer, Action.SEE_THERAPY_FIGURES):
        raise NotAllowed("therapy figures")
    audit.note(session, viewer, audit.Act.SEE, "therapy_figures", number, now)
    row, referral = TherapyMeetingRow, TherapyReferralRow
    found = session.execute(
        select(row.starts_at, row.kind, row.state, referral.child_id, referral.charge)
        .join(referral, referral.id == row.referral_id)
        .where(
            row.starts_at >= start_of(date(number, 1, 1)),
            row.starts_at < start_of(date(number + 1, 1, 1)),
        )
    ).all()
    months = [[one for one in found if local(one.starts_at).month == month] for month in range(1, 13)]
    least = 1 if may(viewer, Action.TREAT) else LEAST
    return Year([_figures(each, least) for each in months], _figures(found, least))


def _figures(meetings: Iterable[Any], least: int) -> Figures:
    rows = list(meetings)
    held = [one for one in rows if one.state == Held.HELD]
    children = {one.child_id: one.charge in FREE for one in held}
    free = sum(children.values())
    told = breakdown({"free": free, "paid": len(children) - free}, least)
    return Figures(
        assessments=sum(one.kind == Kind.ASSESSMENT for one in held),
        sessions=sum(one.kind == Kind.SESSION for one in held),
        children=told.total,
        free=told.cells["free"],
        missed=sum(one.state == Held.MISSED for one in rows),
        canceled=sum(one.state == Held.CANCELED for one in rows),
    )

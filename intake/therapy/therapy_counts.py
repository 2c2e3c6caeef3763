"""How much therapy there was, by month: what the hotline publishes of its unit. Nobody is named.

What `parts` says is what each figure counts: whoever asks which meetings or children those are asks it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
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


class Part(StrEnum):
    """What is counted by itself."""

    ASSESSMENTS = "assessments"
    SESSIONS = "sessions"
    CHILDREN = "children"
    FREE = "free"
    MISSED = "missed"
    CANCELED = "canceled"


Meetings = Mapping[Part, Sequence[Any]]
"""Part → the meetings that it counts, of a child the last one that was held. Of each `id`, `starts_at`,
`kind`, `state`, `child_id`, `charge`, `case_id`, `referral_id`."""


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

    def of(self, part: Part) -> int | None:
        found: int | None = getattr(self, part)
        return found


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
    found = planned(session, number)
    months = [shown(viewer, parts(_within(found, month))) for month in range(1, 13)]
    return Year(months, shown(viewer, parts(found)))


def planned(session: Session, year: int, month: int | None = None) -> Sequence[Any]:
    """The meetings of a year, or of a month of it, the earliest first."""
    row, referral = TherapyMeetingRow, TherapyReferralRow
    found = session.execute(
        select(
            row.id,
            row.starts_at,
            row.kind,
            row.state,
            row.referral_id,
            referral.child_id,
            referral.charge,
            referral.case_id,
        )
        .join(referral, referral.id == row.referral_id)
        .where(
            row.starts_at >= start_of(date(year, 1, 1)),
            row.starts_at < start_of(date(year + 1, 1, 1)),
        )
        .order_by(row.starts_at, row.id)
    ).all()
    return found if month is None else _within(found, month)


def _within(meetings: Iterable[Any], month: int) -> Sequence[Any]:
    return [one for one in meetings if local(one.starts_at).month == month]


def parts(meetings: Sequence[Any]) -> Meetings:
    held = [one for one in meetings if one.state == Held.HELD]
    children = list({one.child_id: one for one in held}.values())
    return {
        Part.ASSESSMENTS: [one for one in held if one.kind == Kind.ASSESSMENT],
        Part.SESSIONS: [one for one in held if one.kind == Kind.SESSION],
        Part.CHILDREN: children,
        Part.FREE: [one for one in children if one.charge in FREE],
        Part.MISSED: [one for one in meetings if one.state == Held.MISSED],
        Part.CANCELED: [one for one in meetings if one.state == Held.CANCELED],
    }


def shown(viewer: Viewer, of: Meetings) -> Figures:
    """What the viewer is told of them."""
    children, free = len(of[Part.CHILDREN]), len(of[Part.FREE])
    least = 1 if may(viewer, Action.TREAT) else LEAST
    told = breakdown({"free": free, "paid": children - free}, least)
    return Figures(
        assessments=len(of[Part.ASSESSMENTS]),
        sessions=len(of[Part.SESSIONS]),
        children=told.total,
        free=told.cells["free"],
        missed=len(of[Part.MISSED]),
        canceled=len(of[Part.CANCELED]),
    )

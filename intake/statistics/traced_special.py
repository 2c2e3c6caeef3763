"""From the figures of the anti-trafficking line and of the therapy unit to what they count.

Which rows a figure counts is said by what counts it (`intake.victims.trafficking_figures`,
`intake.therapy.therapy_counts`). Who reads cases is led to the cases of the children, and never to what
is written in therapy; the unit's own people to its meetings. A count that is hidden because it is small
leads nowhere, for its rows would tell it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, cast, literal, null, select
from sqlalchemy.orm import Session

from hotline.access import Action, Viewer, may
from hotline.errors import NotVisible
from intake.statistics import tracing
from intake.statistics.tables import TOTAL
from intake.statistics.traced_list import PAGE, READING, Thing, TracedRow, pages
from intake.statistics.traced_rows import Found
from intake.statistics.tracing import Traced
from intake.tables.calls import CallRow
from intake.therapy import therapy_counts, therapy_referrals
from intake.victims import trafficking_counts, trafficking_figures
from intake.victims.trafficking_counts import PUBLISHED
from intake.victims.trafficking_figures import ANSWERED, CODES, Part

HELPED = "helped"
"""Code of the contacts that are published."""
_CONTACTS = frozenset({Part.CONTACTS, Part.TELLERS})


def thing_of(part: Part) -> Thing:
    """What its figures lead to."""
    if part is Part.CALLS:
        return Thing.CALL
    return Thing.RECORD if part in _CONTACTS else Thing.CASE


def leads(viewer: Viewer, part: Part) -> bool:
    """Whether the viewer may see any such row at all."""
    return may(viewer, Action.SEE_SPECIAL_FIGURES) and may(viewer, READING[thing_of(part)])


def trafficking(
    session: Session,
    viewer: Viewer,
    begins: datetime,
    ends: datetime,
    part: Part,
    code: str,
    page: int = 1,
) -> Traced:
    """`code`: of the part, or `TOTAL`; of calls `ANSWERED`, of contacts `HELPED`. Raises NotVisible."""
    if not leads(viewer, part) or code not in _codes(part):
        raise NotVisible("figure")
    if part is Part.CALLS:
        return _calls(session, viewer, begins, ends, code, page)
    every = trafficking_figures.counted(session, part, begins, ends)
    if trafficking_figures.is_hidden(part, every, None if code == TOTAL else code):
        raise NotVisible("figure")
    asked = PUBLISHED if code == HELPED else (code,)
    found = [Found(one.of, one.code) for one in every if code == TOTAL or one.code in asked]
    return tracing.listing(session, viewer, thing_of(part), found, page)


def _codes(part: Part) -> Sequence[str]:
    more = {Part.CALLS: (ANSWERED,), Part.CONTACTS: (HELPED,)}
    return (TOTAL, *CODES.get(part, ()), *more.get(part, ()))


def _calls(
    session: Session, viewer: Viewer, begins: datetime, ends: datetime, code: str, page: int
) -> Traced:
    rows = select(CallRow.id, cast(null(), BigInteger).label("took"), literal(1).label("part")).where(
        trafficking_counts.calls(begins, ends)
    )
    if code == ANSWERED:
        rows = rows.where(CallRow.answered_at.is_not(None))
    return tracing.of_calls(session, viewer, rows, page)


def therapy(
    session: Session,
    viewer: Viewer,
    year: int,
    month: int | None,
    part: therapy_counts.Part,
    page: int = 1,
) -> Traced:
    """Of a month of this year, or of all of it. Raises NotVisible."""
    thing = Thing.MEETING if may(viewer, Action.TREAT) else Thing.CASE
    if not (may(viewer, Action.SEE_THERAPY_FIGURES) and may(viewer, READING[thing])):
        raise NotVisible("figure")
    parts = therapy_counts.parts(therapy_counts.planned(session, year, month))
    if therapy_counts.shown(viewer, parts).of(part) is None:
        raise NotVisible("figure")
    if thing is Thing.CASE:
        found = [Found(one.case_id, part) for one in parts[part]]
        return tracing.listing(session, viewer, thing, found, page)
    return _meetings(session, viewer, parts[part], page)


def _meetings(session: Session, viewer: Viewer, found: Sequence[Any], page: int) -> Traced:
    children = therapy_referrals.some(session, viewer, {one.referral_id for one in found})
    own = [one for one in reversed(found) if one.referral_id in children]
    rows = [
        TracedRow(
            str(one.id),
            children[one.referral_id].child.get("name", ""),
            one.starts_at,
            one.kind,
            "",
        )
        for one in own[(page - 1) * PAGE : page * PAGE]
    ]
    return Traced(Thing.MEETING, len(found), len(own), rows, pages(len(own)))

"""The roster of a center, month by month: counselors see it, shift leads write it.

A day is changed in the table itself; the answer is the table as it is now, with everything that
colleagues have changed meanwhile.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import RedirectResponse, Response

from dashboard import roster_sheet
from dashboard.asking import Asked, Asking, Work, typed_number
from dashboard.formats import by_given_name
from dashboard.i18n import N_
from dashboard.rendering import page
from hotline import audit, staff
from hotline.access import Action, may, reaches
from hotline.audit import Act
from hotline.calendar import holiday_name
from hotline.clock import local
from hotline.errors import BadInput, Conflict
from hotline.ids import StaffId
from hotline.staff import Center
from routing import feeds, months, roster, swaps
from routing.months import FREE, Day, Month
from routing.planning import HOLIDAY, Kind, Strength, Template
from routing.shifts import SHIFTS

router = APIRouter()

DAY_NAMES = (N_("T2"), N_("T3"), N_("T4"), N_("T5"), N_("T6"), N_("T7"), N_("CN"))
"""From Monday on, as calendars have them."""
CenterCode = Annotated[str, Query(max_length=8)]
FormCenter = Annotated[str, Form(max_length=8)]
MonthText = Annotated[str, Query(pattern=r"^([0-9]{4}-(0[1-9]|1[0-2]))?$")]
FormMonth = Annotated[str, Form(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Cell = Annotated[str, Form(max_length=20)]
Row = Annotated[int, Form(ge=1, le=2**31 - 1)]
Numbers = Annotated[list[int], Form()]


@router.get("/roster")
def roster_page(
    asked: Asking, center: CenterCode = "", month: MonthText = "", told: str = ""
) -> Response:
    with asked.work(Action.SEE_ROSTER, write=False) as work:
        return show(asked, work, center, _first(work, month), told=told)


@router.post("/roster/day")
def change_day(
    asked: Asking, who: Row, day: Annotated[date, Form()], was: Cell = "", do: Cell = ""
) -> Response:
    """`was`: what the cell said; `do`: what it shall say, or `sick` (on and off)."""
    with asked.work(Action.EDIT_ROSTER) as work:
        before = roster_sheet.read_day(was)
        to = _sick(before) if do == "sick" else roster_sheet.read_day(do)
        problem = ""
        try:
            with work.session.begin_nested():
                work.signal(
                    months.set_day(work.session, work.viewer, StaffId(who), day, before, to, work.now)
                )
        except Conflict:
            problem = "conflict"
        except BadInput as bad:
            problem = str(bad)
        center = staff.one(work.session, StaffId(who)).center
        shown = months.month(work.session, center, day, work.now)
        return page(asked, work, "_roster_table.html", **_table(work, shown), problem=problem, part=True)


def _sick(before: Day) -> Day:
    """Everybody's shifts of that day as sick; who is sick all day is well again."""
    well = all(kind is Kind.SICK for _, kind in before)
    return frozenset((shift, Kind.PLANNED if well else Kind.SICK) for shift, _ in before)


@router.post("/roster/fill")
def fill(asked: Asking, center: FormCenter, month: FormMonth) -> Response:
    with asked.work(Action.EDIT_ROSTER) as work:
        found = months.center_for(work.session, work.viewer, center, Action.EDIT_ROSTER)
        planned, signals = months.fill(work.session, work.viewer, found, _first(work, month), work.now)
        work.signal(signals)
    return _back(found, month, f"planned-{planned}")


@router.post("/roster/template")
def template(
    asked: Asking, center: FormCenter, month: FormMonth, wanted: Numbers, minimum: Numbers
) -> Response:
    """Both by kind of day and shift, in the order of the form."""
    keys = [(kind, shift.code) for kind in range(HOLIDAY + 1) for shift in SHIFTS]
    if not len(keys) == len(wanted) == len(minimum):
        raise BadInput("template")
    made: Template = {
        key: Strength(many, least) for key, many, least in zip(keys, wanted, minimum, strict=True)
    }
    with asked.work(Action.EDIT_ROSTER) as work:
        found = months.center_for(work.session, work.viewer, center, Action.EDIT_ROSTER)
        try:
            with work.session.begin_nested():
                work.signal(roster.put_template(work.session, work.viewer, found.id, made, work.now))
        except BadInput:
            first = _first(work, month)
            return show(asked, work, center, first, status=422, strengths=made, problem="strength")
    return _back(found, month, "template")


@router.get("/roster/export")
def export(asked: Asking, center: CenterCode = "", month: MonthText = "") -> Response:
    """A sheet with the names and shifts of others: their person proves that they sit there."""
    with asked.work(Action.SEE_ROSTER) as work:
        asked.require_proof(work)
        found = months.center_for(work.session, work.viewer, center, Action.SEE_ROSTER)
        shown = months.month(work.session, found, _first(work, month), work.now)
        say = asked.language.say
        title = f"{say('Lịch trực')} {found.name}, {shown.first:%m/%Y}"
        audit.note(work.session, work.viewer, Act.EXPORT, "roster", found.code, work.now, month)
        content = roster_sheet.write(shown, title, [say(name) for name in DAY_NAMES])
    name = f"111-{found.code.lower()}-{shown.first:%Y-%m}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=roster_sheet.XLSX, headers=headers)


@router.post("/roster/import")
def import_(
    asked: Asking, center: FormCenter, month: FormMonth, sheet: Annotated[UploadFile, File()]
) -> Response:
    """All of the sheet or nothing of it."""
    content = sheet.file.read()
    with asked.work(Action.EDIT_ROSTER) as work:
        found = months.center_for(work.session, work.viewer, center, Action.EDIT_ROSTER)
        first = _first(work, month)
        try:
            changes = roster_sheet.changes(content, months.month(work.session, found, first, work.now))
        except roster_sheet.SheetErrors as errors:
            return show(asked, work, center, first, status=422, wrong=errors.wrong)
        for one in changes:
            work.signal(
                months.set_day(
                    work.session, work.viewer, one.staff_id, one.day, one.was, one.to, work.now
                )
            )
    return _back(found, month, f"imported-{len(changes)}")


def _first(work: Work, month: str) -> date:
    return date.fromisoformat(f"{month}-01") if month else local(work.now).date().replace(day=1)


def _back(center: Center, month: str, told: str) -> Response:
    return RedirectResponse(f"/roster?center={center.code.lower()}&month={month}&told={told}", 303)


def show(
    asked: Asked,
    work: Work,
    center: str,
    first: date,
    *,
    status: int = 200,
    strengths: Template | None = None,
    told: str = "",
    problem: str = "",
    wrong: Sequence[roster_sheet.Wrong] = (),
    feed: str = "",
) -> Response:
    """The page. `told`: what was done, with a count; `feed`: a new address, shown this once."""
    found = months.center_for(work.session, work.viewer, center, Action.SEE_ROSTER)
    shown = months.month(work.session, found, first, work.now)
    what, _, count = told.partition("-")
    return page(
        asked,
        work,
        "roster.html",
        status=status,
        **_table(work, shown),
        **_own(work),
        centers=months.centers_for(work.session, work.viewer),
        strengths=shown.template if strengths is None else strengths,
        kinds=[*DAY_NAMES, N_("Lễ")],
        before=(shown.first - timedelta(days=1)).replace(day=1),
        after=months.next_month(shown.first),
        told=what if what in {"planned", "template", "imported", "swap"} else "",
        count=typed_number(count),
        problem=problem,
        part=False,
        wrong=wrong,
        feed=feed,
    )


def _table(work: Work, shown: Month) -> dict[str, Any]:
    """What the table needs, alone or in the page."""
    edits = reaches(work.viewer, Action.EDIT_ROSTER, owner=None, center=shown.center.id)
    return {
        "month": shown,
        "people": by_given_name(shown.people, lambda one: one.name),
        "edits": edits,
        "DAY_NAMES": DAY_NAMES,
        "SHIFTS": SHIFTS,
        "LETTERS": roster_sheet.LETTERS,
        "written": roster_sheet.written,
        "holiday_name": holiday_name,
        "NOTHING": FREE,
    }


def _own(work: Work) -> dict[str, Any]:
    """What a counselor has besides the month: their shifts, swaps, feed."""
    session, viewer = work.session, work.viewer
    waiting = swaps.open_for(session, viewer)
    if not may(viewer, Action.TAKE_CALLS):
        return {"mine": (), "theirs": (), "swaps": waiting, "feed_since": None}
    first, last = months.coming_days(work.now)
    coming = [
        each
        for each in roster.entries(session, first, last)
        if each.works and each.duty.starts > work.now
    ]
    people = {one.id: one for one in staff.everybody(session) if one.center.id == viewer.center_id}
    return {
        "mine": [each for each in coming if each.staff_id == viewer.staff_id],
        "theirs": [
            (people[each.staff_id], each)
            for each in coming
            if each.staff_id in people and each.staff_id != viewer.staff_id
        ],
        "swaps": waiting,
        "feed_since": feeds.opened_at(session, viewer),
    }

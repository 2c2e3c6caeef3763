"""Takes in call events: all that one round of them is about is read once, folded, and written once.

A call whose arrival was lost gets its row from whatever event comes first. What must happen outside
(signals, jobs) is returned and is the caller's to do after the commit.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.events import CallArrived, CallEvent
from hotline.ids import site_of
from hotline.lines import CalledLine
from intake.calls import line_names
from intake.calls.call_fold import Applied, dialling_phone, fold
from intake.calls.call_sheets import Round
from intake.numbers import normal
from intake.tables.calls import CallRow

_LOCKED = (
    select(CallRow)
    .where(CallRow.id.in_(bindparam("calls", expanding=True)))
    .order_by(CallRow.id)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
"""Not against rows that refer to these: who writes one of those waits for nobody."""


def apply(session: Session, event: CallEvent) -> Applied:
    """Fold one event in."""
    return apply_all(session, [event])[0]


def apply_all(session: Session, events: Sequence[CallEvent]) -> list[Applied]:
    """Fold these events in, in order, with hardly more statements than for one.

    After an error some of them may be in the session: it is to be rolled back.
    """
    opened = _open(session, events)
    with session.no_autoflush:
        applied = [fold(opened.sheet(event.call_id), event) for event in events]
        opened.write()
    return applied


def _open(session: Session, events: Sequence[CallEvent]) -> Round:
    """The locked calls of these events, made where there are none."""
    first: dict[str, CallEvent] = {}
    for event in events:
        first.setdefault(event.call_id, event)
    known = session.scalars(_LOCKED, {"calls": sorted(first)}).all()
    for call in known:
        del first[call.id]
    made = list(_made(session, first.values()))
    session.add_all(made)
    arrived = [event for event in events if isinstance(event, CallArrived)]
    numbers = filter(None, (normal(event.number) for event in arrived))
    return Round(session, known, made, phones=_phones(events), numbers=numbers)


def _made(session: Session, events: Iterable[CallEvent]) -> Iterator[CallRow]:
    """A new call for each. Call ids begin with the PBX's systemname."""
    centers: dict[str, int | None] = {}
    for event in events:
        site = site_of(event.call_id)
        if site not in centers:
            center = staff.center_of(session, site)
            centers[site] = center.id if center is not None else None
        yield CallRow(
            id=event.call_id,
            channel="",
            dialled="",
            outbound=False,
            internal=False,
            arrived_at=event.at,
            line=CalledLine.CHILD,
            cause=0,
            center_id=centers[site],
        )


def _phones(events: Iterable[CallEvent]) -> Iterator[str]:
    """Those that anything may be asked about."""
    for event in events:
        if isinstance(event, CallArrived):
            yield dialling_phone(event)
        elif phone := getattr(event, "phone", ""):
            yield line_names.phone(phone)

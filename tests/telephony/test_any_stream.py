"""What holds for any stream of events: shuffled, cut, doubled, or all of it."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.events import CallArrived, CallEnded, CallEvent, CallJoined
from hotline.ids import CallId
from telephony import messages
from telephony.callbook import Callbook
from telephony.callstates import CallState
from telephony.vocabulary import PASSING
from tests.telephony.told import STORIES
from tests.telephony.trace import START, Headers, fold

CAPTURES = Path(__file__).parents[1] / "captures"
RECORDED = (
    "line_interpreter",
    "line_interpreter_left",
    "line_interpreter_passed_on",
    "line_interpreter_refused",
    "line_outside",
    "line_outside_busy",
    "line_supervised",
)
"""Real streams with more in them than one function tells."""


def recorded(name: str) -> list[Headers]:
    lines = (CAPTURES / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


TOLD = [story().events for story in STORIES] + [recorded(name) for name in RECORDED]


def hangups(events: list[Headers]) -> list[Headers]:
    return [headers for headers in events if headers["Event"] == "Hangup"]


def check(events: list[CallEvent], book: Callbook) -> None:
    """No call open, no phone in use, none told twice, none that goes on after its end."""
    assert len(book.live) == 0
    assert set(book.phones_in_use) == set()
    assert book.waiting() == {}
    arrived = Counter(each.call_id for each in events if isinstance(each, CallArrived))
    over = Counter(each.call_id for each in events if isinstance(each, CallEnded | CallJoined))
    assert arrived == over
    assert set(arrived.values()) <= {1}
    finished: set[str] = set()
    for each in events:
        assert each.call_id not in finished
        if isinstance(each, CallEnded | CallJoined):
            finished.add(each.call_id)


@st.composite
def disturbed(draw: st.DrawFn) -> list[Headers]:
    """Some stories' events, partly dropped, doubled and moved; every hang-up is there somewhere."""
    events = [
        each for story in draw(st.lists(st.sampled_from(TOLD), min_size=1, max_size=1)) for each in story
    ]
    kept = [each for each in events if not draw(st.booleans()) or draw(st.booleans())]
    doubled = [each for each in events if draw(st.integers(0, 9)) == 0]
    stream = kept + doubled
    if draw(st.booleans()):
        stream = draw(st.permutations(stream))
    else:
        for _ in range(draw(st.integers(0, 5))):
            at = draw(st.integers(0, max(0, len(stream) - 2)))
            stream[at : at + 2] = reversed(stream[at : at + 2])
    return [*stream, *hangups(events)]


@settings(max_examples=400, deadline=None)
@given(disturbed())
def test_disturbed_streams_leave_nothing_open_and_count_nothing_twice(stream: list[Headers]) -> None:
    book = Callbook()
    check(fold(stream, book), book)


@settings(max_examples=100, deadline=None)
@given(disturbed())
def test_the_line_is_at_any_moment_who_waits_in_our_hold_loop(stream: list[Headers]) -> None:
    """It is kept, not looked for; nobody stays in it who does not wait, or is left out who came."""
    book, line = Callbook(), dict[CallId, datetime | None]()
    for headers in stream:
        fold([headers], book)
        calls = book._homes.ledger.calls
        waiting = [each for each in calls.values() if each.in_line and each.state is CallState.WAITING]
        assert book.waiting() == {each.id: each.arrived_at for each in waiting}
        line |= book.line_moves()
        assert {each: since for each, since in line.items() if since is not None} == book.waiting()


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(TOLD), st.data())
def test_missing_headers_never_raise_but_as_malformed(story: list[Headers], data: st.DataObject) -> None:
    book = Callbook()
    names = sorted({name for headers in story for name in headers} - {"Event"})
    gone = set(data.draw(st.lists(st.sampled_from(names), max_size=4)))
    for headers in story:
        stripped = {name: value for name, value in headers.items() if name not in gone}
        try:
            event = messages.parse(stripped)
        except messages.MalformedMessage:
            continue
        if event is not None:
            book.fold(event, START)


def test_every_story_told_twice_over_is_told_once() -> None:
    for story in TOLD:
        book = Callbook()
        check(fold([*story, *story], book), book)


def test_every_event_doubled_changes_nothing() -> None:
    for story in TOLD:
        once = [(type(each), each.call_id) for each in fold(story, Callbook())]
        doubled = [headers for headers in story for _ in range(2)]
        assert [(type(each), each.call_id) for each in fold(doubled, Callbook())] == once


def test_header_names_in_any_case_say_the_same() -> None:
    for story in TOLD:
        shouted = [{name.upper(): value for name, value in headers.items()} for headers in story]
        assert fold(shouted, Callbook()) == fold(story, Callbook())


def test_repeated_headers_say_the_same() -> None:
    for story in TOLD:
        doubled: list[Headers] = [
            {
                name: value if name == "Event" or isinstance(value, list) else [value, value]
                for name, value in headers.items()
            }
            for headers in story
        ]
        assert fold(doubled, Callbook()) == fold(story, Callbook())


@st.composite
def disturbed_at_both_sites(draw: st.DrawFn) -> list[tuple[int, Headers]]:
    """A call that another site's counselor passed on there: what its home (0) and that site (1) say, in
    part, and a little out of order; every hang-up is there somewhere."""
    name = draw(st.sampled_from(("sites_attended", "sites_blonde", "sites_blonde_refused")))
    both = [recorded(f"{name}.{site}") for site in ("hn", "ag")]
    stream = [(which, each) for which, events in enumerate(both) for each in events]
    stream.sort(key=lambda told: str(told[1]["Timestamp"]))
    kept = [each for each in stream if draw(st.integers(0, 4))]
    for _ in range(draw(st.integers(0, 30))):
        at = draw(st.integers(0, max(0, len(kept) - 2)))
        kept[at : at + 2] = reversed(kept[at : at + 2])
    return [*kept, *((which, each) for which, events in enumerate(both) for each in hangups(events))]


@settings(max_examples=100, deadline=None)
@given(disturbed_at_both_sites())
def test_a_disturbed_transfer_at_another_site_leaves_nothing_open(
    stream: list[tuple[int, Headers]],
) -> None:
    home, away = books = Callbook(passing=PASSING), Callbook(passing=PASSING)
    happened: list[CallEvent] = []
    for which, headers in stream:
        told = fold([headers], books[which])
        happened += told if which == 0 else []
        for passing in away.passings():
            if passing.leads_elsewhere:
                happened += home.hand_over(passing)
    check(happened, home)
    assert (list(away.passings()), set(away.phones_in_use)) == ([], set())

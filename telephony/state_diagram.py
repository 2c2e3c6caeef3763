"""Draws the tables of `telephony.callstates` into docs/call-states.md.

    python -m telephony.state_diagram

A test compares the page with the tables.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TypeVar

from hotline.events import CallEvent
from hotline.settings import ROOT
from telephony.callstates import CALL, LEG, WATCH, CallState, LegState, WatchState

PAGE = ROOT / "docs" / "call-states.md"
_PAGE = """\
# Call states

Drawn by `python -m telephony.state_diagram` from the tables in `telephony/callstates.py`, which also say
what each state and happening means. An arrow is labeled with the happening and, after the slash, the
call event it makes. What is not drawn changes nothing: that is how duplicate, late and reordered events
are harmless.

## A party's part in a call

```mermaid
{leg}
```

## A call

```mermaid
{call}
```

## A shift lead who attends a call without being part of it

```mermaid
{watch}
```
"""
_State = TypeVar("_State", bound=Enum)
_Happening = TypeVar("_Happening", bound=Enum)
_Table = Mapping[tuple[_State, _Happening], tuple[_State, type[CallEvent] | None]]


def page() -> str:
    """The whole page."""
    return _PAGE.format(
        leg="\n".join(_diagram(LEG, LegState)),
        call="\n".join(_diagram(CALL, CallState)),
        watch="\n".join(_diagram(WATCH, WatchState)),
    )


def _diagram(table: _Table[_State, _Happening], states: type[_State]) -> Iterator[str]:
    """Mermaid. The first state begins; one that nothing leads out of is final."""
    yield "stateDiagram-v2"
    yield f"    [*] --> {next(iter(states)).name}"
    for (state, happening), (following, event) in table.items():
        label = happening.name + (f" / {event.__name__}" if event is not None else "")
        yield f"    {state.name} --> {following.name}: {label}"
    begun = {state for state, _ in table}
    for state in states:
        if state not in begun:
            yield f"    {state.name} --> [*]"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

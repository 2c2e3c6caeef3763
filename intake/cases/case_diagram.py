"""Draws the tables of `intake.cases.flow` into docs/case-states.md.

    python -m intake.cases.case_diagram

A test compares the page with the tables.
"""

from collections.abc import Iterator

from hotline.settings import ROOT
from intake.cases.deadlines import LIMITS
from intake.cases.flow import CLOSED, TABLE, TURNS, State

PAGE = ROOT / "docs" / "case-states.md"
_PAGE = """\
# Case states

Drawn by `python -m intake.cases.case_diagram` from the tables in `intake/cases/flow.py` and
`intake/cases/deadlines.py`. An arrow is labeled with the step and, after the slash, the answer that
leads there.

## The way

```mermaid
{way}
```

## Turns off the way, each with a reason

```mermaid
{turns}
```

## What each state waits for

| state | next step | within | article of NĐ 56/2017 | needs |
| --- | --- | --- | --- | --- |
{steps}

Where no article is named the limit is ours; so are "30 minutes" for the law's "at once", and the three
days of verification. Units may set others, but none that the law's number forbids.
"""


def page() -> str:
    """The whole page."""
    return _PAGE.format(way="\n".join(_way()), turns="\n".join(_turns()), steps="\n".join(_steps()))


def _way() -> Iterator[str]:
    yield "stateDiagram-v2"
    yield f"    [*] --> {State.RECEIVED.name}"
    for state, rule in TABLE.items():
        for answer, to in rule.leads.items():
            label = rule.step.name + (f" / {answer}" if answer else "")
            yield f"    {state.name} --> {to.name}: {label}"
    for state in State:
        if state in CLOSED:
            yield f"    {state.name} --> [*]"


def _turns() -> Iterator[str]:
    yield "stateDiagram-v2"
    for turn in TURNS.values():
        for state in State:
            if state in turn.leaves:
                yield f"    {state.name} --> {turn.to.name}: {turn.step.name}"


def _steps() -> Iterator[str]:
    for state, rule in TABLE.items():
        limit = LIMITS[rule.clock]
        needs = "; ".join(
            f"{answer}: {', '.join(wanted)}" if answer else ", ".join(wanted)
            for answer, wanted in rule.needs.items()
        )
        within = f"{limit.amount} {limit.span.replace('_', ' ')}"
        yield f"| {state.name} | {rule.step.name} | {within} | {limit.article} | {needs} |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

"""`tongdai rollup`: make the counts that reports are made of, or prove that they are true."""

from datetime import date
from typing import Annotated

import typer
from rich.console import Console

from hotline.calendar import days
from hotline.clock import local, utc_now
from hotline.db import reading
from intake.statistics import rollups
from intake.statistics.rollup_proof import differences

_MOST_TOLD = 50


def command(
    verify: Annotated[bool, typer.Option(help="count all days once more and compare")] = False,
    anew: Annotated[bool, typer.Option(help="make all days again, also those that are there")] = False,
) -> None:
    """Roll up the days that are over and are not rolled up, or have changed since.

    Reports are right without it: they count such days from the rows, which takes longer.
    """
    today = local(utc_now()).date()
    if verify:
        _verify(today)
    else:
        _build(_all(today) if anew else rollups.stale(None, today))


def _all(today: date) -> list[date]:
    with reading() as session:
        over = rollups.known(session, today)
    return list(days(over.since, over.until)) if over else []


def _build(of: list[date]) -> None:
    console = Console(highlight=False, soft_wrap=True, emoji=False, markup=False)
    with console.status("…") as status:
        rollups.build(None, of, lambda day: status.update(f"{day}"))
    console.print(f"{len(of)} days rolled up")


def _verify(today: date) -> None:
    """Raises Exit with code 1 where anything differs."""
    console = Console(highlight=False, soft_wrap=True, emoji=False, markup=False)
    wrong = 0
    with console.status("…") as status:
        for one in differences(None, today, lambda month: status.update(f"{month:%Y-%m}")):
            wrong += 1
            if wrong <= _MOST_TOLD:
                console.print(
                    f"{one.span} {one.first}: {one.table} {one.code or '(not told)'}: "
                    f"rolled up {one.kept}, counted {one.counted}"
                )
    waiting = len(rollups.stale(None, today))
    console.print(f"{waiting} days are counted from rows until they are rolled up")
    if wrong:
        console.print(f"{wrong} counts are wrong: tongdai rollup --anew makes them again")
        raise typer.Exit(1)
    console.print("all roll-ups are what the rows say")

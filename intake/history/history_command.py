"""`tongdai history`: made-up years, for trying the system at its size."""

import re
import time
from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.status import Status

from hotline.clock import utc_now
from hotline.errors import BadInput, Conflict, SetupError
from hotline.synthetic import SEED
from intake.history.loading import FIRST, LAST, make

_WHY = {
    "real_data": "this database holds calls, records or cases that are not made up: take an empty one "
    "(another TONGDAI_DATA or TONGDAI_DATABASE_URL)",
    "made_before": "this year is there already",
}


def command(
    year: Annotated[int, typer.Option(help=f"{FIRST} to {LAST}; with --scale the last one")],
    scale: Annotated[str, typer.Option(help="how many years: 1y, 20y")] = "1y",
    seed: Annotated[int, typer.Option(help="another number, another past")] = SEED,
) -> None:
    """Write years of made-up calls, records and cases that agree with what the hotline published.

    Refused where anything real is. Every page says from then on that the data are made up. A year is
    written whole or not at all.
    """
    console = Console(highlight=False, soft_wrap=True)
    for each in _years(year, scale):
        began = time.monotonic()
        try:
            with console.status(f"{each}") as status:
                made = make(None, each, seed, utc_now(), _tell(status, each))
        except Conflict as conflict:
            raise SetupError(f"{each}: {_WHY[str(conflict)]}") from None
        console.print(
            f"{each}: {made.calls} calls, {made.records} records, {made.cases} cases "
            f"in {time.monotonic() - began:.0f} s"
        )


def _tell(status: Status, year: int) -> Callable[[int], None]:
    return lambda month: status.update(f"{year}: {month}/12")


def _years(last: int, scale: str) -> range:
    """Raises BadInput for what is no number of years, SetupError for years that cannot be made."""
    wanted = re.fullmatch(r"([1-9][0-9]?)y", scale)
    if wanted is None:
        raise BadInput("--scale: a number of years, as 20y")
    first = last - int(wanted[1]) + 1
    if not FIRST <= first <= last <= LAST:
        raise SetupError(f"only the years {FIRST} to {LAST} can be made up")
    return range(first, last + 1)

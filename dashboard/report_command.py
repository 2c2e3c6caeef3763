"""`tongdai report`: the figures of a period, as the administration writes them or for who reckons on."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from dashboard.chi_report import ChiReport, as_json, as_xlsx
from dashboard.period_report import report_in
from dashboard.report_files import Format, written
from dashboard.report_paper import Report
from hotline import made_up
from hotline.clock import utc_now
from hotline.db import reading
from hotline.errors import BadInput
from intake.statistics import periods
from intake.statistics.chi_counts import contacts
from intake.statistics.periods import Period

app = typer.Typer(help="The hotline's own figures, over any period.", no_args_is_help=True)


As = Annotated[Format, typer.Option("--format", help="json goes to the terminal without --out")]
Out = Annotated[Path | None, typer.Option(help="file to write; without it one in this folder")]
Year = Annotated[int, typer.Option(min=2004, max=2100)]
_CHI_FORMATS: Mapping[Format, Callable[[ChiReport], bytes]] = {
    Format.JSON: as_json,
    Format.XLSX: as_xlsx,
}


@app.command()
def annual(year: Year, as_: As = Format.JSON, out: Out = None) -> None:
    """A whole year, against the one before."""
    _write(periods.year(year), as_, out, f"{year}")


@app.command()
def quarterly(
    year: Year,
    quarter: Annotated[int, typer.Option(min=1, max=4)],
    as_: As = Format.JSON,
    out: Out = None,
) -> None:
    """Three months, against the three before and those of the year before."""
    _write(periods.quarter(year, quarter), as_, out, f"{year}-q{quarter}")


@app.command()
def monthly(
    year: Year,
    month: Annotated[int, typer.Option(min=1, max=12)],
    as_: As = Format.JSON,
    out: Out = None,
) -> None:
    """A month, against the one before and that of the year before."""
    _write(periods.month(year, month), as_, out, f"{year}-{month:02}")


@app.command()
def period(
    since: Annotated[str, typer.Option(help="first day, YYYY-MM-DD")],
    until: Annotated[str, typer.Option(help="first day after it, YYYY-MM-DD")],
    as_: As = Format.JSON,
    out: Out = None,
) -> None:
    """Any days, against as many before them and the same of the year before."""
    try:
        of = Period(date.fromisoformat(since), date.fromisoformat(until))
    except ValueError:
        raise BadInput("--since and --until: two days as 2026-11-21, the second one later") from None
    _write(of, as_, out, f"{since}-{until}")


@app.command()
def chi(year: Year, as_: As = Format.JSON, out: Out = None) -> None:
    """A year as Child Helpline International asks for it: json or xlsx, with the codebook."""
    if as_ not in _CHI_FORMATS:
        raise BadInput("--format: json or xlsx")
    of = periods.year(year)
    with reading() as session:
        found = contacts(session, of)
        if found is None:
            raise BadInput(f"no record of {year} is closed")
        report = ChiReport(of, found, utc_now(), bool(made_up.years(session)))
    _put(_CHI_FORMATS[as_](report), as_, out, f"chi-{year}")


def report_of(of: Period, engine: Engine | None = None) -> Report:
    """Raises BadInput when nothing is known of these days."""
    with reading(engine) as session:
        report = report_in(session, of, utc_now())
    if report is None:
        raise BadInput(f"nothing came from {of.since} to {of.last_day}")
    return report


def _write(of: Period, as_: Format, out: Path | None, name: str) -> None:
    _put(written(as_, report_of(of)), as_, out, name)


def _put(content: bytes, as_: Format, out: Path | None, name: str) -> None:
    if as_ is Format.JSON and out is None:
        typer.echo(content.decode())
        return
    file = out or Path(f"bao-cao-{name}.{as_}")
    file.write_bytes(content)
    typer.echo(f"{file}: {len(content)} bytes")

"""`tongdai clients`: which programs may send reports to `POST /api/v1/reports`."""

from typing import Annotated

import typer

from hotline.clock import utc_now
from hotline.db import reading, transaction
from intake.forms.taxonomy import Way
from intake.reports import api_clients
from intake.reports.api_clients import MOST_PER_MINUTE

app = typer.Typer(help="Programs that may send reports.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="which program, as counselors read it")],
    way: Annotated[Way, typer.Option(help=f"one of {', '.join(api_clients.WAYS)}")],
    per_minute: Annotated[
        int, typer.Option(min=1, max=MOST_PER_MINUTE, help="reports it may send in a minute")
    ] = 60,
) -> None:
    """Make a client. Its key is printed once, alone on standard output."""
    with transaction() as session:
        made, key = api_clients.make(session, name, way, per_minute, utc_now())
    typer.echo(f"client {made.id}: this key is shown once, only its hash is kept", err=True)
    typer.echo(key)


@app.command()
def revoke(number: Annotated[int, typer.Argument(help="as `list` shows it")]) -> None:
    """Take nothing more from this client; what it has sent stays."""
    with transaction() as session:
        api_clients.revoke(session, number, utc_now())
    typer.echo(f"client {number} is revoked")


@app.command(name="list")
def list_() -> None:
    """Every client there ever was."""
    with reading() as session:
        for each in api_clients.everybody(session):
            state = "revoked" if each.revoked_at else f"{each.per_minute}/min"
            typer.echo(f"{each.id:4} {each.way:8} {state:10} {each.name}")

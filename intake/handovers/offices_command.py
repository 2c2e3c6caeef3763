"""`tongdai offices`: offices whose own program takes handovers (docs/handovers-api.md)."""

from typing import Annotated

import typer

from hotline import keyring
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.settings import settings
from intake.handovers import office_systems

app = typer.Typer(help="Offices whose own program takes handovers.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="which office, as counselors read it")],
    unit: Annotated[str, typer.Option(help="its commune or province, like 2025:04978")],
    url: Annotated[str, typer.Option(help="https address that its webhooks go to")],
) -> None:
    """Make one. Its key and its webhooks' secret are printed once, one a line."""
    of = settings()
    ring = keyring.recording_keys(of)
    with transaction() as session:
        made = office_systems.make(
            session, name, unit, url, ring, utc_now(), loopback=of.webhooks_to_loopback
        )
    typer.echo(f"office {made.system.id}: key and secret are shown once", err=True)
    typer.echo(made.key)
    typer.echo(made.secret)


@app.command()
def revoke(number: Annotated[int, typer.Argument(help="as `list` shows it")]) -> None:
    """Its key opens nothing any more, and nothing is sent to it."""
    with transaction() as session:
        office_systems.revoke(session, number, utc_now())
    typer.echo(f"office {number} is revoked")


@app.command(name="list")
def list_() -> None:
    """Every office there ever was."""
    with reading() as session:
        for each in office_systems.everybody(session):
            state = "revoked" if each.revoked_at else "in use"
            typer.echo(f"{each.id:4} {each.unit_id:12} {state:8} {each.url}  {each.name}")

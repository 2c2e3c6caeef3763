"""`tongdai retention`: what is due, deleting it, holds, and the certificates of what is gone."""

from datetime import datetime
from typing import Annotated

import typer

from hotline import staff
from hotline.clock import HANOI, local, utc_now
from hotline.db import reading, transaction
from hotline.errors import BadInput
from hotline.settings import settings
from intake.retention import certificates, erasing, legal_holds
from intake.retention.legal_holds import Held
from intake.retention.retention_rules import Kept

app = typer.Typer(help="How long what is kept is kept.", no_args_is_help=True)
By = Annotated[str, typer.Option(help="login of who decided it")]


@app.command()
def preview() -> None:
    """How many are due in each class. Changes nothing."""
    with reading() as session:
        for one in erasing.preview(session, settings(), utc_now()):
            rule = one.rule
            period = f"{rule.days} days" if rule.days else "as asked" if rule.runs else "no period: kept"
            by = "" if rule.kept is Kept.ASKED else f"  {rule.variable}"
            typer.echo(f"{rule.kept:15} {period:>16} {one.count:8}{by}")


@app.command()
def run() -> None:
    """Delete what is due. May be stopped and run again at any time; cron does it every night."""
    for rule in erasing.rules_of(settings()):
        if rule.runs:
            typer.echo(f"{rule.kept}: {erasing.run(None, rule, utc_now())}")
        else:
            typer.echo(f"{rule.kept}: kept, {rule.variable} is 0")


@app.command()
def hold(
    kind: Annotated[Held, typer.Argument(help="case, record, call or data_request")],
    named: Annotated[str, typer.Argument(help="number of the case, record or request, id of the call")],
    reason: Annotated[str, typer.Option(help="who needs it, what for")],
    by: By,
    until: Annotated[str, typer.Option(help="YYYY-MM-DD; without it until it is lifted")] = "",
) -> None:
    """Keep it, and what hangs on it, whatever its class says."""
    with transaction() as session:
        viewer, now = staff.viewer_by_login(session, by), utc_now()
        made = legal_holds.put(session, viewer, kind, named, reason, _day(until), now)
    typer.echo(f"hold {made}: {kind} {named} is kept")


@app.command()
def lift(
    number: Annotated[int, typer.Argument(help="as `holds` shows it")],
    reason: Annotated[str, typer.Option(help="who needs it no more")],
    by: By,
) -> None:
    """End a hold."""
    with transaction() as session:
        viewer = staff.viewer_by_login(session, by)
        legal_holds.lift(session, viewer, number, reason, utc_now())
    typer.echo(f"hold {number} is lifted")


@app.command()
def holds() -> None:
    """Every hold there ever was, the newest first."""
    with reading() as session:
        for one in legal_holds.everything(session):
            end = f"until {local(one.until):%Y-%m-%d}" if one.until else "without end"
            state = "lifted" if one.lifted_at else end
            typer.echo(f"{one.id:4} {one.kind:6} {one.number:24} {state:18} {one.reason}")


@app.command(name="certificates")
def certificates_() -> None:
    """What was deleted when and by which rule; fails when one was changed, is missing, or is not in the
    audit (which `tongdai audit verify` proves)."""
    with reading() as session:
        gone = certificates.missing(session)
        broken = len(gone)
        for one in certificates.everything(session):
            broken += bool(one.faults)
            state = "".join(f"  {fault.upper()}" for fault in one.faults)
            at, count = f"{local(one.at):%Y-%m-%d %H:%M}", len(one.ids)
            typer.echo(f"{one.id:4} {at} {one.kind:15} {count:6} {one.rule:28} {one.digest[:16]}{state}")
    for number in gone:
        typer.echo(f"{number:4} MISSING")
    if broken:
        raise typer.Exit(1)


def _day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=HANOI)
    except ValueError:
        raise BadInput("--until is a day: YYYY-MM-DD") from None

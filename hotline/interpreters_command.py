"""`tongdai interpreters`: who may be brought into a talk, in which language."""

from typing import Annotated

import typer

from hotline import audit, interpreters, shut_phones, staff
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import BadInput
from hotline.languages import LANGUAGES

app = typer.Typer(help="Interpreters of this installation.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="full name: họ, tên đệm, tên")],
    languages: Annotated[str, typer.Option(help=f"comma-separated: {', '.join(LANGUAGES)}")],
    reached: Annotated[str, typer.Option(help="a phone like hn31, or a number outside")],
    center: Annotated[str, typer.Option(help="code of the center")] = "hn",
) -> None:
    """Add one interpreter."""
    wanted = [code.strip() for code in languages.split(",") if code.strip()]
    with transaction() as session:
        where = staff.center_of(session, center)
        if where is None:
            known = ", ".join(each.code for each in staff.centers(session))
            raise BadInput(f"the centers are {known}: not {center!r}")
        added = interpreters.add(session, name=name, languages=wanted, center=where.id, reached=reached)
        audit.note(session, None, audit.Act.CREATE, "interpreter", added.id, utc_now())
    typer.echo(f"{added.id}: {added.name} is added")


@app.command()
def remove(number: Annotated[int, typer.Argument(help="as `list` shows it")]) -> None:
    """Ask this interpreter no more."""
    with transaction() as session:
        now, phone = utc_now(), interpreters.one(session, number).phone
        interpreters.remove(session, number)
        if phone is not None:
            shut_phones.shut(session, phone, now)
        audit.note(session, None, audit.Act.CLOSE, "interpreter", number, now)


@app.command(name="list")
def list_() -> None:
    """Everybody who may be asked."""
    with reading() as session:
        centers = {each.id: each.code for each in staff.centers(session)}
        for each in interpreters.everybody(session):
            spoken = ",".join(each.languages)
            where = each.phone or each.number
            typer.echo(f"{each.id:4} {centers[each.center_id]:4} {where:12} {spoken:16} {each.name}")

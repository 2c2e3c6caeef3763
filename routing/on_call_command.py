"""`tongdai oncall`: whose mobiles are rung when nobody at all can be reached."""

from typing import Annotated

import typer

from hotline import on_call, staff
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import BadInput
from hotline.ids import StaffId

app = typer.Typer(help="Who is rung when nobody can be reached.", no_args_is_help=True)


@app.command(name="set")
def set_(
    center: Annotated[str, typer.Argument(help="the center's code, like hn")],
    people: Annotated[
        list[str] | None, typer.Argument(help="login=number, like ca01=0912345678")
    ] = None,
) -> None:
    """Make this the center's list, in this order; without people nobody is on call."""
    with transaction() as session:
        found = staff.center_of(session, center)
        if found is None:
            raise BadInput(f"there is no center {center!r}")
        logins = {each.login: each.id for each in staff.everybody(session)}
        on_call.put(session, found.id, [_entry(each, logins) for each in people or []], utc_now())
    typer.echo(f"{found.name}: {len(people or [])}")


def _entry(text: str, logins: dict[str, StaffId]) -> tuple[StaffId, str]:
    login, _, number = text.partition("=")
    if login not in logins:
        raise BadInput(f"nobody has the login {login!r}")
    return logins[login], number


@app.command(name="list")
def list_() -> None:
    """Everybody on call, by center, in the order in which they are rung."""
    with reading() as session:
        for center in staff.centers(session):
            for each in on_call.of_center(session, center.code, utc_now()):
                typer.echo(f"{center.code:4} {each.number:12} {each.staff.login:12} {each.staff.name}")

"""`tongdai staff`: the people of a real installation, invited by whoever runs the server.

The first administrator has nobody who could invite them, and the only one may forget the password;
this is the way in. Whoever runs the server gets a link that works once, and no password.
"""

from datetime import timedelta
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from hotline import audit, invitations, staff
from hotline.access import Role
from hotline.accounts import Draft
from hotline.clock import local, utc_now
from hotline.db import reading, transaction
from hotline.dialing import is_phone
from hotline.errors import BadInput
from hotline.ids import CenterId, Phone
from hotline.invitations import Invitation, KnownBy
from hotline.lines import Skill
from hotline.staff import StaffView
from hotline.units import NEW
from hotline.units import unit as unit_of
from routing import people, roster
from routing.shifts import SHIFTS, by_code

CENTERS = {"hn": "Hà Nội", "dn": "Đà Nẵng", "ag": "An Giang"}
"""Code (also the systemname of its PBX) → name of the hotline's three centers."""
FIRST_DAYS = 28
"""So many days a new counselor is put on the roster for; every seventh is free."""
_LEADS = people.WITH_PHONE - {Role.COUNSELOR}

app = typer.Typer(help="The people of this installation.", no_args_is_help=True)


@app.command()
def invite(
    login: Annotated[str, typer.Argument(help="small letters and digits, like tv07")],
    known_by: Annotated[
        KnownBy, typer.Option(help="how you know that the link goes to the right person; on record")
    ],
    name: Annotated[str, typer.Option(help="of somebody new: họ, tên đệm, tên")] = "",
    role: Annotated[Role | None, typer.Option(help="of somebody new")] = None,
    center: Annotated[str, typer.Option(help=", ".join(CENTERS))] = "hn",
    phone: Annotated[str, typer.Option(help="a counselor's or lead's phone, like hn07")] = "",
    shift: Annotated[
        str, typer.Option(help="a counselor's shift of the first four weeks: morning, afternoon, night")
    ] = "",
    lost_phone: Annotated[
        bool, typer.Option(help="their second factor is gone: it and the password are forgotten")
    ] = False,
    unit: Annotated[str, typer.Option(help="an officer's commune or province, like 2025:04978")] = "",
) -> None:
    """Print a link by which this person, once and within some days, sets their own password: somebody
    new with --name and --role, or whoever has the login and forgot theirs. Counselors need a phone and
    a shift; a shift lead needs a phone to attend talks (then run `tongdai pbx reload`)."""
    with transaction() as session:
        if role is None:
            made = invite_again(session, login, known_by, lost_phone=lost_phone)
        else:
            check(login, role, center, phone, shift)
            made = put_in(session, login, known_by, name, role, center, phone, shift, unit)
    until = local(made.expires_at)
    typer.echo(f"{made.link}\nFor {login}; works once, until {until:%H:%M %d/%m/%Y} (Hà Nội).")


@app.command()
def train(
    login: Annotated[str, typer.Argument()],
    skills: Annotated[
        list[Skill] | None, typer.Argument(help="besides the children's line; none: of 111 only")
    ] = None,
) -> None:
    """Say for what a counselor is trained: they are rung first for calls that need it."""
    with transaction() as session:
        trained = staff.train(session, login, skills or [])
    typer.echo(f"{trained.login}: {', '.join(sorted(trained.skills)) or '111'}")


@app.command()
def phone(
    login: Annotated[str, typer.Argument()],
    browser: Annotated[bool, typer.Option("--browser/--desk", help="in the browser, or a SIP phone")],
) -> None:
    """Say where somebody's phone is. Then run `tongdai pbx reload`; they log in anew."""
    with transaction() as session:
        put = staff.put_phone(session, login, in_browser=browser)
        audit.note(session, None, audit.Act.CHANGE, "staff", put.id, utc_now(), "phone")
    typer.echo(f"{put.login}: {put.phone} is {'in the browser' if browser else 'a phone on the desk'}")


@app.command()
def place(
    login: Annotated[str, typer.Argument(help="an officer's")],
    unit: Annotated[str, typer.Argument(help="their commune or province by its id, like 2025:04978")],
) -> None:
    """Say for which commune or province an officer works: they see what is handed to it."""
    with transaction() as session:
        put = put_place(session, login, unit)
    typer.echo(f"{put.login}: {unit}")


@app.command()
def mail(
    login: Annotated[str, typer.Argument()],
    address: Annotated[str, typer.Argument(help="empty: none")] = "",
) -> None:
    """Say where somebody is written to about cases that come near their deadline."""
    with transaction() as session:
        put = staff.put_email(session, login, address)
        audit.note(session, None, audit.Act.CHANGE, "staff", put.id, utc_now(), "email")
    typer.echo(f"{put.login}: {address or 'no e-mail'}")


@app.command(name="list")
def list_() -> None:
    """Everybody who may log in."""
    with reading() as session:
        for each in staff.everybody(session):
            typer.echo(
                f"{each.login:12} {each.role:16} {each.center.code:4} {each.phone or '':6} {each.name}"
            )


def check(login: str, role: Role, center: str, phone: str, shift: str) -> None:
    """Raises BadInput that says what to write instead."""
    if not people.LOGIN.fullmatch(login):
        raise BadInput(f"a login is small letters, digits, dot, dash: not {login!r}")
    if center not in CENTERS:
        raise BadInput(f"the centers are {', '.join(CENTERS)}: not {center!r}")
    if role is not Role.COUNSELOR:
        if shift or (phone and role not in _LEADS):
            raise BadInput("only counselors have a shift, and only they and leads a phone")
        if phone and not is_phone(phone):
            raise BadInput(f"a phone is two letters and two digits like hn91: not {phone!r}")
        return
    if not is_phone(phone):
        raise BadInput(f"a counselor needs --phone, two letters and two digits like hn07: not {phone!r}")
    if shift not in {each.code for each in SHIFTS}:
        raise BadInput(f"a counselor needs --shift morning, afternoon or night: not {shift!r}")


def put_place(session: Session, login: str, unit_id: str) -> StaffView:
    """Raises BadInput for who is no officer, or a unit that is not theirs to have."""
    levels = people.OFFICERS
    found = unit_of(unit_id)
    put = staff.put_unit(session, login, unit_id)
    if put.role not in levels:
        raise BadInput(f"{login} is no officer of a commune or province")
    if found is None or found.era != NEW or found.level is not levels[put.role]:
        raise BadInput(f"{unit_id!r} is no {levels[put.role].name.lower()} of today, like 2025:04978")
    audit.note(session, None, audit.Act.CHANGE, "staff", put.id, utc_now(), "place")
    return put


def put_in(
    session: Session,
    login: str,
    known_by: KnownBy,
    name: str,
    role: Role,
    center: str,
    phone: str = "",
    shift: str = "",
    unit: str = "",
) -> Invitation:
    """Add the person, and the center when it is new. Raises BadInput for a login or phone in use."""
    for each in staff.everybody(session):
        if each.login == login or (phone and each.phone == phone):
            raise BadInput(
                f"{each.login} has this {'login' if each.login == login else 'phone'} already"
            )
    now = utc_now()
    who, made = people.invite(
        session,
        None,
        Draft(
            login=login,
            name=" ".join(name.split()),
            role=role,
            center=_center(session, center),
            phone=Phone(phone) if phone else None,
            unit=unit,
        ),
        known_by,
        now,
    )
    if role is Role.COUNSELOR:
        days = [local(now).date() + timedelta(days=n) for n in range(-1, FIRST_DAYS) if n % 7 != 5]
        roster.plan_daily(session, who, by_code(shift), days, now)
    return made


def invite_again(
    session: Session, login: str, known_by: KnownBy, *, lost_phone: bool = False
) -> Invitation:
    """Raises BadInput when nobody has this login."""
    known = {each.login: each.id for each in staff.everybody(session)}
    if login not in known:
        raise BadInput(f"nobody has the login {login!r}: somebody new needs --name and --role")
    if lost_phone:
        return people.begin_anew(session, None, known[login], known_by, utc_now())[0]
    return invitations.make(session, None, known[login], known_by, utc_now())


def _center(session: Session, code: str) -> CenterId:
    known = {each.code.casefold(): each.id for each in staff.centers(session)}
    return known.get(code) or staff.add_center(session, code, CENTERS[code]).id

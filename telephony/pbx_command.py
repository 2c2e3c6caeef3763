"""`tongdai pbx`: install, prepare, run the embedded Asterisk.

`run` becomes Asterisk itself, so that whoever started it supervises the real process.
"""

import os
from collections.abc import Collection, Sequence
from typing import Annotated

import typer

from hotline import ports
from hotline.errors import BadInput
from hotline.peers import every_site
from hotline.secrets import load_or_create
from hotline.settings import Settings, settings
from telephony import pbx
from telephony.pbx import PhoneAccount

app = typer.Typer(no_args_is_help=True)


@app.command()
def install() -> None:
    """Bring Asterisk from Debian's packages when this machine has none of its own."""
    found = pbx.ensure_installed(typer.echo)
    typer.echo(f"Asterisk {found.version}")


@app.command()
def prepare() -> None:
    """Write the configuration: ports, secrets, a phone for every member of the staff and every
    interpreter who has one."""
    of = ports.filled()
    found = phones(of)
    pbx.prepare(of, found, _on_call(of))
    typer.echo(f"Asterisk of site {of.site} is prepared, {len(found)} phones")


@app.command()
def certificates(
    also: Annotated[
        list[str] | None, typer.Option(help="a further name of a site's Asterisk: hn=sip.hn.example")
    ] = None,
) -> None:
    """Make the house's own authority and a certificate for each site, or those anew that run out within
    90 days."""
    from hotline import certificates as house  # its imports are none of the other commands' business
    from hotline.clock import utc_now

    of = settings()
    names = {peer.code: [peer.host] for peer in every_site(of)}
    names = names or {of.site: [of.sip_external or of.sip_host]}
    for each in also or ():
        site, _, name = each.partition("=")
        if site not in names or not name:
            raise BadInput(f"--also wants a site and a name, like hn=sip.hn.example, not {each!r}")
        names[site].append(name)
    folder = of.certificates_dir
    made = house.make(folder, names, utc_now())
    typer.echo(f"{folder}: {', '.join(made) or 'nothing runs out within 90 days'}")
    if made:
        typer.echo("To be brought to each center; then, there, `tongdai pbx reload`:")
        for site in names:
            typer.echo(f"  {site}: ca.pem, {site}.pem, {site}.key")
        typer.echo("ca.key belongs in a safe, and on no server.")


@app.command()
def firewall(
    phones: Annotated[
        list[str] | None, typer.Option(help="a network of desk phones: 10.1.20.0/24")
    ] = None,
) -> None:
    """Print rules for the host's nftables: who may speak SIP with this Asterisk, and how fast."""
    from telephony import firewall as doors

    of = ports.filled()
    has_desk_phones = any(not each.browser for each in pbx.read_accounts(of))
    if has_desk_phones and not phones:
        raise BadInput("--phones is needed: these rules would shut out every desk phone")
    typer.echo(doors.rules(of, phones or ()), nl=False)


@app.command()
def run() -> None:
    """Become the prepared Asterisk, in the foreground."""
    command = pbx.argv(ports.filled())
    os.execv(command[0], command)  # noqa: S606 - no shell wanted


@app.command()
def reload() -> None:
    """Tell the running Asterisk of phones that came or went; calls go on."""
    of = ports.filled()
    found = phones(of)
    pbx.reload_phones(of, found)
    typer.echo(f"{len(found)} phones")


def _on_call(of: Settings) -> Sequence[str]:
    from hotline import on_call
    from hotline.clock import utc_now
    from hotline.db import reading

    with reading() as session:
        return [dialled for _, dialled in on_call.in_turn(session, [of.site], utc_now())[of.site]]


def phones(of: Settings) -> Sequence[PhoneAccount]:
    """Of everybody who works here and has one; interpreters, too."""
    from hotline import interpreters, staff  # the database is none of `run`'s business
    from hotline.db import reading

    with reading() as session:
        centers = {center.id: center.code for center in staff.centers(session)}
        owners = {
            each.phone: (each.name, centers[each.center_id], False)
            for each in interpreters.everybody(session)
            if each.phone
        }
        owners |= {
            person.phone: (person.name, person.center.code, person.phone_in_browser)
            for person in staff.everybody(session)
            if person.phone
        }
    _forget_secrets(of, {f"phone-{phone}" for phone in owners})
    return [
        PhoneAccount(phone, load_or_create(of, f"phone-{phone}"), name, center, browser)
        for phone, (name, center, browser) in owners.items()
    ]


def _forget_secrets(of: Settings, owned: Collection[str]) -> None:
    """Of phones that are nobody's any more: who has left does not know the secret of who comes next."""
    for file in of.secrets_dir.glob("phone-*"):
        if file.name not in owned:
            file.unlink(missing_ok=True)

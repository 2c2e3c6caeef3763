"""What `tongdai doctor` can say about offices with a program of their own: can they be reached?"""

from collections.abc import Iterator

from hotline import migrate
from hotline.db import reading
from hotline.findings import Finding, Grade, Patient
from intake.handovers import office_systems, webhook_log, webhooks

_LOOKED_AT = 20
"""Offices: each may take seconds when there is no way out."""


def examine(patient: Patient) -> Iterator[Finding]:
    """Look up and connect to each office's address, and send nothing."""
    of = patient.settings
    if of.containers and of.jobs != "outside":
        return  # nothing is sent to them from here
    if not of.database_url and not (of.data / "tongdai.db").exists():
        return
    if migrate.revision_of() != migrate.newest():
        return
    with reading() as session:
        systems = [one for one in office_systems.everybody(session) if one.revoked_at is None]
        standings = webhook_log.standings(session)
    if not systems:
        return
    unreached = [
        f"{one.id} ({why})"
        for one in systems[:_LOOKED_AT]
        if (why := webhooks.unreached(one.url, loopback=of.webhooks_to_loopback))
    ]
    if unreached:
        yield Finding(
            Grade.WRONG,
            "offices",
            f"no way to the systems of {', '.join(unreached)}: they are told of no handover",
            "`network`: let this machine out to them on their port (443); `address`: their name leads "
            "to a private address; `tongdai offices list` says who they are",
        )
    waiting = sum(standings[one.id].waiting for one in systems if one.id in standings)
    if not unreached:
        yield Finding(Grade.GOOD, "offices", f"{len(systems)} reached, {waiting} messages wait")

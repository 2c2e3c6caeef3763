"""What `tongdai doctor` can say about Asterisk: there, answering, and letting us in."""

import asyncio
import os
from collections.abc import Iterator

from hotline import certificates, ports
from hotline.clock import utc_now
from hotline.findings import Finding, Grade, Patient
from hotline.peers import own_site
from hotline.settings import Settings
from telephony import ami_addresses, prompts
from telephony.ami import Address, AmiAway, AmiError, AmiRefused, AmiUntrusted, connect
from telephony.pbx_install import find


def examine(patient: Patient) -> Iterator[Finding]:
    """Is there an Asterisk, does it answer, is the secret right?"""
    of = ports.kept(patient.settings)
    if of.pbx == "embedded":
        installed = find()
        if installed is None:
            yield Finding(
                Grade.WRONG,
                "Asterisk",
                "is not installed: nobody can ring 111",
                "run `tongdai pbx install`, or install Asterisk 20 or later",
            )
            return
        yield Finding(Grade.GOOD, "Asterisk", f"{installed.version} is installed")
        yield from _certificates(of)
        if not patient.running and not of.containers:
            return
        yield from _prompts(of)
    speaks = of.ami_port or not of.containers  # without a port, this container does not with Asterisk
    if speaks:
        yield _line(of)
    yield from _shared(of)
    if speaks and not of.headquarters:
        yield from _other_sites(of)


def _certificates(of: Settings) -> Iterator[Finding]:
    """Those that this site's Asterisk shows to the other sites and to desk phones."""
    own = own_site(of)
    sealed = own is not None and own.tls
    if not sealed and not of.phone_tls_port:
        return
    hosts = [own.host] if own is not None and sealed else []
    found = list(certificates.problems(of.certificates_dir, of.site, utc_now(), hosts))
    for each in found:
        yield Finding(
            Grade.ODD if each.soon else Grade.WRONG,
            "certificates",
            each.said + ("" if each.soon else ": no call goes to another site or to a phone over TLS"),
            "`tongdai pbx certificates` where ca.key is; bring the files here; `tongdai pbx reload`",
        )
    if not found:
        yield Finding(Grade.GOOD, "certificates", "are of the house's authority and last")


def _prompts(of: Settings) -> Iterator[Finding]:
    for file in prompts.misplaced(of):
        yield Finding(
            Grade.ODD,
            "prompts",
            f"{file} is not played: callers hear the generated voice",
            "WAV, 8 kHz, 16 bit, one channel, and a name out of asterisk-conf/sounds/vi111",
        )


def _shared(of: Settings) -> Iterator[Finding]:
    """What Asterisk shares with us where it runs by itself; only what the settings name."""
    if of.pbx_log is not None and not of.pbx_log.is_file():
        yield Finding(
            Grade.WRONG,
            "event log",
            f"{of.pbx_log} is not there: calls that end while the switchboard is away are not told",
            "TONGDAI_PBX_LOG must name Asterisk's master.db, on a volume that both share",
        )
    if of.spool is not None and not os.access(of.spool, os.W_OK | os.X_OK):
        yield Finding(
            Grade.WRONG,
            "recordings",
            f"{of.spool} is no folder that can be written: recordings stay where Asterisk put them",
            "TONGDAI_SPOOL must name Asterisk's spool, on a volume that both share",
        )


def _line(of: Settings) -> Finding:
    address = ami_addresses.own(of)
    try:
        asyncio.run(_log_in(address))
    except AmiRefused as error:
        return Finding(
            Grade.WRONG,
            "Asterisk",
            str(error),
            "TONGDAI_AMI_USER and TONGDAI_AMI_SECRET must be those of a user in manager.conf"
            if of.pbx == "external"
            else "the secret was changed while Asterisk ran: stop and start tongdai",
        )
    except AmiAway as error:
        return Finding(
            Grade.WRONG,
            "Asterisk",
            str(error),
            "start Asterisk; check TONGDAI_AMI_HOST, TONGDAI_AMI_PORT and the firewall between"
            if of.pbx == "external"
            else f"see {of.data / 'log' / 'asterisk.log'}",
        )
    except AmiError as error:
        return Finding(Grade.WRONG, "Asterisk", str(error), "see Asterisk's own log")
    return Finding(Grade.GOOD, "Asterisk", f"lets {address} in")


def _other_sites(of: Settings) -> Iterator[Finding]:
    """Can the switchboard listen to the other centers?"""
    for code, address in ami_addresses.elsewhere(of).items():
        try:
            asyncio.run(_log_in(address))
        except AmiError as error:
            yield Finding(
                Grade.WRONG,
                f"site {code}",
                f"{error}: it serves its own callers alone",
                "bring ca.pem of the authority of all sites here (TONGDAI_CERTIFICATES)"
                if isinstance(error, AmiUntrusted)
                else "check the line between the centers and TONGDAI_SITES; all need one "
                "TONGDAI_AMI_SECRET",
            )
        else:
            yield Finding(Grade.GOOD, f"site {code}", "lets us in")


async def _log_in(address: Address) -> None:
    ami = await connect(address)
    ami.close()

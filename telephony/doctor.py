"""What `tongdai doctor` can say about Asterisk: there, answering, and letting us in."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress

from hotline import certificates, ports
from hotline.clock import utc_now
from hotline.errors import SetupError
from hotline.findings import Finding, Grade, Patient
from hotline.peers import own_site
from hotline.settings import Settings
from telephony import ami_addresses, pbx_tls, prompts
from telephony.ami import Address, AmiAway, AmiError, AmiRefused, AmiUntrusted, connect
from telephony.pbx_install import find
from telephony.phones import read_accounts


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
        yield from _desk_phones(of)
        if not patient.running and not of.containers:
            return
        yield from _prompts(of)
    elif certificates.files_of(of.certificates_dir, of.site).key.exists():
        yield from _certificates(of)  # `tongdai receive` shows them, too
    speaks = of.ami_port or not of.containers  # without a port, this container does not with Asterisk
    if speaks:
        yield _line(of)
    yield from _shared(of)
    if speaks and not of.headquarters:
        yield from _other_sites(of)


def _certificates(of: Settings) -> Iterator[Finding]:
    """Those that Asterisk and `receive` show to the other sites, to desk phones and to the telco."""
    own = own_site(of)
    sealed = own is not None and own.tls
    if of.telco_tls_port and not pbx_tls.telco_ca(of).exists():
        yield Finding(
            Grade.WRONG,
            "certificates",
            "telco-ca.pem is not there: no call goes to the telco, and none comes from there over TLS",
            f"bring the authority that vouches for the telco's certificate to {of.certificates_dir}",
        )
    if not sealed and not of.phone_tls_port and not of.telco_tls_port:
        return
    hosts = [own.host] if own is not None and sealed else []
    found = list(certificates.problems(of.certificates_dir, of.site, utc_now(), hosts))
    for each in found:
        yield Finding(
            Grade.ODD if each.soon else Grade.WRONG,
            "certificates",
            each.said + ("" if each.soon else ": whoever checks it will not speak with this site"),
            "`tongdai pbx certificates` where ca.key is; bring the files here; `tongdai pbx reload`",
        )
    if not found:
        yield Finding(Grade.GOOD, "certificates", "are of the house's authority and last")


def _desk_phones(of: Settings) -> Iterator[Finding]:
    """Whether they may still speak in clear, where this site has any."""
    with suppress(SetupError):  # before the first start there are none
        own = [each for each in read_accounts(of) if each.phone.startswith(of.site) and not each.browser]
        if own and of.phone_tls_obliged:
            yield Finding(Grade.GOOD, "desk phones", "speak over TLS, or not at all")
        elif own:
            yield Finding(
                Grade.ODD if of.demo else Grade.WRONG,
                "desk phones",
                f"{len(own)} may speak in clear: who is in their network hears every child",
                "set TONGDAI_PHONE_TLS_PORT, then each phone, then TONGDAI_PHONE_TLS_OBLIGED=true "
                '(docs/operations.md, "Phones")',
            )


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
                "its certificate must last and be of the authority whose ca.pem is here "
                "(TONGDAI_CERTIFICATES)"
                if isinstance(error, AmiUntrusted)
                else "check the line between the centers and TONGDAI_SITES; all need one "
                "TONGDAI_AMI_SECRET",
            )
        else:
            yield Finding(Grade.GOOD, f"site {code}", "lets us in")


async def _log_in(address: Address) -> None:
    ami = await connect(address)
    ami.close()

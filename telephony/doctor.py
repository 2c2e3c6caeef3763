"""What `tongdai doctor` can say about Asterisk: there, answering, and letting us in."""

import asyncio
from collections.abc import Iterator

from hotline import ports
from hotline.findings import Finding, Grade, Patient
from hotline.settings import Settings
from telephony.ami import Address, AmiAway, AmiError, AmiRefused, connect
from telephony.pbx import ami_secret
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
        if not patient.running:
            return
    yield _line(of)


def _line(of: Settings) -> Finding:
    address = Address(of.ami_host, of.ami_port, of.ami_user, ami_secret(of))
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


async def _log_in(address: Address) -> None:
    ami = await connect(address)
    ami.close()

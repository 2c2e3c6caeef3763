"""Where the AMI of each site is, and what we log in there with, as the settings have it."""

from pathlib import Path

from hotline.peers import other_sites
from hotline.settings import Settings
from telephony.ami import Address
from telephony.pbx import ami_secret


def own(settings: Settings) -> Address:
    """That of our own site; `settings` has its ports filled in."""
    return _address(settings, settings.ami_host, settings.ami_port)


def elsewhere(settings: Settings) -> dict[str, Address]:
    """Code of each other site → its AMI. Raises SetupError."""
    ca = settings.certificates_dir / "ca.pem"
    return {
        peer.code: _address(settings, peer.host, peer.ami_port, ca if peer.tls else None)
        for peer in other_sites(settings)
    }


def _address(settings: Settings, host: str, port: int, ca: Path | None = None) -> Address:
    """One user and secret at all sites."""
    return Address(host, port, settings.ami_user, ami_secret(settings), ca)

"""What `tongdai doctor` says of the certificate the web server shows where it speaks TLS itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from hotline import certificates
from hotline.certificates import Shown
from hotline.clock import utc_now
from hotline.findings import Finding, Grade, Patient

SOON = timedelta(days=21)
"""What renews itself has done so before (ACME: 30 days)."""
_RENEW = "put the new one in its place and restart `web`"


def examine(patient: Patient) -> Iterator[Finding]:
    of = patient.settings
    if of.tls_certificate is None:
        return
    shown = certificates.shown(of.tls_certificate)
    yield finding(shown, urlsplit(of.public_url).hostname or "", utc_now())


def finding(shown: Shown, host: str, now: datetime) -> Finding:
    """`host`: the name people use; empty: nobody knows it."""
    ends = f"{shown.ends:%Y-%m-%d}"
    if shown.ends <= now:
        return Finding(Grade.WRONG, "TLS", f"the certificate ran out on {ends}: no page opens", _RENEW)
    if host and not _is_for(shown, host):
        return Finding(
            Grade.WRONG,
            "TLS",
            f"the certificate is not for {host}: browsers warn of the pages",
            "TONGDAI_PUBLIC_URL and the certificate must have one name",
        )
    if shown.ends - now < SOON:
        return Finding(Grade.ODD, "TLS", f"the certificate runs out on {ends}", _RENEW)
    return Finding(Grade.GOOD, "TLS", f"the certificate lasts until {ends}")


def _is_for(shown: Shown, host: str) -> bool:
    """RFC 9525: by the alternative names alone; a star stands for the whole first label."""
    return not shown.names.isdisjoint({host, f"*.{host.partition('.')[2]}"})

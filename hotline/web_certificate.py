"""What `tongdai doctor` says of the certificate the web server shows where it speaks TLS itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509

from hotline.clock import utc_now
from hotline.findings import Finding, Grade, Patient

SOON = timedelta(days=21)
"""What renews itself has done so before (ACME: 30 days)."""
_RENEW = "put the new one in its place and restart `web`"


def examine(patient: Patient) -> Iterator[Finding]:
    of = patient.settings
    if of.tls_certificate is None:
        return
    shown = x509.load_pem_x509_certificate(of.tls_certificate.read_bytes())
    yield finding(shown, urlsplit(of.public_url).hostname or "", utc_now())


def finding(shown: x509.Certificate, host: str, now: datetime) -> Finding:
    """`host`: the name people use; empty: nobody knows it."""
    ends = f"{shown.not_valid_after_utc:%Y-%m-%d}"
    if shown.not_valid_after_utc <= now:
        return Finding(Grade.WRONG, "TLS", f"the certificate ran out on {ends}: no page opens", _RENEW)
    if host and not _is_for(shown, host):
        return Finding(
            Grade.WRONG,
            "TLS",
            f"the certificate is not for {host}: browsers warn of the pages",
            "TONGDAI_PUBLIC_URL and the certificate must have one name",
        )
    if shown.not_valid_after_utc - now < SOON:
        return Finding(Grade.ODD, "TLS", f"the certificate runs out on {ends}", _RENEW)
    return Finding(Grade.GOOD, "TLS", f"the certificate lasts until {ends}")


def _is_for(shown: x509.Certificate, host: str) -> bool:
    """RFC 9525: by the alternative names alone; a star stands for the whole first label."""
    try:
        found = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    names = {name.casefold() for name in found.get_values_for_type(x509.DNSName)}
    addresses = {str(each) for each in found.get_values_for_type(x509.IPAddress)}
    return not {host, f"*.{host.partition('.')[2]}"}.isdisjoint(names | addresses)

"""The house's own certificate authority, for the links between its sites and to desk phones.

    ca.pem, ca.key       the authority; its key signs, and is needed nowhere else
    hn.pem, hn.key ...   of each site: what its Asterisk shows to phones and to the other sites

Nobody outside is meant to trust it, so it may sign what public authorities do not: private addresses.
ECDSA on P-256, as all desk phones of the last ten years can. What may vouch for a site is bound to the
names in TONGDAI_SITES by the subjects' alternative names (RFC 5280, 4.2.1.6).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hotline.errors import SetupError
from hotline.secrets import write_private

AUTHORITY_LASTS = timedelta(days=3650)
SITE_LASTS = timedelta(days=730)
RENEWED_BEFORE = timedelta(days=90)
"""A certificate that has no more left than that is made anew when somebody asks for certificates."""
TOLD_BEFORE = timedelta(days=45)
"""From then on `tongdai doctor` says so."""


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """What a site's Asterisk is given."""

    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Shown:
    """What a certificate says of itself. `names`: for which hosts, in small letters."""

    names: frozenset[str]
    ends: datetime


def shown(path: Path) -> Shown:
    """Raises SetupError for what is none."""
    own = _certificate(path)
    names = frozenset(str(each.value).casefold() for each in _names_in(own))
    return Shown(names, own.not_valid_after_utc)


def files_of(folder: Path, site: str) -> SiteFiles:
    return SiteFiles(folder / "ca.pem", folder / f"{site}.pem", folder / f"{site}.key")


def make(folder: Path, names: Mapping[str, Iterable[str]], now: datetime) -> list[str]:
    """Make what lacks or runs out soon: the authority, and a certificate for each site (code → addresses
    and names under which it is reached). Returns the names of the files that are new.

    Raises SetupError when the authority's key is not there, or ends before what it is to sign.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = []
    if not (folder / "ca.pem").exists():
        _make_authority(folder, now)
        made.append("ca.pem")
    authority = _certificate(folder / "ca.pem")
    for site, called in names.items():
        files, wanted = files_of(folder, site), _alternative_names(called)
        if files.key.exists() and _is_good(files, authority, wanted, now):
            continue
        _issue(folder, files, site, wanted, now)
        made.append(files.certificate.name)
    return made


@dataclass(frozen=True, slots=True)
class Problem:
    """`soon`: it works, but not for long."""

    said: str
    soon: bool = False


def problems(folder: Path, site: str, now: datetime, hosts: Iterable[str] = ()) -> Iterator[Problem]:
    """What is wrong with a site's files, or soon will be; nothing when all is well. `hosts`: what the
    others call it."""
    files = files_of(folder, site)
    try:
        authority, own = _certificate(files.ca), _certificate(files.certificate)
        key = _key(files.key)
    except SetupError as error:
        yield Problem(str(error))
        return
    if not _is_signed(own, authority):
        yield Problem(f"{files.certificate.name} is not of the authority in ca.pem")
    if own.public_key() != key.public_key():
        yield Problem(f"{files.key.name} is not the key of {files.certificate.name}")
    if missing := _alternative_names(hosts) - _names_in(own):
        named = ", ".join(sorted(str(each.value) for each in missing))
        yield Problem(f"{files.certificate.name} is not for {named}")
    for name, each in ((files.certificate.name, own), ("ca.pem", authority)):
        left = each.not_valid_after_utc - now
        ends = f"{each.not_valid_after_utc:%Y-%m-%d}"
        if left <= timedelta():
            yield Problem(f"{name} has run out on {ends}")
        elif left < TOLD_BEFORE:
            yield Problem(f"{name} runs out on {ends}", soon=True)


def _make_authority(folder: Path, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tongdai111")])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        _begun(name, name, key, now, AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder / "ca.pem", folder / "ca.key", made, key)


def _issue(
    folder: Path, files: SiteFiles, site: str, names: frozenset[x509.GeneralName], now: datetime
) -> None:
    authority, signer = _certificate(folder / "ca.pem"), _key(folder / "ca.key")
    if authority.not_valid_after_utc < now + SITE_LASTS:
        raise SetupError(
            f"the authority ends on {authority.not_valid_after_utc:%Y-%m-%d}: move ca.pem and ca.key "
            "away, ask again, and bring the new files to every site"
        )
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, site)])
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    made = (
        _begun(subject, authority.subject, key, now, SITE_LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(
            x509.SubjectAlternativeName(sorted(names, key=lambda each: str(each.value))), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    _write(files.certificate, files.key, made, key)


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    lasts: timedelta,
) -> x509.CertificateBuilder:
    """Valid from an hour ago: clocks differ."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _write(
    place: Path, key_place: Path, made: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    """By renaming, the key first: an Asterisk that loads meanwhile finds whole files."""
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")
    for path, content in (
        (key_place, text),
        (place, made.public_bytes(serialization.Encoding.PEM).decode("ascii")),
    ):
        draft = path.with_suffix(path.suffix + ".new")
        write_private(draft, content)
        draft.replace(path)
    place.chmod(0o644)


def _is_good(
    files: SiteFiles, authority: x509.Certificate, names: frozenset[x509.GeneralName], now: datetime
) -> bool:
    try:
        own = _certificate(files.certificate)
    except SetupError:
        return False
    lasts = own.not_valid_after_utc - now > RENEWED_BEFORE
    return lasts and _is_signed(own, authority) and names <= _names_in(own)


def _is_signed(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _alternative_names(called: Iterable[str]) -> frozenset[x509.GeneralName]:
    def one(name: str) -> x509.GeneralName:
        try:
            return x509.IPAddress(ip_address(name))
        except ValueError:
            return x509.DNSName(name.lower())

    return frozenset(one(name) for name in called)


def _names_in(certificate: x509.Certificate) -> frozenset[x509.GeneralName]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(found.value)


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise SetupError(f"{path} is no certificate") from error


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise SetupError(f"{path} is no key without a password") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SetupError(f"{path} is no key of ours (ECDSA)")
    return key

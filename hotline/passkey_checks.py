"""What a browser says of a passkey: whether it is ours to keep, and whose answer it is (WebAuthn 2, §7).

The person must have been verified by their device (finger, face, PIN). A count of uses that goes back
means that two devices have the same key: it is refused, and the auditor finds it on their page.
"""

import json
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    parse_authentication_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from hotline import audit, audit_findings, passkeys
from hotline.access import Viewer
from hotline.audit_patterns import Found, Odd
from hotline.errors import Conflict, FieldErrors
from hotline.ids import StaffId
from hotline.passkeys import ANSWERED_WITHIN, LONGEST_NAME, MOST, PasskeyRow, Site
from hotline.staff import StaffRow, viewer_of

HOUSE = "Tổng đài 111"
_TIMEOUT_MS = int(ANSWERED_WITHIN.total_seconds() * 1000)


def new_options(session: Session, viewer: Viewer, site: Site, holder: str, now: datetime) -> str:
    """JSON for `navigator.credentials.create`. Raises Conflict for who has as many as one may."""
    theirs = session.scalars(select(PasskeyRow).where(PasskeyRow.staff_id == viewer.staff_id)).all()
    if len(theirs) >= MOST:
        raise Conflict("too many passkeys")
    options = generate_registration_options(
        rp_id=site.id,
        rp_name=HOUSE,
        user_id=_handle(viewer.staff_id),
        user_name=viewer.login,
        user_display_name=viewer.name,
        challenge=passkeys.challenge(session, holder, now),
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=row.credential) for row in theirs],
    )
    return options_to_json(options)


def add(
    session: Session, viewer: Viewer, site: Site, holder: str, said: str, name: str, now: datetime
) -> None:
    """A new passkey of the viewer's. Raises FieldErrors (`passkey`: `wrong`, `taken`); what they were
    asked is used up either way."""
    challenge = passkeys.take_challenge(session, holder, now)
    if challenge is None:
        raise FieldErrors({"passkey": "wrong"})
    try:
        made = verify_registration_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as wrong:  # from hostile bytes the library and its parsers raise all kinds
        raise FieldErrors({"passkey": "wrong"}) from wrong
    digest = _digest(made.credential_id)
    if session.scalar(select(PasskeyRow.id).where(PasskeyRow.credential_hash == digest)) is not None:
        raise FieldErrors({"passkey": "taken"})
    session.add(
        PasskeyRow(
            staff_id=viewer.staff_id,
            credential_hash=digest,
            credential=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name="".join(sign for sign in name if sign.isprintable()).strip()[:LONGEST_NAME],
            made_at=now,
        )
    )
    audit.note(session, viewer, audit.Act.PASSKEY, "staff", viewer.staff_id, now, "on")
    session.flush()


def ask(session: Session, site: Site, holder: str, now: datetime, whose: Viewer | None = None) -> str:
    """JSON for `navigator.credentials.get`. `whose` None: whoever comes, by one that they choose."""
    theirs = (
        []
        if whose is None
        else session.scalars(
            select(PasskeyRow).where(PasskeyRow.staff_id == whose.staff_id).order_by(PasskeyRow.id)
        ).all()
    )
    options = generate_authentication_options(
        rp_id=site.id,
        challenge=passkeys.challenge(session, holder, now),
        timeout=_TIMEOUT_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=row.credential) for row in theirs],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def claimed_by(session: Session, said: str) -> Viewer | None:
    """Whose passkey this says to be, and nothing more; None when nobody's who works here."""
    try:
        credential = base64url_to_bytes(json.loads(said)["id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    found = session.scalar(
        select(StaffRow)
        .join(PasskeyRow, PasskeyRow.staff_id == StaffRow.id)
        .where(PasskeyRow.credential_hash == _digest(credential), StaffRow.active)
    )
    return viewer_of(found) if found else None


def is_right(
    session: Session, whose: Viewer | None, site: Site, holder: str, said: str, now: datetime
) -> bool:
    """Whether a passkey of this person answered what the holder was asked, which is used up."""
    challenge = passkeys.take_challenge(session, holder, now)
    answer = _parsed(said)
    if challenge is None or whose is None or answer is None:
        return False
    row = _locked(session, whose, answer.raw_id)
    if row is None or answer.response.user_handle not in {None, _handle(whose.staff_id)}:
        return False
    count = _count_of_signed(answer, challenge, site, row.public_key)
    if count is None:
        return False
    if (count or row.sign_count) and count <= row.sign_count:
        _tell_auditor(session, whose, now)
        return False
    row.sign_count, row.used_at = count, now
    return True


def _parsed(said: str) -> AuthenticationCredential | None:
    try:
        return parse_authentication_credential_json(said)
    except Exception:  # from hostile bytes the library and its parsers raise all kinds
        return None


def _count_of_signed(
    answer: AuthenticationCredential, challenge: bytes, site: Site, public_key: bytes
) -> int | None:
    """How often its device says it was used; None when it did not sign this."""
    try:
        return verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,  # looked at by who asks, once the signature is right
            require_user_verification=True,
        ).new_sign_count
    except Exception:  # as above
        return None


def _locked(session: Session, whose: Viewer, credential: bytes) -> PasskeyRow | None:
    return session.scalar(
        select(PasskeyRow)
        .where(PasskeyRow.credential_hash == _digest(credential), PasskeyRow.staff_id == whose.staff_id)
        .with_for_update()
    )


def _tell_auditor(session: Session, whose: Viewer, now: datetime) -> None:
    """The signature was right and its count was not: a finding at once, not the next night."""
    audit.note(session, whose, audit.Act.PASSKEY, "staff", whose.staff_id, now, "copied")
    session.flush()
    row = audit.AuditRow
    last = session.scalar(
        select(func.max(row.id)).where(row.act == audit.Act.PASSKEY, row.staff_id == whose.staff_id)
    )
    found = Found(Odd.COPIED_PASSKEY, whose.staff_id, "", "", now, 1, (last or 0,))
    audit_findings.keep(session, [found])


def _handle(staff_id: StaffId) -> bytes:
    """Who it is, without telling who: devices keep it beside the key (WebAuthn 2, §14.6.1)."""
    return f"staff-{staff_id}".encode()


def _digest(credential: bytes) -> str:
    return sha256(credential).hexdigest()

"""A way in for officers without an account: a link, and a code that they are told by phone.

The link is 256 random bits and says nothing; the code is short, so it may be tried a few times only and
is kept as argon2id. The browser that gives the right code first gets a secret of its own and is from
then on the only one: whoever has the link elsewhere needs another link. When its page was hidden and the
code is given again it gets another secret, of which a part stays: by that a browser that did not hear of
the new one, with one bar of signal, may give the code once more.
"""

import secrets
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Viewer
from hotline.errors import Conflict
from hotline.ids import CaseId
from hotline.sealed import KeyRing, KeyUnknown, SealBroken, sealed_bytes, unseal
from hotline.secrets import hashed
from hotline.session_tokens import lasting_part, new_token, next_token
from hotline.staff import hasher
from intake.handovers import case_handovers
from intake.handovers.handover_answers import By, delivered
from intake.handovers.handover_states import SHOWN
from intake.tables.handovers import HandoverLinkRow, HandoverRow

LIFETIME = timedelta(hours=72)
TRIES = 5
_DIGITS = 6
_COVERED = "hidden."


@dataclass(frozen=True, slots=True)
class Made:
    """What the sender is shown once: the link's token, and the code to be told by phone."""

    token: str
    code: str
    expires_at: datetime
    case_id: CaseId
    recipient: str


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody let in by a link: to this handover, under this name. `csrf` must come with every form,
    `draft_key` seals what they typed in their browser."""

    handover_id: int
    link_id: int
    by: By
    csrf: str
    draft_key: str


def make(session: Session, viewer: Viewer, reference: str, now: datetime) -> Made:
    """A new link; every earlier one of this handover opens nothing any more. Takes 60 ms on purpose.
    Raises NotVisible, Conflict when the handover is over."""
    row = case_handovers.sendable(session, viewer, reference, lock=True)
    if row.state not in SHOWN:
        raise Conflict(f"the handover is {row.state}")
    revoke(session, viewer, reference, now)
    token = secrets.token_urlsafe(32)
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    link = HandoverLinkRow(
        handover_id=row.id,
        token_hash=hashed(token),
        code_hash=hasher().hash(code),
        tries=0,
        made_by=viewer.staff_id,
        made_at=now,
        expires_at=now + LIFETIME,
    )
    session.add(link)
    session.flush()
    audit.note(session, viewer, audit.Act.CREATE, "handover_link", link.id, now)
    return Made(token, code, link.expires_at, CaseId(row.case_id), row.recipient)


def revoke(session: Session, viewer: Viewer, reference: str, now: datetime) -> None:
    """Whoever has a link of it is out. Raises NotVisible."""
    row = case_handovers.sendable(session, viewer, reference, lock=True)
    links = select(HandoverLinkRow).where(
        HandoverLinkRow.handover_id == row.id, HandoverLinkRow.revoked_at.is_(None)
    )
    for link in session.scalars(links):
        link.revoked_at = now
        audit.note(session, viewer, audit.Act.CLOSE, "handover_link", link.id, now)


def reached(session: Session, token: str, now: datetime) -> bool:
    """The link was opened: delivered, if it is one that still opens something."""
    link = _live(session, token, now)
    if link is None:
        return False
    row = session.get_one(HandoverRow, link.handover_id)
    delivered(session, row, By(row.recipient), now)
    return True


def may_try(session: Session, token: str, now: datetime) -> str | None:
    """The hash that a code is to be checked against, outside of any transaction; None when there is
    nothing to try: unknown, run out, tried too often, or another browser's."""
    link = _live(session, token, now)
    return link.code_hash if link else None


def right(code: str, code_hash: str) -> bool:
    """Whether this is the code. Takes tens of milliseconds on purpose."""
    return hasher().verify("".join(filter(str.isdigit, code))[:_DIGITS], code_hash)


def enter(session: Session, token: str, is_right: bool, now: datetime) -> str | None:
    """Count the try, and let the browser in: the secret that it keeps. None: not let in."""
    link = _live(session, token, now, lock=True)
    if link is None:
        return None
    audit.note(
        session,
        None,
        audit.Act.LOG_IN if is_right else audit.Act.LOG_IN_REFUSED,
        "handover_link",
        link.id,
        now,
    )
    if not is_right:
        link.tries += 1
        return None
    device = new_token()
    link.device_hash, link.lasting_hash = hashed(device), hashed(lasting_part(device))
    link.opened_at = now
    return device


def guest(session: Session, device: str, now: datetime) -> Guest | None:
    """Who this browser was let in as, if its link still opens anything."""
    link = session.scalar(
        select(HandoverLinkRow).where(
            HandoverLinkRow.device_hash == hashed(device),
            HandoverLinkRow.revoked_at.is_(None),
            HandoverLinkRow.expires_at > now,
        )
    )
    if link is None:
        return None
    row = session.get_one(HandoverRow, link.handover_id)
    if row.state not in SHOWN:
        return None
    return Guest(
        row.id,
        link.id,
        By(row.recipient),
        csrf=hashed(f"csrf\n{lasting_part(device)}"),
        draft_key=b64encode(sha256(f"draft\n{lasting_part(device)}".encode()).digest()).decode(),
    )


def covered(device: str, ring: KeyRing) -> str:
    """What a browser keeps in place of its secret while its page is hidden: nothing that lets it in, and
    nobody but us makes the secret of it again."""
    return _COVERED + urlsafe_b64encode(sealed_bytes(device.encode(), ring, _COVERED)).decode()


def is_covered(kept: str) -> bool:
    return kept.startswith(_COVERED)


def uncovered(kept: str, ring: KeyRing) -> str | None:
    """The secret of a browser whose page is hidden; None of anything else."""
    try:
        return unseal(urlsafe_b64decode(kept.removeprefix(_COVERED)), ring, _COVERED).decode()
    except (SealBroken, KeyUnknown, ValueError):
        return None


def hide(session: Session, guest: Guest, now: datetime) -> None:
    """Nobody has touched this guest's page for a while: the code may be tried again, as at first."""
    session.get_one(HandoverLinkRow, guest.link_id).tries = 0
    audit.note(session, None, audit.Act.HIDE_SCREEN, "handover_link", guest.link_id, now, "idle")


def may_show(session: Session, device: str, now: datetime) -> str | None:
    """The hash that the code of a hidden page is to be checked against; None: it stays hidden."""
    link = _hidden(session, device, now)
    return link.code_hash if link else None


def show(session: Session, device: str, is_right: bool, now: datetime) -> str | None:
    """Count the try, and let the browser of this secret in again: the secret that it keeps from now on,
    for this one opens nothing any more. None: not let in."""
    link = _hidden(session, device, now, lock=True)
    if link is None:
        return None
    act = audit.Act.SHOW_SCREEN if is_right else audit.Act.LOG_IN_REFUSED
    audit.note(session, None, act, "handover_link", link.id, now)
    if not is_right:
        link.tries += 1
        return None
    new = next_token(device)
    link.tries, link.device_hash = 0, hashed(new)
    return new


def _hidden(
    session: Session, device: str, now: datetime, *, lock: bool = False
) -> HandoverLinkRow | None:
    query = select(HandoverLinkRow).where(
        HandoverLinkRow.lasting_hash == hashed(lasting_part(device)),
        HandoverLinkRow.revoked_at.is_(None),
        HandoverLinkRow.expires_at > now,
        HandoverLinkRow.tries < TRIES,
    )
    return session.scalar(query.with_for_update() if lock else query)


def _live(session: Session, token: str, now: datetime, *, lock: bool = False) -> HandoverLinkRow | None:
    """A link that a code can still open."""
    query = select(HandoverLinkRow).where(
        HandoverLinkRow.token_hash == hashed(token),
        HandoverLinkRow.revoked_at.is_(None),
        HandoverLinkRow.expires_at > now,
        HandoverLinkRow.device_hash.is_(None),
        HandoverLinkRow.tries < TRIES,
    )
    return session.scalar(query.with_for_update() if lock else query)

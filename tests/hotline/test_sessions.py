"""The credential of a phone in the browser lives as long as a log-in."""

from datetime import datetime, timedelta
from hashlib import md5

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hotline import sessions, staff
from hotline.access import Viewer
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import BadInput
from hotline.ids import Phone
from hotline.log_in_tries import Origin
from hotline.session_tokens import phone_secret
from tests import factories

NOW = utc_now()


@pytest.fixture
def an(db: Engine) -> Viewer:
    with transaction(db) as session:
        an = factories.counselor(session)
        staff.put_phone(session, an.login, in_browser=True)
        return an


def log_in(session: Session, who: Viewer, at: datetime = NOW) -> str:
    found = sessions.log_in(session, who.login, who.staff_id, Origin("127.0.0.1"), at)
    assert found
    return found[0]


def known(token: str) -> dict[Phone, str]:
    """What Asterisk must know so that this log-in's secret fits (RFC 2617 §3.2.2.2)."""
    text = f"hn01:asterisk:{phone_secret(token)}"
    return {Phone("hn01"): md5(text.encode(), usedforsecurity=False).hexdigest()}


def test_the_newest_log_in_has_the_phone_and_leaves_it_to_the_one_before(db: Engine, an: Viewer) -> None:
    with transaction(db) as session:
        first, second = log_in(session, an), log_in(session, an, NOW + timedelta(seconds=1))
        assert sessions.phone_credentials(session, NOW) == known(second)
        sessions.log_out(session, second, an, NOW)
        assert sessions.phone_credentials(session, NOW) == known(first)
        sessions.log_out(session, first, an, NOW)
        assert sessions.phone_credentials(session, NOW) == {}


def test_it_runs_out_with_the_session(db: Engine, an: Viewer) -> None:
    with transaction(db) as session:
        log_in(session, an)
        late = NOW + sessions.LIFETIME
        assert sessions.phone_credentials(session, late - timedelta(seconds=1)) != {}
        assert sessions.phone_credentials(session, late) == {}


def test_a_phone_on_the_desk_has_its_own(db: Engine, an: Viewer) -> None:
    with transaction(db) as session:
        log_in(session, an)
        staff.put_phone(session, an.login, in_browser=False)
    with reading(db) as session:
        assert sessions.phone_credentials(session, NOW) == {}


def test_who_has_no_phone_has_none_in_the_browser(db: Engine) -> None:
    with transaction(db) as session, pytest.raises(BadInput, match="has no phone"):
        staff.put_phone(session, factories.administrator(session).login, in_browser=True)

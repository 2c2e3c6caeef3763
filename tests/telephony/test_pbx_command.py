"""Which phones Asterisk is told of: those of who works here, each under a secret of its own."""

from collections.abc import Callable

from sqlalchemy import Engine

from hotline import accounts
from hotline.access import Viewer
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import Phone
from hotline.settings import Settings
from hotline.staff import StaffRow
from telephony import pbx_command
from tests import factories


def told(of: Settings) -> dict[Phone, str]:
    """Phone → secret, as `tongdai pbx reload` has it written."""
    return {each.phone: each.secret for each in pbx_command.phones(of)}


def test_who_has_left_has_no_phone_and_the_next_one_another_secret(
    db: Engine, settings: Callable[[], Settings]
) -> None:
    of = settings()
    with transaction(db) as session:
        gone: Viewer = factories.counselor(session, "hn01")
        stays = factories.counselor(session, "hn02")
    before = told(of)
    assert told(of) == before
    assert set(before) == {"hn01", "hn02"}
    with transaction(db) as session:
        accounts.close(session, stays, gone.staff_id, utc_now())
    assert told(of) == {Phone("hn02"): before[Phone("hn02")]}
    with transaction(db) as session:
        session.get_one(StaffRow, stays.staff_id).phone = "hn01"
    assert told(of).keys() == {"hn01"}
    assert told(of)[Phone("hn01")] != before[Phone("hn01")]

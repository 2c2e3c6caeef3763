"""What the dispatcher offers, over real books, with nobody at the other end of the line."""

import asyncio
import time
from datetime import timedelta

import pytest
from sqlalchemy import create_engine

from hotline.clock import utc_now
from hotline.ids import Phone, StaffId
from hotline.settings import Settings
from routing.choices import Choice
from routing.policy import Steering
from routing.shifts import duty_at
from telephony.ami import Address
from telephony.dispatcher import Dispatcher
from telephony.floor import Person
from telephony.site import Site, Sites
from tests.telephony.trace import Trace


@pytest.fixture
def sites() -> Sites:
    made = Sites(Site(code, Address("127.0.0.1", 1, "", "")) for code in ("hn", "dn"))
    for site in made.all:
        site.in_step, site.last_beat = True, time.monotonic()
    return made


def person(number: int, phone: str) -> Person:
    now, site = utc_now(), phone[:2]
    choice = (Choice.AVAILABLE, now - timedelta(minutes=1))
    return Person(StaffId(number), Phone(phone), (duty_at(now),), *choice, site=site, center=site)


def test_who_is_left_to_their_own_center_keeps_no_other_centers_caller_waiting(sites: Sites) -> None:
    """Three of Hà Nội, whose one counselor talks, came before the one of Đà Nẵng, where one is free."""
    hanoi, danang = (Trace(f"{site.code}-1763712000") for site in sites.all)
    hanoi.appears("PJSIP/hn01-00000099", number="hn01", exten="0912345678", context="from-desk")
    for _ in range(3):
        hanoi.rings_111()
    for _ in hanoi.events:  # seconds go by
        danang.says("Reload")
    danang.rings_111()

    async def story() -> Dispatcher:
        dispatcher = Dispatcher(Settings(), create_engine("sqlite://"), sites, lambda _: None)
        dispatcher._floor.staffed([person(1, "hn01"), person(2, "dn01")])
        dispatcher._mean_talk = timedelta(seconds=5)
        dispatcher.steered(Steering(limit=timedelta.max))
        for site, trace in zip(sites.all, (hanoi, danang), strict=True):
            dispatcher.hear(site, trace.folded(site.book))
        dispatcher.route()
        return dispatcher

    offers = asyncio.run(story())._floor.offers.values()
    assert [(each.call_id[:2], each.phone) for each in offers] == [("dn", "dn01")]

"""What benchmarks of the pages stand on: a database, a Valkey and web servers of their own."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hotline import db, migrate
from hotline.clock import local, utc_now
from hotline.db import transaction
from hotline.ids import StaffId
from hotline.settings import settings
from hotline.staff import StaffRow, hashed
from routing import availability, roster
from routing.shifts import shift_at
from tests import factories, own_valkey, postgres
from tests.pbx import free_port
from tests.waiting import until

NO_PACE = {"TONGDAI_LOOKS_PER_MINUTE": "0"}
"""One log-in reads far faster than a person here."""
LEAD = "lead"
PASSWORD = "only for this benchmark"  # noqa: S105


@contextmanager
def web_house(*, postgresql: bool = False) -> Iterator[None]:
    """This process and those it starts have a folder, a Valkey and an empty database of their own."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="tongdai-bench-"))
        url = stack.enter_context(own_valkey.running(Path(folder)))
        os.environ |= {"TONGDAI_DATA": folder, "TONGDAI_REDIS_URL": url, **NO_PACE}
        if postgresql:
            os.environ["TONGDAI_DATABASE_URL"] = stack.enter_context(postgres.server(durable=True))
        settings.cache_clear()
        migrate.prepare(db.engine())
        yield
        db.engine().dispose()


def counselors(count: int) -> list[StaffId]:
    """So many on duty at three centers, and a shift lead to log in."""
    now = utc_now()
    days = [local(now).date() + timedelta(days=day) for day in range(-7, 8)]
    with transaction() as session:
        made = []
        for number in range(count):
            code, name = (("HN", "Hà Nội"), ("DN", "Đà Nẵng"), ("AG", "An Giang"))[number % 3]
            at = factories.center(session, code, name)
            who = factories.counselor(session, f"{code.lower()}{number:03}", at)
            availability.enroll(session, who.staff_id, now)
            roster.plan_daily(session, who.staff_id, shift_at(now), days, now)
            made.append(who.staff_id)
        lead = factories.shift_lead(session)
        row = session.get_one(StaffRow, lead.staff_id)
        row.login, row.password_hash = LEAD, hashed(PASSWORD).text
    return made


@contextmanager
def server(processes: int = 1) -> Iterator[tuple[str, int]]:
    """A web server of so many processes: its address and the first one's id."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", "from hotline.cli import main; main(['web'])"]
    environment = {
        **os.environ,
        "TONGDAI_WEB_PORT": str(port),
        "TONGDAI_WEB_PROCESSES": str(processes),
        "TONGDAI_LOG_LEVEL": "error",
    }
    process = subprocess.Popen(["setpriv", "--pdeathsig=KILL", *command], env=environment)

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2) as response:  # noqa: S310
                return bool(response.status == 200)
        except OSError:
            return False

    try:
        until(answers, within=30)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait()

"""Programs: generated requests to the interface for apps, and addresses that lead into our network."""

import asyncio
import json
import re
import subprocess
from contextlib import suppress

from sqlalchemy import select

from bench.hostile.pages import ask
from bench.hostile.system import System
from bench.hostile.verdict import Row
from dashboard.api.document import document
from hotline import jobs
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.settings import ROOT
from intake.forms.taxonomy import Way
from intake.handovers import office_systems, webhooks
from intake.reports import api_clients
from intake.tables.offices import WebhookRow
from tests.dashboard.permission_world import FAR
from tests.pbx import soon

PROGRAM = ROOT / ".hostile/bin/schemathesis"
"""In an environment of its own: its pytest plugin is none of our tests' (`make hostile`)."""
_SECONDS = 40
_CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
)


async def interface(system: System) -> Row:
    """Requests generated from the interface's own description, valid and not, each answer held to it."""
    with transaction(system.db) as session:
        made = api_clients.make(session, "Thử", Way.APP, api_clients.MOST_PER_MINUTE, utc_now())
    return await asyncio.to_thread(_generate, system, made[1])


def _generate(system: System, key: str) -> Row:
    row = Row("api: generated requests")
    described, told = system.folder / "openapi.json", system.folder / "schemathesis.ndjson"
    described.write_text(json.dumps(document()), "utf-8")
    command = [str(PROGRAM), "run", str(described), "--url", system.address]
    command += ["--header", f"Authorization: Bearer {key}", "--checks", _CHECKS, "--seed", "111"]
    command += ["--max-time", str(_SECONDS), "--continue-on-failure", "--no-color"]
    command += ["--report", "ndjson", "--report-ndjson-path", str(told)]
    done = subprocess.run(command, cwd=system.folder, capture_output=True, text=True, check=False)
    for status in re.findall(r'"status_code": ?(\d+)', told.read_text("utf-8")):
        row.answered("generated", int(status))
    if done.returncode:
        row.wrong.append(done.stdout[-1500:])
    return row


async def inward_addresses(system: System) -> Row:
    """An office's program that is said to be at an address of ours: nothing ever knocks there."""
    row = Row("webhooks: addresses of ours (SSRF)")
    knocks: list[str] = []

    async def knock(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        knocks.append(str(writer.get_extra_info("sockname")))
        writer.close()

    doors = [await asyncio.start_server(knock, host, 0) for host in ("127.0.0.1", "::1")]
    port, port6 = (door.sockets[0].getsockname()[1] for door in doors)
    hosts = ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0")  # noqa: S104
    urls = [f"https://{host}:{port}/" for host in (*hosts, "[::ffff:127.0.0.1]", "ip6-localhost")]
    urls += [f"https://[::1]:{port6}/", f"http://127.0.0.1:{port}/", f"https://a@127.0.0.1:{port}/"]
    urls += [
        f"https://a.example#@127.0.0.1:{port}/",
        "file:///etc/passwd",
        f"gopher://127.0.0.1:{port}/",
    ]
    urls += [
        f"https://127.0.0.1:{system.pbx.settings.ami_port}/",
        "https://169.254.169.254/",
        "//x",
        "x",
    ]
    async with system.client("administrator") as client:
        token = {"X-CSRF-Token": system.csrf("administrator")}
        for url in urls:
            form = {"name": "Thử", "unit": FAR, "url": url}
            answer = await ask(row, client, url, "POST", "/offices", headers=token, data=form)
            if answer is not None and answer.status_code == 200:
                await _have_it_told(system)
    if knocks:
        row.wrong.append(f"somebody knocked at {knocks}")
    for door in doors:
        door.close()
    return row


async def _have_it_told(system: System) -> None:
    """A message for the newest program of the unit, tried by the worker now."""
    with transaction(system.db) as session:
        message = office_systems.tell(
            session, str(system.world.ids["sent_ref"]), webhooks.SENT, utc_now()
        )
    assert message is not None
    jobs.enqueue_all([(webhooks.JOB, message)])

    def tried() -> bool:
        with transaction(system.db) as session:
            found = session.execute(
                select(WebhookRow.tries, WebhookRow.outcome).where(WebhookRow.id == message)
            ).one()
        return bool(found.tries and found.outcome)

    with suppress(AssertionError):
        await soon(tried, within=15, every=0.1)

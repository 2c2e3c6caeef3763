"""How long whole report pages take: asked over HTTP of a web server by somebody logged in."""

import http.client
import re
import secrets
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus

from bench.times import at
from hotline.access import Role
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.sessions import SessionRow
from intake.history.loading import LAST
from tests import factories

LIMIT_MS = 1000


@dataclass(frozen=True, slots=True)
class Reader:
    """Who has logged in at the server of this port: a center's head, who may see every figure."""

    port: int
    token: str

    def pages(self, path: str, rounds: int) -> Iterator[tuple[float, str]]:
        """Milliseconds until the whole page was read, and the page."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        head = {"Cookie": f"tongdai-{self.port}={self.token}", "Accept": "text/html"}
        for _ in range(rounds):
            began = time.perf_counter()
            line.request("GET", path, headers=head)
            answer = line.getresponse()
            text = answer.read().decode()
            took = 1000 * (time.perf_counter() - began)
            if answer.status != HTTPStatus.OK:
                raise RuntimeError(f"{path}: {answer.status}")
            yield took, text
        line.close()


def logged_in(port: int) -> Reader:
    """With the second factor, too, without going its way."""
    token, now = secrets.token_urlsafe(), utc_now()
    with transaction() as session:
        head = factories.person(session, Role.CENTER_LEAD, at=factories.center(session, "HN"))
        session.add(
            SessionRow(
                token_hash=sha256(token.encode()).hexdigest(),
                lasting_hash=sha256(token.encode()).hexdigest(),
                staff_id=head.staff_id,
                csrf=token,
                created_at=now,
                expires_at=now + timedelta(hours=12),
                last_seen_at=now,
                proved_at=now,
            )
        )
    return Reader(port, token)


def reports(years: int) -> Mapping[str, str]:
    """The kinds of report page → address."""
    first = LAST - years + 1
    all_days = f"first={first}-01-01&last={LAST}-12-31"
    odd_days = f"first={LAST - 1}-03-05&last={LAST}-11-19"
    return {
        "a month": f"/figures?kind=month&year={LAST}&month=5",
        "a quarter": f"/figures?kind=quarter&year={LAST}&quarter=2",
        "a year": f"/figures?kind=year&year={LAST}",
        "odd days": f"/figures?kind=days&{odd_days}",
        f"{years} years": f"/figures?kind=days&{all_days}",
        f"{years} years but two days": f"/figures?kind=days&first={first}-01-02&last={LAST}-12-30",
        "anti-trafficking, a year": f"/figures/trafficking?first={LAST}-01-01&last={LAST}-12-31",
        "anti-trafficking, as long as may be": f"/figures/trafficking?{all_days}",
        "therapy, a year": f"/figures/therapy?year={LAST}",
        "surveys": "/surveys",
        "official reports": "/official-reports",
        "today's figures": "/wallboard/figures",
    }


def behind(years: int) -> Mapping[str, str]:
    """The first pages of the rows behind figures → address."""
    spans = {
        "a month": f"kind=month&year={LAST}&month=5",
        "a year": f"kind=year&year={LAST}",
        f"{years} years": f"kind=days&first={LAST - years + 1}-01-01&last={LAST}-12-31",
    }
    figures = (
        "calls&code=answered",
        "hours&code=03",
        "closed&code=prank",
        "kinds&code=counseling",
        "provinces&code=total",
        "children_sex&code=female",
        "cases&code=violence",
        "step_medians&code=assess_risk",
    )
    lines = f"first={LAST - years + 1}-01-01&last={LAST}-12-31"
    special = {
        "contacts": f"/figures/trafficking/rows?part=contacts&code=total&{lines}",
        "victims": f"/figures/trafficking/rows?part=sexes&code=total&{lines}",
        "calls": f"/figures/trafficking/rows?part=calls&code=total&{lines}",
    }
    return {
        f"{figure.replace('&code=', ' ')}, {name}": f"/figures/rows?{query}&table={figure}"
        for name, query in spans.items()
        for figure in figures
    } | {
        **{f"anti-trafficking {name}, {years} years": path for name, path in special.items()},
        "therapy sessions, a year": f"/figures/therapy/rows?year={LAST}&part=sessions",
    }


def measure(reader: Reader, of: Mapping[str, str], rounds: int) -> list[str]:
    """Prints each; returns those whose 95th percentile is over the limit. The first look stands apart:
    what a page takes when nobody has asked for it since the server began."""
    slow = []
    for name, path in of.items():
        ((first, text),) = reader.pages(path, 1)
        times = [took for took, _ in reader.pages(path, rounds)]
        numbers = len(re.findall(r'<td class="tabular', text))
        p95 = at(0.95, times)
        print(
            f"  {name:36} median {statistics.median(times):8.1f}  p95 {p95:8.1f} ms"
            f"  {p95 / LIMIT_MS:5.2f} of 1 s  first {first:8.1f}  {len(text) // 1024:4} KB"
            f" {numbers:5} cells",
            flush=True,
        )
        if p95 > LIMIT_MS:
            slow.append(name)
    return slow

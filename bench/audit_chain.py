"""What the audit chain costs: notes a second with and without it, sealing, and proving many rows.

    python -m bench.audit_chain [--rows 100000] [--postgresql]

`beside` is the chosen way: rows are written as if there were no chain, a sealer runs beside. `in line`
is the other one: each transaction takes a lock, reads the last hash, writes its own. Writers are threads
with a transaction for each note, as the desk has them; on PostgreSQL the server waits for its disk.
"""

import argparse
import resource
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine, insert, text

from hotline import audit, log, migrate
from hotline.access import Role, Viewer
from hotline.audit import Act, AuditRow
from hotline.audit_chain import Head
from hotline.audit_proof import prove
from hotline.audit_seals import seal
from hotline.db import make_engine, transaction
from hotline.ids import CenterId, StaffId
from tests import postgres

_KEY = b"bench" * 8
_SECONDS = 5.0
_WRITERS = 8
_NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
_WHO = Viewer(StaffId(1), "tv1", "Nguyễn Thị An", Role.COUNSELOR, CenterId(1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args()
    log.configure("warning")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tongdai-bench-")))
        url = (
            stack.enter_context(postgres.server(durable=True))
            if given.postgresql
            else f"sqlite:///{folder / 'bench.db'}"
        )
        engine = make_engine(url)
        migrate.prepare(engine)
        _write_rates(engine)
        _whole_table(engine, given.rows)
        engine.dispose()


def _write_rates(engine: Engine) -> None:
    with transaction(engine) as session:
        session.execute(text("CREATE TABLE last_hash (id INTEGER PRIMARY KEY, hash TEXT)"))
        session.execute(text("INSERT INTO last_hash VALUES (1, '')"))
    plain = _rate(engine, _plain)
    heads: list[Head | None] = [None]
    beside = _rate(engine, _plain, lambda: _seal(engine, heads))
    in_line = _rate(engine, _in_line)
    print(f"{_WRITERS} writers, one note a transaction, on {engine.dialect.name}")
    print(f"  no chain     {plain:7.0f} notes/s")
    print(f"  beside       {beside:7.0f} notes/s   {beside / plain:.2f} of it (sealed each second)")
    print(f"  in line      {in_line:7.0f} notes/s   {in_line / plain:.2f} of it")


def _plain(engine: Engine, number: int) -> None:
    with transaction(engine) as session:
        audit.note(session, _WHO, Act.SEE, "case", number, _NOW)


def _in_line(engine: Engine, number: int) -> None:
    with transaction(engine) as session:
        lock = " FOR UPDATE" if engine.dialect.name == "postgresql" else ""
        before = session.scalar(text(f"SELECT hash FROM last_hash WHERE id = 1{lock}"))  # noqa: S608
        audit.note(session, _WHO, Act.SEE, "case", number, _NOW)
        session.flush()
        now = sha256(f"{before}{number}".encode()).hexdigest()
        session.execute(text("UPDATE last_hash SET hash = :hash WHERE id = 1"), {"hash": now})


def _rate(
    engine: Engine, write: Callable[[Engine, int], None], beside: Callable[[], object] | None = None
) -> float:
    over = threading.Event()
    counts = [0] * _WRITERS

    def work(mine: int) -> None:
        while not over.is_set():
            write(engine, counts[mine])
            counts[mine] += 1

    def keep_sealing() -> None:
        while beside and not over.wait(1):
            beside()

    threads = [threading.Thread(target=work, args=(mine,)) for mine in range(_WRITERS)]
    threads.append(threading.Thread(target=keep_sealing))
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    over.wait(_SECONDS)
    over.set()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


def _seal(engine: Engine, heads: list[Head | None]) -> int:
    return seal(_KEY, heads[-1], heads.append, of=engine, settle=lambda _: None)


def _whole_table(engine: Engine, rows: int) -> None:
    began = time.perf_counter()
    for start in range(0, rows, 50_000):
        values = [
            {
                "at": _NOW,
                "staff_id": number % 200,
                "login": f"tv{number % 200:05}",
                "name": "Nguyễn Thị An",
                "role": "counselor",
                "act": "see",
                "object_kind": "case",
                "object_id": str(number % 40_000),
                "detail": "",
            }
            for number in range(start, min(start + 50_000, rows))
        ]
        with transaction(engine) as session:
            session.execute(insert(AuditRow), values)
    written = time.perf_counter() - began
    heads: list[Head | None] = [None]
    began = time.perf_counter()
    sealed = _seal(engine, heads)
    took = time.perf_counter() - began
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    proof = prove(_KEY, heads[-1], engine)
    proven = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert proof.whole, proof.findings
    print(f"{rows} rows in bulk: {written:.1f} s to insert")
    print(f"  sealed {sealed} in {took:.1f} s: {sealed / took:.0f} a second")
    print(f"  proven {proof.rows} in {proven:.1f} s: {proof.rows / proven:.0f} a second")
    print(f"  largest memory of this process: {before:.0f} MB before proving, {after:.0f} MB after")


if __name__ == "__main__":
    main()

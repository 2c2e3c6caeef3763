"""`tongdai doctor`: what is wrong with this installation, in plain words, and what to do about it.

Looks only; repairs nothing. Each check gives findings; the rooms above add theirs (`telephony.doctor`),
named here by strings so that this ground imports nobody above it.
"""

import errno
import importlib
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import redis
import typer
from sqlalchemy import text

from hotline import bus, clamd, db, links, migrate, ports, supervisor, web_certificate
from hotline.clock import utc_now
from hotline.errors import HotlineError, Unavailable
from hotline.findings import Check, Finding, Grade, Patient
from hotline.listeners import listener
from hotline.mail import post
from hotline.settings import ROOT, Settings, settings

_FROM_ABOVE = (
    "intake.doctor:examine",
    "intake.documents.doctor:examine",
    "intake.handovers.doctor:examine",
    "intake.retention.doctor:examine",
    "telephony.doctor:examine",
)
_DRIFT = timedelta(seconds=30)


def command() -> None:
    """Say what is wrong with this installation and what to do. Exit code 1 if anything is wrong."""
    findings = list(examine(settings()))
    for finding in findings:
        typer.echo(f"{finding.grade.value} {finding.subject}: {finding.said}")
        if finding.advice:
            typer.echo(f"        → {finding.advice}")
    wrong = sum(finding.grade is Grade.WRONG for finding in findings)
    typer.echo(
        f"\n{wrong} thing{'s' if wrong != 1 else ''} to put right" if wrong else "\nnothing is wrong"
    )
    if wrong:
        raise typer.Exit(1)


def examine(of: Settings) -> Iterator[Finding]:
    """The findings of every check. A check that breaks is a finding itself."""
    patient = Patient(of, supervisor.running(of))
    for check in (*_CHECKS, *map(_load, _FROM_ABOVE)):
        try:
            yield from check(patient)
        except (HotlineError, OSError) as error:
            yield Finding(Grade.WRONG, check.__name__.strip("_").replace("_", " "), str(error))


def _load(target: str) -> Check:
    module, name = target.split(":")
    check: Check = getattr(importlib.import_module(module), name)
    return check


def _processes(patient: Patient) -> Iterator[Finding]:
    if patient.running:
        yield Finding(Grade.GOOD, "system", f"is running (process {patient.running})")
    elif patient.settings.containers:
        yield Finding(Grade.GOOD, "system", "runs as containers, which compose starts and watches")
    else:
        yield Finding(
            Grade.ODD,
            "system",
            "is not running with this data folder",
            "start it with `make run` or `tongdai up`",
        )


def _data_folder(patient: Patient) -> Iterator[Finding]:
    folder = patient.settings.data
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / f".doctor-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        if patient.settings.containers and error.errno == errno.EROFS:
            yield Finding(Grade.GOOD, "data folder", f"{folder}, read-only for this container")
            return
        yield Finding(
            Grade.WRONG,
            "data folder",
            f"{folder} cannot be written: {error.strerror}",
            "give the folder to the user who runs tongdai (chown), or set TONGDAI_DATA to another one",
        )
        return
    yield Finding(Grade.GOOD, "data folder", str(folder))
    open_to = [name for name in ("secrets",) if _readable_by_others(folder / name)]
    for name in open_to:
        yield Finding(
            Grade.WRONG,
            "secrets",
            f"{folder / name} can be read by other users of this machine",
            f"chmod -R go= {folder / name}",
        )


def _readable_by_others(folder: Path) -> bool:
    return folder.exists() and bool(folder.stat().st_mode & 0o077)


def _disk(patient: Patient) -> Iterator[Finding]:
    folder = patient.settings.data
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    least = patient.settings.least_free_gb
    if free < least:
        yield Finding(
            Grade.WRONG,
            "disk",
            f"only {free:.1f} GB are free for recordings and the database; {least:g} GB is the least",
            f"free some space on the disk of {folder}, or move TONGDAI_DATA to a larger one",
        )
    else:
        yield Finding(Grade.GOOD, "disk", f"{free:.0f} GB free")


def _clock(_patient: Patient) -> Iterator[Finding]:
    noon = datetime(2026, 1, 1, 12, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    if noon.utcoffset() != timedelta(hours=7):
        yield Finding(
            Grade.WRONG,
            "time zone",
            "this machine's data for Asia/Ho_Chi_Minh are wrong: Vietnam is UTC+7",
            "install the package tzdata again",
        )
    else:
        yield Finding(Grade.GOOD, "time zone", "Asia/Ho_Chi_Minh is UTC+7")
    built = datetime.fromtimestamp((ROOT / "pyproject.toml").stat().st_mtime, UTC)
    if utc_now() < built - timedelta(days=1):
        yield Finding(
            Grade.WRONG,
            "clock",
            f"the clock says {utc_now():%Y-%m-%d %H:%M} UTC, before this release was made",
            "set the clock (timedatectl set-ntp true): shifts and deadlines follow it",
        )


def _ports(patient: Patient) -> Iterator[Finding]:
    if patient.running or patient.settings.containers:
        return
    named = ports.busy(patient.settings)
    for busy in named:
        who = listener(busy.port) or "a program that this user cannot see"
        yield Finding(
            Grade.WRONG,
            "ports",
            f"port {busy.port} ({busy.name}), named in the settings, is taken by {who}",
            f"stop that program, or set TONGDAI_{busy.setting.upper()} to another port",
        )
    if named:
        return
    kept = ports.busy(ports.kept(patient.settings))
    for busy in kept:
        who = listener(busy.port) or "a program that this user cannot see"
        yield Finding(
            Grade.ODD,
            "ports",
            f"port {busy.port} ({busy.name}), used until now, is taken by {who}",
            "nothing to do: the next `tongdai up` chooses new ports and says which",
        )
    if not kept:
        yield Finding(Grade.GOOD, "ports", "free")


def _database(patient: Patient) -> Iterator[Finding]:
    where = "in the data folder" if not patient.settings.database_url else "from TONGDAI_DATABASE_URL"
    if not patient.settings.database_url and not _own_database(patient).exists():
        yield Finding(Grade.ODD, "database", "not there yet", "the first `tongdai up` makes it")
        return
    try:
        found = migrate.revision_of()
    except Unavailable as error:
        yield Finding(
            Grade.WRONG,
            "database",
            str(error).partition("\n")[0],  # what libpq adds is: do without TLS
            _database_advice(patient, str(error)),
        )
        return
    if found == migrate.newest():
        yield Finding(Grade.GOOD, "database", f"{where}, at revision {found}")
        yield from _audit_rights()
    elif found is None and not patient.running and not patient.settings.containers:
        yield Finding(
            Grade.ODD, "database", f"{where}, empty", "the first `tongdai up` makes the tables"
        )
    else:
        yield Finding(
            Grade.WRONG,
            "database",
            f"is at revision {found or 'none'}, this release needs {migrate.newest()}",
            "make a backup, then run `tongdai db upgrade`",
        )
    yield from _database_clock()


def _database_advice(patient: Patient, said: str) -> str:
    if not patient.settings.database_url:
        return f"the file {_own_database(patient)} is damaged or belongs to another user"
    if "certificate" in said or "SSL" in said:
        return (
            "its certificate must last, be for that address, and of the authority in sslrootcert; it is "
            "taken by `postgresql reload` in its container"
        )
    return "start the database server and check TONGDAI_DATABASE_URL"


def _audit_rights() -> Iterator[Finding]:
    """On PostgreSQL whoever may change what is on record may also hide it."""
    if db.engine().dialect.name != "postgresql":
        return
    with db.reading() as session:
        may = session.scalar(text("SELECT has_table_privilege('audit', 'UPDATE')"))
    if may:
        yield Finding(
            Grade.ODD,
            "audit",
            "this program's role owns the tables and may change what is on record",
            'give the tables to a role of their own ("What is on record" in docs/operations.md)',
        )
    else:
        yield Finding(Grade.GOOD, "audit", "may be added to and read, not changed")


def _own_database(patient: Patient) -> Path:
    return patient.settings.data / "tongdai.db"


def _database_clock() -> Iterator[Finding]:
    if db.engine().dialect.name != "postgresql":
        return
    with db.reading() as session:
        drift = abs(session.scalar(text("SELECT clock_timestamp()")) - utc_now())
    if drift > _DRIFT:
        yield Finding(
            Grade.WRONG,
            "clock",
            f"this machine and the database server differ by {drift.total_seconds():.0f} s",
            "set both clocks (timedatectl set-ntp true): deadlines follow them",
        )


def _redis(patient: Patient) -> Iterator[Finding]:
    if patient.settings.containers and not patient.settings.redis_url:
        return  # this container has nothing to do with it
    if not patient.settings.redis_url and not patient.running:
        yield Finding(Grade.GOOD, "Redis", "embedded, starts with `tongdai up`")
        return
    try:
        bus.client().ping()
    except redis.RedisError as error:
        yield Finding(
            Grade.WRONG,
            "Redis",
            f"does not answer ({type(error).__name__}): screens are not told of new calls, jobs wait",
            "start the server and check TONGDAI_REDIS_URL and TONGDAI_REDIS_PASSWORD"
            if patient.settings.redis_url
            else f"see {patient.settings.data / 'log' / 'valkey.log'}",
        )
        return
    if bus.is_open():
        yield Finding(
            Grade.WRONG,
            "Redis",
            "asks nobody for a password: who reaches it can have jobs done",
            "set requirepass there, and TONGDAI_REDIS_PASSWORD",
        )
    else:
        yield Finding(Grade.GOOD, "Redis", "answers")


def _browser_files(_patient: Patient) -> Iterator[Finding]:
    if not (ROOT / "dashboard/static/built/manifest.json").exists():
        yield Finding(
            Grade.WRONG,
            "browser files",
            "are not built: the pages have neither style nor live updates",
            "run `make run`, or `npm ci && npm run build`",
        )
    else:
        yield Finding(Grade.GOOD, "browser files", "are built")


def _mail(patient: Patient) -> Iterator[Finding]:
    of = patient.settings
    if of.containers and not of.redis_url:
        return  # this container writes to nobody
    if not of.smtp_host:
        yield Finding(
            Grade.ODD,
            "e-mail",
            "none are sent: nobody is written to about late cases",
            "set TONGDAI_SMTP_HOST and TONGDAI_SMTP_SENDER, and addresses with `tongdai staff mail`",
        )
        return
    if "@" not in of.smtp_sender:
        yield Finding(Grade.WRONG, "e-mail", "has no sender", "set TONGDAI_SMTP_SENDER")
        return
    try:
        with post(of):
            yield Finding(Grade.GOOD, "e-mail", "the server takes it")
    except Unavailable as error:
        yield Finding(
            Grade.WRONG,
            "e-mail",
            f"{error}: nobody is written to about late cases",
            "check TONGDAI_SMTP_HOST, _SECURITY, _USER and _PASSWORD",
        )


_CHECKS: tuple[Check, ...] = (
    _processes,
    _data_folder,
    _disk,
    _clock,
    _ports,
    _database,
    _redis,
    links.examine,
    web_certificate.examine,
    _browser_files,
    _mail,
    clamd.examine,
)

"""The command `tongdai`: a table of commands, each loaded from its room only when it is called.

The table holds strings, so that this ground imports nobody above it and `tongdai call` does not wait
for the web server's imports.
"""

import gc
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import typer

from hotline import log
from hotline.errors import HotlineError


@dataclass(frozen=True, slots=True)
class _Command:
    """`target`: `module:name` of a function, or of a typer app with commands of its own."""

    target: str
    help: str


COMMANDS = {
    "up": _Command("hotline.supervisor:command", "Start everything on this machine."),
    "call": _Command("telephony.softphone.command:call", "Ring 111 over real SIP."),
    "phones": _Command("telephony.softphone.command:phones", "Run demo phones that answer."),
    "doctor": _Command("hotline.doctor:command", "Say what is wrong and what to do about it."),
    "replay": _Command("telephony.replay:command", "Tell the calls of a recorded AMI trace."),
    "reconcile": _Command(
        "telephony.reconcile:command", "Put in what the database lacks of Asterisk's own log."
    ),
    "db": _Command("hotline.migrate:app", "The database's schema."),
    "audit": _Command("hotline.audit_command:app", "Is what is on record whole? Take it off the host."),
    "seed": _Command("routing.demo:command", "Make the demo organisation."),
    "staff": _Command("routing.staff_command:app", "The people of a real installation."),
    "breached-passwords": _Command(
        "hotline.breached_passwords:command", "Make a list of breached passwords, of the one of HIBP."
    ),
    "report": _Command("dashboard.report_command:app", "The hotline's own figures, over any period."),
    "rollup": _Command(
        "intake.statistics.rollup_command:command", "The counts that reports are made of: are they true?"
    ),
    "recordings": _Command("intake.recording_keys:app", "The keys of recordings; are all whole?"),
    "retention": _Command(
        "intake.retention.retention_command:app", "How long what is kept is kept; legal holds."
    ),
    "history": _Command(
        "intake.history.history_command:command", "Make up past years, for trying and measuring."
    ),
    "interpreters": _Command("hotline.interpreters_command:app", "Interpreters for three-way calls."),
    "clients": _Command(
        "intake.reports.clients_command:app", "Programs that may send reports, and their keys."
    ),
    "directory": _Command(
        "intake.directory.directory_command:app", "The offices of communes and provinces, as lists."
    ),
    "offices": _Command(
        "intake.handovers.offices_command:app",
        "Offices whose own program takes handovers, and their keys.",
    ),
    "oncall": _Command(
        "routing.on_call_command:app", "Whose mobiles are rung when nobody can be reached."
    ),
    "typefaces": _Command("intake.documents.typefaces:command", "Fetch the typeface of documents."),
    "pbx": _Command("telephony.pbx_command:app", "Asterisk: install, prepare, run."),
    "switchboard": _Command("telephony.switchboard:command", "Part: the AMI listener and router."),
    "ship": _Command(
        "telephony.shipping:command", "Part of another center: carries its call log into the database."
    ),
    "deliver": _Command(
        "intake.recordings.delivering:command",
        "Part of another center: brings its recordings to headquarters.",
    ),
    "receive": _Command(
        "dashboard.receiving:command", "Part of headquarters: takes other centers' recordings in."
    ),
    "web": _Command("dashboard.server:command", "Part: the web server."),
    "worker": _Command("hotline.jobs:worker_command", "Part: does the background jobs."),
    "cron": _Command("hotline.jobs:cron_command", "Part: starts the jobs that are due."),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point. One clear line and exit code 1 for every error of ours."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        log.configure()
        application(given)(args=given)
    except HotlineError as error:
        sys.stderr.write(f"tongdai: {error}\n")
        raise SystemExit(1) from None


def application(arguments: Sequence[str]) -> typer.Typer:
    """The application for this command line: only the command it names is loaded."""
    called = next((word for word in arguments if not word.startswith("-")), "")
    app = typer.Typer(
        help="tongdai111: the system of Vietnam's child-protection hotline 111.",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    for name, command in COMMANDS.items():
        loaded = _load(command.target) if name == called else _not_loaded
        if isinstance(loaded, typer.Typer):
            app.add_typer(loaded, name=name, help=command.help)
        else:
            app.command(name, help=None if name == called else command.help)(loaded)
    return app


def _load(target: str) -> Any:
    module, name = target.split(":")
    gc.disable()  # what is imported stays: looking through it again and again is a fifth of a start
    try:
        return getattr(importlib.import_module(module), name)
    finally:
        gc.freeze()
        gc.enable()


def _not_loaded() -> None:
    """Stands in the overview for a command that this command line does not call."""


if __name__ == "__main__":
    main()

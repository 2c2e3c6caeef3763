"""`tongdai audit`: prove the chain, take it off the host, check what was taken."""

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from hotline import audit_export
from hotline.audit_seals import ChainCut, key_of, note_head, noted_head, seal
from hotline.audit_work import proven
from hotline.errors import HotlineError
from hotline.settings import settings

app = typer.Typer(help="The audit chain: verify, export, check.", no_args_is_help=True)


class ChainBroken(HotlineError):
    """What was proven is not whole; the message counts what is wrong."""


@app.command("verify")
def verify_command(
    no_seal: Annotated[
        bool, typer.Option("--no-seal", help="leave rows of the last seconds unchained")
    ] = False,
) -> None:
    """Prove every row and block against the key and the noted head; exit code 1 when one is wrong."""
    used = settings()
    if not no_seal:
        try:
            seal(key_of(used), noted_head(used), lambda head: note_head(used, head))
        except ChainCut as cut:
            typer.echo(f"not sealed: {cut}", err=True)
    proof = proven(used)
    for finding in proof.findings:
        typer.echo(str(finding))
    if proof.count > len(proof.findings):
        typer.echo(f"… and {proof.count - len(proof.findings)} more")
    for block, lost in proof.resumed:
        typer.echo(f"block {block}: the chain was resumed by hand after its head was lost ({lost})")
    head = f"head {proof.head.number} {proof.head.hash}" if proof.head else "no block yet"
    typer.echo(
        f"{proof.rows} rows in {proof.blocks} blocks; {head}; {proof.unsealed} rows not chained yet"
    )
    if noted_head(used) is None:
        typer.echo("no head is noted here: rows that were cut off at the end would not be noticed")
    if not proof.whole:
        raise ChainBroken(f"the audit is not whole: {proof.count} findings")
    typer.echo("whole")


@app.command("export")
def export_command(
    after: Annotated[int, typer.Option(min=0, help="the last block that you have already")] = 0,
    folder: Annotated[
        Path | None, typer.Option(help="append to the day's file in here, behind what it has")
    ] = None,
) -> None:
    """Write the sealed rows with their chain as JSON lines, to standard output or into a folder."""
    if folder is not None:
        typer.echo(f"{audit_export.append_to(folder)} blocks written")
        return
    for line in audit_export.lines(after):
        sys.stdout.write(f"{line}\n")


@app.command("check")
def check_command(
    files: Annotated[list[Path], typer.Argument(help="files of an export, in their order")],
    without_key: Annotated[
        bool, typer.Option("--without-key", help="look at the chain alone, not at its macs")
    ] = False,
) -> None:
    """Check an export without the database; exit code 1 when anything is wrong."""

    def every_line() -> Iterator[str]:
        for file in files:
            with file.open(encoding="utf-8") as text:
                yield from text

    found = audit_export.check(every_line(), None if without_key else key_of(settings()))
    for fault in found.faults:
        typer.echo(fault)
    typer.echo(f"{found.rows} rows in {found.blocks} blocks, {found.first} to {found.last}")
    if found.faults:
        raise ChainBroken(f"the export is not whole: {len(found.faults)} findings")
    typer.echo("whole")


@app.command("resume")
def resume_command() -> None:
    """After a backup was put back: go on sealing, with the lost head on record in the next block."""
    used = settings()
    sealed = seal(key_of(used), noted_head(used), lambda head: note_head(used, head), resume=True)
    typer.echo(f"sealed {sealed} rows; verify names this place from now on")


@app.command("new-key")
def new_key_command() -> None:
    """A fresh key for TONGDAI_AUDIT_KEY. Blocks under another key do not verify: set it once."""
    typer.echo(secrets.token_urlsafe(32))

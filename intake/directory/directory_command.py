"""`tongdai directory`: lists of offices, by the same rules as on the page; and the offices of the demo.

Of the demo's no such office exists, and each entry says so.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from hotline.clock import utc_now
from hotline.db import transaction
from hotline.errors import BadInput, SetupError
from hotline.settings import settings
from hotline.units import NEW, Level, Unit, all_units
from intake.directory import directory_entries
from intake.directory.directory import NATIONAL, Contact, Kind

app = typer.Typer(help="The directory of communes and provinces.", no_args_is_help=True)
_COMMUNES = 3
"""Of each province, so many have entries."""
SHOWN_COMMUNE = "2025:04978"
"""Xã Kim Bôi, Phú Thọ: where the demo's stories happen."""
_SOURCE = "Dữ liệu giả lập của bản dùng thử"


@app.command("demo")
def demo_command() -> None:
    """Put made-up offices in, where they are missing."""
    if not settings().demo:
        raise SetupError("TONGDAI_DEMO is off: made-up offices do not belong into a real installation")
    with transaction() as session:
        added = directory_entries.put_made_up(session, made_up(), utc_now())
    typer.echo(f"demo directory: {added} made-up offices added")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV (UTF-8) or XLSX")],
    apply: Annotated[bool, typer.Option("--apply", help="do it; without, only show it")] = False,
) -> None:
    """Say what a list of offices would change, line by line; with --apply change it, all or nothing."""
    with transaction() as session:
        try:
            number = directory_entries.bring(session, None, file.read_bytes(), utc_now())
        except BadInput as problem:
            raise _refused(f"{file}: {problem}") from None
        plan = directory_entries.brought(session, None, number).plan
        for line, columns in plan.wrong.items():
            typer.echo(f"line {line}: " + ", ".join(f"{name} {code}" for name, code in columns.items()))
        if plan.wrong:
            raise _refused(f"{len(plan.wrong)} wrong lines: nothing was changed")
        for each in plan.changes:
            told = each.after
            act = "changed" if each.before else "new"
            typer.echo(f"line {each.line}: {act} {told.unit_id} {told.kind} {told.name}")
        if apply:
            directory_entries.apply(session, None, number, utc_now())
        done = "done" if apply else "nothing was changed yet, --apply does it"
        typer.echo(f"{len(plan.changes)} changes, {plan.same} as they stand: {done}")


def _refused(why: str) -> typer.Exit:
    typer.echo(why, err=True)
    return typer.Exit(1)


def made_up() -> Iterator[Contact]:
    """Every province, some communes of each, and a number for the whole country."""
    serial = 0
    for unit, kinds in _units():
        for kind, name, hours in kinds:
            serial += 1
            yield Contact(
                unit_id=unit.id if unit else NATIONAL,
                kind=kind,
                name=name,
                numbers=(f"+849000{serial:05d}",),
                hours=hours,
                note="Giả lập: không có số này",
                source=_SOURCE,
            )


_Wanted = tuple[tuple[Kind, str, str], ...]
_COUNTRY: _Wanted = ((Kind.DUTY, "Trực toàn quốc (giả lập)", ""),)
_PROVINCE: _Wanted = (
    (Kind.OFFICER, "Phòng phụ trách trẻ em, Sở Y tế (giả lập)", "T2-T6 07:30-17:00"),
    (Kind.DUTY, "Trực bảo vệ trẻ em tỉnh (giả lập)", ""),
    (Kind.SOCIAL_WORK, "Trung tâm công tác xã hội (giả lập)", ""),
    (Kind.SHELTER, "Nơi tạm lánh (giả lập)", ""),
)
_COMMUNE: _Wanted = (
    (Kind.OFFICER, "Cán bộ bảo vệ trẻ em (giả lập)", "T2-T6 07:30-17:00"),
    (Kind.DUTY, "Trực ban đêm UBND (giả lập)", "17:00-07:30"),
    (Kind.POLICE, "Công an xã (giả lập)", ""),
    (Kind.HEALTH, "Trạm y tế (giả lập)", ""),
)


def _units() -> Iterator[tuple[Unit | None, _Wanted]]:
    yield None, _COUNTRY
    seen: dict[str, int] = {}
    for unit in all_units().values():
        if unit.era != NEW:
            continue
        if unit.level is Level.PROVINCE:
            yield unit, _PROVINCE
            continue
        of = unit.province.id
        seen[of] = seen.get(of, 0) + 1
        if seen[of] <= _COMMUNES or unit.id == SHOWN_COMMUNE:
            yield unit, _COMMUNE

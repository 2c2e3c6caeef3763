"""Files that are not what they seem, and text that means something to who opens a file of ours."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from openpyxl import load_workbook

from bench.hostile.pages import ask
from bench.hostile.system import System
from bench.hostile.verdict import Row
from tests.spreadsheets import with_sheet

_NAMES = (
    "../../../../etc/cron.d/x",
    "..\\..\\windows\\x.png",
    "/etc/passwd",
    "a\0.png",
    "x" * 3000 + ".png",
    'x"; filename="y.exe',
    "<svg/onload=alert111>.png",
    "=cmd|' /C calc'!A0.png",
    "\u202egnp.exe",
    "",
)
_FORMULAS = (
    '=HYPERLINK("http://evil.example","x")',
    "+1+1",
    "-2+3",
    "@SUM(1,1)",
    "\t=1+1",
    "=cmd|' /C calc'!A0",
)


def _bomb() -> bytes:
    """A ZIP of 200 kB that unpacks to 200 MB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
        archive.writestr("[Content_Types].xml", b"<Types/>")
    return packed.getvalue()


_CELL = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<sheetData><row><c t="str"><v>&{};</v></c></row></sheetData></worksheet>'
)


def _laughs() -> bytes:
    """An XLSX whose cell unfolds ten times, nine times over."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    return with_sheet(f"<!DOCTYPE x [{entities}]>{_CELL.format('e9')}")


def _outside() -> bytes:
    """An XLSX that asks for a file of the machine."""
    entity = '<!ENTITY f SYSTEM "file:///etc/passwd">'
    return with_sheet(f"<!DOCTYPE x [{entity}]>{_CELL.format('f')}")


def _huge_picture() -> bytes:
    """A PNG that says that it is 60,000 × 60,000."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def _contents() -> Iterator[tuple[str, bytes]]:
    yield "zip bomb", _bomb()
    yield "entities", _laughs()
    yield "outside entity", _outside()
    yield "huge picture", _huge_picture()
    yield "html as png", b"\x89PNG\r\n\x1a\n<html><script>alert(111)</script>"
    yield "svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(111)"/>'
    yield "program", b"MZ" + b"\0" * 4000
    yield "script", b"#!/bin/sh\nrm -rf /\n"
    yield "pdf with script", b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj"
    yield "empty", b""
    yield (
        "csv with formulas",
        ("unit,kind,name\r\n" + "".join(f"=1,{each},{each}\r\n" for each in _FORMULAS)).encode(),
    )


_KEPT = frozenset({"huge picture", "html as png", "pdf with script"})
"""Begin as what is taken in: kept as they are, sealed, and given out as a download of that kind."""


async def uploads(system: System) -> Row:
    """To a case, to the directory and from the field; under names that lead elsewhere."""
    row = Row("files: uploads")
    ids = system.world.ids
    ways = (
        ("owner", f"/cases/{ids['case']}/files", "file"),
        ("lead", "/directory/import", "file"),
        ("officer", "/field/photo", "file"),
    )
    for who, at, field in ways:
        async with system.client(who) as client:
            token = {"X-CSRF-Token": system.csrf(who)}
            form = {"reference": str(ids["case_ref"]), "word": "w" * 16}
            for name, content in _contents():
                given = {field: ("anh.png", content, "image/png")}
                await ask(
                    row, client, f"{who}: {name}", "POST", at, headers=token, files=given, data=form
                )
            for name in _NAMES:
                given = {field: (name, b"\x89PNG\r\n\x1a\n" + name.encode()[:50], "image/png")}
                await ask(
                    row,
                    client,
                    f"{who}: {name[:30]!r}",
                    "POST",
                    at,
                    headers=token,
                    files=given,
                    data=form,
                )
    await _given_out(system, row)
    return row


async def _given_out(system: System, row: Row) -> None:
    """What was kept comes back as a download that no browser runs."""
    async with system.client("owner") as client:
        page = (await client.get(f"/cases/{system.world.ids['case']}")).text
        for at in sorted(set(re.findall(r"/cases/\d+/files/\d+", page))):
            answer = await client.get(at)
            headers = answer.headers
            if headers.get("x-content-type-options") != "nosniff" or "attachment" not in headers.get(
                "content-disposition", "attachment" if answer.status_code != 200 else ""
            ):
                row.wrong.append(f"{at} may be run by a browser: {dict(headers)}")


async def formulas(system: System) -> Row:
    """Names and places that a spreadsheet would reckon out, in every sheet that we give out."""
    row = Row("files: formulas in sheets")
    ids = system.world.ids
    async with system.client("lead") as lead, system.client("owner") as owner:
        token = {"X-CSRF-Token": system.csrf("owner")}
        for text in _FORMULAS:
            form = {"text": text}
            await ask(
                row,
                owner,
                "note",
                "POST",
                f"/cases/{ids['case']}/notes",
                headers=token,
                data={"note": text},
            )
            entry = {"unit": "2025:04978", "kind": "duty", "name": text, "numbers": "0977777777"} | form
            token_lead = {"X-CSRF-Token": system.csrf("lead")}
            await ask(row, lead, "entry", "POST", "/directory/entries", headers=token_lead, data=entry)
        why = {"reason": "report", "words": "số liệu của tháng"}
        token = {"X-CSRF-Token": system.csrf("lead")}
        for method, at, data in (
            ("POST", "/cases/export", why),
            ("GET", "/directory/list.csv", None),
        ):
            answer = await ask(row, lead, "sheet", method, at, headers=token, data=data)
            if answer is not None and answer.status_code == 200:
                row.wrong += [f"{at}: {cell!r}" for cell in _reckoned(answer.content)]
            elif answer is not None:
                row.wrong.append(f"{at} was not given out: {answer.status_code}")
    return row


def _reckoned(content: bytes) -> list[str]:
    """Cells of a sheet that would be reckoned out."""
    if content[:2] == b"PK":
        book = load_workbook(io.BytesIO(content))
        return [
            str(cell.value)
            for sheet in book.worksheets
            for cells in sheet.iter_rows()
            for cell in cells
            if cell.data_type == "f"
        ]
    lines = content.decode("utf-8-sig").splitlines()
    cells = (cell.strip('"') for line in lines for cell in re.split(r"[,;]", line))
    return [cell for cell in cells if cell[:1] in ("=", "+", "@", "\t")]

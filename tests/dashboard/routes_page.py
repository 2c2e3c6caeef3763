"""Writes who gets through at each address into docs/security/routes.md.

    python -m tests.dashboard.routes_page

From the tables that `test_permissions` walks; a test compares the page with them.
"""

from collections.abc import Iterator

from hotline.settings import ROOT
from tests.dashboard.permissions import ROWS, Row
from tests.dashboard.permissions_house import HOUSE_ROWS, ONCE, OPEN

PAGE = ROOT / "docs" / "security" / "routes.md"
_PAGE = """\
# Who gets through, address by address

Written by `python -m tests.dashboard.routes_page` from the tables that
`tests/dashboard/test_permissions.py` walks: every address of the application is asked in the name
of everybody below, and a route that is in no table fails the test. The case was opened by `opener`,
a counselor of Hà Nội, from a call; `owner` has it now; it lies in the commune of `officer` and the
province of `province`. Names with `far_` are of another center or place, `guest` came by a link,
`office` is a program with a key. Who is not named gets 401 or 404. A line with "sees" asks whether
a certain thing stands on the page, not whether the page opens.

| thing | address | who gets through |
| --- | --- | --- |
{rows}

## Doors that are no role's

| address | what stands behind it |
| --- | --- |
{doors}

## Shown by a test of their own

| address | test in tests/dashboard |
| --- | --- |
{once}
"""


def page() -> str:
    """The whole page."""
    return _PAGE.format(
        rows="\n".join(map(_line, (*ROWS, *HOUSE_ROWS))),
        doors="\n".join(_pairs(OPEN)),
        once="\n".join(_pairs(ONCE)),
    )


def _line(row: Row) -> str:
    asked = f"`{row.way}`" + (f" sees `{row.tells}`" if row.tells else "")
    return f"| {row.thing} | {asked} | {', '.join(sorted(row.may)) or 'nobody'} |"


def _pairs(of: dict[str, str]) -> Iterator[str]:
    return (f"| `{way}` | {told} |" for way, told in of.items())


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

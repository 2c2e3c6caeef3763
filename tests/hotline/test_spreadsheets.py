"""Files that somebody says are spreadsheets."""

import pytest

from hotline import spreadsheets
from hotline.errors import BadInput
from tests.spreadsheets import with_sheet

_DEEP = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(10))
_CELL = (
    "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>"
    "<sheetData><row><c t='str'><v>{}</v></c></row></sheetData></worksheet>"
)


@pytest.mark.parametrize(
    "xml",
    [
        "<worksheet><sheetData><row>",
        "no xml",
        "",
        f"<!DOCTYPE x [{_DEEP}]>" + _CELL.format("&e9;"),
        "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>" + _CELL.format("&f;"),
        "<!DOCTYPE x [<!ENTITY e 'ha'>]>" + _CELL.format("&e;"),
        _CELL.replace("t='str'", "t='s'").format("99999"),
        _CELL.replace("t='str'", "t='d'").format("2026-99-99"),
    ],
    ids=[
        "cut",
        "no_xml",
        "empty",
        "entities",
        "a_file_of_ours",
        "one_entity",
        "no_such_text",
        "no_such_day",
    ],
)
def test_what_the_reader_trips_over_is_said_and_nothing_is_read(xml: str) -> None:
    with pytest.raises(BadInput, match="no_sheet"):
        list(spreadsheets.first_sheet(with_sheet(xml), 1_000_000))


def test_what_would_unpack_to_too_much_is_not_unpacked() -> None:
    with pytest.raises(BadInput, match="too_large"):
        list(spreadsheets.first_sheet(with_sheet(" " * 1_000_001), 1_000_000))


def test_a_sheet_is_read_row_by_row() -> None:
    rows = spreadsheets.first_sheet(with_sheet(_CELL.format("Kim Bôi")), 1_000_000, columns=2)
    assert list(rows) == [("Kim Bôi", None)]

"""The sentences of the sources, as Babel finds them. Run as a module it updates en.po."""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from dashboard.i18n import catalog_file
from hotline.settings import ROOT

_KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "say": None}


def sources() -> Catalog:
    """Every sentence of the Python files and templates."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    inner = [(pattern.removeprefix("dashboard/"), method) for pattern, method in methods]
    settings = {pattern.removeprefix("dashboard/"): value for pattern, value in options.items()}
    found = Catalog(project="tongdai111", charset="utf-8", fuzzy=False)
    for _, _, message, comments, context in extract_from_dir(
        ROOT / "dashboard", inner, settings, _KEYWORDS
    ):
        found.add(message, auto_comments=comments, context=context)
    return found


def written(code: str) -> Catalog:
    """The committed translations of a language."""
    with catalog_file(code).open("rb") as file:
        return read_po(file, locale=code)


def update(code: str) -> None:
    """Bring the file's sentences up to date; what is new is left empty."""
    file = catalog_file(code)
    catalog = written(code) if file.exists() else Catalog(locale=code, project="tongdai111")
    catalog.update(sources(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    text = BytesIO()
    write_po(text, catalog, width=100, no_location=True, sort_output=True, omit_header=False)
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.getvalue())


if __name__ == "__main__":
    update("en")

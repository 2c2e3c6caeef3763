"""The typeface of documents: Liberation Serif, of Times New Roman's measures, with Vietnamese letters.

`hotline.debs` brings Debian's package of it when the machine has none. Without it a document is still
made, in the serif that the typesetter carries itself.
"""

from collections.abc import Callable
from pathlib import Path

import typer

from hotline import debs
from hotline.errors import SetupError
from hotline.settings import ROOT

TREE = ROOT / ".fonts"
_SUITE = "forky"
_PACKAGE = "fonts-liberation"
_FOLDERS = ("usr/share/fonts/truetype/liberation2", "usr/share/fonts/truetype/liberation")
_FILE = "LiberationSerif-Regular.ttf"


def folder() -> Path | None:
    """Where the font files are; None while there are none."""
    for root in (TREE, Path("/")):
        for place in _FOLDERS:
            if (root / place / _FILE).exists():
                return root / place
    return None


def ensure_installed(progress: Callable[[str], None] = print) -> Path:
    """The folder, fetched first when need be. Raises SetupError."""
    if (found := folder()) is not None:
        return found
    debs.fetch("fonts", _SUITE, [_PACKAGE], TREE, only=[_PACKAGE], progress=progress)
    found = folder()
    if found is None:
        raise SetupError(f"{_PACKAGE} of Debian {_SUITE} brings no {_FILE}")
    return found


def command() -> None:
    """Fetch the typeface of documents, when this machine has none."""
    typer.echo(f"documents: the typeface is in {ensure_installed(typer.echo)}")

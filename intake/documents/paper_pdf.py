"""Paper as PDF, by Typst: one program in one wheel, which needs nothing of the machine.

The only user of `typst`. Words go in as data (`sys.inputs`), never as source, and the typesetter's root
is this folder: nothing that was typed can name a file, a formula or a piece of code.
"""

import json
from pathlib import Path

import typst

from hotline.errors import HotlineError
from intake.documents import typefaces
from intake.documents.paper import MARGINS_MM, Paper

_LAYOUT = Path(__file__).with_name("paper.typ")


class NotTypeset(HotlineError):
    """The typesetter refused. Its message may quote the document and is not kept."""


def pdf(paper: Paper) -> bytes:
    """The file. Raises NotTypeset."""
    fonts = typefaces.folder()
    inputs = {side: f"{mm}mm" for side, mm in MARGINS_MM.items()}
    try:
        made = typst.compile(
            _LAYOUT,
            root=_LAYOUT.parent,
            font_paths=[fonts] if fonts else [],
            ignore_system_fonts=True,
            sys_inputs=inputs | {"paper": json.dumps(paper.plain())},
            timestamp=0,
        )
    except typst.TypstError:
        raise NotTypeset from None
    if not isinstance(made, bytes):
        raise NotTypeset
    return made

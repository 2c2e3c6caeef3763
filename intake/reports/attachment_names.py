"""What a file is called once it is ours: its sender's name, made harmless. Pure.

A name is for people. It never becomes a path; its ending is that of what the file really is.
"""

import re
from unicodedata import category, normalize

from intake.reports.attachment_kinds import ENDINGS

LONGEST = 100
_UNSAFE = re.compile(r'[<>:"/\\|?*.\s]+')
"""What a file system or a shell may take for more than a name; a second ending may be taken for the kind
of the file."""


def cleaned(name: str, kind: str, otherwise: str) -> str:
    """`ảnh chụp.JPG` of a PNG is `ảnh chụp.png`. Directions of writing, which may turn an ending round,
    and control signs are left out; `otherwise`: what it is called when nothing is left."""
    last = re.split(r"[/\\]", normalize("NFC", name))[-1]
    stem = last.rpartition(".")[0] or last
    shown = "".join(sign for sign in stem if category(sign)[0] != "C")
    tidied = _UNSAFE.sub(" ", shown).strip(" -_")[:LONGEST].strip()
    return f"{tidied or otherwise}.{ENDINGS[kind]}"

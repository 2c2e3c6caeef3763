"""Languages: Vietnamese is written in the sources, English is its translation.

The message ids are the Vietnamese sentences themselves, so Vietnamese needs no catalog and can never be
out of date. `locale/en/LC_MESSAGES/dashboard.po` is read as it is at start: nothing has to be compiled.
"""

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
"""Code → the language's own name."""
FIRST = "vi"


def N_(message: str) -> str:
    """Mark a sentence for the catalogs; it is translated when it is shown."""
    return message


def catalog_file(code: str) -> Path:
    """Where the translations of this language are written down."""
    return LOCALE / code / "LC_MESSAGES" / "dashboard.po"


@cache
def translations(code: str) -> NullTranslations:
    """The catalog of a language. An unknown code gives Vietnamese."""
    if code == FIRST or code not in LANGUAGES:
        return NullTranslations()
    with catalog_file(code).open("rb") as po:
        catalog = read_po(po, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(fp=compiled, domain="dashboard")


@dataclass(frozen=True, slots=True)
class Language:
    """The language one person reads."""

    code: str

    def say(self, message: str, **values: object) -> str:
        """The sentence in this language, `%(name)s` filled in when values are given."""
        text = translations(self.code).gettext(message)
        return text % values if values else text


def language(code: str | None) -> Language:
    """The language of this code, or Vietnamese."""
    return Language(code if code in LANGUAGES else FIRST)

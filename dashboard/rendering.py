"""Templates into pages: one Jinja environment per language, with its words and formats."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, cast

import jinja2
from fastapi.responses import HTMLResponse
from jinja2.runtime import Macro
from markupsafe import Markup

from dashboard import (
    case_words,
    form_view,
    formats,
    guidance,
    record_form,
    sparkline,
    texts,
    wave,
    words,
)
from dashboard.asking import Asked, Work
from dashboard.assets import asset
from dashboard.board import Tile
from dashboard.cookies import theme_cookie
from dashboard.form_words import READERS
from dashboard.i18n import LANGUAGES, Language, translations
from dashboard.steering_view import Steered
from hotline import passkeys
from hotline.access import Action, Viewer, may
from hotline.calendar import is_holiday
from hotline.clock import local
from hotline.settings import settings
from intake.calls import number_flags
from intake.cases import file_purposes, late_cases, separations
from intake.data_requests import late_requests
from intake.documents.documents import Level
from intake.documents.statutory_shapes import counted
from intake.forms import places
from intake.forms.forms import MOST, split
from intake.forms.taxonomy import COUNSELING, INTERVENTION, KEYS, SPOKEN_ONLY, WRITTEN_BY_HAND, Relation
from intake.recordings import recordings
from routing.steering import Order

_TEMPLATES = Path(__file__).parent / "templates"
THEMES = ("auto", "light", "dark")

_GLOBALS = {
    "asset": asset,
    "Action": Action,
    "LANGUAGES": LANGUAGES,
    "STATE_ICONS": words.STATE_ICONS,
    "KEYS": KEYS,
    "YES_NO": texts.yes_no,
    "guidance_beside": lambda fields, now: guidance.beside(fields, local(now).date()),
    "SPOKEN_ONLY": SPOKEN_ONLY,
    "WRITTEN_BY_HAND": WRITTEN_BY_HAND,
    "INTERVENTION": INTERVENTION,
    "COUNSELING": COUNSELING,
    "RELATIONS": tuple(Relation),
    "MOST_PEOPLE": MOST,
    "FLAG_DAYS": number_flags.DAYS,
    "FLAG_LENGTH": number_flags.LONGEST,
    "PLACED_FIELDS": record_form.PLACED,
    "FAMILY_FIELDS": record_form.FAMILY,
    "child_count": record_form.child_count,
    "offender_count": record_form.offender_count,
    "SEPARATION_RENEWAL": separations.RENEWAL,
    "SEPARATION_END": separations.END,
    "form_lines": form_view.lines_to_show,
    "form_held": form_view.held,
    "form_typed": form_view.typed_value,
    "counted": counted,
    "LEVELS": tuple(Level),
    "READERS": READERS,
    "one_minute": timedelta(minutes=1),
    "one_day": timedelta(days=1),
    "one_second": timedelta(seconds=1),
    "WAVE_HEIGHT": wave.HEIGHT,
    "SPARKLINE_BOX": f"0 0 {sparkline.HOURS} {sparkline.HEIGHT}",
    "SPARKLINES": sparkline.OF_CALLS,
    "has_more_about_child": record_form.has_more_about_child,
    "has_more_about_offender": record_form.has_more_about_offender,
    "has_more_about_family": record_form.has_more_about_family,
}


@cache
def _environment(code: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(translations(code), newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "clock": formats.clock,
        "seconds": formats.clock_seconds,
        "day": formats.day,
        "day_short": formats.day_short,
        "span": formats.span,
        "decimal": partial(formats.decimal, language=code),
        "local_day": formats.local_day,
        "is_holiday": is_holiday,
        "number": partial(formats.number, language=code),
        "figure": partial(formats.figure, language=code),
        "phone": formats.phone,
        "wave_path": wave.wave_path,
        "sparkline": sparkline.sparkline,
        "word": partial(words.word, Language(code)),
        "value": lambda text, field: words.value(Language(code), field, text),
        "field_word": lambda name: words.field(Language(code), name),
        "question": partial(words.question, Language(code)),
        "inner_name": lambda name: split(name)[1],
        "shown_date": record_form.shown_date,
        "shown_place": places.shown,
        "now_told": partial(words.now_told, Language(code)),
    }
    environment.tests["joining"] = case_words.KINDS["joining"].__contains__
    environment.globals |= _GLOBALS | {"tiles_html": tiles_html}
    macros = vars(environment.get_template("_macros.html").module)
    environment.globals |= {name: it for name, it in macros.items() if isinstance(it, Macro)}
    return environment


def tiles_html(
    language: Language,
    tiles: Sequence[Tile],
    steered: Steered,
    steers: bool,
    listens: bool,
) -> Markup:
    """A center's counselors on the wallboard, in this order."""
    moves, states = steered.moves, steered.states
    return Markup().join(
        tile_html(language, tile, moves.get(tile.staff.id), states.get(tile.staff.id), steers, listens)
        for tile in tiles
    )


@lru_cache(maxsize=4096)
def tile_html(
    language: Language,
    tile: Tile,
    moved: Order | None,
    set_to: Order | None,
    steers: bool,
    listens: bool,
) -> Markup:
    """One counselor on the wallboard, with what leads have ordered of them; `steers` and `listens`: what
    the viewer may do with them.

    Few of a board's tiles change from one look to the next, and leads share them.
    """
    return Markup(_tile_macro(language.code)(tile, moved, set_to, steers, listens))  # noqa: S704 (it escapes)


@cache
def _tile_macro(code: str) -> Callable[..., str]:
    """A macro costs a third of what a template does."""
    return cast(Callable[..., str], _environment(code).get_template("_tile.html").module.tile_item)  # type: ignore[attr-defined]


def html(language: Language, template: str, context: Mapping[str, Any]) -> str:
    """The template filled in, in this language."""
    text = _environment(language.code).get_template(template).render(context)
    return str(text)


def base_context(asked: Asked, now: datetime) -> dict[str, Any]:
    """What every page has, with or without somebody logged in."""
    theme = asked.request.cookies.get(theme_cookie(), "auto")
    return {
        "language": asked.language,
        "theme": theme if theme in THEMES else "auto",
        "now": now,
        "path": asked.request.url.path,
        "demo": settings().demo,
        "hide_after": settings().hide_minutes,
        "ends_after": settings().idle_minutes,
        "viewer": None,
        "glass": None,
        "made_up": False,
        "draft_key": "",
        "passkeys_work": _passkeys_work(asked),
    }


def _passkeys_work(asked: Asked) -> bool:
    """Whether the page stands at the address that passkeys belong to."""
    site = passkeys.site(settings().address)
    return site is not None and site.origin.endswith(f"://{asked.request.headers.get('Host', '')}")


def _writes(viewer: Viewer) -> bool:
    return may(viewer, Action.WRITE_RECORD) or may(viewer, Action.WRITE_CASE)


def page(asked: Asked, work: Work, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page or fragment for the person of this work."""
    everything = base_context(asked, work.now) | {
        "viewer": None if work.stage else work.viewer,  # who is not wholly logged in has no live page
        "csrf": work.csrf,
        "draft_key": work.draft_key if _writes(work.viewer) else "",
        "may": partial(may, work.viewer),
        "proved": work.proved,
        "glass": None if work.stage else work.glass,
        "made_up": work.made_up,
        "has_passkey": work.has_passkey,
        "own_recording": partial(recordings.is_own, work.session, work.viewer),
        "late_cases": partial(late_cases.of, work.session, work.viewer, work.now),
        "asks_purpose": cache(
            partial(file_purposes.asks, work.session, work.viewer, since=work.began_at)
        ),
        "late_requests": partial(late_requests.of, work.session, work.viewer, work.now),
    }
    return HTMLResponse(html(asked.language, template, everything | context), status)

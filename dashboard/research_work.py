"""The job that makes an extract for research with its codebook, and the sweep beside it.

Here, because the codebook says in words what each code means. May run twice or be killed half-way.
"""

from collections.abc import Iterator, Sequence

from dashboard.i18n import FIRST, N_, Language
from dashboard.letterhead import MADE_UP
from dashboard.words import word
from hotline import jobs, keyring, made_up
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.settings import settings
from intake.forms import places
from intake.forms.taxonomy import CHI, Problem
from intake.research import extracts
from intake.research.research_rules import COARSE, Column, columns
from intake.small_cells import LEAST

_VI = Language(FIRST)
_HEADER = ("column", "meaning", "source", "code", "means", "chi")
_MONTH = N_("năm và tháng, như 2026-11")
_PSEUDONYM = N_("16 chữ số thập lục phân, chỉ có nghĩa trong bản trích này")
_EMPTY = N_("không hỏi, không rõ, hoặc ngoài danh mục")
_COARSE = N_("che bớt: có ít hơn %(n)s dòng giống nhau")


def make(extract_id: int) -> None:
    """The extract and its codebook, sealed. The pseudonyms' key ends with this job."""
    with reading() as session:
        found, about_nobody = extracts.to_make(session, extract_id), bool(made_up.years(session))
    if found is None:
        return
    names, kept = found
    files = {
        extracts.EXTRACT: extracts.table(names, kept.rows),
        extracts.CODEBOOK: extracts.table(_HEADER, list(codebook(names, made_up=about_nobody))),
    }
    with transaction() as session:
        ring = keyring.recording_keys(settings())
        extracts.keep(session, extract_id, kept, files, ring, utc_now())


def codebook(names: Sequence[str], *, made_up: bool = False) -> Iterator[tuple[str, ...]]:
    """One line for each code of each column: what it means, where it comes from, its CHI category. First
    of all, if it is so, that the rows are about nobody (`made_up`)."""
    if made_up:
        yield "", _VI.say(MADE_UP), "", "", "", ""
    for name in names:
        one = columns()[name]
        for code, means in _codes(one):
            chi = CHI[Problem(code)] if name == "problem" and code in set(Problem) else ""
            yield name, word(_VI, name, "research_column"), one.source, code, means, chi


def _codes(one: Column) -> Iterator[tuple[str, str]]:
    if not one.codes:
        yield "", _VI.say(_MONTH if one.quasi else _PSEUDONYM)
    for code in one.codes:
        yield code, word(_VI, code, one.kind) if one.kind else places.shown(code)
    if one.codes:
        yield "", _VI.say(_EMPTY)
    if one.quasi:
        yield COARSE, _VI.say(_COARSE, n=LEAST)


def sweep() -> None:
    """Each minute: queue again what waits, and drop the files that are over."""
    with transaction() as session:
        extracts.drop_old(session, utc_now())
        waiting = extracts.still_queued(session)
    jobs.enqueue_all([(extracts.JOB, one) for one in waiting])

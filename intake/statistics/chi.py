"""Our codes as Child Helpline International asks for them each year: by category and sub-category. Pure.

Known: the names of categories and sub-categories, from the forms of helplines that use Aselo, which
follow CHI's framework; that its yearly data give contacts, counseling or not, by reason, sex and age of
the child (Voices of Children & Young People, 2020 to 2023). Not seen: CHI's own glossary and form. So
assumed: the age groups, the ways of contact, and each `Match` that says so. A sub-category that our
codes do not tell apart is `unspecified` and never guessed; "Discrimination and exclusion" has no code of
ours at all.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from intake.forms.taxonomy import CHI, CallerType, ChiCategory, Disposition, Problem, Way
from intake.small_cells import LEAST

DISCRIMINATION = "discrimination"
"""A category without a code of ours: always 0, and said so."""
REASONS = tuple(one for one in ChiCategory if one is not ChiCategory.NON_COUNSELING)
AGES = ((3, "0-3"), (6, "4-6"), (9, "7-9"), (12, "10-12"), (15, "13-15"), (17, "16-17"))
"""The last whole year of each group."""
ADULT, UNKNOWN = "18+", "unknown"
AGE_GROUPS = (*(group for _, group in AGES), ADULT, UNKNOWN)


class Sub(StrEnum):
    SEXUAL_VIOLENCE = "sexual_violence"
    ONLINE_SEXUAL_ABUSE = "online_sexual_abuse"
    NEGLECT = "neglect"
    CHILD_TRAFFICKING = "child_trafficking"
    MISSING_CHILD = "missing_child"
    LEGAL = "legal"
    SOCIO_ECONOMIC = "socio_economic"
    TEACHER_SCHOOL = "teacher_school"
    GENERAL_MEDICAL = "general_medical"
    PARENTS_ASK = "parents_ask"
    THANKS = "thanks"
    UNSPECIFIED = "unspecified"


class CallType(StrEnum):
    """A contact in which nothing was told."""

    SILENT = "silent"
    JOKE = "joke"
    WRONG_NUMBER = "wrong_number"
    BLANK = "blank"
    HANG_UP = "hang_up"
    ABUSIVE = "abusive"


class Method(StrEnum):
    PHONE = "phone"
    ONLINE = "online"
    LETTER = "letter"
    IN_PERSON = "in_person"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Match:
    """`assumed`: ours, where CHI may count otherwise."""

    sub: Sub
    assumed: bool = False


SUBS: Mapping[Problem, Match] = {
    Problem.VIOLENCE: Match(Sub.UNSPECIFIED),
    Problem.SEXUAL_ABUSE: Match(Sub.SEXUAL_VIOLENCE),
    Problem.EXPLOITATION: Match(Sub.UNSPECIFIED),
    Problem.NEGLECT: Match(Sub.NEGLECT),
    Problem.TRAFFICKING: Match(Sub.CHILD_TRAFFICKING, assumed=True),
    Problem.MISSING: Match(Sub.MISSING_CHILD),
    Problem.RIGHTS_VIOLATION: Match(Sub.UNSPECIFIED, assumed=True),
    Problem.FINANCIAL_SUPPORT: Match(Sub.SOCIO_ECONOMIC),
    Problem.LAW: Match(Sub.LEGAL),
    Problem.CUSTODY: Match(Sub.UNSPECIFIED, assumed=True),
    Problem.FAMILY_RELATIONS: Match(Sub.UNSPECIFIED),
    Problem.PEER_RELATIONS: Match(Sub.UNSPECIFIED),
    Problem.COMMUNITY_RELATIONS: Match(Sub.UNSPECIFIED, assumed=True),
    Problem.TEACHER_RELATIONS: Match(Sub.TEACHER_SCHOOL),
    Problem.ACCIDENT: Match(Sub.GENERAL_MEDICAL, assumed=True),
    Problem.PHYSICAL_HEALTH: Match(Sub.GENERAL_MEDICAL),
    Problem.PSYCHOLOGY: Match(Sub.UNSPECIFIED),
    Problem.REPRODUCTIVE_HEALTH: Match(Sub.UNSPECIFIED, assumed=True),
    Problem.OTHER: Match(Sub.UNSPECIFIED, assumed=True),
}
"""Beside `intake.forms.taxonomy.CHI`, which gives the category."""
CALL_TYPES: Mapping[Disposition, CallType] = {
    Disposition.SILENT: CallType.SILENT,
    Disposition.PRANK: CallType.JOKE,
    Disposition.WRONG_NUMBER: CallType.WRONG_NUMBER,
    Disposition.TEST: CallType.BLANK,
    Disposition.HANG_UP: CallType.HANG_UP,
    Disposition.ABUSIVE: CallType.ABUSIVE,
}
METHODS: Mapping[Way, Method] = {
    Way.PHONE: Method.PHONE,
    Way.APP: Method.ONLINE,
    Way.ZALO: Method.ONLINE,
    Way.FANPAGE: Method.ONLINE,
    Way.WEB: Method.ONLINE,
    Way.EMAIL: Method.ONLINE,
    Way.POST: Method.LETTER,
    Way.OFFICIAL_LETTER: Method.LETTER,
    Way.WALK_IN: Method.IN_PERSON,
    Way.PRESS: Method.OTHER,
}


def reason(problem: Problem, *, online: bool) -> tuple[ChiCategory, Sub]:
    """Of a counseling contact, by its main problem."""
    if problem is Problem.SEXUAL_ABUSE and online:
        return ChiCategory.VIOLENCE, Sub.ONLINE_SEXUAL_ABUSE
    return CHI[problem], SUBS[problem].sub


def no_reason(disposition: Disposition, caller: str) -> Sub:
    """Of a contact in which something was told, but no counseling was needed."""
    if disposition is Disposition.THANKS:
        return Sub.THANKS
    return Sub.PARENTS_ASK if caller == CallerType.PARENT else Sub.UNSPECIFIED


def age_group(years: int | None) -> str:
    if years is None:
        return UNKNOWN
    return next((group for last, group in AGES if years <= last), ADULT)


Crossed = Mapping[str, Mapping[str, int | None]]
"""Row → column → count; None: hidden."""


def crossed(
    found: Iterable[tuple[str, str]],
    rows: Sequence[str],
    columns: Sequence[str],
    closed: Collection[str] = (),
) -> Crossed:
    """Counts of people by two codes, without those that tell of one: a count below five is hidden, and
    in each row and column as many more as it takes that what is hidden there is at least two counts and
    at least five people. (No bound that follows from several rows together is looked for.) `closed`:
    rows whose total is hidden elsewhere, and so all that adds up to it."""
    many = Counter(found)
    hidden = {cell for cell, count in many.items() if 0 < count < LEAST or cell[0] in closed}
    lines = [[(row, column) for column in columns] for row in rows]
    lines += [[(row, column) for row in rows] for column in columns]
    while more := {cell for line in lines for cell in _more(line, many, hidden)}:
        hidden |= more
    return {
        row: {column: None if (row, column) in hidden else many[row, column] for column in columns}
        for row in rows
    }


def _more(
    line: Sequence[tuple[str, str]], many: Counter[tuple[str, str]], hidden: set[tuple[str, str]]
) -> set[tuple[str, str]]:
    """The next count of this line that must be hidden, too."""
    within = [cell for cell in line if cell in hidden]
    if not within or (len(within) > 1 and sum(many[cell] for cell in within) >= LEAST):
        return set()
    others = sorted((cell for cell in line if cell not in hidden and many[cell]), key=lambda c: many[c])
    return set(others[:1])

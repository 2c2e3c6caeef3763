"""How the hotline classifies calls, callers and problems: stable codes, no words. Pure.

The codes are stored; `dashboard` turns them into sentences. Child Helpline International's categories
are derived from ours, never stored.
"""

from collections.abc import Mapping
from enum import StrEnum


class Disposition(StrEnum):
    """How a record was closed. The first eight need one key."""

    SILENT = "silent"
    PRANK = "prank"
    WRONG_NUMBER = "wrong_number"
    TEST = "test"
    HANG_UP = "hang_up"
    ABUSIVE = "abusive"
    INFORMATION = "information"
    """Hỏi đáp thông tin."""
    THANKS = "thanks"
    COUNSELING = "counseling"
    """Tư vấn chuyên sâu: closed with a full record."""
    ESCALATED = "escalated"
    """Ca hỗ trợ, can thiệp: a case was opened. Only `intake.cases.cases` closes a record like this."""


KEYS: Mapping[str, Disposition] = {
    "1": Disposition.SILENT,
    "2": Disposition.PRANK,
    "3": Disposition.WRONG_NUMBER,
    "4": Disposition.TEST,
    "5": Disposition.HANG_UP,
    "6": Disposition.ABUSIVE,
    "7": Disposition.INFORMATION,
    "8": Disposition.THANKS,
}
"""The key on the desk that closes a record like this."""


SPOKEN_ONLY = frozenset({Disposition.SILENT, Disposition.WRONG_NUMBER, Disposition.HANG_UP})
"""What only a call can be."""


class WhyBack(StrEnum):
    """Why a report that somebody took waits in the inbox again."""

    UNTOLD = "untold"
    NO_TIME = "no_time"
    """A call, or the end of the shift."""
    OTHER = "other"
    """Somebody else is better for it: another language, another region, no acquaintance."""


class Way(StrEnum):
    """How word of a child reached the hotline, as its reports count it."""

    PHONE = "phone"
    APP = "app"
    ZALO = "zalo"
    FANPAGE = "fanpage"
    WEB = "web"
    EMAIL = "email"
    PRESS = "press"
    """Báo chí, mạng xã hội: found by the hotline, sent by nobody."""
    OFFICIAL_LETTER = "official_letter"
    """Công văn, of an agency."""
    POST = "post"
    """Đơn thư."""
    WALK_IN = "walk_in"


WRITTEN_BY_HAND: tuple[Way, ...] = tuple(way for way in Way if way is not Way.PHONE)
"""Ways whose records a person opens; a call's record is there from its first ring."""


class CallerType(StrEnum):
    """Who is calling, seen from the child. Caller ≠ child ≠ informant ≠ offender."""

    CHILD = "child"
    VICTIM = "victim"
    """Of trafficking, and grown up: they call for themselves."""
    PARENT = "parent"
    RELATIVE = "relative"
    NEIGHBOR = "neighbor"
    TEACHER = "teacher"
    OFFICIAL = "official"
    OTHER = "other"
    UNKNOWN = "unknown"


class Relation(StrEnum):
    """Who the alleged offender is to the child. Our own list: no published table was found."""

    PARENT = "parent"
    STEP_PARENT = "step_parent"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    RELATIVE = "relative"
    CAREGIVER = "caregiver"
    TEACHER = "teacher"
    PEER = "peer"
    NEIGHBOR = "neighbor"
    EMPLOYER = "employer"
    ACQUAINTANCE = "acquaintance"
    ONLINE = "online"
    """Known from the internet alone."""
    STRANGER = "stranger"
    OTHER = "other"
    UNKNOWN = "unknown"


class Nearness(StrEnum):
    """How easily the alleged offender gets at the child: what Mẫu 02 of NĐ 56/2017 weighs."""

    HERE = "here"
    """With the child now: perhaps in earshot."""
    CLOSE = "close"
    AWAY = "away"


class Sex(StrEnum):
    """As Mẫu 01 of NĐ 56/2017 asks it."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class Risk(StrEnum):
    """The conclusion of Mẫu 02: khẩn cấp, kế hoạch, theo dõi. Always a human's."""

    EMERGENCY = "emergency"
    PLAN = "plan"
    WATCH = "watch"


class Problem(StrEnum):
    """What it is about: the intervention group, then the counseling group of the hotline's reports."""

    VIOLENCE = "violence"
    SEXUAL_ABUSE = "sexual_abuse"
    EXPLOITATION = "exploitation"
    TRAFFICKING = "trafficking"
    NEGLECT = "neglect"
    """Bỏ rơi, bỏ mặc, sao nhãng."""
    RIGHTS_VIOLATION = "rights_violation"
    CUSTODY = "custody"
    FINANCIAL_SUPPORT = "financial_support"
    MISSING = "missing"
    ACCIDENT = "accident"
    OTHER = "other"
    FAMILY_RELATIONS = "family_relations"
    PEER_RELATIONS = "peer_relations"
    TEACHER_RELATIONS = "teacher_relations"
    COMMUNITY_RELATIONS = "community_relations"
    PHYSICAL_HEALTH = "physical_health"
    LAW = "law"
    PSYCHOLOGY = "psychology"
    REPRODUCTIVE_HEALTH = "reproductive_health"


INTERVENTION: tuple[Problem, ...] = (
    Problem.VIOLENCE,
    Problem.SEXUAL_ABUSE,
    Problem.EXPLOITATION,
    Problem.TRAFFICKING,
    Problem.NEGLECT,
    Problem.RIGHTS_VIOLATION,
    Problem.CUSTODY,
    Problem.FINANCIAL_SUPPORT,
    Problem.MISSING,
    Problem.ACCIDENT,
    Problem.OTHER,
)
"""Problems that the reports count as hỗ trợ, can thiệp."""
COUNSELING: tuple[Problem, ...] = tuple(problem for problem in Problem if problem not in INTERVENTION)
"""Problems that the reports count as tư vấn."""


class ChiCategory(StrEnum):
    """Child Helpline International's categories, as far as ours map to them."""

    VIOLENCE = "violence"
    MENTAL_HEALTH = "mental_health"
    FAMILY = "family"
    PEER = "peer"
    EDUCATION_OCCUPATION = "education_occupation"
    PHYSICAL_HEALTH = "physical_health"
    SEXUALITY = "sexuality"
    ACCESSIBILITY = "accessibility"
    MISSING = "missing"
    NON_COUNSELING = "non_counseling"


CHI: Mapping[Problem, ChiCategory] = {
    Problem.VIOLENCE: ChiCategory.VIOLENCE,
    Problem.SEXUAL_ABUSE: ChiCategory.VIOLENCE,
    Problem.EXPLOITATION: ChiCategory.VIOLENCE,
    Problem.NEGLECT: ChiCategory.VIOLENCE,
    Problem.TRAFFICKING: ChiCategory.MISSING,
    Problem.MISSING: ChiCategory.MISSING,
    Problem.RIGHTS_VIOLATION: ChiCategory.ACCESSIBILITY,
    Problem.FINANCIAL_SUPPORT: ChiCategory.ACCESSIBILITY,
    Problem.LAW: ChiCategory.ACCESSIBILITY,
    Problem.CUSTODY: ChiCategory.FAMILY,
    Problem.FAMILY_RELATIONS: ChiCategory.FAMILY,
    Problem.PEER_RELATIONS: ChiCategory.PEER,
    Problem.COMMUNITY_RELATIONS: ChiCategory.PEER,
    Problem.TEACHER_RELATIONS: ChiCategory.EDUCATION_OCCUPATION,
    Problem.ACCIDENT: ChiCategory.PHYSICAL_HEALTH,
    Problem.PHYSICAL_HEALTH: ChiCategory.PHYSICAL_HEALTH,
    Problem.PSYCHOLOGY: ChiCategory.MENTAL_HEALTH,
    Problem.REPRODUCTIVE_HEALTH: ChiCategory.SEXUALITY,
    Problem.OTHER: ChiCategory.ACCESSIBILITY,
}
"""After Aselo's template; the official glossary is unseen."""


def chi_of_record(disposition: Disposition | None, problem: Problem | None) -> ChiCategory | None:
    """The CHI category of a record by its main problem; closed without one it is a non-counseling
    contact, and None while nobody has said what it is about. `disposition` is None for a draft."""
    if disposition in KEYS.values() or (disposition and problem is None):
        return ChiCategory.NON_COUNSELING
    return CHI[problem] if problem else None


def problems_in(fields: Mapping[str, str]) -> frozenset[str]:
    """The main problem and the others, out of a record's fields: codes of `Problem`."""
    return frozenset(f"{fields.get('problem', '')} {fields.get('problems', '')}".split())

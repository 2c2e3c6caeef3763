"""What the hotline has published of its years, to the digit. Pure.

Sources: its own reports and articles (2019: „Kết quả hoạt động … năm 2019", tongdai111.vn), press and
ministry for the others. What a year's publication does not give is None or missing here; nothing in this
module is assumed. A year that was published for some months only (2025) is not in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from intake.forms.taxonomy import Problem, Way


@dataclass(frozen=True, slots=True)
class Trafficking:
    """Calls to the anti-trafficking line by kind. `referred`: passed on for rescue or support."""

    information: int
    counseling: int
    referred: int

    @property
    def calls(self) -> int:
        return self.information + self.counseling + self.referred


@dataclass(frozen=True, slots=True)
class Therapy:
    """`treated`: children in sessions. `free`: victims of violence or abuse, who paid nothing."""

    assessments: int
    sessions: int
    treated: int
    free: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One year.

    `calls`: that came in. `written`: contacts by app and Zalo. `consultations`: what was not closed by
    one key for what is none, official letters (`letters`) apart unless a case came of them; `by_way`:
    parts of them; `information` and `counseling`: those that came to no case. `abuse_share`: of
    `counseling`, what was about violence or abuse, in a thousand. `interventions`: cases; `by_source`
    and `problems`: parts of them. `problems_are_all`: no other part was told, and yet they need not add
    up. `first_quarter`: part of `calls`.
    """

    year: int
    calls: int | None = None
    written: int | None = None
    consultations: int | None = None
    by_way: Mapping[Way, int] = field(default_factory=dict)
    letters: int | None = None
    information: int | None = None
    counseling: int | None = None
    abuse_share: int | None = None
    interventions: int | None = None
    by_source: Mapping[Way, int] = field(default_factory=dict)
    problems: Mapping[Problem, int] = field(default_factory=dict)
    problems_are_all: bool = False
    first_quarter: int | None = None
    trafficking: Trafficking | None = None
    trafficking_calls: int | None = None
    """Where their kinds are not told."""
    therapy: Therapy | None = None


_YEARS = (
    Figures(
        2018,
        consultations=32_078 - 4_671,  # by the growth that 2019's report tells
        abuse_share=239,
        interventions=984 - 178,
        problems={
            Problem.VIOLENCE: 406 - 49,
            Problem.SEXUAL_ABUSE: 322 - 72,
            Problem.EXPLOITATION: 80 - 34,
        },
        trafficking_calls=2_520 - 510,
    ),
    Figures(
        2019,
        calls=506_957,
        consultations=32_078,
        by_way={Way.PHONE: 31_689, Way.PRESS: 353, Way.POST: 36},
        letters=30,
        abuse_share=402,
        interventions=984,
        problems={Problem.VIOLENCE: 406, Problem.SEXUAL_ABUSE: 322, Problem.EXPLOITATION: 80},
        trafficking=Trafficking(2_226, 259, 35),
        therapy=Therapy(assessments=219, sessions=6_262, treated=62, free=17),  # „hơn 60 trẻ"
    ),
    Figures(
        2020,
        calls=687_750,
        consultations=29_507,
        interventions=1_295,
        trafficking=Trafficking(2_388, 379, 59),
    ),
    Figures(
        2021,
        calls=507_861,
        written=1_651,
        consultations=35_385,
        information=22_681,
        counseling=11_447,
        interventions=1_257,
        by_source={Way.PHONE: 1_033, Way.PRESS: 194, Way.OFFICIAL_LETTER: 9, Way.POST: 21},
        problems={Problem.VIOLENCE: 625},
    ),
    Figures(
        2022,
        calls=368_346,
        written=9_679,
        consultations=27_773,
        interventions=1_561,
        problems={  # 1,560 in all
            Problem.VIOLENCE: 888,
            Problem.SEXUAL_ABUSE: 170,
            Problem.EXPLOITATION: 215,
            Problem.TRAFFICKING: 33,
            Problem.NEGLECT: 44,
            Problem.CUSTODY: 47,
            Problem.RIGHTS_VIOLATION: 44,
            Problem.OTHER: 119,
        },
        problems_are_all=True,
        first_quarter=202_098,
    ),
    Figures(2023, calls=323_615, written=1_313, interventions=1_231, problems={Problem.VIOLENCE: 688}),
)
PUBLISHED: Mapping[int, Figures] = {figures.year: figures for figures in _YEARS}

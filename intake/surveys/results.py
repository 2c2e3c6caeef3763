"""What the children said, as counts, with those that might tell of one child hidden."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.small_cells import LEAST, breakdown
from intake.surveys.asking import Asked
from intake.surveys.survey import Kind, Question, Sex, Survey
from intake.surveys.surveys import Opened
from intake.tables.surveys import SurveyAnswerRow, SurveyAskedRow

ALL = "all"


@dataclass(frozen=True, slots=True)
class Column:
    """Some of those who answered. `kind`: `all`, `age` or `sex`; `answered`: how many; None: few."""

    kind: str
    code: str
    answered: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """One question: code of a choice → one count for each column; None: hidden."""

    question: Question
    rows: Mapping[str, Sequence[int | None]]


@dataclass(frozen=True, slots=True)
class Results:
    """`asked`: how far it went with how many calls. `months`: how many answered in which. What they
    said is there when the survey is over: seen before and after a talk it would tell that answer."""

    asked: Mapping[Asked, int]
    months: Mapping[str, int | None] = field(default_factory=dict)
    columns: Sequence[Column] = ()
    tables: Sequence[Table] = ()


def results(session: Session, of: Opened) -> Results:
    states = select(SurveyAskedRow.state, func.count()).where(SurveyAskedRow.survey_id == of.id)
    asked = {
        Asked(state): many for state, many in session.execute(states.group_by(SurveyAskedRow.state))
    }
    if of.closed_at is None:
        return Results(asked)
    rows = session.scalars(
        select(SurveyAnswerRow).where(SurveyAnswerRow.survey_id == of.id).order_by(SurveyAnswerRow.id)
    ).all()
    given = [Given(row.age_group, row.sex, row.answers) for row in rows]
    months = breakdown(Counter(row.month for row in rows)).cells
    columns, tables = tabled(of.survey, given)
    return Results(asked, dict(sorted(months.items())), columns, tables)


@dataclass(frozen=True, slots=True)
class Given:
    age_group: str
    sex: str
    answers: Mapping[str, Sequence[str]]


def tabled(survey: Survey, given: Sequence[Given]) -> tuple[Sequence[Column], Sequence[Table]]:
    """Pure. Hidden are columns of few children, small counts within a column, and of a choice that is
    small at one age or sex, or at those that are hidden, all ages or sexes: the rest would tell it."""
    cuts = {(ALL, ALL): list(given)}
    cuts |= {
        ("age", of.code): [one for one in given if one.age_group == of.code] for of in survey.groups
    }
    cuts |= {("sex", sex.value): [one for one in given if one.sex == sex] for sex in Sex}
    columns: list[Column] = []
    for kind in (ALL, "age", "sex"):
        sizes = {code: len(those) for (of, code), those in cuts.items() if of == kind}
        columns += [Column(kind, code, many) for code, many in breakdown(sizes).cells.items()]
    return columns, [_table(question, columns, cuts) for question in survey.questions]


def _table(
    question: Question, columns: Sequence[Column], cuts: Mapping[tuple[str, str], Sequence[Given]]
) -> Table:
    said, shown = [], []
    for column in columns:
        those = cuts[column.kind, column.code]
        counts = Counter(code for one in those for code in one.answers.get(question.code, ()))
        said.append(counts)
        shown.append(_shown(question, {code: counts[code] for code in question.codes}, len(those)))
    rows = {
        code: _row(columns, [one[code] for one in said], [one[code] for one in shown])
        for code in question.codes
    }
    return Table(question, rows)


def _shown(question: Question, counts: Mapping[str, int], answered: int) -> Mapping[str, int | None]:
    """Of several choices the few who did not make one are told as well as the few who did."""
    if question.kind is not Kind.SEVERAL:
        return breakdown(counts).cells
    return {code: None if _few(many) or _few(answered - many) else many for code, many in counts.items()}


def _row(
    columns: Sequence[Column], said: Sequence[int], shown: Sequence[int | None]
) -> Sequence[int | None]:
    found: list[int | None] = []
    for column, many in zip(columns, shown, strict=True):
        same = [place for place, other in enumerate(columns) if other.kind == column.kind]
        hidden = sum(said[place] for place in same if columns[place].answered is None)
        small = any(shown[place] is None and columns[place].answered is not None for place in same)
        found.append(None if small or _few(hidden) or column.answered is None else many)
    return found


def _few(many: int) -> bool:
    return 0 < many < LEAST

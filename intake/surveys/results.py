"""What the children said, as counts, with those that might tell of one child hidden."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.small_cells import breakdown
from intake.surveys.asking import Asked
from intake.surveys.survey import Question, Sex, Survey
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
    """`asked`: how far it went with how many calls. `months`: how many answered in which."""

    asked: Mapping[Asked, int]
    months: Mapping[str, int | None]
    columns: Sequence[Column]
    tables: Sequence[Table]


def results(session: Session, of: Opened) -> Results:
    states = select(SurveyAskedRow.state, func.count()).where(SurveyAskedRow.survey_id == of.id)
    asked = {
        Asked(state): many for state, many in session.execute(states.group_by(SurveyAskedRow.state))
    }
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
    small at one age or sex all ages or sexes: else the rest would tell it."""
    cuts = {(ALL, ALL): list(given)}
    cuts |= {
        ("age", of.code): [one for one in given if one.age_group == of.code] for of in survey.groups
    }
    cuts |= {("sex", sex.value): [one for one in given if one.sex == sex] for sex in Sex}
    columns: list[Column] = []
    for kind in (ALL, "age", "sex"):
        sizes = {code: len(those) for (of, code), those in cuts.items() if of == kind}
        columns += [Column(kind, code, many) for code, many in _shown(sizes).items()]
    return columns, [_table(question, columns, cuts) for question in survey.questions]


def _table(
    question: Question, columns: Sequence[Column], cuts: Mapping[tuple[str, str], Sequence[Given]]
) -> Table:
    shown: list[Mapping[str, int | None]] = []
    for column in columns:
        said = Counter(code for one in cuts[column.kind, column.code] for code in _said(one, question))
        shown.append(_shown({code: said[code] for code in question.codes}))
    return Table(
        question, {code: _row(columns, [one[code] for one in shown]) for code in question.codes}
    )


def _row(columns: Sequence[Column], counts: Sequence[int | None]) -> Sequence[int | None]:
    told = list(zip(columns, counts, strict=True))
    small = {column.kind for column, many in told if many is None and column.answered is not None}
    return [None if column.kind in small or column.answered is None else many for column, many in told]


def _said(one: Given, question: Question) -> Sequence[str]:
    return one.answers.get(question.code, ())


def _shown(counts: Mapping[str, int]) -> Mapping[str, int | None]:
    return breakdown(counts).cells

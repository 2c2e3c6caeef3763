"""What a survey asks, of whom and how many; and what its answers may be. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hotline.errors import FieldErrors

SCALE = ("1", "2", "3", "4", "5")
_Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Text = Annotated[str, Field(min_length=1, max_length=500)]


class Kind(StrEnum):
    ONE = "one"
    SEVERAL = "several"
    SCALE = "scale"
    """From 1, not at all, to 5, very much."""


class Sex(StrEnum):
    """As the child says it, for the quota; nothing else is asked."""

    MALE = "male"
    FEMALE = "female"
    UNTOLD = "untold"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Choice(_Part):
    code: _Code
    text: _Text


class Question(_Part):
    """Each may be skipped. `choices` is empty for a scale."""

    code: _Code
    text: _Text
    kind: Kind
    choices: Annotated[tuple[Choice, ...], Field(max_length=12)] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        return SCALE if self.kind is Kind.SCALE else tuple(choice.code for choice in self.choices)

    def words(self, code: str) -> str:
        """Of a choice; a step of a scale is its number."""
        return next((choice.text for choice in self.choices if choice.code == code), code)


class Group(_Part):
    """Children of these whole years, both counted. `quota`: answers of each sex that are enough."""

    from_age: Annotated[int, Field(ge=0, le=17)]
    to_age: Annotated[int, Field(ge=0, le=17)]
    quota: Annotated[int, Field(ge=1, le=100_000)]

    @property
    def code(self) -> str:
        return f"{self.from_age}-{self.to_age}"


class Survey(_Part):
    """`consent` and `thanks` are read aloud. `reviewed`: the hotline's own people have approved it."""

    version: Annotated[int, Field(ge=1)]
    code: _Code
    title: _Text
    reviewed: bool
    consent: Annotated[str, Field(min_length=1, max_length=2000)]
    thanks: _Text
    groups: Annotated[tuple[Group, ...], Field(min_length=1, max_length=6)]
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _is_clear(self) -> "Survey":
        ages = [age for group in self.groups for age in range(group.from_age, group.to_age + 1)]
        if len(ages) != len(set(ages)) or any(one.from_age > one.to_age for one in self.groups):
            raise ValueError("the groups' ages overlap or run backwards")
        for codes in ([one.code for one in self.questions], *(one.codes for one in self.questions)):
            if len(codes) != len(set(codes)):
                raise ValueError("a code stands twice")
        if any((one.kind is Kind.SCALE) != (not one.choices) for one in self.questions):
            raise ValueError("a scale has no choices, every other question has some")
        return self

    def group(self, age: int) -> Group | None:
        """None: such a child is not asked."""
        return next((one for one in self.groups if one.from_age <= age <= one.to_age), None)


Answers = Mapping[str, Sequence[str]]
"""Question → the codes that were chosen; a question that was skipped is left out."""


def checked(survey: Survey, typed: Answers) -> dict[str, list[str]]:
    """What was ticked, in the order of the questions. Raises FieldErrors by the code of the question."""
    found: dict[str, list[str]] = {}
    for question in survey.questions:
        ticked = [code for code in question.codes if code in typed.get(question.code, ())]
        strange = set(typed.get(question.code, ())) - set(question.codes)
        if strange or (len(ticked) > 1 and question.kind is not Kind.SEVERAL):
            raise FieldErrors({question.code: "invalid"})
        if ticked:
            found[question.code] = ticked
    return found

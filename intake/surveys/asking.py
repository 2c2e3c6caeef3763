"""One child is asked: may they be, did they want to, how old are they, and then what they said.

What they said is written in a transaction of its own (`keep`), which touches nothing that names the
call; that the call was asked is written by `begin` and `settle`. The audit knows of the call alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Action, Viewer
from hotline.clock import local
from hotline.errors import BadInput, Conflict, FieldErrors, NotVisible
from hotline.ids import CallId
from intake.calls import yes_no
from intake.forms.taxonomy import Disposition
from intake.surveys import fitting, surveys
from intake.surveys.fitting import Hindrance, Situation
from intake.surveys.survey import Group, Sex, Survey, checked
from intake.surveys.surveys import Opened
from intake.tables.calls import CallRow
from intake.tables.records import RecordRow
from intake.tables.surveys import SurveyAnswerRow, SurveyAskedRow, SurveyRow
from intake.visibility import reachable_records

_KEY = re.compile(r"[0-9a-f]{32}")
OLDEST = 120
"""Years of age that are no slip of a key."""


class Asked(StrEnum):
    """How far it went with one call."""

    DECLINED = "declined"
    OTHER_AGE = "other_age"
    FULL = "full"
    """Enough of this age and sex have answered."""
    BEGUN = "begun"
    """Being asked now; left so by who was cut off."""
    STOPPED = "stopped"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Offer:
    """The survey that this call may be asked; `why` not, if it may not."""

    opened: Opened
    why: Hindrance | None


def offer(session: Session, viewer: Viewer, call_id: CallId, now: datetime) -> Offer | None:
    """None while no survey is open. Raises NotVisible for a call that is not the viewer's own."""
    call, record = _own(session, viewer, call_id)
    opened = surveys.current(session)
    if opened is None:
        return None
    situation = Situation(
        talked=call.answered_at is not None,
        ended_at=call.ended_at,
        caller=record.fields.get("caller_type", ""),
        risk=record.fields.get("risk", ""),
        problem=record.fields.get("problem", ""),
        by_key=bool(yes_no.told(session, call_id)),
        disposition=Disposition(record.disposition) if record.disposition else None,
        asked=session.get(SurveyAskedRow, call_id) is not None,
        asked_lately=_asked_lately(session, call, now),
    )
    return Offer(opened, fitting.hindrance(situation, now))


def begin(
    session: Session, viewer: Viewer, call_id: CallId, typed: Mapping[str, str], now: datetime
) -> tuple[Asked, Opened, Group | None]:
    """What the child said to being asked. `typed`: `consent` (yes, no), and with it `age` in years and
    `sex`. BEGUN: now the questions come. Raises NotVisible, Conflict (it may not be asked), FieldErrors.
    """
    found = offer(session, viewer, call_id, now)
    if found is None or found.why is not None:
        raise Conflict("this call is not to be asked")
    state, group = _stands(session, found.opened, typed)
    session.add(
        SurveyAskedRow(
            call_id=call_id, survey_id=found.opened.id, staff_id=viewer.staff_id, at=now, state=state
        )
    )
    audit.note(session, viewer, audit.Act.CREATE, "survey_asked", call_id, now)
    return state, found.opened, group


def _stands(session: Session, opened: Opened, typed: Mapping[str, str]) -> tuple[Asked, Group | None]:
    if typed.get("consent") == "no":
        return Asked.DECLINED, None
    age, sex = typed.get("age", ""), typed.get("sex", "")
    wrong = {
        "consent": typed.get("consent") != "yes",
        "age": not (age.isascii() and age.isdecimal() and len(age) <= 3 and int(age) <= OLDEST),
        "sex": sex not in set(Sex),
    }
    if any(wrong.values()):
        raise FieldErrors({name: "missing" for name, is_so in wrong.items() if is_so})
    group = opened.survey.group(int(age))
    if group is None:
        return Asked.OTHER_AGE, None
    full = _answered(session, opened.id, group.code, sex) >= group.quota
    return (Asked.FULL if full else Asked.BEGUN), group


def survey_of(session: Session, viewer: Viewer, call_id: CallId) -> Opened:
    """The one that this call is being asked. Raises NotVisible, Conflict when that is over."""
    asked = _asked(session, viewer, call_id)
    if asked.state != Asked.BEGUN:
        raise Conflict("this call is not being asked any more")
    return surveys.one(session, asked.survey_id)


def keep(
    session: Session,
    survey_id: int,
    key: str,
    group: str,
    sex: str,
    answers: Mapping[str, list[str]],
    now: datetime,
) -> bool:
    """Keep what one child said; nothing else may be written in this transaction. `key`: a random one of
    the page, by which sent twice is once. False: enough others have answered meanwhile.
    """
    row = session.get(SurveyRow, survey_id, with_for_update=True)  # the quota holds for two at once
    if row is None:
        raise NotVisible("survey")
    survey = Survey.model_validate(row.definition)
    of = next((one for one in survey.groups if one.code == group), None)
    if of is None or sex not in set(Sex) or _KEY.fullmatch(key) is None:
        raise BadInput("group, sex or key")
    if session.get(SurveyAnswerRow, key) is not None:
        return True
    if _answered(session, survey_id, group, sex) >= of.quota:
        return False
    session.add(
        SurveyAnswerRow(
            id=key,
            survey_id=survey_id,
            month=f"{local(now):%Y-%m}",
            age_group=group,
            sex=sex,
            answers=checked(survey, answers),
        )
    )
    return True


def settle(session: Session, viewer: Viewer, call_id: CallId, state: Asked, now: datetime) -> None:
    """How it ended with this call. Raises NotVisible."""
    asked = _asked(session, viewer, call_id, lock=True)
    if asked.state == Asked.BEGUN:
        asked.state = state
        audit.note(session, viewer, audit.Act.CHANGE, "survey_asked", call_id, now)


def _answered(session: Session, survey_id: int, group: str, sex: str) -> int:
    of = SurveyAnswerRow
    query = select(func.count()).select_from(of)
    return session.scalars(
        query.where(of.survey_id == survey_id, of.age_group == group, of.sex == sex)
    ).one()


def _asked(session: Session, viewer: Viewer, call_id: CallId, *, lock: bool = False) -> SurveyAskedRow:
    row = session.get(SurveyAskedRow, call_id, with_for_update=lock or None)
    if row is None or row.staff_id != viewer.staff_id:
        raise NotVisible("survey_asked")
    return row


def _own(session: Session, viewer: Viewer, call_id: CallId) -> tuple[CallRow, RecordRow]:
    """Whoever talked with the child writes its record, and asks."""
    query = (
        select(CallRow, RecordRow)
        .join(RecordRow, RecordRow.call_id == CallRow.id)
        .where(
            CallRow.id == call_id,
            RecordRow.owner_id == viewer.staff_id,
            reachable_records(viewer, Action.WRITE_RECORD),
        )
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotVisible("call")
    return found[0], found[1]


def _asked_lately(session: Session, call: CallRow, now: datetime) -> bool:
    if call.number is None:
        return False
    query = (
        select(SurveyAskedRow.call_id)
        .join(CallRow, CallRow.id == SurveyAskedRow.call_id)
        .where(CallRow.number == call.number, SurveyAskedRow.at > now - fitting.REST)
    )
    return session.scalar(query.limit(1)) is not None

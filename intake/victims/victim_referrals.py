"""Victims of trafficking are referred: to whom, who took it there, when, and what became of it.

A referral and its results are written once and stand on the timeline, too; one that was told by mistake
is told to be that. Rights are those of the case.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit, staff
from hotline.access import Viewer
from hotline.errors import FieldErrors, NotVisible
from hotline.ids import CaseId, StaffId
from hotline.staff import StaffView
from intake.cases import case_rows, cases, flow
from intake.cases.case_views import CaseView
from intake.cases.emergency import Office
from intake.directory import directory_entries
from intake.directory.directory import NATIONAL, Kind
from intake.forms.forms import tidy
from intake.forms.trafficking import Body, Outcome
from intake.tables.cases import CaseRow
from intake.tables.victims import VictimReferralRow, VictimResultRow

LONGEST_NAME = 160
LONGEST_TEXT = 1_000
_KINDS = (Kind.POLICE, Kind.BORDER_GUARD, Kind.DIPLOMATIC, Kind.SOCIAL_WORK, Kind.SHELTER, Kind.NGO)
"""Of the directory, as far as victims are referred there."""
_OFFERED = 2
"""Offices of one kind: the nearest."""


@dataclass(frozen=True, slots=True)
class Result:
    outcome: Outcome
    told_by: str
    text: str
    who: StaffView
    at: datetime


@dataclass(frozen=True, slots=True)
class Referral:
    """`results`: the newest first."""

    id: int
    body: Body
    agency: str
    contact: str
    text: str
    who: StaffView
    at: datetime
    results: tuple[Result, ...]

    @property
    def outcome(self) -> Outcome | None:
        """As it stands; None while nobody has said."""
        return self.results[0].outcome if self.results else None


@dataclass(frozen=True, slots=True)
class Victims:
    """What an anti-trafficking case has besides other cases. `offices`: of the directory, with a
    number each."""

    referrals: Sequence[Referral]
    offices: Sequence[Office]


def of_case(session: Session, case: CaseView) -> Victims | None:
    """None for another case; for who may see it. Four statements however many there are."""
    if not case.trafficking:
        return None
    ids = [case.id, *(one.id for one in case.merged)]
    row = session.get_one(CaseRow, case.id)
    around = directory_entries.around(session, row.commune or row.province or NATIONAL)
    told = [one.contact for one in around if one.contact.numbers]
    offices = [
        Office(kind, one.name, one.numbers[0])
        for kind in _KINDS
        for one in [each for each in told if each.kind is kind][:_OFFERED]
    ]
    return Victims(_referrals(session, ids), offices)


def _referrals(session: Session, case_ids: Collection[int]) -> Sequence[Referral]:
    row = VictimReferralRow
    rows = session.scalars(select(row).where(row.case_id.in_(case_ids)).order_by(row.id.desc())).all()
    if not rows:
        return ()
    told = session.scalars(
        select(VictimResultRow)
        .where(VictimResultRow.referral_id.in_([one.id for one in rows]))
        .order_by(VictimResultRow.id.desc())
    ).all()
    ids = {one.staff_id for one in rows} | {one.staff_id for one in told}
    people = staff.some(session, [StaffId(each) for each in ids])
    results: defaultdict[int, list[Result]] = defaultdict(list)
    for one in told:
        who = people[StaffId(one.staff_id)]
        results[one.referral_id].append(
            Result(Outcome(one.outcome), one.told_by, one.text, who, one.happened_at)
        )
    return [
        Referral(
            one.id,
            Body(one.body),
            one.agency,
            one.contact,
            one.text,
            people[StaffId(one.staff_id)],
            one.referred_at,
            tuple(results[one.id]),
        )
        for one in rows
    ]


def refer(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    told: Mapping[str, str],
    token: str,
    now: datetime,
    happened_at: datetime | None = None,
) -> None:
    """`told`: `body`, `agency`, `contact`, `text`; with `takes_over` they answer for the case from now
    on, which is then referred (`flow.Step.REFER`), and `text` is the reason. Sent twice it is one.

    Raises NotVisible, FieldErrors, Conflict (`merged`).
    """
    row = _victims(session, viewer, case_id)
    known = select(VictimReferralRow.id).where(VictimReferralRow.asked_by == token)
    if session.scalar(known) is not None:
        return
    takes_over = bool(told.get("takes_over")) and row.state != flow.State.REFERRED
    lines, wrong = _lines(told, ("agency", "contact"), now, happened_at)
    if told.get("body") not in set(Body):
        wrong["body"] = "not_a_choice" if told.get("body") else "missing"
    if takes_over and not lines["text"]:
        wrong["text"] = "missing"
    if wrong:
        raise FieldErrors(wrong)
    body = told["body"]
    session.add(
        VictimReferralRow(
            case_id=row.id,
            asked_by=token,
            body=body,
            staff_id=viewer.staff_id,
            referred_at=happened_at or now,
            entered_at=now,
            **lines,
        )
    )
    case_rows.append(
        session,
        viewer,
        row,
        "referral",
        now,
        code=body,
        words=lines["text"],
        answers={"receiver": lines["agency"], "acknowledged_by": lines["contact"]},
        happened_at=happened_at,
    )
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, f"referral {body}")
    session.flush()
    if takes_over:
        answers = {
            "receiver": lines["agency"],
            "acknowledged_by": lines["contact"],
            "reason": lines["text"],
        }
        cases.advance(session, viewer, row, flow.Step.REFER, answers, now)


def tell_result(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    referral_id: int,
    told: Mapping[str, str],
    now: datetime,
    happened_at: datetime | None = None,
) -> None:
    """`told`: `outcome`, `told_by`, `text`. Raises as `refer` does."""
    row = _victims(session, viewer, case_id)
    referral = session.get(VictimReferralRow, referral_id)
    if referral is None or not _stands_in(session, referral.case_id, row):
        raise NotVisible("referral")
    lines, wrong = _lines(told, ("told_by",), now, happened_at)
    if told.get("outcome") not in set(Outcome):
        wrong["outcome"] = "not_a_choice" if told.get("outcome") else "missing"
    if wrong:
        raise FieldErrors(wrong)
    session.add(
        VictimResultRow(
            referral_id=referral.id,
            outcome=told["outcome"],
            staff_id=viewer.staff_id,
            happened_at=happened_at or now,
            entered_at=now,
            **lines,
        )
    )
    case_rows.append(
        session,
        viewer,
        row,
        "referral_result",
        now,
        code=told["outcome"],
        words=lines["text"],
        answers={"receiver": referral.agency, "told_by": lines["told_by"]},
        happened_at=happened_at,
    )
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, f"referral_result {referral.id}")
    session.flush()


def _victims(session: Session, viewer: Viewer, case_id: CaseId) -> CaseRow:
    row = case_rows.writable(session, viewer, case_id)
    if not row.trafficking:
        raise NotVisible("referral")
    return row


def _stands_in(session: Session, case_id: int, row: CaseRow) -> bool:
    """Whether what was told in that case is this one's now."""
    return case_id == row.id or session.get_one(CaseRow, case_id).merged_into_id == row.id


def _lines(
    told: Mapping[str, str], names: Sequence[str], now: datetime, happened_at: datetime | None
) -> tuple[dict[str, str], dict[str, str]]:
    """The texts tidied, and what is wrong with them."""
    lines = {name: " ".join(tidy(told.get(name, "")).split()) for name in names}
    wrong = {name: "missing" for name, text in lines.items() if not text}
    wrong |= {name: "too_long" for name, text in lines.items() if len(text) > LONGEST_NAME}
    lines["text"] = tidy(told.get("text", "")).strip()
    if len(lines["text"]) > LONGEST_TEXT:
        wrong["text"] = "too_long"
    if happened_at is not None and happened_at > now:
        wrong["happened_at"] = "not_a_time"
    return lines, wrong

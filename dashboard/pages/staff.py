"""Staff: who works here, invited by a one-time link, changed, and off at one press when they leave.

An administrator sees accounts and how much somebody still holds, never what it is about, and never a
password.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, OtherId, Work
from dashboard.rendering import page
from hotline import accounts, invitations, oidc_accounts, staff
from hotline.access import Action, Role
from hotline.accounts import Draft
from hotline.errors import BadInput, Conflict, FieldErrors
from hotline.ids import CenterId, Phone, StaffId
from hotline.invitations import Invitation, KnownBy
from hotline.languages import LANGUAGES
from hotline.lines import Skill
from intake.cases import left_work
from intake.directory import directory
from routing import people, roster

router = APIRouter()

_Text = Annotated[str, Form(max_length=300)]
_Codes = Annotated[Sequence[str], Form()]


class Typed:
    """What a form says of somebody, as it was typed."""

    def __init__(
        self,
        login: _Text = "",
        name: _Text = "",
        role: _Text = "",
        center: OtherId = 0,
        phone: _Text = "",
        browser: _Text = "",
        unit: _Text = "",
        email: _Text = "",
        languages: _Codes = (),
        skills: _Codes = (),
    ) -> None:
        self.login, self.name, self.phone = login.strip(), " ".join(name.split()), phone.strip()
        self.role = Role(role) if role in set(Role) else Role.COUNSELOR
        self.center, self.browser, self.unit, self.email = center, browser == "1", unit, email.strip()
        self.languages, self.skills = tuple(languages), tuple(skills)

    def draft(self, login: str = "") -> Draft:
        """`login`: of an account that has one already."""
        return Draft(
            login=login or self.login,
            name=self.name,
            role=self.role,
            center=CenterId(self.center),
            phone=Phone(self.phone) if self.phone else None,
            phone_in_browser=self.browser,
            languages=("vi", *(one for one in LANGUAGES if one in self.languages)),
            skills=self.skills,
            email=self.email,
            unit=_unit(self.unit),
        )


_TypedForm = Annotated[Typed, Depends()]


def _known_by(text: str) -> KnownBy:
    """Raises FieldErrors for what is no way to know somebody, nothing above all."""
    if text not in set(KnownBy):
        raise FieldErrors({"known_by": "missing"})
    return KnownBy(text)


def _unit(text: str) -> str:
    """Its id; what no unit is like stays as it is, and is refused."""
    if not text.strip():
        return ""
    try:
        return directory.unit_of(" ".join(text.split()))
    except BadInput:
        return text


@router.get("/staff")
def everybody(
    asked: Asking, role: Annotated[str, Query(max_length=30)] = "", left: str = ""
) -> Response:
    with asked.work(Action.MANAGE_STAFF, write=False) as work:
        return _list(asked, work, _asked("", role, left))


@router.post("/staff/find")
def find(asked: Asking, words: _Text = "", role: _Text = "", left: _Text = "") -> Response:
    """A form that is posted: names have no place in an address."""
    with asked.work(Action.MANAGE_STAFF, write=False) as work:
        return _list(asked, work, _asked(words, role, left))


@router.get("/staff/new")
def new(asked: Asking) -> Response:
    with asked.work(Action.MANAGE_STAFF, write=False) as work:
        center = staff.centers(work.session)[0].id
        return _form(asked, work, Draft("", "", Role.COUNSELOR, center))


@router.post("/staff")
def invite(asked: Asking, typed: _TypedForm, known_by: _Text = "") -> Response:
    """The link is on the page that answers, and never again."""
    with asked.work(Action.MANAGE_STAFF) as work:
        draft = typed.draft()
        try:
            who, made = people.invite(work.session, work.viewer, draft, _known_by(known_by), work.now)
        except FieldErrors as wrong:
            return _form(asked, work, draft, wrong.fields, known_by)
        return _member(asked, work, who, made)


@router.get("/staff/{staff_id}")
def member(asked: Asking, staff_id: Id) -> Response:
    with asked.work(Action.MANAGE_STAFF, write=False) as work:
        return _member(asked, work, StaffId(staff_id))


@router.post("/staff/{staff_id}")
def change(asked: Asking, staff_id: Id, typed: _TypedForm) -> Response:
    who = StaffId(staff_id)
    with asked.work(Action.MANAGE_STAFF) as work:
        draft = typed.draft(accounts.one(work.session, who, work.now).said.login)
        try:
            work.signal(people.change(work.session, work.viewer, who, draft, work.now))
        except FieldErrors as wrong:
            return _member(asked, work, who, draft=draft, wrong=wrong.fields)
        except Conflict:
            return _member(asked, work, who, last=True)
    return RedirectResponse(f"/staff/{who}", 303)


@router.post("/staff/{staff_id}/invitation")
def invite_again(asked: Asking, staff_id: Id, known_by: _Text = "") -> Response:
    who = StaffId(staff_id)
    with asked.work(Action.MANAGE_STAFF) as work:
        try:
            made = invitations.make(work.session, work.viewer, who, _known_by(known_by), work.now)
        except FieldErrors as wrong:
            return _member(asked, work, who, wrong=wrong.fields)
        return _member(asked, work, who, made)


@router.post("/staff/{staff_id}/lost-phone")
def lost_phone(asked: Asking, staff_id: Id, known_by: _Text = "") -> Response:
    """They come in anew, as on their first day: who found the phone may know the password."""
    with asked.work(Action.MANAGE_STAFF) as work:
        who = StaffId(staff_id)
        try:
            known = _known_by(known_by)
            made, signals = people.begin_anew(work.session, work.viewer, who, known, work.now)
        except FieldErrors as wrong:
            return _member(asked, work, who, wrong=wrong.fields)
        except Conflict:
            return _member(asked, work, who, last=True)
        work.signal(signals)
        return _member(asked, work, who, made)


@router.post("/staff/{staff_id}/ministry-account")
def unbind(asked: Asking, staff_id: Id) -> Response:
    """Their account at the ministry is another one now: the next under their name is bound to them."""
    with asked.work(Action.MANAGE_STAFF) as work:
        oidc_accounts.unbind(work.session, work.viewer, StaffId(staff_id), work.now)
    return RedirectResponse(f"/staff/{staff_id}", 303)


@router.post("/staff/{staff_id}/log-out")
def log_out(asked: Asking, staff_id: Id) -> Response:
    """Wherever they are logged in: a computer was stolen, or somebody forgot to."""
    with asked.work(Action.MANAGE_STAFF) as work:
        work.signal(people.log_out(work.session, work.viewer, StaffId(staff_id), work.now))
    return RedirectResponse(f"/staff/{staff_id}", 303)


@router.post("/staff/{staff_id}/leave")
def leave(asked: Asking, staff_id: Id) -> Response:
    with asked.work(Action.MANAGE_STAFF) as work:
        try:
            work.signal(people.leave(work.session, work.viewer, StaffId(staff_id), work.now))
        except Conflict:
            return _member(asked, work, StaffId(staff_id), last=True)
    return RedirectResponse(f"/staff/{staff_id}", 303)


@router.post("/staff/{staff_id}/return")
def come_back(asked: Asking, staff_id: Id, known_by: _Text = "") -> Response:
    who = StaffId(staff_id)
    with asked.work(Action.MANAGE_STAFF) as work:
        try:
            made = people.come_back(work.session, work.viewer, who, _known_by(known_by), work.now)
        except FieldErrors as wrong:
            return _member(asked, work, who, wrong=wrong.fields)
        return _member(asked, work, who, made)


def _asked(words: str, role: str, left: str) -> accounts.Asked:
    return accounts.Asked(words, Role(role) if role in set(Role) else None, left == "1")


def _list(asked: Asked, work: Work, wanted: accounts.Asked) -> Response:
    shown, count = accounts.some(work.session, wanted, work.now)
    return page(asked, work, "staff.html", accounts=shown, count=count, wanted=wanted, roles=tuple(Role))


def _form(
    asked: Asked, work: Work, said: Draft, wrong: Mapping[str, str] | None = None, known_by: str = ""
) -> Response:
    return page(
        asked,
        work,
        "staff_new.html",
        status=422 if wrong else 200,
        **_fields(work, said, wrong or {}, known_by),
    )


def _fields(work: Work, said: Draft, wrong: Mapping[str, str], known_by: str = "") -> dict[str, Any]:
    return {
        "said": said,
        "wrong": wrong,
        "centers": staff.centers(work.session),
        "roles": tuple(Role),
        "all_languages": LANGUAGES,
        "all_skills": tuple(Skill),
        "ways_to_know": tuple(KnownBy),
        "known_by": known_by,
    }


def _member(
    asked: Asked,
    work: Work,
    who: StaffId,
    made: Invitation | None = None,
    draft: Draft | None = None,
    wrong: Mapping[str, str] | None = None,
    *,
    last: bool = False,
) -> Response:
    account = accounts.one(work.session, who, work.now)
    return page(
        asked,
        work,
        "staff_member.html",
        status=422 if wrong else 409 if last else 200,
        account=account,
        made=made,
        last=last,
        ministry_since=oidc_accounts.since(work.session, who),
        held=left_work.held(work.session, who),
        shifts=roster.coming(work.session, who, work.now),
        had_phone=account.said.role in people.WITH_PHONE,
        **_fields(work, draft or account.said, wrong or {}),
    )

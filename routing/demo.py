"""The demo organisation: three centers, 32 counselors in three shifts, their leads. Clearly not real.

All names are made up. The one password is this installation's own secret, made at the first start and
printed by `tongdai up`; nothing in the code knows it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import typer
from sqlalchemy.orm import Session

from hotline import interpreters, staff
from hotline.access import Role
from hotline.clock import local, utc_now
from hotline.db import reading, transaction
from hotline.errors import SetupError
from hotline.ids import CenterId, Phone
from hotline.secrets import load_or_create
from hotline.settings import Settings, settings
from routing import availability, roster
from routing.planning import HOLIDAY, Strength, Template
from routing.shifts import AFTERNOON, MORNING, NIGHT, SHIFTS, Duty, Shift, duty_at
from routing.staff_command import CENTERS

_DESKS = {
    "hn": {MORNING: 6, AFTERNOON: 5, NIGHT: 3},
    "dn": {MORNING: 3, AFTERNOON: 3, NIGHT: 3},
    "ag": {MORNING: 3, AFTERNOON: 3, NIGHT: 3},
}
"""How many counselors work each shift of each center: 32 in all, nowhere fewer than three."""
_ROSTER_DAYS = 45
"""So far ahead the roster is kept filled, at each start."""

_COUNSELORS = """
Nguyễn Thị Thu Hà, Trần Văn Dũng, Lê Thị Mai Anh, Phạm Minh Đức, Hoàng Thị Bích Ngọc, Vũ Quang Huy,
Đặng Thị Hồng Nhung, Bùi Thanh Tùng, Đỗ Thị Phương Thảo, Lý A Páo, Giàng Thị Mỷ,
Ngô Thị Lan Hương, Nông Văn Thắng, Dương Thị Kim Oanh,
Huỳnh Thị Mỹ Linh, Phan Văn Tài, Võ Thị Thanh Trúc, Y Bhin Niê, Đinh Thị Quỳnh Như, Trương Công Hậu,
H'Liên Êban, Hồ Thị Ái Vân, Tô Hoàng Nam,
Mai Thị Cẩm Tiên, Thạch Sô Phia, Lâm Thị Ngọc Giàu, Châu Minh Khôi, Kim Thị Sa Rinh, Cao Văn Lợi,
Đoàn Thị Tuyết Nga, Sơn Thị Chanh Đa, Từ Gia Bảo
"""
_LEADS = """
Nguyễn Văn Thành, Trịnh Thị Ánh Tuyết, Lưu Đức Toàn, Lê Thị Kim Chi, Nguyễn Hữu Phước,
Phùng Thị Diệu Hiền, Trần Thị Út Em, Nguyễn Quốc Thịnh, Đào Thị Minh Châu
"""
_LANGUAGES: dict[int, tuple[str, ...]] = {
    1: ("vi", "en"), 4: ("vi", "en"), 10: ("vi", "hmn"), 11: ("vi", "hmn"), 13: ("vi", "tyz", "nut"),
    15: ("vi", "en"), 18: ("vi", "rad", "jra"), 20: ("vi", "en"), 21: ("vi", "rad"), 24: ("vi", "en"),
    25: ("vi", "khm"), 28: ("vi", "khm"), 31: ("vi", "khm", "cja"),
}  # fmt: skip
"""Counselor's number → languages: English, H'Mông, Tày, Nùng, Ê đê, Gia Rai, Khơme, Chăm (ISO 639)."""

_INTERPRETERS: dict[str, dict[str, tuple[str, ...]]] = {
    "hn": {
        "Vàng Thị Dợ": ("hmn",), "Hoàng Văn Sliền": ("tyz", "nut"), "Bùi Thị Vạn": ("mtq",),
        "Rơ Châm H'Yéo": ("jra", "rad"), "Danh Sà Rây": ("khm",), "Đàng Năng Thọ": ("cja",),
        "Phí Ngọc Lan": ("en",),
    },
    "dn": {"Siu H'Nhiên": ("jra",), "H'Bia Ayŭn": ("rad",), "Tôn Nữ Hạnh": ("en",)},
    "ag": {"Neang Sóc Kha": ("khm",), "Rô Hi Mah": ("cja",), "Quách Tố Như": ("en",)},
}  # fmt: skip
"""Interpreters by center, on phones of the house from number 81."""


@dataclass(frozen=True, slots=True)
class Person:
    """One member of the demo organisation. Counselors and shift leads have a phone.

    `rest`: the one day of the week (Monday is 0) on which they have no shift.
    """

    login: str
    name: str
    role: Role
    center: str
    shift: Shift | None = None
    phone: Phone | None = None
    languages: tuple[str, ...] = ("vi",)
    rest: int | None = None

    def works(self, duty: Duty) -> bool:
        """Whether the plan has them on this shift."""
        usual = self.shift is not None and self.shift.code == duty.shift
        return usual and duty.day.weekday() != self.rest


def people() -> Sequence[Person]:
    """Everybody: counselors tv01…, shift leads ca01…, center leads lt01…, the therapy unit
    tl01…, one person each of the department, of audit and of administration."""
    return [
        *_counselors(),
        *_shift_leads(),
        Person("lt01", "Đào Thị Hồng Liên", Role.CENTER_LEAD, "hn"),
        Person("lt02", "Ông Văn Phước", Role.CENTER_LEAD, "dn"),
        Person("lt03", "Lâm Thị Cẩm Nhung", Role.CENTER_LEAD, "ag"),
        Person("tl01", "Trịnh Thị Thu Hằng", Role.THERAPY_HEAD, "hn"),
        Person("tl02", "Mạc Thị Diệu Linh", Role.THERAPIST, "hn"),
        Person("cb01", "Nghiêm Xuân Thắng", Role.DEPARTMENT, "hn"),
        Person("kt01", "Hà Thị Minh Tâm", Role.AUDITOR, "hn"),
        Person("qt01", "Nguyễn Trọng Nghĩa", Role.ADMINISTRATOR, "hn"),
    ]


def _counselors() -> Iterator[Person]:
    names = iter(_split(_COUNSELORS))
    number = 0
    for center, desks in _DESKS.items():
        phone = 0
        for shift in [shift for shift, many in desks.items() for _ in range(many)]:
            number, phone = number + 1, phone + 1
            yield Person(
                login=f"tv{number:02}",
                name=next(names),
                role=Role.COUNSELOR,
                center=center,
                shift=shift,
                phone=Phone(f"{center}{phone:02}"),
                languages=_LANGUAGES.get(number, ("vi",)),
                rest=number % 7,
            )


def _shift_leads() -> Iterator[Person]:
    posts = [(center, shift) for center in CENTERS for shift in SHIFTS]
    for number, (name, (center, shift)) in enumerate(zip(_split(_LEADS), posts, strict=True), 1):
        phone = Phone(f"{center}{91 + SHIFTS.index(shift)}")
        yield Person(f"ca{number:02}", name, Role.SHIFT_LEAD, center, shift, phone)


def _interpreters() -> Iterator[tuple[str, tuple[str, ...], str, Phone]]:
    """Name, languages, center, phone."""
    for center, spoken in _INTERPRETERS.items():
        for number, (name, languages) in enumerate(spoken.items(), 81):
            yield name, languages, center, Phone(f"{center}{number}")


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",")]


def password(of: Settings) -> str:
    """The one password of all demo accounts, made for this installation."""
    return load_or_create(of, "demo-password")[:12]


def seed(session: Session, secret: str | staff.HashedPassword) -> int:
    """Add whoever is missing; returns how many. Safe to repeat: nobody is changed."""
    known = {person.login for person in staff.everybody(session)}
    missing = [person for person in people() if person.login not in known]
    if not missing:
        return 0
    centers = {center.code: center.id for center in staff.centers(session)}
    for code, name in CENTERS.items():
        if code not in centers:
            centers[code] = staff.add_center(session, code, name).id
    once = staff.hashed(secret) if isinstance(secret, str) else secret  # argon2id is slow on purpose
    for person in missing:
        _add(session, person, centers[person.center], once)
    keep_roster(session, utc_now())
    for code, desks in _DESKS.items():
        if not roster.template_of(session, centers[code]):
            roster.put_template(session, None, centers[code], _template(desks), utc_now())
    if not interpreters.everybody(session):
        for name, spoken, center, phone in _interpreters():
            interpreters.add(session, name=name, languages=spoken, center=centers[center], reached=phone)
    return len(missing)


def _add(session: Session, person: Person, center: CenterId, secret: staff.HashedPassword) -> None:
    added = staff.add(
        session,
        login=person.login,
        name=person.name,
        role=person.role,
        center=center,
        password=secret,
        phone=person.phone,
        languages=person.languages,
    )
    if person.role is Role.COUNSELOR:
        availability.enroll(session, added.id, utc_now())


def _template(desks: Mapping[Shift, int]) -> Template:
    """One of each shift has a day of rest; half of the others is the least, and so are holidays."""
    return {
        (kind, shift.code): Strength(least if kind == HOLIDAY else many - 1, least)
        for shift, many in desks.items()
        for kind in range(HOLIDAY + 1)
        for least in [many // 2]
    }


def keep_roster(session: Session, now: datetime) -> None:
    """Fill the demo's roster for the coming weeks, from where it ends."""
    ids = {each.login: each.id for each in staff.everybody(session, Role.COUNSELOR)}
    today = local(now).date()
    for person in people():
        if person.role is not Role.COUNSELOR or person.shift is None or person.login not in ids:
            continue
        who = ids[person.login]
        last = roster.last_day(session, who)
        first = max(today - timedelta(days=1), last + timedelta(days=1) if last else today.min)
        days = [first + timedelta(days=n) for n in range((today - first).days + _ROSTER_DAYS)]
        on = [day for day in days if person.works(person.shift.on(day))]
        roster.plan_daily(session, who, person.shift, on, now)


def command() -> None:
    """Make the demo organisation where it is missing, and print its log-ins: who is on shift first."""
    of = settings()
    if not of.demo:
        raise SetupError("TONGDAI_DEMO is off: demo accounts do not belong into a real installation")
    with reading() as session:
        others = {person.login for person in staff.everybody(session)} - {p.login for p in people()}
    if others:
        raise SetupError("this database has real accounts: set TONGDAI_DEMO=false")
    secret = password(of)
    with transaction() as session:
        added = seed(session, secret)
        keep_roster(session, utc_now())
    if added:
        typer.echo(f"demo organisation: {added} made-up accounts added")
    with reading() as session:
        here = availability.everybody(session, utc_now())
    for line in told(secret, {each.staff.login for each in here if each.on_duty(utc_now())}):
        typer.echo(line)


def told(secret: str, on_duty: Collection[str]) -> Iterator[str]:
    """The log-ins as lines of text, first who is on duty now."""
    now = duty_at(utc_now())
    hours = f"{local(now.starts):%H:%M}-{local(now.ends):%H:%M}"
    yield f"Demo log-ins (made-up people), password for all: {secret}"
    yield f"  on shift now ({hours}):"
    for role, title in ((Role.COUNSELOR, "counselor"), (Role.SHIFT_LEAD, "shift lead")):
        for person in people():
            if person.role is role and (person.login in on_duty or _leads(person, now)):
                phone = f", phone {person.phone}" if person.phone else ""
                yield f"    {person.login}  {title}, {CENTERS[person.center]}{phone}: {person.name}"
    yield "  others: tv01 to tv32 counselors, ca01 to ca09 shift leads, lt01 to lt03 center leads,"
    yield "  tl01 and tl02 therapy unit, cb01 department, kt01 auditor, qt01 administrator"


def _leads(person: Person, duty: Duty) -> bool:
    return person.role is Role.SHIFT_LEAD and person.works(duty)

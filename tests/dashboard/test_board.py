"""The wallboard as a value."""

from dataclasses import replace
from datetime import timedelta

from dashboard import board
from hotline.access import Role
from hotline.ids import CallId, CenterId, Phone, StaffId
from hotline.lines import CalledLine
from hotline.staff import Center, StaffView
from intake.calls.calls import LiveCall
from routing.availability import Availability
from routing.choices import Choice
from routing.shifts import NIGHT, Duty, duty_at
from tests.factories import NOON

HANOI = Center(CenterId(1), "hn", "Hà Nội")
DANANG = Center(CenterId(2), "dn", "Đà Nẵng")
TODAY = duty_at(NOON)
TONIGHT = NIGHT.on(TODAY.day)


def person(number: int, name: str, center: Center = HANOI) -> StaffView:
    return StaffView(
        StaffId(number), f"tv{number:02}", name, Role.COUNSELOR, center, Phone(f"hn{number:02}"), ("vi",)
    )


AN, BINH, CHI = person(1, "Lê An"), person(2, "Vũ Bình"), person(3, "Hồ Chi", DANANG)


def chose(who: StaffView, choice: Choice = Choice.AVAILABLE, *, on: Duty = TODAY) -> Availability:
    return Availability(who, choice, NOON - timedelta(minutes=5), (on,))


def call(
    seconds: int,
    ringing: tuple[StaffView, ...] = (),
    talking: tuple[StaffView, ...] = (),
    line: CalledLine = CalledLine.CHILD,
) -> LiveCall:
    return LiveCall(
        call_id=CallId(f"hn-1.{seconds}"),
        number="+84912345678",
        dialled="111",
        line=line,
        outbound=False,
        arrived_at=NOON - timedelta(seconds=seconds),
        answered_at=NOON if talking else None,
        waiting=not talking,
        ringing=ringing,
        talking=talking,
        record_id=None,
    )


def states(shown: board.Board) -> dict[str, str]:
    return {tile.staff.name: tile.state for center in shown.centers for tile in center.tiles}


def test_an_empty_house() -> None:
    shown = board.compose([], [], {}, NOON)
    assert (shown.waiting, shown.free, shown.talking, shown.longest_since, shown.centers) == (
        (),
        0,
        0,
        None,
        (),
    )


def test_who_waits_longest_is_first() -> None:
    shown = board.compose([], [call(9), call(48), call(31)], {}, NOON)
    assert [NOON - one.since for one in shown.waiting] == [timedelta(seconds=s) for s in (48, 31, 9)]
    assert [one.place for one in shown.waiting] == [1, 2, 3]
    assert shown.longest_since == NOON - timedelta(seconds=48)


def test_a_caller_s_language_is_told_where_it_is_known() -> None:
    shown = board.compose([], [call(9), call(48)], {}, NOON, {CallId("hn-1.9"): "hmn"})
    assert [one.language for one in shown.waiting] == ["", "hmn"]


def test_the_line_counts_before_the_choice() -> None:
    people = [chose(AN), chose(BINH), chose(CHI, Choice.BREAK)]
    lines = [call(9, ringing=(AN,)), call(90, talking=(BINH,))]
    shown = board.compose(people, lines, {}, NOON)
    assert states(shown) == {"Lê An": "ringing", "Vũ Bình": "talking", "Hồ Chi": "break"}
    assert (shown.free, shown.talking) == (0, 1)
    assert shown.waiting[0].rings == (AN,)


def test_who_calls_outside_is_not_free_and_makes_nobody_wait() -> None:
    out = replace(call(5, ringing=(AN,)), outbound=True, waiting=False)
    shown = board.compose([chose(AN)], [out], {}, NOON)
    assert (states(shown), shown.free, shown.waiting) == ({"Lê An": "calling"}, 0, ())


def test_who_writes_a_record_after_a_talk_is_not_free() -> None:
    ended = NOON - timedelta(seconds=12)
    shown = board.compose(
        [chose(AN), chose(BINH, Choice.BREAK)], [], {AN.id: ended, BINH.id: ended}, NOON
    )
    assert states(shown) == {"Lê An": "wrap_up", "Vũ Bình": "break"}
    assert shown.centers[0].tiles[0].since == ended
    assert shown.free == 0


def test_who_is_at_home_is_not_on_the_board_but_who_stayed_is() -> None:
    people = [
        chose(AN, Choice.AWAY, on=TONIGHT),
        chose(BINH, Choice.AVAILABLE, on=TONIGHT),
        chose(CHI, Choice.AWAY),
    ]
    assert states(board.compose(people, [], {}, NOON)) == {"Vũ Bình": "available", "Hồ Chi": "away"}


def test_centers_come_in_their_order_and_people_by_given_name() -> None:
    people = [chose(CHI), chose(person(4, "An Yên")), chose(AN)]
    shown = board.compose(people, [], {}, NOON)
    assert [one.center.name for one in shown.centers] == ["Hà Nội", "Đà Nẵng"]
    assert [tile.staff.name for tile in shown.centers[0].tiles] == ["Lê An", "An Yên"]
    assert [one.free for one in shown.centers] == [2, 1]


def test_who_waits_on_another_line_is_told_apart_and_keeps_their_place() -> None:
    calls = [call(9), call(31, line=CalledLine.TRAFFICKING), call(48)]
    shown = board.compose([], calls, {}, NOON)
    assert [one.line for one in shown.waiting] == ["child", "trafficking", "child"]
    assert dict(shown.other_lines) == {CalledLine.TRAFFICKING: 1}

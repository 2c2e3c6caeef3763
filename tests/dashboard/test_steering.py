"""What a shift lead does from the wallboard, and what a counselor sees of it."""

import re

import pytest

from hotline.clock import utc_now
from hotline.db import reading
from routing import availability
from routing.choices import Choice
from tests.dashboard.conftest import Browser, Face


@pytest.fixture
def lead(face: Face) -> Browser:
    return face.browser(face.lead)


def board(lead: Browser) -> str:
    return lead.get("/wallboard/board", fragment=True).text


def undo(lead: Browser, number: int = 0) -> str:
    found = re.findall(r'hx-post="(/wallboard/(?:orders/\d+/undo|messages/\d+/take-back))"', board(lead))
    answer = lead.post(found[number], fragment=True)
    assert answer.status_code == 200
    return answer.text


def test_a_center_is_closed_with_a_reason_shown_and_opened_again(face: Face, lead: Browser) -> None:
    here = f"/wallboard/centers/{face.lead.center_id}"
    assert "Đóng trung tâm" in lead.get(here, fragment=True).text
    assert lead.post(f"{here}/close", {"minutes": "60", "reason": " "}, fragment=True).status_code == 422
    shown = lead.post(f"{here}/close", {"minutes": "60", "reason": "Mất điện"}, fragment=True).text
    assert "Hà Nội đóng" in shown
    assert "Mất điện" in shown
    assert 'data-order="closed"' not in undo(lead)


def test_an_overflow_limit_is_set_and_undone(face: Face, lead: Browser) -> None:
    path = f"/wallboard/centers/{face.far_lead.center_id}/limit"
    shown = lead.post(path, {"seconds": "45", "minutes": "30"}, fragment=True).text
    assert "Đà Nẵng tràn sau 45 giây" in shown
    assert lead.post(path, {"seconds": "9999", "minutes": "30"}, fragment=True).status_code == 422
    assert "tràn sau" not in undo(lead)


def choice_of(face: Face) -> Choice:
    with reading(face.db) as session:
        found = availability.of(session, face.an.staff_id, utc_now())
    assert found is not None
    return found.choice


def test_a_counselor_is_moved_to_another_queue(face: Face, lead: Browser) -> None:
    path = f"/wallboard/staff/{face.an.staff_id}"
    assert "Nguyễn Thị An" in lead.get(path, fragment=True).text
    moved = {"center": str(face.far_lead.center_id), "minutes": "120"}
    shown = lead.post(f"{path}/move", moved, fragment=True).text
    assert "Nguyễn Thị An: Đà Nẵng" in shown
    assert 'class="tile-moved"' in shown
    assert 'class="tile-moved"' not in undo(lead)


def test_a_counselor_s_state_is_set_for_a_time_shown_on_both_sides_and_undone(
    face: Face, lead: Browser, an: Browser
) -> None:
    face.choose(face.an, Choice.AVAILABLE)
    path = f"/wallboard/staff/{face.an.staff_id}/state"
    typed = {"choice": "break", "minutes": "30", "reason": "Ăn trưa"}
    shown = lead.post(path, typed, fragment=True).text
    assert 'data-order="state"' in shown
    assert "Ăn trưa" in shown
    assert re.search(r'tile-break.*class="tile-until"', shown, re.DOTALL)
    assert choice_of(face) is Choice.BREAK
    for page in ("/desk", "/desk/line"):
        told = an.get(page).text
        assert 'data-set-to="break"' in told
        assert "Lê Thị Lan đặt bạn là" in told
        assert "Ăn trưa" in told
    assert "tile-until" not in undo(lead)
    assert choice_of(face) is Choice.AVAILABLE
    assert "data-set-to" not in an.get("/desk").text
    assert lead.post(path, typed | {"choice": "missed"}, fragment=True).status_code == 422
    assert lead.post(path, typed | {"minutes": "0"}, fragment=True).status_code == 422


def test_what_the_counselor_chooses_ends_what_the_lead_has_set(
    face: Face, lead: Browser, an: Browser
) -> None:
    path = f"/wallboard/staff/{face.an.staff_id}/state"
    assert "tile-until" in lead.post(path, {"choice": "break", "minutes": "30"}, fragment=True).text
    assert "data-set-to" not in an.post("/desk/availability", {"choice": "available"}).text
    assert "tile-until" not in board(lead)
    assert choice_of(face) is Choice.AVAILABLE


def test_a_message_is_on_every_desk_until_it_is_read(face: Face, lead: Browser, an: Browser) -> None:
    sent = {"text": "Họp giao ca lúc 13 giờ", "minutes": "60"}
    assert "0 người đã đọc" in lead.post("/wallboard/messages", sent, fragment=True).text
    for path in ("/desk", "/desk/queue"):
        assert "Họp giao ca lúc 13 giờ" in an.get(path).text
    (read,) = re.findall(r'hx-post="(/desk/messages/\d+/read)"', an.get("/desk/queue").text)
    assert "Họp" not in an.post(read, fragment=True).text
    assert "1 người đã đọc" in board(lead)
    binh = face.browser(face.binh)
    assert "Họp" in binh.get("/desk/queue").text
    undo(lead)
    assert "Họp" not in binh.get("/desk/queue").text


def test_who_may_not_steer_sees_no_button_and_gets_nowhere(
    face: Face, lead: Browser, an: Browser
) -> None:
    path = f"/wallboard/staff/{face.an.staff_id}"
    for other in (face.browser(face.far_lead), face.browser(face.admin), an):
        assert path not in other.get("/wallboard").text
        assert other.get(path, fragment=True).status_code == 404
        put = {"choice": "away", "minutes": "30"}
        assert other.post(f"{path}/state", put, fragment=True).status_code == 404
        move = {"center": str(face.far_lead.center_id), "minutes": "60"}
        assert other.post(f"{path}/move", move, fragment=True).status_code == 404
    for other in (face.browser(face.admin), an):
        here = f"/wallboard/centers/{face.lead.center_id}"
        assert other.get(here, fragment=True).status_code == 404
        close = {"minutes": "60", "reason": "x"}
        assert other.post(f"{here}/close", close, fragment=True).status_code == 404
        sent = {"text": "x", "minutes": "60"}
        assert other.post("/wallboard/messages", sent, fragment=True).status_code == 404
    lead.post(f"{path}/move", {"center": str(face.far_lead.center_id), "minutes": "60"}, fragment=True)
    (order,) = re.findall(r"/wallboard/orders/\d+/undo", board(lead))
    assert face.browser(face.far_lead).post(order, fragment=True).status_code == 404
    assert order not in board(face.browser(face.far_lead))


def test_the_on_call_list_is_edited_on_its_page(face: Face, lead: Browser) -> None:
    path = f"/on-call/{face.lead.center_id}"
    typed = {"who": [str(face.binh.staff_id), "0"], "number": ["0912 345 678", ""]}
    assert lead.post(path, typed).status_code == 303  # type: ignore[arg-type]
    shown = lead.get("/on-call").text
    assert 'value="0912345678"' in shown
    assert f'value="{face.binh.staff_id}" selected' in shown
    assert "Đà Nẵng" not in shown
    assert "Đà Nẵng" in face.browser(face.admin).get("/on-call").text
    wrong = lead.post(path, {"who": str(face.binh.staff_id), "number": "113113"})
    assert (wrong.status_code, 'value="113113"' in wrong.text) == (422, True)
    assert face.browser(face.far_lead).post(path, typed).status_code == 404  # type: ignore[arg-type]
    assert 'value="0912345678"' in lead.get("/on-call").text


def test_a_list_for_tonight_says_so_and_the_one_before_is_a_press_away(
    face: Face, lead: Browser
) -> None:
    path = f"/on-call/{face.lead.center_id}"
    usual = {"who": [str(face.binh.staff_id)], "number": ["0912345678"]}
    tonight = {"who": [str(face.an.staff_id)], "number": ["0987654321"], "hours": "12"}
    assert lead.post(path, usual).status_code == 303  # type: ignore[arg-type]
    assert "/undo" not in lead.get("/on-call").text
    assert lead.post(path, tonight | {"reason": "Bình ốm"}).status_code == 303  # type: ignore[arg-type]
    shown = lead.get("/on-call").text
    assert "Danh sách này đến" in shown
    assert "Bình ốm" in shown
    (undone,) = re.findall(r'action="(/on-call/lists/\d+/undo)"', shown)
    assert face.browser(face.far_lead).post(undone).status_code == 404
    assert lead.post(undone).status_code == 303
    shown = lead.get("/on-call").text
    assert ('value="0912345678"' in shown, "Danh sách này đến" in shown) == (True, False)


def test_only_people_of_the_center_are_on_its_list_and_each_once(face: Face, lead: Browser) -> None:
    path = f"/on-call/{face.lead.center_id}"
    for people in ([face.far_lead], [face.an, face.an]):
        typed = {
            "who": [str(one.staff_id) for one in people],
            "number": ["0912345678"] * len(people),
        }
        assert lead.post(path, typed).status_code == 422  # type: ignore[arg-type]

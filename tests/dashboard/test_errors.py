"""Requests that no page of ours would send are refused in words, and break nothing."""

import pytest

from tests.dashboard.conftest import CSRF, Browser, Face

HTML = {"Accept": "text/html"}


def test_a_form_that_cannot_be_read_is_bad_input(face: Face, an: Browser) -> None:
    """Whoever answers it must not read it again."""
    headers = HTML | {"Content-Type": "multipart/form-data"}
    for client in (face.stranger(), an.client):
        answer = client.post("/login", content=b"--", headers=headers)
        assert answer.status_code == 400
        assert "Có chỗ điền chưa dùng được" in answer.text


def test_a_value_that_no_column_holds_is_bad_input_or_not_there(face: Face) -> None:
    """PostgreSQL keeps no NUL; SQLite does, and finds nothing by it."""
    lead = face.browser(face.lead)
    answer = lead.get("/handovers/%00")
    assert answer.status_code in {404, 422}
    assert "Máy chủ gặp lỗi" not in answer.text


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 10, "²", "-1", "1e9"])
def test_a_number_in_a_form_that_no_row_has_is_no_choice(an: Browser, number: str) -> None:
    answer = an.client.post(
        "/delegations", data={"delegate": number}, headers=HTML | {"X-CSRF-Token": CSRF}
    )
    assert answer.status_code in {404, 422}

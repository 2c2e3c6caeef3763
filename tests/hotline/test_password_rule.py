"""Passwords: length counts, nothing is demanded of their signs, and what is tried first is refused."""

import pytest

from hotline.password_rule import LONGEST, problem


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("mười một ký", "too_short"),
        ("x" * (LONGEST + 1), "too_long"),
        ("qwertyuiop12", "common"),
        ("iloveyou1234", "common"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("TV07 là tôi đây", "about_you"),
        ("nguyễnđứcanh 88", "about_you"),
        ("Tổng Đài của tôi", "about_us"),
        ("gọi ngay số 1 1 1 nhé", "about_us"),
        ("con mèo leo cây cau", None),
        ("CON MEO LEO CAY CAU", None),
        ("83kd9-x7q2m!", None),
        ("Mưa xuân rơi nhẹ trên mái ngói cũ, " * 5, None),
    ],
)
def test_what_may_be_a_password(password: str, why: str | None) -> None:
    assert problem(password, "tv07", "Trần Nguyễn Đức Anh") == why

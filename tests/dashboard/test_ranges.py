import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.ranges import NotSatisfiable, asked_range


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("", None),
        ("bytes=0-", (0, 100)),
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("Bytes=99-", (99, 100)),
        ("bytes=90-500", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-500", (0, 100)),
        ("bytes=20-10", None),
        ("bytes=0-1,5-6", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("items=0-1", None),
        ("bytes=0-1" + "0" * 40, None),
    ],
)
def test_which_part_is_asked_for(header: str | None, part: tuple[int, int] | None) -> None:
    assert asked_range(header, 100) == part


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0)])
def test_a_part_that_is_not_there(header: str, size: int) -> None:
    with pytest.raises(NotSatisfiable):
        asked_range(header, size)


@given(st.text(), st.integers(0, 10**6))
def test_no_header_gets_out_of_the_file(header: str, size: int) -> None:
    for asked in (header, f"bytes={header}"):
        try:
            part = asked_range(asked, size)
        except NotSatisfiable:
            continue
        assert part is None or 0 <= part[0] < part[1] <= size

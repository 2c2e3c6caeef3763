import pytest

from hotline.settings import Settings


@pytest.mark.parametrize(
    ("given", "outside"),
    [
        ({}, "127.0.0.111:5080"),
        ({"telco_proxy": "203.0.113.7:5060"}, "203.0.113.7:5060"),
        ({"demo": False}, ""),
        ({"pbx": "external"}, ""),
        ({"sip_port": 0}, ""),
    ],
)
def test_only_a_demo_plays_the_outside_itself(given: dict[str, object], outside: str) -> None:
    assert Settings(**({"sip_port": 5080} | given)).outside == outside  # type: ignore[arg-type]

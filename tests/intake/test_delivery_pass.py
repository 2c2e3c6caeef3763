import hmac
from hashlib import sha256

from hotline.sealed import Key
from intake.recordings.delivery_pass import check, make

OURS, OLDER, STRANGER = Key(b"a" * 32), Key(b"b" * 32), Key(b"c" * 32)
RING = [OURS, OLDER]


def test_whoever_holds_a_key_of_the_ring_may_deliver_exactly_what_the_pass_says() -> None:
    for key in RING:
        assert check(RING, make(key, "PUT", "/a", 3, "00"), "PUT", "/a", 3) == "00"
    assert check(RING, make(STRANGER, "PUT", "/a", 3, "00"), "PUT", "/a", 3) is None
    given = make(OURS, "PUT", "/a", 3, "00")
    for method, place, size in (("GET", "/a", 3), ("PUT", "/b", 3), ("PUT", "/a", 4)):
        assert check(RING, given, method, place, size) is None


def test_what_is_no_pass() -> None:
    given = make(OURS, "PUT", "/a", 3, "00")
    for broken in ("", "Delivery", given[:-1], given.replace(":00:", ":01:"), "é:é:é", "a:b:c:d"):
        assert check(RING, broken, "PUT", "/a", 3) is None


def test_the_keys_own_mac_is_no_pass() -> None:
    """What else is made with the ring lets nobody deliver: a pass has a key of its own use."""
    raw = hmac.new(OURS.secret, b"PUT\n/a\n3\n00", sha256).hexdigest()
    assert check(RING, f"Delivery {OURS.id}:00:{raw}", "PUT", "/a", 3) is None

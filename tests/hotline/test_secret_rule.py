import secrets

import pytest

from hotline import secret_rule, settings
from hotline.errors import SetupError


@pytest.mark.parametrize(
    "weak", ["short", "a" * 40, "abababababababab1234", "tongdai-password-123456", "Password123456!!"]
)
def test_what_can_be_guessed_is_refused(weak: str) -> None:
    assert secret_rule.problem(weak)


def test_what_is_random_is_taken() -> None:
    for _ in range(200):
        assert secret_rule.problem(secrets.token_urlsafe(16)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AMI_SECRET", "changeme"),
        ("DATABASE_PASSWORD", "postgres"),
        ("DATABASE_URL", "postgresql+psycopg://tongdai:tongdai@db/tongdai"),
        ("REDIS_PASSWORD", "redis"),
        ("REDIS_URL", "redis://:redis@cache:6379/0"),
        ("AUDIT_KEY", "a" * 43),
        ("RECORDING_KEYS", f"Lh3nq8vT0yX2cRk5_wZ7uJd1fGm4sPa9eBoIxQtVrYE,{'A' * 43}"),
    ],
)
def test_nothing_starts_with_a_weak_secret_where_real_people_work(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"TONGDAI_{name}", value)
    settings.settings.cache_clear()
    assert settings.settings().demo
    monkeypatch.setenv("TONGDAI_DEMO", "false")
    settings.settings.cache_clear()
    with pytest.raises(SetupError, match=f"TONGDAI_{name}") as refused:
        settings.settings()
    assert value not in str(refused.value)

"""docs/security/policy.md says what the code does: its figures, kinds and inventories."""

import re
from datetime import timedelta

import pytest

from dashboard import guard
from hotline import log_in_tries, password_rule, sessions
from hotline.settings import ROOT, Settings
from intake.directory import directory_lists
from intake.handovers import handover_links, handover_photos
from intake.reports import api_clients, attachment_kinds, attachments

POLICY = " ".join((ROOT / "docs/security/policy.md").read_text("utf-8").split())
_MB = 1024 * 1024


def section(title: str) -> str:
    return POLICY.partition(f"## {title}")[2].partition(" ## ")[0]


def default(setting: str) -> object:
    return Settings.model_fields[setting].default


def hours(of: timedelta) -> int:
    return round(of.total_seconds() / 3600)


def minutes(of: timedelta) -> int:
    return round(of.total_seconds() / 60)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Ways to log in", f"password, {password_rule.SHORTEST} to {password_rule.LONGEST} characters"),
        ("Ways to log in", f"`TONGDAI_INVITATION_HOURS` ({default('invitation_hours')})"),
        ("Ways to log in", f"{handover_links.TRIES} tries, {hours(handover_links.LIFETIME)} hours"),
        ("Ways to log in", f"{log_in_tries.TRIES} tries a minute"),
        ("Ways to log in", f"from the {log_in_tries.FREE}th refused try of an hour on"),
        (
            "Ways to log in",
            f"from {log_in_tries.FIRST_PAUSE.seconds} seconds to "
            f"{minutes(log_in_tries.LONGEST_PAUSE)} minutes",
        ),
        ("Sessions", f"{hours(sessions.LIFETIME)} hours after the log-in"),
        ("Sessions", f"`TONGDAI_IDLE_MINUTES` ({default('idle_minutes')})"),
        ("Sessions", f"`TONGDAI_HIDE_MINUTES` ({default('hide_minutes')})"),
        ("Sessions", f"`TONGDAI_PROOF_MINUTES` ({default('proof_minutes')})"),
        ("Sessions", f"second factor lacks: after {minutes(sessions.WAITING)} minutes"),
        ("What belongs together", f"{default('glass_tries')} an hour (`TONGDAI_GLASS_TRIES`)"),
        ("What belongs together", f"each for {default('glass_minutes')} minutes"),
        (
            "What belongs together",
            f"{default('looks_per_minute')} cases, calls, files and searches a minute",
        ),
        ("What belongs together", f"at most {api_clients.MOST_PER_MINUTE:,}"),
        ("What belongs together", f"{guard.MAX_BODY // 1024} KiB"),
        ("Files", f"At most {attachments.MOST} at a time of {attachments.LARGEST // _MB} MiB each"),
        ("Files", f"photos of officers {handover_photos.LARGEST // _MB} MiB"),
        ("Files", f"(CSV) {directory_lists.LARGEST // _MB} MiB"),
    ],
)
def test_its_figures_are_those_of_the_code(title: str, said: str) -> None:
    assert said in section(title)


def test_every_kind_of_file_that_is_taken_in_is_named() -> None:
    told = {name.upper().replace("JPEG", "JPG") for name in re.findall(r"\w+", section("Files"))}
    assert {ending.upper() for ending in attachment_kinds.ENDINGS.values()} <= told


def test_every_module_that_uses_cryptography_is_in_the_inventory() -> None:
    uses = re.compile(
        r"^\s*(?:from|import) (?:cryptography|hmac|pwdlib|joserfc|jwt|authlib|webauthn|pyotp|ssl)\b",
        re.M,
    )
    rooms = ("hotline", "telephony", "routing", "intake", "dashboard")
    files = [file for room in rooms for file in (ROOT / room).rglob("*.py")]
    found = {str(file.relative_to(ROOT)) for file in files if uses.search(file.read_text("utf-8"))}
    inventory = section("Cryptography")
    assert found
    assert not sorted(name for name in found if f"`{name}`" not in inventory)


def test_every_peer_that_a_setting_names_is_told() -> None:
    """Settings by which the house comes to speak with somebody who is not on its machine."""
    outside = {"telco_peers", "telco_proxy", "sites", "headquarters", "smtp_host", "oidc_issuer"}
    outside |= {"database_url", "redis_url", "ami_host", "pbx_http_host"}
    ends = ("_host", "_url", "_proxy", "_peers", "_issuer", "headquarters", "sites")
    named = {name for name in Settings.model_fields if name.endswith(ends)}
    assert named - {"public_url", "sip_host"} == outside
    for peer in (
        "the telco",
        "TONGDAI_SITES",
        "TONGDAI_HEADQUARTERS",
        "mail relay",
        "log-in",
        "offices'",
    ):
        assert peer in section("Who talks with whom")

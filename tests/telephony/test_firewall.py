"""What the host's packet filter is told. That it holds is tried by `make hostile ARGS=--firewall`."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hotline.errors import BadInput
from hotline.ids import Phone
from hotline.settings import Settings
from telephony import pbx_command
from telephony.firewall import rules
from telephony.phones import PhoneAccount, write_accounts

OF = Settings(
    sip_port=5060,
    rtp_start=21000,
    rtp_end=21499,
    telco_peers="203.0.113.5, 203.0.113.16/28",
    sites="hn=10.1.0.5:5060:5038,dn=10.2.0.5:5060:5038",
)


def elements(of: Settings, name: str, *phones: str) -> str:
    (found,) = re.findall(rf"set {name} {{.* elements = {{ (.*) }} }}", rules(of, phones))
    return str(found)


def test_the_telco_and_the_other_centers_are_not_counted_and_phones_are() -> None:
    assert elements(OF, "trusted", "10.1.20.0/24") == "203.0.113.5/32, 203.0.113.16/28, 10.2.0.5/32"
    assert elements(OF, "phones", "10.1.20.7", "10.1.21.0/24") == "10.1.20.7/32, 10.1.21.0/24"
    assert "elements" not in re.findall("set phones.*", rules(OF, ()))[0]


def test_every_door_of_signaling_is_kept_and_no_other() -> None:
    sealed = {
        "phone_tls_port": 5062,
        "telco_tls_port": 5063,
        "sites": "hn=tls://10.1.0.5:5061:5039,dn=tls://10.2.0.5:5061:5039",
    }
    doors = "(tcp|udp) dport ([0-9-]+) jump ([a-z]+)"
    plain = [("udp", "5060", "signaling"), ("udp", "21000-21499", "sound")]
    assert re.findall(doors, rules(OF, ())) == plain
    assert set(re.findall(doors, rules(OF.model_copy(update=sealed), ()))) == {
        *plain,
        ("tcp", "5061", "signaling"),
        ("tcp", "5062", "signaling"),
        ("tcp", "5063", "signaling"),
    }


IN_A_NETWORK_OF_ITS_OWN = ("unshare", "--net", "--map-root-user")
"""Where it is checked against the kernel and nothing of this machine is touched."""


def can_be_tried() -> bool:
    if not (shutil.which("nft") and shutil.which("unshare")):
        return False
    tried = subprocess.run([*IN_A_NETWORK_OF_ITS_OWN, "true"], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.mark.skipif(not can_be_tried(), reason="no nftables here, or no network of one's own")
@pytest.mark.parametrize("phones", [(), ("10.1.20.0/24", "10.1.20.7")])
def test_nft_takes_the_rules_and_takes_them_again(phones: tuple[str, ...], tmp_path: Path) -> None:
    first, again = tmp_path / "first.nft", tmp_path / "again.nft"
    first.write_text(rules(OF, phones))
    again.write_text(rules(OF.model_copy(update={"phone_tls_port": 5062}), phones))
    both = f"nft -f {first} && nft -f {again} && nft list table inet tongdai"
    command = [*IN_A_NETWORK_OF_ITS_OWN, "sh", "-c", both]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stdout.count("jump signaling") == 2
    assert "203.0.113.16/28" in said.stdout


@pytest.mark.parametrize("wrong", ["phones.hn.example", "10.1.20.0/33", "fd00::/8", "10.1.20.0; accept"])
def test_what_is_no_network_is_no_rule(wrong: str) -> None:
    with pytest.raises(BadInput):
        rules(OF, [wrong])


def test_nobody_shuts_out_their_own_desk_phones(
    settings: Callable[[], Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    of = settings()
    of.pbx_dir.mkdir(parents=True, exist_ok=True)
    write_accounts(of, [PhoneAccount(Phone("hn01"), "none-of-anybody")])
    with pytest.raises(BadInput, match="--phones"):
        pbx_command.firewall()
    pbx_command.firewall(phones=["10.1.20.0/24"])
    assert "elements = { 10.1.20.0/24 }" in capsys.readouterr().out
    write_accounts(of, [PhoneAccount(Phone("hn01"), "none-of-anybody", browser=True)])
    pbx_command.firewall()
    assert "table inet tongdai" in capsys.readouterr().out

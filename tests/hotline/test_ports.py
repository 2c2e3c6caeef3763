"""Ports are chosen once, kept, and never shared between two copies."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hotline import ports
from hotline.errors import SetupError
from hotline.settings import Settings


@pytest.fixture
def taken() -> Iterator[Callable[[Settings], ports.Taken]]:
    """`ports.take` whose blocks are given back at the end."""
    holds: list[socket.socket] = []

    def take(of: Settings) -> ports.Taken:
        result = ports.take(of)
        if result.hold:
            holds.append(result.hold)
        return result

    yield take
    for hold in holds:
        hold.close()


Take = Callable[[Settings], ports.Taken]


def _listening(port: int) -> socket.socket:
    door = socket.socket()
    door.bind(("127.0.0.1", port))
    door.listen()
    return door


def test_one_block_holds_all_ports(settings: Callable[[], Settings], taken: Take) -> None:
    chosen = taken(settings()).settings
    first = chosen.web_port
    assert (first - 11100) % 10 == 0
    assert (chosen.ami_port, chosen.sip_port, chosen.pbx_http_port) == (first + 1, first + 2, first + 3)
    assert chosen.rtp_start == 21000 + (first - 11100) // 10 * 500
    assert chosen.rtp_end == chosen.rtp_start + 499


def test_a_second_start_keeps_the_ports(settings: Callable[[], Settings], taken: Take) -> None:
    first = taken(settings())
    assert first.hold
    first.hold.close()
    second = taken(settings())
    assert second.settings.web_port == first.settings.web_port
    assert second.busy == ()


def test_other_commands_read_what_was_remembered(settings: Callable[[], Settings], taken: Take) -> None:
    assert ports.filled(settings()) == taken(settings()).settings


def test_a_command_before_the_first_start_chooses(settings: Callable[[], Settings]) -> None:
    assert ports.filled(settings()).web_port == ports.filled(settings()).web_port > 0


def test_two_copies_take_two_blocks(
    settings: Callable[[], Settings], taken: Take, tmp_path: Path
) -> None:
    one = settings()
    other = one.model_copy(update={"data": tmp_path / "other"})
    assert taken(one).settings.web_port != taken(other).settings.web_port


def test_a_block_with_a_taken_port_is_left_alone(settings: Callable[[], Settings], taken: Take) -> None:
    first = taken(settings())
    assert first.hold
    first.hold.close()
    with closing(_listening(first.settings.ami_port)):
        moved = taken(settings())
    assert moved.busy == (f"AMI {first.settings.ami_port}",)
    assert moved.settings.web_port != first.settings.web_port
    assert ports.filled(settings()).web_port == moved.settings.web_port


def test_a_named_port_is_kept_and_the_rest_chosen(
    monkeypatch: pytest.MonkeyPatch, settings: Callable[[], Settings], taken: Take
) -> None:
    monkeypatch.setenv("TONGDAI_WEB_PORT", "18080")
    chosen = taken(settings()).settings
    assert chosen.web_port == 18080
    assert chosen.ami_port > 0


def test_a_named_port_that_is_taken_is_an_error(
    monkeypatch: pytest.MonkeyPatch, settings: Callable[[], Settings]
) -> None:
    with closing(_listening(0)) as door:
        port = door.getsockname()[1]
        monkeypatch.setenv("TONGDAI_WEB_PORT", str(port))
        with pytest.raises(SetupError, match=f"web {port}"):
            ports.take(settings())


def test_an_external_pbx_gets_no_ports_from_us(
    monkeypatch: pytest.MonkeyPatch, settings: Callable[[], Settings], taken: Take
) -> None:
    monkeypatch.setenv("TONGDAI_PBX", "external")
    chosen = taken(settings()).settings
    assert chosen.web_port > 0
    assert chosen.ami_port == 0


def test_a_broken_memory_is_written_anew(settings: Callable[[], Settings], taken: Take) -> None:
    run = settings().run_dir
    run.mkdir(parents=True)
    (run / "ports.json").write_text('{"block": 1', "utf-8")
    assert taken(settings()).settings.web_port > 0


def test_a_data_folder_that_cannot_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch, settings: Callable[[], Settings], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TONGDAI_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(SetupError, match="cannot be written"):
        ports.take(settings())

"""Debian packages in a folder of our own: the parts that need no network."""

import subprocess
from pathlib import Path

import pytest

from hotline import debs
from hotline.errors import SetupError


def sources(folder: Path, **files: str) -> Path:
    (folder / "sources.list.d").mkdir()
    for name, text in files.items():
        (folder / "sources.list.d" / name.replace("_", ".")).write_text(text)
    return folder


def test_mirror_is_found_in_deb822(tmp_path: Path) -> None:
    text = (
        "Types: deb\nURIs: http://mirror.test/debian-security\nSuites: x-security\nComponents: main\n\n"
        "Types: deb-src\nURIs: http://source.test/debian\nSuites: x\nComponents: main\n\n"
        "Types: deb\nEnabled: no\nURIs: http://off.test/debian\nSuites: x\nComponents: main\n\n"
        "# a comment\nTypes: deb deb-src\nURIs: http://mirror.test/debian/\nSuites: x x-updates\n"
        "Components: main contrib\n"
    )
    assert debs.debian_mirror(sources(tmp_path, debian_sources=text)) == "http://mirror.test/debian/"


def test_mirror_is_found_in_one_line_format(tmp_path: Path) -> None:
    text = (
        "# deb http://no.test/debian x main\n"
        "deb http://other.test/ubuntu x main\n"
        "deb [arch=amd64 signed-by=/x.gpg] http://mirror.test/debian bookworm main contrib\n"
    )
    (sources(tmp_path) / "sources.list").write_text(text)
    assert debs.debian_mirror(tmp_path) == "http://mirror.test/debian"


def test_machine_without_a_debian_mirror_gets_a_clear_error(tmp_path: Path) -> None:
    text = "deb http://other.test/ubuntu x main\n"
    with pytest.raises(SetupError, match="names no Debian archive"):
        debs.debian_mirror(sources(tmp_path, other_list=text))


def test_second_run_unpacks_from_the_cache_and_a_third_does_nothing(tmp_path: Path) -> None:
    cache, tree = tmp_path / "debs", tmp_path / "tree"
    package = tmp_path / "source"
    (package / "DEBIAN").mkdir(parents=True)
    (package / "DEBIAN" / "control").write_text(
        "Package: hello\nVersion: 1\nArchitecture: all\nMaintainer: t <t@t.test>\nDescription: t\n"
    )
    (package / "usr").mkdir()
    (package / "usr" / "hello").write_text("xin chào")
    (cache / "hello").mkdir(parents=True)
    subprocess.run(
        ["dpkg-deb", "-b", package, cache / "hello" / "hello_1_all.deb"], check=True, capture_output=True
    )
    wanted = debs._Wanted("suite", ("hello",), ())
    debs._write_stamp(cache / "hello", wanted)

    said: list[str] = []
    debs.fetch("hello", "suite", ["hello"], tree, cache=cache, progress=said.append)
    assert (tree / "usr" / "hello").read_text() == "xin chào"
    assert said == ["hello: unpacking 1 packages"]
    debs.fetch("hello", "suite", ["hello"], tree, cache=cache, progress=said.append)
    assert len(said) == 1

    (tree / ".fetched.json").unlink()  # a tree without its stamp is half done
    (tree / "usr" / "hello").unlink()
    debs.fetch("hello", "suite", ["hello"], tree, cache=cache, progress=said.append)
    assert (tree / "usr" / "hello").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("tree-")]


def test_packages_are_chosen_by_pattern() -> None:
    printed = (
        "Reading package lists...\n"
        "'http://m.test/a.deb' libfoo1t64_1%3a2.0-1_amd64.deb 1000 SHA256:x\n"
        "'http://m.test/b.deb' huge_1_all.deb 99 SHA256:y\n"
    )
    assert list(debs._kept(printed, ["libfoo1*"])) == [("libfoo1t64=1:2.0-1", 1000)]
    assert len(list(debs._kept(printed, []))) == 2

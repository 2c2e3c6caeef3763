"""What docs/security/asvs.md says of the code as a whole, asked of the code as a whole."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from dashboard.assets import BUILT
from hotline import second_factors
from hotline.password_rule import LONGEST, problem
from hotline.settings import ROOT

ROOMS = ("hotline", "telephony", "routing", "intake", "dashboard")
TEMPLATES = ROOT / "dashboard" / "templates"
COMPOSE = (ROOT / "docker-compose.yml").read_text("utf-8")
_RE = frozenset({"compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer"})
_SHELLS = frozenset({"system", "popen", "getoutput", "getstatusoutput", "create_subprocess_shell"})
PREDICTABLE = {
    "hotline/synthetic.py": "made-up calls",
    "routing/what_if.py": "simulated days, the same each time",
    "intake/history/": "made-up years",
    "intake/recordings/delivering.py": "when a delivery is tried again",
    "telephony/softphone/rtp.py": "sequence numbers of the softphone of tests and trials",
}
"""Who may use numbers that can be foretold, files or whole folders, and for what."""
SHA1 = {"hotline/breached_passwords.py": "the form of the list; nothing of it is kept"}
MD5 = {
    "hotline/session_tokens.py": "SIP's digest, over a secret of 256 bits",
    "telephony/softphone/digest.py": "SIP's digest of the softphone of tests and trials",
}


PATTERNS = {
    "hotline/lines.py": "numbers of the settings, digits and X alone",
    "intake/forms/forms.py": "the names of `About`",
    "intake/data_requests/packet_masks.py": "names, escaped",
    "intake/handovers/handover_packets.py": "words, escaped",
}
"""Whose regular expressions are put together while it runs, and of what."""


DOORS = frozenset({
    "aiohttp", "asyncpg", "authlib", "ftplib", "http.client", "httpx", "panoramisk", "paramiko", "redis",
    "requests", "smtplib", "socket", "telnetlib", "urllib.request", "urllib3", "websockets",
})  # fmt: skip
"""Modules by which something is spoken with."""
PEERS = {
    "hotline/mail.py": "TONGDAI_SMTP_HOST",
    "hotline/oidc.py": "TONGDAI_OIDC_ISSUER",
    "hotline/clamd.py": "TONGDAI_CLAMD",
    "hotline/bus.py": "TONGDAI_REDIS_URL",
    "hotline/doctor.py": "TONGDAI_REDIS_URL",
    "hotline/jobs.py": "TONGDAI_REDIS_URL",
    "hotline/throttle.py": "TONGDAI_REDIS_URL",
    "dashboard/ears.py": "TONGDAI_REDIS_URL",
    "hotline/supervisor.py": "parts of the house on this machine",
    "hotline/ports.py": "nobody: free ports of this machine",
    "intake/handovers/webhooks.py": "systems of offices that an administrator has named",
    "intake/recordings/delivering.py": "TONGDAI_HEADQUARTERS",
    "dashboard/pages/phone.py": "TONGDAI_SITES, TONGDAI_PBX_HTTP_HOST",
    "telephony/ami.py": "TONGDAI_SITES, TONGDAI_AMI_HOST",
    "telephony/pbx.py": "TONGDAI_AMI_HOST",
    "telephony/addresses.py": "nobody: this machine's own addresses",
    "telephony/softphone/": "what a test or a trial names",
}
"""Who opens a connection, files or whole folders, and where the other end is named (ASVS 5.0 13.2.4).
The database is SQLAlchemy's to speak with: TONGDAI_DATABASE_URL."""
_CONNECTS = frozenset({"open_connection", "create_connection", "create_datagram_endpoint"})


def sources() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text("utf-8"))


def calls() -> Iterator[tuple[str, ast.Call]]:
    for name, tree in sources():
        yield from ((name, node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def _called(node: ast.Call) -> tuple[str, str]:
    """`re.match(…)` is ("re", "match"), `match(…)` ("", "match")."""
    of = node.func.value if isinstance(node.func, ast.Attribute) else None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return (of.id if isinstance(of, ast.Name) else ""), name


def _imported(module: str) -> set[tuple[str, str]]:
    """File and name of everything that is imported of a module; `*` for itself."""
    found = set()
    for file, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == module:
                found |= {(file, one.name) for one in node.names}
            elif isinstance(node, ast.Import):
                found |= {(file, "*") for one in node.names if one.name == module}
    return found


def test_no_command_goes_through_a_shell() -> None:
    through = [name for name, call in calls() for word in call.keywords if word.arg == "shell"]
    through += [name for name, call in calls() if _called(call)[1] in _SHELLS]
    assert not through


def test_no_text_becomes_code() -> None:
    made = [(name, call.func) for name, call in calls() if _called(call)[1] in {"eval", "exec"}]
    assert not [name for name, func in made if isinstance(func, ast.Name)]
    scripts = [*(ROOT / "dashboard" / "frontend").glob("*.ts"), *BUILT.glob("*.js")]
    assert any(file.parent == BUILT for file in scripts)
    by_text = re.compile(r"\beval\b|\bFunction\(|\bset(?:Timeout|Interval)\(\s*[\"'`]")
    assert not [file.name for file in scripts if by_text.search(file.read_text("utf-8"))]


def test_xml_is_read_by_a_parser_that_takes_no_entities() -> None:
    used = set()
    for name, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                modules = [getattr(node, "module", ""), *(one.name for one in node.names)]
                if {str(each).partition(".")[0] for each in modules} & {"xml", "lxml", "xmltodict"}:
                    used.add(name)
    assert not used
    assert openpyxl.DEFUSEDXML


def test_no_pattern_is_made_of_what_somebody_typed() -> None:
    """A constant, or a constant's name; what is made of somebody's words is escaped."""
    made = set()
    for name, call in calls():
        if _called(call)[0] != "re" or _called(call)[1] not in _RE or not call.args:
            continue
        parts = [node for node in ast.walk(call.args[0]) if isinstance(node, ast.Name)]
        made |= {name for part in parts if not part.id.isupper()}
    assert made == PATTERNS.keys()
    for name in (each for each, why in PATTERNS.items() if "escaped" in why):
        assert "re.escape" in (ROOT / name).read_text("utf-8")


def test_what_must_not_be_foretold_is_not() -> None:
    use = {file for file, _ in _imported("random")}
    named = {file: [one for one in PREDICTABLE if file.startswith(one)] for file in use}
    assert [file for file, by in named.items() if not by] == []
    assert {one for by in named.values() for one in by} == PREDICTABLE.keys()


def test_no_weak_hash_but_where_sip_asks() -> None:
    used = _imported("hashlib")
    assert {name for _, name in used} <= {"sha256", "sha1", "md5", "file_digest", "*"}
    assert {file for file, name in used if name == "sha1"} == SHA1.keys()
    assert {file for file, name in used if name == "md5"} == MD5.keys()
    assert {file for file, name in used if name == "*"} == {"telephony/pbx.py"}
    of_all = {
        name for _, (of, name) in ((file, _called(call)) for file, call in calls()) if of == "hashlib"
    }
    assert of_all <= {"sha256"}


def test_nobody_is_spoken_with_but_who_is_named() -> None:
    through = {
        file
        for file, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
        )
        if any(name == door or name.startswith(f"{door}.") for door in DOORS)
    }
    through |= {file for file, call in calls() if _called(call)[1] in _CONNECTS}
    named = {file: [one for one in PEERS if file.startswith(one)] for file in through}
    assert [file for file, by in named.items() if not by] == []
    assert {one for by in named.values() for one in by} == PEERS.keys()


def test_mypy_is_strict() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert told["strict"] is True
    assert set(ROOMS) <= set(told["files"])


def test_a_password_is_typed_unseen_and_may_be_pasted() -> None:
    inputs = [
        tag
        for file in TEMPLATES.glob("*.html")
        for tag in re.findall(r"<input\b[^>]*>", file.read_text("utf-8"))
        if re.search(r'name="(password|proof|present|again|new)"', tag)
    ]
    assert len(inputs) >= 5
    assert not [tag for tag in inputs if 'type="password"' not in tag or 'autocomplete="off"' in tag]
    scripts = "".join(file.read_text("utf-8") for file in (ROOT / "dashboard" / "frontend").glob("*.ts"))
    assert not re.search(r"""["'](?:before)?paste["']""", scripts)


@pytest.mark.parametrize("length", [64, LONGEST])
def test_a_long_password_is_taken_whole(length: int) -> None:
    assert problem(("mưa xuân rơi nhẹ " * 20)[:length], "tv07", "Trần Anh") is None


def _service(name: str) -> str:
    """What stands in docker-compose.yml of this container."""
    found = re.search(rf"^  {name}:\n((?:    .*\n|\n)+)", COMPOSE, re.M)
    assert found, name
    return found[1]


def _secrets(name: str) -> set[str]:
    found = re.search(r"secrets: \[(.*)\]", _service(name))
    return set(re.findall(r"tongdai_(\w+)", found[1])) if found else set()


def test_a_container_has_the_secrets_that_it_needs_and_no_others() -> None:
    for name in ("asterisk", "switchboard", "web", "worker", "messenger", "cron"):
        assert "owner" not in _service(name)
    at_desk = {"database_password", "redis_password"}
    assert _secrets("web") == at_desk | {"recording_keys"}
    assert _secrets("worker") == at_desk | {"recording_keys", "audit_key"}
    assert _secrets("messenger") == at_desk | {"recording_keys"}
    assert _secrets("cron") == at_desk
    assert _secrets("switchboard") == at_desk | {"ami_secret"}
    assert _secrets("asterisk") == {"ami_secret", "database_password"}
    assert _secrets("redis") == {"redis_password"}


def test_only_the_named_proxy_says_whose_address_it_is() -> None:
    web = _service("web")
    assert "TONGDAI_WEB_PUBLISH:-127.0.0.1:8000" in web
    assert re.search(r"FORWARDED_ALLOW_IPS: \$\{TONGDAI_NET:-10\.111\}\.0\.1\b", web)
    assert '"*"' not in web


def test_the_images_hold_no_tests_tools_or_history() -> None:
    lines = [line.strip() for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines()]
    made = " ".join(line for line in lines if not line.startswith("#"))
    copied = [line for line in lines if line.startswith("COPY")]
    assert copied
    assert "requirements-dev" not in made
    assert not [
        line for line in copied if re.search(r"COPY (?:\S+ )*(?:\.|\./|\.git\S*|tests\S*) ", line)
    ]
    assert "TONGDAI_DEMO:-false" in COMPOSE


def test_logs_go_to_standard_error_alone() -> None:
    tree = ast.parse(Path(ROOT / "hotline" / "log.py").read_text("utf-8"))
    streams = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "stderr" in streams
    assert not streams & {"stdout", "FileHandler", "SysLogHandler", "RotatingFileHandler"}


def test_a_recovery_code_has_so_many_bits_that_its_plain_hash_may_be_kept() -> None:
    codes = [second_factors._new_code() for _ in range(200)]
    signs = [code.replace("-", "") for code in codes]
    assert len(set(codes)) == len(codes)
    assert {len(each) * 5 for each in signs} == {120}
    assert len(set("".join(signs))) == 32

"""The command line as a person meets it: help, first steps, and every error with what to do."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from ccops import __main__ as cli
from ccops import __version__
from ccops.config.profiles import PROFILES, write_profile

Says = pytest.CaptureFixture[str]

COMMANDS = ("init", "check", "schema", "render", "run", "serve", "simulate")


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


class Terminal:
    """Calls ``main`` as the shell would, in a home of its own."""

    def __init__(self, says: Says, patch: pytest.MonkeyPatch) -> None:
        self._says, self._patch = says, patch

    def __call__(self, *arguments: str, called_as: str = "ccops") -> Outcome:
        self._patch.setattr(sys, "argv", [called_as, *arguments])
        umask = os.umask(0o022)
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            os.umask(umask)
        said = self._says.readouterr()
        return Outcome(code, said.out, said.err)


@pytest.fixture
def ccops(capsys: Says, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Terminal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("CCOPS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CCOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("UV", raising=False)
    return Terminal(capsys, monkeypatch)


@pytest.fixture
def used_ports() -> Iterator[list[int]]:
    """Two TCP ports and a UDP port at which somebody listens already."""
    with ExitStack() as stack:
        ports = []
        for kind in (socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM):
            listener = stack.enter_context(socket.socket(socket.AF_INET, kind))
            listener.bind(("127.0.0.1", 0))
            if kind == socket.SOCK_STREAM:
                listener.listen()
            ports.append(listener.getsockname()[1])
        yield ports


def plain(text: str) -> str:
    """Without the frames and the breaks that the width of the terminal asks for."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text).split())


def test_the_version(ccops: Terminal) -> None:
    assert ccops("--version") == Outcome(0, f"ccops {__version__}\n", "")


def test_help_names_every_command_and_where_to_begin(ccops: Terminal) -> None:
    outcome = ccops("--help")
    assert outcome.code == 0
    text = plain(outcome.out)
    for name in COMMANDS:
        assert f" {name} " in text
    assert "ccops init --profile uz hotline.yaml" in text
    assert "<bool> Print" not in text, "a switch takes no value"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(ccops: Terminal, command: str) -> None:
    outcome = ccops(command, "--help")
    assert outcome.code == 0
    assert f"ccops {command}" in outcome.out
    if command not in ("init", "schema"):
        assert "--config" in outcome.out
    assert not re.search(r"TODO|\[bold|None\b", outcome.out)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_passes_its_own_check_and_names_the_next_steps(
    ccops: Terminal, tmp_path: Path, profile: str
) -> None:
    outcome = ccops("init", "--profile", profile, "my hotline.yaml")
    assert outcome.code == 0
    assert (tmp_path / "my hotline.yaml").read_text().startswith("# ")
    assert "ccops check 'my hotline.yaml'" in outcome.out, "can be copied as it stands"
    assert "ccops run --config 'my hotline.yaml'" in outcome.out
    assert ccops("check", "my hotline.yaml").out == "my hotline.yaml: no faults.\n"
    assert ccops("check", "--config", "my hotline.yaml").code == 0


def test_the_next_steps_can_be_typed_where_ccops_is_not_on_the_path(
    ccops: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing-here"))
    assert ".venv/bin/ccops check a" in ccops("init", "a", called_as=".venv/bin/ccops").out
    monkeypatch.setenv("UV", "/somewhere/uv")
    assert "uv run ccops check b" in ccops("init", "b", called_as=".venv/bin/ccops").out


def test_an_existing_file_is_kept_unless_it_may_go(ccops: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "hotline.yaml"
    file.write_text("mine")
    refused = ccops("init", "hotline.yaml")
    assert refused.code == 2
    assert "--force" in refused.err
    assert file.read_text() == "mine"
    assert ccops("init", "--force", "hotline.yaml").code == 0
    assert file.read_text() != "mine"


def test_the_schema_is_json_that_names_the_sections(ccops: Terminal) -> None:
    content = json.loads(ccops("schema").out)
    assert {"languages", "listen", "queues"} <= content["properties"].keys()


def test_every_fault_is_told_by_check_and_by_run(ccops: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "hotline.yaml"
    write_profile("uz", file)
    text = file.read_text()
    text = re.sub(r"time_zone: .*", "time_zone: Asia/Nowhere", text)
    file.write_text(re.sub(r"languages: .*", "languages: [uz, xx]", text))
    checked = ccops("check", "hotline.yaml")
    assert checked.code == 1
    assert "Asia/Nowhere" in checked.err
    assert "'xx'" in checked.err
    assert "2 faults" in checked.err
    for command in ("run", "serve", "simulate", "render"):
        refused = ccops(command, "--config", "hotline.yaml")
        assert (refused.code, refused.err) == (2, checked.err), command


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "there is no such file"),
        (b"", "the file is empty"),
        (b"a: [1\nb: 2\n", "not closed"),
        (b"\x7fELF\x00\xff", "not UTF-8"),
    ],
    ids=["missing", "empty", "unclosed", "binary"],
)
def test_what_is_no_configuration(
    ccops: Terminal, tmp_path: Path, content: bytes | None, what: str
) -> None:
    if content is not None:
        (tmp_path / "x.yaml").write_bytes(content)
    for command in (("check", "x.yaml"), ("run", "--config", "x.yaml")):
        outcome = ccops(*command)
        assert outcome.code in (1, 2)
        assert what in outcome.err
        assert "→" in outcome.err, "says what to do"
        assert "Traceback" not in outcome.err


def test_check_without_a_file_takes_the_home_s(ccops: Terminal, tmp_path: Path) -> None:
    missing = ccops("check")
    assert missing.code == 1
    assert f"{tmp_path}/home/hotline.yaml" in missing.err
    write_profile("kz", tmp_path / "home/hotline.yaml")
    assert ccops("check").code == 0


def test_every_port_in_use_is_named_with_its_field(
    ccops: Terminal, tmp_path: Path, used_ports: list[int]
) -> None:
    http, manager, sip = used_ports
    file = tmp_path / "hotline.yaml"
    write_profile("uz", file)
    text = file.read_text()
    for address, port in ((8080, http), (5039, manager), (5071, sip)):
        text = text.replace(f"127.0.0.1:{address}", f"127.0.0.1:{port}")
    file.write_text(text)
    refused = ccops("run", "--simulator", "--config", "hotline.yaml")
    assert refused.code == 2
    for address, field in (
        (http, "listen.http"),
        (manager, "simulator.ami"),
        (sip, "simulator.phones"),
    ):
        assert f"127.0.0.1:{address} ({field})" in refused.err
        assert field in refused.err.partition("What to do:")[2]


def test_the_simulator_needs_its_section(ccops: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "hotline.yaml"
    write_profile("uz", file)
    file.write_text(file.read_text().partition("\nsimulator:")[0] + "\n")
    for command in (("run", "--simulator"), ("simulate",)):
        refused = ccops(*command, "--config", "hotline.yaml")
        assert refused.code == 2
        assert "simulator: {}" in refused.err


def test_simulate_without_a_hotline_says_so_at_once_and_makes_nothing(
    ccops: Terminal, tmp_path: Path, used_ports: list[int]
) -> None:
    (tmp_path / "home").mkdir()
    file = tmp_path / "hotline.yaml"
    write_profile("uz", file)
    free = used_ports[2]  # of UDP: nobody answers there by TCP
    file.write_text(file.read_text().replace("127.0.0.1:8080", f"127.0.0.1:{free}"))
    refused = ccops("simulate", "--config", "hotline.yaml")
    assert refused.code == 2
    assert f"No hotline answers at http://127.0.0.1:{free}/" in refused.err
    assert "ccops run" in refused.err
    assert not list((tmp_path / "home").iterdir())


@pytest.mark.parametrize("command", ["run", "render"])
def test_programs_that_were_never_prepared(
    ccops: Terminal, tmp_path: Path, command: str, used_ports: list[int]
) -> None:
    del used_ports
    file = tmp_path / "hotline.yaml"
    write_profile("uz", file)
    text = re.sub(r"127\.0\.0\.1:\d+", lambda _match: f"127.0.0.1:{free_port()}", file.read_text())
    file.write_text(text)
    refused = ccops(command, "--config", "hotline.yaml")
    assert refused.code == 2
    assert "make setup" in refused.err


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_home_that_cannot_be_written(
    ccops: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CCOPS_HOME", str(tmp_path / "file"))
    refused = ccops("run")
    assert refused.code == 2
    assert f"{tmp_path}/file cannot be written: Not a directory" in refused.err
    assert "CCOPS_HOME" in refused.err


def test_what_is_written_is_for_nobody_else_s_eyes(ccops: Terminal, tmp_path: Path) -> None:
    """Even where it stops early, as here without programs."""
    ccops("run", "--no-asterisk")
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0


def test_an_error_is_shown_as_it_is_written(ccops: Terminal) -> None:
    """Brackets are not taken for the console's own marks."""
    outcome = ccops("init", "/proc/[bold]x[/]/y.yaml")
    assert outcome.code == 2
    assert "/proc/[bold]x[/]/y.yaml cannot be written" in outcome.err


def test_help_is_quick() -> None:
    """Neither the database nor the telephony is loaded for it."""
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ccops", "--version"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    for heavy in ("sqlalchemy", "aiohttp", "pydantic", "numpy", "panoramisk"):
        assert f" {heavy}\n" not in loaded

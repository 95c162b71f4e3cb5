"""``ccops disturbance`` and ``ccops block``: beside a ccops that runs, and without one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from ruamel.yaml import YAML
from typer.testing import CliRunner

from ccops.commands import block, disturbance
from ccops.config.loader import load
from ccops.config.profiles import write_profile
from ccops.config.secrets import Secrets
from ccops.errors import CcopsError
from ccops.home import Home
from ccops.web.app import create_app
from tests.web_support import ScriptedHotline, scripted

APPS = {"disturbance": disturbance.app, "block": block.app}
NUMBER = "+998901234542"


@dataclass
class Copy:
    """A home folder with a hotline that does not run, and a terminal in it."""

    home: Home
    port: int

    def __call__(self, command: str, *arguments: str) -> str:
        """What is printed; raises what a person is told of."""
        result = CliRunner().invoke(APPS[command], arguments)
        if result.exception is not None:
            raise result.exception
        return result.output

    @asynccontextmanager
    async def running(self, *, token: str = "") -> AsyncIterator[ScriptedHotline]:
        """With a ccops at its address, which knows the copy's token."""
        hotline = scripted(busy=False)
        if not token:
            configuration = await asyncio.to_thread(load, self.home.config)
            secrets = await asyncio.to_thread(
                Secrets.load_or_create, self.home.secrets, configuration
            )
            token = secrets.api_token
        server = TestServer(create_app(hotline.ports(token=token)), port=self.port)
        await server.start_server()
        yield hotline
        await server.close()

    async def aside(self, command: str, *arguments: str) -> str:
        """The same, while the server's loop turns."""
        return await asyncio.to_thread(self, command, *arguments)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    monkeypatch.setenv("CCOPS_HOME", str(home.root))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    write_profile("uz", home.config)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    yaml = YAML()
    content = yaml.load(home.config)
    content["listen"] = {"http": f"127.0.0.1:{port}"}
    yaml.dump(content, home.config)
    return Copy(home, port)


def test_a_disturbance_before_the_hotline_is_started(copy: Copy) -> None:
    assert "Nothing is announced" in copy("disturbance", "list")
    said = copy("disturbance", "on", "--reason", "reason-power", "--until", "in 3h", "--stop-calls")
    assert "all lines" in said
    assert "takes effect when it starts" in said
    assert "not put through" in said
    assert "uz  Diqqat" in said
    assert "elektr" in said, "callers' own words, not a prompt's name"
    assert "ccops disturbance off 1" in said
    assert "1  all lines" in copy("disturbance", "list")
    assert "Ended on all lines" in copy("disturbance", "off")
    listed = copy("disturbance", "list")
    assert "Nothing is announced" in listed
    assert "Earlier:" in listed
    assert "had ended already" in copy("disturbance", "off", "1")


def test_which_one_ends_is_asked_where_there_are_several(copy: Copy) -> None:
    line = next(iter(load(copy.home.config).lines))
    copy("disturbance", "on")
    copy("disturbance", "on", "--line", line, "--reason", "reason-data")
    with pytest.raises(CcopsError, match="Several") as caught:
        copy("disturbance", "off")
    assert f"2 on line {line}; 1 on all lines" in caught.value.message
    assert f"Ended on line {line}" in copy("disturbance", "off", "--line", line)
    assert "Ended on all lines" in copy("disturbance", "off", "--all")
    assert copy("disturbance", "off") == "Nothing is announced.\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--line", "999"], "no line 999"),
        (["--reason", "nothing"], "reason-power"),
        (["--text", "Nosozlik"], "which language"),
        (["--text", "uz=Nosozlik"], "missing in ru"),
        (["--text", "uz= ", "--text", "ru="], "holds no words"),
        (["--until", "soon"], "15:30"),
        (["--until", "2020-01-01"], "past"),
    ],
)
def test_what_is_wrong_is_told_with_a_remedy(copy: Copy, arguments: list[str], told: str) -> None:
    with pytest.raises(CcopsError) as caught:
        copy("disturbance", "on", *arguments)
    assert told in str(caught.value)
    assert caught.value.remedy
    assert "Nothing is announced" in copy("disturbance", "list")


def test_blocks_before_the_hotline_is_started(copy: Copy) -> None:
    assert copy("block", "list") == "No number is blocked.\n"
    said = copy("block", "add", "90 123 45 42", "--reason", "Threats", "--for", "7d")
    assert f"Blocked {NUMBER} until " in said
    assert f"ccops block lift {NUMBER}" in said
    assert "Threats" in copy("block", "list")
    assert "can call again" in copy("block", "lift", "901234542")
    assert copy("block", "list") == "No number is blocked.\n"
    assert "lifted" in copy("block", "list", "--past")
    with pytest.raises(CcopsError, match="not blocked"):
        copy("block", "lift", NUMBER)
    with pytest.raises(CcopsError, match="emergency"):
        copy("block", "add", "102", "--reason", "Threats")


async def test_the_ccops_that_runs_is_told(copy: Copy) -> None:
    async with copy.running() as hotline:
        said = await copy.aside("disturbance", "on", "--reason", "reason-power", "--until", "15:00")
        (begun,) = hotline.service.disturbances.current("1176")
        assert begun.started_by.startswith("cli")
        assert "from the next call on" in said
        assert "elektr uzilishi" in said
        assert "Ended" in await copy.aside("disturbance", "off")
        assert hotline.service.disturbances.all() == ()

        assert "until it is lifted" in await copy.aside(
            "block", "add", NUMBER, "--reason", "Threats"
        )
        assert hotline.service.blocks.find(NUMBER, hotline.clock.now()) is not None
        with pytest.raises(CcopsError, match="no line 999") as caught:
            await copy.aside("disturbance", "on", "--line", "999")
        assert caught.value.remedy
    assert not copy.home.database.exists()


async def test_another_hotlines_ccops_is_recognised(copy: Copy) -> None:
    async with copy.running(token="of another home"):
        with pytest.raises(CcopsError) as caught:
            await copy.aside("block", "list")
    assert "CCOPS_HOME" in caught.value.remedy


async def test_another_program_at_the_address_is_recognised(copy: Copy) -> None:
    async def stranger(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(stranger, "127.0.0.1", copy.port)
    with pytest.raises(CcopsError, match="not ccops"):
        await copy.aside("disturbance", "list")
    server.close()
    await server.wait_closed()

"""A whole hotline for a test: the real supervisor, Asterisk and ccops, as a user starts them."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ccops.config.loader import load
from ccops.config.model import Hotline
from ccops.config.profiles import write_profile
from ccops.config.secrets import Secrets
from ccops.home import Home
from ccops.prepare import kept
from ccops.provision import find
from ccops.simulator.network import Network
from tests.e2e.ports import PortBlock

READY_WITHIN = 120.0
"""Seconds; the first start on a machine speaks hundreds of prompts, beside other first starts."""
STOP_WITHIN = 20.0

Change = Callable[[dict[str, Any]], None]


def wait_until(condition: Callable[[], Any], timeout: float, what: str, every: float = 0.05) -> Any:
    """Poll ``condition`` until it is true and return its value; fails naming ``what``."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(every)
    raise AssertionError(f"not within {timeout:g} s: {what}")


async def eventually(condition: Callable[[], Any], timeout: float, what: str) -> Any:
    """:func:`wait_until` for a test with calls under way: their events go on meanwhile."""
    return await asyncio.to_thread(wait_until, condition, timeout, what)


@dataclass
class Running:
    """One copy of the hotline in a folder of its own."""

    home: Home
    ports: PortBlock
    process: subprocess.Popen[bytes]
    keep: bool = False
    """Leave the folder behind, for somebody to look into."""

    @property
    def hotline(self) -> Hotline:
        return load(self.home.config)

    @property
    def secrets(self) -> Secrets:
        return Secrets.load_or_create(self.home.secrets, self.hotline)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports.base}"

    # ---- HTTP

    def get(self, path: str) -> tuple[int, str]:
        """Status and body; status 0 where nobody answers."""
        return self._ask(urllib.request.Request(self.url + path))

    def post(self, path: str, body: Any = None, *, token: str | None = None) -> tuple[int, Any]:
        """POST JSON with the API's token; status and the parsed body."""
        request = urllib.request.Request(
            self.url + path,
            data=json.dumps(body or {}).encode(),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {self.secrets.api_token if token is None else token}",
            },
            method="POST",
        )
        status, text = self._ask(request)
        return status, json.loads(text) if text else None

    def download(self, path: str) -> bytes:
        """The body of an answer that is no text."""
        with urllib.request.urlopen(self.url + path, timeout=5) as answer:
            content: bytes = answer.read()
        return content

    def live(self) -> dict[str, Any]:
        status, body = self.get("/api/v1/live")
        assert status == 200, body
        answer: dict[str, Any] = json.loads(body)
        return answer

    def metric(self, name: str, **labels: str) -> float:
        """One sample of /metrics; 0 when it is not there."""
        from prometheus_client.parser import text_string_to_metric_families

        _status, text = self.get("/metrics")
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    return float(sample.value)
        return 0.0

    def ready(self) -> bool:
        return self.get("/readyz")[0] == 200

    # ---- records

    def rows(self, query: str, *parameters: Any) -> list[sqlite3.Row]:
        """Rows of the hotline's own database."""
        with closing(sqlite3.connect(self.home.database, timeout=5)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(query, parameters).fetchall()

    async def contact(self, number: str, timeout: float = 15.0) -> sqlite3.Row:
        """The closed contact of that caller, once the journal has it."""

        def closed() -> sqlite3.Row | None:
            found = self.rows(
                "SELECT * FROM contacts WHERE number = ? AND outcome != 'open'", number
            )
            return found[-1] if found else None

        row: sqlite3.Row = await eventually(closed, timeout, "a closed contact of the caller")
        return row

    # ---- processes

    def part(self, name: str) -> dict[str, Any]:
        """What the supervisor says of one of its parts."""
        parts = json.loads(self.home.supervisor.read_text())["parts"]
        found: dict[str, Any] = next(part for part in parts if part["part"] == name)
        return found

    def pid(self, name: str) -> int:
        """0 while the part is down."""
        return int(self.part(name)["pid"] or 0)

    def command(self, *arguments: str, code: int = 0) -> str:
        """``ccops …`` as an administrator types it beside the running hotline; what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "ccops", *arguments, "--config", str(self.home.config)],
            env=environment(self.home),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    def signal(self, name: str, number: signal.Signals) -> None:
        os.kill(self.pid(name), number)

    def rewrite(self, change: Change) -> None:
        """Edit hotline.yaml while the hotline runs, as an administrator's editor would."""
        edit(self.home.config, change)

    def put_in_force(self, change: Change) -> None:
        """:meth:`rewrite`, and wait until ccops has taken it over."""
        self.rewrite(change)
        wait_until(lambda: kept(self.home) == self.hotline, 30, "the new configuration in force")

    def stop(self) -> int:
        """Ctrl-C, and the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_WITHIN)

    def output(self) -> str:
        return (self.home.root / "output.txt").read_text(encoding="utf-8", errors="replace")

    def _ask(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""


def quick(content: dict[str, Any]) -> None:
    """What tests want different from the profile: a short wrap-up, so that calls can follow."""
    for queue in content["queues"].values():
        queue["wrap_up"] = 1


@contextmanager
def running(
    profile: str = "uz", change: Change = quick, arguments: Sequence[str] = ()
) -> Iterator[Running]:
    """Start a hotline and stop it at the end; its folder is kept when the test failed."""
    ports = PortBlock.take()
    root = Path(tempfile.mkdtemp(prefix="cc-"))
    home = Home(root)
    try:
        write_profile(profile, home.config)

        def adapt(content: dict[str, Any]) -> None:
            content.update(ports.sections())
            change(content)

        edit(home.config, adapt)
        copy = Running(home, ports, start(home, *arguments))
        try:
            wait_until(
                lambda: copy.ready() or copy.process.poll() is not None, READY_WITHIN, "readiness"
            )
            assert copy.process.poll() is None, copy.output()
            yield copy
        finally:
            copy.stop()
    except BaseException:
        print(f"the hotline's folder is kept: {root}")
        raise
    else:
        if copy.keep:
            print(f"the hotline's folder is kept: {root}")
        else:
            shutil.rmtree(root)
    finally:
        ports.release()


def start(home: Home, *arguments: str) -> subprocess.Popen[bytes]:
    """``ccops run`` in a session of its own, output into ``output.txt``."""
    with (home.root / "output.txt").open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "ccops", "run", "--config", str(home.config), *arguments],
            env=environment(home),
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def environment(home: Home) -> dict[str, str]:
    """Of a hotline and of the commands beside it: all that is its own."""
    own = {"CCOPS_HOME": str(home.root)}
    if prompts_folder(home).is_dir():
        own["CCOPS_PROMPTS"] = str(prompts_folder(home))
    return {**os.environ, **own}


def prompts_folder(home: Home) -> Path:
    """Texts and recordings of one hotline, where a test has put some of its own."""
    return home.root / "ivr-prompts"


def edit(path: Path, change: Change) -> None:
    """Change a configuration file in one step, comments kept."""
    yaml = YAML()
    content = yaml.load(path.read_text(encoding="utf-8"))
    change(content)
    partial = path.with_suffix(".edited")
    with partial.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)
    partial.replace(path)


@asynccontextmanager
async def telephone_network(copy: Running) -> AsyncIterator[Network]:
    """The simulated network of a running hotline."""
    network = Network(copy.hotline, copy.secrets.sip, find(), copy.home)
    await network.start()
    try:
        yield network
    finally:
        await network.stop()

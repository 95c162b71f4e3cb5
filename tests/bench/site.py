"""The hotline of the benchmark: a profile's configuration with a room full of operators.

Asterisk and ccops are started one by one here, not by the supervisor, so that Asterisk can be
measured without ccops.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from rich.console import Console

from ccops.asterisk.render import AMI_USER
from ccops.config.profiles import write_profile
from ccops.home import Home
from ccops.launch import prepare_with_progress
from ccops.prepare import Prepared
from tests.bench.dialplan import without_ccops
from tests.e2e.ports import PortBlock
from tests.e2e.running import Running, edit, eventually

PROFILE = "uz"
OPERATORS = 60
RTP, NETWORK_RTP = "40000-43999", "44000-47999"
"""Enough for 300 calls; the tests' blocks of ports are not."""
READY = 30.0
STOP = 15.0


@contextmanager
def site(console: Console) -> Iterator[Site]:
    """Everything prepared, nothing started; at the end everything stopped and removed."""
    # Each call holds five open files; what is allowed without asking is 1024 on many machines.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    ports = PortBlock.take()
    root = Path(tempfile.mkdtemp(prefix="cc-"))
    try:
        home = Home(root)
        write_profile(PROFILE, home.config)
        edit(home.config, lambda content: _adapt(content, ports))
        made = Site(prepare_with_progress(home, home.config, console), ports)
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)
        ports.release()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _adapt(content: dict[str, Any], ports: PortBlock) -> None:
    content.update(ports.sections())
    content["listen"]["rtp"], content["simulator"]["rtp"] = RTP, NETWORK_RTP
    queue = next(iter(content["queues"]))
    content["operators"] = {
        str(number): {"name": f"Operator {number}", "queues": list(content["queues"])}
        for number in range(201, 201 + OPERATORS)
    }
    content["queues"][queue]["wrap_up"] = 0


class Site:
    """Asterisk and ccops of one home, each started and stopped on its own."""

    def __init__(self, prepared: Prepared, ports: PortBlock) -> None:
        self.prepared = prepared
        self.line, line = next(iter(prepared.hotline.lines.items()))
        menu = prepared.hotline.menus[line.menu]
        self.queue = menu.keys["1"].queue
        self._ports = ports
        self._dialplan = prepared.home.asterisk / "etc" / "extensions.conf"
        self._rendered = self._dialplan.read_text(encoding="utf-8")
        self._asterisk: subprocess.Popen[bytes] | None = None
        self._ccops: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Home:
        return self.prepared.home

    @property
    def pids(self) -> dict[str, int]:
        """Of what runs now."""
        running = {"asterisk": self._asterisk, "ccops": self._ccops}
        return {name: process.pid for name, process in running.items() if process is not None}

    @property
    def hotline(self) -> Running:
        """What can be asked of it: HTTP and records."""
        assert self._asterisk is not None
        return Running(self.home, self._ports, self._asterisk)

    async def start_asterisk(self) -> None:
        program = self.prepared.toolchain.asterisk
        settings = self.home.asterisk / "etc" / "asterisk.conf"
        self._asterisk = self._spawn(
            "asterisk", [*program.command, "-C", str(settings), "-f", "-n"], program.env
        )
        host, _, port = self.prepared.hotline.listen.ami.rpartition(":")

        def listens() -> bool:
            with suppress(OSError), closing(socket.create_connection((host, int(port)), 1)):
                return True
            return False

        await eventually(listens, READY, "Asterisk's AMI")

    async def start_ccops(self, record: Path | None = None) -> None:
        """``ccops serve``; with ``record``, AGI durations are written there when it stops."""
        config = str(self.home.config)
        arguments = ["ccops", "serve", "--config", config]
        if record is not None:
            arguments = ["tests.bench.service", str(self.home.root), config, str(record)]
        self._ccops = self._spawn("ccops", [sys.executable, "-m", *arguments])
        await eventually(self.hotline.ready, READY, "ccops")

    def stop_ccops(self) -> None:
        process, self._ccops = self._ccops, None
        _stop(process)

    def stop(self) -> None:
        self.stop_ccops()
        process, self._asterisk = self._asterisk, None
        _stop(process)

    def drive_by(self, driver: str) -> None:
        """``ccops``, or ``dialplan``: what the running Asterisk asks from its next call on."""
        text = self._rendered
        if driver == "dialplan":
            text = without_ccops(text, self.prepared.hotline, self.line)
        self._dialplan.write_text(text, encoding="utf-8")
        settings = str(self.home.asterisk / "etc" / "asterisk.conf")
        program = self.prepared.toolchain.asterisk
        subprocess.run(
            [*program.command, "-C", settings, "-rx", "dialplan reload"],
            env={**os.environ, **program.env},
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=10,
        )

    async def staff(self, number: int) -> None:
        """Log the first so many operators in, and the others out."""
        for place, operator in enumerate(self.prepared.hotline.operators):
            command = "login" if place < number else "logout"
            status, answer = await asyncio.to_thread(
                self.hotline.post, f"/api/v1/operators/{operator}/{command}"
            )
            assert status == 200, answer

    def closed_contacts(self) -> int:
        """Contacts in the database that have ended."""
        [row] = self.hotline.rows("SELECT count(*) AS n FROM contacts WHERE outcome != 'open'")
        return int(row["n"])

    @asynccontextmanager
    async def recording_events(self) -> AsyncIterator[bytearray]:
        """Collect the events that Asterisk sends to the AMI user of ccops, byte by byte."""
        host, _, port = self.prepared.hotline.listen.ami.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        secret = self.prepared.secrets.ami
        writer.write(f"Action: Login\r\nUsername: {AMI_USER}\r\nSecret: {secret}\r\n\r\n".encode())
        await reader.readuntil(b"FullyBooted")
        await reader.readuntil(b"\r\n\r\n")
        stream = bytearray()

        async def collect() -> None:
            while data := await reader.read(65536):
                stream.extend(data)

        task = asyncio.create_task(collect())
        try:
            yield stream
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            writer.close()

    def _spawn(
        self, name: str, command: list[str], env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        self.home.logs.mkdir(parents=True, exist_ok=True)
        if setpriv := shutil.which("setpriv"):  # it ends with us, however we end
            command = [setpriv, "--pdeathsig", "KILL", "--", *command]
        with (self.home.logs / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                env={**os.environ, **(env or {}), "CCOPS_HOME": str(self.home.root)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _stop(process: subprocess.Popen[bytes] | None) -> None:
    if process is None or process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

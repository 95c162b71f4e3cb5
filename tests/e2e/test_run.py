"""``ccops run`` as a person uses it: all comes up, Ctrl-C leaves nothing, two side by side."""

from __future__ import annotations

import fcntl
import os
import pty
import resource
import signal
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import psutil
import pytest

from ccops.config.profiles import write_profile
from tests.e2e.running import Running, edit, running, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("run")]


def processes(copy: Running) -> list[psutil.Process]:
    """Every process that knows the copy's folder by its command line or environment."""
    root = str(copy.home.root)
    found = []
    for process in psutil.process_iter():
        try:
            if root in " ".join(process.cmdline()) or process.environ().get("CCOPS_HOME") == root:
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


def gone(copy: Running) -> bool:
    return not processes(copy)


def test_with_the_simulator_calls_come_in_and_ctrl_c_leaves_nothing_behind() -> None:
    with running(arguments=["--simulator", "--calls-per-hour", "3600"]) as copy:
        wait_until(
            lambda: copy.metric("ccops_operators", state="logged_out") < 4,
            40,
            "operators who logged in",
        )
        wait_until(
            lambda: len(copy.rows("SELECT 1 FROM contacts")) >= 3, 40, "contacts in the database"
        )
        assert copy.get("/healthz")[0] == 200
        output = copy.output()
        for what in ("/metrics", "sip:citizen@", f"http://127.0.0.1:{copy.ports.base}/"):
            assert what in output, "where things are is printed"
        assert len(processes(copy)) >= 5, "supervisor, asterisk, ccops, simulator, its asterisk"
        soft, _hard = psutil.Process(copy.pid("asterisk")).rlimit(psutil.RLIMIT_NOFILE)
        assert soft >= min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]), "five for a call"
        assert copy.stop() == 0
        wait_until(lambda: gone(copy), 5, "no process left")


def test_two_copies_run_side_by_side_and_the_death_of_a_supervisor_leaves_nothing() -> None:
    with running() as one, running("az") as other:
        assert one.ready()
        assert other.ready()
        assert one.ports.base != other.ports.base
        one.process.send_signal(signal.SIGKILL)
        wait_until(lambda: gone(one), 5, "nothing of the killed copy is left")
        assert other.ready(), "the other copy is not touched"


def test_a_port_in_use_is_named_with_the_field_to_change(tmp_path: Path) -> None:
    with running() as copy:

        def same_ports(content: dict[str, Any]) -> None:
            content.update(copy.ports.sections())

        config = tmp_path / "hotline.yaml"
        write_profile("uz", config)
        edit(config, same_ports)
        second = subprocess.run(
            [sys.executable, "-m", "ccops", "run", "--config", str(config)],
            env={**os.environ, "CCOPS_HOME": str(tmp_path / "h")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 2
        assert f"127.0.0.1:{copy.ports.base} (listen.http)" in second.stderr
        assert "listen.http" in second.stderr.split("What to do:")[1]
        assert copy.ready()


def test_a_second_start_in_the_same_home_changes_nothing(tmp_path: Path) -> None:
    with running() as copy:
        before = {path: path.stat().st_mtime_ns for path in (copy.home.asterisk / "etc").iterdir()}
        config = tmp_path / "hotline.yaml"
        write_profile("az", config)
        second = subprocess.run(
            [sys.executable, "-m", "ccops", "run", "--config", str(config)],
            env={**os.environ, "CCOPS_HOME": str(copy.home.root)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 2
        assert f"A hotline runs already in {copy.home.root}" in second.stderr
        after = {path: path.stat().st_mtime_ns for path in (copy.home.asterisk / "etc").iterdir()}
        assert after == before, "the running Asterisk's files are left alone"
        assert copy.ready()


def test_a_closed_terminal_stops_everything(tmp_path: Path) -> None:
    """SIGHUP comes, and what is said meanwhile can no longer be written anywhere."""
    with running() as copy:
        assert copy.stop() == 0
        terminal, child_side = pty.openpty()
        with (tmp_path / "errors").open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "ccops", "run", "--config", str(copy.home.config)],
                env={**os.environ, "CCOPS_HOME": str(copy.home.root)},
                stdin=child_side,
                stdout=child_side,
                stderr=errors,
                start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            )
        os.close(child_side)
        said = b""
        while b"The hotline is running" not in said:
            said += os.read(terminal, 4096)
        os.close(terminal)
        process.wait(20)
        assert "Traceback" not in (tmp_path / "errors").read_text()
        wait_until(lambda: gone(copy), 5, "no process left")

"""The supervisor with real processes: killed, frozen, orphaned, interrupted."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

SUPERVISOR = """
import sys
from pathlib import Path
from ccops.supervisor import Limits, Part, supervise
home = Path(sys.argv[1])
def child(name, code, **options):
    return Part(name, (sys.executable, "-c", code), home / "log" / name, **options)
BEATING = '''
import os, time
while True:
    os.write(int(os.environ["CCOPS_HEARTBEAT_FD"]), b".")
    time.sleep(0.05)
'''
QUIET = "import time; time.sleep(600)"
STUBBORN = '''
import signal, time
signal.signal(15, signal.SIG_IGN)
print("up", flush=True)
time.sleep(600)
'''
LIMITS = Limits(silence=0.5, first_beat=5.0, pause=0.01, attempts=3)
def run(*parts, limits=LIMITS):
    sys.exit(supervise(
        parts,
        status=home / "run" / "supervisor.json",
        on_ready=lambda: print("READY", flush=True),
        say=lambda line: print(line, flush=True),
        limits=limits,
    ))
"""


class Running:
    """A supervisor in a process of its own, and what it tells."""

    def __init__(self, home: Path, code: str) -> None:
        self.home = home
        self.output = home / "output"
        program = SUPERVISOR + textwrap.dedent(code)
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program, str(home)], stdout=output, stderr=output
            )

    def said(self) -> str:
        return self.output.read_text()

    def parts(self) -> dict[str, dict[str, Any]]:
        content = json.loads((self.home / "run/supervisor.json").read_text())
        return {part["part"]: part for part in content["parts"]}

    def pid(self, name: str) -> int:
        pid = self.parts()[name]["pid"]
        assert isinstance(pid, int)
        return pid

    def until(self, condition: Callable[[], bool], seconds: float = 15.0) -> None:
        """Wait for a condition; fail with what was said when it does not come true."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.said()
            assert self.process.poll() is None or condition(), self.said()
            time.sleep(0.01)

    def until_ready(self) -> None:
        self.until(lambda: "READY" in self.said())

    def until_restarted(self, name: str) -> None:
        def restarted() -> bool:
            return self.parts()[name]["restarts"] > 0 and self.parts()[name]["pid"] is not None

        self.until(restarted)


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[[str], Running]]:
    started: list[Running] = []

    def start(code: str) -> Running:
        started.append(Running(tmp_path, code))
        return started[-1]

    yield start
    for running in started:
        running.process.kill()
        running.process.wait()


def gone(pid: int) -> bool:
    """Ended; an orphan may stay a zombie where nothing reaps it."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


Supervise = Callable[[str], Running]
BOTH = 'run(child("asterisk", QUIET), child("ccops", BEATING, heartbeat=True))'


def test_a_killed_part_is_started_again_and_the_other_goes_on(supervise: Supervise) -> None:
    running = supervise(BOTH)
    running.until_ready()
    asterisk, ccops = running.pid("asterisk"), running.pid("ccops")

    os.kill(ccops, signal.SIGKILL)
    running.until_restarted("ccops")

    assert running.pid("ccops") != ccops
    assert running.pid("asterisk") == asterisk
    assert running.parts()["ccops"]["last_exit"] == "SIGKILL"
    assert running.parts()["asterisk"]["restarts"] == 0
    assert "ccops ended after" in running.said()


def test_a_frozen_part_is_killed_and_started_again(supervise: Supervise) -> None:
    running = supervise(BOTH)
    running.until_ready()
    ccops = running.pid("ccops")

    os.kill(ccops, signal.SIGSTOP)
    frozen = time.monotonic()
    running.until_restarted("ccops")

    assert 0.4 < time.monotonic() - frozen < 3
    assert gone(ccops)
    assert running.parts()["ccops"]["last_exit"] == "frozen"


def test_a_part_that_closes_its_heartbeat_is_frozen(supervise: Supervise) -> None:
    running = supervise("""
        DEAF = '''
        import os, time
        beat = int(os.environ["CCOPS_HEARTBEAT_FD"])
        os.write(beat, b".")
        os.close(beat)
        time.sleep(600)
        '''
        import textwrap
        run(child("ccops", textwrap.dedent(DEAF), heartbeat=True))
    """)
    running.until_ready()

    running.until_restarted("ccops")

    assert running.parts()["ccops"]["last_exit"] == "frozen"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_is_no_error(
    supervise: Supervise, number: signal.Signals
) -> None:
    running = supervise(BOTH)
    running.until_ready()
    pids = [running.pid("asterisk"), running.pid("ccops")]

    running.process.send_signal(number)

    assert running.process.wait(10) == 0
    assert all(gone(pid) for pid in pids)
    assert [part["pid"] for part in running.parts().values()] == [None, None]
    assert "starting it again" not in running.said()


def test_nothing_survives_a_killed_supervisor(supervise: Supervise) -> None:
    running = supervise(BOTH)
    running.until_ready()
    pids = [running.pid("asterisk"), running.pid("ccops")]

    running.process.kill()
    running.process.wait()

    end = time.monotonic() + 5
    while not all(gone(pid) for pid in pids):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_terminals_interrupt_reaches_the_supervisor_only(supervise: Supervise) -> None:
    running = supervise(BOTH)
    running.until_ready()

    groups = {os.getpgid(running.pid(name)) for name in ("asterisk", "ccops")}

    assert groups == {running.pid("asterisk"), running.pid("ccops")}


def test_parts_stop_in_reverse_order_and_a_stubborn_one_is_killed(supervise: Supervise) -> None:
    running = supervise("""
        REPORTING = '''
        import signal, sys, time
        def stop(*_): print("stopped", time.monotonic_ns(), flush=True); sys.exit(3)
        signal.signal(15, stop)
        print("up", flush=True)
        time.sleep(600)
        '''
        import textwrap
        run(
            child("first", textwrap.dedent(REPORTING)),
            child("stubborn", STUBBORN, grace=0.3),
            child("last", textwrap.dedent(REPORTING)),
        )
    """)
    log = running.home / "log"
    running.until(lambda: all("up" in _read(log / name) for name in ("first", "stubborn", "last")))

    running.process.send_signal(signal.SIGINT)

    assert running.process.wait(10) == 0
    first, last = (int(_read(log / name).split()[-1]) for name in ("first", "last"))
    assert first - last > 300_000_000
    assert "stubborn did not stop in 0.3 s: killed" in running.said()
    assert running.parts()["first"]["last_exit"] == "exit 3"
    assert running.parts()["stubborn"]["last_exit"] == "SIGKILL"


def test_a_second_interrupt_does_not_wait(supervise: Supervise) -> None:
    running = supervise('run(child("stubborn", STUBBORN, grace=600))')
    running.until(lambda: "up" in _read(running.home / "log/stubborn"))

    running.process.send_signal(signal.SIGINT)
    pid = running.pid("stubborn")
    running.process.send_signal(signal.SIGINT)
    while running.process.poll() is None and not gone(pid):
        running.process.send_signal(signal.SIGINT)
        time.sleep(0.01)

    assert running.process.wait(10) == 0


def test_the_next_part_starts_when_the_one_before_is_ready(supervise: Supervise) -> None:
    running = supervise("""
        LATE = "import time; time.sleep(0.3); print(time.monotonic_ns(), flush=True)" + BEATING
        STAMP = "import time; print(time.monotonic_ns(), flush=True); time.sleep(600)"
        run(child("ccops", LATE, heartbeat=True), child("simulator", STAMP))
    """)
    running.until(lambda: bool(_read(running.home / "log/simulator")))

    ready, begun = (int(_read(running.home / "log" / name)) for name in ("ccops", "simulator"))
    assert begun > ready


def test_a_part_that_cannot_come_up_ends_the_start(supervise: Supervise) -> None:
    running = supervise("""
        run(child("asterisk", QUIET), child("ccops", "raise SystemExit(7)", heartbeat=True))
    """)

    assert running.process.wait(10) == 1
    assert "ccops does not start: see" in running.said()
    assert running.said().count("(exit 7)") == 3
    assert running.parts()["asterisk"]["pid"] is None


def test_a_missing_program_is_told(supervise: Supervise) -> None:
    running = supervise("""
        run(Part("asterisk", ("/nonexistent/asterisk",), home / "log" / "asterisk"))
    """)

    assert running.process.wait(10) == 1
    assert "asterisk cannot be started ([Errno 2]" in running.said()


def test_a_part_that_may_end_is_not_started_again(supervise: Supervise) -> None:
    running = supervise("""
        run(child("asterisk", QUIET), child("simulator", "print('bye')", restart=False))
    """)

    running.until(lambda: "simulator ended (exit 0)" in running.said())

    assert running.parts()["simulator"]["restarts"] == 0
    assert running.parts()["asterisk"]["pid"] is not None


def test_pauses_grow_for_a_part_that_fails_at_once(supervise: Supervise) -> None:
    running = supervise("""
        from time import monotonic
        code = "import time; print(time.monotonic(), flush=True)"
        run(child("ccops", code), limits=Limits(pause=0.1, longest_pause=0.4, attempts=99))
    """)
    log = running.home / "log/ccops"
    running.until(lambda: len(_read(log).splitlines()) >= 5)

    times = [float(line) for line in _read(log).splitlines()[:5]]
    pauses = [after - before for before, after in itertools.pairwise(times)]
    assert all(pause >= least for pause, least in zip(pauses, [0.1, 0.2, 0.4, 0.4], strict=True))
    assert pauses[3] < 2


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""

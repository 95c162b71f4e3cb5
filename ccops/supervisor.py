"""Parents the processes of the hotline, so that none of them parents another (decision 3).

A part that dies is started again; one whose heartbeat stops is frozen, and is killed and started
again. When the supervisor ends, however it ends, nothing that it started stays behind. In
production systemd plays this part; ``ccops.heartbeat`` is the other end.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

PR_SET_PDEATHSIG = 1
NEVER = float("inf")
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Part:
    """A process to keep running. What it prints is appended to ``log``."""

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    """Laid over the supervisor's own environment."""
    cwd: Path | None = None
    heartbeat: bool = False
    """It writes a byte every second or sooner to the file descriptor named in CCOPS_HEARTBEAT_FD;
    the first byte says that it is ready. Without, it counts as ready once it was started."""
    restart: bool = True
    """Otherwise its end is reported and the others go on."""
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 5.0
    """Seconds between the stop signal and SIGKILL."""


@dataclass(frozen=True)
class Limits:
    """In seconds, ``attempts`` apart."""

    silence: float = 5.0
    first_beat: float = 20.0
    pause: float = 0.2
    """Who failed within ``steady`` waits this long, then twice as long …"""
    longest_pause: float = 10.0
    steady: float = 10.0
    """Who ran as long as this is started again at once."""
    attempts: int = 3
    """How often in a row a part may fail before the first time that all are ready."""


def supervise(
    parts: Sequence[Part],
    *,
    status: Path,
    on_ready: Callable[[], None] | None = None,
    on_stop: Callable[[], None] | None = None,
    say: Callable[[str], None] = print,
    limits: Limits = Limits(),
) -> int:
    """Run ``parts`` until SIGINT, SIGTERM or SIGHUP; then stop them, the last one first.

    Each is started when those before it are ready; ``on_ready`` is called once, when all are,
    and ``on_stop`` when a signal was heard.
    ``status`` is a JSON file that always tells each part's pid, start, restarts and last exit.
    Returns 0 after a signal, 1 when the parts could not be brought up. Blocks; main thread only.
    """
    run = _Run(parts, status, say, limits)
    with _signals(run.ask_to_stop) as wake:
        try:
            code = run.until_asked(wake, on_ready)
            if code == 0 and on_stop is not None:
                on_stop()
            return code
        finally:
            run.stop()


@dataclass
class _Child:
    part: Part
    process: subprocess.Popen[bytes] | None = None
    beats: int | None = None
    deadline: float = NEVER
    due: float = 0.0
    began: float = 0.0
    ready: bool = False
    started: str | None = None
    failures: int = 0
    restarts: int = 0
    last_exit: str | None = None

    def kill(self, number: int) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def close_beats(self) -> None:
        if self.beats is not None:
            os.close(self.beats)
            self.beats = None


class _Run:
    def __init__(
        self, parts: Sequence[Part], status: Path, say: Callable[[str], None], limits: Limits
    ) -> None:
        self._children = [_Child(part) for part in parts]
        self._status, self._say, self._limits = status, say, limits
        self._asked_at: float | None = None
        self._was_ready = False

    def ask_to_stop(self) -> None:
        """The first time in order; once more, a second or more later, without waiting."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()
        elif time.monotonic() - self._asked_at > 1:
            for child in self._children:
                child.kill(signal.SIGKILL)

    def until_asked(self, wake: int, on_ready: Callable[[], None] | None) -> int:
        while self._asked_at is None:
            for child in self._children:
                if child.process is not None:
                    self._check(child, child.process)
                if not self._was_ready and child.failures >= self._limits.attempts:
                    self._say(f"{child.part.name} does not start: see {child.part.log}")
                    return 1
            next_start = self._start_what_is_due()
            if not self._was_ready and all(child.ready for child in self._children):
                self._was_ready = True
                if on_ready is not None:
                    on_ready()
            self._listen(wake, min([next_start, *(child.deadline for child in self._children)]))
        return 0

    def stop(self) -> None:
        for child in reversed(self._children):
            if child.process is not None:
                child.kill(child.part.stop_signal)
                child.kill(signal.SIGCONT)
                try:
                    child.process.wait(child.part.grace)
                except subprocess.TimeoutExpired:
                    self._say(f"{child.part.name} did not stop in {child.part.grace:g} s: killed")
                self._bury(child, child.process)

    def _check(self, child: _Child, process: subprocess.Popen[bytes]) -> None:
        frozen = time.monotonic() > child.deadline
        if process.poll() is None and not frozen:
            return
        self._bury(child, process, "frozen" if frozen else None)
        ran = time.monotonic() - child.began
        if child.part.restart:
            self._failed(child, f"ended after {ran:.1f} s ({child.last_exit})", ran)
        else:
            child.ready, child.due = True, NEVER
            self._say(f"{child.part.name} ended ({child.last_exit})")

    def _failed(self, child: _Child, how: str, ran: float = 0.0) -> None:
        limits = self._limits
        child.failures = 1 if ran >= limits.steady else child.failures + 1
        pause = limits.pause * 2 ** (child.failures - 1) if ran < limits.steady else 0.0
        child.due = time.monotonic() + min(pause, limits.longest_pause)
        child.restarts += 1
        where = f"; see {child.part.log}" if child.failures == 1 else ""
        self._say(f"{child.part.name} {how}: starting it again{where}")
        self._write_status()

    def _bury(
        self, child: _Child, process: subprocess.Popen[bytes], how: str | None = None
    ) -> None:
        child.kill(signal.SIGKILL)  # also what it may have left in its group
        code = process.wait()
        name = signal.Signals(-code).name if code < 0 else f"exit {code}"
        child.close_beats()
        child.process, child.deadline, child.ready = None, NEVER, False
        child.last_exit = how or name
        self._write_status()

    def _start_what_is_due(self) -> float:
        """Start in order, as far as those before are ready; returns when to look again."""
        for child in self._children:
            if child.process is None and child.due <= time.monotonic():
                try:
                    self._start(child)
                except OSError as error:
                    child.close_beats()
                    self._failed(child, f"cannot be started ({error})")
            if not child.ready:
                return child.due if child.process is None else NEVER
        return NEVER

    def _start(self, child: _Child) -> None:
        part, parent = child.part, os.getpid()

        def die_with_parent() -> None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)

        environment = {**os.environ, **part.env}
        inherited: tuple[int, ...] = ()
        if part.heartbeat:
            child.beats, write_end = os.pipe()
            os.set_blocking(child.beats, False)
            environment["CCOPS_HEARTBEAT_FD"], inherited = str(write_end), (write_end,)
        part.log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.log.open("ab") as log:
                child.process = subprocess.Popen(
                    part.argv,
                    env=environment,
                    cwd=part.cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=inherited,
                    process_group=0,
                    preexec_fn=die_with_parent,
                )
        finally:
            for descriptor in inherited:
                os.close(descriptor)
        child.began = time.monotonic()
        child.started = datetime.now(UTC).isoformat(timespec="milliseconds")
        child.deadline = child.began + self._limits.first_beat if part.heartbeat else NEVER
        child.ready = not part.heartbeat
        self._write_status()

    def _listen(self, wake: int, until: float) -> None:
        """Until a signal, a heartbeat, or the moment ``until``."""
        beating = {child.beats: child for child in self._children if child.beats is not None}
        timeout = None if until == NEVER else max(0.0, until - time.monotonic()) + 0.001
        readable, _, _ = select.select([wake, *beating], [], [], timeout)
        for descriptor in readable:
            told, child = os.read(descriptor, 4096), beating.get(descriptor)
            if child is not None and told:
                child.deadline, child.ready = time.monotonic() + self._limits.silence, True
            elif child is not None:  # closed at the far end: it has ended, or will fall silent
                child.close_beats()

    def _write_status(self) -> None:
        parts = [
            {
                "part": child.part.name,
                "pid": child.process.pid if child.process else None,
                "started": child.started,
                "restarts": child.restarts,
                "last_exit": child.last_exit,
            }
            for child in self._children
        ]
        self._status.parent.mkdir(parents=True, exist_ok=True)
        partial = self._status.with_suffix(".partial")
        partial.write_text(json.dumps({"supervisor": os.getpid(), "parts": parts}, indent=1) + "\n")
        partial.replace(self._status)


@contextmanager
def _signals(ask_to_stop: Callable[[], None]) -> Iterator[int]:
    """Route the signals; yields a descriptor that becomes readable with each of them."""
    read_end, write_end = os.pipe()
    for descriptor in (read_end, write_end):
        os.set_blocking(descriptor, False)
    handlers = {
        number: signal.signal(number, lambda _number, _frame: ask_to_stop())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    before = signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    try:
        yield read_end
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        os.close(read_end)
        os.close(write_end)

"""Starting the hotline for a person at a terminal: prepare, check, supervise, say where."""

from __future__ import annotations

import asyncio
import logging
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ccops.config.loader import load
from ccops.config.profiles import write_profile
from ccops.config.secrets import Secrets
from ccops.home import Home
from ccops.log import configure
from ccops.preflight import check_ports, check_runs, check_simulator, only_one
from ccops.prepare import Prepared, prepare
from ccops.provision import find
from ccops.simulator.plan import Options
from ccops.simulator.simulate import simulate
from ccops.supervisor import Part, supervise

DEFAULT_PROFILE = "uz"
LIVELY_SEED = 8
"""Its first callers come within seconds at any rate, so that there is something to see at once."""
OPEN_FILES = 65536
"""Enough for thousands of calls; without end, programs that close all files would take for ever."""

Report = Callable[[int, int, str], None]


def run_hotline(
    home: Home,
    config: Path | None,
    console: Console,
    *,
    asterisk: bool = True,
    calls_per_hour: int = 0,
) -> int:
    """Run everything until a signal; returns the exit code. ``calls_per_hour`` 0: no simulator."""
    with only_one(home):
        path = find_config(home, config, console)
        hotline = load(path)
        if calls_per_hour:
            check_simulator(hotline)
        check_ports(hotline, asterisk=asterisk, simulator=calls_per_hour > 0)
        prepared = prepare_with_progress(home, path, console)
        _allow_open_files()
        code = supervise(
            list(_parts(prepared, path, asterisk=asterisk, calls_per_hour=calls_per_hour)),
            status=home.supervisor,
            on_ready=lambda: _say_where(prepared, console, simulator=calls_per_hour > 0),
            on_stop=lambda: _tell("\nStopping …"),
            say=_tell,
        )
    _tell("Stopped.")
    return code


def run_simulator(home: Home, config: Path | None, console: Console, options: Options) -> None:
    """Simulate callers and operators beside a hotline that runs already."""
    hotline = load(config or home.config)
    check_simulator(hotline)
    check_runs(hotline)
    # A person watches the progress, and reads beside it only what is wrong.
    configure(level=logging.WARNING if console.is_terminal else logging.INFO)
    # Until the network's Asterisk is up, its links say at each attempt that it is not.
    logging.getLogger("ccops.asterisk.ami").setLevel(logging.ERROR)
    secrets = Secrets.load_or_create(home.secrets, hotline)
    asyncio.run(simulate(hotline, secrets, find(), home, options, console))


def _allow_open_files() -> None:
    """Raise the limit of open files for every process of ours, as far as the system lets us.

    Asterisk holds about five for each call (measured), and the usual soft limit of 1,024 would
    end at two hundred calls.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def prepare_with_progress(home: Home, config: Path, console: Console) -> Prepared:
    """Make everything ready; long steps show how far they are."""
    with _progress(console) as report:
        return prepare(home, config, report)


def find_config(home: Home, config: Path | None, console: Console) -> Path:
    """The configuration asked for, or the home's own, which is made on first use."""
    if config is not None:
        return config
    if not home.config.exists():
        write_profile(DEFAULT_PROFILE, home.config)
        console.print(f"Wrote {home.config} from the profile {DEFAULT_PROFILE}: edit it freely.")
    return home.config


@contextmanager
def _progress(console: Console) -> Iterator[Report]:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
    )
    task = None

    def report(done: int, total: int, _name: str) -> None:
        nonlocal task
        if task is None:
            task = bar.add_task("Speaking the prompts", total=total)
            if not console.is_terminal:
                console.print(f"Speaking {total} prompts …")
        bar.update(task, completed=done)

    if not console.is_terminal:
        bar.disable = True
    with bar:
        yield report


def _tell(line: str) -> None:
    """Calls go on, and end in order, when nobody reads along any more: a terminal that was closed,
    a pipe that broke."""
    with suppress(OSError):
        print(line, flush=True)


def _parts(
    prepared: Prepared, config: Path, *, asterisk: bool, calls_per_hour: int
) -> Iterator[Part]:
    home, program = prepared.home, prepared.toolchain.asterisk
    ours = [sys.executable, "-m", "ccops"]
    env = {"CCOPS_HOME": str(home.root)}
    if asterisk:
        settings = home.asterisk / "etc" / "asterisk.conf"
        yield Part(
            "asterisk",
            [*program.command, "-C", str(settings), "-f", "-n"],
            home.logs / "asterisk.log",
            env=program.env,
        )
    yield Part(
        "ccops",
        [*ours, "serve", "--config", str(config.absolute())],
        home.logs / "ccops.log",
        env=env,
        heartbeat=True,
    )
    if calls_per_hour:
        yield Part(
            "simulator",
            [
                *ours,
                "simulate",
                "--config",
                str(config.absolute()),
                "--calls-per-hour",
                str(calls_per_hour),
                "--seed",
                str(LIVELY_SEED),
            ],
            home.logs / "simulator.log",
            env=env,
            grace=10.0,
        )


def _say_where(prepared: Prepared, console: Console, *, simulator: bool) -> None:
    listen, home = prepared.hotline.listen, prepared.home
    line = next(iter(prepared.hotline.lines))
    rows = [
        ("Page", f"http://{listen.http}/", "what happens now"),
        ("Metrics", f"http://{listen.http}/metrics", "for Prometheus"),
        (
            "Softphone",
            f"sip:citizen@{listen.sip}",
            f"password {prepared.secrets.sip['citizen']}; dial {line}",
        ),
        ("Operators", f"sip:NUMBER@{listen.sip}", f"passwords in {home.secrets}; dial *11"),
        ("State", str(home.root), f"logs in {home.logs}"),
    ]
    lines = ["\n[bold green]The hotline is running.[/] Ctrl-C stops it.\n"]
    lines += [f"  [bold]{name:<10}[/] {where:<34} [dim]{what}[/]" for name, where, what in rows]
    if simulator:
        lines.append("\n  Simulated citizens are calling; their log is simulator.log.")
    with suppress(OSError):  # as in _tell
        console.print("\n".join(lines), soft_wrap=True)

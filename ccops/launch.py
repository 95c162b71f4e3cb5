"""Starting the hotline for a person at a terminal: prepare, check, supervise, say where."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ccops.config.loader import load
from ccops.config.model import Hotline
from ccops.config.profiles import write_profile
from ccops.config.secrets import Secrets
from ccops.errors import CcopsError
from ccops.home import Home
from ccops.prepare import Prepared, prepare
from ccops.provision import find
from ccops.simulator.plan import Options
from ccops.simulator.simulate import simulate
from ccops.supervisor import Part, supervise

DEFAULT_PROFILE = "uz"

Report = Callable[[int, int, str], None]


class PortTakenError(CcopsError):
    """Somebody else listens where the hotline should."""

    code = "port_taken"


def run_hotline(
    home: Home,
    config: Path | None,
    console: Console,
    *,
    asterisk: bool = True,
    calls_per_hour: int = 0,
) -> int:
    """Run everything until a signal; returns the exit code. ``calls_per_hour`` 0: no simulator."""
    path = find_config(home, config, console)
    prepared = prepare_with_progress(home, path, console)
    _check_ports(prepared.hotline, asterisk=asterisk)
    return supervise(
        list(_parts(prepared, path, asterisk=asterisk, calls_per_hour=calls_per_hour)),
        status=home.supervisor,
        on_ready=lambda: _say_where(prepared, console, simulator=calls_per_hour > 0),
        say=console.print,
    )


def run_simulator(home: Home, config: Path | None, console: Console, options: Options) -> None:
    """Simulate callers and operators beside a hotline that runs already."""
    hotline = load(find_config(home, config, console))
    secrets = Secrets.load_or_create(home.secrets, hotline)
    asyncio.run(simulate(hotline, secrets, find(), home, options, console))


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
            ],
            home.logs / "simulator.log",
            env=env,
            grace=10.0,
        )


def _say_where(prepared: Prepared, console: Console, *, simulator: bool) -> None:
    listen, home = prepared.hotline.listen, prepared.home
    line = next(iter(prepared.hotline.lines))
    console.print("\n[bold green]The hotline is running.[/] Ctrl-C stops it.\n", highlight=False)
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
    for name, address, what in rows:
        console.print(f"  [bold]{name:<10}[/] {address:<34} [dim]{what}[/]", soft_wrap=True)
    if simulator:
        console.print("\n  Simulated citizens are calling; their log is simulator.log.")


def _check_ports(hotline: Hotline, *, asterisk: bool) -> None:
    """Say clearly who should move, instead of failing half-way."""
    listen = hotline.listen
    wanted = [("http", listen.http, socket.SOCK_STREAM), ("agi", listen.agi, socket.SOCK_STREAM)]
    if asterisk:
        wanted += [("ami", listen.ami, socket.SOCK_STREAM), ("sip", listen.sip, socket.SOCK_DGRAM)]
    for field, address, kind in wanted:
        host, _, port = address.rpartition(":")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host.strip("[]"), int(port)))
            except OSError as error:
                raise PortTakenError(
                    f"{address} (listen.{field}) cannot be used: {error.strerror}.",
                    remedy=f"Stop what uses it, or write another address under listen.{field}.",
                ) from error

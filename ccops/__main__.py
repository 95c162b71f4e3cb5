"""The command line. Every subcommand takes ``--config hotline.yaml``; help texts are the manual."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from ccops import __version__
from ccops.commands import Commands, Config
from ccops.config.faults import ConfigFaults
from ccops.config.report import render_faults
from ccops.errors import CcopsError
from ccops.home import Home

T = TypeVar("T")

app = typer.Typer(
    name="ccops",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="""Telephony operations for government hotlines on Asterisk.

    Start with [bold]ccops init --profile uz hotline.yaml[/bold], look at the file, then
    [bold]ccops run --config hotline.yaml[/bold]. State lives under ./var, or $CCOPS_HOME.
    """,
    rich_markup_mode="rich",
)

console = Console(highlight=False)
complaints = Console(stderr=True, highlight=False)


class Profile(StrEnum):
    uz = "uz"
    kz = "kz"
    az = "az"


@app.command()
def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the file.")],
    profile: Annotated[
        Profile,
        typer.Option(
            metavar="uz|kz|az", help="Country to start from: Uzbekistan, Kazakhstan, Azerbaijan."
        ),
    ] = Profile.uz,
    force: Annotated[
        bool, typer.Option("--force", metavar="", help="Replace the file if it exists.")
    ] = False,
) -> None:
    """Write a commented configuration to start from."""
    from ccops.config.profiles import write_profile

    write_profile(profile.value, file, force=force)
    name, path = _called_as(), shlex.quote(str(file))
    typer.echo(
        f"Wrote {file}. Next:\n"
        f"  edit it; after each change:  {name} check {path}\n"
        f"  start the hotline:           {name} run --config {path}\n"
        f"  with simulated citizens:     {name} run --simulator --config {path}"
    )


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The configuration to check; as --config.")
    ] = None,
    config: Config = None,
) -> None:
    """Report every fault of a configuration at once: file, line, and what to write instead.

    Ends with exit code 1 if there is any, so that it can guard a deployment.
    """
    from ccops.config.loader import check as find_faults

    path = file or config or Home.default().config
    faults = find_faults(path)
    if faults:
        typer.echo(render_faults(faults), err=True)
        raise typer.Exit(1)
    typer.echo(f"{path}: no faults.")


@app.command()
def schema() -> None:
    """Print the JSON schema of hotline.yaml, for editors that complete and check."""
    from ccops.config.schema import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def render(config: Config = None) -> None:
    """Make the prompts and Asterisk's files, checked, in the home folder; start nothing."""
    from ccops.launch import find_config, prepare_with_progress

    home = Home.default()
    prepared = prepare_with_progress(home, find_config(home, config, console), console)
    typer.echo(f"Asterisk's files are in {prepared.home.asterisk / 'etc'}.")


@app.command()
def run(
    config: Config = None,
    no_asterisk: Annotated[
        bool, typer.Option("--no-asterisk", metavar="", help="Use an Asterisk that runs already.")
    ] = False,
    simulator: Annotated[
        bool,
        typer.Option("--simulator", metavar="", help="Also simulate callers and operators."),
    ] = False,
    calls_per_hour: Annotated[
        int,
        typer.Option(
            min=1, max=20000, metavar="N", help="With --simulator: how many calls an hour."
        ),
    ] = 120,
) -> None:
    """Run the hotline: Asterisk, ccops and, if wished, simulated callers, under one supervisor.

    Without --config and without a hotline.yaml in the home folder, the profile uz is put there.

    Ctrl-C stops everything that was started; once more, without waiting.
    """
    from ccops.launch import run_hotline

    code = run_hotline(
        Home.default(),
        config,
        console,
        asterisk=not no_asterisk,
        calls_per_hour=calls_per_hour if simulator else 0,
    )
    raise typer.Exit(code)


@app.command()
def serve(config: Config = None) -> None:
    """Run ccops alone: the menus, the records and the page, beside an Asterisk that runs already.

    This is what a service manager starts; it sends systemd's watchdog its heartbeat.
    """
    from ccops.app import serve as serve_hotline

    asyncio.run(serve_hotline(Home.default(), config or Home.default().config))


@app.command()
def simulate(
    config: Config = None,
    calls_per_hour: Annotated[
        int, typer.Option(min=1, max=20000, metavar="N", help="Mean number of calls an hour.")
    ] = 120,
    operators: Annotated[
        int, typer.Option(min=0, metavar="M", help="How many of the hotline's operators log in.")
    ] = 3,
    minutes: Annotated[
        float | None, typer.Option(min=0.1, metavar="T", help="How long; until Ctrl-C by default.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S", help="The same seed makes the same calls.")] = 1,
) -> None:
    """Call the running hotline as citizens would, and answer as operators would.

    A second Asterisk plays the telephone network. Shows what happens, ends with a summary.
    """
    from ccops.launch import run_simulator
    from ccops.simulator.plan import Options

    options = Options(calls_per_hour, operators, minutes, seed)
    run_simulator(Home.default(), config, console, options)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ccops {__version__}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            metavar="",
            callback=_version,
            is_eager=True,
            help="Print the version and end.",
        ),
    ] = False,
) -> None:
    """Options of all commands."""


def main() -> None:
    """Entry point; an error that a person is meant to read is shown without a traceback."""
    # Records and recordings hold what citizens said and from which number: for nobody else's eyes.
    os.umask(0o077)
    _guard(app)


def _guard(command: Callable[[], T]) -> T:
    try:
        return command()
    except ConfigFaults as error:
        typer.echo(render_faults(error.faults), err=True)
        sys.exit(2)
    except CcopsError as error:
        complaints.print(f"[bold red]Error:[/] {escape(error.message)}", soft_wrap=True)
        if error.remedy:
            complaints.print(f"[bold]What to do:[/] {escape(error.remedy)}", soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _called_as() -> str:
    """How this command was called, to be typed again: it need not be on the PATH."""
    if os.environ.get("UV"):  # uv run sets it
        return "uv run ccops"
    if Path(sys.argv[0]).name != "ccops":
        return f"{shlex.quote(sys.executable)} -m ccops"
    return "ccops" if sys.argv[0] == shutil.which("ccops") else shlex.quote(sys.argv[0])


if __name__ == "__main__":
    main()

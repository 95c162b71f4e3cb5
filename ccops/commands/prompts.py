"""``ccops prompts``: what the studio still has to record, and what is wrong with its recordings."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ccops.commands import Config
from ccops.config.loader import load
from ccops.config.types import Lang
from ccops.errors import CcopsError
from ccops.home import Home
from ccops.prompts.inventory import Inventory, Lacking
from ccops.prompts.recordings import RecordingFault, faults
from ccops.provision import find
from ccops.provision.cache import cache_root
from ccops.resources import ivr_prompts

app = typer.Typer(no_args_is_help=True, help="What callers hear: texts, voices, recordings.")

console = Console(highlight=False)


@app.callback()
def group() -> None:
    """What callers hear: texts, voices, recordings."""


@app.command()
def missing(
    config: Config = None,
    language: Annotated[
        str | None,
        typer.Option("--language", "-l", metavar="LANG", help="Only this language, e.g. ru."),
    ] = None,
    as_csv: Annotated[
        bool,
        typer.Option("--csv", metavar="", help="A table for the studio: language, file, text."),
    ] = False,
) -> None:
    """List what a voice speaks because no recording is there, and recordings with a fault.

    Each line names the file to record and the words. A recording is used once it lies there.
    """
    hotline = load(config or Home.default().config)
    folder = ivr_prompts()
    inventory = Inventory(hotline, find().espeak, cache_root() / "prompts", folder)
    languages = _languages(inventory, language)
    lacking = [one for one in inventory.lacking() if one.fragment.language in languages]
    if as_csv:
        _write_csv(lacking)
        return
    for each in languages:
        _show(each, inventory, [one for one in lacking if one.fragment.language == each], folder)
    found = faults(inventory, folder)
    _show_faults([one for one in found if language is None or one.file.startswith(f"{language}/")])


def _languages(inventory: Inventory, wanted: str | None) -> tuple[Lang, ...]:
    spoken = tuple(dict.fromkeys(fragment.language for fragment in inventory.fragments))
    chosen = tuple(each for each in spoken if wanted in (None, each))
    if not chosen:
        raise CcopsError(
            f"The hotline does not speak {wanted!r}.",
            remedy=f"Choose one of: {', '.join(spoken)}.",
            code="unknown_language",
        )
    return chosen


def _write_csv(lacking: Sequence[Lacking]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["language", "pace", "file", "text"])
    for one in lacking:
        pace = "slow" if one.fragment.slow else "usual"
        writer.writerow([one.fragment.language, pace, one.file, one.text])


def _show(language: Lang, inventory: Inventory, lacking: Sequence[Lacking], folder: Path) -> None:
    fragments = [one for one in inventory.fragments if one.language == language]
    recorded = sum(inventory.recorded(one) for one in fragments)
    heading = f"{language}: {recorded} of {len(fragments)} recorded"
    if not lacking:
        console.print(Text(f"{heading}. Nothing is missing.", style="bold"))
        return
    console.print(Text(f"{heading}. Missing in {folder}:", style="bold"))
    table = Table(box=None, padding=(0, 2, 0, 2), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in lacking:
        table.add_row(Text(str(one.file)), Text(one.text))
    console.print(table)


def _show_faults(found: Sequence[RecordingFault]) -> None:
    if not found:
        return
    console.print(Text("Recordings with a fault:", style="bold"))
    for fault in found:
        words = f"{_sentence(fault.message)} {_sentence(fault.remedy)}"
        console.print(Text(f"  {fault.file}: {words}"), soft_wrap=True)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "?", "!")) else f"{words}."

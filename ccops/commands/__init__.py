"""Families of commands, each loaded when it is called: help must not wait for the database."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer.main
from typer.core import TyperGroup

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="The hotline's configuration; hotline.yaml in the home folder by default.",
    ),
]
"""The option of every command that reads the configuration itself."""

FAMILIES = {
    "menu": "The menus that callers hear.",
    "prompts": "What callers hear: texts, voices, recordings.",
    "disturbance": "Tell callers that service is disrupted, until it is over.",
    "block": "Refuse calls from abusive numbers.",
    "report": "Reports from the records.",
}
"""Name of a module of this package, which has a typer application ``app`` → what it is for."""


class Commands(TyperGroup):
    """The commands of ``ccops``, with these families among them."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands.update({name: Family(name, text) for name, text in FAMILIES.items()})


class Family(TyperGroup):
    """One family, known by its name until it is called."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name=name, help=text, no_args_is_help=True, rich_markup_mode="rich")

    def list_commands(self, ctx: Any) -> list[str]:
        return self._loaded().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return self._loaded().get_command(ctx, cmd_name)

    def _loaded(self) -> TyperGroup:
        return typer.main.get_group(import_module(f"ccops.commands.{self.name}").app)

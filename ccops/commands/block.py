"""``ccops block``: refuse the calls of abusive numbers, for a while or until it is lifted."""

from __future__ import annotations

from typing import Annotated

import typer

from ccops.commands.asking import Config, Counter, Json, by
from ccops.errors import CcopsError
from ccops.numbers import e164

PATH = "/api/v1/blocks"

app = typer.Typer(no_args_is_help=True, help="Refuse calls from abusive numbers.")

Number = Annotated[
    str, typer.Argument(metavar="NUMBER", help="Best with its country code, with a plus.")
]


class NotBlockedError(CcopsError):
    code = "not_blocked"


@app.callback()
def group() -> None:
    """Refuse calls from abusive numbers."""


@app.command()
def add(
    number: Number,
    reason: Annotated[
        str,
        typer.Option(metavar="TEXT", help="What happened; others judge the block by it later."),
    ],
    config: Config = None,
    for_: Annotated[
        str | None,
        typer.Option("--for", metavar="SPAN", help='How long, for example "2h" or "7d".'),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help='Until when: "18:00", or a date with or without time.'),
    ] = None,
) -> None:
    """Refuse calls from a number; without --for or --until, until the block is lifted.

    What held for the number before is replaced. Who blocked it, when and why stays on record.
    """
    if for_ is not None and until is not None:
        raise CcopsError("Both --for and --until were given.", remedy="Give one of them.")
    counter = Counter.of(config)
    body = {"number": number, "reason": reason, "until": until or for_, "by": by()}
    block, running = counter.ask(PATH, body, lambda desk: desk.block(body))
    later = "" if running else " (ccops does not run: this takes effect when it starts)"
    typer.echo(f"Blocked {block['number']} {_end(counter, block)}{later}.")
    if not block["number"].startswith("+"):
        typer.echo(
            "This is no complete number; it is compared with callers' numbers exactly as it stands."
        )
    typer.echo("Its callers hear that they are blocked and how to complain.")
    typer.echo(f"To lift it:  ccops block lift {block['number']}")


@app.command()
def lift(number: Number, config: Config = None) -> None:
    """Let a number call again."""
    counter = Counter.of(config)
    wanted = e164(number, counter.hotline.organisation.country)
    blocks = counter.ask(PATH, None, lambda desk: desk.blocks())[0]["in_force"]
    held = next((each for each in blocks if wanted == each["number"]), None)
    if held is None:
        raise NotBlockedError(
            "This number is not blocked.", remedy="ccops block list shows which are."
        )
    body = {"by": by()}
    id_ = held["id"]
    counter.ask(f"{PATH}/{id_}/lift", body, lambda desk: desk.lift(id_, body))
    typer.echo(f"{wanted} can call again. It was blocked {_since(counter, held)}.")


@app.command("list")
def show(
    config: Config = None,
    past: Annotated[
        bool, typer.Option("--past", metavar="", help="Also those that were lifted or expired.")
    ] = False,
) -> None:
    """Which numbers are blocked, until when, why, and by whom."""
    counter = Counter.of(config)
    known, _running = counter.ask(PATH, None, lambda desk: desk.blocks())
    if not known["in_force"]:
        typer.echo("No number is blocked.")
    for each in known["in_force"]:
        typer.echo(
            f"{each['number']}  {_end(counter, each)}, {_since(counter, each)}: {each['reason']}"
        )
    if past and known["past"]:
        typer.echo("\nEarlier:")
    for each in known["past"] if past else ():
        if each["lifted_at"]:
            end = f"lifted {counter.local(each['lifted_at'])} by {each['lifted_by']}"
        else:
            end = f"expired {counter.local(each['until'])}"
        typer.echo(f"  {each['number']}  {_since(counter, each)}, {end}: {each['reason']}")


def _end(counter: Counter, block: Json) -> str:
    if block["until"] is None:
        return "until it is lifted"
    return f"until {counter.local(block['until'])}"


def _since(counter: Counter, block: Json) -> str:
    return f"since {counter.local(block['blocked_at'])} by {block['blocked_by']}"

"""``ccops disturbance``: tell callers at once that something is wrong, and that it is over."""

from __future__ import annotations

from shutil import get_terminal_size
from textwrap import fill
from typing import Annotated

import typer

from ccops.commands.asking import Config, Counter, Json, by
from ccops.errors import CcopsError
from ccops.services.disturbances import STANDARD_REASONS

PATH = "/api/v1/disturbances"

app = typer.Typer(
    no_args_is_help=True, help="Tell callers that service is disrupted, until it is over."
)


class WhichError(CcopsError):
    """It is not clear which disturbance is meant."""

    code = "which_disturbance"


@app.callback()
def group() -> None:
    """Tell callers that service is disrupted, until it is over."""


@app.command()
def on(
    config: Config = None,
    line: Annotated[
        str, typer.Option(metavar="NUMBER", help="Only callers of this line; all by default.")
    ] = "",
    reason: Annotated[
        str,
        typer.Option(
            metavar="PROMPT",
            help=f"What is wrong: {', '.join(STANDARD_REASONS)}, or a prompt of hotline.yaml.",
        ),
    ] = "",
    text: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANG=TEXT",
            help="What is wrong in your own words, spoken at once; once for each language.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help='When service resumes, as callers are told: "15:30", "in 2h" or a date. It does'
            " not end by itself.",
        ),
    ] = None,
    stop_calls: Annotated[
        bool,
        typer.Option(
            "--stop-calls",
            metavar="",
            help="Put nobody through to operators: callers are told and can leave their number.",
        ),
    ] = False,
) -> None:
    """Announce a disturbance from the next call on.

    What was announced for the same line before ends with it.
    """
    counter = Counter.of(config)
    body = {
        "line": line,
        "reason": reason,
        "texts": _texts(text or []),
        "stops_calls": stop_calls,
        "resumes_at": until,
        "by": by(),
    }
    begun, running = counter.ask(PATH, body, lambda desk: desk.start(body))
    typer.echo(f"Announced on {_line(begun)}{_from_when(running)}.\n")
    _show(counter, begun)
    typer.echo(f"\nTo end it:  ccops disturbance off {begun['id']}")


@app.command()
def off(
    which: Annotated[
        int | None,
        typer.Argument(metavar="ID", help="Of the list; not needed where there is only one."),
    ] = None,
    config: Config = None,
    line: Annotated[str, typer.Option(metavar="NUMBER", help="The one of this line alone.")] = "",
    everything: Annotated[
        bool, typer.Option("--all", metavar="", help="All that are announced.")
    ] = False,
) -> None:
    """End a disturbance: callers are told of it no more."""
    if (which is not None) + bool(line) + everything > 1:
        raise WhichError("More than one way to say which was given.", remedy="Give only one.")
    counter = Counter.of(config)
    in_force = counter.ask(PATH, None, lambda desk: desk.disturbances())[0]["in_force"]
    if which is not None:
        chosen = [which]
    elif line:
        chosen = [each["id"] for each in in_force if each["line"] == line]
    else:
        chosen = [each["id"] for each in in_force]
    if not chosen:
        typer.echo(f"Nothing is announced{f' on line {line} alone' if line else ''}.")
        return
    if len(chosen) > 1 and not everything:
        names = "; ".join(f"{each['id']} on {_line(each)}" for each in in_force)
        raise WhichError(
            f"Several disturbances are announced: {names}.",
            remedy="Say which one (ccops disturbance off ID), or end them with --all.",
        )
    for id_ in chosen:
        _end(counter, id_, known=id_ in {each["id"] for each in in_force})


@app.command("list")
def show(config: Config = None) -> None:
    """What callers are told now, and what they were told before."""
    counter = Counter.of(config)
    known, _running = counter.ask(PATH, None, lambda desk: desk.disturbances())
    if not known["in_force"]:
        typer.echo("Nothing is announced: callers hear the usual greeting.")
    for each in known["in_force"]:
        since = f"since {counter.local(each['started_at'])} by {each['started_by']}"
        typer.echo(f"{each['id']}  {_line(each)}, {since}")
        _show(counter, each)
        typer.echo()
    if known["past"]:
        typer.echo("Earlier:")
    for each in known["past"]:
        span = (
            f"{counter.local(each['started_at'])} by {each['started_by']}"
            f" to {counter.local(each['ended_at'])} by {each['ended_by']}"
        )
        typer.echo(f"  {each['id']}  {_line(each)}, {span}: {_reason(each)}")


def _end(counter: Counter, id_: int, *, known: bool) -> None:
    body = {"by": by()}
    ended, running = counter.ask(f"{PATH}/{id_}/end", body, lambda desk: desk.end(id_, body))
    if known:
        typer.echo(f"Ended on {_line(ended)}{_from_when(running)}.")
    else:
        when = f"{counter.local(ended['ended_at'])} by {ended['ended_by']}"
        typer.echo(f"Disturbance {id_} had ended already, at {when}.")


def _show(counter: Counter, each: Json) -> None:
    if each["stops_calls"]:
        typer.echo("  Calls:    not put through to operators; callers can leave their number")
    else:
        typer.echo("  Calls:    put through to operators as usual")
    if each["resumes_at"] is None:
        typer.echo("  Resumes:  not known, callers are told so")
    elif each["overdue"]:
        typer.echo(
            f"  Resumes:  {counter.local(each['resumes_at'])} has passed and is told no more;"
            " it does not end by itself"
        )
    else:
        typer.echo(f"  Resumes:  {counter.local(each['resumes_at'])}, as callers are told")
    typer.echo("  Callers hear:")
    for language, words in each["heard"].items():
        typer.echo(_wrapped(f"    {language}  ", words))


def _wrapped(lead: str, words: str) -> str:
    """``words`` behind ``lead``, in lines as wide as the terminal."""
    width = get_terminal_size().columns
    return fill(words, width, initial_indent=lead, subsequent_indent=" " * len(lead))


def _line(each: Json) -> str:
    return f"line {each['line']}" if each["line"] else "all lines"


def _reason(each: Json) -> str:
    return next(iter(each["texts"].values()), "") or each["reason"] or "no reason given"


def _from_when(running: bool) -> str:
    if running:
        return " from the next call on"
    return " (ccops does not run: this takes effect when it starts)"


def _texts(given: list[str]) -> dict[str, str]:
    texts = {}
    for each in given:
        language, equals, words = each.partition("=")
        if not equals:
            raise CcopsError(
                f"--text {each[:40]!r} does not say which language it is in.",
                remedy='Write --text uz="…" --text ru="…": one for each language.',
            )
        texts[language.strip()] = words
    return texts

"""A campaign on the terminal: one live line while it runs, a table when it is over."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ccops.simulator.campaign import Campaign, Stage
from ccops.simulator.result import CallOutcome, CampaignResult

REFRESH = 4
"""Times a second."""


def live(campaign: Campaign, console: Console) -> Live:
    """A context in which the line is shown, and kept up to date (on a terminal only)."""
    return Live(
        get_renderable=lambda: line(campaign),
        console=console,
        refresh_per_second=REFRESH,
        transient=True,
    )


def line(campaign: Campaign) -> Text:
    """``2:05 of 10:00   placed 12   in menu 1   waiting 2   talking 3   done 6``"""
    minutes = campaign.options.minutes
    end = f" of {clock(minutes * 60)}" if minutes is not None else ""
    stages = campaign.stages
    figures = {
        "placed": campaign.placed,
        "in menu": stages[Stage.RINGING] + stages[Stage.IN_MENU],
        "waiting": stages[Stage.WAITING],
        "talking": stages[Stage.TALKING],
        "done": campaign.done,
    }
    text = Text(f"{clock(campaign.elapsed)}{end}", style="dim")
    for name, figure in figures.items():
        text.append(f"   {name} ", style="default")
        text.append(str(figure), style="bold cyan" if figure else "dim")
    return text


def summary(result: CampaignResult) -> Table:
    """What came of the calls, and the waits and talks."""
    table = Table(title=f"Simulated calls in {clock(result.seconds)}", title_justify="left")
    table.add_column("")
    table.add_column("calls", justify="right")
    table.add_column("share", justify="right")
    placed = len(result.calls)
    table.add_row("placed", str(placed), "")
    for outcome in CallOutcome:
        count = result.count(outcome)
        share = f"{count / placed:.0%}" if placed else ""
        table.add_row(f"  {outcome.replace('_', ' ')}", str(count), share)
    table.add_section()
    table.add_row("", "mean", "longest", style="dim")
    table.add_row("wait of answered", *_spread(result.waits(CallOutcome.ANSWERED)))
    table.add_row("wait of abandoned", *_spread(result.waits(CallOutcome.ABANDONED)))
    table.add_row("talk", *_spread(result.talk_seconds))
    return table


def clock(seconds: float) -> str:
    """``2:05``; ``1:02:05`` from an hour on."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _spread(values: Sequence[float]) -> tuple[str, str]:
    if not values:
        return "–", "–"
    return f"{sum(values) / len(values):.1f} s", f"{max(values):.1f} s"

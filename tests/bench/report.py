"""The figures of a run, as tables."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from tests.bench.ami_stream import Rates
from tests.bench.measures import CallCost, Crowd, Latency
from tests.bench.usage import OTHERS

AIM = 1.6
"""CPU of a call driven by ccops, over that of the same call in pure dialplan."""


@dataclass
class Results:
    """What was measured; parts that were not are empty."""

    machine: dict[str, str]
    costs: list[CallCost] = field(default_factory=list)
    latency: Latency | None = None
    events: Rates | None = None
    crowd: Crowd | None = None
    failed: bool = False
    """A part did not come about."""


def report(results: Results, console: Console) -> None:
    """Print everything there is."""
    console.print()
    for name, value in results.machine.items():
        console.print(f"{name:<18} {value}", style="dim")
    if results.costs:
        _costs(results.costs, console)
    if results.latency:
        _latency(results.latency, console)
    if results.events:
        _events(results.events, console)
    if results.crowd:
        _crowd(results.crowd, console)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place == 0 else "right")
    return table


def _costs(costs: Sequence[CallCost], console: Console) -> None:
    table = _table(
        f"CPU per call, ms ({costs[0].calls} calls each, idle consumption subtracted)",
        "driven by",
        "Asterisk",
        "ccops",
        "together",
        "CEL rows",
        "idle: Asterisk",
        "idle: ccops",
        "others",
    )
    for cost in costs:
        table.add_row(
            cost.driver,
            f"{cost.asterisk:.2f}",
            f"{cost.ccops:.2f}" if cost.ccops else "–",
            f"{cost.both:.2f}",
            f"{cost.cel.total() / cost.calls:.2f}",
            f"{cost.idle['asterisk']:.1%}",
            f"{cost.idle['ccops']:.1%}" if "ccops" in cost.idle else "–",
            f"{cost.others:.0%}",
        )
    console.print()
    console.print(table)
    ours = [cost for cost in costs if cost.driver == "ccops"]
    plain = [cost for cost in costs if cost.driver == "dialplan"]
    ratio = _mean(ours) / _mean(plain)
    single = ", ".join(f"{a.both / b.both:.2f}" for a, b in zip(ours, plain, strict=True))
    own = statistics.mean(cost.ccops for cost in ours)
    verdict = "kept" if ratio <= AIM else "[red]missed[/]"
    console.print(f"Ratio [bold]{ratio:.2f}[/] (by pairs {single}); aim ≤ {AIM}: {verdict}.")
    console.print(f"ccops's own: [bold]{own:.2f} ms[/] per call.")
    same = all(cost.cel == costs[0].cel for cost in costs)
    console.print(f"CEL events of all four the same: {'yes' if same else '[red]no[/]'}.")
    if not same:
        for cost in costs:
            console.print(f"  {cost.driver}: {dict(sorted(cost.cel.items()))}")


def _mean(costs: Sequence[CallCost]) -> float:
    return statistics.mean(cost.both for cost in costs)


def _latency(latency: Latency, console: Console) -> None:
    table = _table(
        f"AGI commands that play nothing, at {latency.rate:g} calls/s "
        f"({latency.calls} calls, {latency.commands} commands)",
        "p50",
        "p99",
        "longest",
        "CPU: Asterisk",
        "CPU: ccops",
        "others",
    )
    table.add_row(
        f"{latency.p50 * 1000:.2f} ms",
        f"{latency.p99 * 1000:.2f} ms",
        f"{latency.worst * 1000:.1f} ms",
        f"{latency.share['asterisk']:.0%}",
        f"{latency.share['ccops']:.0%}",
        f"{latency.share[OTHERS]:.0%}",
    )
    console.print()
    console.print(table)


def _events(rates: Rates, console: Console) -> None:
    table = _table(
        f"AMI events per second of CPU ({rates.recorded} recorded events, "
        f"{rates.headers:.0f} headers each)",
        "our link",
        "stock panoramisk",
        "ratio",
    )
    table.add_row(f"{rates.ours:,.0f}", f"{rates.stock:,.0f}", f"{rates.ratio:.1f}")
    console.print()
    console.print(table)


def _crowd(crowd: Crowd, console: Console) -> None:
    table = _table(
        f"{crowd.calls} calls: {crowd.waiting} wait, {crowd.served:.1f} per second are served",
        "",
        "memory at rest",
        "memory then",
        "open files",
        "CPU",
    )
    for name in crowd.crowded:
        table.add_row(
            name,
            f"{crowd.at_rest[name]:.0f} MiB",
            f"{crowd.crowded[name]:.0f} MiB",
            f"{crowd.files[name]}",
            f"{crowd.share[name]:.0%}",
        )
    console.print()
    console.print(table)
    console.print(f"Others used {crowd.share[OTHERS]:.0%} of a core meanwhile.")
    console.print(f"Announcements: {crowd.languages:.1f} AMI Setvar per second.")

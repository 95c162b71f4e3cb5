"""``make bench-wait``: how good the announced waits are, on simulated days.

Ends with 1 when an aim is missed. Pure Python, seeded: the same figures on every machine.
"""

from __future__ import annotations

import argparse
import sys
import time

from rich.console import Console
from rich.table import Table

from tests.bench.wait_cases import CASES
from tests.bench.wait_score import PROMISED, Result, replay

COLUMNS = ("told", "RMSE", "late > 60 s", "kept", "told beyond the wait", "longer", "put off")
"""The last two: of later announcements to the same caller (``Steadiness``)."""

MOST_LATE, LEAST_KEPT, HIGHEST_RATIO = 0.05, 0.85, 0.6


def main() -> None:
    """Replay what was asked for, and print it."""
    options = _options()
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 120
    started = time.monotonic()
    missed = []
    for case in CASES:
        if not options.cases or case.name in options.cases:
            result = replay(case, options.runs)
            missed += [f"{case.name}: {aim}" for aim in misses(result)]
            _print(result, console)
    console.print(f"[dim]{time.monotonic() - started:.0f} s in all.[/]")
    if missed:
        console.print("[red]Aims missed:[/] " + "; ".join(missed))
        sys.exit(1)


def misses(result: Result) -> list[str]:
    """The aims that ``result`` misses, with the figure."""
    promised = result.scores[PROMISED]
    aims = {
        f"late by more than 60 s {promised.late_share:.1%}": promised.late_share <= MOST_LATE,
        f"promises kept {promised.kept_share:.1%}": promised.kept_share >= LEAST_KEPT,
        f"RMSE {result.ratio:.3f} of app_queue's": result.ratio <= HIGHEST_RATIO,
    }
    return [aim for aim, met in aims.items() if not met]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.wait", description=__doc__)
    names = [case.name for case in CASES]
    parser.add_argument("cases", nargs="*", help=f"of {', '.join(names)}; all when none is named")
    parser.add_argument("--runs", type=int, help="days of each case")
    options = parser.parse_args()
    if unknown := set(options.cases) - set(names):
        parser.error(f"there is no case {', '.join(unknown)}")
    return options


def _print(result: Result, console: Console) -> None:
    case, scores = result.case, result.scores
    announcements = scores[PROMISED].announcements
    console.print(f"\n[bold]{case.name}[/]: {case.description}")
    console.print(
        f"{result.calls} calls, {result.given_up / result.calls:.0%} gave up; {announcements} "
        f"announcements, {result.waits / announcements:.0f} s before the turn on average"
    )
    table = Table(*COLUMNS, box=None)
    for name, score in scores.items():
        steadiness = result.steadiness[name]
        table.add_row(
            name,
            "" if name == PROMISED else f"{score.rmse:.0f} s",
            f"{score.late_share:.1%}",
            f"{score.kept_share:.1%}",
            f"{score.mean_beyond / 60:.1f} min",
            f"{steadiness.longer_share:.1%}",
            f"{steadiness.put_off_share:.1%}",
        )
    console.print(table)
    console.print(
        f"RMSE {result.ratio:.3f} of app_queue's. "
        f"More than thirty minutes: {result.beyond_thirty / announcements:.1%} of what is promised."
    )


if __name__ == "__main__":
    main()

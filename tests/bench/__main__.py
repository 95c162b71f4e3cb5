"""``make bench``: what a call costs, how quickly it is served, how much fits in.

Starts a hotline of its own on loopback, needs no other and leaves nothing behind; about seven
minutes. The figures are of this machine, and mean most when it does nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ccops.errors import CcopsError
from ccops.simulator.network import Network
from tests.bench import ami_stream, measures
from tests.bench.callers import LISTEN, Callers
from tests.bench.machine import description
from tests.bench.report import Results, report
from tests.bench.site import OPERATORS, Site, site

PARTS = ("cpu", "agi", "events", "crowd")
ORDER = ("ccops", "dialplan", "dialplan", "ccops")
"""Twice each, in both orders, so that a machine that changes its pace favours nobody."""
LATENCY_RATE, LATENCY_SECONDS = 30.0, 30.0
CROWD, CROWD_SECONDS = 300, 60.0


def main() -> None:
    """Measure what was asked for, and print it."""
    options = _options()
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 120
    started = time.monotonic()
    try:
        results = asyncio.run(_bench(options, console))
    except CcopsError as error:
        console.print(f"[red]{error.message}[/] {error.remedy}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    report(results, console)
    console.print(f"[dim]{time.monotonic() - started:.0f} s in all.[/]")
    sys.exit(1 if results.failed else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all when none is named")
    parser.add_argument("--calls", type=int, default=240, help="in each measurement of CPU")
    parser.add_argument("--rate", type=float, default=8.0, help="calls per second in those")
    parser.add_argument("--listen", type=float, default=LISTEN, help="seconds of each prompt")
    parser.add_argument("--talk", type=float, default=measures.TALK, help="seconds of talk")
    options = parser.parse_args()
    options.parts = options.parts or list(PARTS)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(unknown)}")
    return options


async def _bench(options: argparse.Namespace, console: Console) -> Results:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with site(console) as place:
        results = Results(description(place.prepared.toolchain))
        await place.start_asterisk()
        async with _callers(place) as callers:
            bench = _Bench(place, callers, _Steps(console), options, results)
            await place.start_ccops()
            await place.staff(OPERATORS)
            for part in PARTS:
                if part in options.parts:
                    try:
                        await getattr(bench, part)()
                    except AssertionError as error:
                        # What was measured so far has taken minutes: it is told all the same.
                        console.print(f"[red]{part}: {error}[/]")
                        results.failed = True
    return results


@asynccontextmanager
async def _callers(place: Site) -> AsyncIterator[Callers]:
    prepared = place.prepared
    network = Network(prepared.hotline, prepared.secrets.sip, prepared.toolchain, prepared.home)
    await network.start()
    try:
        callers = Callers(network, place.line)
        await callers.prepare()
        yield callers
    finally:
        await network.stop()


class _Bench:
    """The parts, in the order of ``PARTS``; each leaves ccops running and driving."""

    def __init__(
        self,
        place: Site,
        callers: Callers,
        steps: _Steps,
        options: argparse.Namespace,
        results: Results,
    ) -> None:
        self._place, self._callers, self._steps = place, callers, steps
        self._options, self._results = options, results

    async def cpu(self) -> None:
        options = self._options
        flow = measures.Flow(options.calls, options.rate, options.listen, options.talk)
        for driver in ORDER:
            if driver == "dialplan":
                self._place.stop_ccops()
            elif "ccops" not in self._place.pids:
                await self._place.start_ccops()
            self._place.drive_by(driver)
            with self._steps.step(f"CPU per call, driven by {driver}", flow.calls) as said:
                cost = await measures.cpu_per_call(self._place, self._callers, driver, flow, said)
            self._results.costs.append(cost)

    async def agi(self) -> None:
        written = self._place.home.root / "agi.json"
        self._place.stop_ccops()
        await self._place.start_ccops(record=written)
        calls = round(LATENCY_RATE * LATENCY_SECONDS)
        with self._steps.step(f"AGI commands at {LATENCY_RATE:g} calls/s", calls) as said:
            self._results.latency = await measures.agi_latency(
                self._place, self._callers, LATENCY_SECONDS, LATENCY_RATE, written, said
            )
        await self._place.start_ccops()

    async def events(self) -> None:
        calls = measures.WARM_UP
        with self._steps.step("Recording AMI events", calls) as said:
            async with self._place.recording_events() as stream:
                await self._callers.steady(calls, self._options.rate, measures.BRIEF, said)
        with self._steps.step("Replaying AMI events", 1) as said:
            self._results.events = await ami_stream.measure(bytes(stream))
            said(1)

    async def crowd(self) -> None:
        with self._steps.step(f"{CROWD} callers waiting", CROWD) as said:
            self._results.crowd = await measures.crowd(
                self._place, self._callers, CROWD, CROWD_SECONDS, said
            )


class _Steps:
    """Shows what is being done, and how far it is."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, what: str, total: int) -> Iterator[Callable[[int], None]]:
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        task = bar.add_task(what, total=total)
        if not self._console.is_terminal:
            self._console.print(f"{what} …")
        started = time.monotonic()
        with bar:
            yield lambda done: bar.update(task, completed=done)
        self._console.print(f"[green]✓[/] {what} [dim]{time.monotonic() - started:.0f} s[/]")


if __name__ == "__main__":
    main()

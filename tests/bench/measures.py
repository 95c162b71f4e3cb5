"""What is measured, part by part; each returns its figures."""

from __future__ import annotations

import asyncio
import json
import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.callers import Callers, LoadError, Said
from tests.bench.records import Records
from tests.bench.site import Site
from tests.bench.usage import OTHERS, Meter
from tests.e2e.running import eventually

TALK = 5.0
BRIEF = 0.5
"""Seconds of a prompt, and of talk, where many calls with little speech are wanted."""
WARM_UP = 16
IDLE = 8.0
"""Seconds of nothing, before the load: what is used then is no call's."""
SETTLE = 20.0
"""Seconds after the last call for the last contact to be in the database."""


@dataclass(frozen=True)
class CallCost:
    """CPU of the hotline's side, milliseconds per call; idle consumption subtracted."""

    driver: str
    calls: int
    asterisk: float
    ccops: float
    idle: dict[str, float]
    """CPU seconds per second without calls, by process."""
    cel: Counter[str]
    """CEL rows of all calls by event."""
    others: float
    """CPU seconds per second of other processes on the machine meanwhile."""

    @property
    def both(self) -> float:
        return self.asterisk + self.ccops


@dataclass(frozen=True)
class Flow:
    """Calls of one kind at a steady rate."""

    calls: int
    rate: float
    """Calls per second."""
    listen: float
    """Seconds of each of the two prompts."""
    talk: float
    """Seconds."""


async def cpu_per_call(
    site: Site, callers: Callers, driver: str, flow: Flow, said: Said
) -> CallCost:
    """Calls driven by ``ccops`` or the ``dialplan``, whichever is in force."""
    calls, rate = flow.calls, flow.rate
    await callers.steady(WARM_UP, rate, BRIEF, lambda _done: None)
    await _recorded(site, callers)
    meter = Meter(**site.pids)
    idle = await meter.during(IDLE)
    records = Records(site.home.cel, site.home.queue_log)
    before = meter.read()
    await callers.steady(calls, rate, flow.talk, said, listen=flow.listen)
    await _all_talked(records, calls)
    await _recorded(site, callers)
    used = meter.read().since(before)

    def per_call(name: str) -> float:
        if name not in used.cpu:
            return 0.0
        return (used.cpu[name] - idle.share(name) * used.at) / calls * 1000

    return CallCost(
        driver=driver,
        calls=calls,
        asterisk=per_call("asterisk"),
        ccops=per_call("ccops"),
        idle={name: idle.share(name) for name in idle.cpu},
        cel=records.cel(),
        others=used.share(OTHERS),
    )


async def _recorded(site: Site, callers: Callers) -> None:
    """Wait until each call that was made is a contact in the database, where ccops runs."""
    if "ccops" in site.pids:
        await eventually(
            lambda: site.closed_contacts() >= callers.made, SETTLE, "every call in the database"
        )


async def _all_talked(records: Records, calls: int) -> None:
    """Each call must have gone the whole way, or the figures would be of something else."""

    def went() -> bool:
        return records.queue()["COMPLETECALLER"] == records.cel()["LINKEDID_END"] == calls

    try:
        await eventually(went, SETTLE, "a talk in each call")
    except AssertionError:
        raise LoadError(
            f"Of {calls} calls queue_log tells {dict(records.queue())}, instead of a talk each.",
            remedy="Is the machine busy with something else? Try again, or with a lower --rate.",
        ) from None


@dataclass(frozen=True)
class Latency:
    """Seconds from an AGI command to its reply."""

    calls: int
    rate: float
    commands: int
    p50: float
    p99: float
    worst: float
    share: dict[str, float]
    """CPU seconds per second under this load, by process."""


async def agi_latency(
    site: Site, callers: Callers, seconds: float, rate: float, written: Path, said: Said
) -> Latency:
    """Commands that play nothing (EXEC MSet, EXEC CELGenUserEvent) under load.

    ccops must have been started to write them to ``written``; it is stopped here.
    """
    calls = round(seconds * rate)
    meter = Meter(**site.pids)
    before = meter.read()
    await callers.steady(calls, rate, BRIEF, said, listen=BRIEF)
    used = meter.read().since(before)
    await _recorded(site, callers)
    site.stop_ccops()
    seen = sorted(_seen(written)["EXEC"])
    cuts = statistics.quantiles(seen, n=100, method="inclusive")
    shares = {name: used.share(name) for name in used.cpu}
    return Latency(calls, rate, len(seen), cuts[49], cuts[98], seen[-1], shares)


def _seen(written: Path) -> dict[str, list[float]]:
    seen: dict[str, list[float]] = json.loads(written.read_text(encoding="utf-8"))
    return seen


@dataclass(frozen=True)
class Crowd:
    """Many callers waiting; memory in MiB by process."""

    calls: int
    """Under way on average while it was measured."""
    waiting: int
    """Of those, in queues."""
    at_rest: dict[str, float]
    crowded: dict[str, float]
    files: dict[str, int]
    share: dict[str, float]
    """CPU seconds per second, by process."""
    served: float
    """Callers who got an operator, per second."""
    languages: float
    """AMI Setvar per second: what the announcements cost."""


async def crowd(
    site: Site, callers: Callers, size: int, seconds: float, said: Callable[[int], None]
) -> Crowd:
    """``size`` callers wait while ten operators talk 5 s each and others call in their place."""
    meter = Meter(**site.pids)
    at_rest = {name: meter.resident(name) for name in site.pids}
    await site.staff(10)
    await callers.talk(TALK)
    growing = asyncio.create_task(callers.crowd(size + 10, 15.0, said))
    try:
        await eventually(lambda: _waiting(site) >= size * 0.9, 60, "the crowd in the queue")
        records = Records(site.home.cel, site.home.queue_log)
        before, set_before = meter.read(), _languages_set(site)
        waiting, up = [], []
        for _ in range(6):
            await asyncio.sleep(seconds / 6)
            waiting.append(_waiting(site))
            up.append(callers.up)
        used, changed = meter.read().since(before), _languages_set(site) - set_before
        crowded = {name: meter.resident(name) for name in site.pids}
        return Crowd(
            calls=round(statistics.mean(up)),
            waiting=round(statistics.mean(waiting)),
            at_rest=at_rest,
            crowded=crowded,
            files={name: meter.files(name) for name in site.pids},
            share={name: used.share(name) for name in used.cpu},
            served=records.queue()["CONNECT"] / used.at,
            languages=changed / used.at,
        )
    finally:
        growing.cancel()
        await asyncio.wait([growing])


def _waiting(site: Site) -> int:
    return sum(len(queue["waiting"]) for queue in site.hotline.live()["queues"])


def _languages_set(site: Site) -> float:
    return site.hotline.metric("ccops_ami_action_duration_seconds_count", action="Setvar")
